"""A Service selects one version, so its subsets of other versions never get a request.

A subset chooses among the pods that the Service has selected. A Service that itself asks for `version: v1` has no pod
of v2 to choose, and every request that is routed to the subset of v2 gets 503.

Bad:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector:
        app: users
        version: v1   # <- MG203
      ports:
      - {name: http, port: 80}
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users.shop.svc.cluster.local
      subsets:
      - {name: v1, labels: {version: v1}}
      - {name: v2, labels: {version: v2}}

Good:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector:
        app: users
      ports:
      - {name: http, port: 80}
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users.shop.svc.cluster.local
      subsets:
      - {name: v1, labels: {version: v1}}
      - {name: v2, labels: {version: v2}}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("Service",)
SETTLED = True


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Compare the selector with the labels of each subset of the Service's host."""
    host = registry.host(seen.name, seen.namespace)
    subsets = [subset for rule in registry.rules.get(host, []) for subset in rule.subsets]
    for key, value in (seen.spec.get("selector") or {}).items():
        empty = [subset.name for subset in subsets if subset.labels.get(key, value) != value]
        if empty:
            names = ", ".join(repr(name) for name in dict.fromkeys(empty))
            one = len(set(empty)) == 1
            yield Finding(
                ("spec", "selector", key),
                f"only pods with {key}={value} are selected: "
                f"subset{' ' if one else 's '}{names} {'is' if one else 'are'} empty, and requests to {'it' if one else 'them'} get 503",
                f"drop {key!r} from the selector; the subsets choose among its pods",
            )
