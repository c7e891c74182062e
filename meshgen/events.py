"""The door to PyYAML: one YAML document's text to data, to the faults in it, or to the places of its values."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import yaml
from yaml.events import AliasEvent, MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent

from meshgen import fault, syntax
from meshgen.fault import MAX_DEPTH, Fault, KeyPath
from meshgen.plain import MEANINGS, Odd, quote
from meshgen.syntax import Snag

# PyYAML without libyaml is slower, and knows less about what is wrong with a text.
Parser: Any = yaml.Loader
if yaml.__with_libyaml__:
    from yaml._yaml import CParser

    Parser = CParser

# What an escape in double quotes can make, and the emitter could not write again.
_UNWRITABLE = re.compile("[\x00\ud800-\udfff\ufffe\uffff]")
_PROPERTY = re.compile(r"(!<[^>\s]*>|[&*!][^\s,\[\]{}]*)[ \t]*")

_PROPERTIES = {
    "&": ("anchors", "write the value at each place"),
    "*": ("aliases", "write the value itself, or put it into quotes if it is text"),
    "!": ("tags", "drop the tag, or put the value into quotes if it is text"),
}


class Place(NamedTuple):
    """Where a value stands in its document's text: lines and columns from 0, offsets in characters."""

    line: int
    column: int
    """Where to point at: the key, or the value itself in a list or at the top."""
    value_line: int
    value_column: int
    start: int
    end: int
    style: str | None
    """Of a scalar: "" for plain, or its quote or block sign; None for mappings and lists."""


class Result(NamedTuple):
    """What a document says, and all that is wrong with it. With faults, `data` is not to be used."""

    data: Any
    faults: list[Fault]


def read(text: str) -> Result:
    """Read one document (at most a `---` line, then content). Faults are gathered up to the first syntax error."""
    reader = _Reader(text)
    try:
        data = reader.document()
    except yaml.MarkedYAMLError as error:
        found = syntax.explain(snag(error), text)
        if all(found[:2] != other[:2] for other in reader.faults):
            reader.faults.append(found)
    except _TooDeep as error:
        reader.faults.append(error.args[0])
    except ValueError:  # from PyYAML's own parser alone: "\U00110000" is given to chr()
        reader.faults.append(Fault(0, 0, "MG001", "an escape in double quotes gives no Unicode character", ""))
    else:
        return Result(data, reader.faults)
    return Result(None, reader.faults)


def beginning(text: str) -> tuple[int, int]:
    """Tell the line and column, from 0, where the value of one faultless document begins."""
    place = places(text)[()]
    return place.line, place.column


def places(text: str) -> dict[KeyPath, Place]:
    """Tell where each value of one faultless document stands, its top (the empty path) included."""
    found: dict[KeyPath, Place] = {}
    get = Parser(text).get_event
    get(), get()
    _place((), None, get(), get, found)
    return found


def _place(path: KeyPath, key: Any, event: Any, get: Callable[[], Any], found: dict[KeyPath, Place]) -> None:
    start = event.start_mark
    style = (event.style or "") if type(event) is ScalarEvent else None
    mark = key or start
    found[path] = Place(mark.line, mark.column, start.line, start.column, start.index, event.end_mark.index, style)
    if style is not None:
        return
    if type(event) is MappingStartEvent:
        while type(event := get()) is not MappingEndEvent:
            _place((*path, event.value), event.start_mark, get(), get, found)
    else:
        position = 0
        while type(event := get()) is not SequenceEndEvent:
            _place((*path, position), None, event, get, found)
            position += 1
    found[path] = found[path]._replace(end=event.end_mark.index)


def snag(error: yaml.MarkedYAMLError) -> Snag:
    """Where PyYAML stopped, in its own words."""
    mark: Any = error.problem_mark or error.context_mark
    start = error.context_mark or mark
    return Snag(error.problem or "", error.context or "", mark.line, mark.column, start.line, start.column)


class _TooDeep(Exception):
    """Reading stops: the document goes deeper than MAX_DEPTH."""


