"""The YAML readers that must agree on what meshgen writes, and the texts that they most like to disagree on."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import ruamel.yaml
import yaml

from meshgen.document import parse, read_output
from meshgen.events import read


def _ruamel(text: str) -> Any:
    return ruamel.yaml.YAML(typ="safe", pure=True).load(text)


def _own(text: str) -> Any:
    result = read(text)
    assert not result.faults, result.faults
    return result.data


def _parse(text: str) -> Any:
    parsed = parse(text, "text.yaml")
    assert not parsed.diagnostics, parsed.diagnostics
    return parsed.documents[0].data


READERS: dict[str, Callable[[str], Any]] = {
    "libyaml": lambda text: yaml.load(text, yaml.CSafeLoader),
    "PyYAML": lambda text: yaml.load(text, yaml.SafeLoader),
    "ruamel.yaml": _ruamel,
    "yaml_rs": read_output,
    "our events": _own,
    "our parse": _parse,
}


def alike(read: Any, meant: Any) -> bool:
    """Equal in value and in type: 1 is neither 1.0 nor true. A tuple is meant as a list."""
    if isinstance(meant, dict):
        return type(read) is dict and list(read) == list(meant) and all(alike(read[key], meant[key]) for key in meant)
    if isinstance(meant, (list, tuple)):
        return type(read) is list and len(read) == len(meant) and all(map(alike, read, meant))
    return type(read) is type(meant) and bool(read == meant)


_WORDS = [
    "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nil", "none", "nan", "inf", "infinity", "t", "f",
]  # fmt: skip
_NUMBERS = [
    "0", "00", "007", "0755", "08", "0o17", "0O17", "0b1", "0b102", "0x1F", "0X1f", "0xg", "1", "-1", "+1", "--1",
    "1_000", "_1", "1_", "1__0", "1,000", "1e3", "1E3", "1e+3", "1e-3", "1.5e3", "1.5e+3", "1.5E-3", "1e", "1e+",
    "e3", ".5", "-.5", "+.5", "5.", "1.", ".", "..", "...", "-.", "+.", "1.10", "1.2.3", "1.2.3.4", ".e3", "0.0",
    "-0", "-0.0", "+0", "00.5", "1_0.5", "._5", "12:30", "12:30:45", "1:60", "1:5", "190:20:30.15", "80:80", "-1:30",
    "0:0", "::1", "1::", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
    "18446744073709551616", "123456789012345678901234567890", "1e400", ".inf", "-.inf", "+.inf", ".Inf", ".INF",
    ".nan", ".NaN", ".NAN", ".Nan", "inf", "-inf", "0x", "0b", "0o", "0x1p3", "1d", "1f", "1l", "1L", "1u", "5xx",
    "10s", "1h30m", "512Mi", "2.5Gi", "100m", "1e3Mi", "1e3s", "12e03", "1.e3", "1.e+3", "١٢", "½", "1²", "0.1.e",
    "10.0.0.0/8", "256.256.256.256", "10.0.0.1:80",
]  # fmt: skip
_DATES = [
    "2026-11-23",
    "2026-1-2",
    "2026-11-23T10:00:00Z",
    "2026-11-23t10:00:00.5+02:00",
    "2026-11-23",
    "2026-11",
    "20261123",
    "10:00:00",
    "0001-01-01",
    "2026-13-45",
    "2026-11-23T10",
]
_SHAPES = [
    "---", "...", "--", "-", "-x", "?", "?x", ":", ":x", "x:", "a:b", "a::b", "#", "#x", "x#y", "&", "&x", "*", "*x",
    "*.example.com", "!", "!x", "!!str", "|", "|-", ">", ">-", "%", "%x", "@", "@x", "`", "`x", ",", ",x", "x,", "[",
    "]", "[]", "[x]", "{", "}", "{}", "{x}", "x]", "x}", "'", "''", '"', '""', "'x'", '"x"', "'x", '"x', "x'", 'x"',
    "\\", "\\n", "\\x41", "\\u0041", "=", "==", "<<", "<<x", "<", "<x", "~", "~x", "/", "//", "/cart", "./x", "../x",
    "_", "__", "$", "$x", "${X}", "$(X)", "{{x}}", "{%x%}", "%YAML", "(", "(x)", "^x$", "^[a-z]+\\.x$", ";", "x;",
    "a=b", "a,b", "a|b", "a>b", "http://x", "https://x:80/y?z=1&w=%20#f", "user-service:v1.0.0", "a@sha256:0",
]  # fmt: skip
_SPACED = [
    "", " ", "  ", " x", "x ", " x ", "x  y", "a: b", "a : b", "a :b", "- x", "-  x", "? x", "x # y", "x #y", "# x",
    "--- x", "... x", "x:",
    "\t", "\tx", "x\t", "x\ty", "a:\tb", "x\t#y", "\n", "\n\n", "x\n", "x\n\n", "\nx", "x\ny", "x\ny\n", "x\n\ny",
    "x\n y\n", " x\ny", "x \ny",
    "x\n \ny", "x\n\ty", "x\n---\ny", "---\nx", "x\n...\n", "a: b\nc: d\n", "- a\n- b\n", "# x\ny\n", "x\n#y\n",
    "\r", "\r\n", "x\ry", "x\r\ny",
    "2026-11-23 10:00:00", "2026-11-23 10:00:00 Z", "12 30", "null null", "on off", "true ", " true", "1 ", " 1",
    "&a b", "!a b", "a &b",
    "'a' b", '"a" b', "[a] b", "{a} b", "a [b]", "a: [b", "a b: c", "it's", 'say "x"', "\\ ", "% x", "@ x", "x\x85y",
    "x\u2028y", "x\u2029y",
    "x" * 130, "x y" * 500, "k" * 1030, "é" * 600, "\U0001f600" * 300, '"' * 600, "\n" * 300, "x\n" * 300,
    "a: " * 400, "line\n" + "y" * 2000,
]  # fmt: skip
_UNICODE = [
    "é", "ñandú", "Привет", "日本語", "한국어", "العربية", "שלום", "🚀", "👩‍👩‍👧", "🇩🇪", "e\u0301", "\u0301", "ﬁ", "Ⅷ",
    "１２", "\u00a0", "\u00ad", "x\u00a0y",
    "\u200b", "\u200d", "\u200e", "\u202e", "\u2060", "\ufeff", "\ufeffx", "x\ufeff", "\ufff9", "\ufffc", "\ufffd",
    "\ue000", "\uf8ff", "\ufdd0",
    "\U00010000", "\U0001fffe", "\U0010ffff", "\U000e0001", "\u1680x", "\u2000", "\u205f", "\u3000", "x\u3000", "…",
    "–", "‘x’", "\u180e",
]  # fmt: skip


def hostile() -> list[str]:
    """Give at least 2,000 texts, always the same, that some reader takes for something else if written carelessly."""
    return list(dict.fromkeys(_hostile()))


def _hostile() -> Iterator[str]:
    for code in (*range(1, 0x20), *range(0x7F, 0xC0), 0x2028, 0x2029, 0xFEFF):
        yield from (chr(code), f"x{chr(code)}y", f"{chr(code)}x", f"x{chr(code)}", f"x {chr(code)}")
    for word in _WORDS:
        if len(word) <= 5:
            yield from map("".join, product(*((letter, letter.upper()) for letter in word)))
        yield from (
            word,
            word.upper(),
            word.title(),
            f"{word} ",
            f"{word}:",
            f"{word}x",
            f".{word}",
            f"-{word}",
            f"{word} {word}",
        )
    for text in (*_NUMBERS, *_DATES, *_SHAPES):
        yield from (text, f"{text} x", f"x {text}", f"{text}:", f"-{text}", f"{text}\n")
    yield from _SPACED
    yield from _UNICODE
    for sign in string.punctuation:
        yield from (
            sign * 2,
            f"{sign} x",
            f"x{sign}",
            f"x {sign}",
            f"x {sign} y",
            f"{sign}{sign} x",
            f"x{sign}: y",
            f"0{sign}1",
            f"a{sign}b",
            f"{sign}\n",
        )
    yield from (f"{first}{second}" for first, second in product("0+-.:#,~=!&*?|>%@`'\"[]{}", repeat=2))
