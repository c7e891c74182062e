"""Where things stand in an object: its routes, destinations, policies and pod template, each with its path."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from meshgen.registry.facts import WORKLOADS, Listener, Object

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "us": 0.000001, "µs": 0.000001, "ns": 0.000000001}
_PLAIN_HTTP = frozenset(["HTTP", "HTTP2", "GRPC", "GRPC-WEB"])
_PART = re.compile(r"([0-9]*\.?[0-9]+)(h|ms|us|µs|ns|m|s)")

_AT_RUN_TIME = re.compile(
    r"role|leader|master|primary|pod-name|pod-index|hash|job-name|controller-uid|completion-index|cluster"
    r"|topology\.|failure-domain|gateway-name|istio\.io/canonical-|istio\.io/tlsmode",
    re.IGNORECASE,
)


def comes_later(label: str) -> bool:
    """Whether running pods get a label that their template lacks: from a controller, from their node or from Istio."""
    return _AT_RUN_TIME.search(label) is not None


def seconds(duration: object) -> float | None:
    """A duration of Istio in seconds; None where there is none or it cannot be read."""
    return _seconds(duration) if isinstance(duration, str) else None


@lru_cache(maxsize=1024)
def _seconds(duration: str) -> float | None:
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


def listening(seen: Object) -> list[tuple[Listener, str]]:
    """Of each server of a Gateway: the selector, port and bind of its listener, and how it speaks: HTTP, TLS or TCP.

    What can share a listener: Istio pilot/pkg/model/gateway.go, mergeGateways.
    """
    selector = frozenset((seen.spec.get("selector") or {}).items())
    found: list[tuple[Listener, str]] = []
    for server in seen.spec.get("servers") or []:
        port = server.get("port") or {}
        spoken = port.get("protocol", "").upper()
        how = "HTTP" if spoken in _PLAIN_HTTP else "TLS" if "tls" in server or spoken in ("HTTPS", "TLS") else "TCP"
        found.append(((selector, port.get("number", 0), server.get("bind", "")), how))
    return found


def can_share(one: str, other: str) -> bool:
    """Whether two servers that speak so can share a listener."""
    return one == other != "TCP"


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


def fields(seen: Object) -> set[str]:
    """The names of the fields of an object that decide which rules are asked: those of its metadata and spec, and below
    these of its routes and their matches, its policies, its pods and their containers; `istio.io` for an annotation of
    Istio's, and `istio-proxy` for a container of that name."""
    found = {*(seen.data.get("metadata") or ()), *seen.spec}
    if seen.key.kind == "VirtualService":
        for protocol_name in ("http", "tls", "tcp"):
            for route in seen.spec.get(protocol_name) or ():
                found.update(route, *(route.get("match") or ()))
    elif seen.key.kind == "DestinationRule":
        found.update(*(level.policy for level in seen.policies))
    elif seen.key.kind in WORKLOADS:
        _, pod = template(seen)
        spec, metadata = pod.get("spec") or {}, pod.get("metadata") or {}
        found.update(metadata, spec)
        for container in (*(spec.get("containers") or ()), *(spec.get("initContainers") or ())):
            found.update(container)
            if container.get("name") == "istio-proxy":
                found.add("istio-proxy")
        if "annotations" in metadata and _is_for_istio(metadata):
            found.add("istio.io")
    if "annotations" in found and _is_for_istio(seen.data.get("metadata") or {}):
        found.add("istio.io")
    return found


def _is_for_istio(metadata: Mapping[str, Any]) -> bool:
    return any("istio.io" in name for name in metadata.get("annotations") or ())
