"""No rule takes the requests that are left over, so they get 404.

As soon as a VirtualService has rules for a caller and a port, a request that none of them matches gets 404; it does not
go to the service as it would without the VirtualService. Told of VirtualServices for the mesh, and of those at a gateway
that match no path: there a list of paths is how routes are usually written.

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
      - match: [{headers: {x-beta: {exact: "1"}}}]   # <- MG257
        route:
        - destination: {host: users}

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
        - destination: {host: users}
      - route:
        - destination: {host: users}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.INFO
KINDS = ("VirtualService",)

_PLACES = frozenset(["name", "statPrefix", "ignoreUriCase", "port", "gateways", "sourceLabels", "sourceNamespace"])
"""What says where a rule is for, not which requests of that place it takes."""


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look for a rule that takes every request of its place."""
    http = seen.spec.get("http") or []
    if not http or not seen.spec.get("hosts") or seen.key in registry.partial:
        return
    matches = [match for route in http for match in route.get("match") or [{}]]
    if any(_takes_all(match) for match in matches):
        return
    if "mesh" in (seen.spec.get("gateways") or ["mesh"]) or not any("uri" in match for match in matches):
        yield Finding(
            ("spec", "http", len(http) - 1, "match"),
            "no rule takes what is left over: requests that match none get 404",
            "end with a rule without match",
        )


def _takes_all(match: Mapping[str, Any]) -> bool:
    asked = [key for key in match if key not in _PLACES and match[key] not in ({}, "")]
    return not asked or (
        asked == ["uri"] and match["uri"] in ({"prefix": "/"}, {"prefix": ""}, {"regex": ".*"}, {"regex": "/.*"})
    )
