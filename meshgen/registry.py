"""What the objects of a mesh have to know of each other: who has which host, pods, subsets, gateways and routes.

Names are resolved as istiod does (pilot/pkg/model/conversion.go ResolveShortnameToFQDN): a host without a dot gets the
namespace of the object that says it, every other is taken as it is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from typing import Any, NamedTuple

from meshgen import protocol
from meshgen.mesh import ObjectKey

Labels = Mapping[str, str]

GROUPS = {
    "Service": "", "Pod": "", "Endpoints": "", "Secret": "", "Namespace": "", "ReplicationController": "",
    "Deployment": "apps", "StatefulSet": "apps", "DaemonSet": "apps", "ReplicaSet": "apps",
    "Job": "batch", "CronJob": "batch", "EndpointSlice": "discovery.k8s.io", "HorizontalPodAutoscaler": "autoscaling",
    "VirtualService": "networking.istio.io", "DestinationRule": "networking.istio.io", "Gateway": "networking.istio.io",
    "ServiceEntry": "networking.istio.io", "Sidecar": "networking.istio.io", "WorkloadEntry": "networking.istio.io",
    "EnvoyFilter": "networking.istio.io", "WorkloadGroup": "networking.istio.io",
    "AuthorizationPolicy": "security.istio.io", "PeerAuthentication": "security.istio.io",
    "RequestAuthentication": "security.istio.io", "Telemetry": "telemetry.istio.io",
}  # fmt: skip
"""The kinds that rules know, and the API group of each: a Knative Service or a Gateway of the Gateway API is none."""

_GUESSES = 100_000
WORKLOADS = ("Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob")
ROOT_NAMESPACE = "istio-system"
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "us": 0.000001, "µs": 0.000001, "ns": 0.000000001}
_PART = re.compile(r"([0-9]*\.?[0-9]+)(h|ms|us|µs|ns|m|s)")


class Object(NamedTuple):
    """An object as rules see it: what its schema refuses is taken out, so every value has the right type."""

    key: ObjectKey
    data: dict[str, Any]

    @property
    def namespace(self) -> str:
        """Its namespace."""
        return self.key.namespace

    @property
    def name(self) -> str:
        """Its name."""
        return self.key.name

    @property
    def spec(self) -> dict[str, Any]:
        """Its spec; empty where it has none."""
        spec: dict[str, Any] = self.data.get("spec") or {}
        return spec

    @property
    def labels(self) -> dict[str, str]:
        """Its labels."""
        return (self.data.get("metadata") or {}).get("labels") or {}

    @property
    def annotations(self) -> dict[str, str]:
        """Its annotations."""
        return (self.data.get("metadata") or {}).get("annotations") or {}


class Port(NamedTuple):
    """A port of a Service or ServiceEntry."""

    name: str
    number: int
    target: int | str
    """The number or name that it leads to."""
    protocol: str
    """What Istio takes it for (pkg/config/kube/conversion.go): `http`, `grpc`, `tcp`, `udp` …; empty if it has to guess."""

    @property
    def is_http(self) -> bool:
        """Whether HTTP routes apply; where Istio guesses, they may."""
        return not self.protocol or protocol.is_http(self.protocol)


class Service(NamedTuple):
    """What others have to know of a Service, or of one host of a ServiceEntry."""

    key: ObjectKey
    host: str
    """In full."""
    ports: tuple[Port, ...]
    selector: Labels | None
    """None where it selects no pods: its endpoints are somebody else's."""
    headless: bool
    external: bool
    """Whether it is of type ExternalName, or a ServiceEntry."""
    export_to: tuple[str, ...]


class Pods(NamedTuple):
    """What a workload makes, or a pod itself."""

    key: ObjectKey
    labels: Labels
    replicas: int | None
    """How many; None where something else decides it."""
    ports: tuple[tuple[str, int], ...]
    scraped: bool = False
    """Whether annotations say where its metrics are."""
    apart: bool = False
    """Whether it says that it has no sidecar."""


class Subset(NamedTuple):
    """A subset of a DestinationRule."""

    name: str
    labels: Labels


