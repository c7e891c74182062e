"""What an unquoted YAML scalar means: the YAML 1.2 core schema, less all that some reader takes for something else."""

from __future__ import annotations

import math
import re
from typing import NamedTuple


class Odd(NamedTuple):
    """A plain scalar that is refused: how readers take it, and what to write instead."""

    message: str
    hint: str


Plain = str | int | float | bool | None | Odd

_CONSTANTS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
# Integers and floats in the forms that YAML 1.1, YAML 1.2 and Go read as the same number.
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+][0-9]+)?|\.[0-9]+")
_LARGEST = 2**63

# YAML 1.1 (https://yaml.org/type/bool.html) and Go's yaml.v2 and v3 know further booleans. Their y and n are not among
# these: as names of namespaces, keys and coordinates they are common, PyYAML and YAML 1.2 read text, and no field of a
# spec would take a boolean and a text alike. What is written has them in quotes.
_TRUE = frozenset(["yes", "Yes", "YES", "on", "On", "ON"])
_FALSE = frozenset(["no", "No", "NO", "off", "Off", "OFF"])
_OCTAL = re.compile(r"[-+]?0[0-9_]+|[-+]?0[oO][0-7_]+")
# Base 60, as PyYAML has it: 12:30 is 750, while 80:80 and 12:345 are text to everyone.
_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt]|[ \t]+)[0-9].*)?")
_SPECIAL = re.compile(r"[-+]?\.(?:inf|nan)", re.IGNORECASE)
# Go drops every `_` and then tries integers of any base and floats; this is that and a little more.
_NUMBER = re.compile(
    r"[-+]?(?:0[xXoObB][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][-+]?[0-9_]+)?"
    r"|(?:[0-9_]+(?:\.[0-9_]*)?|\.[0-9_]+)(?:[eE][-+]?[0-9_]*)?)"
)
_ODD_START = re.compile(r"[-+.0-9_yYnNoO=<]")
_MEMO_SIZE = 20_000


def resolve(text: str) -> Plain:
    """Give the value of the unquoted scalar `text`, or Odd where readers would not agree on it."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if not _ODD_START.match(text):
        return _spaced(text) or text
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if math.isfinite(number):
            return number
        return Odd(f"{_short(text)} is larger than any number that readers can hold", quote(text))
    return _oddity(text) or _spaced(text) or text


def quote(text: str) -> str:
    """Give the hint that fits every text which is taken for something else."""
    return f"put it into quotes: {_quoted(text)}"


def _integer(text: str) -> int | Odd:
    if len(text) < 19 or (len(text) <= 20 and -_LARGEST <= int(text) < _LARGEST):
        return int(text)
    return Odd(f"{_short(text)} does not fit into 64 bits", f"put it into quotes if it is text: {_quoted(text)}")


def _oddity(text: str) -> Odd | None:
    if text in _TRUE or text in _FALSE:
        word = "true" if text in _TRUE else "false"
        return Odd(f"plain {text} is {word} to some YAML readers and text to others", f"write {word}, or {quote(text)}")
    if _OCTAL.fullmatch(text):
        return _octal(text)
    if _BASE_60.fullmatch(text):
        return Odd(f"plain {_short(text)} is a number in base 60 to some YAML readers and text to others", quote(text))
    if _DATE.fullmatch(text):
        return Odd(f"plain {_short(text)} is a date to some YAML readers and text to others", quote(text))
    if _SPECIAL.fullmatch(text):
        return Odd(f"plain {text} is no finite number, and text to some YAML readers", quote(text))
    if _NUMBER.fullmatch(text) and text.strip("_"):
        return Odd(
            f"plain {_short(text)} is not the same number to every YAML reader, and text to some",
            f"write it in plain decimal digits, or {quote(text)}",
        )
    if text in {"=", "<<"}:
        return Odd(f"plain {text} has a meaning of its own to some YAML readers", quote(text))
    return None


def _octal(text: str) -> Odd:
    digits = text.lstrip("-+").replace("_", "").lstrip("0oO")
    if digits and set(digits) <= set("01234567"):
        octal = _short(str(int(digits[:30], 8)))
        return Odd(
            f"plain {_short(text)} is {octal} to YAML readers that take it for octal, and not to others",
            f"write the number in decimal digits, or {quote(text)}",
        )
    return Odd(
        f"plain {_short(text)} is a number to some YAML readers and text to others",
        f"write the number without leading zeros, or {quote(text)}",
    )


def _spaced(text: str) -> Odd | None:
    if "\t" in text:
        shown = _short(text.replace("\t", "<tab>"))
        message = f"plain text with a tab in it ({shown}) is refused by some YAML readers"
        return Odd(message, "write a space, or put it into double quotes with \\t for the tab")
    if text != text.strip():
        space = next(char for char in (text[0], text[-1]) if char.isspace())
        message = f"plain text begins or ends with U+{ord(space):04X}, which is no space to YAML"
        return Odd(message, "write an ordinary space")
    return None


def _quoted(text: str) -> str:
    return f'"{_short(text)}"'


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


class _Memo(dict[str, Plain]):
    def __missing__(self, text: str) -> Plain:
        if len(self) >= _MEMO_SIZE:
            self.clear()
        value = resolve(text)
        if len(text) < 200:
            self[text] = value
        return value


MEANINGS: dict[str, Plain] = _Memo()
"""`resolve` as a mapping that remembers: MEANINGS[text] is resolve(text)."""
