"""A gateway's servers: those that hosts and tls stand for, or those that the spec writes in full."""

from __future__ import annotations

from typing import Any, NamedTuple

from pydantic import ValidationError

from meshgen.facts import Key
from meshgen.findings import Findings
from meshgen.merging import merge, without_nulls
from meshgen.resolve.context import MANAGED_BY
from meshgen.spec.errors import problems
from meshgen.spec.gateway import Gateway
from meshgen.spec.server import ServerTLSSettings

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


def resolve_gateway(model: Gateway, raw: Fragment, key: Key, findings: Findings) -> ResolvedGateway | None:
    """The Gateway, or None where somebody else makes it. `raw` is the data below `spec`."""
    spec = model.spec
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
    elif spec.hosts is not None:
        servers = _servers(raw, findings)
    else:
        findings.error("MG116", ("spec",), "a gateway needs hosts (and tls), or servers")
        servers = ()
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
        servers,
    )


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
