"""A hash is to keep each user at one pod, but no route leads to where it is used.

Which pod a hash chooses is a matter of the cluster that a request is sent to, and each subset is a cluster of its own.
Where every route names a subset, and every such subset has a load balancer of its own without hash, the host's hash is
never used: the users move between pods. Retries lose something too, for they no longer look for another pod.

Weights come before the hash. Where a route shares requests between subsets, each request is drawn anew, and a user sees
both versions in turn, though always the same pod of each: that is told as info.

Bad:

    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      trafficPolicy:
        loadBalancer:
          consistentHash:   # <- MG213
            httpHeaderName: x-user-id
      subsets:
      - name: v1
        labels: {version: v1}
        trafficPolicy:
          loadBalancer: {simple: ROUND_ROBIN}
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - match: [{port: 80}]
        route:
        - destination: {host: users, subset: v1, port: {number: 80}}

Good:

    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      trafficPolicy:
        loadBalancer:
          consistentHash:
            httpHeaderName: x-user-id
      subsets:
      - name: v1
        labels: {version: v1}
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - match: [{port: 80}]
        route:
        - destination: {host: users, subset: v1, port: {number: 80}}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("DestinationRule",)
NEEDS = ("loadBalancer",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look at the subsets that routes use, and at weights between them."""
    policy = seen.spec.get("trafficPolicy") or {}
    host = registry.host(seen.spec.get("host", ""), seen.namespace)
    uses = registry.uses.get(host, [])
    path = ("spec", "trafficPolicy", "loadBalancer", "consistentHash")
    if not uses or "consistentHash" not in (policy.get("loadBalancer") or {}):
        return
    subsets = {subset.get("name"): subset.get("trafficPolicy") or {} for subset in seen.spec.get("subsets") or []}
    used = {use.subset for use in uses}
    if used <= subsets.keys() and registry.is_routed(host) and all(_has_other(subsets[name]) for name in used):
        names = ", ".join(repr(name) for name in sorted(used))
        yield Finding(
            path,
            f"all routes lead to {names}, where another load balancer is set: the hash is never used, and users move between pods",
            "drop loadBalancer from the subsets, or write the hash there",
        )
    elif any(use.shared and not _has_other(subsets.get(use.subset, {})) for use in uses):
        yield Finding(
            path,
            "weights are drawn for each request before the hash: a user who is to stay at one version does not",
            "choose the version by a match on a header or cookie",
            Severity.INFO,
        )


def _has_other(policy: Mapping[str, Any]) -> bool:
    """Whether a subset's policy sets another load balancer, and a hash nowhere."""
    own = [policy, *(policy.get("portLevelSettings") or [])]
    balancers = [each["loadBalancer"] for each in own if "loadBalancer" in each]
    return "loadBalancer" in policy and not any("consistentHash" in each for each in balancers)
