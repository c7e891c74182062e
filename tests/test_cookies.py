"""Cookies in matches: each is found anywhere in the header, and only there."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meshes import RUNS, http, said, service

from meshgen.resolve.cookie_value import within_value
from meshgen.resolve.cookies import cookies_expression

COOKIES = {
    "exact": ("{exact: a.b+c}", ["c=a.b+c"], ["c=aXb+c", "c=a.b+cc", "c=a.b+", "xc=a.b+c", "c=", "C=a.b+c"]),
    "prefix": ("{prefix: 'v(1'}", ["c=v(1", "c=v(1.2"], ["c=v1", "c=xv(1", "c=", "xc=v(1"]),
    "regex": ("{regex: 'v[12]|x'}", ["c=v1", "c=v2", "c=x"], ["c=v3", "c=v12", "c=", "c=xx", "xc=v1"]),
    "anchored": ("{regex: '^v[12]$'}", ["c=v1", "c=v2"], ["c=v3", "c=v12", "c="]),
    "there": ("{}", ["c=", "c=1", 'c="q"'], ["xc=1", "cc=1", "c", "d=c"]),
}


@pytest.mark.parametrize("case", COOKIES)
def test_a_cookie_is_found_anywhere_in_the_header(case: str) -> None:
    match, found, missed = COOKIES[case]
    expression = cookie_expression(f"{{c: {match}}}")

    for cookie in found:
        for header in (cookie, f"a=1; {cookie}", f"{cookie}; z=1", f"a=1; {cookie}; z=c=9", f"a=1;{cookie};z"):
            assert re.fullmatch(expression, header), header
    for cookie in missed:
        for header in (cookie, f"a=1; {cookie}", f"{cookie}; z=1", f"a=1; b=c; {cookie}; z=1", f"a=1; x{cookie}"):
            assert not re.fullmatch(expression, header), header


def test_several_cookies_are_found_in_any_order() -> None:
    expression = cookie_expression("{a: {exact: '1'}, b: {prefix: '2'}, c: {}}")

    for header in ("a=1; b=2; c=3", "c=; b=22; a=1", "b=2; x=y; a=1; c=0; z=1", "x=1; c=9;a=1;b=2"):
        assert re.fullmatch(expression, header), header
    for header in ("a=1; b=2", "a=1; c=1", "a=2; b=2; c=1", "aa=1; b=2; c=1", "a=1b=2c=3", "a=1; b=1; c=1", ""):
        assert not re.fullmatch(expression, header), header


_COOKIE = st.text("ab.(", min_size=1, max_size=3)


@given(st.lists(st.tuples(_COOKIE, _COOKIE), min_size=1, max_size=5, unique_by=lambda pair: pair[0]), st.data())
def test_whatever_the_cookies_just_those_that_are_there_are_found(
    cookies: list[tuple[str, str]], data: st.DataObject
) -> None:
    header = "; ".join(f"{name}={value}" for name, value in cookies)
    name, value = data.draw(st.sampled_from(cookies) | st.tuples(_COOKIE, _COOKIE))
    expression = cookies_expression({name: {"exact": value}})

    assert expression is not None
    assert bool(re.fullmatch(expression, header)) == ((name, value) in cookies)


def cookie_expression(cookies: str) -> str:
    """The expression for the cookie header, which stands beside the match's other headers."""
    [rule, _] = http(
        f"routes: [{{name: r, match: [{{headers: {{x: {{exact: y}}}}, cookies: {cookies}}}]}}, {{name: e}}]"
    )
    headers = rule["match"][0]["headers"]

    assert headers["x"] == {"exact": "y"}
    assert "cookies" not in rule["match"][0]
    expression: str = headers["cookie"]["regex"]
    return expression


@pytest.mark.parametrize(
    "cookies",
    [
        "{a: {}, b: {}, c: {}, d: {}, e: {}, f: {}, g: {}}",
        f"{{a: {{exact: {'x' * 1100}}}}}",
        "{a: {regex: '(?P<v>x)'}, b: {}}",
        "{a: {regex: 'x^y'}}",
        "{a: {regex: '\\Qx'}}",
    ],
)
def test_cookies_that_make_no_expression_for_istio_are_refused(cookies: str) -> None:
    assert said(service(f"{RUNS}\nroutes: [{{name: r, match: [{{cookies: {cookies}}}]}}, {{name: e}}]")) == [
        (
            "1.yaml:7:31 MG123 these cookies, in any order, make no expression that Istio takes:"
            " over 1024 bytes, anchors inside, or one group name twice"
        )
    ]


