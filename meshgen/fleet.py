"""Spec files become a fleet: every service and gateway by its name, and what each has to know of the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import NamedTuple, Self

from meshgen.diagnostic import Diagnostic, Location, Severity
from meshgen.document import Document
from meshgen.entries import Entries, Entry, entries_of, read
from meshgen.facts import ExposeFacts, GatewayFacts, Key, ServiceFacts
from meshgen.findings import Findings
from meshgen.forked import Ahead
from meshgen.listeners import Claim, claims_of
from meshgen.source import Source, find
from meshgen.spool import Spool
from meshgen.surroundings import Surroundings, read_surroundings

_HEAD_START = 800
"""Specs that one process reads while another imports what rendering needs; measured on specs of the seed's shape."""


class Options(NamedTuple):
    """What a run is told beside the specs. All of it can change the output."""

    namespace: str | None = None
    cluster_domain: str = "cluster.local"
    kubernetes_version: str = "1.36"
    istio_version: str = "1.31"
    only: str | None = None
    given: tuple[str, ...] = ()
    """Files and folders with manifests that are there already."""
    keep_data: bool = False
    """Whether objects are kept as data beside their text, for those who judge all of them together."""


class PublicHost(NamedTuple):
    """A host at a gateway, and everything that is reached through it: (entry number, way in), longest path first."""

    gateway: Key
    host: str
    namespace: str
    """Where its VirtualService stands: in the exposers' namespace, or the gateway's where they differ."""
    exposers: tuple[tuple[int, ExposeFacts], ...]

    @property
    def name(self) -> str:
        """The VirtualService's name: the gateway's and the host."""
        prefix = self.gateway.name if self.gateway.namespace == self.namespace else ".".join(self.gateway)
        return f"{prefix}-{self.host.replace('*', 'wildcard')}"


