"""A destination names no port, and its service does not have the one that callers use, so their requests get 503.

A sidecar keeps a request at the port that it was sent to: of the services that it knows at port 80, one whose only port
is 8080 is none, and the cluster that it looks for does not exist. At a gateway such a service is found. Told where none
of the HTTP ports of the hosts, or none of those that the match asks for, is the one of the destination.

Bad:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 80}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: people, namespace: shop}
    spec:
      selector: {app: people}
      ports:
      - {name: http, port: 8080}
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - route:
        - destination:
            host: people   # <- MG291

Good:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 80}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: people, namespace: shop}
    spec:
      selector: {app: people}
      ports:
      - {name: http, port: 8080}
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - route:
        - destination:
            host: people
            port: {number: 8080}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from meshgen.diagnostic import Severity
from meshgen.editing import Beside
from meshgen.registry import Object, Registry
from meshgen.rules import Finding
from meshgen.rules.matches import places_of

SEVERITY = Severity.ERROR
KINDS = ("VirtualService",)
SETTLED = True


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Compare the only port of each destination without a port with those that callers in the mesh use."""
    called = _called(seen, registry)
    for target in registry.targets(seen):
        if "port" in target.said or target.path[1] != "http":
            continue
        if "mesh" not in places_of(seen, target.route, registry):
            continue
        there = registry.services.get(target.host, [])
        if len(there) != 1 or len(there[0].ports) != 1 or there[0].external or there[0].key in registry.partial:
            continue
        (service,), number = there, there[0].ports[0].number
        asked = _asked(target.route) or called
        if asked and number not in asked:  # of some of them MG224 tells
            listed = " or ".join(map(str, sorted(asked)))
            what = "it is mirrored nothing" if target.is_mirror else "these requests get 503"
            yield Finding(
                (*target.path, "host"),
                f"{service.key} has no port {listed}, at which callers ask, and no port is named: {what}",
                f"add port: {{number: {number}}} to the destination",
                fix=Beside("port", {"number": number}),
            )


def _called(seen: Object, registry: Registry) -> set[int]:
    """The HTTP ports of the hosts, where they are known."""
    return {
        port.number
        for host in seen.spec.get("hosts") or []
        for service in registry.services.get(registry.host(host, seen.namespace), [])
        if service.key not in registry.partial
        for port in service.ports
        if port.is_http
    }


def _asked(route: Mapping[str, Any]) -> set[int]:
    """The ports that the matches of a rule are for in the mesh; none where one of them is for all."""
    ports = [match.get("port") for match in route.get("match") or [{}] if "mesh" in (match.get("gateways") or ["mesh"])]
    return {port for port in ports if port} if all(ports) else set()
