"""Two Gateways of one proxy use one certificate, so browsers get 404 for the hosts of the second.

A browser that has a connection for one host uses it for all other hosts of the certificate (HTTP/2 connection reuse). The
connection stays with the routes of the first Gateway's server, which have no such host: 404. One Gateway with all hosts of
the certificate in one server has all routes. Gateways whose selectors are not equal are not compared, nor
servers of different ports, which share no connection.

Bad:

    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: public, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 443, name: https, protocol: HTTPS}
        hosts: [www.example.com]
        tls: {mode: SIMPLE, credentialName: wildcard}
    ---
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: other, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 443, name: https, protocol: HTTPS}
        hosts: [api.example.com]
        tls:
          mode: SIMPLE
          credentialName: wildcard   # <- MG270

Good:

    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: public, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 443, name: https, protocol: HTTPS}
        hosts: [www.example.com, api.example.com]
        tls: {mode: SIMPLE, credentialName: wildcard}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("Gateway",)
COVERS = ("IST0138",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look up who else has each certificate; told at all Gateways but the first."""
    selector = frozenset((seen.spec.get("selector") or {}).items())
    for number, server in enumerate(seen.spec.get("servers") or []):
        name = (server.get("tls") or {}).get("credentialName", "")
        first = registry.certificates.get((selector, (server.get("port") or {}).get("number", 0), name))
        if first is not None and first != f"{seen.namespace}/{seen.name}":
            yield Finding(
                ("spec", "servers", number, "tls", "credentialName"),
                f"Gateway {first} has the certificate {name!r} too: browsers reuse its connections for these hosts, and get 404",
                f"write the hosts into the server of {first}",
            )
