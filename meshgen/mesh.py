"""Kubernetes objects as they will be applied: each as text, with the place to edit for every value in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import attrgetter
from sys import intern
from typing import Any, NamedTuple, Protocol

from meshgen.diagnostic import Location
from meshgen.document import KeyPath

KINDS = (
    "ServiceAccount",
    "Service",
    "EndpointSlice",
    "Deployment",
    "StatefulSet",
    "Gateway",
    "DestinationRule",
    "VirtualService",
)
"""The kinds that are made, in the order in which they are applied: what is referred to comes first."""

_ORDER = {kind: number for number, kind in enumerate(KINDS)}


class ObjectKey(NamedTuple):
    """What an object is called in a cluster. Sorts in the order in which objects are applied."""

    order: int
    kind: str
    namespace: str
    name: str

    @classmethod
    def of(cls, kind: str, namespace: str, name: str) -> ObjectKey:
        """The key of an object; kinds that are not made here come last."""
        # Of a hundred thousand objects, most share kind and namespace: one text each serves them all.
        return cls(_ORDER.get(kind, len(KINDS)), intern(kind), intern(namespace), name)

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


class Origin(Protocol):
    """Where an object comes from: its text, and the places in which its values were written."""

    @property
    def text(self) -> str:
        """The object's YAML, without `---`."""

    @property
    def data(self) -> dict[str, Any]:
        """The object as plain data, made anew at each call."""

    def locate(self, path: KeyPath) -> Location:
        """The place to edit for the value at `path` of the object, or for its nearest known ancestor."""


class Manifest(NamedTuple):
    """One Kubernetes object: its YAML, what it is called, and the specs that it came from."""

    key: ObjectKey
    sources: tuple[str, ...]
    origin: Origin

    @property
    def text(self) -> str:
        """The object's YAML, without `---`."""
        return self.origin.text

    @property
    def kind(self) -> str:
        """The object's kind."""
        return self.key.kind

    @property
    def namespace(self) -> str:
        """The object's namespace."""
        return self.key.namespace

    @property
    def name(self) -> str:
        """The object's name."""
        return self.key.name

    @property
    def data(self) -> dict[str, Any]:
        """The object as plain data, read anew from the text at each call: thousands of them would not fit in memory."""
        return self.origin.data

    @property
    def api_version(self) -> str:
        """The object's apiVersion."""
        version: str = self.data["apiVersion"]
        return version

    def locate(self, path: KeyPath) -> Location:
        """Where to edit the value at `path`."""
        return self.origin.locate(path)

    def subject(self, path: KeyPath) -> str:
        """The object and the path in it, for a person."""
        return " ".join([str(self.key), ".".join(str(step) for step in path)]).rstrip()


class Mesh:
    """All objects that will be applied, in the order in which they are applied."""

    def __init__(self, manifests: Iterable[Manifest]) -> None:
        self._manifests = {manifest.key: manifest for manifest in sorted(manifests, key=attrgetter("key"))}

    def __iter__(self) -> Iterator[Manifest]:
        return iter(self._manifests.values())

    def __len__(self) -> int:
        return len(self._manifests)

    def get(self, kind: str, namespace: str, name: str) -> Manifest | None:
        """The object of that name, if there is one."""
        return self._manifests.get(ObjectKey.of(kind, namespace, name))

    def stream(self) -> Iterator[str]:
        """All objects as one stream of YAML documents, piece by piece."""
        for manifest in self:
            yield f"---\n{manifest.text}"
