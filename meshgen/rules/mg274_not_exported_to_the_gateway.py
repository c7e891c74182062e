"""A VirtualService is not exported to the namespace of the gateway's pods, so the gateway does not have its routes.

`exportTo` names the namespaces whose proxies see an object, and a gateway's proxies are those of the namespace in which
its pods run, not that of the Gateway. Told where pods that the Gateway selects are among what is linted.

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
    metadata: {name: ingress, namespace: istio-system}
    spec:
      selector: {matchLabels: {istio: ingressgateway}}
      template:
        metadata: {labels: {istio: ingressgateway}}
        spec: {containers: [{name: istio-proxy, image: auto}]}
    ---
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: public, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 80, name: http, protocol: HTTP}
        hosts: [www.example.com]
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users-public, namespace: shop}
    spec:
      hosts: [www.example.com]
      gateways: [public]
      exportTo:   # <- MG274
      - "."
      http:
      - route:
        - destination: {host: users, port: {number: 80}}

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
    metadata: {name: ingress, namespace: istio-system}
    spec:
      selector: {matchLabels: {istio: ingressgateway}}
      template:
        metadata: {labels: {istio: ingressgateway}}
        spec: {containers: [{name: istio-proxy, image: auto}]}
    ---
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: public, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 80, name: http, protocol: HTTP}
        hosts: [www.example.com]
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users-public, namespace: shop}
    spec:
      hosts: [www.example.com]
      gateways: [public]
      exportTo: [".", istio-system]
      http:
      - route:
        - destination: {host: users, port: {number: 80}}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry, exported, gateway_name
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("VirtualService",)
NEEDS = ("exportTo",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Compare exportTo with the namespaces of the pods of each gateway."""
    export_to = seen.spec.get("exportTo") or []
    if not export_to or seen.key in registry.partial:
        return
    for name in seen.spec.get("gateways") or []:
        gateway = registry.gateways.get(gateway_name(name, seen.namespace))
        namespaces = {pods.key.namespace for pods in registry.anywhere(gateway.selector)} if gateway else set()
        if namespaces and not any(exported(export_to, seen.namespace, each) for each in namespaces):
            place = min(namespaces)
            yield Finding(
                ("spec", "exportTo"),
                f"the pods of {gateway.key if gateway else name} run in {place!r}, to which this is not exported: requests get 404",
                f"add {place}",
            )
            return
