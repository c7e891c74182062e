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
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("VirtualService",)
COVERS = ("IST0101",)
SETTLED = True


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Compare each destination's port with those of its service."""
    known: dict[str, set[int] | None] = {}
    for target in registry.targets(seen):
        number = (target.said.get("port") or {}).get("number")
        if number is None:
            continue
        if target.host not in known:
            known[target.host] = _ports(target.host, registry)
        there = known[target.host]
        service = None if there is None or number in there else registry.service_at(target.host)
        if service is not None:
            ports = ", ".join(str(port.number) for port in service.ports)
            meant = next((port.number for port in service.ports if port.target == number), None)
            yield Finding(
                (*target.path, "port", "number"),
                f"{service.key} has no port {number}: requests get 503",
                f"did you mean {meant}? It leads to {number} of the pods" if meant else f"there are: {ports}",
                fix=str(meant) if meant else None,
            )


def _ports(host: str, registry: Registry) -> set[int] | None:
    """The ports of all that has a full host; None where they are not known."""
    service = registry.service_at(host)
    same = registry.services[service.host] if service is not None and service.ports else []
    if not same or any(each.key in registry.partial for each in same):
        return None
    return {port.number for each in same for port in each.ports}
