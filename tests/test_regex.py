"""Regular expressions that Go's regexp and Envoy's RE2 both take, and those that one of them refuses.

Each of these was compiled by Go 1.26 and by Envoy 1.40; beside them random ones, with the same outcome.
"""

from __future__ import annotations

import pytest
from pydantic_core import PydanticCustomError

from meshgen.spec.regex import check_regex


def refusal(expression: str) -> str:
    """What is said of an expression that is refused."""
    with pytest.raises(PydanticCustomError) as caught:
        check_regex(expression)
    return str(caught.value)


@pytest.mark.parametrize(
    "expression",
    [
        "/v[0-9]+/.*", "a|b|", "()", "(?:a)(?i)b(?-i)c(?s-i:d)", "(?P<n>a)(?<m>b)", r"\pN\p{Greek}\P{^Lu}\PL",
        "[[:alpha:]_-]", "[]a]", "[^]]", "[a-z-]", r"[\d\-\]\x41-\x{5A}]", "[[:^digit:]]", "[[=a=]]", r"\Qa.b\E+", r"\Q(",
        r"\x41\x{41}\0\012\123\a\f\n\r\t\v", r"\A\b\B\z\d\D\s\S\w\W", r"\.\-\_\ \/\<\~", "a{2}b{2,}c{2,3}d{0}", "a{1000}",
        "((a{10}){10}){10}", "a{,5}", "a{", "}", "]", "x*?y+?z??", "^*$", "(a*)*", "(?U)a+", "caf\u00e9", "(?:\u00e9)+", "(?)a",
        "(" * 500 + ")" * 500, "a" * 1024,
    ],
)  # fmt: skip
def test_what_go_and_envoy_take_is_taken(expression: str) -> None:
    assert check_regex(expression) == expression


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("", "cannot be empty"),
        ("a" * 1025, "has 1025 bytes"),
        ("\u00e9" * 513, "has 1026 bytes"),
        ("*", "nothing before it to repeat, at character 1"),
        ("(+)", "nothing before it to repeat, at character 2"),
        ("a|?", "nothing before it to repeat, at character 3"),
        ("a++", "no possessive quantifiers"),
        ("a{2}{3}", "a repetition of a repetition"),
        ("a{1001}", "a count that is not from 0 to 1000"),
        ("a{3,2}", "the lower one first"),
        ("((a{10}){10}){11}", "make more than 1000"),
        ("(a", "a '(' that is not closed, at character 1"),
        ("a)", "a ')' that was not opened, at character 2"),
        ("[a", "a '[' that is not closed"),
        ("[a-", "a '[' that is not closed"),
        ("[]", "a '[' that is not closed"),
        ("[z-a]", "a range whose end comes before its beginning"),
        ("[[:word]:]]x[[:foo:]]", "a class name that RE2 does not know"),
        (r"[a-\d]", r"an escape '\d'"),
        ("(?=a)", "RE2 has no lookahead"),
        ("(?!a)", "RE2 has no lookahead"),
        ("(?<=a)", "RE2 has no lookbehind"),
        ("(?<!a)", "RE2 has no lookbehind"),
        ("(?>a)", "RE2 has no atomic groups"),
        ("(?#a)", "RE2 has no comments"),
        ("(?P=n)", "RE2 has no backreferences"),
        ("(?x)a", "a kind of group that RE2 does not know"),
        ("(?<n>a)(?P<n>b)", "a second group named 'n'"),
        (r"(a)\1", "RE2 has no backreferences"),
        (r"a\Z", r"no \Z (write \z)"),
        (r"\C", r"an escape '\C' that RE2 does not know"),
        (r"\q", r"an escape '\q' that RE2 does not know"),
        ("a\\", "a backslash with nothing behind it"),
        (r"\x{100}", r"beyond \xFF, which Envoy refuses"),
        (r"\400", r"beyond \xFF, which Envoy refuses"),
        ("[\u00e9]", "several bytes to Envoy"),
        ("[a-\u00e9]", "several bytes to Envoy"),
        ("\u00e9+", "several bytes to Envoy"),
    ],
)
def test_what_one_of_them_refuses_is_refused(expression: str, why: str) -> None:
    assert why in refusal(expression)
