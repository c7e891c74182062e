"""A StatefulSet's serviceName is no headless Service, so its pods get no DNS names of their own.

The name of each pod, as `users-0.users-peers.shop.svc.cluster.local`, comes from a headless Service of that name. With
one that is missing, or that has an address, the names do not exist: peers that look for each other find nobody. Told
where other Services of the namespace are among what is linted.

Not shown: the lab has no DNS server, which makes these names of what Kubernetes says.

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
    kind: StatefulSet
    metadata: {name: users, namespace: shop}
    spec:
      serviceName: users   # <- MG244
      selector: {matchLabels: {app: users}}
      template:
        metadata: {labels: {app: users}}
        spec: {containers: [{name: users, image: "users:v1"}]}

Good:

    apiVersion: v1
    kind: Service
    metadata: {name: users-peers, namespace: shop}
    spec:
      clusterIP: None
      selector: {app: users}
      ports:
      - {name: tcp-peers, port: 7000}
    ---
    apiVersion: apps/v1
    kind: StatefulSet
    metadata: {name: users, namespace: shop}
    spec:
      serviceName: users-peers
      selector: {matchLabels: {app: users}}
      template:
        metadata: {labels: {app: users}}
        spec: {containers: [{name: users, image: "users:v1"}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("StatefulSet",)
SETTLED = True


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look up the Service."""
    name = seen.spec.get("serviceName", "")
    if not name or not registry.knows(seen.namespace):
        return
    service = registry.service(name, seen.namespace)
    if service is None and registry.may_be_made(seen.namespace, name):
        return
    if service is not None and (service.headless or service.key in registry.partial):
        return
    what = f"Service {name!r} is not headless" if service else f"no Service is named {name!r}"
    yield Finding(
        ("spec", "serviceName"),
        f"{what}: the pods get no DNS names of their own",
        "write the name of a Service with clusterIP: None for these pods",
    )
