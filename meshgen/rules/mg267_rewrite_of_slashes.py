"""A prefix and what replaces it do not end alike, so paths get `//` or lose a `/`.

`rewrite.uri` replaces just the letters that the prefix matched. `/api` replaced by `/` makes `//users` of `/api/users`,
which most servers answer with 404; `/api/` replaced by `/v1` makes `/v1users` of it. A match on the same prefix with its
slash that comes first, as in the usual pair of `/api/` and `/api`, takes such paths away; then nothing is said.

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
      - match: [{uri: {prefix: /api}}]
        rewrite:
          uri: /   # <- MG267
        route:
        - destination: {host: users}

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
      - match:
        - uri: {prefix: /api/}
        - uri: {prefix: /api}
        rewrite: {uri: /}
        route:
        - destination: {host: users}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("VirtualService",)
NEEDS = ("rewrite",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Compare the end of each prefix with that of what replaces it."""
    before: set[str] = set()
    for number, route in enumerate(seen.spec.get("http") or [] if seen.key not in registry.partial else []):
        new = (route.get("rewrite") or {}).get("uri")
        wrong = None
        for match in route.get("match") or []:
            prefix = (match.get("uri") or {}).get("prefix", "")
            if new and prefix and prefix.endswith("/") != new.endswith("/") and f"{prefix}/" not in before:
                wrong = wrong or prefix
            before.add(prefix)
        if wrong and new:
            example = f"{wrong.rstrip('/')}/x"
            made = new + example[len(wrong) :]
            hint = f"match {wrong}/ first" if new.endswith("/") else f"write {new}/"
            yield Finding(("spec", "http", number, "rewrite", "uri"), f"{example!r} becomes {made!r}", hint)
