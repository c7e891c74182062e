"""A Gateway listens at a port that the Service of its pods does not have, so no request gets there.

`port.number` of a server is a port of the Service before the gateway's pods, or the `targetPort` that it leads to. Of any
other, callers outside get no connection: the Service, and the load balancer made for it, do not pass it on. Told where
the gateway's pods and a Service that selects them are among what is linted, and the pods are not reached through their
nodes, by `hostNetwork` or a `hostPort`.

Not shown: the lab's clients reach a gateway's pod without a load balancer before it.

Bad:

    apiVersion: v1
    kind: Service
    metadata: {name: ingress, namespace: istio-system}
    spec:
      type: LoadBalancer
      selector: {istio: ingressgateway}
      ports:
      - {name: https, port: 443, targetPort: 8443}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: ingress, namespace: istio-system}
    spec:
      selector: {matchLabels: {istio: ingressgateway}}
      template:
        metadata: {labels: {istio: ingressgateway}}
        spec: {containers: [{name: istio-proxy, image: "proxyv2:1.31"}]}
    ---
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: public, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port:
          number: 8080   # <- MG283
          name: http
          protocol: HTTP
        hosts: [users.example.com]

Good:

    apiVersion: v1
    kind: Service
    metadata: {name: ingress, namespace: istio-system}
    spec:
      type: LoadBalancer
      selector: {istio: ingressgateway}
      ports:
      - {name: http, port: 80, targetPort: 8080}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: ingress, namespace: istio-system}
    spec:
      selector: {matchLabels: {istio: ingressgateway}}
      template:
        metadata: {labels: {istio: ingressgateway}}
        spec: {containers: [{name: istio-proxy, image: "proxyv2:1.31"}]}
    ---
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: public, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port:
          number: 80
          name: http
          protocol: HTTP
        hosts: [users.example.com]
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users-public, namespace: shop}
    spec:
      hosts: [users.example.com]
      gateways: [public]
      http:
      - route:
        - destination: {host: users, port: {number: 80}}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("Gateway",)
COVERS = ("IST0162",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Compare the port of each server with those of the Services before the gateway's pods."""
    workloads = registry.anywhere(seen.spec.get("selector") or {})
    services = [service for pods in workloads for service in registry.behind(pods.key)]
    if not services or any(pods.on_node for pods in workloads):
        return
    if any(service.key in registry.partial for service in services):
        return
    offered = {port.number for service in services for port in service.ports if port.protocol != "udp"}
    targets = {port.target for service in services for port in service.ports if port.protocol != "udp"}
    for number, server in enumerate(seen.spec.get("servers") or []):
        port = (server.get("port") or {}).get("number", 0)
        if port and "bind" not in server and port not in offered and port not in targets:
            listed = ", ".join(map(str, sorted(offered)))
            yield Finding(
                ("spec", "servers", number, "port", "number"),
                f"{services[0].key} before the gateway's pods has no port {port}: no request gets there",
                f"it has {listed}; write one of them, or add {port} to the Service",
            )
