"""Spec files become a fleet: every service and gateway by its name, and what each has to know of the others."""

from __future__ import annotations

import difflib
import marshal
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from meshgen.diagnostic import Diagnostic, MeshgenError, Severity
from meshgen.document import Document, parse
from meshgen.facts import ExposeFacts, GatewayFacts, Key, ServiceFacts, gateway_facts, service_facts
from meshgen.findings import Findings
from meshgen.source import Source, find
from meshgen.spool import Place, Spool

API_VERSION = "meshgen.dev/v1"
KINDS = ("Service", "Gateway")


class Options(NamedTuple):
    """What a run is told beside the specs. All of it can change the output."""

    namespace: str | None = None
    cluster_domain: str = "cluster.local"
    kubernetes_version: str = "1.36"
    istio_version: str = "1.31"
    only: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One document that says which spec it is, right or not. Its text and data lie in a spool."""

    kind: str
    key: Key
    _bare: Document
    _text: Place
    _data: Place
    _spool: Spool

    @property
    def document(self) -> Document:
        """The document, read anew at each call."""
        text, data = self._spool.read(self._text), self._spool.read(self._data)
        return replace(self._bare, text=text.decode(), data=marshal.loads(data))  # noqa: S302 - packed by this process


class _Shelf:
    """Puts documents into a spool; the text of a file only once."""

    def __init__(self) -> None:
        self._spool = Spool()
        self._last: tuple[str, Place] = ("", Place(0, 0, 0))

    def entry(self, kind: str, key: Key, document: Document) -> Entry:
        """Keep a document. Raises OSError where there is no room."""
        text, place = self._last
        if document.text is not text:
            (place,) = self._spool.add([document.text.encode()])
            self._last = document.text, place
        (data,) = self._spool.add([marshal.dumps(document.data)])
        return Entry(kind, key, replace(document, text="", data={}), place, data, self._spool)


class PublicHost(NamedTuple):
    """A host at a gateway, and everything that is reached through it: (entry number, way in), longest path first."""

    gateway: Key
    host: str
    exposers: tuple[tuple[int, ExposeFacts], ...]


@dataclass(slots=True)
class Fleet:
    """All specs of a run. `diagnostics` tells what was wrong before any single spec was looked into."""

    options: Options
    entries: list[Entry] = field(default_factory=list)
    services: dict[Key, ServiceFacts] = field(default_factory=dict)
    gateways: dict[Key, GatewayFacts] = field(default_factory=dict)
    publics: dict[tuple[Key, str], PublicHost] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    shelf: _Shelf = field(default_factory=_Shelf, repr=False)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether something is wrong that stops the run."""
        return any(each.severity is Severity.ERROR for each in self.diagnostics)


def load_fleet(arguments: Sequence[str], options: Options | None = None) -> Fleet:
    """Read the specs in files, folders (recursively) or, for `-`, standard input.

    Never raises for what a person wrote: mistakes stand in the fleet's `diagnostics`.
    """
    sources, diagnostics = find(arguments)
    unread: set[str] = set()
    fleet = fleet_of(_documents(sources, diagnostics, unread), options)
    fleet.diagnostics[:0] = diagnostics
    fleet.unread |= unread
    return fleet


def fleet_of(documents: Iterable[Document], options: Options | None = None) -> Fleet:
    """The fleet of specs that were read already; their mistakes stand in its `diagnostics`."""
    fleet = Fleet(options or Options())
    for document in documents:
        findings = Findings(document)
        if not _enter(fleet, document, findings):
            fleet.unread |= _names_in(document)
        fleet.diagnostics += findings.diagnostics
    fleet.publics = _public_hosts(fleet)
    return fleet


def _documents(sources: Iterable[Source], diagnostics: list[Diagnostic], unread: set[str]) -> Iterator[Document]:
    """The documents of all files; adds what is wrong with a file, and the names in documents that cannot be read."""
    for source in sources:
        try:
            parsed = parse(source.read(), source.file, source.label)
        except MeshgenError as error:
            diagnostics += error.diagnostics
            continue
        diagnostics += parsed.diagnostics
        for broken in parsed.broken:
            unread |= broken.names()
        yield from parsed.documents


