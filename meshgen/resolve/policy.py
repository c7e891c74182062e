"""The DestinationRule of a service: its subsets, and the policy of each restated in full.

Istio never merges inside a policy: a subset's or a port's block replaces the whole block of the level
above (pilot/pkg/networking/util/util.go, MergeSubsetTrafficPolicy and GetPortLevelTrafficPolicy). So
whatever the spec lays over what, the rendered levels say all of it again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

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


class Levels(NamedTuple):
    """A policy without its ports, and in full for each port that has settings of its own."""

    whole: Policy
    ports: dict[int, Policy]


class Subset(NamedTuple):
    """A version as a subset: its name, the labels of its pods, and its policy where it has one of its own."""

    name: str
    labels: dict[str, str]
    traffic_policy: Policy | None
    number: int


class DestinationRule(NamedTuple):
    """What callers need to know of a service's pods."""

    traffic_policy: Policy | None
    subsets: tuple[Subset, ...]


def resolve_policy(
    context: Context, ports: Sequence[ResolvedPort], labels: dict[str, dict[str, str]]
) -> DestinationRule | None:
    """The DestinationRule, or None where there is nothing to say. `labels` are the subsets', by version."""
    written = context.raw.get("trafficPolicy")
    numbers = [port.number for port in ports]
    service = _levels([written])
    _check(context, written, ("spec", "trafficPolicy"), service, numbers)
    subsets = []
    for number, version in enumerate(context.spec.versions or ()):
        if version.service is None:
            over = context.raw["versions"][number].get("trafficPolicy")
            path = ("spec", "versions", number, "trafficPolicy")
            policy = _subset_policy(context, [written, over], path, numbers) if over is not None else None
            subsets.append(Subset(version.name, labels[version.name], policy, number))
    if not subsets and not written:
        return None
    return DestinationRule(_whole(service), tuple(subsets))


def _levels(layers: list[Any]) -> Levels:
    """What the layers make of the service's whole, and of each port that one of them names: each layer's port over that layer."""
    whole: Policy = {}
    ports: dict[int, Policy] = {}
    for layer in layers:
        own = {key: value for key, value in (layer or {}).items() if key != _PORTS}
        whole = merge(whole, own, "trafficPolicy")
        ports = {number: merge(settings, own, "trafficPolicy") for number, settings in ports.items()}
        if _PORTS in (layer or {}) and layer[_PORTS] is None:
            ports = {}
        for settings in (layer or {}).get(_PORTS) or ():
            number = settings["port"]["number"]
            if settings.get("$patch") == "delete":
                ports.pop(number, None)
            else:
                own_port = {key: value for key, value in settings.items() if key != "port"}
                ports[number] = merge(ports.get(number, whole), own_port, "trafficPolicy")
    return Levels(whole, {number: _blocks(settings) for number, settings in ports.items()})


def _blocks(policy: Policy) -> Policy:
    return {key: policy[key] for key in BLOCKS if key in policy}


def _check(context: Context, layer: Any, path: KeyPath, levels: Levels, numbers: list[int]) -> None:
    """Find ports that the service does not have, and blocks that do not reach a port."""
    for item, settings in enumerate((layer or {}).get(_PORTS) or ()):
        number = settings["port"]["number"]
        if number not in numbers:
            context.unknown((*path, _PORTS, item, "port"), "port", str(number), map(str, numbers))
    for key in _unreached(levels):
        context.findings.error(
            "MG128",
            path,
            f"{key} does not reach port {next(iter(levels.ports))}, which has settings of its own",
            f"drop {key}, or the portLevelSettings",
        )


def _unreached(levels: Levels) -> list[str]:
    return [key for key in _WHOLE_ONLY if key in levels.whole and levels.ports]


def _subset_policy(context: Context, layers: list[Any], path: KeyPath, numbers: list[int]) -> Policy | None:
    paths: list[KeyPath] = [("spec", "trafficPolicy"), path]
    if not check_layers(context, TrafficPolicy, layers, paths, "trafficPolicy", _filled):
        return None
    before, after = _levels(layers[:1]), _levels(layers)
    for key in _WHOLE_ONLY:
        if key in before.whole and key not in after.whole:
            context.findings.error("MG128", (*path, key), f"{key} of the service cannot be taken away from one version")
    blocks = _blocks(after.whole)
    # A subset without a block, or without settings of a port, has its service's; only the settings of a port can be without.
    without = numbers if _blocks(before.whole).keys() - blocks.keys() else before.ports
    levels = Levels(after.whole, after.ports | {number: blocks for number in without if number not in after.ports})
    _check(context, layers[1], path, levels if not _unreached(before) else Levels({}, {}), numbers)
    return _whole(levels)


def _whole(levels: Levels) -> Policy | None:
    ports = [
        {"port": {"number": number}, **(settings or _NOTHING_SPECIAL)} for number, settings in levels.ports.items()
    ]
    return (levels.whole | {_PORTS: ports} if ports else levels.whole) or None


def _filled(policy: Policy, layers: list[Any]) -> Policy:
    """The policy with something where null took all away, which is more than a policy that a person leaves empty."""
    ports = [
        settings if settings.keys() - {"port"} else settings | _NOTHING_SPECIAL for settings in policy.get(_PORTS, [])
    ]
    filled = policy | {_PORTS: ports} if ports else policy
    return filled if filled or not layers[0] else _NOTHING_SPECIAL


def check_layers(
    context: Context,
    model: Any,
    layers: list[Any],
    paths: list[KeyPath],
    key: str,
    fill: Callable[[Any, list[Any]], Any] = lambda merged, _: merged,
) -> bool:
    """Whether the layers together, put through `fill`, make a right `model`; what is wrong is told where it was written."""
    try:
        model.model_validate(fill(merge_all(layers, key) or {}, layers))
    except ValidationError as error:
        for problem in problems(error):
            number, place = origin(layers, problem.path, key)
            context.findings.error("MG101", (*paths[number], *place), problem.message, problem.hint)
        return False
    return True
