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
from difflib import get_close_matches

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("VirtualService",)
COVERS = ("IST0101",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look up each gateway that the object names."""
    for number, name in enumerate(seen.spec.get("gateways") or []):
        full = name if "/" in name else f"{seen.namespace}/{name}"
        namespace = full.partition("/")[0]
        known = sorted(each for each in registry.gateways if each.startswith(f"{namespace}/"))
        if name == "mesh" or full in registry.gateways or not (known or registry.knows(namespace)):
            continue
        near = get_close_matches(full, known, n=1) or get_close_matches(full, list(registry.gateways), n=1)
        listed = (
            f"there are: {', '.join(known)}"
            if known
            else "define it, or write the namespace of another before its name"
        )
        yield Finding(
            ("spec", "gateways", number),
            f"there is no Gateway {full}: requests from outside get none of these routes, but 404",
            f"did you mean {near[0]!r}?" if near else listed,
        )
