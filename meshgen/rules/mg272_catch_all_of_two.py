"""Two VirtualServices at a gateway both take all requests of one host, and only the older gets them.

At a gateway the rules of all VirtualServices of a host are put behind each other, rules without match at the end. Of two
such rules the second is never reached. Which is first depends on when the VirtualServices were created: after a restore
it may be the other.

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
      http:
      - route:
        - destination: {host: users, port: {number: 80}}
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: more, namespace: shop}
    spec:
      hosts:
      - www.example.com   # <- MG272
      gateways: [public]
      http:
      - match: [{uri: {prefix: /more}}]
        route:
        - destination: {host: users, port: {number: 80}}
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
      http:
      - route:
        - destination: {host: users, port: {number: 80}}
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: more, namespace: shop}
    spec:
      hosts: [www.example.com]
      gateways: [public]
      http:
      - match: [{uri: {prefix: /more}}]
        route:
        - destination: {host: users, port: {number: 80}}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("VirtualService",)
SETTLED = True


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look for an earlier VirtualService that takes everything of a host at a gateway, where this one does too."""
    own = registry.virtual_services.get(f"{seen.namespace}/{seen.name}")
    if own is None or not own.takes_all or seen.key in registry.partial:
        return
    for number, host in enumerate(own.hosts):
        for gateway in own.gateways:
            first = registry.catch_alls.get((gateway, host), own)
            if gateway != "mesh" and first.key != own.key and first.key not in registry.partial:
                yield Finding(
                    ("spec", "hosts", number),
                    f"{first.key} takes all requests of {host!r} at Gateway {gateway} too: only the older of the two gets them",
                    "keep the rule without match in one of them",
                )
                break
