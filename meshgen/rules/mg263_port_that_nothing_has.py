"""A match asks for a port that neither the service nor a server of the gateways has, so it never takes a request.

In the mesh `port` is a port of the service that is called, not one of its pods; at a gateway it is `port.number` of a
server. Told where all hosts are Services among what is linted, and all gateways are there too.

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
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - match:
        - port: 8080   # <- MG263
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
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - match:
        - port: 80
        route:
        - destination: {host: users}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry, gateway_name
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("VirtualService",)
NEEDS = ("port",)
SETTLED = True


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Compare the port of each match with those of the places where it is used."""
    known: dict[str, set[int] | None] = {}
    for kind in ("http", "tls", "tcp"):
        for number, route in enumerate(seen.spec.get(kind) or []):
            for position, match in enumerate(route.get("match") or []):
                port = match.get("port")
                if not port:
                    continue
                places = match.get("gateways") or seen.spec.get("gateways") or ["mesh"]
                names = {gateway_name(place, seen.namespace) for place in places}
                for name in names - known.keys():
                    known[name] = _ports(name, seen, registry)
                ports = [known[name] for name in sorted(names)]
                if any(each is None or port in each for each in ports):
                    continue
                there = sorted({one for each in ports if each for one in each})
                yield Finding(
                    ("spec", kind, number, "match", position, "port"),
                    f"nothing that this is for has port {port}: the match never takes a request",
                    f"there are: {', '.join(map(str, there))}",
                )


def _ports(place: str, seen: Object, registry: Registry) -> set[int] | None:
    """The ports of a gateway, or of the hosts in the mesh; None where they are not known."""
    if place != "mesh":
        gateway = registry.gateways.get(place)
        if gateway is None or gateway.key in registry.partial:
            return None
        return {server.number for server in gateway.servers}
    found: set[int] = set()
    for host in seen.spec.get("hosts") or ["*"]:
        services = registry.services.get(registry.host(host, seen.namespace))
        if not services or any(each.key in registry.partial for each in services):
            return None
        found |= {port.number for each in services for port in each.ports}
    return found
