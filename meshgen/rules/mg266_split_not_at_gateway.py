"""Requests from a gateway go to a service as a whole, past the split that another VirtualService makes of it.

A gateway reads the VirtualServices that are bound to it, and no others: the rules that a VirtualService of the mesh has
for the destination are not applied again. What comes from outside is spread over the pods of all versions, whatever
their weights. One VirtualService with both hosts, and `gateways` with `mesh` and the gateway, serves both.

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
    kind: Gateway
    metadata: {name: public, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 80, name: http, protocol: HTTP}
        hosts: [www.example.com]
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - route:
        - destination: {host: users, subset: v1}
          weight: 90
        - destination: {host: users, subset: v2}
          weight: 10
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users-public, namespace: shop}
    spec:
      hosts: [www.example.com]
      gateways: [public]
      http:
      - route:
        - destination:
            host: users   # <- MG266
            port: {number: 80}
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      subsets:
      - {name: v1, labels: {version: v1}}
      - {name: v2, labels: {version: v2}}

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
    kind: Gateway
    metadata: {name: public, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 80, name: http, protocol: HTTP}
        hosts: [www.example.com]
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - route:
        - destination: {host: users, subset: v1}
          weight: 90
        - destination: {host: users, subset: v2}
          weight: 10
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users-public, namespace: shop}
    spec:
      hosts: [www.example.com]
      gateways: [public]
      http:
      - route:
        - destination: {host: users, subset: v1, port: {number: 80}}
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      subsets:
      - {name: v1, labels: {version: v1}}
      - {name: v2, labels: {version: v2}}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry, destinations
from meshgen.rules import Finding
from meshgen.rules.matches import places_of

SEVERITY = Severity.WARNING
KINDS = ("VirtualService",)
COVERS = ("IST0140",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look for destinations without subset that others split."""
    if all(name == "mesh" for name in seen.spec.get("gateways") or []) and seen.spec.get("hosts"):
        return
    for number, route in enumerate(seen.spec.get("http") or []):
        for path, said in destinations(route):
            if said.get("subset") or not said.get("host") or path[0] != "route":
                continue
            splits = registry.splits.get(registry.host(said["host"], seen.namespace), [])
            other = next((key for key in splits[:2] if key != seen.key), None)
            if other is None or not places_of(seen, route, registry) - {"mesh"}:
                continue
            yield Finding(
                ("spec", "http", number, *path, "host"),
                f"{other} routes this host to subsets, but not requests from a gateway: they go to any version",
                "name subsets and weights here too, or bind that VirtualService to the gateway",
            )
