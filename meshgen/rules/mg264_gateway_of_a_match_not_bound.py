"""A match is for a gateway that its VirtualService is not bound to, so it never takes a request.

`match.gateways` picks from the VirtualService's `gateways`, it does not add to them: a proxy only reads VirtualServices
that are bound to its gateway. Without `gateways` that is `mesh` alone.

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
      - match:
        - gateways:
          - public   # <- MG264
        route:
        - destination: {host: users}
      - route:
        - destination: {host: users}

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
        hosts: [users.example.com]
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users, users.example.com]
      gateways: [public, mesh]
      http:
      - match: [{gateways: [public]}]
        route:
        - destination: {host: users}
      - route:
        - destination: {host: users}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry, gateway_name
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("VirtualService",)
NEEDS = ("gateways",)
SETTLED = True


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Compare the gateways of each match with those of the object. A delegate has none of its own."""
    if not seen.spec.get("hosts") or seen.key in registry.partial:
        return
    named = seen.spec.get("gateways") or ["mesh"]
    bound = {gateway_name(name, seen.namespace) for name in named}
    for kind in ("http", "tls", "tcp"):
        for number, route in enumerate(seen.spec.get(kind) or []):
            for position, match in enumerate(route.get("match") or []):
                wanted = match.get("gateways") or []
                if not wanted or any(gateway_name(name, seen.namespace) in bound for name in wanted):
                    continue
                yield Finding(
                    ("spec", kind, number, "match", position, "gateways", 0),
                    f"the VirtualService is not bound to {' or '.join(wanted)}: the match never takes a request",
                    f"it is bound to {', '.join(named)}; write the gateway there too",
                )
