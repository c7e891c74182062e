"""A subset asks for labels that no pod of its service has, so every request routed to it gets 503.

A pod belongs to a subset when it has all labels of the subset, and to the service when it has all labels of the
Service's selector. The labels that count are those of the pod template, not those of the Deployment or StatefulSet.
Told only where pods of the service are among what is linted; of a subset that no route uses yet, as info.

Addresses that somebody writes into an EndpointSlice have no labels at all, so they belong to no subset with labels.

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
    kind: Deployment
    metadata: {name: users, namespace: shop, labels: {version: v1}}
    spec:
      selector: {matchLabels: {app: users}}
      template:
        metadata: {labels: {app: users}}
        spec: {containers: [{name: users, image: "users:v1"}]}
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      subsets:
      - name: v1
        labels: {version: v1}   # <- MG204
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - route:
        - destination: {host: users, subset: v1, port: {number: 80}}

Good:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 80}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: users, namespace: shop}
    spec:
      selector: {matchLabels: {app: users, version: v1}}
      template:
        metadata: {labels: {app: users, version: v1}}
        spec: {containers: [{name: users, image: "users:v1"}]}
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      subsets:
      - name: v1
        labels: {version: v1}
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - route:
        - destination: {host: users, subset: v1, port: {number: 80}}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Labels, Object, Pods, Registry, Service, comes_later
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("DestinationRule",)
COVERS = ("IST0173",)
NEEDS = ("subsets",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look for each subset among the pods that the service would have if its selector named no version."""
    service = registry.service(seen.spec.get("host", ""), seen.namespace)
    if service is None or service.key in registry.partial:
        return
    if not service.selector:
        yield from _by_hand(seen, service, registry)
        return
    for number, subset in enumerate(seen.spec.get("subsets") or []):
        labels = subset.get("labels") or {}
        if not labels or registry.select(service.key.namespace, {**service.selector, **labels}):
            continue
        selector = {key: value for key, value in service.selector.items() if key not in labels}
        pods = registry.select(service.key.namespace, selector)
        if pods:
            if any(each.key in registry.partial for each in pods) or _comes_later(labels, pods):
                continue
            is_used = any(use.subset == subset.get("name") for use in registry.uses.get(service.host, []))
            asked = ", ".join(f"{key}={value}" for key, value in labels.items())
            there = ", ".join(sorted({str(each.key) for each in pods})[:3])
            yield Finding(
                ("spec", "subsets", number, "labels"),
                f"no pod of {service.key} has {asked}: every request to subset {subset.get('name')!r} gets 503",
                f"write the labels into the pod template of a workload; there are: {there}",
                None if is_used else Severity.INFO,
            )


def _comes_later(labels: Labels, pods: list[Pods]) -> bool:
    """Whether running pods may get one of the labels, that no template has."""
    return any(comes_later(key) and all(key not in each.labels for each in pods) for key in labels)


def _by_hand(seen: Object, service: Service, registry: Registry) -> Iterator[Finding]:
    """Subsets of a Service whose endpoints somebody writes."""
    if service.key.kind != "Service" or not registry.labelless.get(service.host):
        return
    used = {use.subset for use in registry.uses.get(service.host, [])}
    for number, subset in enumerate(seen.spec.get("subsets") or []):
        if subset.get("labels"):
            yield Finding(
                ("spec", "subsets", number, "labels"),
                f"the EndpointSlices of {service.key} name addresses, which have no labels: every request to subset "
                f"{subset.get('name')!r} gets 503",
                "write a ServiceEntry with WorkloadEntries, which have labels; or targetRef, if these are Pods",
                None if subset.get("name") in used else Severity.INFO,
            )
