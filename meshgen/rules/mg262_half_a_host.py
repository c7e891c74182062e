"""A host is written half, `NAME.NAMESPACE`, which Istio takes for a full name that no Service has.

Only a host without any dot is completed, with the object's own namespace. `users.shop` is left as it is: a DestinationRule
of it acts on no request to the Service. The rules of a VirtualService of it are for clients that call `users.shop` at port
80, and for no others: `users`, the full name and other ports pass them by. Told where that Service is among what is
linted, nothing has the short name as its host, and no gateway is named, to which it may be a public name.

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
SETTLED = True


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Complete each host of two or three words, and see whether a Service has it."""
    hosts: list[tuple[KeyPath, str]]
    if seen.key.kind == "DestinationRule":
        hosts = [(("spec", "host"), seen.spec.get("host", ""))]
    elif all(name == "mesh" for name in seen.spec.get("gateways") or []):
        hosts = [(("spec", "hosts", number), host) for number, host in enumerate(seen.spec.get("hosts") or [])]
    else:
        return
    for path, host in hosts:
        parts = host.lower().split(".")
        full = f"{'.'.join(parts[:2])}.svc.{registry.domain}"
        is_half = len(parts) == 2 or (len(parts) == 3 and parts[2] == "svc")
        if is_half and full in registry.services and registry.service(host, seen.namespace) is None:
            key = registry.services[full][0].key
            if seen.key.kind == "DestinationRule":
                message = f"{host!r} is not completed: this acts on no request to {key}"
            else:
                message = (
                    f"{host!r} is not completed: requests to {key} by its other names, or not at port 80, pass this by"
                )
            severity = None if seen.key.kind == "DestinationRule" else Severity.WARNING
            yield Finding(path, message, f"write {full}", severity, full)
