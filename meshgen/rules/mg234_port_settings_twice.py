"""One port has two entries in portLevelSettings, and the second is never used.

Istio takes the first entry with a port's number. What the second says, be it a limit, ejection or TLS, does not act.

Bad:

    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      trafficPolicy:
        portLevelSettings:
        - port: {number: 80}
          loadBalancer: {simple: ROUND_ROBIN}
        - port: {number: 80}   # <- MG234
          outlierDetection: {maxEjectionPercent: 100}

Good:

    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      trafficPolicy:
        portLevelSettings:
        - port: {number: 80}
          loadBalancer: {simple: ROUND_ROBIN}
          outlierDetection: {maxEjectionPercent: 100}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("DestinationRule",)
NEEDS = ("portLevelSettings",)
SETTLED = True


def check(seen: Object, registry: Registry) -> Iterator[Finding]:  # noqa: ARG001
    """Look for a port that was there before, at the same level."""
    there = set()
    for level in seen.policies:
        if level.port is None:
            continue
        place = (level.path[:-1], level.port)
        if place in there:
            yield Finding(
                (*level.path, "port"),
                f"port {level.port} has an entry above: this one is never used",
                "write both into one entry",
            )
        there.add(place)
