"""A rule states no retries although others of its VirtualService do, so its requests get Istio's own.

Without `retries` a rule is retried twice when the connection fails, and never on a status. That may be what is meant;
`retries: {attempts: 0}` says so. Rules that redirect, answer themselves or leave it to another VirtualService are not meant.

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
      - match: [{headers: {x-beta: {exact: "1"}}}]
        route:   # <- MG229
        - destination: {host: users}
      - route:
        - destination: {host: users}
        retries: {attempts: 2, retryOn: "connect-failure,refused-stream"}

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
        retries: {attempts: 0}
      - route:
        - destination: {host: users}
        retries: {attempts: 2, retryOn: "connect-failure,refused-stream"}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.INFO
KINDS = ("VirtualService",)
NEEDS = ("retries",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:  # noqa: ARG001
    """Look for rules without retries beside rules with some."""
    http = seen.spec.get("http") or []
    stated = [route["retries"] for route in http if (route.get("retries") or {}).get("attempts", 0) > 0]
    for number, route in enumerate(http if stated else []):
        if "route" in route and "retries" not in route:
            yield Finding(
                ("spec", "http", number, "route"),
                "this rule states no retries, others do: it gets Istio's own, 2 when the connection fails",
                f"write retries here too: attempts: {stated[0]['attempts']}, or attempts: 0 for none",
            )
