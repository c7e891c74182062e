"""A gateway's servers: those that hosts and tls stand for, or those that the spec writes in full."""

from __future__ import annotations

from typing import Any, NamedTuple

from pydantic import ValidationError

from meshgen.facts import Key, host_name
from meshgen.findings import Findings
from meshgen.fleet import Fleet
from meshgen.listeners import claim_of, have_pods_in_common, host_of
from meshgen.merging import merge, without_nulls
from meshgen.resolve.context import MANAGED_BY
from meshgen.spec.errors import problems
from meshgen.spec.gateway import Gateway
from meshgen.spec.server import PLAIN, SECURED, Server, ServerTLSSettings

Fragment = dict[str, Any]

_TLS = {"mode": "SIMPLE", "minProtocolVersion": "TLSV1_2"}


class ResolvedGateway(NamedTuple):
    """A Gateway as Istio has it."""

    name: str
    namespace: str
    labels: dict[str, str]
    annotations: dict[str, str] | None
    selector: dict[str, str]
    servers: tuple[Fragment, ...]


def resolve_gateway(model: Gateway, fleet: Fleet, key: Key, findings: Findings) -> ResolvedGateway | None:
    """The Gateway, or None where somebody else makes it."""
    spec, raw = model.spec, findings.document.data["spec"]
    if spec.servers is not None:
        for other in ("hosts", "tls"):
            if getattr(spec, other) is not None:
                findings.error(
                    "MG116",
                    ("spec", other),
                    f"{other} and servers say the same thing twice",
                    f"drop {other!r}, or 'servers'",
                )
        servers = tuple(without_nulls(item) for item in raw["servers"])
        _check_names(model, findings)
        _check_ports(model, key, findings)
    elif spec.hosts is not None:
        servers = _servers(raw, findings)
    else:
        findings.error("MG116", ("spec",), "a gateway needs hosts (and tls), or servers")
        servers = ()
    _check_others(fleet, key, findings)
    for label in model.metadata.labels or ():
        if label in MANAGED_BY:
            findings.error("MG127", ("metadata", "labels", label), f"label {label!r} is meshgen's")
    if spec.existing:
        return None
    return ResolvedGateway(
        key.name,
        key.namespace,
        MANAGED_BY | dict(model.metadata.labels or {}),
        dict(model.metadata.annotations) if model.metadata.annotations else None,
        dict(spec.selector or {"istio": "ingressgateway"}),
        tuple(server | {"hosts": _hosts(server["hosts"])} for server in servers),
    )


def _hosts(written: list[str]) -> list[str]:
    """Hosts in small letters, each once: istiod compares them letter by letter with those of VirtualServices.

    Source: pkg/config/host/names.go.
    """
    return list(dict.fromkeys(map(host_name, written)))


def _check_names(model: Gateway, findings: Findings) -> None:
    seen: set[str] = set()
    for number, server in enumerate(model.spec.servers or ()):
        if server.port.name in seen:
            findings.error(
                "MG113",
                ("spec", "servers", number, "port", "name"),
                f"there is a server whose port is named {server.port.name!r} already",
            )
        seen.add(server.port.name)


def _check_ports(model: Gateway, key: Key, findings: Findings) -> None:
    """Servers share a port if all speak plain HTTP, or all use TLS, each host in one of them. Istio drops the others.

    Source: pilot/pkg/model/gateway.go, mergeGateways. With another bind, a server is another listener.
    """
    first: dict[tuple[int, str | None], Server] = {}
    hosts: dict[tuple[int, str | None, str], Server] = {}
    for number, server in enumerate(model.spec.servers or ()):
        path, port, bind = ("spec", "servers", number), server.port, server.bind
        other = first.setdefault((port.number, bind), server)
        both = {other.port.protocol, port.protocol}
        if other is not server and not (both <= PLAIN or both <= SECURED):
            findings.error(
                "MG116",
                (*path, "port", "number"),
                f"port {port.number} is {other.port.name!r} already, which speaks {other.port.protocol}: Istio drops one of them",
                "only servers of plain HTTP, or HTTPS and TLS servers, can share a port",
            )
            continue
        for item, host in enumerate(server.hosts if server.tls is not None else ()):
            other = hosts.setdefault((port.number, bind, host_of(host, key)), server)
            if other is not server:
                findings.error(
                    "MG116",
                    (*path, "hosts", item),
                    f"host {host!r} is at port {port.number} already, in {other.port.name!r}: Istio drops this server",
                    "give each host to one of them",
                )


def _check_others(fleet: Fleet, key: Key, findings: Findings) -> None:
    """Find hosts that an earlier gateway of the same pods secures at the same port: Istio drops one of the two servers.

    Source: pilot/pkg/model/gateway.go, mergeGateways. With plain HTTP it serves both.
    """
    own = fleet.gateways[key]
    is_in_full = "servers" in findings.document.data["spec"]
    for number, server in enumerate(own.servers or () if fleet.claims else ()):
        for item, host in enumerate(server.hosts if server.secure else ()):
            keys = fleet.claims[claim_of(own, server, host)]
            others = (fleet.gateways[each] for each in keys[: keys.index(key)])
            other = next((each for each in others if have_pods_in_common(own, each)), None)
            if other is not None and not (own.existing and other.existing):
                place = ("spec", "servers", number, "hosts", item) if is_in_full else ("spec", "hosts", item)
                there = fleet.place("Gateway", other.key)
                findings.error(
                    "MG132",
                    place,
                    f"gateway {other.key}, at {there}, has {host!r} at port {server.port} of the same pods: Istio drops one of the two servers, and its routes",
                    "give the host to one of them; if their pods differ, say so by selector or workloadNamespace",
                )


def _servers(raw: Fragment, findings: Findings) -> tuple[Fragment, ...]:
    plain = {"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": raw["hosts"]}
    if raw.get("tls") is None:
        return (plain,)
    tls = merge(_TLS, raw["tls"], "tls")
    redirect = tls.pop("httpsRedirect", True)
    try:
        ServerTLSSettings.model_validate(tls)
    except ValidationError as error:
        for problem in problems(error):
            findings.error("MG101", ("spec", "tls", *problem.path), problem.message, problem.hint)
    if redirect:
        plain["tls"] = {"httpsRedirect": True}
    secure = {"port": {"number": 443, "name": "https", "protocol": "HTTPS"}, "hosts": raw["hosts"], "tls": tls}
    return plain, secure
