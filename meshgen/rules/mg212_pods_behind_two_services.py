"""Two Services lead to one port of the same pods, and what is set for one does not hold for callers of the other.

A VirtualService and a DestinationRule are for a host. Callers who use the other Service's name reach the same pods
without these routes, limits and ejections. For a headless Service beside another one that is usual: it then serves best
with the ports alone at which peers talk to each other. Told as info, where there are routes or policies to be missed or
two port numbers for one port of the pods.

A pod has one listener for a port, made for the older Service. Where one Service says HTTP and the other TCP, this is told
as a warning: requests are handled as the older one says, and policies for HTTP fail or connections break.

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
    kind: Service
    metadata: {name: users-raw, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: tcp, port: 81, targetPort: 3000}   # <- MG212

Good:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 80, targetPort: 3000}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: users-peers, namespace: shop}
    spec:
      clusterIP: None
      selector: {app: users}
      ports:
      - {name: tcp-peers, port: 7000, targetPort: 7000}
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Port, Registry, Service
from meshgen.rules import Finding

SEVERITY = Severity.INFO
KINDS = ("Service",)
COVERS = ("IST0116", "IST0137")
WORST = Severity.WARNING


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Compare a Service with others that select some of its pods."""
    own = registry.service_of(seen)
    if own is None or not own.selector:
        return
    for other in islice(registry.selecting(seen.namespace, own.selector), 20):
        if other.key == own.key or (other.selector == own.selector and not _comes_after(own, other)):
            continue
        shared = [
            (number, port, there)
            for number, port in enumerate(own.ports)
            for there in other.ports
            if port.target == there.target and "udp" not in (port.protocol, there.protocol)
        ]
        for number, port, there in shared:
            if port.protocol and there.protocol and port.is_http != there.is_http:
                yield Finding(
                    ("spec", "ports", number),
                    f"{other.key} says {there.protocol!r} for the same port {port.target} of the same pods, and this {port.protocol!r}: the older Service decides for both",
                    "give both the same appProtocol",
                    Severity.WARNING,
                )
                return
        told = _told(own, other, shared, registry) if registry.wants_info else None
        if told is not None:
            yield told
            return


def _comes_after(own: Service, other: Service) -> bool:
    """Whether it is at `own` that the two are told of: the headless one, or the later by name."""
    return (own.headless, own.key.name) > (other.headless, other.key.name)


def _told(own: Service, other: Service, shared: list[tuple[int, Port, Port]], registry: Registry) -> Finding | None:
    """What callers of one Service miss, or how its numbers differ."""
    hint = f"keep ports here that {other.key.name!r} does not have, or use one Service"
    for number, port, there in shared:
        where = f"{other.key} leads to port {port.target} of the same pods"
        if other.host in registry.rules or registry.is_routed(other.host):
            message = f"{where}: callers of {own.key.name!r} get none of its routes and policies"
            return Finding(("spec", "ports", number), message, hint)
        if port.number != there.number and not own.headless and not other.headless:
            return Finding(
                ("spec", "ports", number), f"{where}, by the number {there.number} instead of {port.number}", hint
            )
    return None
