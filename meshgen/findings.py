"""Gathers what is wrong with one document, so that a person is told all of it in one run."""

from __future__ import annotations

from meshgen.diagnostic import Diagnostic, Severity
from meshgen.document import Document, KeyPath


class Findings:
    """The diagnostics of one document, each placed by the path of the value that it is about."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.diagnostics: list[Diagnostic] = []

    def error(self, code: str, path: KeyPath, message: str, hint: str = "") -> None:
        """Note a mistake at `path` of the document (or at its nearest ancestor that is written down)."""
        self._add(code, path, message, hint, Severity.ERROR)

    def warn(self, code: str, path: KeyPath, message: str, hint: str = "") -> None:
        """Note something that works, but hardly as it was meant."""
        self._add(code, path, message, hint, Severity.WARNING)

    @property
    def failed(self) -> bool:
        """Whether an error is among them."""
        return any(each.severity is Severity.ERROR for each in self.diagnostics)

    def _add(self, code: str, path: KeyPath, message: str, hint: str, severity: Severity) -> None:
        location = self.document.locate(path)
        diagnostic = Diagnostic(location, code, severity, message, dotted(path), hint)
        if diagnostic not in self.diagnostics:
            self.diagnostics.append(diagnostic)


def dotted(path: KeyPath) -> str:
    """A path as people write it: `spec.routes.0.to`."""
    return ".".join(str(step) for step in path)
