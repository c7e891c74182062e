"""Sidecar (ValidateSidecar)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from meshgen.fault import KeyPath
from meshgen.istiod.policies import pool_refusals
from meshgen.istiod.servers import PROTOCOLS, host_of
from meshgen.istiod.values import MAX_PORT, Refusal, is_address, is_label, port, socket

_OWN = frozenset(["", "127.0.0.1", "0.0.0.0", "[::1]", "[::]"])  # noqa: S104 - what Istio takes
_NOT_HERE = ("subjectAltNames", "httpsRedirect", "credentialName", "credentialNames", "tlsCertificates")


def refusals(spec: dict[str, Any], namespace: str) -> Iterator[Refusal]:  # noqa: ARG001
    """All that is refused of a Sidecar."""
    if not any(
        spec.get(key) not in (None, [])
        for key in ("egress", "ingress", "outboundTrafficPolicy", "inboundConnectionPool")
    ):
        yield Refusal(("spec",), "the Sidecar says nothing", "write egress")
    if "inboundConnectionPool" in spec:
        yield from pool_refusals(("spec", "inboundConnectionPool"), spec["inboundConnectionPool"])
    numbers: set[int] = set()
    for number, way in enumerate(spec.get("ingress") or []):
        yield from _way_in(("spec", "ingress", number), way, numbers)
    yield from _ways_out(spec.get("egress") or [])


def _way_in(path: KeyPath, way: Mapping[str, Any], numbers: set[int]) -> Iterator[Refusal]:
    said = way.get("port") or {}
    yield from _port((*path, "port"), said, numbers)
    yield from port((*path, "port", "number") if "number" in said else (*path, "port"), said.get("number", 0))
    if way.get("bind") and not is_address(way["bind"]):
        yield Refusal((*path, "bind"), f"{way['bind']!r} is no address", "write an IP address")
    if way.get("defaultEndpoint"):
        yield from _endpoint((*path, "defaultEndpoint"), way["defaultEndpoint"])
    if "connectionPool" in way:
        yield from pool_refusals((*path, "connectionPool"), way["connectionPool"])
    tls = way.get("tls") or {}
    for key in _NOT_HERE:
        if tls.get(key):
            yield Refusal((*path, "tls", key), f"a Sidecar has no {key}", "write serverCertificate and privateKey")
    if tls.get("mode") in ("ISTIO_MUTUAL", "AUTO_PASSTHROUGH"):
        yield Refusal((*path, "tls", "mode"), f"a Sidecar has no mode {tls['mode']}", "write SIMPLE or MUTUAL")
    if "tls" in way and said.get("protocol", "").upper() not in ("HTTPS", "TLS"):
        yield Refusal((*path, "tls"), "only a port of HTTPS or TLS has TLS settings", "write protocol: HTTPS")


def _port(path: KeyPath, said: Mapping[str, Any], numbers: set[int]) -> Iterator[Refusal]:
    protocol, number = said.get("protocol", ""), said.get("number", 0)
    if protocol and protocol.upper() not in PROTOCOLS:
        yield Refusal((*path, "protocol"), f"{protocol!r} is no protocol that Istio knows", "write HTTP, TLS, TCP …")
    if said.get("name") and not is_label(said["name"]):
        yield Refusal((*path, "name"), f"{said['name']!r} is no name of a port", "write letters, digits and dashes")
    if said.get("targetPort"):
        yield Refusal((*path, "targetPort"), "a Sidecar has no targetPort", "drop it")
    if number and number in numbers:
        yield Refusal((*path, "number"), f"port {number} is there already", "write each port once")
    numbers.add(number)


def _endpoint(path: KeyPath, text: str) -> Iterator[Refusal]:
    if text.startswith("unix://"):
        yield from socket(path, text.removeprefix("unix://"))
        return
    host, colon, number = text.rpartition(":")
    if not colon or host not in _OWN or not number.isdigit() or not 1 <= int(number) <= MAX_PORT:
        yield Refusal(path, f"{text!r} is no place in the pod", "write 127.0.0.1:PORT or unix:///path")


def _ways_out(ways: list[dict[str, Any]]) -> Iterator[Refusal]:
    numbers: set[int] = set()
    for number, way in enumerate(ways):
        path = ("spec", "egress", number)
        if not way.get("hosts"):
            yield Refusal((*path, "hosts"), "no host is named", "write hosts")
        for position, host in enumerate(way.get("hosts") or []):
            yield from host_of((*path, "hosts", position), host, in_sidecar=True)
        bind = way.get("bind", "")
        if "port" not in way:
            if number < len(ways) - 1:
                yield Refusal(path, "what is for all ports comes last, and once", "move it to the end")
            continue
        said = way["port"]
        yield from _port((*path, "port"), said, numbers)
        if not said.get("number"):
            if bind.startswith("unix://"):
                yield from socket((*path, "bind"), bind.removeprefix("unix://"))
            else:
                yield Refusal(
                    (*path, "port"), "a port without number needs a socket", "write number, or bind: unix:///path"
                )
        else:
            yield from port((*path, "port", "number"), said["number"])
            if bind and not is_address(bind):
                yield Refusal((*path, "bind"), f"{bind!r} is no address", "write an IP address")
