"""A gateway listens for a host for which no VirtualService is bound to it, so every request for it gets 404.

A VirtualService has to name the Gateway (`gateways: [NAMESPACE/NAME]`) and the host. One without `gateways` is for the
mesh alone. Told where VirtualServices are among what is linted, and Services or VirtualServices of the Gateway's own
namespace (or of the one that stands before the host): a namespace of gateways alone has its routes elsewhere. There it
is told as info, as long as some VirtualService is bound to the Gateway. Servers that only redirect, and those for TCP,
need none.

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
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("Gateway",)

_ROUTED = frozenset(["HTTP", "HTTPS", "HTTP2", "GRPC", "GRPC-WEB"])


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look for a VirtualService for each host of each server that speaks HTTP."""
    full = f"{seen.namespace}/{seen.name}"
    bound = registry.bound_to(full)
    if any(routes.key in registry.partial for routes in registry.routes_at.get(full, [])):
        return
    for number, server in enumerate(seen.spec.get("servers") or []):
        tls = server.get("tls") or {}
        spoken = ((server.get("port") or {}).get("protocol") or "").upper()
        if spoken not in _ROUTED or tls.get("httpsRedirect") or tls.get("mode") in ("PASSTHROUGH", "AUTO_PASSTHROUGH"):
            continue
        for position, host in enumerate(server.get("hosts") or []):
            place, slash, name = host.rpartition("/")
            wanted = seen.namespace if place == "." else place if slash else "*"
            found = bound.meeting(name.lower())
            severity = _severity(seen, wanted, registry)
            if severity is not None and not any(wanted == "*" or wanted in places for places in found):
                yield Finding(
                    ("spec", "servers", number, "hosts", position),
                    f"no VirtualService is bound to this gateway for {host!r}: every request for it gets 404",
                    f"write a VirtualService with gateways: [{full}] and hosts: [{name}], or add them to one that is there",
                    severity,
                )


def _severity(seen: Object, wanted: str, registry: Registry) -> Severity | None:
    """An error where the namespace that should have the routes has some; None where nobody's routes are known."""
    namespace = seen.namespace if wanted == "*" else wanted
    if namespace in registry.routed or (registry.routes and registry.knows(namespace)):
        return Severity.ERROR
    return Severity.INFO if f"{seen.namespace}/{seen.name}" in registry.routes_at else None
