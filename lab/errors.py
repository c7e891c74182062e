"""What can go wrong in a lab, each with the words that a person needs."""

from __future__ import annotations

from collections.abc import Mapping


class LabError(Exception):
    """Any fault of the lab; its text says what happened."""


class Missing(LabError):
    """This machine cannot run a lab; the text is one line that names what is missing."""


class Late(LabError):
    """Something awaited did not come in time; the text says what, and what was seen last."""


class ProgramDied(LabError):
    """A program of the lab ended by itself; the text names it and has the last lines of its log."""

    def __init__(self, name: str, ending: str, tail: str) -> None:
        super().__init__(
            f"{name} {ending}; its log ends with:\n{tail}" if tail else f"{name} {ending}; its log is empty"
        )
        self.name = name
        self._again = (name, ending, tail)

    def again(self) -> ProgramDied:
        """The same fault as a new exception, for the next one who asks."""
        return ProgramDied(*self._again)


class ApiError(LabError):
    """kube-apiserver answered a request with an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Refused(LabError):
    """kube-apiserver refused objects; `reasons` has its words for each of them."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        super().__init__("\n".join(f"{name}: {reason}" for name, reason in reasons.items()))
        self.reasons = dict(reasons)
