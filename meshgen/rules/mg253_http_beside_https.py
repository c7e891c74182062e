"""A gateway answers for a host in plain HTTP although it has HTTPS for it too.

Whoever types the host without `https://` is served, or gets 404, in the clear. `httpsRedirect` sends them on with 301.

Bad:

    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: public, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 80, name: http, protocol: HTTP}   # <- MG253
        hosts: [users.example.com]
      - port: {number: 443, name: https, protocol: HTTPS}
        tls: {mode: SIMPLE, credentialName: users-tls}
        hosts: [users.example.com]

Good:

    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: public, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 80, name: http, protocol: HTTP}
        tls: {httpsRedirect: true}
        hosts: [users.example.com]
      - port: {number: 443, name: https, protocol: HTTPS}
        tls: {mode: SIMPLE, credentialName: users-tls}
        hosts: [users.example.com]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.INFO
KINDS = ("Gateway",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:  # noqa: ARG001
    """Compare the hosts of servers for HTTP with those of servers for HTTPS."""
    servers = seen.spec.get("servers") or []
    secure = {host for server in servers if _speaks(server) == "HTTPS" for host in server.get("hosts") or []}
    for number, server in enumerate(servers):
        both = [host for host in server.get("hosts") or [] if host in secure]
        if _speaks(server) == "HTTP" and both and not (server.get("tls") or {}).get("httpsRedirect"):
            yield Finding(
                ("spec", "servers", number, "port"),
                f"{both[0]!r} is answered in plain HTTP here, beside HTTPS",
                "write tls: {httpsRedirect: true} at this server",
            )


def _speaks(server: Mapping[str, Any]) -> str:
    spoken: str = (server.get("port") or {}).get("protocol", "")
    return spoken.upper()
