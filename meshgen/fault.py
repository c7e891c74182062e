"""A mistake in one document's text, and the words for those that need no knowledge of YAML's grammar."""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_DEPTH = 150
"""How deep mappings and lists may stand in each other; Kubernetes' deepest schemas need about 30."""

KeyPath = tuple[str | int, ...]
"""The keys and list positions that lead from a document's top to a value."""


class Fault(NamedTuple):
    """A mistake in one document's text. Lines and columns count from 0, at the text's beginning."""

    line: int
    column: int
    code: str
    message: str
    hint: str
    also: tuple[int, int] | None = None
    """A second place, which ends the message."""


def short(text: str) -> str:
    """Give `text`, shortened to what a message can show on one line."""
    text = " ".join(text.split())
    return text if len(text) <= 40 else text[:39] + "…"


def digits(number: str) -> str:
    """A number, as Python writes it, without an exponent: 0.00001, not 1e-05."""
    if "e" not in number:
        return number
    from decimal import Decimal

    return format(Decimal(number), "f")


def character(char: str, *, escaped: bool = False) -> tuple[str, str]:
    """Message and hint for a character that must not stand in YAML."""
    code = ord(char)
    name = f"U+{code:04X}"
    if escaped:
        return f"the character {name} cannot be written to YAML", "drop the escape"
    if 0xDC80 <= code <= 0xDCFF:
        return f"byte 0x{code - 0xDC00:02X} is not UTF-8", "save the file as UTF-8"
    if char == "\ufeff":
        return "a byte order mark (U+FEFF) stands here", "save the file as UTF-8 without byte order mark"
    if char == "\r":
        return "a carriage return (U+000D) without line feed", "end lines with a line feed"
    if char in "\x85\u2028\u2029":
        return (
            f"{name} breaks the line for some YAML readers and not for others",
            f'write it as "\\u{code:04X}" in double quotes',
        )
    return f"the control character {name} is not allowed in YAML", "drop it"


def no_text(column_text: str) -> tuple[str, str]:
    """Message and hint for a key that YAML does not read as text; `column_text` is the text from the key on."""
    key = re.match(r"[^\s:,\[\]{}\"']*", column_text)
    shown = key[0] if key else ""
    if column_text[:1] in ("{", "["):
        kind = "mapping" if column_text[0] == "{" else "list"
        return f"a {kind} cannot be a key", "put the key into quotes, if it is text"
    if not shown:
        return "a key is empty", "write a key before the colon"
    return f"key {short(shown)} is not text to YAML", f'put it into quotes: "{short(shown)}"'


def no_mapping(data: object) -> tuple[str, str]:
    """Message and hint for a document that is no mapping."""
    kind = "a list" if isinstance(data, list) else f"the value {short(str(data))}" if data is not None else "null"
    hint = "begin with apiVersion and kind"
    if isinstance(data, list):
        hint += "; put '---' between several documents"
    return f"the document is {kind}; it must be a mapping", hint
