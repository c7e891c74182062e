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

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("VirtualService",)
COVERS = ("IST0101",)
SETTLED = True


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Compare the subsets of all routes with those that the rules of their hosts define."""
    subsets: dict[str, set[str] | None] = {}
    for target in registry.targets(seen):
        name, host = target.said.get("subset"), target.host
        if name is None:
            continue
        if host not in subsets:
            subsets[host] = _defined(host, seen.namespace, registry)
        known = subsets[host]
        service = None if known is None or name in known else registry.service_at(host)
        if known is None or service is None:
            continue
        what = "a mirror is dropped" if target.is_mirror else "its share of the requests gets 503"
        yield Finding(
            (*target.path, "subset"),
            f"no DestinationRule of {service.key} defines subset {name!r}: {what}",
            _hint(name, known, registry),
        )


def _defined(host: str, namespace: str, registry: Registry) -> set[str] | None:
    """The subsets that the rules of a full host define; None where a rule could not be read as a whole."""
    rules = registry.rules_for(host, namespace)
    if any(rule.key in registry.partial for rule in rules):
        return None
    return {subset.name for rule in rules for subset in rule.subsets}


def _hint(name: str, known: set[str], registry: Registry) -> str:
    near = registry.near(name, sorted(known))
    if near:
        return f"did you mean {near!r}?"
    return f"there are: {', '.join(sorted(known))}" if known else "define it in a DestinationRule of the host"
