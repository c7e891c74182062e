"""What the matches of a VirtualService ask for, as those rules see it that compare them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from meshgen.cover import Conditions, conditions
from meshgen.registry import Object, Registry, gateway_name

_ALL = ({"prefix": "/"}, {"regex": "/.*"})


def conditions_of(match: dict[str, Any]) -> Conditions:
    """Those of a match, with the ports and gateways for which it is meant."""
    if match.get("gateways"):
        # Istio does not look at the callers then.
        match = {key: value for key, value in match.items() if key not in ("sourceLabels", "sourceNamespace")}
    found = conditions(match)
    places = {("port", match["port"])} if match.get("port") else set()
    gateways = {("gateways", tuple(sorted(match["gateways"])))} if match.get("gateways") else set()
    asked = {other for other in found.others if other[0] == "without"}
    everything = found.uri in _ALL and not found.values and not asked
    return found._replace(uri=None if everything else found.uri, others=found.others | places | gateways)


def places_of(seen: Object, route: Mapping[str, Any], registry: Registry) -> set[str]:
    """Where a rule of a VirtualService is used: `mesh`, and gateways as NAMESPACE/NAME.

    One without hosts is used where the rules are that are left to it; nowhere, if these are not known.
    """
    if seen.spec.get("hosts"):
        names = {gateway_name(name, seen.namespace) for name in seen.spec.get("gateways") or ["mesh"]}
    else:
        names = {name for root in registry.roots.get(f"{seen.namespace}/{seen.name}", []) for name in root.gateways}
    own: set[str] = set()
    for match in route.get("match") or [{}]:
        said = match.get("gateways")
        own |= {gateway_name(name, seen.namespace) for name in said} if said else names
    return own
