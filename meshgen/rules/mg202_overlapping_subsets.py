"""All pods of one subset belong to another one too, so requests for the wider subset reach them as well.

A subset has every pod with all of its labels; a pod may have more. Where `v2` asks for `version: v2` and `canary` for
that and `canary: "true"`, requests to v2 are spread over the canary's pods too: its share of the traffic, and of the
errors, is not what the routes say. Told only where routes use both. Where the narrower subset is meant as a part of the
other, as one zone of a version, silence the rule on the object.

Bad:

    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      subsets:
      - name: v2
        labels: {version: v2}
      - name: canary
        labels: {version: v2, track: canary}   # <- MG202
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - match: [{port: 80, headers: {x-canary: {exact: "yes"}}}]
        route:
        - destination: {host: users, subset: canary, port: {number: 80}}
      - match: [{port: 80}]
        route:
        - destination: {host: users, subset: v2, port: {number: 80}}

Good:

    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      subsets:
      - name: v2
        labels: {version: v2}
      - name: canary
        labels: {version: canary}
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - match: [{port: 80, headers: {x-canary: {exact: "yes"}}}]
        route:
        - destination: {host: users, subset: canary, port: {number: 80}}
      - match: [{port: 80}]
        route:
        - destination: {host: users, subset: v2, port: {number: 80}}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("DestinationRule",)
NEEDS = ("subsets",)
SETTLED = True


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Compare the labels of each subset that routes use with those of the others."""
    host = registry.host(seen.spec.get("host", ""), seen.namespace)
    used = {use.subset for use in registry.uses.get(host, ()) if use.subset}
    steered = registry.steered.get((seen.namespace, seen.name), set())
    subsets = [
        (number, subset.get("name", ""), (subset.get("labels") or {}).items())
        for number, subset in enumerate(seen.spec.get("subsets") or [])
        if subset.get("name") in used - steered and subset.get("labels")
    ]
    for number, name, labels in subsets:
        for other, wider, fewer in subsets:
            if fewer < labels or (fewer == labels and other < number and wider != name):
                yield Finding(
                    ("spec", "subsets", number, "labels"),
                    f"every pod of subset {name!r} belongs to {wider!r} too, and gets its share of the requests to {wider!r}",
                    f"give the pods of {name!r} another value of a label that {wider!r} asks for",
                )
                break
