"""The DestinationRule of a service: its subsets, and the policy of each restated in full.

Istio never merges inside a policy: a subset's or a port's block replaces the whole block of the level
above (pilot/pkg/networking/util/util.go, MergeSubsetTrafficPolicy and GetPortLevelTrafficPolicy). So
whatever the spec lays over what, the rendered levels say all of it again.
"""

from __future__ import annotations

import marshal
from collections.abc import Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from meshgen.document import KeyPath
from meshgen.merging import origin
from meshgen.resolve.context import Context
from meshgen.resolve.levels import BLOCKS, PORTS, Layer, Levels, Policy, blocks, check_ports, levels_of
from meshgen.resolve.ports import ResolvedPort
from meshgen.spec.errors import problems
from meshgen.spec.policy import TrafficPolicy

_WHOLE_ONLY = ("tunnel", "proxyProtocol", "retryBudget")
_MEMO_SIZE = 200
_known: dict[bytes, list[Policy | None]] = {}
"""What was made of the policies that a service and its versions write, if nothing was wrong: many services have the same."""
_right: set[tuple[Any, bytes]] = set()
"""What was made of layers and found right, with its model; retries are the same in many routes and services too."""

_NOTHING_SPECIAL = {"loadBalancer": {"simple": "LEAST_REQUEST"}}


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
    versions = [(number, each) for number, each in enumerate(context.spec.versions or ()) if each.service is None]
    if not versions and not written:
        return None
    own = [_own_policy(context.raw["versions"][number], written) for number, _ in versions]
    said = marshal.dumps((written, own, [(port.number, port.http) for port in ports]), 2)  # one form for each value
    policies = _known.get(said)
    if policies is None:
        wrong = len(context.findings.diagnostics)
        over = [
            Layer("the version", ("spec", "versions", number, "trafficPolicy"), policy)
            for (number, _), policy in zip(versions, own, strict=True)
        ]
        policies = _policies(context, ports, Layer("the service", ("spec", "trafficPolicy"), written), over)
        if len(context.findings.diagnostics) == wrong:
            if len(_known) >= _MEMO_SIZE:
                _known.clear()
            _known[said] = policies
    whole, *others = policies
    return DestinationRule(
        whole,
        tuple(
            Subset(version.name, labels[version.name], policy, number)
            for (number, version), policy in zip(versions, others, strict=True)
        ),
    )


def _policies(
    context: Context, ports: Sequence[ResolvedPort], written: Layer, versions: list[Layer]
) -> list[Policy | None]:
    """The policy of the service and of each version, as Istio needs it; what is wrong is told."""
    numbers = [port.number for port in ports]
    service = levels_of([written])
    _check(context, written, service, numbers)
    _check_hashes(context, [written], ports)
    check_ports(context, [written], service)
    policies = [_whole(service)]
    for over in versions:
        policies.append(_subset_policy(context, [written, over], service, numbers) if over.policy is not None else None)
        _check_hashes(context, [written, over], ports)
        _check_streams(context, over, ports)
    return policies


def _own_policy(version: dict[str, Any], service: Policy | None) -> Policy | None:
    """What a version lays over the service's policy; null takes all of it away."""
    if "trafficPolicy" in version and version["trafficPolicy"] is None and service:
        return dict.fromkeys(service)
    return version.get("trafficPolicy")


def _check(context: Context, layer: Layer, levels: Levels, numbers: list[int]) -> None:
    """Find ports that the service does not have, and blocks that do not reach a port."""
    path, seen = layer.path, set()
    for item, settings in enumerate(layer.ports):
        number = settings["port"]["number"]
        if number in seen:
            message = f"there are settings for port {number} already"
            context.findings.error("MG101", (*path, PORTS, item, "port"), message)
        elif number not in numbers:
            context.unknown((*path, PORTS, item, "port"), "port", str(number), map(str, numbers))
        elif settings.keys() == {"port"}:
            message = f"one of these is needed: {', '.join(BLOCKS)}"
            context.findings.error("MG101", (*path, PORTS, item), message)
        seen.add(number)
    for key in _unreached(levels):
        context.findings.error(
            "MG128",
            path,
            f"{key} does not reach port {next(iter(levels.ports))}, which has settings of its own",
            f"drop {key}, or the portLevelSettings",
        )


