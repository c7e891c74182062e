"""Two DestinationRules of a namespace are for one host, and what the newer one says for it is ignored.

Istio merges them into one. It keeps the subsets of both, but the trafficPolicy of the one that was created first, as a
whole; of two subsets with one name it keeps the older. Which that is does not stand in any file: created anew, in
another order, they mean something else.

Told of what both have: a trafficPolicy, or a subset. Rules that are exported to different namespaces, or are for some
callers only (workloadSelector), are not merged like this, and nothing is told of them.

Bad:

    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      trafficPolicy:
        loadBalancer: {simple: ROUND_ROBIN}
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users-limits, namespace: shop}
    spec:
      host: users.shop.svc.cluster.local
      trafficPolicy:   # <- MG237
        connectionPool: {tcp: {maxConnections: 100}}

Good:

    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      trafficPolicy:
        loadBalancer: {simple: ROUND_ROBIN}
        connectionPool: {tcp: {maxConnections: 100}}
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("DestinationRule",)
SETTLED = True


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Compare a rule with those for its host that stand before it."""
    if "workloadSelector" in seen.spec:
        return
    own = set(seen.spec.get("exportTo") or [])
    subsets = {
        subset.get("name"): number for number, subset in reversed(list(enumerate(seen.spec.get("subsets") or [])))
    }
    has_policy = bool(seen.spec.get("trafficPolicy"))
    for rule in islice(registry.rules.get(registry.host(seen.spec.get("host", ""), seen.namespace), []), 50):
        if rule.key == seen.key:
            return
        if rule.key.namespace != seen.namespace or rule.selects or set(rule.export_to) != own:
            continue
        hint = f"write both into one object; see also {rule.key}"
        if has_policy and rule.has_policy:
            has_policy = False
            message = (
                f"{rule.key} has a trafficPolicy for this host too: the one created first counts, the other is ignored"
            )
            yield Finding(("spec", "trafficPolicy"), message, hint)
        for name in dict.fromkeys(subset.name for subset in rule.subsets if subset.name in subsets):
            message = f"{rule.key} has a subset {name!r} of this host too: the one created first counts"
            yield Finding(("spec", "subsets", subsets.pop(name), "name"), message, hint)
