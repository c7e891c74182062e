"""Endpoints are written by hand for a Service with a selector, and Kubernetes writes over them.

For a Service with a selector, controllers keep Endpoints and EndpointSlices equal to the pods that it selects: what is
written by hand is lost within seconds, and requests go to the pods alone. Istio reads EndpointSlices only, in any case.
Endpoints of a Service without selector are copied into slices by Kubernetes and work, but have been deprecated since
Kubernetes 1.33: of those it is told as info.

Bad:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 80, targetPort: 3000}
    ---
    apiVersion: v1
    kind: Endpoints   # <- MG205
    metadata: {name: users, namespace: shop}
    subsets:
    - addresses: [{ip: 10.1.1.1}]
      ports: [{name: http, port: 3000}]

Good:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      ports:
      - {name: http, port: 80, targetPort: 3000}
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata:
      name: users-1
      namespace: shop
      labels: {kubernetes.io/service-name: users}
    addressType: IPv4
    ports: [{name: http, port: 3000}]
    endpoints: [{addresses: [10.1.1.1]}]
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("Endpoints",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look up the Service of the same name."""
    service = registry.service(f"{seen.name}.{seen.namespace}.svc.{registry.domain}", seen.namespace)
    if service is None or service.key.kind != "Service" or service.external:
        return
    if service.selector:
        yield Finding(
            ("kind",),
            f"{service.key} has a selector: Kubernetes replaces what is written here by the pods that it selects",
            "delete this object, or drop the Service's selector and write an EndpointSlice",
        )
    elif seen.data.get("subsets"):
        yield Finding(
            ("kind",),
            "Istio reads EndpointSlices only, and gets these addresses from a copy that Kubernetes makes",
            f"write an EndpointSlice with the label kubernetes.io/service-name: {seen.name}",
            Severity.INFO,
        )
