"""What is wrong, where, and what to do: the one form in which meshgen speaks of a person's mistake."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple


class Location(NamedTuple):
    """A place in a file. Line and column count from 1; 0 means the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


class Severity(Enum):
    """How much a diagnostic matters: an error stops the run, a warning does so with `--strict`."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Diagnostic(NamedTuple):
    """Something wrong, said once, the same way everywhere."""

    location: Location
    code: str
    severity: Severity
    message: str
    subject: str = ""
    hint: str = ""
    others: int = 0
    """How many further objects, or places in objects, come of the same line and have it too."""

    @property
    def where(self) -> str:
        """The subject, and how many more there are."""
        return f"{self.subject} and {self.others} more" if self.others else self.subject

    @property
    def sort_key(self) -> tuple[Location, str, str, str]:
        """Reading order: file, line, column, then code, words and object."""
        return self.location, self.code, self.message, self.subject


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics in reading order, each once: one line of a spec can be in many objects."""
    told: dict[tuple[object, ...], Diagnostic] = {}
    for each in sorted(set(diagnostics), key=lambda each: each.sort_key):
        said, _, _ = each.message.partition("; there ")  # what there is instead can differ between objects
        key = each.location, each.code, said, "" if each.location.line else each.subject
        first = told.get(key)
        told[key] = each if first is None else first._replace(others=first.others + each.others + 1)
    return list(told.values())


class MeshgenError(Exception):
    """A stage cannot go on. Carries every diagnostic that it gathered."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__(*diagnostics)
        self.diagnostics = tuple(sorted(diagnostics, key=lambda diagnostic: diagnostic.sort_key))

    def __str__(self) -> str:
        return "\n".join(
            f"{each.location}: {each.severity.value} {each.code}: {each.message}" for each in self.diagnostics
        )
