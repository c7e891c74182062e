"""How kubectl reads YAML: all that Go's reader takes, as data, and the place of each value in the text."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import yaml
from yaml.events import AliasEvent, MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent

from meshgen import fault, quick, syntax
from meshgen.events import Parser, snag
from meshgen.fault import MAX_DEPTH, Fault, KeyPath
from meshgen.plain import MEANINGS, Odd

_LARGEST = 2**63
_TRUE = frozenset(["y", "Y", "yes", "Yes", "YES", "on", "On", "ON"])
_FALSE = frozenset(["n", "N", "no", "No", "NO", "off", "Off", "OFF"])
# The only words that the quick reader takes for text and Go does not.
_YES_OR_NO = re.compile(r"(?<![\w.-])[yYnN](?![\w.:-])")
_MOST_VALUES = 2_000_000
"""Values of one document, aliases followed: more is a bomb (go-yaml gives up in the same way)."""


class Node(NamedTuple):
    """A value where it stands: a scalar, a list of nodes, or a mapping of keys to their place and node."""

    place: tuple[int, int]
    """Line and column, from 0."""
    end: tuple[int, int]
    value: Any


class Result(NamedTuple):
    """What a document says, and what is wrong with it. Without `node` it could not be read."""

    node: Node | None
    faults: list[Fault]


def load(text: str) -> tuple[Any, list[Fault]]:
    """Give the data of one document (None if it says nothing or cannot be read) and the faults in it.

    Anchors, aliases and merge keys are followed, keys become text, and plain words mean what they mean to Go
    (sigs.k8s.io/yaml over go-yaml v2): `yes` is true, 0755 is 493, dates are text. A key written twice is a fault,
    and its last value counts.
    """
    body = text[text.index("\n") + 1 :] if text.startswith("---\n") else text
    data: Any = None if _YES_OR_NO.search(body) else quick.read(body)
    if data is not None:
        return data, []
    node, faults = compose(text)
    if node is None:
        return None, faults
    count = [0]
    try:
        return _data(node, count, {}), faults
    except _TooMuch:
        message = f"aliases make more than {_MOST_VALUES} values of it"
        return None, [*faults, Fault(0, 0, "MG008", message, "write the values where they are needed")]


def compose(text: str) -> Result:
    """Read one document to nodes. Raises nothing: a syntax error is the last of the faults."""
    reader = _Reader(text)
    try:
        return Result(reader.document(), reader.faults)
    except yaml.MarkedYAMLError as error:
        return Result(None, [*reader.faults, syntax.explain(snag(error), text)])
    except yaml.YAMLError:
        return Result(None, [*reader.faults, Fault(0, 0, "MG005", "a character that YAML does not allow", "drop it")])
    except _Stop as stop:
        return Result(None, [*reader.faults, stop.args[0]])
    except ValueError:
        return Result(None, [Fault(0, 0, "MG001", "an escape in double quotes gives no Unicode character", "")])


def scalar(node: Node, path: KeyPath) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Tell where the scalar at `path` begins and ends; None where there is none."""
    for step in path:
        if isinstance(node.value, dict) and step in node.value:
            node = node.value[step][1]
        elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
        else:
            return None
    return None if isinstance(node.value, (dict, list)) else (node.place, node.end)


def place(node: Node, path: KeyPath) -> tuple[int, int]:
    """Tell where the value at `path` stands, or the nearest one above it; of a mapping or list, its key."""
    found = node.place
    for step in path:
        if isinstance(node.value, dict) and step in node.value:
            key, node = node.value[step]
            found = key if isinstance(node.value, (dict, list)) else node.place
        elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            found = node.place
        else:
            break
    return found


class _Stop(Exception):
    """Reading ends here, with a fault."""


class _TooMuch(Exception):
    """The document is a bomb."""