@dataclass(slots=True)
class Fleet:
    """All specs of a run. `diagnostics` tells what was wrong before any single spec was looked into."""

    options: Options
    entries: list[Entry] = field(default_factory=list)
    services: dict[Key, ServiceFacts] = field(default_factory=dict)
    names: dict[str, set[str]] = field(default_factory=dict)
    """The names of the services, by namespace."""
    adopted: dict[Key, list[Key]] = field(default_factory=dict)
    """Services whose pods have a label `app` that is not their name, by namespace and that label."""
    gateways: dict[Key, GatewayFacts] = field(default_factory=dict)
    claims: dict[Claim, list[Key]] = field(default_factory=dict)
    """Which gateways secure a host at a port, where there is more than one gateway."""
    publics: dict[tuple[Key, str], PublicHost] = field(default_factory=dict)
    hosts: dict[str, list[PublicHost]] = field(default_factory=dict)
    """By host, what is reached through it at each gateway, where there is more than one."""
    cookies: dict[tuple[str, str], list[tuple[int, ExposeFacts]]] = field(default_factory=dict)
    """Who keeps clients on a public host by a cookie of that name: (entry number, way in), in the order of the specs."""
    unread: set[str] = field(default_factory=set)
    around: Surroundings = field(default_factory=Surroundings)
    spools: list[Spool] = field(default_factory=list, repr=False)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether something is wrong that stops the run."""
        return any(each.severity is Severity.ERROR for each in self.diagnostics)

    def place(self, kind: str, key: Key) -> Location:
        """Where a spec that is there has its name, or else the manifest that was given. Slow: for messages."""
        entry = next((each for each in self.entries if (each.kind, each.key) == (kind, key)), None)
        there = self.around.place(kind, key) if entry is None else None
        return there or self.document(entry).locate(("metadata", "name"))  # type: ignore[arg-type]

    def document(self, entry: Entry) -> Document:
        """The document of an entry, read anew at each call."""
        spool, _, _ = entry.data
        return entry.document(self.spools[spool])


class Reading:
    """The reading of a fleet, begun at once: where there is much to read, another process starts with it."""

    def __init__(self, arguments: Sequence[str], options: Options | None = None) -> None:
        self._arguments = arguments
        self._options = options or Options()
        self._sources, self._diagnostics = find(arguments)
        self._spools = [Spool(0), Spool(1)]
        # Nothing here may lead back to this object: the files of the spools are closed when nobody knows them any more.
        spools = self._spools
        self._ahead = Ahead(
            partial(_read, self._options.namespace, spools),
            self._sources,
            _HEAD_START,
            lambda worker: spools[worker].flush(),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ahead.close()

    def fleet(self) -> Fleet:
        """The fleet, once all of it is read. Mistakes that a person made stand in its `diagnostics`."""
        fleet = _fleet(self._ahead.results(), self._options, self._spools, self._diagnostics)
        if self._sources and not fleet.entries and not fleet.diagnostics:
            fleet.diagnostics += (_nothing(argument) for argument in self._arguments)
        return fleet


def _read(namespace: str | None, spools: Sequence[Spool], worker: int, sources: Sequence[Source]) -> list[Entries]:
    return [read(source, namespace, spools[worker]) for source in sources]


def _nothing(argument: str) -> Diagnostic:
    message, hint = "the folder holds no spec, only files that meshgen made", "name the folder where the specs are"
    return Diagnostic(Location(argument), "MG006", Severity.ERROR, message, hint=hint)


def load_fleet(arguments: Sequence[str], options: Options | None = None) -> Fleet:
    """Read the specs in files, folders (recursively) or, for `-`, standard input.

    Never raises for what a person wrote: mistakes stand in the fleet's `diagnostics`.
    """
    with Reading(arguments, options) as reading:
        return reading.fleet()


def fleet_of(documents: Iterable[Document], options: Options | None = None) -> Fleet:
    """The fleet of specs that were parsed already; their mistakes stand in its `diagnostics`."""
    options, spool = options or Options(), Spool()
    return _fleet([entries_of(documents, options.namespace, spool)], options, [spool], [])


def _fleet(files: Iterable[Entries], options: Options, spools: list[Spool], diagnostics: Iterable[Diagnostic]) -> Fleet:
    fleet = Fleet(options, spools=spools, diagnostics=list(diagnostics))
    for entries in files:
        fleet.diagnostics += entries.diagnostics
        fleet.unread |= entries.unread
        for entry in entries.found:
            _enter(fleet, entry)
    if options.given:
        _look_around(fleet)
    fleet.publics = _public_hosts(fleet)
    if len(fleet.gateways) > 1:
        fleet.claims = claims_of(fleet.gateways.values())
        for public in fleet.publics.values():
            fleet.hosts.setdefault(public.host, []).append(public)
    for public in fleet.publics.values():
        for exposer in public.exposers:
            for cookie in exposer[1].cookies:
                fleet.cookies.setdefault((public.host, cookie), []).append(exposer)
    return fleet


def _look_around(fleet: Fleet) -> None:
    """Add what the manifests that were given are known by; a spec of the same name says more."""
    options = fleet.options
    fleet.around = read_surroundings(options.given, options.namespace, options.cluster_domain)
    fleet.diagnostics += fleet.around.diagnostics
    fleet.services = {**fleet.around.services, **fleet.services}
    fleet.gateways = {**fleet.around.gateways, **fleet.gateways}
    for key in fleet.around.services:
        fleet.names.setdefault(key.namespace, set()).add(key.name)


def _enter(fleet: Fleet, entry: Entry) -> None:
    """Add an entry to the fleet, unless there is one of its kind and name already."""
    facts = entry.facts
    if isinstance(facts, ServiceFacts):
        is_new = fleet.services.setdefault(entry.key, facts) is facts
        if is_new and facts.app not in (None, entry.key.name):
            fleet.adopted.setdefault(Key(entry.key.namespace, str(facts.app)), []).append(entry.key)
        fleet.names.setdefault(entry.key.namespace, set()).add(entry.key.name)
    else:
        is_new = fleet.gateways.setdefault(entry.key, facts) is facts
    if is_new:
        fleet.entries.append(entry)
        return
    there = fleet.place(entry.kind, entry.key)
    findings = Findings(fleet.document(entry))
    findings.error("MG112", ("metadata", "name"), f"there is a {entry.kind} {entry.key} already, at {there}")
    fleet.diagnostics += findings.diagnostics


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

    publics = {}
    for (gateway, host), exposers in found.items():
        namespaces = {fleet.entries[number].key.namespace for number, _ in exposers}
        namespace = namespaces.pop() if len(namespaces) == 1 else gateway.namespace
        publics[gateway, host] = PublicHost(gateway, host, namespace, tuple(sorted(exposers, key=longest_first)))
    return publics
