"""Python values to YAML text that libyaml, PyYAML, ruamel.yaml, yaml_rs and kubectl's Go read alike."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache, partial
from typing import Any

# What stands without quotes: letters first and nothing that a reader could take for structure, or a
# duration, quantity or version such as 10s, 1h30m, 512Mi, 2.5Gi and 10.0.0.1. All else is quoted.
_PLAIN = re.compile(
    r"[A-Za-z/](?:[A-Za-z0-9_./@+=~-]++|:(?=[A-Za-z0-9_/.-])| (?=[A-Za-z0-9_/.(]))*+"
    r"|(?:[0-9]+(?:\.[0-9]+)?(?:ns|us|ms|s|m|h|Ki|Mi|Gi|Ti|Pi|Ei|k|M|G|T|P))+"
    r"|[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:/[0-9]{1,2})?"
)
# Words that one reader or another takes for a boolean, null or a number, in whatever casing.
_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity"])

# Escaped: what breaks lines, what editors hide (format and direction marks), and the controls.
_ESCAPED = re.compile(
    '["\\\\\x00-\x1f\x7f-\xa0\xad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f'
    "\ud800-\udfff\ufeff\ufff0-\uffff]"
)
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_REFUSED = re.compile("[\x00\ud800-\udfff\ufffe\uffff]")

# A text of several lines that may stand as it is below a `|`: nothing in it would an editor or a reader change.
_LITERAL = re.compile(r"[!-~](?:[ -~]*[!-~])?(?:\n(?:[ -~]*[!-~])?)*\n?")

_LONGEST_KEY = 120  # YAML finds `key: value` only where the key is short (1,024 bytes); longer ones are written `? key`
_MEMO_SIZE = 20_000
_LARGEST = 2**63
_REMEMBERED = 64


def scalar(value: object) -> str:
    """Give the YAML of None, a bool, an int, a float or a str, on one line, for block and flow style.

    Raises TypeError for other types, ValueError for what YAML cannot carry: infinite floats, integers beyond
    64 bits, NUL, surrogates, U+FFFE and U+FFFF.
    """
    kind = type(value)
    if kind is str:
        return _texts[value]  # type: ignore[index]
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, str):
        return _texts[str(value)]
    raise TypeError(f"no YAML for a {kind.__name__}: {value!r}")


def entry(head: str, value: object, column: int, out: list[str]) -> None:
    """Add the lines of an entry of a mapping whose keys stand in that column; `head` is the first up to the key's colon.

    A mapping that was written before must not have been changed since: it may be known what it looks like. Raises TypeError
    for None, which stands nowhere alone.
    """
    if type(value) is dict and value:
        out.append(head + "\n")
        known = _written.get(id(value))
        out.append(known[1] if known is not None and known[0] == column else _remembered(value, column))
    elif value is None:
        raise TypeError(f"nothing stands behind {head.strip()!r}")
    else:
        _value(value, head, _level(column), out)


def _remembered(value: dict[Any, Any], column: int) -> str:
    """The lines of a mapping below a key in that column; they are known from then on."""
    if len(_written) >= _REMEMBERED:
        _written.clear()
    lines: list[str] = []
    level = _level(column + 2)
    _mapping(value, level, level, lines)
    text = "".join(lines)
    _written[id(value)] = column, text, value
    return text


def item(value: object, column: int, out: list[str]) -> None:
    """Add the lines of an item of a list in that column."""
    _list([value], _level(column), out)


def entries(value: Mapping[Any, Any], column: int, out: list[str]) -> None:
    """Add the lines of all entries of a mapping whose keys stand in that column."""
    level = _level(column)
    _mapping(value, level, level, out)


def block(value: object, indent: int = 0) -> str:
    """Give `value` as lines of their own, indented by `indent` columns (an even number); lists stay in their key's column."""
    out: list[str] = []
    level = _level(indent)
    if value and (type(value) is dict or isinstance(value, Mapping)):
        _mapping(value, level, level, out)
    elif value and isinstance(value, (list, tuple)):
        _list(value, level, out)
    else:
        out.append(f"{level.pad}{_empty(value) or scalar(value)}\n")
    return "".join(out)


def _mapping(value: Mapping[Any, Any], heads: _Memo, level: _Level, out: list[str]) -> None:
    """`heads` are those of the first key, which may stand behind a dash; `level` has those of the others."""
    for key, item in value.items():
        kind = type(item)
        if kind is str and (tail := tails[item]):
            out.append(heads[key] + tail)
        elif kind is dict and item:
            out.append(heads[key] + "\n")
            deeper = level.deeper
            if deeper is None:
                deeper = level.below()
            _mapping(item, deeper, deeper, out)
        elif kind is int:
            out.append(heads[key] + numbers[item])
        elif kind is list and item:
            head = heads[key]
            out.append(head + "\n")
            _list(item, level.below() if "\n" in head else level, out)
        else:
            _value(item, heads[key], level, out)
        heads = level


