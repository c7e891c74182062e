"""Which regular expressions istiod and Envoy take: RE2's syntax, read here without an engine."""

from __future__ import annotations

import re
from functools import lru_cache

LONGEST = 1024
"""Bytes that Istio takes. Source: pkg/config/validation, validateStringRegexp."""

_MOST_REPEATS = 1000
_LAST_BYTE = 0xFF
_LAST_ASCII = 0x7F
_COUNT = re.compile(r"\{(0|[1-9][0-9]*)(,(0|[1-9][0-9]*)?)?\}")
_GROUP = re.compile(
    r"\(\?(?:P?<([A-Za-z0-9_]+)>|([imsU]+(?:-[imsU]+)?|-[imsU]+|)(:)|((?:[imsU]+(?:-[imsU]+)?|-[imsU]+)?)\))"
)
_LITERAL = re.compile(
    r"\\(?:[0-7]{3}|[0-7]{2}|0|x[0-9A-Fa-f]{2}|x\{0*[0-9A-Fa-f]{1,6}\}|[afnrtv]|[\x00-/:-@\[-`{-\x7f])"
)
_PROPERTY = re.compile(r"\\[pP](?:[CLMNPSZ]|\{\^?(?:[CLMNPSZ]|[A-Z][A-Za-z0-9_]+)\})")
_POSIX = re.compile(r"\[:\^?(?:alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit):\]")
_NAMED_CLASS = re.compile(r"\\[dDsSwW]")
_CONTROL = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_UNKNOWN_GROUPS = {
    "(?=": "RE2 has no lookahead",
    "(?!": "RE2 has no lookahead",
    "(?<=": "RE2 has no lookbehind",
    "(?<!": "RE2 has no lookbehind",
    "(?>": "RE2 has no atomic groups",
    "(?#": "RE2 has no comments",
    "(?(": "RE2 has no conditions",
    "(?P=": "RE2 has no backreferences",
    "(?P>": "RE2 has no recursion",
}


class _Wrong(Exception):
    """What is wrong with an expression, and the character (from 0) where it is."""

    def __init__(self, why: str, at: int) -> None:
        super().__init__(why)
        self.why, self.at = why, at


