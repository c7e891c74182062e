"""Where things stand in an object: its routes, destinations, policies and pod template, each with its path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from meshgen.registry.facts import WORKLOADS, Level, Object

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "us": 0.000001, "µs": 0.000001, "ns": 0.000000001}
_PART = re.compile(r"([0-9]*\.?[0-9]+)(h|ms|us|µs|ns|m|s)")


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
    Istio's."""
    found = {*(seen.data.get("metadata") or ()), *seen.spec}
    if seen.key.kind == "VirtualService":
        for protocol_name in ("http", "tls", "tcp"):
            for route in seen.spec.get(protocol_name) or ():
                found.update(route, *(route.get("match") or ()))
    elif seen.key.kind == "DestinationRule":
        found.update(*(level.policy for level in policies(seen.spec)))
    elif seen.key.kind in WORKLOADS:
        _, pod = template(seen)
        spec = pod.get("spec") or {}
        containers: Iterable[Mapping[str, Any]] = [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]
        found.update(pod.get("metadata") or (), spec, *containers)
    if "annotations" in found:
        places = [seen.data.get("metadata") or {}]
        if seen.key.kind in WORKLOADS:
            places.append(template(seen)[1].get("metadata") or {})
        if any("istio.io" in name for place in places for name in place.get("annotations") or ()):
            found.add("istio.io")
    return found


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
