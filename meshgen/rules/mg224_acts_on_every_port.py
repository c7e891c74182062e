"""A VirtualService of the mesh acts on every HTTP port of a service, on its management and metrics ports too.

Its rules apply to requests to the host at any port that the service has. Where all destinations lead to one port,
requests to the others are sent there as well; where they name none, headers, weights and faults act on all of them.
`match.port` keeps a rule to one port; the others are then routed as Kubernetes does.

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
      - route:   # <- MG224
        - destination:
            host: users
            port: {number: 80}

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
      - match:
        - port: 80
        route:
        - destination:
            host: users
            port: {number: 80}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("VirtualService",)
SETTLED = True


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look for the first rule without a port, where a host of the mesh has several HTTP ports. One finding says all."""
    spec = seen.spec
    if "mesh" not in (spec.get("gateways") or ["mesh"]):
        return
    for host in spec.get("hosts") or []:
        service = registry.services.get(registry.host(host, seen.namespace), [None])[0]
        http = [port.number for port in service.ports if port.is_http] if service else []
        if service is None or len(http) < 2:
            continue
        for number, route in enumerate(spec.get("http") or []):
            matches = route.get("match") or [{}]
            if all("port" in match or match.get("gateways", ["mesh"]) != ["mesh"] for match in matches):
                continue
            ports = ", ".join(str(port) for port in http)
            yield Finding(
                ("spec", "http", number, "route" if "route" in route else "match"),
                f"{service.key} has HTTP ports {ports}, and this rule acts on requests to each of them",
                f"write port: {http[0]} into each match, or give the other ports a Service of their own",
            )
            return
