"""The weights of a rule do not split its requests as they say.

Weights count in relation to their sum, which need not be 100. The weight of an only destination is not read: with 0 it
gets everything all the same. Where several are all 0, Istio refuses the VirtualService; where they add up to more than
4294967295, Envoy refuses all routes of the port, and every host on it keeps its old ones.

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
      - route:
        - destination: {host: users}
          weight: 0   # <- MG258

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
      - route:
        - destination: {host: users, subset: v1}
          weight: 0   # <- MG258
        - destination: {host: users, subset: v2}
          weight: 0
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      subsets:
      - {name: v1, labels: {version: v1}}
      - {name: v2, labels: {version: v2}}

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
      - route:
        - destination: {host: users, subset: v1}
          weight: 3
        - destination: {host: users, subset: v2}
          weight: 1
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      subsets:
      - {name: v1, labels: {version: v1}}
      - {name: v2, labels: {version: v2}}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry, all_routes
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("VirtualService",)
SETTLED = True

_MOST = 2**32 - 1


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Add up the weights of each rule."""
    for path, route in all_routes(seen.spec) if seen.key not in registry.partial else ():
        targets = route.get("route") or []
        weights = [target.get("weight", 0) for target in targets]
        at = (*path, "route", 0, "weight")
        if len(targets) == 1 and targets[0].get("weight") == 0:
            message = "the weight of an only destination is not read: it gets every request, not none"
            yield Finding(at, message, "drop the weight, or the rule", Severity.WARNING)
        elif len(targets) > 1 and not any(weights):
            written = next((number for number, target in enumerate(targets) if "weight" in target), None)
            where = (*path, "route") if written is None else (*path, "route", written, "weight")
            yield Finding(where, "no destination has a weight: Istio refuses the VirtualService", "give each its share")
        elif len(targets) > 1 and sum(weights) > _MOST:
            message = f"the weights add up to {sum(weights)}, more than {_MOST}: Envoy refuses all routes of the port"
            yield Finding(at, message, "write smaller numbers in the same relation")
