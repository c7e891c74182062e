"""An object as it stands in a file that somebody wrote, and the places of its values."""

from __future__ import annotations

import marshal
from functools import lru_cache
from typing import Any, NamedTuple

from meshgen import editing, goyaml
from meshgen.diagnostic import Location
from meshgen.editing import Change
from meshgen.fault import KeyPath
from meshgen.spool import Place, Spool


class Written:
    """An object in a file that somebody wrote: its text and data lie in a spool, its places are found by reading again."""

    __slots__ = ("_column", "_data", "_file", "_line", "_path", "_spool", "_text")

    def __init__(
        self, spool: Spool, file: str, start: tuple[int, int], path: KeyPath, text: Place, data: Place
    ) -> None:
        """`start` is where the text of its document begins in the file: line and column, from 0."""
        self._spool, self._file, self._path = spool, file, path
        self._line, self._column = start
        self._text, self._data = text, data

    @property
    def text(self) -> str:
        """The YAML of the document that the object stands in."""
        return self._spool.read(self._text).decode()

    @property
    def data(self) -> dict[str, Any]:
        """The object as plain data, made anew at each call."""
        data: dict[str, Any] = marshal.loads(self._spool.read(self._data))  # noqa: S302 - packed by this program
        return data

    def locate(self, path: KeyPath) -> Location:
        """The place of the value at `path` (of a mapping or list, its key's), or of the nearest one above it."""
        node = _nodes(self._spool, self._text)
        line, column = goyaml.place(node, (*self._path, *path)) if node is not None else (0, 0)
        line, column = self._in_file(line, column)
        return Location(self._file, line + 1, column + 1)

    def edits(self, path: KeyPath, change: Change) -> list[Edit]:
        """The pieces of the file to write anew for a change of the scalar at `path`.

        None where there is no scalar in one line, or where several places may share it.
        """
        node = _nodes(self._spool, self._text)
        text = self.text
        found = goyaml.scalar(node, (*self._path, *path)) if node is not None and "&" not in text else None
        if node is None or found is None or found[0][0] != found[1][0]:
            return []
        made = editing.edits(text.split("\n"), node, (*self._path, *path), found, change)
        return [Edit(self._file, self._in_file(*start), self._in_file(*end), new) for start, end, new in made]

    def _in_file(self, line: int, column: int) -> tuple[int, int]:
        return self._line + line, column if line else self._column + column


class Edit(NamedTuple):
    """A piece of a file, lines and columns from 0, and the text to write in its place."""

    file: str
    start: tuple[int, int]
    end: tuple[int, int]
    text: str


@lru_cache(maxsize=4)
def _nodes(spool: Spool, text: Place) -> goyaml.Node | None:
    """The nodes of a document: where there is one finding in it, there often are more."""
    return goyaml.compose(spool.read(text).decode()).node