class _Reader:
    """Builds data from the events of one document; what must not be is gathered in `faults`, with its place."""

    def __init__(self, text: str) -> None:
        self.faults: list[Fault] = []
        self._text = text
        self._next = Parser(text).get_event
        self._escapes = "\\" in text
        self._anchors: set[str] = set()

    def document(self) -> Any:
        for _ in ("stream", "document"):
            self._next()
        data = self._node(self._next(), 0)
        for _ in ("document", "stream"):  # a second document cannot begin here, but a syntax error can
            self._next()
        return data

    def _node(self, event: Any, depth: int) -> Any:
        kind = type(event)
        if kind is ScalarEvent:
            return self._scalar(event)
        if kind is AliasEvent:
            return self._alias(event)
        if event.anchor is not None or event.tag is not None:
            self._properties(event)
        if depth >= MAX_DEPTH:
            mark = event.start_mark
            message = f"nested deeper than {MAX_DEPTH} levels"
            raise _TooDeep(Fault(mark.line, mark.column, "MG008", message, "write it flatter"))
        return self._mapping(depth + 1) if kind is MappingStartEvent else self._list(depth + 1)

    def _list(self, depth: int) -> list[Any]:
        get = self._next
        items: list[Any] = []
        while type(event := get()) is not SequenceEndEvent:
            items.append(self._node(event, depth))
        return items

    def _mapping(self, depth: int) -> dict[str, Any]:
        get, node, scalar = self._next, self._node, self._scalar
        result: dict[str, Any] = {}
        marks: dict[str, Any] = {}
        while type(event := get()) is not MappingEndEvent:
            key = self._key(event, depth)
            value = get()
            value = scalar(value) if type(value) is ScalarEvent else node(value, depth)
            if key is None:
                continue
            if key in result:
                self._duplicate(key, event.start_mark, marks[key])
            else:
                result[key] = value
                marks[key] = event.start_mark
        return result

    def _scalar(self, event: Any) -> Any:
        if event.anchor is not None or event.tag is not None:
            self._properties(event)
        text = event.value
        if event.style:
            if self._escapes and event.style == '"' and (match := _UNWRITABLE.search(text)):
                self._fault(event.start_mark, "MG005", *fault.character(match[0], escaped=True))
            return text
        value = MEANINGS[text]
        if type(value) is Odd:
            self._fault(event.start_mark, "MG003", *value)
            return None
        return value

    def _key(self, event: Any, depth: int) -> str | None:
        """The text of a key; None where it is no text, which is a fault."""
        if type(event) is not ScalarEvent:
            faults = len(self.faults)
            self._node(event, depth)
            if len(self.faults) == faults:
                mark = event.start_mark
                expression = syntax.template(self._text, mark.line)
                self.faults.append(
                    expression
                    or Fault(mark.line, mark.column, "MG003", *fault.no_text(self._text[mark.index : mark.index + 80]))
                )
            return None
        if not event.style and event.value == "<<":
            hint = "write the keys here, or give the spec a value for each"
            self._fault(event.start_mark, "MG004", "merge keys ('<<') are not read", hint)
            return None
        if event.style or type(MEANINGS[event.value]) is str:
            key: str = self._scalar(event)
            return key
        if event.anchor is not None or event.tag is not None:
            self._properties(event)
        odd = MEANINGS[event.value]
        start: Any = event.start_mark
        message, hint = fault.no_text(self._text[start.index : start.index + 80])
        if type(odd) is Odd:
            message, hint = odd.message, quote(event.value)
        self._fault(start, "MG003", message, hint)
        return None

    def _alias(self, event: Any) -> None:
        """An alias is said at its anchor; one without an anchor is said once."""
        if event.anchor not in self._anchors:
            self._properties(event)

    def _properties(self, event: Any) -> None:
        """Tell of the tag, the anchor or both before a value, or of an alias."""
        mark = event.start_mark
        position = mark.index
        while match := _PROPERTY.match(self._text, position):
            kind, hint = _PROPERTIES[match[0][0]]
            message = f"{kind} ('{fault.short(match[1])}') are not read"
            self.faults.append(Fault(mark.line, mark.column + position - mark.index, "MG004", message, hint))
            position = match.end()
        if event.anchor is not None:
            self._anchors.add(event.anchor)

    def _duplicate(self, key: str, mark: Any, first: Any) -> None:
        message = f"key '{fault.short(key)}' is written twice; first"
        self.faults.append(
            Fault(mark.line, mark.column, "MG002", message, "drop one of them", (first.line, first.column))
        )

    def _fault(self, mark: Any, code: str, message: str, hint: str) -> None:
        self.faults.append(Fault(mark.line, mark.column, code, message, hint))
