"""A destination names no port of a service that has several, so the caller's own port decides where requests go.

In the mesh a request stays at the port that it was sent to. At a gateway it goes to the port that the gateway listens
at, 80 or 443 as a rule: where the service does not have that port, every request gets 503. So it is an error there.
Istio's analyzer calls it one in the mesh too, where it works as long as the ports stand for the same.

Bad:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 80}
      - {name: http-admin, port: 8080}
    ---

    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - route:
        - destination:
            host: users   # <- MG222

Bad, at a gateway:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 8080}
      - {name: http-admin, port: 9090}
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
    metadata: {name: users-public, namespace: shop}
    spec:
      hosts: [www.example.com]
      gateways: [public]
      http:
      - route:
        - destination:
            host: users   # <- MG222

Good:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 80}
      - {name: http-admin, port: 8080}
    ---

    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - match: [{port: 80}]
        route:
        - destination:
            host: users
            port: {number: 80}

Good, at a gateway:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 8080}
      - {name: http-admin, port: 9090}
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
    metadata: {name: users-public, namespace: shop}
    spec:
      hosts: [www.example.com]
      gateways: [public]
      http:
      - route:
        - destination:
            host: users
            port: {number: 8080}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding
from meshgen.rules.matches import places_of

SEVERITY = Severity.WARNING
KINDS = ("VirtualService",)
COVERS = ("IST0112",)
WORST = Severity.ERROR
SETTLED = True


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look at each destination of a Service with several ports; worse than a warning where a gateway uses the route."""
    for target in registry.targets(seen):
        service = None if "port" in target.said else registry.service_at(target.host)
        if service is None or len(service.ports) < 2:
            continue
        ports = ", ".join(str(port.number) for port in service.ports)
        at_gateway = bool(places_of(seen, target.route, registry) - {"mesh"})
        there = (
            "a gateway takes the port that it listens at, and requests get 503 where the service has no such port"
            if at_gateway
            else "the caller's port decides"
        )
        yield Finding(
            (*target.path, "host"),
            f"{service.key} has several ports ({ports}) and none is named: {there}",
            "name the port: {number: ...} of the destination",
            Severity.ERROR if at_gateway else None,
        )
