"""A DestinationRule uses a name that Istio has replaced, and that does nothing or will go.

`LEAST_CONN` is another name for `LEAST_REQUEST`. `consistentHash.minimumRingSize` moved into `ringHash`, and
`warmupDurationSecs` into `warmup`: they still act. `outlierDetection.consecutiveErrors` is accepted but no longer read:
pods are ejected after five 5xx errors, whatever is written there.

Bad:

    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      trafficPolicy:
        loadBalancer:
          simple: LEAST_CONN   # <- MG233
        outlierDetection:
          consecutiveErrors: 3   # <- MG233

Good:

    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      trafficPolicy:
        loadBalancer:
          simple: LEAST_REQUEST
        outlierDetection:
          consecutive5xxErrors: 3
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("DestinationRule",)
NEEDS = ("loadBalancer", "outlierDetection")
SETTLED = True


def check(seen: Object, registry: Registry) -> Iterator[Finding]:  # noqa: ARG001
    """Look for the old names at each level."""
    for level in seen.policies:
        balancer = level.policy.get("loadBalancer") or {}
        path = (*level.path, "loadBalancer")
        if balancer.get("simple") == "LEAST_CONN":
            message = "LEAST_CONN is the old name of LEAST_REQUEST, which is the default too"
            yield Finding((*path, "simple"), message, "write LEAST_REQUEST", fix="LEAST_REQUEST")
        if "warmupDurationSecs" in balancer:
            yield Finding(
                (*path, "warmupDurationSecs"), "warmupDurationSecs is deprecated", "write warmup: {duration: …}"
            )
        if "minimumRingSize" in (balancer.get("consistentHash") or {}):
            yield Finding(
                (*path, "consistentHash", "minimumRingSize"),
                "minimumRingSize is deprecated",
                "write it inside ringHash",
            )
        detection = level.policy.get("outlierDetection") or {}
        if "consecutiveErrors" in detection:
            stated = detection.get("consecutive5xxErrors")
            counted = 5 if stated is None else stated
            yield Finding(
                (*level.path, "outlierDetection", "consecutiveErrors"),
                f"Istio no longer reads consecutiveErrors: consecutive5xxErrors counts, which is {counted}",
                "write consecutive5xxErrors, or consecutiveGatewayErrors with consecutive5xxErrors: 0",
            )
