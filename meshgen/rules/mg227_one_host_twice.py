"""Two VirtualServices of the mesh have one host, and sidecars use only the one that was created first.

In the mesh VirtualServices of one host are not merged: the routes of the younger one are dropped without a word. At a
gateway they are merged, in an order that depends on when they were created. Callers that see only one of them
(`exportTo`) use that one. Where all rules of the two ask for different ports (`match.port`), both are used, each at its
own: that is told as info, for Istio's analyzer calls it an error too. A host with a wildcard beside one that it covers is no conflict: the exact one is used.

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
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - route:
        - destination: {host: users, port: {number: 80}}
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users-beta, namespace: shop}
    spec:
      hosts:
      - users.shop.svc.cluster.local   # <- MG227
      http:
      - match: [{headers: {x-beta: {exact: "1"}}}]
        route:
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
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - match: [{headers: {x-beta: {exact: "1"}}}]
        route:
        - destination: {host: users, port: {number: 80}}
      - route:
        - destination: {host: users, port: {number: 80}}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry, Routes, scopes
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("VirtualService",)
COVERS = ("IST0109",)
SETTLED = True


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look for an earlier one of the mesh that has a host too, where some caller sees both."""
    if "mesh" not in (seen.spec.get("gateways") or ["mesh"]) or seen.key in registry.partial:
        return
    for number, host in enumerate(seen.spec.get("hosts") or []):
        first = _first(registry.host(host, seen.namespace), seen, registry)
        if first is None or first.key in registry.partial:
            continue
        if apart(first, registry.virtual_services[f"{seen.namespace}/{seen.name}"]):
            yield Finding(
                ("spec", "hosts", number),
                f"{first.key} has {host!r} too: both are used, as their rules are for different ports; istioctl analyze calls it an error",
                "write the routes of both into one VirtualService",
                Severity.INFO,
            )
            continue
        yield Finding(
            ("spec", "hosts", number),
            f"{first.key} has {host!r} too: sidecars use only one of the two, and drop the other's routes",
            "write the routes of both into one VirtualService",
        )


def apart(one: Routes, other: Routes) -> bool:
    """Whether no port has routes of both."""
    return one.ports is not None and other.ports is not None and one.ports.isdisjoint(other.ports)


def _first(host: str, seen: Object, registry: Registry) -> Routes | None:
    """The first VirtualService that claims a host before this one, for a caller that sees both."""
    own = scopes(seen.spec.get("exportTo") or [], seen.namespace)
    mine = registry.virtual_services[f"{seen.namespace}/{seen.name}"].number
    # The empty scope stands for the first of all: what is seen everywhere meets each of them.
    claims = [registry.claims.get((host, scope)) for scope in ([""] if "*" in own else [*sorted(own), "*"])]
    return next((claim for claim in claims if claim is not None and claim.number < mine), None)
