"""A delay is injected that is longer than the timeout of its rule, which it does not touch: callers wait and get 200.

Envoy's fault comes before its router, which counts the timeout and makes the tries: a delay of 5 s with a timeout of
2 s is an answer after 5 s and no 504, and an injected error is not tried again. To see what a timeout does, the
service itself has to be slow, or the caller's timeout has to be shorter.

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
      - match: [{headers: {x-test: {exact: slow}}}]
        fault:
          delay:
            fixedDelay: 5s   # <- MG293
            percentage: {value: 100}
        route:
        - destination: {host: users}
        timeout: 2s
      - route:
        - destination: {host: users}
        timeout: 2s

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
      - match: [{headers: {x-test: {exact: slow}}}]
        fault:
          delay:
            fixedDelay: 1s
            percentage: {value: 100}
        route:
        - destination: {host: users}
        timeout: 2s
      - route:
        - destination: {host: users}
        timeout: 2s
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry, seconds
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("VirtualService",)
NEEDS = ("fault",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:  # noqa: ARG001
    """Compare each delay with the timeout of its rule."""
    for number, route in enumerate(seen.spec.get("http") or []):
        fault = route.get("fault")
        if not fault:
            continue
        delay = seconds((fault.get("delay") or {}).get("fixedDelay"))
        timeout = seconds(route.get("timeout"))
        if delay and timeout and delay >= timeout:
            said = fault["delay"]["fixedDelay"]
            yield Finding(
                ("spec", "http", number, "fault", "delay", "fixedDelay"),
                f"the timeout of {route['timeout']} starts after this delay: callers wait {said} and get no 504",
                "let the service itself be slow, or test the timeout of the caller",
            )
