"""A route asks for a subset that no DestinationRule of its host defines, so its share of the requests gets 503.

Istio looks for the DestinationRule in the caller's namespace, in the service's and in its own; the first of them that
has one for the host decides. Told where the Service of the host is among what is linted.

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
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      subsets:
      - {name: v1, labels: {version: v1}}
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - route:
        - destination:
            host: users
            subset: v2   # <- MG221

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
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      subsets:
      - {name: v1, labels: {version: v1}}
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - route:
        - destination:
            host: users
            subset: v1
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry, all_routes, destinations
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("VirtualService",)
COVERS = ("IST0101",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Compare the subsets of all routes with those that the rules of their hosts define."""
    for path, route in all_routes(seen.spec):
        for below, target in destinations(route):
            name, service = target.get("subset"), registry.service(target.get("host", ""), seen.namespace)
            if name is None or service is None:
                continue
            rules = registry.rules_for(registry.host(target["host"], seen.namespace), seen.namespace)
            known = {subset.name for rule in rules for subset in rule.subsets}
            if name in known or any(rule.key in registry.partial for rule in rules):
                continue
            what = "a mirror is dropped" if below[0] != "route" else "its share of the requests gets 503"
            yield Finding(
                (*path, *below, "subset"),
                f"no DestinationRule of {service.key} defines subset {name!r}: {what}",
                _hint(name, known),
            )


def _hint(name: str, known: set[str]) -> str:
    near = get_close_matches(name, known, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"there are: {', '.join(sorted(known))}" if known else "define it in a DestinationRule of the host"
