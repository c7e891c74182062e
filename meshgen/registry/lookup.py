"""The registry: who has which host, pods, subsets, gateways and routes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from sys import intern
from typing import Any

from meshgen.mesh import ObjectKey
from meshgen.registry.facts import (
    ROOT_NAMESPACE,
    WORKLOADS,
    Gateway,
    Labels,
    Listener,
    Object,
    PeerPolicy,
    Pods,
    Routes,
    Rule,
    Service,
    Target,
    Use,
)
from meshgen.registry.hosts import Hosts
from meshgen.registry.places import all_routes, destinations

_GUESSES = 100_000
_MANY = 100


@dataclass(slots=True)
class Registry:
    """All that the objects of a mesh say of themselves to others."""

    domain: str = "cluster.local"
    services: dict[str, list[Service]] = field(default_factory=dict)
    """By host; a host with a wildcard too."""
    names: dict[str, list[Service]] = field(default_factory=dict)
    """Services by namespace."""
    rules: dict[str, list[Rule]] = field(default_factory=dict)
    """By host."""
    gateways: dict[str, Gateway] = field(default_factory=dict)
    """By NAMESPACE/NAME."""
    routes: list[Routes] = field(default_factory=list)
    routes_at: dict[str, list[Routes]] = field(default_factory=dict)
    """By each of their gateways."""
    uses: dict[str, list[Use]] = field(default_factory=dict)
    """Destinations, by host."""
    routed: set[str] = field(default_factory=set)
    """The namespaces that have VirtualServices."""
    virtual_services: dict[str, Routes] = field(default_factory=dict)
    """By NAMESPACE/NAME."""
    delegated: dict[str, list[str]] = field(default_factory=dict)
    """The names of VirtualServices without hosts, by namespace."""
    roots: dict[str, list[list[dict[str, Any]]]] = field(default_factory=dict)
    """By NAMESPACE/NAME of a VirtualService, the matches of each rule that is left to it."""
    splits: dict[str, list[ObjectKey]] = field(default_factory=dict)
    """The VirtualServices that route a host of theirs to subsets of it."""
    claims: dict[tuple[str, str], Routes] = field(default_factory=dict)
    """Of a host in the mesh and a scope of exportTo: the first VirtualService; of no scope, the first of all."""
    gateway_names: dict[str, list[str]] = field(default_factory=dict)
    """Gateways as NAMESPACE/NAME, by namespace and by name alone."""
    listeners: dict[Listener, dict[str, str]] = field(default_factory=dict)
    """By selector, port and bind of servers: their hosts, with the first Gateway of each."""
    first_at: dict[Listener, tuple[str, int, str]] = field(default_factory=dict)
    """The first server of a listener: its Gateway as NAMESPACE/NAME, which of its servers it is, and how it speaks."""
    catch_alls: dict[tuple[str, str], Routes] = field(default_factory=dict)
    """By gateway and host, the first VirtualService with a rule that asks for nothing."""
    certificates: dict[tuple[object, int, str], str] = field(default_factory=dict)
    """The first Gateway that has a certificate, by selector, port and credentialName."""
    secret_places: dict[str, list[str]] = field(default_factory=dict)
    """The namespaces that have a Secret, by its name."""
    plain: dict[tuple[str, str], ObjectKey] = field(default_factory=dict)
    """The first Sidecar or Telemetry of a namespace that selects no workload, by kind and namespace."""
    selected: dict[tuple[str, str], list[tuple[ObjectKey, Labels]]] = field(default_factory=dict)
    """Sidecars and Telemetries that select workloads, by kind and namespace, with the labels."""
    token_checks: dict[str, list[Labels]] = field(default_factory=dict)
    """The labels that each RequestAuthentication of a namespace selects by; none for all workloads."""
    labelless: dict[str, bool] = field(default_factory=dict)
    """By host, whether all EndpointSlices of a Service name addresses only, and no Pods, which have labels."""
    shown: dict[tuple[str, str], list[tuple[ObjectKey, bytes]]] = field(default_factory=dict)
    """By gateway and host, the VirtualServices there, each with the matches of its HTTP rules, packed."""
    worked_out: dict[tuple[str, str], Any] = field(default_factory=dict)
    """What a rule found for all VirtualServices of a gateway and host at once."""
    namespaces: dict[str, Labels] = field(default_factory=dict)
    """The labels of each Namespace."""
    credentials: dict[str, str] = field(default_factory=dict)
    """The first Gateway that names a Secret, by the Secret's name."""
    entry_ports: dict[tuple[str, str, int], dict[str, ObjectKey]] = field(default_factory=dict)
    """Of scope, host and port of ServiceEntries: the first for each protocol."""
    secrets: set[tuple[str, str]] = field(default_factory=set)
    """Namespaces and names of Secrets."""
    kinds: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    """How many objects there are of each kind."""
    partial: set[ObjectKey] = field(default_factory=set)
    """Objects of which a part could not be read: what they seem not to have, they may have."""
    scaled: set[tuple[str, str, str]] = field(default_factory=set)
    """Namespace, kind and name of what an autoscaler scales."""
    peers: dict[str, list[PeerPolicy]] = field(default_factory=dict)
    """PeerAuthentications by namespace."""
    injected: set[str] = field(default_factory=set)
    """Namespaces whose labels ask for sidecars."""
    hidden: dict[str, list[Rule]] = field(default_factory=dict)
    """By each domain, DestinationRules of hosts in it: one of each of at most two namespaces."""
    _pods: dict[str, list[Pods]] = field(default_factory=dict)
    _selecting: dict[tuple[str, str, str], list[Service]] = field(default_factory=dict)
    _behind: dict[ObjectKey, list[Service]] | None = None
    _labelled: dict[tuple[str, str, str], list[Pods]] = field(default_factory=dict)
    _selected: dict[object, list[Pods]] = field(default_factory=dict)
    _anywhere: dict[object, list[Pods]] = field(default_factory=dict)
    _servers: dict[str, Hosts] = field(default_factory=dict)
    _bound: dict[str, Hosts] = field(default_factory=dict)
    _unread: set[str] | None = None
    _guesses: int = 0
    _targets_of: Object | None = None
    _targets: list[Target] = field(default_factory=list)

    def host(self, host: str, namespace: str) -> str:
        """A host in full, as an object in a namespace means it."""
        full = host.lower() if "." in host or "*" in host else f"{host}.{namespace}.svc.{self.domain}".lower()
        return intern(full)  # each is said a dozen times

    def service(self, host: str, namespace: str) -> Service | None:
        """The service that a host, said in a namespace, leads to; the one of a wildcard, if no other."""
        return self.service_at(self.host(host, namespace))

    def service_at(self, full: str) -> Service | None:
        """The service that a full host leads to; the one of a wildcard, if no other."""
        found = self.services.get(full)
        if found is None:
            labels = full.split(".")
            wildcards = ("*." + ".".join(labels[start:]) for start in range(1, len(labels)))
            found = next((self.services[each] for each in wildcards if each in self.services), None)
        return found[0] if found else None

    def targets(self, seen: Object) -> list[Target]:
        """The destinations and mirrors of a VirtualService; kept for those who ask of the same one next."""
        if self._targets_of is not seen:
            self._targets_of = seen
            self._targets = [
                Target(
                    (*path, *below), said, self.host(said.get("host", ""), seen.namespace), route, below[0] != "route"
                )
                for path, route in all_routes(seen.spec)
                for below, said in destinations(route)
            ]
        return self._targets

    def is_ours(self, host: str, namespace: str) -> bool:
        """Whether a host, said in a namespace, is a name that only this cluster can have."""
        return self.host(host, namespace).endswith(f".svc.{self.domain}")

    def knows(self, namespace: str) -> bool:
        """Whether any Service of a namespace is here: if none is, what is missing may be elsewhere."""
        return namespace in self.names

    def select(self, namespace: str, labels: Labels) -> list[Pods]:
        """The workloads of a namespace whose pods have all of some labels."""
        if not labels:
            return self._pods.get(namespace, [])
        asked = namespace, frozenset(labels.items())
        known = self._selected.get(asked)
        if known is None:
            found = [self._labelled.get((namespace, key, value), []) for key, value in labels.items()]
            pods = min(found, key=len)
            known = self._selected[asked] = [each for each in pods if labels.items() <= each.labels.items()]
        return known

    def anywhere(self, labels: Labels) -> list[Pods]:
        """The workloads of any namespace whose pods have all of some labels; none for no labels."""
        asked = frozenset(labels.items())
        if asked not in self._anywhere:
            self._anywhere[asked] = [pods for each in self._pods if labels for pods in self.select(each, labels)]
        return self._anywhere[asked]

    def unread(self, namespace: str) -> bool:
        """Whether some workload of a namespace could not be read as a whole."""
        if self._unread is None:
            self._unread = {key.namespace for key in self.partial if key.kind in WORKLOADS}
        return namespace in self._unread

    def servers_at(self, gateway: str) -> Hosts:
        """The hosts of a Gateway's servers, with the namespace whose VirtualServices each takes, or `*`."""
        if gateway not in self._servers:
            self._servers[gateway] = hosts = Hosts()
            for server in self.gateways[gateway].servers:
                for host in server.hosts:
                    place, slash, name = host.rpartition("/")
                    hosts.add(name, gateway.partition("/")[0] if place == "." else place if slash else "*")
        return self._servers[gateway]

    def is_routed(self, host: str) -> bool:
        """Whether a VirtualService of the mesh has a full host."""
        return (host, "") in self.claims

    def bound_to(self, gateway: str) -> Hosts:
        """The hosts of the VirtualServices that are bound to a Gateway, with their namespaces."""
        if gateway not in self._bound:
            self._bound[gateway] = hosts = Hosts()
            for routes in self.routes_at.get(gateway, []):
                for host in routes.hosts:
                    hosts.add(host, routes.key.namespace)
        return self._bound[gateway]

    def near(self, name: str, known: Iterable[str]) -> str | None:
        """The known name that is most like one that is not; the first hundred thousand comparisons of a run are made."""
        candidates = list(islice(known, max(_GUESSES - self._guesses, 0)))
        self._guesses += len(candidates)
        return next(iter(get_close_matches(name, candidates, n=1)), None)

    def selecting(self, namespace: str, labels: Labels) -> Iterator[Service]:
        """The Services of a namespace that select by all of some labels, and perhaps by more."""
        found = [self._selecting.get((namespace, key, value), []) for key, value in labels.items()]
        return (each for each in min(found, key=len, default=[]) if labels.items() <= (each.selector or {}).items())

    def behind(self, key: ObjectKey) -> list[Service]:
        """The Services that select the pods of a workload, the first hundred of them."""
        if self._behind is None:
            self._behind = {}
            alike: dict[object, list[Service]] = {}
            for service in (each for services in self.names.values() for each in services if each.selector):
                asked = service.key.namespace, frozenset((service.selector or {}).items())
                alike.setdefault(asked, []).append(service)
            for services in alike.values():
                for pods in self.select(services[0].key.namespace, services[0].selector or {}):
                    known = self._behind.setdefault(pods.key, [])
                    known += services[: _MANY - len(known)]
        return self._behind.get(key, [])

    def replicas(self, pods: Pods) -> int | None:
        """How many pods a workload has; None where an autoscaler or somebody else decides it."""
        return None if (pods.key.namespace, pods.key.kind, pods.key.name) in self.scaled else pods.replicas

    def rules_for(self, host: str, *namespaces: str) -> list[Rule]:
        """The DestinationRules of a full host that callers may get: those of its own, the root's and further namespaces."""
        parts = host.split(".")
        own = parts[1] if host.endswith(f".svc.{self.domain}") else None
        places = {own, ROOT_NAMESPACE, *namespaces} if own is not None else None
        wildcards = ["*." + ".".join(parts[start:]) for start in range(1, len(parts))]
        return [
            rule
            for each in (host, *wildcards, "*")
            for rule in self.rules.get(each, [])
            if places is None or rule.key.namespace in places
        ]
