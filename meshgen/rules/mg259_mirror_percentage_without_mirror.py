"""A share of requests is to be mirrored, but no mirror is named, so nothing is.

`mirrorPercentage` belongs to `mirror`; each of `mirrors` has a `percentage` of its own. Neither means anything without
the other, and nothing complains. The deprecated `mirrorPercent` is the same.

Bad:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 80}
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - route:
        - destination: {host: users}
        mirrorPercentage: {value: 10}   # <- MG259

Good:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 80}
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - route:
        - destination: {host: users}
        mirrors:
        - destination: {host: users, port: {number: 80}}
          percentage: {value: 10}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("VirtualService",)
NEEDS = ("mirrorPercentage", "mirrorPercent")
SETTLED = True


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look for a share without its mirror. That of a rule may come from the one that delegates to it."""
    for number, route in enumerate(seen.spec.get("http") or []):
        if "mirror" in route or seen.key in registry.partial or not seen.spec.get("hosts") or "delegate" in route:
            continue
        for key in ("mirrorPercentage", "mirrorPercent"):
            if route.get(key) is not None:
                yield Finding(
                    ("spec", "http", number, key),
                    "there is no mirror that this could be the share of"
                    + (": those of mirrors have their own" if "mirrors" in route else ": nothing is mirrored"),
                    "write percentage into each of mirrors"
                    if "mirrors" in route
                    else "write the mirror too, or drop this",
                )
