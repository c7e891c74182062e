"""Expressions for the value of one cookie: none may take the `;` behind it, and so reach into the next one."""

from __future__ import annotations

import re

_CHARACTER = r"\\x\{[0-9A-Fa-f]+\}|\\x[0-9A-Fa-f]{2}|\\[0-7]{1,3}|\\?."
_CLASS_ITEM = re.compile(
    rf"(?P<named>\[:\^?\w+:\]|\\[pP](?:\{{[^}}]*\}}|.)|\\[dDsSwW])|(?P<low>{_CHARACTER})(?:-(?P<high>{_CHARACTER}))?",
    re.DOTALL,
)
_TOKEN = re.compile(
    rf"(?P<quote>\\Q.*?(?:\\E|\Z))|(?P<group>\(\?[^:)>]*[:)>])|(?P<property>\\[pP](?:\{{[^}}]*\}}|.))"
    r"|(?P<negated>\[\^(?P<members>\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*)\])|(?P<positive>\[\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\])"
    rf"|(?P<one>{_CHARACTER})",
    re.DOTALL,
)
_INSTEAD = {".": "[^;]", r"\D": r"[^;\d]", r"\S": r"[^;\s]", r"\W": r"[^;\w]"}
_WITHOUT_IT = {"alnum", "alpha", "blank", "cntrl", "digit", "lower", "space", "upper", "word", "xdigit"}
_SIGN = ord(";")


def within_value(pattern: str) -> str | None:
    """The expression without the `;` in what it takes; None where it names that sign, or a set that has it.

    What means all but a few characters (`.`, `\\S`, `[^&]`) means all but those and `;`.
    """
    made = []
    for token in _TOKEN.finditer(pattern):
        kind, text = token.lastgroup, token[0]
        if kind == "negated":
            made.append(_without(token["members"]))
        elif (
            (kind == "positive" and not _has_sign(text[1:-1]))
            or kind == "group"
            or (kind == "quote" and ";" not in text)
        ):
            made.append(text)
        elif kind == "one" and (text in _INSTEAD or _code(text) != _SIGN):
            made.append(_INSTEAD.get(text, text))
        else:
            return None
    return "".join(made)


def _without(members: str) -> str:
    """A negated class with `;` among what it does not take."""
    if members.startswith(";"):
        return f"[^{members}]"
    escaped = "\\" if members[:1] in ("]", "-") else ""
    return f"[^;{escaped}{members}]"


def _has_sign(members: str) -> bool:
    """Whether a class takes `;`, or may: what scripts and categories hold is not known here."""
    for item in _CLASS_ITEM.finditer(members):
        if named := item["named"]:
            if named.strip("[:]") not in _WITHOUT_IT and named not in (r"\d", r"\s", r"\w"):
                return True
        elif _code(item["low"]) <= _SIGN <= _code(item["high"] or item["low"]):
            return True
    return False


def _code(character: str) -> int:
    """The code of a character, plain or escaped. Escapes of one letter are control characters or no character at all."""
    if character.startswith("\\x"):
        return int(character[2:].strip("{}"), 16)
    if character[0] == "\\" and character[1].isdigit():
        return int(character[1:], 8)
    return ord(character[-1]) if character[-1:] and not (character[0] == "\\" and character[1:].isalpha()) else 0
