"""As many pods may be ejected as make Envoy panic and send requests to ejected pods again.

Below `minHealthPercent` of healthy pods, Envoy takes none for broken and spreads requests over all. Where that is what
remains, or more, when `maxEjectionPercent` are ejected (10 where it is not set), ejection undoes itself as soon as one
pod more fails. That can be meant, to protect the pods that are left; without minHealthPercent it never happens.

Bad:

    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      trafficPolicy:
        outlierDetection:
          maxEjectionPercent: 50
          minHealthPercent: 50   # <- MG218

Good:

    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      trafficPolicy:
        outlierDetection:
          maxEjectionPercent: 50
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.INFO
KINDS = ("DestinationRule",)
NEEDS = ("outlierDetection",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:  # noqa: ARG001
    """Compare the two percentages at each level."""
    for level in seen.policies:
        block = level.policy.get("outlierDetection") or {}
        ejected, healthy = block.get("maxEjectionPercent") or 10, block.get("minHealthPercent", 0)
        if healthy and healthy >= 100 - ejected:
            yield Finding(
                (*level.path, "outlierDetection", "minHealthPercent"),
                f"when {ejected}% are ejected and fewer than {healthy}% are healthy, requests go to ejected pods again",
                f"leave it out, or write less than {100 - ejected}",
            )
