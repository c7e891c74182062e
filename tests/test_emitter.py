"""What the emitter writes is read back as the same values, by every reader, and reads well."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from readers import READERS, alike, hostile

from meshgen.emitter import block, entry, scalar

TEXTS = st.one_of(
    st.sampled_from(hostile()),
    st.text(st.characters(codec="utf-8", exclude_characters="\0\ufffe\uffff"), max_size=40),
    st.text("ab0:-#,.[]{}'\"\\ \n\t&*!|>%@~=eyn", max_size=12),
)
NUMBERS = st.one_of(st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False))
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
VALUES = st.recursive(
    SCALARS, lambda below: st.lists(below, max_size=4) | st.dictionaries(TEXTS, below, max_size=4), max_leaves=12
)


@given(VALUES)
@settings(max_examples=250)
def test_every_reader_reads_what_was_meant(value: Any) -> None:
    text = block({"value": value, "list": [value], "last": 1})

    for name, read in READERS.items():
        assert alike(read(text), {"value": value, "list": [value], "last": 1}), f"{name} reads {text!r}"


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_reads_every_hostile_text(reader: str) -> None:
    texts = {f"k{number}": text for number, text in enumerate(hostile())}
    meant = {"values": texts, "keys": dict.fromkeys(texts.values(), 1), "items": list(texts.values())}

    assert alike(READERS[reader](block(meant)), meant)


@given(TEXTS)
@settings(max_examples=300)
def test_a_scalar_stands_in_flow_style_too(text: str) -> None:
    for name, read in READERS.items():
        assert read(f"a: {{b: {scalar(text)}, c: [{scalar(text)}]}}\n") == {"a": {"b": text, "c": [text]}}, name


@pytest.mark.parametrize(
    "text",
    [
        "user-service", "user-service:v1.0.0", "10s", "1h30m", "512Mi", "2.5Gi", "100m", "10.0.0.1", "10.0.0.0/8",
        "/cart", "/", "app.kubernetes.io/name", "api.microservices.local", "apps/v1", "x-canary-version",
        "LEAST_REQUEST", "http://users:80/x", "a+b", "none", "v1", "http2", "a=b",
        "two words", "Made by hand",
    ],
)  # fmt: skip
def test_ordinary_text_stands_without_quotes(text: str) -> None:
    assert scalar(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "true", "True", "null", "~", "on", "Off", "y", "N", "yes", "9090", "1e3", "0x1", "1:30", "12:30", "0755",
        "1_000", ".5", "1.10", "+1", "-1", "-", "=", "<<", "*", "*.example.com", "&", "!", "|", ">", "%", "@", "`",
        "#", "---", "...", "2026-11-23", "[x]", "{x}", "a,b", "?", "inf", "NaN", "5.", "x:", "#x",
        "", " x", "x ", "a: b", "x #y", "x  y",
    ],
)  # fmt: skip
def test_text_that_some_reader_takes_for_something_else_is_quoted(text: str) -> None:
    assert scalar(text) == f'"{text}"'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (3, "3"),
        (-(2**63), "-9223372036854775808"),
        (1.0, "1.0"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (1e22, "10000000000000000000000.0"),
        ('say "x"\\', r'"say \"x\"\\"'),
        ("a\tb\r\x07\x7f\x85\u00a0\u00ad\u2028\ufeff", r'"a\tb\r\x07\x7F\x85\xA0\xAD\u2028\uFEFF"'),
        ("\u202egnp.exe", r'"\u202Egnp.exe"'),
        ("日本 🚀", '"日本 🚀"'),
    ],
)
def test_a_scalar_is_written_so(value: object, text: str) -> None:
    assert scalar(value) == text


@pytest.mark.parametrize(
    "value", [math.inf, -math.inf, math.nan, 2**63, -(2**63) - 1, "a\0", "\ud800", "\ufffe", "x\uffff"]
)
def test_what_yaml_cannot_carry_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"finite|64 bits|cannot carry"):
        block({"a": [value]})


@pytest.mark.parametrize("value", [b"x", {1, 2}, object(), {1: "x"}, {None: 1}, {True: 1}, {("a",): 1}])
def test_other_types_are_a_mistake_of_the_caller(value: object) -> None:
    with pytest.raises(TypeError):
        block({"a": [value]})


def test_a_block_reads_as_people_write_it() -> None:
    value = {
        "metadata": {"name": "users", "annotations": {"prometheus.io/port": "9090"}, "labels": {}},
        "ports": [{"name": "http", "port": 80}, {"name": "grpc", "port": 90}],
        "args": ["-v", "x", [1, [2]], [], None],
        "script": "set -e\nrun\n",
        "tail": "a\nb",
    }

    assert block(value, 2) == (
        "  metadata:\n"
        "    name: users\n"
        "    annotations:\n"
        '      prometheus.io/port: "9090"\n'
        "    labels: {}\n"
        "  ports:\n"
        "  - name: http\n"
        "    port: 80\n"
        "  - name: grpc\n"
        "    port: 90\n"
        "  args:\n"
        '  - "-v"\n'
        "  - x\n"
        "  - - 1\n"
        "    - - 2\n"
        "  - []\n"
        "  - null\n"
        "  script: |\n"
        "    set -e\n"
        "    run\n"
        "  tail: |-\n"
        "    a\n"
        "    b\n"
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "  key: null\n"),
        ("a", "  key: a\n"),
        (0, "  key: 0\n"),
        (False, "  key: false\n"),
        (1.0, "  key: 1.0\n"),
        ({}, "  key: {}\n"),
        ([], "  key: []\n"),
        ((), "  key: []\n"),
        ({"a": None}, "  key:\n    a: null\n"),
        ([{"a": 1, "b": 2}], "  key:\n  - a: 1\n    b: 2\n"),
        (({"a": {"b": [{"c": "d"}]}},), "  key:\n  - a:\n      b:\n      - c: d\n"),
        ([{}, [], [{}], [[{"a": 1, "b": 2}]]], "  key:\n  - {}\n  - []\n  - - {}\n  - - - a: 1\n        b: 2\n"),
        (["a\nb\n", ["a\nb"]], "  key:\n  - |\n    a\n    b\n  - - |-\n      a\n      b\n"),
        ("a\nb\n", "  key: |\n    a\n    b\n"),
        ("a \nb", '  key: "a \\nb"\n'),
    ],
)
def test_an_entry_stands_behind_or_below_its_key(value: object, text: str) -> None:
    assert block({"key": value}, 2) == text


class Word(str):
    __slots__ = ()


class Number(int):
    pass


def test_subclasses_and_other_mappings_are_written_as_what_they_stand_for() -> None:
    value = {Word("key"): Word("on"), "n": Number(3), "m": MappingProxyType({"a": Word("b")}), "t": Tuple(1, {"x": 1})}

    assert block(value) == 'key: "on"\n"n": 3\nm:\n  a: b\nt:\n- 1\n- x: 1\n'


class Tuple(NamedTuple):
    first: int
    second: dict[str, int]


def test_a_key_too_long_for_a_line_is_read_by_everyone() -> None:
    value = {"k" * 2000: {"a": ["x"]}, "j" * 200: ["y"], '"' * 400: "z", "last": [{"m" * 300: [1], "n": 2}]}

    assert all(read(block(value)) == value for read in READERS.values())


def test_the_memo_never_mixes_values_up() -> None:
    texts = [f"text-{number}" for number in range(45_000)]

    assert [scalar(text) for text in texts] == texts
    assert (block(["1", 1, True, "true", 1.0]), block({"1": 1})) == (
        '- "1"\n- 1\n- true\n- "true"\n- 1.0\n',
        '"1": 1\n',
    )


def test_a_mapping_written_again_is_written_where_it_stands() -> None:
    labels = {"app": "a", "in": {"list": [{"b": "c"}]}}
    for column in (0, 2, 2, 0, 4):
        lines: list[str] = []
        entry(f"{' ' * column}labels:", labels, column, lines)
        assert "".join(lines) == block({"labels": labels}, column)


def test_no_mapping_is_taken_for_one_that_is_gone() -> None:
    for number in range(1000):
        lines: list[str] = []
        entry("a:", {"is": number}, 0, lines)
        assert "".join(lines) == f"a:\n  is: {number}\n"
