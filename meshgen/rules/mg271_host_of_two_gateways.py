"""Two Gateways of one proxy have a host at one port: of TLS one is dropped, of plain HTTP their routes are mixed.

Which of them is dropped, with its certificate and all its routes, depends on which was created first. Istio's analyzer calls
the second an error whatever is spoken; with plain HTTP the routes of both are used, in an order that depends on their age,
so this is a warning then; servers that only redirect do not differ. Gateways whose selectors are not equal are not compared, for that needs the pods.

Bad:

    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: public, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 443, name: https, protocol: HTTPS}
        hosts: [www.example.com]
        tls: {mode: SIMPLE, credentialName: www-tls}
    ---
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: other, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 443, name: https, protocol: HTTPS}
        hosts:
        - www.example.com   # <- MG271
        tls: {mode: SIMPLE, credentialName: other-tls}

Good:

    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: public, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 443, name: https, protocol: HTTPS}
        hosts: [www.example.com]
        tls: {mode: SIMPLE, credentialName: www-tls}
    ---
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: other, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 443, name: https, protocol: HTTPS}
        hosts: [api.example.com]
        tls: {mode: SIMPLE, credentialName: api-tls}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry, can_share, listening, own_host
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("Gateway",)
COVERS = ("IST0145",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look up who else has each host; told at all Gateways but the first."""
    own = f"{seen.namespace}/{seen.name}"
    servers = seen.spec.get("servers") or []
    for number, (server, (listener, spoken)) in enumerate(zip(servers, listening(seen), strict=True)):
        if not can_share(spoken, registry.first_at[listener][2]):
            continue  # MG295: one of them is dropped, whatever its hosts
        hosts, secure = registry.listeners[listener], spoken == "TLS"
        for position, host in enumerate(server.get("hosts") or []):
            first = hosts.get(own_host(host, seen.namespace), own)
            redirects = bool((server.get("tls") or {}).get("httpsRedirect"))
            if first != own and seen.key not in registry.partial and not redirects:
                what = "one of the two is dropped, with its routes" if secure else "their routes are mixed by age"
                yield Finding(
                    ("spec", "servers", number, "hosts", position),
                    f"Gateway {first} has {host!r} at port {listener[1]} too: {what}",
                    f"bind the VirtualServices to {first}, and drop the host here",
                    None if secure else Severity.WARNING,
                )
