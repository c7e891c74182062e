"""A match asks for labels of the caller at a gateway, where the caller is the gateway itself.

`sourceLabels` and `sourceNamespace` are compared with the proxy that has the routes. At a gateway these are the labels of
the gateway's pods, whoever sent the request: the match never takes one. Told where the pods that the labels mean are
among what is linted, and are not those of the gateway.

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
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: front, namespace: shop}
    spec:
      selector: {matchLabels: {app: front}}
      template:
        metadata: {labels: {app: front}}
        spec: {containers: [{name: front, image: "front:v1"}]}
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: front, namespace: shop}
    spec:
      hosts: [www.example.com]
      gateways: [public]
      http:
      - match:
        - sourceLabels: {app: front}   # <- MG265
        route:
        - destination: {host: users, port: {number: 80}}
        timeout: 30s
      - route:
        - destination: {host: users, port: {number: 80}}

Good:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 80}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: front, namespace: shop}
    spec:
      selector: {matchLabels: {app: front}}
      template:
        metadata: {labels: {app: front}}
        spec: {containers: [{name: front, image: "front:v1"}]}
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - match: [{sourceLabels: {app: front}}]
        route:
        - destination: {host: users, port: {number: 80}}
        timeout: 30s
      - route:
        - destination: {host: users, port: {number: 80}}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry, gateway_name
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("VirtualService",)
NEEDS = ("sourceLabels",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look at matches on callers in a VirtualService for gateways alone. With `match.gateways` they are not read."""
    names = [gateway_name(name, seen.namespace) for name in seen.spec.get("gateways") or ["mesh"]]
    gateways = [registry.gateways[name] for name in names if name in registry.gateways]
    if len(gateways) < len(names) or any(gateway.key in registry.partial for gateway in gateways):
        return
    selectors = [gateway.selector.items() for gateway in gateways]
    for number, route in enumerate(seen.spec.get("http") or []):
        for position, match in enumerate(route.get("match") or []):
            labels = match.get("sourceLabels")
            if not labels or match.get("gateways"):
                continue
            meant = registry.anywhere(labels)
            if meant and not any(selector <= pods.labels.items() for pods in meant for selector in selectors):
                yield Finding(
                    ("spec", "http", number, "match", position, "sourceLabels"),
                    f"at a gateway the caller is the gateway, which is not {meant[0].key}: the match never takes a request",
                    "write it into a VirtualService for the mesh, or match a header",
                )