class _Reader:
    """Reads an expression from left to right, as Go's regexp/syntax does with Perl's flags.

    `last` is how often the latest atom can repeat inside, or None where there is nothing to repeat.
    """

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.last: int | None = None
        self.repeated = False
        self.most = [1]
        self.opened: list[int] = []
        self.names: set[str] = set()

    def read(self) -> None:
        while self.at < len(self.text):
            match self.text[self.at]:
                case "(":
                    self._open()
                case ")":
                    self._close()
                case "|":
                    self.last, self.repeated, self.at = None, False, self.at + 1
                case "*" | "+" | "?":
                    self._repeat(self.at + 1, 1)
                case "{" if count := _COUNT.match(self.text, self.at):
                    self._repeat(count.end(), self._most(count))
                case "[":
                    self._class()
                case "\\":
                    self._escape()
                case _:
                    self._atom(self.at + 1)
        if self.opened:
            raise _Wrong("a '(' that is not closed", self.opened[-1])

    def _atom(self, end: int, weight: int = 1) -> None:
        self.at, self.last, self.repeated = end, weight, False
        self.most[-1] = max(self.most[-1], weight)

    def _open(self) -> None:
        start = self.at
        if not self.text.startswith("(?", start):
            end = start + 1
        elif group := _GROUP.match(self.text, start):
            name, _, _, flags = group.groups()
            end = group.end()
            if flags is not None:
                self.at, self.repeated = end, False
                return
            if name and name in self.names:
                raise _Wrong(f"a second group named {name!r}", start)
            self.names.add(name)
        else:
            known = max((key for key in _UNKNOWN_GROUPS if self.text.startswith(key, start)), key=len, default="")
            raise _Wrong(_UNKNOWN_GROUPS.get(known, "a kind of group that RE2 does not know"), start)
        self.opened.append(start)
        self.most.append(1)
        self.at, self.last, self.repeated = end, None, False

    def _close(self) -> None:
        if not self.opened:
            raise _Wrong("a ')' that was not opened", self.at)
        self.opened.pop()
        self._atom(self.at + 1, self.most.pop())

    def _most(self, count: re.Match[str]) -> int:
        least, comma, most = count.groups()
        highest = int((most if comma else least) or least)
        if max(highest, int(least)) > _MOST_REPEATS or highest < int(least):
            raise _Wrong(f"a count that is not from 0 to {_MOST_REPEATS}, the lower one first", count.start())
        return highest

    def _repeat(self, end: int, times: int) -> None:
        if self.repeated:
            raise _Wrong("a repetition of a repetition (RE2 has no possessive quantifiers either)", self.at)
        if self.last is None:
            raise _Wrong(f"a {self.text[self.at]!r} with nothing before it to repeat", self.at)
        if ord(self.text[self.at - 1]) > _LAST_ASCII:
            raise _Wrong("a repetition of a character that is several bytes to Envoy (put it into (?:...))", self.at)
        weight = self.last * max(times, 1)
        if weight > _MOST_REPEATS:
            raise _Wrong(f"repetitions in one another that make more than {_MOST_REPEATS}", self.at)
        self._atom(end + self.text.startswith("?", end), weight)
        self.repeated = True

    def _escape(self) -> None:
        start, sign = self.at, self.text[self.at + 1 : self.at + 2]
        if sign == "Q":
            literal, _, _ = self.text[start + 2 :].partition("\\E")
            end = min(start + 2 + len(literal) + 2, len(self.text))
            if literal:
                self._atom(end)
            self.at, self.repeated = end, False
        elif sign and sign in "AbBzdDsSwW":
            self._atom(start + 2)
        else:
            found = _PROPERTY.match(self.text, start)
            self._atom(found.end() if found else self._character(start)[1])

    def _character(self, start: int) -> tuple[int, int]:
        """The code of the one character that stands at `start`, plain or escaped, and where it ends."""
        if self.text[start] != "\\":
            return ord(self.text[start]), start + 1
        found = _LITERAL.match(self.text, start)
        if not found:
            raise _Wrong(_unknown_escape(self.text[start + 1 : start + 2]), start)
        sign = found[0][1:]
        if sign[0] == "x":
            code = int(sign[1:].strip("{}"), 16)
        elif sign.isdigit():
            code = int(sign, 8)
        else:
            code = _CONTROL.get(sign, ord(sign))
        if code > _LAST_BYTE:
            raise _Wrong("an escape beyond \\xFF, which Envoy refuses: it matches bytes", start)
        return code, found.end()

    def _class_character(self, start: int) -> tuple[int, int]:
        if ord(self.text[start]) > _LAST_ASCII:
            raise _Wrong("a character in a class that is several bytes to Envoy (write a|b instead of [ab])", start)
        return self._character(start)

    def _class(self) -> None:
        start = self.at
        first = at = start + 1 + self.text.startswith("^", start + 1)
        while at == first or not self.text.startswith("]", at):
            if at >= len(self.text):
                raise _Wrong("a '[' that is not closed", start)
            at = self._class_item(at, start)
        self._atom(at + 1)

    def _class_item(self, at: int, start: int) -> int:
        """Where the next item of a class ends: a named class, a character, or a range."""
        if self.text.startswith("[:", at) and ":]" in self.text[at + 2 :]:
            if found := _POSIX.match(self.text, at):
                return found.end()
            raise _Wrong("a class name that RE2 does not know", at)
        if found := _PROPERTY.match(self.text, at) or _NAMED_CLASS.match(self.text, at):
            return found.end()
        low, end = self._class_character(at)
        if not self.text.startswith("-", end) or self.text.startswith("-]", end):
            return end
        if end + 1 >= len(self.text):
            raise _Wrong("a '[' that is not closed", start)
        high, end = self._class_character(end + 1)
        if high < low:
            raise _Wrong("a range whose end comes before its beginning", at)
        return end


def _unknown_escape(sign: str) -> str:
    if not sign:
        return "a backslash with nothing behind it"
    if sign in "123456789k":
        return "RE2 has no backreferences"
    if sign == "Z":
        return "RE2 has no \\Z (write \\z)"
    return f"an escape '\\{sign}' that RE2 does not know"


@lru_cache(1024)
def wrong_in(text: str) -> str | None:
    """Why Go's regexp or Envoy's RE2 does not compile an expression; None where both do.

    Not looked at: whether a script or category in \\p{...} exists (its form is), and Envoy's limit on the
    size of the compiled program, which Istio's bootstrap raises out of reach for 1024 bytes. Refused
    although both compile it: what cannot mean what it says, because Envoy's RE2 sees bytes, not characters.
    """
    try:
        _Reader(text).read()
    except _Wrong as wrong:
        return f"{wrong.why}, at character {wrong.at + 1}"
    return None
