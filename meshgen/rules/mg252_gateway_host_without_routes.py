"""A gateway listens for a host for which no VirtualService is bound to it, so every request for it gets 404.

A VirtualService has to name the Gateway (`gateways: [NAMESPACE/NAME]`) and the host. One without `gateways` is for the
mesh alone. Told where VirtualServices, and Services of the Gateway's own namespace, are among what is linted: a
namespace of gateways alone has its routes elsewhere. Servers that only redirect, and those for TCP, need none.

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
        hosts:
        - users.example.com   # <- MG252
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
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
        hosts: [users.example.com]
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

SEVERITY = Severity.ERROR
KINDS = ("Gateway",)


_ROUTED = frozenset(["HTTP", "HTTPS", "HTTP2", "GRPC", "GRPC-WEB"])


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look for a VirtualService for each host of each server that speaks HTTP."""
    if not registry.routes or not registry.knows(seen.namespace):
        return
    bound = registry.routes_at.get(f"{seen.namespace}/{seen.name}", [])
    if any(routes.key in registry.partial for routes in bound):
        return
    hosts = [host for routes in bound for host in routes.hosts]
    for number, server in enumerate(seen.spec.get("servers") or []):
        tls = server.get("tls") or {}
        spoken = ((server.get("port") or {}).get("protocol") or "").upper()
        if spoken not in _ROUTED or tls.get("httpsRedirect") or tls.get("mode") in ("PASSTHROUGH", "AUTO_PASSTHROUGH"):
            continue
        for position, host in enumerate(server.get("hosts") or []):
            if any(meet(host.rpartition("/")[2].lower(), other) for other in hosts):
                continue
            yield Finding(
                ("spec", "servers", number, "hosts", position),
                f"no VirtualService is bound to this gateway for {host!r}: every request for it gets 404",
                _hint(seen, host, registry),
            )


def _hint(seen: Object, host: str, registry: Registry) -> str:
    there = next((routes for routes in registry.routes if host in routes.hosts), None)
    full = f"{seen.namespace}/{seen.name}"
    if there is not None:
        return f"add {full} to the gateways of {there.key}"
    return f"write a VirtualService with gateways: [{full}] and hosts: [{host}]"