class Rule(NamedTuple):
    """What others have to know of a DestinationRule."""

    key: ObjectKey
    host: str
    subsets: tuple[Subset, ...]
    export_to: tuple[str, ...]
    selects: bool
    """Whether it is for some callers only (workloadSelector)."""
    has_policy: bool = False
    """Whether it has a trafficPolicy for the host as a whole."""


class Level(NamedTuple):
    """A traffic policy of a DestinationRule: of the host, a subset, or a port of either."""

    path: tuple[str | int, ...]
    policy: dict[str, Any]
    subset: str
    """Empty for the host as a whole."""
    port: int | None


class PeerPolicy(NamedTuple):
    """What others have to know of a PeerAuthentication."""

    key: ObjectKey
    selector: Labels
    mode: str
    ports: Mapping[str, str]
    """The mode of a container port, where it has one of its own."""


class Server(NamedTuple):
    """A server of a Gateway."""

    hosts: tuple[str, ...]
    number: int
    protocol: str
    mode: str
    """Of its TLS settings; empty without."""
    redirects: bool
    credential: str


class Gateway(NamedTuple):
    """What others have to know of a Gateway."""

    key: ObjectKey
    selector: Labels
    servers: tuple[Server, ...]


class Routes(NamedTuple):
    """What others have to know of a VirtualService."""

    key: ObjectKey
    hosts: tuple[str, ...]
    """In full."""
    gateways: tuple[str, ...]
    """`mesh`, or NAMESPACE/NAME."""
    export_to: tuple[str, ...]
    takes_all: bool = False
    """Whether one of its HTTP rules asks for nothing."""
    delegates: bool = False
    """Whether one of its HTTP rules is left to another VirtualService."""
    streams: bool = False
    """Whether it has rules for TLS or TCP."""
    number: int = 0
    """Which of all VirtualServices it is."""

    @property
    def in_mesh(self) -> bool:
        """Whether sidecars use it."""
        return "mesh" in self.gateways


class Use(NamedTuple):
    """A destination of a VirtualService."""

    key: ObjectKey
    """The VirtualService."""
    host: str
    subset: str
    shared: bool
    """Whether a weight decides between it and others."""
    timeout: float | None
    """Of its route, in seconds; None where none is said."""
    try_timeout: float | None = None
    """Of each try, in seconds; None where none is said."""
    in_mesh: bool = False
    """Whether sidecars use it."""


@dataclass(slots=True)
class Hosts:
    """Patterns of hosts, each with a word of whoever has it: which of them meet a host is found without reading all."""

    _own: dict[str, dict[str, None]] = field(default_factory=dict)
    _below: dict[str, dict[str, None]] = field(default_factory=dict)

    def add(self, pattern: str, word: str) -> None:
        """Take in a pattern."""
        self._own.setdefault(pattern, {})[word] = None
        for above in _above(pattern):
            self._below.setdefault(above, {})[word] = None

    def meeting(self, host: str) -> Iterator[Mapping[str, None]]:
        """The words of all patterns that mean some host that `host`, which may be a pattern too, means; first come first."""
        for each in (host, *_above(host)):
            if each in self._own:
                yield self._own[each]
        if host.startswith("*") and host in self._below:
            yield self._below[host]


