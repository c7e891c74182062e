"""The ports of a service: what is spoken at each, and which one a route means."""

from __future__ import annotations

from typing import NamedTuple

from meshgen.document import KeyPath
from meshgen.protocol import SERVER_FIRST, from_name, is_http
from meshgen.resolve.context import Context
from meshgen.spec.service import Port


class ResolvedPort(NamedTuple):
    """A port as the Service has it. `target` is what the Service's port leads to: a number, or a name of a container's port."""

    name: str
    number: int
    target: int | str
    protocol: str | None
    app_protocol: str | None
    node_port: int | None
    http: bool


def resolve_ports(context: Context) -> tuple[ResolvedPort, ...]:
    """All ports of the service, with their protocols."""
    ports: list[ResolvedPort] = []
    for number, port in enumerate(context.spec.ports):
        path = ("spec", "ports", number)
        for other in ports:
            if other.name == port.name:
                context.findings.error("MG113", (*path, "name"), f"there is a port named {port.name!r} already")
            elif (other.number, other.protocol or "TCP") == (port.port, port.protocol or "TCP"):
                context.findings.error("MG113", (*path, "port"), f"port {port.port} is {other.name!r} already")
        spoken = _app_protocol(context, port, path)
        target = port.target_port if port.target_port is not None else port.port
        protocol = port.protocol if port.protocol not in (None, "TCP") else None
        http = protocol is None and is_http(spoken)
        ports.append(ResolvedPort(port.name, port.port, target, protocol, spoken, port.node_port, http))
    return tuple(ports)


def _app_protocol(context: Context, port: Port, path: KeyPath) -> str | None:
    if port.app_protocol is not None or port.protocol in ("UDP", "SCTP"):
        return port.app_protocol
    spoken = from_name(port.name)
    if spoken is not None:
        return spoken
    known = SERVER_FIRST.get(port.port) or (
        SERVER_FIRST.get(port.target_port) if isinstance(port.target_port, int) else None
    )
    if known is not None:
        context.findings.error(
            "MG117",
            (*path, "port"),
            f"port {port.name!r} looks like {known}, which is not HTTP",
            "write appProtocol: tcp (or what is spoken there)",
        )
        return None
    return "http"


def http_port(
    context: Context, ports: tuple[ResolvedPort, ...], name: str | None, path: KeyPath
) -> ResolvedPort | None:
    """The HTTP port that is meant: the named one, the only one, or the one named http. Otherwise a mistake at `path`."""
    http = [port for port in ports if port.http]
    if name is not None:
        found = next((port for port in ports if port.name == name), None)
        if found is None:
            context.unknown(path, "port", name, (port.name for port in ports))
        elif not found.http:
            context.findings.error(
                "MG119", path, f"port {name!r} speaks {found.protocol or found.app_protocol}, and routes need HTTP"
            )
            return None
        return found
    if len(http) == 1:
        return http[0]
    return next((port for port in http if port.name == "http"), None)
