"""The tries that a route allows take longer than its timeout, so the last of them are cut off or never made.

The timeout covers all tries and the pauses between them. A first try and `attempts` retries, each as long as
`perTryTimeout`, must fit into it; else the caller gets 504 before the last retry can help.

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
      - match: [{method: {exact: GET}}]
        route:
        - destination: {host: users}
        timeout: 30s
        retries:
          retryOn: gateway-error,connect-failure
          attempts: 3
          perTryTimeout: 10s   # <- MG226
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
      - match: [{method: {exact: GET}}]
        route:
        - destination: {host: users}
        timeout: 30s
        retries:
          retryOn: gateway-error,connect-failure
          attempts: 2
          perTryTimeout: 9s
      - route:
        - destination: {host: users}
        retries: {attempts: 2, retryOn: "connect-failure,refused-stream"}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry, seconds
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("VirtualService",)
NEEDS = ("retries",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:  # noqa: ARG001
    """Compare the time that all tries may take with the timeout."""
    for number, route in enumerate(seen.spec.get("http") or []):
        retries = route.get("retries") or {}
        attempts = retries.get("attempts", 0)
        if attempts < 1:
            continue
        timeout, each = seconds(route.get("timeout")), seconds(retries.get("perTryTimeout"))
        if not timeout or not each or round(each * (attempts + 1), 6) <= timeout:
            continue
        path = ("spec", "http", number, "retries", "perTryTimeout")
        if each >= timeout:
            message = f"one try may take {retries['perTryTimeout']}, all of the timeout of {route['timeout']}: nothing is retried after it"
        else:
            fit = int(round(timeout / each, 6))
            message = f"{attempts + 1} tries of {retries['perTryTimeout']} do not fit into the timeout of {route['timeout']}: at most {fit} can end"
        yield Finding(
            path, message, f"write at most {_text(timeout / (attempts + 1))}, fewer attempts, or a longer timeout"
        )


def _text(duration: float) -> str:
    # In whole milliseconds, and never more than fits.
    return f"{int(duration * 10) / 10:g}s" if duration >= 1 else f"{int(duration * 1000)}ms"
