"""maxRetries is a small number, which looks like tries for a request but is a limit for all requests together.

`maxRetries` of a connectionPool is how many retries a sidecar has under way to this host at one time. How often a
request is tried is said in the VirtualService. When a pod dies under load, every retry beyond the limit is left out, and
its caller gets the error: just when retries are needed. Told of 5 or less, without a retryBudget beside it.

Bad:

    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      trafficPolicy:
        connectionPool:
          http:
            maxRetries: 3   # <- MG219

Good:

    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      trafficPolicy:
        retryBudget: {percent: 20, minRetryConcurrency: 10}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.INFO
KINDS = ("DestinationRule",)
NEEDS = ("connectionPool",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:  # noqa: ARG001
    """Look for a small limit at each level."""
    for level in seen.policies:
        most = ((level.policy.get("connectionPool") or {}).get("http") or {}).get("maxRetries", 0)
        if 0 < most <= 5 and "retryBudget" not in level.policy:
            yield Finding(
                (*level.path, "connectionPool", "http", "maxRetries"),
                f"no more than {most} retries at a time, of all requests of a caller together: under load the others are left out",
                "say the tries of a request as retries.attempts of the VirtualService; drop this, or write a retryBudget",
            )
