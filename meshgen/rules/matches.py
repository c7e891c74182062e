"""What the matches of a VirtualService ask for, as those rules see it that compare them."""

from __future__ import annotations

from typing import Any

from meshgen.cover import Conditions, conditions

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
