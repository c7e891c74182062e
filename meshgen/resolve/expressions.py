"""Regular expressions that are put together: from plain text, and from expressions that a spec has."""

from __future__ import annotations

import re

from meshgen.re2 import LONGEST
from meshgen.spec.regex import check_regex

__all__ = ["LONGEST", "alternatives", "is_accepted", "quoted", "unanchored"]

_SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$]")
_OPAQUE = re.compile(r"\\Q.*?(?:\\E|\Z)|\\[^AzQ]|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]", re.DOTALL)
_GROUP = re.compile(r"\([^()]*\)")


def quoted(text: str) -> str:
    """Text as an RE2 expression that matches just that text."""
    return _SPECIAL.sub(lambda match: "\\" + match[0], text)


def unanchored(pattern: str) -> str | None:
    """An expression for a whole value, as a part of a longer one: without the anchors around it.

    None where it has anchors inside, which could not be met there.
    """
    body = pattern.removeprefix("^")
    if body.endswith("$") and _plain(body).endswith("$"):
        body = body[:-1]
    return None if re.search(r"[\^$]|\\[Az]", _plain(body)) else body


def alternatives(pattern: str) -> bool:
    """Whether a `|` in it stands outside all groups."""
    text = _plain(pattern)
    while (inner := _GROUP.sub("", text)) != text:
        text = inner
    return "|" in text


def is_accepted(expression: str) -> bool:
    """Whether istiod and Envoy take it: what is put together can be too long, or have a group of one name twice."""
    try:
        check_regex(expression)
    except ValueError:
        return False
    return True


def _plain(pattern: str) -> str:
    """The expression without its classes, escapes and quotes (as `x`): what has a meaning of its own in the rest."""
    return _OPAQUE.sub("x", pattern)
