"""None of the servers of a gateway has a host of the VirtualService that is bound to it, so its routes are never used.

A request from outside first finds a server of the Gateway by its host, then a VirtualService of that host. `ns/host`
at a server takes VirtualServices of that namespace only. Istio's analyzer is silent as soon as one of several hosts is
found; so is this rule where the VirtualService is for the mesh as well, where the others may be used.

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
from meshgen.registry import Object, Registry, gateway_name
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("VirtualService",)
COVERS = ("IST0132",)
SETTLED = True


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Compare each host with those of all servers of the gateways."""
    named = [gateway_name(name, seen.namespace) for name in seen.spec.get("gateways") or []]
    gateways = [name for name in named if name != "mesh"]
    known = all(name in registry.gateways and registry.gateways[name].key not in registry.partial for name in gateways)
    hosts = seen.spec.get("hosts") or []
    if not gateways or not known or any(host.startswith("*") and host[1:2] not in ("", ".") for host in hosts):
        return
    missing = [
        number for number, host in enumerate(hosts)
        if not _is_there(registry.host(host, seen.namespace), seen.namespace, gateways, registry)
    ]  # fmt: skip
    # A host that no gateway has may be one for the mesh, as long as another one is for the gateways.
    if "mesh" in named:
        missing = missing[:1] if len(missing) == len(hosts) else []
    for number in missing:
        there = sorted(
            {each for name in gateways for server in registry.gateways[name].servers for each in server.hosts}
        )
        yield Finding(
            ("spec", "hosts", number),
            f"no server of Gateway {' or '.join(gateways)} has {hosts[number]!r}: requests for it get 404",
            f"the servers have: {', '.join(there[:10])}",
        )


def _is_there(host: str, namespace: str, gateways: list[str], registry: Registry) -> bool:
    """Whether a server of a gateway takes a VirtualService's host."""
    return any(
        "*" in places or namespace in places for name in gateways for places in registry.servers_at(name).meeting(host)
    )
