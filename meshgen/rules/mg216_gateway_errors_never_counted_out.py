"""A threshold for gateway errors is as high as the one for all 5xx errors, which is reached first.

502, 503 and 504 count as gateway errors, and as 5xx errors too. A pod is ejected at the lower of the two thresholds, so
`consecutiveGatewayErrors` does something only below `consecutive5xxErrors`, which is 5 where it is not set. With
`consecutive5xxErrors: 0` gateway errors alone count.

Bad:

    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      trafficPolicy:
        outlierDetection:
          consecutive5xxErrors: 5
          consecutiveGatewayErrors: 5   # <- MG216
          maxEjectionPercent: 100

Good:

    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      trafficPolicy:
        outlierDetection:
          consecutive5xxErrors: 5
          consecutiveGatewayErrors: 3
          maxEjectionPercent: 100
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("DestinationRule",)
NEEDS = ("outlierDetection",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Compare the thresholds at each level."""
    if seen.key in registry.partial:
        return
    for level in seen.policies:
        block = level.policy.get("outlierDetection") or {}
        gateway, stated = block.get("consecutiveGatewayErrors") or 0, block.get("consecutive5xxErrors")
        errors = 5 if stated is None else stated
        if "outlierDetectionHttpErrorCodes" not in block and errors and gateway >= errors:
            said = "" if stated is not None else ", the default"
            yield Finding(
                (*level.path, "outlierDetection", "consecutiveGatewayErrors"),
                f"consecutive5xxErrors counts gateway errors too and is reached at {errors}{said}: this has no effect",
                f"write less than {errors}, or consecutive5xxErrors: 0 to count gateway errors alone",
            )
