"""A host is written half, `NAME.NAMESPACE`, which Istio takes for a full name that no Service has.

Only a host without any dot is completed, with the object's own namespace. `users.shop` is left as it is: a VirtualService
or DestinationRule of it acts on no request to the Service, though clients may well call it by that name. Told where that
Service is among what is linted, and nothing has the short name as its host.

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
    metadata: {name: users, namespace: front}
    spec:
      hosts:
      - users.shop   # <- MG262
      http:
      - route:
        - destination: {host: users.shop.svc.cluster.local}
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: front}
    spec:
      host: users.shop.svc   # <- MG262
      trafficPolicy: {loadBalancer: {simple: RANDOM}}

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
    metadata: {name: users, namespace: front}
    spec:
      hosts: [users.shop.svc.cluster.local]
      http:
      - route:
        - destination: {host: users.shop.svc.cluster.local}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.fault import KeyPath
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("VirtualService", "DestinationRule")


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Complete each host of two or three words, and see whether a Service has it."""
    hosts: list[tuple[KeyPath, str]]
    if seen.key.kind == "DestinationRule":
        hosts = [(("spec", "host"), seen.spec.get("host", ""))]
    elif "mesh" in (seen.spec.get("gateways") or ["mesh"]):
        hosts = [(("spec", "hosts", number), host) for number, host in enumerate(seen.spec.get("hosts") or [])]
    else:
        return
    for path, host in hosts:
        parts = host.lower().split(".")
        full = f"{'.'.join(parts[:2])}.svc.{registry.domain}"
        is_half = len(parts) == 2 or (len(parts) == 3 and parts[2] == "svc")
        if is_half and full in registry.services and registry.service(host, seen.namespace) is None:
            yield Finding(
                path,
                f"{host!r} is not completed: this acts on no request to {registry.services[full][0].key}",
                f"write {full}",
                fix=full,
            )
