"""Two VirtualServices of the mesh have one host, and sidecars use only the one that was created first.

In the mesh VirtualServices of one host are not merged: the routes of the younger one are dropped without a word. At a
gateway they are merged, in an order that depends on when they were created.

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

from collections.abc import Iterable, Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry, Routes
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("VirtualService",)
COVERS = ("IST0109",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look for others of the mesh that have a host too; told at all of them but the first."""
    if "mesh" not in (seen.spec.get("gateways") or ["mesh"]):
        return
    for number, host in enumerate(seen.spec.get("hosts") or []):
        same = registry.in_mesh.get(registry.host(host, seen.namespace), [])
        for first in same:
            if first.key == seen.key:
                break
            if _meet(first, seen):
                yield Finding(
                    ("spec", "hosts", number),
                    f"{first.key} has {host!r} too: sidecars use only one of the two, and drop the other's routes",
                    "write the routes of both into one VirtualService",
                )
                break


def _meet(first: Routes, seen: Object) -> bool:
    """Whether some caller sees both."""
    scopes = [_scope(first.export_to, first.key.namespace), _scope(seen.spec.get("exportTo") or [], seen.namespace)]
    return "*" in scopes[0] or "*" in scopes[1] or not scopes[0].isdisjoint(scopes[1])


def _scope(export_to: Iterable[str], own: str) -> set[str]:
    return {own if each == "." else each for each in export_to} or {"*"}
