"""The door to yaml_rs: data from YAML in which nothing unusual stands, in a third of the time that events take."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import yaml_rs

from meshgen.fault import MAX_DEPTH
from meshgen.plain import Odd, resolve

# Escapes, tabs and controls.
_UNUSUAL = bytes([*range(0x0A), *range(0x0B, 0x20), ord("\\"), 0x7F])
# And these are no letters or signs that all readers take alike. Compiled when needed: that takes 5 ms.
_FOREIGN = r"[^\x00-\x7f\xa1-\xac\xae-\u167f\u1681-\u1fff\u2010-\u2027\u2030-\u205e\u2190-\u2fff\u3001-\ud7a3]"
# Each word that stands where a value can begin, if numbers, odd words, tags, anchors and the like begin so, up to where
# it ends for sure. The words are looked at and not consumed: the end of one value is the beginning of the next.
_WORDS = re.compile(r"""(?:[\[{,:\n]|- ) *(?=((?:-(?![ \n])|[+.0-9yYnNoO=_!%&*<>?@`|~])[^ \n,\[\]{}"']{0,59}))""")
_LONGEST_WORD = 60
_SIGNS = "!%&*<>?@`|~"
# yaml_rs goes as deep as the stack carries, and then the process dies: what might nest deep is left to events.
_MOST_BRACKETS = 500
_INDENTED = " " * 60
_NESTED_ITEM = re.compile("- [- ]")
# libyaml refuses these in flow style, where yaml_rs finds an empty value, or a text that begins with a colon.
_LONE_COLON = re.compile(r""":(?:[,\]}]|(?<=[ \[{,\n]:)|(?<=["']:):)""")
_LARGEST = 256 * 1024  # characters; a spec has 2,000
_MEMO_SIZE = 20_000
_LONGEST_LINE = 200

_lines: set[str] = set()
"""Lines in which nothing is unusual: most of a spec's stand in others too."""

_pieces: set[str] = set()
"""Pieces between spaces in which nothing is odd, wherever they stand."""


def read(text: str) -> dict[str, Any] | None:
    """Give the data of one document without its `---`; None where only a careful reader can tell."""
    if len(text) > _LARGEST or text.count("[") + text.count("{") > _MOST_BRACKETS or not _is_usual(text):
        return None
    try:
        data = yaml_rs.loads(text, parse_datetime=False)
    except (yaml_rs.YAMLDecodeError, TypeError):  # TypeError: a mapping as a key
        return None
    return data if type(data) is dict and _is_sound(data) else None


def read_output(text: str) -> dict[str, Any]:
    """Read one object that meshgen has rendered. The text is our own: it is not checked as a spec is."""
    data = yaml_rs.loads(text, parse_datetime=False)
    if type(data) is not dict:
        raise TypeError(f"rendered text is no mapping: {text[:80]!r}")
    return data


def _is_usual(text: str) -> bool:
    """Tell whether there is nothing in any line that readers take differently. What is asked here, a line answers alone."""
    new = [line for line in text.split("\n") if line not in _lines]
    text = "\n".join(new)
    encoded = text.encode(errors="surrogatepass")
    if len(encoded.translate(None, _UNUSUAL)) < len(encoded) or (not text.isascii() and re.search(_FOREIGN, text)):
        return False
    if _NESTED_ITEM.search(text) or _LONE_COLON.search("\n" + text) or _INDENTED in text:
        return False
    if not _is_known(text) and not _are_plain(text):
        return False
    _remember(_lines, [line for line in new if len(line) < _LONGEST_LINE])
    return True


def _is_known(text: str) -> bool:
    """Tell whether all pieces between spaces and line breaks are known, or prove to be plain wherever they stand."""
    new = {piece for piece in text.split() if piece not in _pieces}
    if new and not _are_plain("\n".join(new) + "\n"):
        return False
    _remember(_pieces, [piece for piece in new if len(piece) < _LONGEST_WORD])
    return True


def _remember(memo: set[str], new: list[str]) -> None:
    if len(memo) + len(new) > _MEMO_SIZE:
        memo.clear()
    memo.update(new)


def _are_plain(text: str) -> bool:
    """Tell whether all words that stand where a value can begin are what they look like."""
    return all(map(_is_plain, _WORDS.findall("\n" + text)))


@lru_cache(_MEMO_SIZE)
def _is_plain(word: str) -> bool:
    """Tell whether `word` is a value, or a key with its colon, that is what it looks like."""
    value = resolve(word.removesuffix(":"))
    is_odd = word[0] in _SIGNS or type(value) is Odd or (word.endswith(":") and type(value) is not str)
    return len(word) < _LONGEST_WORD and not is_odd


def _is_sound(data: dict[str, Any]) -> bool:
    """Tell whether all keys are text on one line (a line break reads as a space), and nothing is nested too deep."""
    keys: list[str] = []
    try:
        names = "".join(keys) if _gather(data, keys, MAX_DEPTH) else " "
    except TypeError:  # a key that is no text
        return False
    return " " not in names and "\n" not in names


def _gather(node: Any, keys: list[str], depth: int) -> bool:
    """Add the keys of all mappings in `node` to `keys`; False where they are more than `depth` levels deep."""
    if type(node) is dict:
        keys += node
        node = node.values()
    for item in node:
        kind = type(item)
        if kind is not str and (kind is dict or kind is list) and (depth == 1 or not _gather(item, keys, depth - 1)):
            return False
    return True
