"""The DestinationRule of a service: its subsets, and the policy of each restated in full.

Istio never merges inside a policy: a subset's or a port's block replaces the whole block of the level
above (pilot/pkg/networking/util/util.go, MergeSubsetTrafficPolicy and GetPortLevelTrafficPolicy). So
whatever the spec lays over what, the rendered levels say all of it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from meshgen.document import KeyPath
from meshgen.merging import merge, merge_all, origin
from meshgen.resolve.context import Context
from meshgen.resolve.ports import ResolvedPort
from meshgen.spec.errors import problems
from meshgen.spec.policy import TrafficPolicy

BLOCKS = ("connectionPool", "loadBalancer", "outlierDetection", "tls")
"""The blocks that a port's settings can hold, and that replace those of the level above."""

_WHOLE_ONLY = ("tunnel", "proxyProtocol", "retryBudget")
_PORTS = "portLevelSettings"
_NOTHING_SPECIAL = {"loadBalancer": {"simple": "LEAST_REQUEST"}}

Policy = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Subset:
    """A version as a subset: its name, the labels of its pods, and its policy where it has one of its own."""

    name: str
    labels: dict[str, str]
    traffic_policy: Policy | None
    number: int


@dataclass(frozen=True, slots=True)
class DestinationRule:
    """What callers need to know of a service's pods."""

    traffic_policy: Policy | None
    subsets: tuple[Subset, ...]


def resolve_policy(
    context: Context, ports: Sequence[ResolvedPort], labels: dict[str, dict[str, str]]
) -> DestinationRule | None:
    """The DestinationRule, or None where there is nothing to say. `labels` are the subsets', by version."""
    written = context.raw.get("trafficPolicy")
    numbers = [port.number for port in ports]
    base, by_port = _levels(context, [written], [("spec", "trafficPolicy")], numbers)
    subsets = []
    for number, version in enumerate(context.spec.versions or ()):
        if version.service is None:
            over = context.raw["versions"][number].get("trafficPolicy")
            path = ("spec", "versions", number, "trafficPolicy")
            policy = _subset_policy(context, written, over, path, numbers) if over is not None else None
            subsets.append(Subset(version.name, labels[version.name], policy, number))
    if not subsets and not base:
        return None
    return DestinationRule(_whole(base, by_port), tuple(subsets))


def _levels(
    context: Context, layers: list[Any], paths: list[KeyPath], numbers: list[int]
) -> tuple[Policy, dict[int, Policy]]:
    """A policy without its ports, and what it makes of each of its ports: each layer's port over that layer."""
    whole: Policy = {}
    ports: dict[int, Policy] = {}
    for layer, path in zip(layers, paths, strict=True):
        own = {key: value for key, value in (layer or {}).items() if key != _PORTS}
        whole = merge(whole, own, "trafficPolicy")
        ports = {number: merge(settings, own, "trafficPolicy") for number, settings in ports.items()}
        for item, settings in enumerate((layer or {}).get(_PORTS) or ()):
            number = settings["port"]["number"]
            if number not in numbers:
                context.unknown((*path, _PORTS, item, "port"), "port", str(number), map(str, numbers))
            if settings.get("$patch") == "delete":
                ports.pop(number, None)
                continue
            own_port = {key: value for key, value in settings.items() if key != "port"}
            ports[number] = merge(ports.get(number, whole), own_port, "trafficPolicy")
    for key in _WHOLE_ONLY:
        if key in whole and ports:
            number, path = next(iter(ports)), paths[-1]
            context.findings.error(
                "MG128",
                path,
                f"{key} does not reach port {number}, which has settings of its own",
                f"drop {key}, or the portLevelSettings",
            )
    return whole, {
        number: {key: settings[key] for key in BLOCKS if key in settings} for number, settings in ports.items()
    }


def _subset_policy(context: Context, written: Any, over: Any, path: KeyPath, numbers: list[int]) -> Policy | None:
    layers, paths = [written, over], [("spec", "trafficPolicy"), path]
    if not check_layers(context, TrafficPolicy, layers, paths, "trafficPolicy"):
        return None
    before, _ = _levels(context, [written], paths[:1], numbers)
    whole, by_port = _levels(context, layers, paths, numbers)
    for key in _WHOLE_ONLY:
        if key in before and key not in whole:
            context.findings.error("MG128", (*path, key), f"{key} of the service cannot be taken away from one version")
    if any(key in before and key not in whole for key in BLOCKS):
        # A subset without a block has its service's; only the settings of a port can be without.
        blocks = {key: whole[key] for key in BLOCKS if key in whole}
        by_port = {number: by_port.get(number, blocks) for number in numbers}
    return _whole(whole, by_port)


def _whole(policy: Policy, by_port: dict[int, Policy]) -> Policy | None:
    ports = [{"port": {"number": number}, **(settings or _NOTHING_SPECIAL)} for number, settings in by_port.items()]
    return (policy | {_PORTS: ports} if ports else policy) or None


def check_layers(context: Context, model: Any, layers: list[Any], paths: list[KeyPath], key: str) -> bool:
    """Whether the layers together make a right `model`; what is wrong is told where it was written."""
    try:
        model.model_validate(merge_all(layers, key) or {})
    except ValidationError as error:
        for problem in problems(error):
            number, place = origin(layers, problem.path, key)
            context.findings.error("MG101", (*paths[number], *place), problem.message, problem.hint)
        return False
    return True