def _enter(fleet: Fleet, document: Document, findings: Findings) -> bool:
    """Add a document to the fleet under its name; False where it says none."""
    kind, key = _identity(fleet, document, findings)
    if kind is None or key is None:
        return False
    first = next((entry for entry in _same(fleet, kind, key)), None)
    if first is not None:
        there = first.document.locate(("metadata", "name"))
        findings.error("MG112", ("metadata", "name"), f"there is a {kind} {key} already, at {there}")
        return True
    fleet.entries.append(fleet.shelf.entry(kind, key, document))
    if kind == "Service":
        fleet.services[key] = service_facts(key, document.data.get("spec"))
    else:
        fleet.gateways[key] = gateway_facts(key, document.data.get("spec"))
    return True


def _names_in(document: Document) -> set[str]:
    """The name that a document gives itself, if it does."""
    metadata = document.data.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return {name} if isinstance(name, str) else set()


def _same(fleet: Fleet, kind: str, key: Key) -> Iterable[Entry]:
    known = fleet.services if kind == "Service" else fleet.gateways
    if key in known:
        yield from (entry for entry in fleet.entries if entry.kind == kind and entry.key == key)


def _identity(fleet: Fleet, document: Document, findings: Findings) -> tuple[str | None, Key | None]:
    """Which spec a document is; what cannot be told is noted and None."""
    data = document.data
    version, kind = data.get("apiVersion"), data.get("kind")
    if version != API_VERSION:
        seen = f"apiVersion is {_seen(version)}" if "apiVersion" in data else "apiVersion is missing"
        foreign = isinstance(version, str) and not version.startswith("meshgen.dev/")
        hint = "keep other manifests outside the folder of specs" if foreign else f"write apiVersion: {API_VERSION}"
        findings.error("MG102", ("apiVersion",), f"{seen}, but a spec has {API_VERSION}", hint)
        return None, None
    if kind not in KINDS:
        near = difflib.get_close_matches(str(kind), KINDS, n=1)
        seen = f"no kind of spec is named {_seen(kind)}" if "kind" in data else "kind is missing"
        findings.error(
            "MG103", ("kind",), f"{seen}; there are: {', '.join(KINDS)}", f"did you mean {near[0]!r}?" if near else ""
        )
        return None, None
    metadata = data.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    namespace = metadata.get("namespace") if isinstance(metadata, dict) else None
    namespace = namespace if namespace is not None else fleet.options.namespace
    if isinstance(metadata, dict) and isinstance(name, str) and namespace is None:
        findings.error(
            "MG104",
            ("metadata", "name"),
            f"{kind} {name!r} says no namespace",
            "write metadata.namespace, or give one with --namespace",
        )
    if not isinstance(name, str) or not isinstance(namespace, str):
        fleet.unread |= _names_in(document)
        return kind, Key("", f"{document.file}#{document.start}")
    return kind, Key(namespace, name)


def _seen(value: object) -> str:
    return "null" if value is None else repr(value)


def _public_hosts(fleet: Fleet) -> dict[tuple[Key, str], PublicHost]:
    """Who is reached through which host of which gateway: longest path first, then by name."""
    found: dict[tuple[Key, str], list[tuple[int, ExposeFacts]]] = {}
    for number, entry in enumerate(fleet.entries):
        if entry.kind == "Service":
            for expose in fleet.services[entry.key].exposes:
                found.setdefault((expose.gateway, expose.host), []).append((number, expose))

    def longest_first(exposer: tuple[int, ExposeFacts]) -> tuple[int, str, Key, int]:
        number, expose = exposer
        path = expose.path.rstrip("/")
        return -path.count("/"), path, fleet.entries[number].key, expose.item

    return {pair: PublicHost(*pair, tuple(sorted(exposers, key=longest_first))) for pair, exposers in found.items()}
