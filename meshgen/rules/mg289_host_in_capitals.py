"""A host is written with capitals, and istiod looks for it letter by letter, so it is another one than it seems.

Names of Services have small letters only: a destination `Users` leads nowhere, and its requests get 503; a DestinationRule
for `Users` acts on nothing. Between a Gateway and its VirtualServices the letters must be the same: where one has
capitals, requests get 404 (told as a warning, for both may have the same). Clients may write a host as they like.

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
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - route:
        - destination:
            host: Users   # <- MG289

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
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - route:
        - destination:
            host: users
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry, all_routes, destinations, gateway_name
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("VirtualService", "DestinationRule", "Gateway")
SETTLED = True

_HINT = "write small letters"


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look at each host that istiod compares as it is written."""
    if seen.key.kind == "DestinationRule":
        yield from _named(("spec", "host"), seen.spec.get("host", ""), "nothing of this acts", seen, registry)
    elif seen.key.kind == "Gateway":
        for number, server in enumerate(seen.spec.get("servers") or []):
            for position, host in enumerate(server.get("hosts") or []):
                yield from _shown(("spec", "servers", number, "hosts", position), host, "VirtualServices")
    else:
        for path, route in all_routes(seen.spec):
            for below, target in destinations(route):
                host, effect = target.get("host", ""), "requests get 503"
                yield from _named((*path, *below, "host"), host, effect, seen, registry)
        if any(gateway != "mesh" for gateway in seen.spec.get("gateways") or []):
            there = {
                each
                for name in seen.spec["gateways"]
                for each in _hosts_at(gateway_name(name, seen.namespace), registry)
            }
            for number, host in enumerate(seen.spec.get("hosts") or []):
                if any(each.startswith("*") and host.endswith(each[1:]) for each in there):
                    continue  # what is before the wildcard's dot is not compared
                yield from _shown(("spec", "hosts", number), host, "Gateways")


def _hosts_at(name: str, registry: Registry) -> Iterator[str]:
    gateway = registry.gateways.get(name)
    return (host.rpartition("/")[2] for server in (gateway.servers if gateway else ()) for host in server.hosts)


def _named(path: tuple[str | int, ...], host: str, effect: str, seen: Object, registry: Registry) -> Iterator[Finding]:
    if host != host.lower():
        service = registry.service(host, seen.namespace)
        if service is not None and service.key.kind == "Service":
            message = f"{host!r} is not {service.key} to istiod, which looks letter by letter: {effect}"
            yield Finding(path, message, _HINT, fix=host.lower())


def _shown(path: tuple[str | int, ...], host: str, others: str) -> Iterator[Finding]:
    if host != host.lower():
        message = f"{host!r} is compared letter by letter with the hosts of {others}: with other letters there, requests get 404"
        yield Finding(path, message, _HINT, Severity.WARNING, host.lower())
