"""A route leads to a service that does not exist, so its share of the requests gets 503; a mirror is dropped.

A host without a dot is a Service of the VirtualService's own namespace. `users.shop` has a dot: Istio takes it for a
full name, which no Service has. Told of hosts in the cluster's own domain, where Services of that namespace are among
what is linted, and of hosts that are written half. Not told of the VirtualService's own hosts: a Service that the
whole VirtualService is for stands elsewhere.

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
        - destination:
            host: user   # <- MG220
            port: {number: 80}

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
        - destination:
            host: users
            port: {number: 80}
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
    """Look up each destination and mirror."""
    own = {registry.host(host, seen.namespace) for host in seen.spec.get("hosts") or []}
    for target in registry.targets(seen):
        host = target.said.get("host", "")
        if target.host in own or not host or registry.service_at(target.host) is not None:
            continue
        what = "a mirror is dropped" if target.is_mirror else "its share of the requests gets 503"
        hint = _hint(host, seen, registry)
        if hint is not None:
            yield Finding((*target.path, "host"), f"no service is named {host!r}: {what}", hint)


def _hint(host: str, seen: Object, registry: Registry) -> str | None:
    """What to write instead; None where the service may well exist elsewhere."""
    full = registry.host(host, seen.namespace)
    if registry.is_ours(host, seen.namespace):
        name, namespace = full.split(".")[:2]
        if not registry.knows(namespace) or registry.may_be_made(namespace, name):
            return None
        near = registry.near(name, (each.key.name for each in registry.names[namespace]))
        return f"did you mean {near!r}?" if near else f"define the Service in namespace {namespace!r}, or drop this"
    parts = full.split(".")
    if len(parts) in (2, 3) and f"{parts[0]}.{parts[1]}.svc.{registry.domain}" in registry.services:
        return f"write {parts[0]}.{parts[1]}.svc.{registry.domain}"
    return None
