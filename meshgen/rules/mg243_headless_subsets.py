"""Routes lead to subsets of a headless Service, where the caller's own choice of a pod decides.

A client of a headless Service looks up the pods' addresses and connects to one of them. A sidecar passes the connection
on to just that address: which subset a route names, what a weight says, and how a load balancer would choose has no
effect, and requests for one version reach any. Gateways choose pods themselves; of routes for gateways alone nothing is
told.

Bad:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      clusterIP: None
      selector: {app: users}
      ports:
      - {name: http, port: 3000}
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      subsets:   # <- MG243
      - {name: v1, labels: {version: v1}}
      - {name: v2, labels: {version: v2}}
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - route:
        - {destination: {host: users, subset: v1}, weight: 90}
        - {destination: {host: users, subset: v2}, weight: 10}

Good:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 3000}
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      subsets:
      - {name: v1, labels: {version: v1}}
      - {name: v2, labels: {version: v2}}
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - match: [{port: 3000}]
        route:
        - {destination: {host: users, subset: v1, port: {number: 3000}}, weight: 90}
        - {destination: {host: users, subset: v2, port: {number: 3000}}, weight: 10}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("DestinationRule",)
NEEDS = ("subsets",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look for routes of sidecars to subsets of a Service without address."""
    service = registry.service(seen.spec.get("host", ""), seen.namespace)
    if service is None or not service.headless or not service.selector:
        return
    there = {subset.get("name") for subset in seen.spec.get("subsets") or []}
    used = {use.subset for use in registry.uses.get(service.host, ()) if use.in_mesh and use.subset in there}
    if used and len(there) > 1:
        yield Finding(
            ("spec", "subsets"),
            f"{service.key} is headless: sidecars connect to the pod that the caller looked up, whichever subset a route names",
            "route by a Service with an address (no clusterIP: None) for the same pods",
        )
