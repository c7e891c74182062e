"""Connecting may take as long as the whole request, so one dead pod costs a caller all of its time.

A pod whose node is gone answers nothing, and Envoy waits for `connectTimeout` before it tries another. If the route's
`timeout` or `perTryTimeout` ends first, connectTimeout never acts: the request ends in 504, or its try is lost, and no
retry for failed connections (`connect-failure`) can help. In a cluster a connection takes milliseconds; one second is
plenty.

Bad:

    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      trafficPolicy:
        connectionPool:
          tcp:
            connectTimeout: 30s   # <- MG230
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - match: [{port: 80}]
        route:
        - destination: {host: users, port: {number: 80}}
        timeout: 30s

Good:

    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      trafficPolicy:
        connectionPool:
          tcp:
            connectTimeout: 1s
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - match: [{port: 80}]
        route:
        - destination: {host: users, port: {number: 80}}
        timeout: 30s
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Level, Object, Registry, seconds
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("DestinationRule",)
NEEDS = ("connectionPool",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Hold each connectTimeout against the routes that lead there."""
    host = registry.host(seen.spec.get("host", ""), seen.namespace)
    uses = registry.uses.get(host, ())
    shortest = min([limit for use in uses for limit in (use.timeout, use.try_timeout) if limit], default=None)
    if shortest is None:
        return
    subsets = {each.get("name"): each.get("trafficPolicy") or {} for each in seen.spec.get("subsets") or []}
    own = {name for name, policy in subsets.items() if "connectionPool" in policy}
    for level in seen.policies:
        said = ((level.policy.get("connectionPool") or {}).get("tcp") or {}).get("connectTimeout")
        connect = seconds(said)
        if connect is None or connect < shortest or not _has_requests(level, seen, registry):
            continue
        limits = [
            (limit, name)
            for use in uses
            if (use.subset == level.subset if level.subset else use.subset not in own)
            and (level.port is None or use.port in (None, level.port))
            for limit, name in ((use.timeout, "timeout"), (use.try_timeout, "perTryTimeout"))
            if limit
        ]
        limit, name = min(limits, default=(None, ""))
        if limit is not None and connect >= limit:
            yield Finding(
                (*level.path, "connectionPool", "tcp", "connectTimeout"),
                f"a route's {name} is {limit:g}s: a pod that does not answer uses it up before {said} have passed",
                "write 1s or less" if limit > 1 else f"write less than {limit:g}s",
            )


def _has_requests(level: Level, seen: Object, registry: Registry) -> bool:
    """Whether HTTP routes apply: at a port of its own, what it speaks must be known."""
    if level.port is None:
        return True
    service = registry.service(seen.spec.get("host", ""), seen.namespace)
    return service is not None and any(each.number == level.port and each.is_http for each in service.ports)
