"""A destination names a port that its service does not have, so its share of the requests gets 503.

The number is that of the Service's port, not that of the container (`targetPort`).

Bad:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 80, targetPort: 3000}
    ---

    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - route:
        - destination:
            host: users
            port:
              number: 3000   # <- MG223

Good:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 80, targetPort: 3000}
    ---

    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - route:
        - destination:
            host: users
            port:
              number: 80
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry, all_routes, destinations
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("VirtualService",)
COVERS = ("IST0101",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Compare each destination's port with those of its service."""
    for path, route in all_routes(seen.spec):
        for below, target in destinations(route):
            number = (target.get("port") or {}).get("number")
            service = registry.service(target.get("host", ""), seen.namespace)
            if number is None or service is None or not service.ports:
                continue
            same = registry.services[service.host]
            if any(each.key in registry.partial for each in same):
                continue
            if all(port.number != number for each in same for port in each.ports):
                ports = ", ".join(str(port.number) for port in service.ports)
                meant = next((port.number for port in service.ports if port.target == number), None)
                yield Finding(
                    (*path, *below, "port", "number"),
                    f"{service.key} has no port {number}: requests get 503",
                    f"did you mean {meant}? It leads to {number} of the pods" if meant else f"there are: {ports}",
                )
