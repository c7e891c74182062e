"""Istio's webhook refuses a value that the API server's schema takes, so the object is not applied, and a release stops.

Where the webhook is not asked (it is not installed yet, or a tool writes past it), istiod leaves the object out or takes
what it can of it. All that the webhook refuses of VirtualServices, DestinationRules, Gateways, Sidecars and ServiceEntries
is told, each at its value; what breaks rules of weights, subsets' names or servers' certificates is told by rules of their own.

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
      - match:
        - uri:
            regex: "/users/(?!admin).*"   # <- MG290
        route:
        - destination: {host: users}
        retries:
          attempts: 2
          retryOn: 5xx, reset   # <- MG290

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
        - uri:
            regex: "/users/[0-9]+"
        route:
        - destination: {host: users}
        retries:
          attempts: 2
          retryOn: 5xx,reset
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.istiod import CHECKS
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = tuple(CHECKS)
COVERS = ("IST0106",)
SETTLED = True


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Ask what istiod would refuse; not of objects that fail their schema, of which a part is missing here."""
    if seen.key not in registry.partial:
        for path, message, hint in CHECKS[seen.key.kind](seen.spec, seen.namespace):
            yield Finding(path, f"Istio refuses the {seen.key.kind}: {message}", hint)
