"""Text that holds several objects: a large list of them, such as kubectl prints, and JSON without anything between.

As one document a list would be in memory as a whole, at twenty times its size. Each item is a document in itself, so it
is cut out and read alone. Cutting looks at the beginnings of lines only: where that may be wrong, an item does not read
without faults, and the document is to be read as one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from meshgen import goyaml

LARGE = 200_000
"""Characters from which a document is taken apart."""

_ITEMS = re.compile(r"^items:[ \t]*(?:#.*)?\n(?:[ \t]*(?:#.*)?\n)*(?=( *)- )", re.MULTILINE)
_END = re.compile(r"^[^\s#-]", re.MULTILINE)
_CONTENT = re.compile(r"[^ \t\n\r]|\Z")
_NEXT = re.compile(r"\s*\{")

_decode = json.JSONDecoder().raw_decode


class Item(NamedTuple):
    """The text of an item, and the line and column, from 0, where it begins in its document."""

    line: int
    column: int
    text: str


def items(chunk: str) -> Iterator[Item] | None:
    """The items of a document whose kind ends in `List`; None where it is none, or not one to be taken apart."""
    try:
        spans = _json(chunk) if chunk.lstrip().startswith("{") else _yaml(chunk)
    except (ValueError, IndexError, RecursionError):  # no JSON, or none that this reads
        return None
    return None if spans is None else _cut(chunk, spans)


def stream(chunk: str) -> Iterator[Item]:
    """JSON objects one behind the other, as kubectl takes them; none where it is not that."""
    spans, at = [], 0
    while match := _NEXT.match(chunk, at):
        try:
            _, at = _decode(chunk, match.end() - 1)
        except (ValueError, RecursionError):
            return iter(())
        spans.append((match.end() - 1, at))
    return iter(()) if chunk[at:].strip() else _cut(chunk, spans)


def _cut(chunk: str, spans: list[tuple[int, int]]) -> Iterator[Item]:
    line = counted = 0
    for start, end in spans:
        line += chunk.count("\n", counted, start)
        counted = start
        begin = chunk.rfind("\n", 0, start) + 1
        if chunk[start] == "{":
            yield Item(line, start - begin, chunk[start:end])
        else:  # with its dash: a space instead leaves all that follows in its column
            yield Item(line, 0, f"{chunk[begin:start]} {chunk[start + 1 : end]}")


def _yaml(chunk: str) -> list[tuple[int, int]] | None:
    """Where the items begin, at their dashes, and end."""
    if (found := _ITEMS.search(chunk)) is None:
        return None
    last = _END.search(chunk, found.end())
    end = last.start() if last else len(chunk)
    if not _is_list(*goyaml.load(f"{chunk[: found.start()]}items: []\n{chunk[end:]}")):
        return None
    dash = re.compile(rf"^{found[1]}-(?=[ \n])", re.MULTILINE)
    starts = [each.end() - 1 for each in dash.finditer(chunk, found.end(), end)]
    return list(zip(starts, [*(each - len(found[1]) for each in starts[1:]), end], strict=True))


def _json(chunk: str) -> list[tuple[int, int]] | None:
    """Where the items begin and end. Raises ValueError and IndexError where it is no JSON, or an item no object."""
    spans: list[tuple[int, int]] = []
    said: dict[str, Any] = {}
    at, sign = _after(chunk, 0) + 1, ","
    while sign == ",":
        key, at = _decode(chunk, _after(chunk, at))
        colon = _after(chunk, at)
        at = _after(chunk, colon + 1)
        if chunk[colon] != ":" or not isinstance(key, str) or key in said:
            return None
        if key == "items" and chunk[at] == "[":
            said[key], at = [], _cut_json(chunk, at + 1, spans)
        else:
            said[key], at = _decode(chunk, at)
        at = _after(chunk, at)
        sign, at = chunk[at], at + 1
    return spans if sign == "}" and not chunk[at:].strip() and _is_list(said, []) else None


def _cut_json(chunk: str, at: int, spans: list[tuple[int, int]]) -> int:
    """Note where each item of an array begins and ends; returns where the array ends. Raises as `_json`."""
    sign = ","
    while sign == ",":
        start = _after(chunk, at)
        _, end = _decode(chunk, start)
        if chunk[start] != "{":
            raise ValueError(chunk[start])
        spans.append((start, end))
        at = _after(chunk, end)
        sign, at = chunk[at], at + 1
    if sign != "]":
        raise ValueError(sign)
    return at


def _after(chunk: str, at: int) -> int:
    """Where the space ends that begins here."""
    found = _CONTENT.search(chunk, at)
    return found.start() if found else at


def _is_list(data: Any, faults: list[Any]) -> bool:
    """Whether what stands around the items makes a list of them, as `kubectl` does."""
    return not faults and isinstance(data, dict) and "items" in data and str(data.get("kind")).endswith("List")
