"""Addresses are written down as not ready, and nothing will ever make them ready.

`notReadyAddresses` is where a controller notes pods whose readiness probe fails. Written by hand it is never changed
again: these addresses get no request, unless the Service says `publishNotReadyAddresses`. For a Service with a selector
the whole object is replaced anyway.

Bad:

    apiVersion: v1
    kind: Endpoints
    metadata: {name: users, namespace: shop}
    subsets:
    - addresses: [{ip: 10.1.1.1}]
      notReadyAddresses: [{ip: 10.1.1.4}]   # <- MG206
      ports: [{name: http, port: 3000}]

Good:

    apiVersion: v1
    kind: Endpoints
    metadata: {name: users, namespace: shop}
    subsets:
    - addresses: [{ip: 10.1.1.1}, {ip: 10.1.1.4}]
      ports: [{name: http, port: 3000}]
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.INFO
KINDS = ("Endpoints",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:  # noqa: ARG001
    """Look at each subset."""
    for number, subset in enumerate(seen.data.get("subsets") or []):
        if subset.get("notReadyAddresses"):
            yield Finding(
                ("subsets", number, "notReadyAddresses"),
                "these addresses get no request, and no probe ever makes them ready",
                "write them under addresses, or drop them; an EndpointSlice says conditions: {ready: false}",
            )
