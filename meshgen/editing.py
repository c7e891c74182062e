"""How a change of a value is written into YAML or JSON so that all around it stays as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from meshgen.fault import KeyPath

if TYPE_CHECKING:
    from meshgen.goyaml import Node

Place = tuple[int, int]
"""Line and column, from 0."""


class Rename(NamedTuple):
    """The key of a scalar, and the scalar, are to be written anew."""

    key: str
    value: dict[str, Any]


class Beside(NamedTuple):
    """A key is to be written behind a scalar, into the same mapping."""

    key: str
    value: dict[str, Any]


Change = str | Rename | Beside
"""What is to be done at a scalar; a text is to stand there instead."""


def edits(
    lines: Sequence[str], node: Node, path: KeyPath, scalar: tuple[Place, Place], change: Change
) -> Iterator[tuple[Place, Place, str]]:
    """Where to write what, for the scalar at `path` of a document, which stands in a line; nothing where that is unsure."""
    (line, start), (_, end) = scalar
    if isinstance(change, str):
        yield *scalar, _quoted(change, lines[line][start:end])
        return
    mapping = _at(node, path[:-1])
    row, column = mapping.value[path[-1]][0]
    key = lines[row][column : column + len(str(path[-1])) + 2]
    is_quoted = key == f'"{path[-1]}"'
    if row != line or not (is_quoted or key.startswith(str(path[-1]))):
        return
    value = _flow(change.value, is_quoted=is_quoted)
    name = json.dumps(change.key) if is_quoted else change.key
    if isinstance(change, Rename):
        behind_key = column + len(str(path[-1])) + 2 * is_quoted
        yield (line, column), (line, end), name + lines[line][behind_key:start] + value
    elif lines[mapping.place[0]][mapping.place[1] :].startswith("{"):
        yield (line, end), (line, end), f", {name}: {value}"
    elif lines[line][end:].partition("#")[0].strip() == "":
        last = len(lines[line])
        yield (line, last), (line, last), f"\n{' ' * column}{name}: {value}"


def _at(node: Node, path: KeyPath) -> Node:
    for step in path:
        node = node.value[step][1] if isinstance(node.value, dict) else node.value[step]
    return node


def _quoted(text: str, old: str) -> str:
    """The text in the quotes of the old one, if it has some: in JSON it must."""
    if old.startswith('"'):
        return json.dumps(text)
    return "'" + text.replace("'", "''") + "'" if old.startswith("'") else text


def _flow(value: dict[str, Any], *, is_quoted: bool) -> str:
    if is_quoted:
        return json.dumps(value)
    return "{" + ", ".join(f"{key}: {json.dumps(each)}" for key, each in value.items()) + "}"