def _check_hashes(context: Context, layers: list[Layer], ports: Sequence[ResolvedPort]) -> None:
    """Find a hash for connections to one port: Envoy's TCP proxy has that of the whole policy only.

    Source: Istio pilot/pkg/networking/core/networkfilter.go, maybeSetHashPolicy.
    """
    path, settled = layers[-1].path, layers[-1].ports
    plain = {port.number for port in ports if not port.http} if settled else ()
    for item, settings in enumerate(settled):
        number, key = settings["port"]["number"], "consistentHash"
        if number not in plain or not (settings.get("loadBalancer") or {}).get(key):
            continue
        whole = levels_of(layers).whole.get("loadBalancer", {}).get(key, {})
        if not whole.get("useSourceIp"):
            context.findings.error(
                "MG128",
                (*path, PORTS, item, "loadBalancer", key),
                f"port {number} has no HTTP, and Istio hashes its connections by the policy of all ports only",
                "write loadBalancer: {consistentHash: {useSourceIp: true}} beside portLevelSettings",
            )


def _check_streams(context: Context, version: Layer, ports: Sequence[ResolvedPort]) -> None:
    """Find what a version says of a port without HTTP: only routes lead to versions, and there are none for it."""
    settled = version.ports
    plain = {port.number: port.name for port in ports if not port.http} if settled else {}
    for item, settings in enumerate(settled):
        name = plain.get(settings["port"]["number"])
        if name is not None and len(settings) > 1:
            context.findings.error(
                "MG128",
                (*version.path, PORTS, item),
                f"port {name!r} has no HTTP, so no route leads its connections to one version",
                "write it below spec.trafficPolicy, for all versions",
            )


def _unreached(levels: Levels) -> list[str]:
    return [key for key in _WHOLE_ONLY if key in levels.whole and levels.ports]


def _subset_policy(context: Context, layers: list[Layer], before: Levels, numbers: list[int]) -> Policy | None:
    """The policy of a version; `before` is what the layers below it make."""
    path, after = layers[1].path, levels_of(layers)
    wholes, paths = [layer.own for layer in layers], [layer.path for layer in layers]
    # Null can take all away and ports can have it all, which is more than a policy that a person leaves empty.
    least = _NOTHING_SPECIAL if layers[0].policy or layers[1].ports else {}
    if not check_layers(context, TrafficPolicy, after.whole or least, wholes, paths, "trafficPolicy"):
        return None
    check_ports(context, layers, after)
    for key in _WHOLE_ONLY:
        if key in before.whole and key not in after.whole:
            context.findings.error("MG128", (*path, key), f"{key} of the service cannot be taken away from one version")
    own = blocks(after.whole)
    # A subset without a block, or without settings of a port, has its service's; only the settings of a port can be without.
    without = numbers if blocks(before.whole).keys() - own.keys() else before.ports
    levels = Levels(after.whole, after.ports | {number: own for number in without if number not in after.ports})
    _check(context, layers[1], levels if not _unreached(before) else Levels({}, {}), numbers)
    return _whole(levels)


def _whole(levels: Levels) -> Policy | None:
    ports = [
        {"port": {"number": number}, **(settings or _NOTHING_SPECIAL)} for number, settings in levels.ports.items()
    ]
    return (levels.whole | {PORTS: ports} if ports else levels.whole) or None


def check_layers(context: Context, model: Any, merged: Any, layers: list[Any], paths: list[KeyPath], key: str) -> bool:
    """Whether what the layers together make is a right `model`; what is wrong is told where it was written."""
    known = model, marshal.dumps(merged, 2)  # of version 2: the same bytes for the same values
    if known in _right:
        return True
    try:
        model.model_validate(merged)
    except ValidationError as error:
        for problem in problems(error):
            number, place = origin(layers, problem.path, key)
            context.findings.error("MG101", (*paths[number], *place), problem.message, problem.hint)
        return False
    if len(_right) >= _MEMO_SIZE:
        _right.clear()
    _right.add(known)
    return True
