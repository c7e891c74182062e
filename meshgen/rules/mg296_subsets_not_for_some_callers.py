"""A DestinationRule for some callers lacks a subset that they are routed to, so their requests get 503.

A rule with `workloadSelector` holds for the callers whose pods it selects, and for them it is the only one: nothing of the
host's other rules is added, neither their policy nor their subsets. A route to a subset that only another rule defines
leads such a caller nowhere. Told where a workload that it selects is among what is linted.

Bad:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 80}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: front, namespace: shop}
    spec:
      selector: {matchLabels: {app: front}}
      template:
        metadata: {labels: {app: front}}
        spec: {containers: [{name: front, image: "front:v1"}]}
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - route:
        - destination: {host: users, subset: v2, port: {number: 80}}
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      subsets:
      - {name: v2, labels: {version: v2}}
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users-for-front, namespace: shop}
    spec:
      host: users
      workloadSelector: {matchLabels: {app: front}}   # <- MG296
      trafficPolicy:
        connectionPool: {tcp: {connectTimeout: 1s}}

Good:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 80}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: front, namespace: shop}
    spec:
      selector: {matchLabels: {app: front}}
      template:
        metadata: {labels: {app: front}}
        spec: {containers: [{name: front, image: "front:v1"}]}
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - route:
        - destination: {host: users, subset: v2, port: {number: 80}}
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      subsets:
      - {name: v2, labels: {version: v2}}
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users-for-front, namespace: shop}
    spec:
      host: users
      workloadSelector: {matchLabels: {app: front}}
      trafficPolicy:
        connectionPool: {tcp: {connectTimeout: 1s}}
      subsets:
      - {name: v2, labels: {version: v2}}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("DestinationRule",)
NEEDS = ("workloadSelector",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look for subsets that routes of the mesh use, and only the host's other rules define."""
    labels = (seen.spec.get("workloadSelector") or {}).get("matchLabels") or {}
    host = registry.host(seen.spec.get("host", ""), seen.namespace)
    callers = registry.select(seen.namespace, labels) if labels else []
    rules = [rule for rule in registry.rules_for(host, seen.namespace) if not rule.selects]
    if not callers or seen.key in registry.partial or any(rule.key in registry.partial for rule in rules):
        return
    own = {subset.get("name") for subset in seen.spec.get("subsets") or []}
    used = {use.subset for use in registry.uses.get(host, []) if use.in_mesh}
    others = {subset.name: rule.key for rule in rules for subset in rule.subsets}
    for name in sorted(used & others.keys() - own):
        yield Finding(
            ("spec", "workloadSelector"),
            f"{callers[0].key} gets no other rule than this, and only {others[name]} defines subset {name!r}: its "
            "requests to it get 503",
            "define the subset here too",
        )
