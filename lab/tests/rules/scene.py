"""What a case of the rules is, and how it looks at what proxies do with an example."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lab import Answer, Caller, Gateway, Lab, wait
from lab.backends import Backends
from lab.client import Request
from lab.controls import in_words
from lab.proxies import Proxy

Json = dict[str, Any]
SECONDS = 120.0  # until all pods are ready
Look = Callable[["Scene"], Any]


@dataclass(frozen=True)
class Case:
    """How one looks at a rule's examples, and what is to be seen.

    `number` is that of the bad example and `good_number` that of the good one, `around` what stands beside both
    (`NS` is their namespace), `rewrite` what is changed in them, as times that a test cannot wait for; `inside` gives the
    labels of a pod with a sidecar in the namespace.
    """

    code: str
    look: Look
    bad: Any
    good: Any
    number: int = 0
    good_number: int = 0
    around: str = ""
    replicas: int = 1
    rewrite: Sequence[tuple[str, str]] = ()
    inside: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """By which the case is known, and its namespaces begin."""
        return self.code.lower() + (f"-{self.number + 1}" if self.number else "")


@dataclass(frozen=True)
class Views:
    """What a proxy was told, read once for all cases."""

    proxy: Proxy

    @cached_property
    def dump(self) -> Json:
        """Its configuration, by the type of its parts."""
        found = json.loads(self.proxy.admin("/config_dump?include_eds"))["configs"]
        return {part["@type"].rpartition(".")[2]: part for part in found}

    @cached_property
    def clusters(self) -> dict[str, Json]:
        """By name; those that still wait for certificates, too."""
        part = self.dump["ClustersConfigDump"]
        found = [*part.get("dynamic_active_clusters", ()), *part.get("dynamic_warming_clusters", ())]
        return {each["cluster"]["name"]: each["cluster"] for each in found}

    @cached_property
    def endpoints(self) -> dict[str, list[str]]:
        """The addresses of each cluster that get requests, with their ports."""
        found: dict[str, list[str]] = {}
        for each in self.dump.get("EndpointsConfigDump", {}).get("dynamic_endpoint_configs", ()):
            load = each["endpoint_config"]
            hosts = [host for place in load.get("endpoints", ()) for host in place.get("lb_endpoints", ())]
            ready = [host["endpoint"] for host in hosts if host.get("health_status", "HEALTHY") == "HEALTHY"]
            places = [endpoint["address"]["socket_address"] for endpoint in ready]
            found[load["cluster_name"]] = sorted(f"{place['address']}:{place['port_value']}" for place in places)
        return found

    @cached_property
    def hosts(self) -> dict[str, Json]:
        """The virtual hosts by `CONFIGURATION DOMAIN`."""
        found: dict[str, Json] = {}
        for each in self.dump["RoutesConfigDump"].get("dynamic_route_configs", ()):
            config = each["route_config"]
            for host in config.get("virtual_hosts", ()):
                found |= {f"{config['name']} {domain}": host for domain in host["domains"]}
        return found

    @cached_property
    def listeners(self) -> dict[str, Json]:
        """By name."""
        part = self.dump["ListenersConfigDump"]["dynamic_listeners"]
        return {each["name"]: each["active_state"]["listener"] for each in part if "active_state" in each}


@dataclass(frozen=True)
class Stage:
    """A lab with the examples of many cases, and who can be asked about them."""

    lab: Lab
    caller: Caller
    gateway: Gateway
    seen: Views
    public: Views
    inside: Mapping[str, Views]


@dataclass(frozen=True)
class Scene:
    """One example: asked from a caller in another namespace (`mesh`), from outside (`edge`), or by what Envoy was told."""

    stage: Stage
    namespace: str
    word: str

    @property
    def lab(self) -> Lab:
        """Where all runs."""
        return self.stage.lab

    @property
    def inside(self) -> Views:
        """The proxy of the pod in the example's namespace."""
        return self.stage.inside[self.namespace]

    @property
    def backends(self) -> Backends:
        """The example's pods."""
        return self.lab.backends(self.namespace)

    def mesh(
        self, path: str = "/", *, times: int = 1, port: int = 80, host: str = "users", connections: int = 8, **how: Any
    ) -> list[Answer]:
        """What a caller gets."""
        return self.stage.caller.ask(
            times, f"http://{host}.{self.namespace}:{port}{path}", connections=connections, **how
        )

    def edge(self, host: str = "www", path: str = "/", times: int = 1, **how: Any) -> list[Answer]:
        """What one gets from the gateway by plain HTTP."""
        return self.stage.gateway.ask(times, f"http://{host}.{self.namespace}.example.com{path}", **how)

    def tls(self, host: str = "www", asked: str = "", path: str = "/", port: int = 443) -> str:
        """What one gets from it over TLS to `host`; `asked` is the host that the request names, where it is another."""
        name = f"{host}.{self.namespace}.example.com:{port}"
        request = Request(f"{asked or host}.{self.namespace}.example.com", path)
        return in_words(self.stage.gateway.exchange(f"https://{name}/", [request]))

    def cluster(self, subset: str = "", *, host: str = "users", port: int = 80, seen: Views | None = None) -> Json:
        """What the caller's Envoy knows of a Service or a subset; nothing where it knows none."""
        return (seen or self.stage.seen).clusters.get(self.called(subset, host, port), {})

    def called(self, subset: str = "", host: str = "users", port: int = 80) -> str:
        """The name of a cluster."""
        return f"outbound|{port}|{subset}|{host}.{self.namespace}.svc.cluster.local"

    def routes(self, host: str = "users", port: int = 80) -> list[Json]:
        """What the caller's Envoy does with requests to a Service, in order."""
        name = f"{host}.{self.namespace}.svc.cluster.local"
        return list(self.stage.seen.hosts.get(f"{port} {name}", {}).get("routes", ()))

    def public_routes(self, host: str = "www", port: str = "http.80") -> list[Json]:
        """What the gateway does with requests to a host, in order."""
        known = self.stage.public.hosts
        name = f"{host}.{self.namespace}.example.com"
        return list(known.get(f"{port} {name}", known.get(f"{port} {name}:*", {})).get("routes", ()))


def answered(*arguments: Any, **how: Any) -> Look:
    """What a caller gets, in words."""
    return lambda scene: in_words(scene.mesh(*arguments, **how))


def answered_outside(*arguments: Any, **how: Any) -> Look:
    """What one gets from the gateway, in words."""
    return lambda scene: in_words(scene.edge(*arguments, **how))


def workloads(answers: Sequence[Answer]) -> str:
    """Which workloads answered: the names of their pods without what is by chance."""
    return ", ".join(sorted({answer.pod.rsplit("-", 2)[0] or str(answer.status) for answer in answers}))


@dataclass(frozen=True)
class Refusal:
    """A bad example that kube-apiserver takes and istiod refuses, and words that it says."""

    code: str
    words: str
    number: int = 0

    @property
    def name(self) -> str:
        """By which it is known."""
        return f"{self.code.lower()}-refused"


def wait_for_pods(lab: Lab, namespaces: Iterable[str]) -> None:
    """Wait until each of these namespaces has pods, and all are ready. Raises Late."""

    def ready() -> tuple[bool, list[str]]:
        missing = set(namespaces)
        for pod in lab.list("v1", "Pod"):
            where, found = pod["metadata"]["namespace"], pod.get("status", {}).get("conditions", ())
            is_ready = any((each["type"], each["status"]) == ("Ready", "True") for each in found)
            missing = missing - {where} if is_ready else missing | {where}
        return not missing, sorted(missing)

    wait("pods to be ready", ready, SECONDS)
