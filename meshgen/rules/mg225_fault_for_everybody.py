"""A fault is injected into requests that no match picks out: users get the delays and errors of a test.

Faults come before everything else of a route: an injected error is never retried, and a delay is not part of the
route's timeout. In a route without match, or whose match everybody meets, they hit production traffic.

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
      - fault:   # <- MG225
          abort: {httpStatus: 503, percentage: {value: 0.1}}
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
      - match:
        - headers: {x-tester: {exact: "yes"}}
        fault:
          abort: {httpStatus: 503, percentage: {value: 100}}
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

SEVERITY = Severity.WARNING
KINDS = ("VirtualService",)
NEEDS = ("fault",)


_OPEN = ("port", "name", "statPrefix", "ignoreUriCase", "gateways", "authority", "uri")


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look for faults in rules that let everybody in."""
    # What a VirtualService without hosts gets, the rules decide that are left to it.
    roots = registry.roots.get(f"{seen.namespace}/{seen.name}", [])
    is_left = bool(seen.spec.get("hosts")) or any(_lets_any_in(root.matches) for root in roots)
    for number, route in enumerate(seen.spec.get("http") or []):
        fault = route.get("fault")
        if not fault or not _lets_any_in(route.get("match") or []) or not is_left:
            continue
        kinds = [kind for kind in ("delay", "abort") if _fires(fault.get(kind))]
        if kinds:
            words = {"delay": "is delayed", "abort": "gets an error"}
            shares = " and ".join(f"{fault[kind]['percentage']['value']:g} % {words[kind]}" for kind in kinds)
            yield Finding(
                ("spec", "http", number, "fault"),
                f"no match picks out testers, so everybody's requests have the fault: {shares}",
                "move it to a rule of its own, with a match on a header that only testers send",
            )


def _lets_any_in(matches: list[dict[str, Any]]) -> bool:
    return any(_lets_all_in(match) for match in matches or [{}])


def _lets_all_in(match: Mapping[str, Any]) -> bool:
    uri = match.get("uri") or {}
    rest = [key for key in match if key not in _OPEN and match[key] not in ({}, "")]
    return not rest and (not uri or uri.get("prefix") == "/")


def _fires(fault: Any) -> bool:
    return bool(fault) and bool((fault.get("percentage") or {}).get("value"))
