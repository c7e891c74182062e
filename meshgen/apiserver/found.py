"""What the rules found in one object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from meshgen.fault import KeyPath
from meshgen.refusal import described

Object = dict[str, Any]
Data = Mapping[str, Any]
"""A whole object."""


class Finding(NamedTuple):
    """One thing that is wrong in an object, at `path`."""

    code: str
    path: KeyPath
    message: str
    hint: str


class Found:
    """Gathers what is wrong in one object, for one version of Kubernetes.

    `claimed` are the volumes that come of a StatefulSet's volumeClaimTemplates.
    """

    __slots__ = ("claimed", "findings", "kubernetes")

    def __init__(self, kubernetes: str) -> None:
        self.kubernetes = kubernetes
        self.findings: list[Finding] = []
        self.claimed: frozenset[str] = frozenset()

    def refuse(self, path: KeyPath, message: str, hint: str = "") -> None:
        """Note what kube-apiserver refuses."""
        self.findings.append(Finding("MG305", path, message, hint))

    def doubt(self, path: KeyPath, message: str, hint: str = "") -> None:
        """Note what kube-apiserver takes, and what cannot work as it is written."""
        self.findings.append(Finding("MG306", path, message, hint))

    def unknown(self, path: KeyPath, value: Any, words: Sequence[str]) -> None:
        """Note a value that is none of those possible."""
        near = get_close_matches(str(value), words, n=1)
        hint = f"did you mean {near[0]!r}?" if near else ""
        self.refuse(path, f"takes {either(words)}, not {described(value)}", hint)

    def twice(self, path: KeyPath, what: str) -> None:
        """Note the second of two equal things."""
        self.refuse(path, f"{what} stands here twice", "drop one of them")


def either(words: Sequence[str]) -> str:
    """Several words, of which one is chosen."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
