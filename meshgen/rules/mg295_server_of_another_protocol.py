"""Two servers of one proxy have a port for protocols that exclude each other, so one of them is dropped.

A port of a gateway is one listener. Several servers share it where all of them speak plain HTTP (HTTP, HTTP2, GRPC), or
all have `tls`, which the host in the handshake tells apart. Of plain HTTP and TCP, and of two for TCP, the server of the
Gateway that was created first stays; the other is dropped with all its hosts, and nothing says so but istiod's log. A
server with `tls` is dropped beside an older one without. While it is the older itself, both work, until somebody creates
it anew: so this is a warning. Gateways whose selectors are not equal are not compared, for that needs the pods.

Bad:

    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: other, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 8500, name: http, protocol: HTTP}
        hosts: [www.example.com]
    ---
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: public, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 8500, name: https, protocol: HTTPS}   # <- MG295
        hosts: [api.example.com]
        tls: {mode: SIMPLE, credentialName: api-tls}

Bad:

    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: other, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 8510, name: http, protocol: HTTP}
        hosts: [www.example.com]
    ---
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: public, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 8510, name: tcp-mail, protocol: TCP}   # <- MG295
        hosts: ["*"]

Good:

    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: other, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 8500, name: http, protocol: HTTP}
        hosts: [www.example.com]
    ---
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: public, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 8501, name: https, protocol: HTTPS}
        hosts: [api.example.com]
        tls: {mode: SIMPLE, credentialName: api-tls}

Good:

    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: other, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 8510, name: http, protocol: HTTP}
        hosts: [www.example.com]
    ---
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: public, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 8511, name: tcp-mail, protocol: TCP}
        hosts: ["*"]
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry, can_share, listening
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("Gateway",)
COVERS = ("IST0145",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Compare each server with the first at its port; told at all but the first."""
    name = f"{seen.namespace}/{seen.name}"
    for number, (place, spoken) in enumerate(listening(seen)):
        gateway, first, there = registry.first_at[place]
        if (gateway, first) == (name, number) or can_share(spoken, there):
            continue
        who = "this Gateway" if gateway == name else f"Gateway {gateway}"
        what = f"{there} too" if spoken == there else there
        mixed = "TLS" in (spoken, there)
        which = "the one with TLS is dropped where it is the younger" if mixed else "the younger of the two is dropped"
        yield Finding(
            ("spec", "servers", number, "port"),
            f"{who} has port {place[1]} for {what}, and this server is for {spoken}: {which}, with all its hosts",
            "give one of them another port",
            Severity.WARNING if mixed else None,
        )