def _above(host: str) -> Iterator[str]:
    """The wider patterns that mean a host, `*` the last."""
    at = host.find(".", 2 if host.startswith("*.") else 0)
    while at >= 0:
        yield f"*{host[at:]}"
        at = host.find(".", at + 1)
    if host != "*":
        yield "*"


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
    listeners: dict[tuple[object, int, str], dict[str, str]] = field(default_factory=dict)
    """By selector, port and bind of servers: their hosts, with the first Gateway of each."""
    catch_alls: dict[tuple[str, str], Routes] = field(default_factory=dict)
    """By gateway and host, the first VirtualService with a rule that asks for nothing."""
    certificates: dict[tuple[object, int, str], str] = field(default_factory=dict)
    """The first Gateway that has a certificate, by selector, port and credentialName."""
    secret_places: dict[str, list[str]] = field(default_factory=dict)
    """The namespaces that have a Secret, by its name."""
    plain: dict[tuple[str, str], ObjectKey] = field(default_factory=dict)
    """The first Sidecar or Telemetry of a namespace that selects no workload, by kind and namespace."""
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
    _anywhere: dict[object, list[Pods]] = field(default_factory=dict)
    _servers: dict[str, Hosts] = field(default_factory=dict)
    _bound: dict[str, Hosts] = field(default_factory=dict)
    _unread: set[str] | None = None
    _guesses: int = 0

    def add(self, seen: Object) -> None:
        """Take in what an object says."""
        self.kinds[seen.key.kind] += 1
        reader = _READERS.get(seen.key.kind)
        if reader is not None:
            reader(self, seen)

    def host(self, host: str, namespace: str) -> str:
        """A host in full, as an object in a namespace means it."""
        return host.lower() if "." in host or "*" in host else f"{host}.{namespace}.svc.{self.domain}".lower()

    def service(self, host: str, namespace: str) -> Service | None:
        """The service that a host, said in a namespace, leads to; the one of a wildcard, if no other."""
        full = self.host(host, namespace)
        found = self.services.get(full)
        if found is None:
            labels = full.split(".")
            wildcards = ("*." + ".".join(labels[start:]) for start in range(1, len(labels)))
            found = next((self.services[each] for each in wildcards if each in self.services), None)
        return found[0] if found else None

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
        found = [self._labelled.get((namespace, key, value), []) for key, value in labels.items()]
        smallest = min(found, key=len)
        return [pods for pods in smallest if labels.items() <= pods.labels.items()]

    def anywhere(self, labels: Labels) -> list[Pods]:
        """The workloads of any namespace whose pods have all of some labels; none for no labels."""
        asked = frozenset(labels.items())
        if asked not in self._anywhere:
            found = [pods for namespace in self._pods for pods in self.select(namespace, labels)] if labels else []
            self._anywhere[asked] = found
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

    def selecting(self, namespace: str, labels: Labels) -> list[Service]:
        """The Services of a namespace that select by all of some labels, and perhaps by more."""
        found = [self._selecting.get((namespace, key, value), []) for key, value in labels.items()]
        return [each for each in min(found, key=len, default=[]) if labels.items() <= (each.selector or {}).items()]

    def behind(self, key: ObjectKey) -> list[Service]:
        """The Services that select the pods of a workload."""
        if self._behind is None:
            self._behind = {}
            for service in (each for services in self.names.values() for each in services if each.selector):
                for pods in self.select(service.key.namespace, service.selector or {}):
                    self._behind.setdefault(pods.key, []).append(service)
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


def covers(pattern: str, host: str) -> bool:
    """Whether a host, which may have a wildcard itself, is one of those that a pattern means."""
    if pattern in ("*", host):
        return True
    return pattern.startswith("*.") and host.endswith(pattern[1:])


def gateway_name(name: str, namespace: str) -> str:
    """NAMESPACE/NAME of a gateway as a VirtualService of a namespace names it, and `mesh` (istiod's resolveGatewayName)."""
    if name == "mesh":
        return name
    place, slash, rest = name.partition("/")
    if slash:
        return f"{namespace}/{rest}" if place == "." else name
    parts = name.split(".")
    return f"{parts[1]}/{parts[0]}" if len(parts) > 1 else f"{namespace}/{name}"


def scopes(export_to: Iterable[str], own: str) -> set[str]:
    """The namespaces that see what a namespace exports; `*` for all."""
    return {own if each == "." else each for each in export_to} or {"*"}


def meet(one: str, other: str) -> bool:
    """Whether some host is meant by both patterns."""
    return covers(one, other) or covers(other, one)


def exported(export_to: Iterable[str], own: str, namespace: str) -> bool:
    """Whether what a namespace exports can be seen in another (Istio's exportTo; nothing means everywhere)."""
    said = tuple(export_to)
    return not said or "*" in said or namespace in said or ("." in said and own == namespace)


