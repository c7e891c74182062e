"""A VirtualService names a gateway that does not exist, so none of its routes are there for requests from outside.

A name without namespace is one of the VirtualService's own; `mesh` stands for all sidecars. Told where the namespace
of the gateway has some Gateway or Service among what is linted.

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
        hosts: [users.example.com]
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users-public, namespace: shop}
    spec:
      hosts: [users.example.com]
      gateways:
      - publik   # <- MG250
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
from meshgen.registry import Object, Registry, gateway_name
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("VirtualService",)
COVERS = ("IST0101",)
SETTLED = True


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look up each gateway that the object names."""
    for number, name in enumerate(seen.spec.get("gateways") or []):
        full = gateway_name(name, seen.namespace)
        namespace, _, short = full.partition("/")
        known = registry.gateway_names.get(namespace, [])
        if full == "mesh" or full in registry.gateways or not (known or registry.knows(namespace)):
            continue
        same = registry.gateway_names.get(f"/{short}", [])
        near = registry.near(full, known) or next(iter(same), None)
        listed = (
            f"there are: {', '.join(sorted(known)[:10])}"
            if known
            else "define it, or write the namespace of another before its name"
        )
        yield Finding(
            ("spec", "gateways", number),
            f"there is no Gateway {full}: requests from outside get none of these routes, but 404",
            f"did you mean {near!r}?" if near else listed,
        )