def _list(value: Sequence[Any], level: _Level, out: list[str]) -> None:
    dash, deeper = level.dash, level.below()
    for item in value:
        kind = type(item)
        if kind is dict and item:
            _mapping(item, level.dashed, deeper, out)
        elif kind is str and (tail := tails[item]):
            out.append(dash + tail)
        elif item and isinstance(item, Mapping):
            _mapping(item, level.dashed, deeper, out)
        elif item and isinstance(item, (list, tuple)):
            first = len(out)
            _list(item, deeper, out)
            out[first] = dash + out[first][len(dash) :]
        else:
            _value(item, dash, level, out)


def _value(value: Any, head: str, level: _Level, out: list[str]) -> None:
    """Write what is no text of one line behind or below `head`, which is a key or a dash."""
    kind = type(value)
    if kind is bool:
        out.append(f"{head} true\n" if value else f"{head} false\n")
    elif value and isinstance(value, (list, tuple)):
        out.append(head + "\n")
        _list(value, level.below() if "\n" in head else level, out)
    elif kind is str and not tails[value]:
        out.append(f"{head} {'|' if value[-1] == chr(10) else '|-'}\n")
        pad = level.below().pad
        out.extend(f"{pad}{line}\n" if line else "\n" for line in value.removesuffix("\n").split("\n"))
    elif value and isinstance(value, Mapping):
        out.append(head + "\n")
        _mapping(value, level.below(), level.below(), out)
    else:
        out.append(f"{head} {_empty(value) or scalar(value)}\n")


def _empty(value: object) -> str:
    if isinstance(value, Mapping):
        return "{}"
    return "[]" if isinstance(value, (list, tuple)) else ""


def _integer(value: int) -> str:
    if -_LARGEST <= value < _LARGEST:
        return str(int(value))
    raise ValueError(f"{value} does not fit into 64 bits")


def _float(value: float) -> str:
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a finite number")
    text = repr(float(value))
    if "e" in text:  # readers disagree on exponents: YAML 1.1 wants a dot and a sign, others do not
        text = format(Decimal(text), "f")
    return text if "." in text else text + ".0"


def _text(value: str) -> str:
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return f'"{_ESCAPED.sub(_escape, value)}"'


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    if _REFUSED.match(char):
        raise ValueError(f"YAML cannot carry the character U+{ord(char):04X}")
    short = _SHORT.get(char)
    if short:
        return short
    return f"\\x{ord(char):02X}" if ord(char) < 256 else f"\\u{ord(char):04X}"


class _Memo(dict[str, str]):
    """What was written already: most names of a fleet come again and again."""

    __slots__ = ("_write",)

    def __init__(self, write: Callable[[str], str]) -> None:
        super().__init__()
        self._write = write

    def __missing__(self, value: str) -> str:
        text = self._write(value)
        if len(self) >= _MEMO_SIZE:
            self.clear()
        if len(value) < _LONGEST_KEY:
            self[value] = text
        return text


class _Numbers(dict[int, str]):
    """What follows a key, for each whole number; only for int, because to a dict 1 and True are one."""

    __slots__ = ()

    def __missing__(self, value: int) -> str:
        if len(self) >= _MEMO_SIZE:
            self.clear()
        text = self[value] = f" {_integer(value)}\n"
        return text


class _Level(_Memo):
    """What keys look like that begin in one column. `dashed` are those behind a dash in it."""

    __slots__ = ("dash", "dashed", "deeper", "pad")

    def __init__(self, pad: str) -> None:
        super().__init__(partial(_head, pad, pad))
        self.pad = pad
        self.dash = pad + "-"
        self.dashed = _Memo(partial(_head, pad + "- ", pad + "  "))
        self.deeper: _Level | None = None

    def below(self) -> _Level:
        """Two columns deeper; made when something stands there for the first time."""
        if self.deeper is None:
            self.deeper = _Level(self.pad + "  ")
        return self.deeper


def _head(lead: str, pad: str, key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a key must be text, not {key!r}")
    text = _text(str(key))
    return f"{lead}{text}:" if len(text) < _LONGEST_KEY else f"{lead}? {text}\n{pad}:"


def _tail(value: str) -> str:
    """What follows a key or dash; nothing for a text of several lines that goes below it."""
    literal = "\n" in value and _LITERAL.fullmatch(value) and not value.endswith("\n\n")
    return "" if literal else f" {_text(value)}\n"


@cache
def _level(column: int) -> _Level:
    level = _top
    for _ in range(0, column, 2):
        level = level.below()
    return level


_written: dict[int, tuple[int, str, dict[Any, Any]]] = {}
"""Mappings that were written last, by identity: in which column, what they look like, and themselves, so that no other takes
their place. The labels of a service stand in each of its objects, and many services have one policy."""

_texts = _Memo(_text)
_top = _Level("")

tails = _Memo(_tail)
"""What follows a key or a dash, for each text: with a space before and a line break behind, or nothing if it goes below."""

numbers = _Numbers()
"""What follows a key or a dash, for each whole number; to be asked of int alone, for to a dict 1 and True are one."""
