"""YAML text to documents: data, and on demand the place of each value in the file that a person edits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from meshgen import fault, quick
from meshgen.diagnostic import Diagnostic, Location, Severity
from meshgen.fault import Fault, KeyPath
from meshgen.ownership import STDIN
from meshgen.quick import read_output

if TYPE_CHECKING:
    from meshgen.events import Place

__all__ = ["MAX_SIZE", "Broken", "Document", "KeyPath", "Parsed", "empty", "parse", "read_output", "split"]

MAX_SIZE = 64 * 1024 * 1024
"""The largest file that is read, in bytes (or characters)."""

# A line that begins so ends the document before it, wherever it stands (YAML 1.2.2, section 9.1.2).
_MARKER = re.compile(r"^(?:---|\.\.\.)(?=[ \t\r\n]|\Z)", re.MULTILINE)
_NOTHING = re.compile(r"(?:---)?(?:[ \t\r\n]++|(?<![^ \t\r\n])#[^\n]*+)*+\Z")
# Not what YAML 1.2 calls printable, or a line break to YAML 1.1 alone, a byte order mark, a lone carriage return.
_FORBIDDEN = r"[^\t\n\r -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|\r(?!\n)"
_NAME = re.compile(r"""\bname["']?[ \t]*:[ \t]*["']?([A-Za-z0-9][A-Za-z0-9._-]*)""")
_LINE = re.compile(r"--- *\n")


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document (a mapping), and the way back from its values to its text."""

    data: dict[str, Any]
    file: str
    """The file's name for messages."""
    label: str = field(default="", compare=False)
    """The file's name for the first line of what is made from it."""
    text: str = field(default="", repr=False)
    """The whole file, with the documents beside this one."""
    start: int = 0
    """Where the document begins in `text`, in characters."""
    end: int = 0

    def locate(self, path: KeyPath) -> Location:
        """Give the place of the key or list item at `path`, or of the nearest one above it that is written."""
        place = self._nearest(path)
        return Location(self.file, self._line + place.line + 1, place.column + 1)

    def locate_value(self, path: KeyPath) -> Location:
        """Give the place where the value at `path` begins, or as `locate` does where there is none."""
        place = self._nearest(path)
        if path not in self._places:
            return self.locate(path)
        return Location(self.file, self._line + place.value_line + 1, place.value_column + 1)

    def written(self, path: KeyPath) -> str | None:
        """Give the scalar at `path` as it is written, with its quotes; None for all else."""
        place = self._places.get(path)
        if place is None or place.style is None:
            return None
        return self.text[self.start + place.start : self.start + place.end]

    def replace(self, path: KeyPath, value: str) -> str:
        """Give the file's text with the scalar at `path` written as `value`, and every other byte kept.

        Raises KeyError where no scalar stands at `path`.
        """
        place = self._places.get(path)
        if place is None or place.style is None:
            raise KeyError(path)
        start, end = self.start + place.start, self.start + place.end
        if start == end:
            value = " " + value
        elif place.style in ("|", ">"):
            value += "\n"
        return self.text[:start] + value + self.text[end:]

    @property
    def _line(self) -> int:
        return self.text.count("\n", 0, self.start)

    @property
    def _places(self) -> dict[KeyPath, Place]:
        return _places(self.text[self.start : self.end])

    def _nearest(self, path: KeyPath) -> Place:
        places = self._places
        while path not in places:
            path = path[:-1]
        return places[path]


class Broken(NamedTuple):
    """A document that was set aside for its mistakes."""

    file: str
    label: str
    text: str
    """The document's own text."""
    line: int
    """Its first line in the file, from 1."""

    def names(self) -> set[str]:
        """Give whatever stands behind a `name:` in it, so that others who refer to it are not called wrong."""
        return set(_NAME.findall(self.text))


class Parsed(NamedTuple):
    """All documents of a file, those that were set aside, and why."""

    documents: list[Document]
    broken: list[Broken]
    diagnostics: list[Diagnostic]


def parse(text: bytes | str, file: str, label: str = "") -> Parsed:
    """Read all documents of a file: whatever is wrong with one of them hides nothing of the others."""
    parsed = Parsed([], [], [])
    content = _decode(text)
    if isinstance(content, _Unreadable):
        parsed.broken.append(Broken(file, label, content.text, 1))
        parsed.diagnostics.append(_diagnostic(file, 0, content.reason))
        return parsed
    line = counted = 0
    for start, end in split(content):
        chunk = content[start:end]
        if _NOTHING.match(chunk):
            continue
        data = quick.read(_LINE.sub("", chunk, count=1) if chunk.startswith("---") else chunk)
        faults: list[Fault] = []
        if data is None:
            data, faults = _careful(chunk)
        if faults or data is None:
            line += content.count("\n", counted, start)
            counted = start
            parsed.broken.append(Broken(file, label, chunk, line + 1))
            parsed.diagnostics.extend(_diagnostic(file, line, each) for each in faults)
        else:
            parsed.documents.append(Document(data, file, label, content, start, end))
    if not parsed.documents and not parsed.broken:
        parsed.diagnostics.append(empty(file, content))
    return parsed


class _Unreadable(NamedTuple):
    reason: Fault
    text: str


def _decode(text: bytes | str) -> str | _Unreadable:
    """Decode UTF-8; bytes that are none become surrogates, so that each document is told of its own."""
    if len(text) > MAX_SIZE:
        message = f"the file is larger than {MAX_SIZE // 1024 // 1024} MiB"
        return _Unreadable(Fault(-1, -1, "MG008", message, "split it into several files"), "")
    if isinstance(text, str):
        return text
    if text.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in text[:2]:
        codec = "utf-16" if text[0] > 0xF0 else ("utf-16-le" if text[1] == 0 else "utf-16-be")
        reason = Fault(-1, -1, "MG005", "the file is not UTF-8 but UTF-16", "save it as UTF-8")
        return _Unreadable(reason, text.decode(codec, "replace"))
    return text.decode("utf-8", "surrogateescape")


def split(text: str) -> Iterator[tuple[int, int]]:
    """Give where each document begins (with its `---` line) and ends. What `...` says of the next is its own line."""
    start = 0
    if "---" in text or "..." in text:
        for match in _MARKER.finditer(text):
            if match.start() > start:
                yield start, match.start()
            start = match.start() if match[0] == "---" else match.end()
    if start < len(text):
        yield start, len(text)


def _careful(chunk: str) -> tuple[Any, list[Fault]]:
    """Read with everything in sight: data, and what is wrong with it."""
    if match := re.search(_FORBIDDEN, chunk):
        line = chunk.count("\n", 0, match.start())
        column = match.start() - (chunk.rfind("\n", 0, match.start()) + 1)
        return None, [Fault(line, column, "MG005", *fault.character(match[0]))]
    from meshgen import events  # PyYAML takes 40 ms to import, and most runs need nothing of it

    data, faults = events.read(chunk)
    if not faults and type(data) is not dict:
        line, column = events.beginning(chunk)
        return None, [Fault(line, column, "MG009", *fault.no_mapping(data))]
    return data, faults


def _diagnostic(file: str, line: int, found: Fault) -> Diagnostic:
    message = found.message
    if found.also:
        message += f" at {line + found.also[0] + 1}:{found.also[1] + 1}"
    location = Location(file, line + found.line + 1, found.column + 1)
    return Diagnostic(location, found.code, Severity.ERROR, message, hint=found.hint)


def empty(file: str, text: str) -> Diagnostic:
    """Tell that a file, whose content is `text`, holds no document."""
    what, hint = "the file", "write a document into it, or remove it"
    if file == STDIN:
        what, hint = "standard input", "the program before the pipe wrote no document"
    message = f"{what} holds no document, only comments or blank lines" if text else f"{what} is empty"
    return Diagnostic(Location(file), "MG006", Severity.ERROR, message, hint=hint)


@lru_cache(maxsize=64)
def _places(text: str) -> dict[KeyPath, Place]:
    from meshgen import events

    return events.places(text)