def _data(node: Node, count: list[int], memo: dict[int, tuple[Any, int]]) -> Any:
    """The plain data of a node. A node that several aliases mean is made once, and counted each time."""
    known = memo.get(id(node))
    if known is not None:
        count[0] += known[1]
        data = known[0]
    else:
        before = count[0]
        count[0] += 1
        if isinstance(node.value, dict):
            data = {key: _data(below, count, memo) for key, (_, below) in node.value.items()}
        elif isinstance(node.value, list):
            data = [_data(below, count, memo) for below in node.value]
        else:
            data = node.value
        memo[id(node)] = data, count[0] - before
    if count[0] > _MOST_VALUES:
        raise _TooMuch
    return data


class _Reader:
    def __init__(self, text: str) -> None:
        self.faults: list[Fault] = []
        self._next = Parser(text).get_event
        self._anchors: dict[str, Node] = {}

    def document(self) -> Node | None:
        self._next()
        event = self._next()
        if type(event).__name__ == "StreamEndEvent":
            return None
        node = self._node(self._next(), 0)
        for _ in ("document", "stream"):  # a second document cannot begin here, but a syntax error can
            self._next()
        return node

    def _node(self, event: Any, depth: int) -> Node:
        mark = event.start_mark
        here = (mark.line, mark.column)
        if type(event) is AliasEvent:
            name = str(event.anchor)
            known = self._anchors.get(name)
            if known is None:
                raise _Stop(Fault(*here, "MG001", f"nothing is named '&{fault.short(name)}'", "name it first"))
            return known
        if depth > MAX_DEPTH:
            raise _Stop(Fault(*here, "MG008", f"nested deeper than {MAX_DEPTH} levels", "write it flatter"))
        if type(event) is ScalarEvent:
            end: Any = event.end_mark
            node = Node(here, (end.line, end.column), _scalar(event))
        elif type(event) is MappingStartEvent:
            node = Node(here, here, self._mapping(depth + 1))
        else:
            items = []
            while type(below := self._next()) is not SequenceEndEvent:
                items.append(self._node(below, depth + 1))
            node = Node(here, here, items)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _mapping(self, depth: int) -> dict[str, tuple[tuple[int, int], Node]]:
        found: dict[str, tuple[tuple[int, int], Node]] = {}
        merged: list[Node] = []
        while type(event := self._next()) is not MappingEndEvent:
            mark = event.start_mark
            key = self._node(event, depth)
            value = self._node(self._next(), depth)
            if type(event) is ScalarEvent and not event.style and event.value == "<<":
                merged += value.value if isinstance(value.value, list) else [value]
                continue
            name = _key(key.value)
            if name is None:
                message, hint = fault.no_text("{")
                raise _Stop(Fault(mark.line, mark.column, "MG003", message, hint))
            if name in found:
                also = found[name][0]
                message = f"key '{fault.short(name)}' is written twice; first"
                self.faults.append(Fault(mark.line, mark.column, "MG002", message, "drop one of them", also))
            found[name] = (mark.line, mark.column), value
        for node in merged:
            if isinstance(node.value, dict):
                found = node.value | found
        return found


def _scalar(event: Any) -> Any:
    text: str = event.value
    if event.style or event.tag in ("tag:yaml.org,2002:str", "!"):
        return text
    value = MEANINGS[text]
    if type(value) is Odd or text in ("y", "Y", "n", "N"):
        return _meant(text)
    return value


def _meant(text: str) -> Any:
    """What Go makes of a plain word that readers do not agree on."""
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    digits = text.replace("_", "") if text[0] not in "_." else text
    try:
        if digits.lstrip("+-").startswith("0") and digits.lstrip("+-").isdigit() and len(digits.lstrip("+-")) > 1:
            return int(digits, 8)
        return int(digits, 0)
    except ValueError:
        pass
    try:
        number = float(digits)
    except ValueError:
        return text
    if not abs(number) < float("inf"):
        return text
    return int(number) if number.is_integer() and abs(number) < _LARGEST else number


def _key(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value) if isinstance(value, (int, float)) else None
