"""Gathers what is wrong with one document, so that a person is told all of it in one run."""

from __future__ import annotations

from collections.abc import Collection

from meshgen.diagnostic import Diagnostic, Severity
from meshgen.document import Document, KeyPath


class Findings:
    """The diagnostics of one document, each placed by the path of the value that it is about."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.diagnostics: list[Diagnostic] = []
        self.failed = False
        """Whether an error is among them that keeps the document's objects from being made."""

    def error(self, code: str, path: KeyPath, message: str, hint: str = "", *, stops: bool = True) -> None:
        """Note a mistake at `path` of the document (or at its nearest ancestor that is written down).

        It stops the run either way. Unless it `stops` the document too, that is looked at further.
        """
        self._add(code, path, message, hint, Severity.ERROR)
        self.failed = self.failed or stops

    def warn(self, code: str, path: KeyPath, message: str, hint: str = "") -> None:
        """Note something that works, but hardly as it was meant."""
        self._add(code, path, message, hint, Severity.WARNING)

    def are_in(self, parts: Collection[str]) -> bool:
        """Whether all of them are in some parts of the spec."""
        return all(each.subject.split(".")[:2][-1] in parts for each in self.diagnostics)

    def _add(self, code: str, path: KeyPath, message: str, hint: str, severity: Severity) -> None:
        location = self.document.locate(path)
        diagnostic = Diagnostic(location, code, severity, message, dotted(path), hint)
        if diagnostic not in self.diagnostics:
            self.diagnostics.append(diagnostic)


def dotted(path: KeyPath) -> str:
    """A path as people write it: `spec.routes.0.to`."""
    return ".".join(str(step) for step in path)
