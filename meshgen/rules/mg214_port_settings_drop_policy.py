"""The settings of one port replace all others, so limits and ejection set for the host do not hold there.

An entry of portLevelSettings does not add to the policy around it: at this port there is nothing but what the entry
says, of connectionPool, outlierDetection, loadBalancer and tls. In a subset, it drops the host's blocks as well as the
subset's own. Requests at this port then run without limits, without ejection of broken pods or without TLS settings.

Told of connectionPool, outlierDetection and tls that are lost. An entry that repeats its subset's policy to the word is
taken for meant: to drop is all it can do.

Bad:

    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      trafficPolicy:
        outlierDetection: {consecutive5xxErrors: 3, maxEjectionPercent: 100}
        portLevelSettings:
        - port: {number: 80}   # <- MG214
          loadBalancer: {simple: ROUND_ROBIN}

Good:

    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      trafficPolicy:
        outlierDetection: {consecutive5xxErrors: 3, maxEjectionPercent: 100}
        portLevelSettings:
        - port: {number: 80}
          loadBalancer: {simple: ROUND_ROBIN}
          outlierDetection: {consecutive5xxErrors: 3, maxEjectionPercent: 100}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("DestinationRule",)
NEEDS = ("portLevelSettings",)
SETTLED = True

_BLOCKS = ("connectionPool", "outlierDetection", "tls")
_ALL = (*_BLOCKS, "loadBalancer")


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Compare each port's entry with the policies around it."""
    if seen.key in registry.partial:
        return
    host = seen.spec.get("trafficPolicy") or {}
    yield from _lost(("spec", "trafficPolicy"), host, {})
    for number, subset in enumerate(seen.spec.get("subsets") or []):
        yield from _lost(("spec", "subsets", number, "trafficPolicy"), subset.get("trafficPolicy") or {}, host)


def _lost(path: tuple[str | int, ...], policy: Mapping[str, Any], host: Mapping[str, Any]) -> Iterator[Finding]:
    around = {block: policy[block] for block in _ALL if block in policy}
    of_host = {(each.get("port") or {}).get("number"): each for each in reversed(host.get("portLevelSettings") or [])}
    for number, entry in enumerate(policy.get("portLevelSettings") or []):
        port = (entry.get("port") or {}).get("number")
        above = {**of_host.get(port, host), **around}
        lost = [block for block in _BLOCKS if block in above and block not in entry]
        if lost and not (host and {block: entry[block] for block in _ALL if block in entry} == around):
            yield Finding(
                (*path, "portLevelSettings", number, "port"),
                f"at port {port} nothing holds but what stands here: {' and '.join(lost)} of the policy around it {'are' if len(lost) > 1 else 'is'} lost",
                f"repeat {' and '.join(lost)} here, or drop this entry",
            )
