"""A DestinationRule is for a host that no service has, so nothing of it acts.

A host without a dot is a Service of the DestinationRule's own namespace. `users.shop` has a dot: Istio takes it for a
full name, which no Service has. Requests then go out without these limits, subsets or TLS settings, and routes to the
subsets get 503.

Told of hosts in the cluster's own domain, where Services of that namespace are among what is linted, and of hosts that
are written half. Not told of hosts with a wildcard, nor of a host that a VirtualService is for: its Service stands
elsewhere.

Bad:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      ports:
      - {name: http, port: 80}
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users.shop   # <- MG235
      trafficPolicy:
        loadBalancer: {simple: RANDOM}

Good:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      ports:
      - {name: http, port: 80}
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users.shop.svc.cluster.local
      trafficPolicy:
        loadBalancer: {simple: RANDOM}
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("DestinationRule",)
COVERS = ("IST0174",)
SETTLED = True


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look up the host."""
    host = seen.spec.get("host", "")
    if not host or "*" in host or registry.service(host, seen.namespace) is not None:
        return
    hint = None if registry.is_routed(registry.host(host, seen.namespace)) else _hint(host, seen, registry)
    if hint is not None:
        yield Finding(("spec", "host"), f"no service is named {host!r}: nothing of this acts", hint)


def _hint(host: str, seen: Object, registry: Registry) -> str | None:
    """What to write instead; None where the service may well exist elsewhere."""
    parts = registry.host(host, seen.namespace).split(".")
    if registry.is_ours(host, seen.namespace):
        name, namespace = parts[:2]
        if not registry.knows(namespace) or registry.may_be_made(namespace, name):
            return None
        near = get_close_matches(name, [each.key.name for each in registry.names[namespace]], n=1)
        return f"did you mean {near[0]!r}?" if near else f"define the Service in namespace {namespace!r}, or drop this"
    if len(parts) in (2, 3) and f"{parts[0]}.{parts[1]}.svc.{registry.domain}" in registry.services:
        return f"write {parts[0]}.{parts[1]}.svc.{registry.domain}"
    return None
