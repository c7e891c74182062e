"""A subset sets one limit anew and loses the others, for its block replaces the host's as a whole.

A subset's connectionPool or outlierDetection is not merged with the one of the host: what it does not repeat falls back
to the default. Without `maxEjectionPercent` at most a tenth of the pods is ejected, which of few pods is none; without
`connectTimeout` a dead pod is waited for ten seconds; without a limit there is none.

Told only of fields that the host's block sets and the subset's does not. A subset that switches ejection off
(`consecutive5xxErrors: 0`) loses nothing.

Bad:

    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      trafficPolicy:
        connectionPool:
          tcp: {maxConnections: 100, connectTimeout: 1s}
      subsets:
      - name: v2
        labels: {version: v2}
        trafficPolicy:
          connectionPool:   # <- MG215
            tcp: {maxConnections: 50}

Good:

    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      trafficPolicy:
        connectionPool:
          tcp: {maxConnections: 100, connectTimeout: 1s}
      subsets:
      - name: v2
        labels: {version: v2}
        trafficPolicy:
          connectionPool:
            tcp: {maxConnections: 50, connectTimeout: 1s}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("DestinationRule",)
NEEDS = ("connectionPool", "outlierDetection")
SETTLED = True

_FIELDS = {
    "connectionPool": {
        "tcp.maxConnections", "tcp.connectTimeout", "tcp.tcpKeepalive", "tcp.idleTimeout", "tcp.maxConnectionDuration",
        "http.http1MaxPendingRequests", "http.http2MaxRequests", "http.maxRequestsPerConnection", "http.maxRetries",
        "http.idleTimeout", "http.h2UpgradePolicy", "http.useClientProtocol", "http.maxConcurrentStreams",
        "http.http2KeepAlive",
    },
    "outlierDetection": {
        "consecutive5xxErrors", "consecutiveGatewayErrors", "splitExternalLocalOriginErrors",
        "consecutiveLocalOriginFailures", "interval", "baseEjectionTime", "maxEjectionPercent", "minHealthPercent",
        "outlierDetectionHttpErrorCodes",
    },
}  # fmt: skip
_SWITCHES = ("consecutive5xxErrors", "consecutiveGatewayErrors", "consecutiveErrors")


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Compare the blocks of each subset with the host's."""
    if seen.key in registry.partial:
        return
    host = seen.spec.get("trafficPolicy") or {}
    for number, subset in enumerate(seen.spec.get("subsets") or []):
        policy = subset.get("trafficPolicy") or {}
        for block in ("connectionPool", "outlierDetection"):
            own = policy.get(block) or {}
            if not own or (block == "outlierDetection" and _is_off(own)):
                continue
            kept = _fields(own)
            lost = [name for name, value in _fields(host.get(block) or {}).items() if value and name not in kept]
            lost = [name for name in lost if name in _FIELDS[block]]
            if lost:
                yield Finding(
                    ("spec", "subsets", number, "trafficPolicy", block),
                    f"this replaces the host's {block} as a whole: for subset {subset.get('name')!r} {', '.join(lost)} {'are' if len(lost) > 1 else 'is'} lost",
                    "repeat here what is to hold for the subset too",
                )


def _fields(block: dict[str, Any]) -> dict[str, Any]:
    """The fields of a block; those of a connectionPool with the transport that they are for."""
    said = dict(block)
    for transport in ("tcp", "http"):
        said.update({f"{transport}.{name}": value for name, value in (block.get(transport) or {}).items()})
    return said


def _is_off(block: dict[str, Any]) -> bool:
    return block.get("consecutive5xxErrors") == 0 and not any(block.get(switch) for switch in _SWITCHES)