def seconds(duration: object) -> float | None:
    """A duration of Istio in seconds; None where there is none or it cannot be read."""
    if not isinstance(duration, str):
        return None
    parts = _PART.findall(duration)
    if not parts or "".join(number + unit for number, unit in parts) != duration:
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def destinations(route: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """The destinations of an HTTP, TLS or TCP route, mirrors included, each with its path in the route."""
    for number, target in enumerate(route.get("route") or []):
        if "destination" in target:
            yield ("route", number, "destination"), target["destination"]
    if "mirror" in route:
        yield ("mirror",), route["mirror"]
    for number, mirror in enumerate(route.get("mirrors") or []):
        if "destination" in mirror:
            yield ("mirrors", number, "destination"), mirror["destination"]


def all_routes(spec: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """The HTTP, TLS and TCP routes of a VirtualService, each with its path in the object."""
    for protocol_name in ("http", "tls", "tcp"):
        for number, route in enumerate(spec.get(protocol_name) or []):
            yield ("spec", protocol_name, number), route


def template(seen: Object) -> tuple[tuple[str | int, ...], dict[str, Any]]:
    """The pod template of a workload with its path; for a Pod, the pod itself."""
    if seen.key.kind == "Pod":
        return (), seen.data
    if seen.key.kind == "CronJob":
        path: tuple[str | int, ...] = ("spec", "jobTemplate", "spec", "template")
    else:
        path = ("spec", "template")
    found: Any = seen.data
    for step in path:
        found = found.get(step) or {}
    return path, found


def policies(spec: Mapping[str, Any]) -> Iterator[Level]:
    """All traffic policies of a DestinationRule, those of its ports included."""
    yield from _levels(("spec", "trafficPolicy"), spec.get("trafficPolicy") or {}, "")
    for number, subset in enumerate(spec.get("subsets") or []):
        path = ("spec", "subsets", number, "trafficPolicy")
        yield from _levels(path, subset.get("trafficPolicy") or {}, subset.get("name", ""))


def _levels(path: tuple[str | int, ...], policy: dict[str, Any], subset: str) -> Iterator[Level]:
    if policy:
        yield Level(path, policy, subset, None)
    for number, each in enumerate(policy.get("portLevelSettings") or []):
        yield Level((*path, "portLevelSettings", number), each, subset, (each.get("port") or {}).get("number"))


def _add_service(registry: Registry, seen: Object) -> None:
    spec = seen.spec
    external = spec.get("type") == "ExternalName"
    host = f"{seen.name}.{seen.namespace}.svc.{registry.domain}".lower()
    ports = tuple(_port(port) for port in spec.get("ports") or [] if "port" in port)
    selector = None if external else spec.get("selector") or None
    said = seen.annotations.get("networking.istio.io/exportTo", "")
    service = Service(
        seen.key, host, ports, selector, spec.get("clusterIP") == "None", external, tuple(filter(None, said.split(",")))
    )
    registry.services.setdefault(host, []).insert(0, service)
    registry.names.setdefault(seen.namespace, []).append(service)
    for key, value in (selector or {}).items():
        registry._selecting.setdefault((seen.namespace, key, value), []).append(service)  # noqa: SLF001


def _port(port: Mapping[str, Any]) -> Port:
    transport = port.get("protocol") or "TCP"
    name, number = port.get("name") or "", port["port"]
    spoken = port.get("appProtocol") or protocol.from_name(name)
    if transport != "TCP":
        spoken = transport
    elif spoken is None and number in (25, 53, 3306, 27017):
        spoken = "tcp"
    return Port(name, number, port.get("targetPort") or number, (spoken or "").lower())


def _add_entry(registry: Registry, seen: Object) -> None:
    spec = seen.spec
    ports = tuple(
        Port(port.get("name", ""), port["number"], port.get("targetPort") or port["number"], port.get("protocol", "").lower())
        for port in spec.get("ports") or []
        if "number" in port
    )  # fmt: skip
    for host in spec.get("hosts") or []:
        full = host.lower()
        found = Service(seen.key, full, ports, None, False, True, tuple(spec.get("exportTo") or []))
        registry.services.setdefault(full, []).append(found)
    _add_entry_ports(registry, seen)


def _add_pods(registry: Registry, seen: Object) -> None:
    _, pod = template(seen)
    labels = (pod.get("metadata") or {}).get("labels") or {}
    ports = tuple(
        (port.get("name", ""), port.get("containerPort", 0))
        for container in (pod.get("spec") or {}).get("containers") or []
        for port in container.get("ports") or []
    )
    replicas = {"Pod": 1, "DaemonSet": None}.get(seen.key.kind, seen.spec.get("replicas"))
    said = (pod.get("metadata") or {}).get("annotations") or {}
    apart = labels.get("sidecar.istio.io/inject", said.get("sidecar.istio.io/inject")) == "false"
    apart = apart or bool((pod.get("spec") or {}).get("hostNetwork"))
    pods = Pods(seen.key, labels, replicas, ports, said.get("prometheus.io/scrape") == "true", apart)
    registry._pods.setdefault(seen.namespace, []).append(pods)  # noqa: SLF001
    for key, value in labels.items():
        registry._labelled.setdefault((seen.namespace, key, value), []).append(pods)  # noqa: SLF001


def _add_rule(registry: Registry, seen: Object) -> None:
    spec = seen.spec
    subsets = tuple(Subset(subset.get("name", ""), subset.get("labels") or {}) for subset in spec.get("subsets") or [])
    host = registry.host(spec.get("host", ""), seen.namespace)
    export_to, selects = tuple(spec.get("exportTo") or []), "workloadSelector" in spec
    rule = Rule(seen.key, host, subsets, export_to, selects, bool(spec.get("trafficPolicy")))
    registry.rules.setdefault(host, []).append(rule)
    _hide(registry, rule)


def _hide(registry: Registry, rule: Rule) -> None:
    """Note an exact rule under the domains by whose wildcards it could be hidden."""
    labels = rule.host.split(".")
    for start in range(1, len(labels) if "*" not in rule.host else 0):
        there = registry.hidden.setdefault(".".join(labels[start:]), [])
        if len(there) < 2 and all(each.key.namespace != rule.key.namespace for each in there):
            there.append(rule)


def _add_gateway(registry: Registry, seen: Object) -> None:
    servers = []
    for server in seen.spec.get("servers") or []:
        port, tls = server.get("port") or {}, server.get("tls") or {}
        hosts = tuple(host.lower() for host in server.get("hosts") or [])
        servers.append(
            Server(
                hosts, port.get("number", 0), port.get("protocol", ""), tls.get("mode", "PASSTHROUGH") if tls else "",
                bool(tls.get("httpsRedirect")), tls.get("credentialName", ""),
            )
        )  # fmt: skip
    gateway = Gateway(seen.key, seen.spec.get("selector") or {}, tuple(servers))
    registry.gateways[f"{seen.namespace}/{seen.name}"] = gateway
    _add_listeners(registry, seen)


def _add_routes(registry: Registry, seen: Object) -> None:
    spec = seen.spec
    gateways = tuple(gateway_name(each, seen.namespace) for each in spec.get("gateways") or ["mesh"])
    hosts = tuple(registry.host(host, seen.namespace) for host in spec.get("hosts") or [])
    http = spec.get("http") or []
    routes = Routes(
        seen.key, hosts, gateways, tuple(spec.get("exportTo") or []),
        any(not any(route.get("match") or []) for route in http), any("delegate" in route for route in http),
        bool(spec.get("tls") or spec.get("tcp")), len(registry.routes),
    )  # fmt: skip
    _add_claims(registry, seen, routes)
    registry.routes.append(routes)
    for gateway in gateways:
        registry.routes_at.setdefault(gateway, []).append(routes)
    for _, route in all_routes(spec):
        shared = len([each for each in route.get("route") or [] if each.get("weight", 1) != 0]) > 1
        for path, target in destinations(route):
            host = registry.host(target.get("host", ""), seen.namespace)
            use = Use(
                seen.key, host, target.get("subset", ""), shared and path[0] == "route", seconds(route.get("timeout")),
                seconds((route.get("retries") or {}).get("perTryTimeout")), routes.in_mesh,
            )  # fmt: skip
            registry.uses.setdefault(host, []).append(use)


def _add_claims(registry: Registry, seen: Object, routes: Routes) -> None:
    name = f"{seen.namespace}/{seen.name}"
    registry.virtual_services[name] = routes
    registry.routed.add(seen.namespace)
    if not routes.hosts:
        registry.delegated.setdefault(seen.namespace, []).append(seen.name)
    for route in seen.spec.get("http") or [] if routes.delegates and routes.hosts else []:
        target = route.get("delegate") or {}
        full = f"{target.get('namespace') or seen.namespace}/{target.get('name', '')}"
        registry.roots.setdefault(full, []).append(route.get("match") or [])
    if routes.takes_all:
        for gateway in routes.gateways:
            for host in routes.hosts:
                registry.catch_alls.setdefault((gateway, host), routes)
    if routes.in_mesh:
        for host in routes.hosts:
            for scope in scopes(routes.export_to, seen.namespace):
                registry.claims.setdefault((host, scope), routes)
            registry.claims.setdefault((host, ""), routes)
    split = {
        registry.host(target["host"], seen.namespace)
        for route in seen.spec.get("http") or []
        for path, target in destinations(route)
        if path[0] == "route" and target.get("subset") and "host" in target
    }
    for host in split.intersection(routes.hosts):
        registry.splits.setdefault(host, []).append(seen.key)


def own_host(host: str, namespace: str) -> str:
    """A server's host, with the namespace for `.`."""
    return f"{namespace}{host[1:]}".lower() if host.startswith("./") else host.lower()


def _add_listeners(registry: Registry, seen: Object) -> None:
    name = f"{seen.namespace}/{seen.name}"
    for word in (seen.namespace, f"/{seen.name}"):
        registry.gateway_names.setdefault(word, []).append(name)
    selector = frozenset((seen.spec.get("selector") or {}).items())
    for server in seen.spec.get("servers") or []:
        listener = selector, (server.get("port") or {}).get("number", 0), server.get("bind", "")
        hosts = registry.listeners.setdefault(listener, {})
        for host in server.get("hosts") or []:
            hosts.setdefault(own_host(host, seen.namespace), name)
        credential = (server.get("tls") or {}).get("credentialName")
        if credential:
            registry.certificates.setdefault((selector, listener[1], credential), name)


def _add_plain(registry: Registry, seen: Object) -> None:
    spec = seen.spec
    if not any(key in spec for key in ("workloadSelector", "selector", "targetRef", "targetRefs")):
        registry.plain.setdefault((seen.key.kind, seen.namespace), seen.key)


def _add_entry_ports(registry: Registry, seen: Object) -> None:
    for host in seen.spec.get("hosts") or []:
        for port in seen.spec.get("ports") or []:
            for scope in scopes(seen.spec.get("exportTo") or [], seen.namespace):
                place = scope, host.lower(), port.get("number", 0)
                spoken = port.get("protocol", "").upper()
                registry.entry_ports.setdefault(place, {}).setdefault(spoken, seen.key)


def _add_secret(registry: Registry, seen: Object) -> None:
    registry.secrets.add((seen.namespace, seen.name))
    registry.secret_places.setdefault(seen.name, []).append(seen.namespace)


def _add_scaler(registry: Registry, seen: Object) -> None:
    target = seen.spec.get("scaleTargetRef") or {}
    registry.scaled.add((seen.namespace, target.get("kind", ""), target.get("name", "")))


def _add_peers(registry: Registry, seen: Object) -> None:
    spec = seen.spec
    ports = {port: said.get("mode", "UNSET") for port, said in (spec.get("portLevelMtls") or {}).items()}
    selector = (spec.get("selector") or {}).get("matchLabels") or {}
    peers = PeerPolicy(seen.key, selector, (spec.get("mtls") or {}).get("mode", "UNSET"), ports)
    registry.peers.setdefault(seen.namespace, []).append(peers)


def _add_namespace(registry: Registry, seen: Object) -> None:
    if seen.labels.get("istio-injection") == "enabled" or "istio.io/rev" in seen.labels:
        registry.injected.add(seen.name)


_READERS = {
    "HorizontalPodAutoscaler": _add_scaler,
    "PeerAuthentication": _add_peers,
    "Namespace": _add_namespace,
    "Service": _add_service,
    "ServiceEntry": _add_entry,
    "DestinationRule": _add_rule,
    "Gateway": _add_gateway,
    "VirtualService": _add_routes,
    "Secret": _add_secret,
    "Sidecar": _add_plain,
    "Telemetry": _add_plain,
    **dict.fromkeys(
        ["Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"], _add_pods
    ),
    "CronJob": _add_pods,
}
