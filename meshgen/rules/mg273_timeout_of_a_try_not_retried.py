"""A try has a timeout of its own, but `retryOn` has nothing that retries one, so it ends the request.

A try that takes longer than `perTryTimeout` is tried again where `retryOn` has `5xx`, `gateway-error` or `reset`. With Istio's own conditions, which `attempts` alone leaves in place, it is not: the caller gets 504 after the first slow
try, long before `timeout`. A shorter `timeout` says the same more plainly.

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
        timeout: 5s
        retries:
          attempts: 2
          perTryTimeout: 1s   # <- MG273

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
        timeout: 5s
        retries: {attempts: 2, perTryTimeout: 1s, retryOn: "gateway-error,connect-failure"}
      - route:
        - destination: {host: users}
        timeout: 5s
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

_RETRY = frozenset(["5xx", "gateway-error", "reset", "504", "deadline-exceeded", "retriable-status-codes"])


def check(seen: Object, registry: Registry) -> Iterator[Finding]:  # noqa: ARG001
    """Compare the conditions of retries with those that a timeout meets."""
    for number, route in enumerate(seen.spec.get("http") or []):
        retries = route.get("retries") or {}
        limit = retries.get("perTryTimeout")
        if not limit or limit == route.get("timeout") or retries.get("attempts", 0) < 1:
            continue
        if _RETRY.isdisjoint(str(retries.get("retryOn") or "").split(",")):
            yield Finding(
                ("spec", "http", number, "retries", "perTryTimeout"),
                f"a try that takes longer than {limit} ends the request with 504: retryOn has nothing that retries it",
                "add gateway-error to retryOn where requests may be repeated, or drop this",
            )