def test_cookies_beside_a_condition_that_they_lack_are_refused() -> None:
    match = "{cookies: {a: {}}, withoutHeaders: {Cookie: {exact: x}}}"

    assert said(service(f"{RUNS}\nroutes: [{{name: r, match: [{match}]}}, {{name: e}}]")) == [
        "1.yaml:7:31 MG123 cookies become a match on the header 'cookie', which has one already | write both as cookies"
    ]


@pytest.mark.parametrize(
    ("regex", "found", "missed"),
    [
        ("x.*y", ["xy", "x1y"], ["x1", "y"]),
        (".+", ["x"], [""]),
        ("\\S*y", ["xy"], ["x", "x y"]),
        ("x\\W*y", ["xy", "x=.y"], ["x1y"]),
        ("x\\D*y", ["xy", "x=y"], ["x1y"]),
        ("x[^a]*y", ["xy", "x1y"], ["xay"]),
        ("x[^]a]*y", ["xy", "x-y"], ["xay", "x]y"]),
        ("x[^-a]*y", ["xy", "x]y"], ["xay", "x-y"]),
        ("x[^a-]*y", ["xy", "xby"], ["xay", "x-y"]),
        ("x[^;]*y", ["xy"], ["x"]),
        ("(?i:x.y)", ["XaY"], ["xy"]),
        ("[\\w.-]+", ["a.b-c"], ["a b", ""]),
        ("[[:alpha:]]+", [], []),
        ("\\Qx.\\E.*", [], []),
    ],
)
def test_an_expression_does_not_reach_into_the_next_cookie(regex: str, found: list[str], missed: list[str]) -> None:
    expression = cookie_expression(f"{{c: {{regex: '{regex}'}}}}")

    for value in found:
        assert re.fullmatch(expression, f"a=1; c={value}; z=y"), value
    for value in missed:
        for header in (f"c={value}; d=y", f"c={value};y", f"c={value}; bar=xy; y"):
            assert not re.fullmatch(expression, header), header


@given(
    st.lists(
        st.sampled_from([".", "\\S", "\\W", "[^a]", "[^-a]", "[^]]", "x", "\\.", "[a-z]", "(?:.|x)", "\\x2e"]),
        max_size=4,
    )
)
def test_whatever_the_expression_its_signs_take_no_semicolon(parts: list[str]) -> None:
    expression = within_value("".join(parts))

    assert expression is not None
    assert not re.fullmatch(expression, ";".rjust(len(parts), "x"))
    for sign in ".=a;":
        takes = [re.fullmatch(part, sign) is not None and sign != ";" for part in parts]
        assert (re.fullmatch(expression, sign * len(parts)) is not None) == all(takes)


@pytest.mark.parametrize(
    "regex",
    [
        ";",
        "a|;",
        "[ -~]",
        "[a;]",
        "\\;",
        "\\x3b",
        "\\x{3B}",
        "\\073",
        "[[:punct:]]",
        "[[:^alpha:]]",
        "[\\W]",
        "\\pP",
        "[\\x00-\\x40]",
    ],
)
def test_an_expression_that_takes_a_semicolon_is_refused(regex: str) -> None:
    assert said(
        service(f"{RUNS}\nroutes: [{{name: r, match: [{{cookies: {{c: {{regex: '{regex}'}}}}}}]}}, {{name: e}}]")
    ) == [
        (
            "1.yaml:7:45 MG101 the expression may take ';', which ends the value of a cookie, and so read the next one"
            " | say what it takes without that sign: [0-9a-z], \\w, . or [^;]"
        )
    ]


@pytest.mark.parametrize("kind", ["exact", "prefix"])
def test_a_value_with_a_semicolon_is_refused(kind: str) -> None:
    assert said(
        service(f"{RUNS}\nroutes: [{{name: r, match: [{{cookies: {{c: {{{kind}: 'a;b'}}}}}}]}}, {{name: e}}]")
    ) == ["1.yaml:7:45 MG101 never matches: ';' ends the value of a cookie"]
