"""The levels of a policy: for the whole service, and for each port that has settings of its own.

Lowest first, these lie on one another: the service, the service's port, the version, the version's port.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from pydantic import ValidationError

from meshgen.document import KeyPath
from meshgen.merging import merge_all, origin
from meshgen.resolve.context import Context
from meshgen.spec.errors import Problem, problems
from meshgen.spec.policy import PortTrafficPolicy

BLOCKS = ("connectionPool", "loadBalancer", "outlierDetection", "tls")
"""The blocks that a port's settings can hold, and that replace those of the level above."""

PORTS = "portLevelSettings"

Policy = dict[str, Any]


class Levels(NamedTuple):
    """A policy without its ports, and in full for each port that has settings of its own."""

    whole: Policy
    ports: dict[int, Policy]


class Layer(NamedTuple):
    """A policy as a service or a version writes it: `whose` it is, and where it stands."""

    whose: str
    path: KeyPath
    policy: Policy | None

    @property
    def own(self) -> Policy | None:
        """The policy without its ports."""
        if self.policy is None or PORTS not in self.policy:
            return self.policy
        return {key: value for key, value in self.policy.items() if key != PORTS}

    @property
    def ports(self) -> list[Policy]:
        """The settings of single ports."""
        return (self.policy or {}).get(PORTS) or []


class Part(NamedTuple):
    """What one layer says of all ports, or of one."""

    whose: str
    path: KeyPath
    policy: Policy
    is_port: bool


def blocks(policy: Policy) -> Policy:
    """What of a policy can hold for one port."""
    return {key: policy[key] for key in BLOCKS if key in policy}


def levels_of(layers: list[Layer]) -> Levels:
    """What the layers make of the service's whole, and of each port that one of them names."""
    whole = merge_all([layer.own for layer in layers], "trafficPolicy") or {}
    found: dict[int, Policy] = {}
    for number in {settings["port"]["number"]: None for layer in layers for settings in layer.ports}:
        parts = _parts(layers, number)
        if any(part.is_port for part in parts):
            found[number] = blocks(merge_all([part.policy for part in parts], "trafficPolicy"))
    return Levels(whole, found)


def _parts(layers: list[Layer], number: int) -> list[Part]:
    """What the layers say that holds for a port, the lowest first."""
    parts: list[Part] = []
    for layer in layers:
        if layer.policy is None:
            continue
        parts.append(Part(f"{layer.whose}'s policy", layer.path, layer.own or {}, is_port=False))
        if layer.policy.get(PORTS, ...) is None:
            parts = [part for part in parts if not part.is_port]
        for item, settings in enumerate(layer.ports):
            if settings["port"]["number"] != number:
                continue
            if settings.get("$patch") == "delete":
                parts = [part for part in parts if not part.is_port]
            else:
                own = {key: value for key, value in settings.items() if key != "port"}
                parts.append(Part(f"{layer.whose}'s port {number}", (*layer.path, PORTS, item), own, is_port=True))
    return parts


def check_ports(context: Context, layers: list[Layer], levels: Levels) -> None:
    """Find what cannot stand together in the settings of a port, now that all layers lie on one another."""
    for number, settings in levels.ports.items():
        if settings:
            try:
                PortTrafficPolicy.model_validate({"port": {"number": number}, **settings})
            except ValidationError as error:
                parts = _parts(layers, number)
                for problem in problems(error):
                    _tell(context, parts, problem)


def _tell(context: Context, parts: list[Part], problem: Problem) -> None:
    """Say it where the value is written, or where another layer has to take it away."""
    at, place = origin([part.policy for part in parts], problem.path, "trafficPolicy")
    *lower, last = [index for index, part in enumerate(parts) if problem.path[0] in part.policy]
    if at < last:
        what = ".".join(map(str, problem.path))
        message = f"{what} of {parts[at].whose} holds here too: {problem.message}"
        hint = f"write {problem.path[-1]}: null here to take it away"
        context.findings.error("MG101", (*parts[last].path, *problem.path), message, hint)
    else:
        below = f"laid over {parts[lower[-1]].whose}: " if lower else ""
        context.findings.error("MG101", (*parts[at].path, *place), f"{below}{problem.message}", problem.hint)
