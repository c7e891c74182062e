"""What Services, ServiceEntries, workloads and what goes with them say to others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from meshgen import protocol
from meshgen.registry.facts import Object, PeerPolicy, Pods, Port, Service
from meshgen.registry.hosts import scopes
from meshgen.registry.lookup import Registry
from meshgen.registry.places import template


def add_service(registry: Registry, seen: Object) -> None:
    """A Service: its host, ports and selector."""
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


def add_entry(registry: Registry, seen: Object) -> None:
    """The hosts of a ServiceEntry."""
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


def _add_entry_ports(registry: Registry, seen: Object) -> None:
    for host in seen.spec.get("hosts") or []:
        for port in seen.spec.get("ports") or []:
            for scope in scopes(seen.spec.get("exportTo") or [], seen.namespace):
                place = scope, host.lower(), port.get("number", 0)
                spoken = port.get("protocol", "").upper()
                registry.entry_ports.setdefault(place, {}).setdefault(spoken, seen.key)


def add_pods(registry: Registry, seen: Object) -> None:
    """The pods that a workload makes."""
    _, pod = template(seen)
    labels = (pod.get("metadata") or {}).get("labels") or {}
    spec = pod.get("spec") or {}
    said_ports = [port for container in spec.get("containers") or [] for port in container.get("ports") or []]
    ports = tuple([(port.get("name", ""), port.get("containerPort", 0)) for port in said_ports])
    on_host = bool(spec.get("hostNetwork"))
    on_node = on_host or any(port.get("hostPort") for port in said_ports)
    replicas = {"Pod": 1, "DaemonSet": None}.get(seen.key.kind, seen.spec.get("replicas"))
    said = (pod.get("metadata") or {}).get("annotations") or {}
    apart = labels.get("sidecar.istio.io/inject", said.get("sidecar.istio.io/inject")) == "false"
    scraped = said.get("prometheus.io/scrape") == "true"
    pods = Pods(seen.key, labels, replicas, ports, scraped, apart or on_host, on_node)
    add_labelled(registry, pods)


def add_labelled(registry: Registry, pods: Pods) -> None:
    """Some pods, or what stands for them."""
    registry._pods.setdefault(pods.key.namespace, []).append(pods)  # noqa: SLF001


def add_machine(registry: Registry, seen: Object) -> None:
    """A WorkloadEntry, or a WorkloadGroup of which some are made: Services and policies select it as they do pods."""
    of_group = (seen.spec.get("metadata") or {}).get("labels")
    labels = (of_group if seen.key.kind == "WorkloadGroup" else seen.spec.get("labels")) or {}
    add_labelled(registry, Pods(seen.key, labels, None, ()))


def add_secret(registry: Registry, seen: Object) -> None:
    """A Secret: its place alone."""
    registry.secrets.add((seen.namespace, seen.name))
    registry.secret_places.setdefault(seen.name, []).append(seen.namespace)


def add_scaler(registry: Registry, seen: Object) -> None:
    """What an autoscaler scales."""
    target = seen.spec.get("scaleTargetRef") or {}
    registry.scaled.add((seen.namespace, target.get("kind", ""), target.get("name", "")))


def add_peers(registry: Registry, seen: Object) -> None:
    """What a PeerAuthentication asks of callers."""
    spec = seen.spec
    ports = {port: said.get("mode", "UNSET") for port, said in (spec.get("portLevelMtls") or {}).items()}
    selector = (spec.get("selector") or {}).get("matchLabels") or {}
    peers = PeerPolicy(seen.key, selector, (spec.get("mtls") or {}).get("mode", "UNSET"), ports)
    registry.peers.setdefault(seen.namespace, []).append(peers)


def add_namespace(registry: Registry, seen: Object) -> None:
    """Whether pods of a namespace get sidecars."""
    registry.namespaces[seen.name] = seen.labels
    if seen.labels.get("istio-injection") == "enabled" or "istio.io/rev" in seen.labels:
        registry.injected.add(seen.name)


def add_token_check(registry: Registry, seen: Object) -> None:
    """The workloads whose callers' tokens a RequestAuthentication looks at."""
    labels = (seen.spec.get("selector") or {}).get("matchLabels") or {}
    registry.token_checks.setdefault(seen.namespace, []).append(labels)


def add_slice(registry: Registry, seen: Object) -> None:
    """Whether the endpoints of a Service are those of Pods."""
    name = seen.labels.get("kubernetes.io/service-name")
    if name:
        host = registry.host(name, seen.namespace)
        is_bare = not any("targetRef" in each for each in seen.data.get("endpoints") or [])
        registry.labelless[host] = registry.labelless.get(host, True) and is_bare
