"""An EndpointSlice names its ports otherwise than its Service, so the Service has no endpoints there: requests get 503.

Ports of a slice and of a Service belong together by their names, not by their numbers; no name on both sides is one, too.
A slice without the label `kubernetes.io/service-name` belongs to no Service at all, and Istio reads none of FQDN.

Bad:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      ports:
      - {name: http, port: 80, targetPort: 3000}
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: users-1, namespace: shop, labels: {kubernetes.io/service-name: users}}
    addressType: IPv4
    endpoints: [{addresses: [192.0.2.7]}]
    ports:
    - name: web   # <- MG292
      port: 3000

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
    metadata: {name: users-1, namespace: shop, labels: {kubernetes.io/service-name: users}}
    addressType: IPv4
    endpoints: [{addresses: [192.0.2.7]}]
    ports:
    - name: http
      port: 3000
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("EndpointSlice",)
SETTLED = True

_LABEL = "kubernetes.io/service-name"


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Compare the names of the ports with those of the Service that the slice is for."""
    if seen.key in registry.partial:
        return
    name = seen.labels.get(_LABEL)
    if name is None:
        message = "no label says which Service these endpoints are for: none has them"
        yield Finding(("metadata",), message, f"write the label {_LABEL}: NAME", Severity.WARNING)
        return
    if seen.data.get("addressType") == "FQDN":
        message = "Istio reads no EndpointSlice of FQDN: callers in the mesh find no endpoints in it"
        yield Finding(("addressType",), message, "write a ServiceEntry with resolution DNS for the names")
        return
    there = registry.services.get(registry.host(name, seen.namespace), [])
    service = next((each for each in there if each.key.kind == "Service"), None)
    ports = seen.data.get("ports") or []
    if service is None or service.key in registry.partial or not ports:
        return
    wanted = {port.name for port in service.ports}
    if wanted.isdisjoint(port.get("name") or "" for port in ports):
        listed = ", ".join(repr(each) for each in sorted(wanted)) if wanted != {""} else "one without a name"
        yield Finding(
            ("ports", 0, "name") if ports[0].get("name") else ("ports", 0),
            f"{service.key} has no port of this name, but {listed}: it has no endpoints here, and requests get 503",
            "give the port the name that it has in the Service",
        )
