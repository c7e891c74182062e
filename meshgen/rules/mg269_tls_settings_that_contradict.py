"""The TLS settings of a gateway's server contradict its protocol or each other.

Without `mode` the mode is PASSTHROUGH: connections are handed on encrypted, the certificate is not used, and HTTP rules
never apply. A server of HTTPS or TLS needs `tls`; SIMPLE, MUTUAL and OPTIONAL_MUTUAL need a certificate; one of plain
HTTP can have nothing but `httpsRedirect`: Istio refuses such a Gateway. `httpsRedirect` belongs to the server of port 80;
at one of HTTPS it redirects nobody. Where connections are passed through, only `tls` and `tcp` rules of VirtualServices
are used: a Gateway that all its VirtualServices have only `http` rules for closes them.

Bad:

    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: public, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 443, name: https, protocol: HTTPS}
        hosts: [www.example.com]
        tls:   # <- MG269
          credentialName: www-tls

Bad:

    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: public, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 443, name: https, protocol: HTTPS}
        hosts: [www.example.com]
        tls:
          mode: SIMPLE   # <- MG269

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
      - port: {number: 443, name: https, protocol: HTTPS}
        hosts: [www.example.com]
        tls:
          mode: PASSTHROUGH   # <- MG269
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users-public, namespace: shop}
    spec:
      hosts: [www.example.com]
      gateways: [public]
      http:
      - route:
        - destination: {host: users, port: {number: 80}}

Good:

    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: public, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 80, name: http, protocol: HTTP}
        hosts: [www.example.com]
        tls: {httpsRedirect: true}
      - port: {number: 443, name: https, protocol: HTTPS}
        hosts: [www.example.com]
        tls: {mode: SIMPLE, credentialName: www-tls}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("Gateway",)

_PLAIN = frozenset(["HTTP", "HTTP2", "GRPC", "GRPC-WEB"])
_SECURE = frozenset(["HTTPS", "TLS"])
_PASSED_ON = ("PASSTHROUGH", "AUTO_PASSTHROUGH")
_FILES = ("serverCertificate", "privateKey", "caCertificates")
_CERTIFICATES = ("credentialName", "credentialNames", "tlsCertificates", "serverCertificate")


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look at each server."""
    if seen.key in registry.partial:
        return
    bound = registry.routes_at.get(f"{seen.namespace}/{seen.name}", [])
    reached = any(each.streams or each.key in registry.partial for each in bound)
    for_http = set() if reached else {host for each in bound for host in each.hosts}
    for number, server in enumerate(seen.spec.get("servers") or []):
        spoken = ((server.get("port") or {}).get("protocol") or "").upper()
        tls = server.get("tls")
        yield from _of_server(("spec", "servers", number), spoken, tls)
        names = {host.rpartition("/")[2].lower() for host in server.get("hosts") or []}
        if spoken in _SECURE and (tls or {}).get("mode") == "PASSTHROUGH" and not names.isdisjoint(for_http):
            yield Finding(
                ("spec", "servers", number, "tls", "mode"),
                "connections are passed on as they are, and no VirtualService of this gateway has tls or tcp rules: they are closed",
                "write tls rules with sniHosts, or end TLS here with mode: SIMPLE",
            )


def _of_server(path: tuple[str | int, ...], spoken: str, tls: Mapping[str, Any] | None) -> Iterator[Finding]:
    if tls is None:
        if spoken in _SECURE:
            message = f"a server of {spoken} without tls: Istio refuses the Gateway"
            yield Finding((*path, "port", "protocol"), message, "write tls with a mode and a certificate")
        return
    certificate = next((key for key in _CERTIFICATES if tls.get(key)), None)
    if spoken in _PLAIN and certificate:
        refused = tls.get("mode", "PASSTHROUGH") not in _PASSED_ON or any(tls.get(key) for key in _FILES)
        effect = "Istio refuses the Gateway" if refused else "requests come and go in plain text"
        message = f"a server of {spoken} does not use a certificate: {effect}"
        yield Finding(
            (*path, "tls", certificate),
            message,
            "write protocol: HTTPS, or drop it",
            None if refused else Severity.WARNING,
        )
    elif spoken in _SECURE and "mode" not in tls and certificate:
        message = "without mode TLS is passed through: the certificate is not used, and HTTP rules never apply"
        yield Finding((*path, "tls"), message, "write mode: SIMPLE")
    elif spoken in _SECURE and tls.get("mode") in ("SIMPLE", "MUTUAL", "OPTIONAL_MUTUAL") and not certificate:
        message = f"mode {tls['mode']} without a certificate: Istio refuses the Gateway"
        yield Finding((*path, "tls", "mode"), message, "write credentialName")
    if spoken in _SECURE and tls.get("httpsRedirect"):
        message = "whoever comes here has HTTPS already: this redirects nobody"
        yield Finding((*path, "tls", "httpsRedirect"), message, "write it at the server of HTTP", Severity.WARNING)
