"""A DestinationRule is exported to a namespace whose callers never look for it.

For a service, a caller's sidecar looks for DestinationRules in the caller's own namespace, then in that of the service,
then in the root namespace (istio-system). A rule in any other acts for callers in its own namespace only, whatever its
exportTo says: the callers that are named there go without its limits, TLS settings and subsets.

Bad:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      ports:
      - {name: http, port: 80}
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: ops}
    spec:
      host: users.shop.svc.cluster.local
      exportTo:
      - front   # <- MG245
      trafficPolicy:
        loadBalancer: {simple: RANDOM}

Good:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      ports:
      - {name: http, port: 80}
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users.shop.svc.cluster.local
      exportTo:
      - front
      trafficPolicy:
        loadBalancer: {simple: RANDOM}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import ROOT_NAMESPACE, Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("DestinationRule",)
NEEDS = ("exportTo",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Compare the rule's namespace with that of its service."""
    service = registry.service(seen.spec.get("host", ""), seen.namespace)
    if service is None or seen.namespace in (service.key.namespace, ROOT_NAMESPACE):
        return
    for number, place in enumerate(seen.spec.get("exportTo") or []):
        if place not in ("*", ".", seen.namespace):
            yield Finding(
                ("spec", "exportTo", number),
                f"callers in {place!r} look in their own namespace, in {service.key.namespace!r} and in {ROOT_NAMESPACE}: never here",
                f"move the rule to {service.key.namespace!r}",
            )
