"""Answers of the service are retried whatever the method, so a POST may be carried out twice.

`gateway-error`, `5xx`, `reset` and numbers of statuses retry a request after the service has had it: one that timed out
or got 503 half-way may have done its work. Where a match names the methods, or `retryOn` only has conditions of the
connection (`connect-failure`, `refused-stream`, `reset-before-request`), nothing is said. A service all of whose
requests can safely be repeated needs no change.

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
        - destination: {host: users}
        retries:
          attempts: 2
          retryOn: gateway-error,connect-failure   # <- MG228

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
      - match: [{method: {exact: GET}}]
        route:
        - destination: {host: users}
        retries: {attempts: 2, retryOn: "gateway-error,connect-failure"}
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

_AFTERWARDS = frozenset(["5xx", "gateway-error", "reset", "retriable-status-codes"])


def check(seen: Object, registry: Registry) -> Iterator[Finding]:  # noqa: ARG001
    """Look for conditions that are met after the service had the request, in rules for all methods."""
    for number, route in enumerate(seen.spec.get("http") or []):
        retries = route.get("retries") or {}
        words = str(retries.get("retryOn") or "").split(",")
        found = [word for word in words if word in _AFTERWARDS or (word.isdigit() and word >= "500")]
        matches = route.get("match") or [{}]
        if found and retries.get("attempts", 0) > 0 and not all("method" in match for match in matches):
            yield Finding(
                ("spec", "http", number, "retries", "retryOn"),
                f"{found[0]} repeats requests of every method that the service may have carried out already, POST too",
                "match the methods that can be repeated, or retry on connect-failure,refused-stream,unavailable only",
            )
