"""From a value in a rendered object back to the place in a spec that a person edits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from meshgen.diagnostic import Location
from meshgen.document import Document, KeyPath, read_output
from meshgen.merging import origin
from meshgen.mesh import ObjectKey
from meshgen.resolve.public import PublicService
from meshgen.resolve.rule import HTTPRoute
from meshgen.resolve.service import ResolvedService
from meshgen.resolve.workload import Workload

Row = tuple[KeyPath, Callable[[KeyPath], Location]]
"""A path in the object, and what gives the place for whatever path is left below it."""


class SpecOrigin:
    """An object's text, and the places of its values. The rows are made when a place is asked for: hardly ever."""

    __slots__ = ("_document", "_key", "_rows", "text")

    def __init__(
        self, text: str, document: Document, rows: Callable[[str, str], Iterable[Row]], key: ObjectKey
    ) -> None:
        self.text = text
        self._document = document
        self._rows = rows
        self._key = key

    @property
    def data(self) -> dict[str, Any]:
        """The object as plain data, read from the text."""
        return read_output(self.text)

    def locate(self, path: KeyPath) -> Location:
        """The place for the longest part of `path` that some row knows; else that of the spec's name."""
        known = [row for row in self._rows(self._key.kind, self._key.name) if path[: len(row[0])] == row[0]]
        if not known:
            return self._document.locate(("metadata", "name"))
        prefix, place = max(known, key=lambda row: len(row[0]))
        return place(path[len(prefix) :])


def service_rows(document: Document, service: ResolvedService, kind: str, name: str) -> Iterable[Row]:
    """The rows of an object of a service, by its kind and name."""
    yield ("metadata", "labels"), _below(document, ("metadata", "labels"))
    yield ("metadata", "annotations"), _below(document, ("metadata", "annotations"))
    if kind in ("Deployment", "StatefulSet"):
        yield from _workload_rows(document, next(each for each in service.workloads if each.name == name))
    elif kind == "DestinationRule":
        yield from _policy_rows(document, service)
    elif kind == "VirtualService":
        yield from route_rows([(document, route) for route in service.routes])
    elif kind == "EndpointSlice":
        endpoints = next(each for each in service.slices if each.name == name)
        for number, item in enumerate(endpoints.items):
            yield ("endpoints", number), _below(document, ("spec", "endpoints", item))
        yield ("ports",), _below(document, ("spec", "ports"))
    elif kind == "ServiceAccount":
        yield ("metadata", "name"), _named(document, "serviceAccount")
        yield ("metadata", "annotations"), _below(document, ("spec", "serviceAccount", "annotations"))
    elif service.headless is not None and name == service.headless.name:
        yield ("metadata", "name"), _named(document, "headless")
        yield ("spec",), _below(document, ("spec", "headless"))
    else:
        yield ("metadata", "annotations"), _below(document, ("spec", "service", "annotations"))
        yield ("spec",), _below(document, ("spec", "service"))
        yield ("spec", "ports"), _below(document, ("spec", "ports"))


def public_rows(documents: Sequence[Document], public: PublicService) -> Iterable[Row]:
    """The rows of a public VirtualService; `documents` has the spec of each of its routes."""
    yield from route_rows(list(zip(documents, public.routes, strict=True)))


def route_rows(routes: Sequence[tuple[Document, HTTPRoute]]) -> Iterable[Row]:
    """The rows of a VirtualService's routes, each with the spec that it stands in."""
    for number, (document, route) in enumerate(routes):
        yield ("spec", "http", number), _route(document, route)


def gateway_rows(document: Document) -> Iterable[Row]:
    """The rows of a Gateway."""
    spec = document.data["spec"]
    yield ("metadata", "labels"), _below(document, ("metadata", "labels"))
    yield ("spec",), _below(document, ("spec",))
    if spec.get("servers") is None:
        for number in range(2):
            yield ("spec", "servers", number), _below(document, ("spec", "hosts"))
            yield ("spec", "servers", number, "tls"), _below(document, ("spec", "tls"))


def _below(document: Document, base: KeyPath) -> Callable[[KeyPath], Location]:
    return lambda rest: document.locate((*base, *rest))


def _named(document: Document, part: str) -> Callable[[KeyPath], Location]:
    """Where the name of an object beside the Service is written, or else the service's name, which it comes from."""
    written = (document.data["spec"].get(part) or {}).get("name") is not None
    return lambda _: document.locate(("spec", part, "name") if written else ("metadata", "name"))


def _route(document: Document, route: HTTPRoute) -> Callable[[KeyPath], Location]:
    def place(rest: KeyPath) -> Location:
        written: Any = document.data
        for step in route.path:
            written = written[step]
        inherited = rest and rest[0] in ("timeout", "retries") and rest[0] not in written
        return document.locate(("spec", *rest) if inherited else (*route.path, *rest))

    return place


def _workload_rows(document: Document, workload: Workload) -> Iterable[Row]:
    def below(*base: str | int) -> Callable[[KeyPath], Location]:
        return lambda rest: document.locate(workload.written((*base, *rest)))

    pod: KeyPath = ("spec", "template", "spec")
    yield ("metadata", "name"), lambda _: document.locate(workload.name_path)
    yield ("spec",), below()
    yield ("spec", "template", "metadata"), below("pod")
    yield pod, below("pod")
    yield (*pod, "containers", 0), below("container")
    for number in range(1, len(workload.containers)):
        yield (*pod, "containers", number), below("pod", "containers", number - 1)


def _policy_rows(document: Document, service: ResolvedService) -> Iterable[Row]:
    spec = document.data["spec"]
    yield ("spec", "trafficPolicy"), _below(document, ("spec", "trafficPolicy"))
    for number, subset in enumerate(service.policy.subsets if service.policy is not None else ()):
        version: KeyPath = ("spec", "versions", subset.number)
        layers = [spec.get("trafficPolicy"), spec["versions"][subset.number].get("trafficPolicy")]
        paths: list[KeyPath] = [("spec", "trafficPolicy"), (*version, "trafficPolicy")]
        yield ("spec", "subsets", number), _below(document, version)
        if subset.traffic_policy is not None:
            yield ("spec", "subsets", number, "trafficPolicy"), _layered(document, layers, paths)


def _layered(document: Document, layers: list[Any], paths: list[KeyPath]) -> Callable[[KeyPath], Location]:
    def place(rest: KeyPath) -> Location:
        number, below = origin(layers, rest, "trafficPolicy")
        return document.locate((*paths[number], *below))

    return place
