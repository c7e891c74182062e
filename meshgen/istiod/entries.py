"""ServiceEntry (ValidateServiceEntry, validateWorkloadEntry)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from meshgen.fault import KeyPath
from meshgen.istiod.servers import PROTOCOLS
from meshgen.istiod.values import (
    Refusal,
    exported_to,
    is_address,
    is_label,
    is_subnet,
    labels,
    port,
    socket,
    wrong_host,
)

_ROUTED = frozenset(["HTTP", "HTTP2", "GRPC", "GRPC-WEB", "HTTPS", "TLS"])
_DYNAMIC = frozenset(["HTTP", "HTTP2", "GRPC", "TLS"])


def refusals(spec: dict[str, Any], namespace: str) -> Iterator[Refusal]:
    """All that is refused of a ServiceEntry."""
    resolution = spec.get("resolution", "NONE")
    hosts, ports, endpoints = spec.get("hosts") or [], spec.get("ports") or [], spec.get("endpoints") or []
    yield from _hosts(hosts, resolution, has_endpoints=bool(endpoints))
    for number, address in enumerate(spec.get("addresses") or []):
        path = ("spec", "addresses", number)
        if not is_subnet(address):
            yield Refusal(path, f"{address!r} is no address", "write 10.0.0.1 or 10.0.0.0/24")
        elif "/" in address and resolution not in ("NONE", "STATIC"):
            yield Refusal(path, f"a network cannot be resolved by {resolution}", "write resolution: NONE or STATIC")
    yield from _ports(ports)
    if endpoints and resolution == "NONE":
        yield Refusal(("spec", "endpoints"), "resolution NONE asks for no endpoints", "write resolution: STATIC")
    if len(endpoints) > 1 and resolution == "DNS_ROUND_ROBIN":
        yield Refusal(("spec", "endpoints", 1), "DNS_ROUND_ROBIN asks for one name", "write resolution: DNS")
    for number, endpoint in enumerate(endpoints if resolution in ("STATIC", "DNS", "DNS_ROUND_ROBIN") else ()):
        yield from _endpoint(("spec", "endpoints", number), endpoint, ports, resolution)
    if resolution == "DYNAMIC_DNS":
        yield from _dynamic(spec, ports)
    elif resolution != "NONE" and len(hosts) > 1:
        wrong = next((n for n, each in enumerate(ports) if each.get("protocol", "").upper() not in _ROUTED), None)
        if wrong is not None:
            message = "several hosts cannot be told apart at a port that is neither HTTP nor TLS"
            yield Refusal(("spec", "ports", wrong), message, "write a ServiceEntry for each host")
    yield from exported_to(spec, namespace, entry=True)


def _hosts(hosts: list[str], resolution: str, *, has_endpoints: bool) -> Iterator[Refusal]:
    for number, host in enumerate(hosts):
        path = ("spec", "hosts", number)
        if (wrong := wrong_host(host)) is not None:
            yield Refusal(path, wrong, "write a name, or *.example.com for all below one")
        elif resolution == "DYNAMIC_DNS":
            if not host.startswith("*"):
                yield Refusal(path, f"{host!r} is one name, and DYNAMIC_DNS is for wildcards", "write resolution: DNS")
        elif resolution in ("DNS", "DNS_ROUND_ROBIN") and "*" in host and not has_endpoints:
            message = f"{host!r} cannot be asked for in DNS, and there are no endpoints"
            yield Refusal(path, message, "write resolution: NONE, or endpoints")


def _ports(ports: list[dict[str, Any]]) -> Iterator[Refusal]:
    numbers: set[int] = set()
    for number, said in enumerate(ports):
        path = ("spec", "ports", number)
        protocol, value = said.get("protocol", ""), said.get("number", 0)
        if protocol and protocol.upper() not in PROTOCOLS:
            yield Refusal(
                (*path, "protocol"), f"{protocol!r} is no protocol that Istio knows", "write HTTP, TLS, TCP …"
            )
        if not is_label(said.get("name", "")):
            yield Refusal(
                (*path, "name"), f"{said.get('name', '')!r} is no name of a port", "write letters, digits and dashes"
            )
        if value and value in numbers:
            yield Refusal((*path, "number"), f"port {value} is there already", "write each port once")
        numbers.add(value)


def _endpoint(
    path: KeyPath, endpoint: Mapping[str, Any], ports: list[dict[str, Any]], resolution: str
) -> Iterator[Refusal]:
    address = endpoint.get("address", "")
    by_name = resolution in ("DNS", "DNS_ROUND_ROBIN")
    is_socket = address.startswith("unix://")
    if is_socket and not by_name:
        yield from socket((*path, "address"), address.removeprefix("unix://"))
        if endpoint.get("ports") or len(ports) != 1:
            yield Refusal(
                (*path, "address"), "a socket serves one port of the entry, and has none", "write one port above"
            )
    elif not address and (by_name or not endpoint.get("network")):
        yield Refusal(path, "the endpoint has no address", "write address")
    elif address and not is_address(address):
        if resolution == "STATIC":
            yield Refusal(
                (*path, "address"), f"{address!r} is no address, and STATIC asks no DNS", "write resolution: DNS"
            )
        elif by_name and wrong_host(address, wildcard=False) is not None:
            yield Refusal((*path, "address"), f"{address!r} is no host", "write a name or an address")
    names = {each.get("name") for each in ports}
    for name, number in (endpoint.get("ports") or {}).items():
        if name not in names:
            listed = ", ".join(sorted(filter(None, names)))
            yield Refusal((*path, "ports", name), f"no port above is named {name!r}", f"there are: {listed}")
        yield from port((*path, "ports", name), number)
    yield from labels((*path, "labels"), endpoint.get("labels") or {})


def _dynamic(spec: Mapping[str, Any], ports: list[dict[str, Any]]) -> Iterator[Refusal]:
    for key in ("addresses", "endpoints"):
        if spec.get(key):
            yield Refusal(("spec", key), f"DYNAMIC_DNS asks for each host, and has no {key}", f"drop {key}")
    for number, said in enumerate(ports):
        if said.get("protocol", "").upper() not in _DYNAMIC:
            message = "DYNAMIC_DNS needs the host of each request, which this protocol does not say"
            yield Refusal(("spec", "ports", number), message, "write HTTP, HTTP2, GRPC or TLS")
