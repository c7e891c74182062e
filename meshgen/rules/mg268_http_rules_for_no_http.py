"""A VirtualService has HTTP rules for a service none of whose ports is HTTP to Istio, so none is applied.

What a port speaks is said by `appProtocol` or by its name up to the first dash: `tcp-api`, `https` and `tls` are streams
that Istio does not look into. Ports without either are guessed and take HTTP rules. At a gateway the server's protocol
decides, so only VirtualServices for the mesh are told of, where all their hosts are among what is linted.

Bad:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: tcp-users, port: 80}
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:   # <- MG268
      - route:
        - destination: {host: users}
        timeout: 1s

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
      - route:
        - destination: {host: users}
        timeout: 1s
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
    """Look at the ports of all hosts."""
    hosts = seen.spec.get("hosts") or []
    if not hosts or not seen.spec.get("http") or (seen.spec.get("gateways") or ["mesh"]) != ["mesh"]:
        return
    ports = []
    for host in hosts:
        services = registry.services.get(registry.host(host, seen.namespace), [])
        if not services or any(each.key in registry.partial or not each.ports for each in services):
            return
        ports += [port for each in services for port in each.ports]
    if not any(port.is_http for port in ports):
        names = ", ".join(f"{port.name or port.number} ({port.protocol})" for port in ports[:5])
        yield Finding(
            ("spec", "http"),
            f"no port is HTTP to Istio: {names}; these rules are applied to no request",
            "name a port http-..., or set its appProtocol",
        )
