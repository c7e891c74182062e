"""Gateways of the same pods: what one of them listens for, another must not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from meshgen.facts import GatewayFacts, Key, ServerFacts, host_name


class Claim(NamedTuple):
    """A host at a port of pods in one namespace."""

    namespace: str
    port: int
    bind: str
    host: str


def claims_of(gateways: Iterable[GatewayFacts]) -> dict[Claim, list[Key]]:
    """Which gateways secure a host at a port, in the order of the specs."""
    found: dict[Claim, list[Key]] = {}
    for gateway in gateways:
        for server in gateway.servers or ():
            for host in server.hosts if server.secure else ():
                keys = found.setdefault(claim_of(gateway, server, host), [])
                if gateway.key not in keys[-1:]:
                    keys.append(gateway.key)
    return found


def claim_of(gateway: GatewayFacts, server: ServerFacts, host: str) -> Claim:
    """The claim of one host of a server."""
    return Claim(gateway.workload_namespace, server.port, server.bind, host_of(host, gateway.key))


def host_of(host: str, key: Key) -> str:
    """A server's host as Istio compares it. Source: pilot/pkg/model/gateway.go, sanitizeServerHostNamespace."""
    namespace, slash, name = host_name(host).rpartition("/")
    namespace = key.namespace if namespace == "." else namespace
    return name if namespace in ("", "*") else f"{namespace}{slash}{name}"


def have_pods_in_common(one: GatewayFacts, other: GatewayFacts) -> bool:
    """Whether all pods of one gateway are the other's as well.

    Where each selector asks for a label that the other does not, the pods alone could tell; False then.
    """
    if one.workload_namespace != other.workload_namespace or one.selector is None or other.selector is None:
        return False
    return one.selector.items() <= other.selector.items() or other.selector.items() <= one.selector.items()


def admits(pattern: str, host: str, namespace: str, gateway: Key) -> bool:
    """Whether a gateway's host takes a VirtualService of that host and namespace."""
    scope, slash, name = pattern.rpartition("/")
    if slash and scope not in ("*", namespace) and not (scope == "." and namespace == gateway.namespace):
        return False
    return _takes(name, host)


def mix_routes(one: GatewayFacts, other: GatewayFacts, host: str) -> bool:
    """Whether the routes of a host, bound to each of two gateways, come together at one port.

    With TLS they never do: one of two servers is dropped. Source: pilot/pkg/model/gateway.go, mergeGateways.
    """
    if not have_pods_in_common(one, other):
        return False
    ports = [
        {
            (server.port, server.bind)
            for server in gateway.servers or ()
            if not server.secure
            and not server.instead
            and any(_takes(each.rpartition("/")[2], host) for each in server.hosts)
        }
        for gateway in (one, other)
    ]
    return not ports[0].isdisjoint(ports[1])


def _takes(pattern: str, host: str) -> bool:
    name = host_name(pattern)
    return name in ("*", host) or (name.startswith("*.") and host.endswith(name[1:]))
