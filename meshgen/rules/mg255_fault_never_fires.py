"""A fault has no percentage, or 0, so it is never injected.

Istio takes an absent `percentage` of a fault for 0, unlike that of a mirror, which is then 100. Requests pass as if the
fault were not there: a test of timeouts and retries that passes proves nothing.

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
      - match: [{headers: {x-tester: {exact: "yes"}}}]
        fault:
          delay: {fixedDelay: 5s}   # <- MG255
        route:
        - destination: {host: users}
      - route:
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
      - match: [{headers: {x-tester: {exact: "yes"}}}]
        fault:
          delay: {fixedDelay: 5s, percentage: {value: 100}}
        route:
        - destination: {host: users}
      - route:
        - destination: {host: users}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("VirtualService",)
NEEDS = ("fault",)
SETTLED = True


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look for delays and aborts whose share is nothing."""
    for number, route in enumerate(seen.spec.get("http") or []) if seen.key not in registry.partial else ():
        for kind in ("delay", "abort"):
            fault = (route.get("fault") or {}).get(kind) or {}
            if not fault or fault.get("percent") or (fault.get("percentage") or {}).get("value"):
                continue
            # A share of 0 is how people switch a fault off.
            if "value" in (fault.get("percentage") or {}) or "percent" in fault:
                continue
            yield Finding(
                ("spec", "http", number, "fault", kind),
                f"the {kind} has no percentage, which means 0: no request ever gets it",
                "write percentage: {value: 100}",
            )
