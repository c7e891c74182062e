"""An older apiVersion is written than the one that Istio stores.

All versions of these kinds have the same fields and are served alike, so nothing changes for requests. But `v1` is what
the cluster stores and shows, what Istio's documentation writes, and what remains when older ones go. Every Istio since
1.22 serves it.

Bad:

    apiVersion: networking.istio.io/v1beta1   # <- MG232
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      trafficPolicy:
        loadBalancer: {simple: LEAST_REQUEST}

Good:

    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      trafficPolicy:
        loadBalancer: {simple: LEAST_REQUEST}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.INFO
KINDS = (
    "VirtualService", "DestinationRule", "Gateway", "ServiceEntry", "Sidecar", "WorkloadEntry", "WorkloadGroup",
    "AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication", "Telemetry",
)  # fmt: skip
SETTLED = True


def check(seen: Object, registry: Registry) -> Iterator[Finding]:  # noqa: ARG001
    """Look at the version."""
    group, _, version = seen.data.get("apiVersion", "").partition("/")
    if version.startswith("v1") and version != "v1":
        yield Finding(
            ("apiVersion",),
            f"{version} is served, but v1 is what is stored and shown",
            f"write {group}/v1",
            fix=f"{group}/v1",
        )
