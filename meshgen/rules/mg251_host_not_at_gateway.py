"""None of the servers of a gateway has a host of the VirtualService that is bound to it, so its routes are never used.

A request from outside first finds a server of the Gateway by its host, then a VirtualService of that host. `ns/host`
at a server takes VirtualServices of that namespace only.

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
        hosts: [users.example.org]
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users-public, namespace: shop}
    spec:
      hosts:
      - users.example.com   # <- MG251
      gateways: [public]
      http:
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

    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: public, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 80, name: http, protocol: HTTP}
        hosts: ["*.example.com"]
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users-public, namespace: shop}
    spec:
      hosts: [users.example.com]
      gateways: [public]
      http:
      - route:
        - destination: {host: users, port: {number: 80}}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry, meet
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("VirtualService",)
COVERS = ("IST0132",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Compare each host with those of all servers of the gateways."""
    named = [name if "/" in name else f"{seen.namespace}/{name}" for name in seen.spec.get("gateways") or []]
    gateways = [registry.gateways.get(name) for name in named if name != "mesh"]
    known = [gateway for gateway in gateways if gateway is not None and gateway.key not in registry.partial]
    if not known or len(known) < len(gateways):
        return
    there = sorted({host for gateway in known for server in gateway.servers for host in server.hosts})
    for number, host in enumerate(seen.spec.get("hosts") or []):
        if "mesh" in named and registry.is_ours(host, seen.namespace):
            continue
        full = registry.host(host, seen.namespace)
        if not any(
            _takes(pattern, full, seen.namespace, gateway.key.namespace)
            for gateway in known
            for server in gateway.servers
            for pattern in server.hosts
        ):
            yield Finding(
                ("spec", "hosts", number),
                f"no server of {' or '.join(str(each.key) for each in known)} has {host!r}: requests for it get 404",
                f"the servers have: {', '.join(there[:10])}",
            )


def _takes(pattern: str, host: str, namespace: str, own: str) -> bool:
    """Whether a server's host, which may say from which namespace, takes a VirtualService's host."""
    place, slash, name = pattern.rpartition("/")
    wanted = own if place == "." else place
    return (not slash or wanted in ("*", namespace)) and meet(name, host)
