"""What the objects of a mesh say of themselves to others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from meshgen import protocol
from meshgen.mesh import ObjectKey

Labels = Mapping[str, str]
Listener = tuple[object, int, str]
"""Where a proxy listens: its selector, the port, and the address to which that is bound."""

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

WORKLOADS = ("Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob")
ROOT_NAMESPACE = "istio-system"


class Object:
    """An object as rules see it: what its schema refuses is taken out, so every value has the right type."""

    __slots__ = ("_load", "_policies", "data", "key", "name", "namespace", "spec")

    data: dict[str, Any]
    spec: dict[str, Any]
    """Its spec; empty where it has none, or its kind has none and somebody wrote one."""

    def __init__(self, key: ObjectKey, data: dict[str, Any] | None, load: Callable[[], dict[str, Any]] = dict) -> None:
        self.key = key
        self.namespace = key.namespace
        self.name = key.name
        self._policies: list[Level] | None = None
        if data is None:
            self._load = load
            return
        self.data = data
        spec = data.get("spec")
        self.spec = spec if type(spec) is dict else {}

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            # Comes here while `data` and `spec` are not set: of many objects no rule asks more than the name.
            if name not in ("data", "spec"):
                raise AttributeError(name)
            load, self._load = self._load, dict  # it knows the registry, which may know this object
            Object.__init__(self, self.key, load())
            return getattr(self, name)

    @property
    def labels(self) -> dict[str, str]:
        """Its labels."""
        return (self.data.get("metadata") or {}).get("labels") or {}

    @property
    def annotations(self) -> dict[str, str]:
        """Its annotations."""
        return (self.data.get("metadata") or {}).get("annotations") or {}

    @property
    def policies(self) -> list[Level]:
        """All traffic policies of a DestinationRule, those of its ports included; many rules ask for them."""
        if self._policies is None:
            self._policies = list(_levels(("spec", "trafficPolicy"), self.spec.get("trafficPolicy") or {}, ""))
            for number, subset in enumerate(self.spec.get("subsets") or []):
                path = ("spec", "subsets", number, "trafficPolicy")
                self._policies += _levels(path, subset.get("trafficPolicy") or {}, subset.get("name", ""))
        return self._policies


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
    on_node: bool = False
    """Whether the node's own address leads to it, without a Service."""


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


def _levels(path: tuple[str | int, ...], policy: dict[str, Any], subset: str) -> Iterator[Level]:
    if policy:
        yield Level(path, policy, subset, None)
    for number, each in enumerate(policy.get("portLevelSettings") or []):
        yield Level((*path, "portLevelSettings", number), each, subset, (each.get("port") or {}).get("number"))


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
    ports: frozenset[int] | None = None
    """The ports that its HTTP rules ask for; None where one asks for none, or there are other rules."""
    number: int = 0
    """Which of all VirtualServices it is."""

    @property
    def in_mesh(self) -> bool:
        """Whether sidecars use it."""
        return "mesh" in self.gateways


class Root(NamedTuple):
    """A rule that is left to another VirtualService."""

    gateways: tuple[str, ...]
    """Where it is used: `mesh`, or NAMESPACE/NAME."""
    matches: list[dict[str, Any]]


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
    port: int | None = None
    """The port that it names."""


class Target(NamedTuple):
    """A destination or mirror, as it stands in a VirtualService."""

    path: tuple[str | int, ...]
    """Of the destination in the object."""
    said: Mapping[str, Any]
    host: str
    """In full."""
    route: Mapping[str, Any]
    """The rule that it stands in."""
    is_mirror: bool
