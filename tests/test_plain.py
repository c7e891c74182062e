"""An unquoted scalar is read only where all readers agree on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import ruamel.yaml
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from readers import hostile

from meshgen.plain import Odd, resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("NULL", None), ("true", True), ("True", True), ("FALSE", False),
        ("0", 0), ("-0", 0), ("80", 80), ("-3", -3), ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("1.5", 1.5), ("1.10", 1.1), ("-0.5", -0.5), (".5", 0.5), ("1.5e+10", 1.5e10), ("1.5E-3", 0.0015),
        ("10s", "10s"), ("5xx", "5xx"), ("1.2.3", "1.2.3"), ("10.0.0.1", "10.0.0.1"), ("80:80", "80:80"),
        ("redis:6379", "redis:6379"),
        ("yess", "yess"), ("nO", "nO"), ("tRUE", "tRUE"), ("-", "-"), ("<", "<"), ("_", "_"), ("__x", "__x"),
        ("inf", "inf"), ("2026-11", "2026-11"), ("a b", "a b"),
    ],
)  # fmt: skip
def test_what_all_readers_take_alike_is_read(text: str, value: object) -> None:
    assert (resolve(text), type(resolve(text))) == (value, type(value))


@pytest.mark.parametrize(
    "text",
    [
        "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF", "0755",
        "00", "-07", "08", "0o17", "0O17", "0b1", "0x1F", "0X1f", "1_000", "1__0", "+1", "1.", "1e3", "1e+3",
        "1.5e3", "-.5", "+.5", ".5e3", "01.5", "_1", "-_1", "+_", "_.5", "12:30", "12:30:45", "1:2.5", "-1:30",
        ".inf", "-.inf", ".Inf", ".NaN", ".nan", "2026-11-23", "2026-1-2", "2026-11-23T10:00:00Z", "=", "<<",
        "1.5e+400", "9223372036854775808", "-9223372036854775809", "123456789012345678901234567890",
        "2026-11-23 10:00:00", "\u00a0x", "x\u3000", "1" * 5000, "0" * 5000, "1." + "0" * 400 + "e+999",
    ],
)  # fmt: skip
def test_what_readers_take_differently_is_refused_with_a_way_out(text: str) -> None:
    found = resolve(text)

    assert isinstance(found, Odd)
    assert found.hint
    assert len(found.message) < 150


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("on", "plain on is true to some YAML readers and text to others", 'write true, or put it into quotes: "on"'),
        ("No", "plain No is false to some YAML readers and text to others", 'write false, or put it into quotes: "No"'),
        ("0755", "plain 0755 is 493 to YAML readers that take it for octal, and not to others",
         'write the number in decimal digits, or put it into quotes: "0755"'),

        ("12:30", "plain 12:30 is a number in base 60 to some YAML readers and text to others",
         'put it into quotes: "12:30"'),

        ("2026-11-23", "plain 2026-11-23 is a date to some YAML readers and text to others",
         'put it into quotes: "2026-11-23"'),
        ("1e3", "plain 1e3 is not the same number to every YAML reader, and text to some",
         'write it in plain decimal digits, or put it into quotes: "1e3"'),
        ("9223372036854775808", "9223372036854775808 does not fit into 64 bits",
         'put it into quotes if it is text: "9223372036854775808"'),
    ],
)  # fmt: skip
def test_a_refusal_says_how_it_would_be_read_and_what_to_write(text: str, message: str, hint: str) -> None:
    assert resolve(text) == Odd(message, hint)


@given(st.one_of(st.sampled_from(hostile()), st.text("0123456789+-.:_eExXobTZ~ynofstrualinfN=", max_size=10)))
@settings(max_examples=1000)
def test_what_is_read_means_the_same_to_yaml_1_1_and_1_2(text: str) -> None:
    value = resolve(text)
    assume(not isinstance(value, Odd) and _is_plain(text))

    seen = [read(f"a: {text}\n")["a"] for read in READS]

    assert [repr(each) for each in seen] == [repr(value)] * len(READS)


READS: tuple[Callable[[str], Any], ...] = (
    lambda text: yaml.load(text, yaml.CSafeLoader),
    lambda text: ruamel.yaml.YAML(typ="safe", pure=True).load(text),
)


def _is_plain(text: str) -> bool:
    """Whether `text` is all of an unquoted scalar, when it stands behind a key."""
    try:
        document: Any = yaml.compose(f"a: {text}\n", yaml.CSafeLoader)
    except yaml.YAMLError:
        return False
    node = document.value[0][1]
    return isinstance(node, yaml.ScalarNode) and node.style in (None, "") and node.value == text
