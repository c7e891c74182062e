"""What the specs of a fleet need to know of one another, read from each without asking whether all of it is right.

A spec may have mistakes that are told later, at their place. Whatever is unreadable here is None,
which means: not known, so nobody else's reference into it is called wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeVar

from meshgen.protocol import UNROUTED, from_name, is_http

T = TypeVar("T")

_is_namespace = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?").fullmatch


class Key(NamedTuple):
    """What a spec is called: unique among the specs of its kind."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


class PortFacts(NamedTuple):
    """A port of a service: its number, its name, whether HTTP is spoken there, and by which transport it is reached."""

    name: str
    number: int
    http: bool
    protocol: str = "TCP"


class ExposeFacts(NamedTuple):
    """One way into a service: the gateway, one public host, the path, and the item of `expose` that says so."""

    gateway: Key
    host: str
    path: str
    item: int
    cookies: frozenset[str]


class ServiceFacts(NamedTuple):
    """What others may refer to in a service. None where the spec cannot be read."""

    key: Key
    ports: tuple[PortFacts, ...] | None
    versions: dict[str, tuple[str, Any] | None] | None
    """Version to the service (and port) that it is, or to None for a subset."""
    export_to: tuple[str, ...] | None
    existing: bool
    app: str | None
    """The label `app` of its workloads' pods, by which its Service finds them; None without a workload."""
    exposes: tuple[ExposeFacts, ...]


class ServerFacts(NamedTuple):
    """The hosts of a gateway's server, where it listens, and what becomes of its requests, unless they are routed."""

    hosts: tuple[str, ...]
    instead: str = ""
    port: int = 0
    bind: str = ""
    secure: bool = False


class GatewayFacts(NamedTuple):
    """What others may refer to in a gateway. `servers` and `selector` are None where they cannot be read."""

    key: Key
    servers: tuple[ServerFacts, ...] | None
    workload_namespace: str
    selector: dict[str, str] | None
    existing: bool


Facts = ServiceFacts | GatewayFacts


def service_facts(key: Key, spec: Any) -> ServiceFacts:
    """The facts of a service, from the data below `spec`."""
    spec = _mapping(spec)
    return ServiceFacts(
        key,
        _all(_port(item) for item in _list(spec.get("ports"))) or None,
        _versions(spec.get("versions")),
        _texts(spec.get("exportTo")),
        spec.get("existing") is True,
        _app(key, spec),
        tuple(_exposes(key, spec)),
    )


def gateway_facts(key: Key, spec: Any) -> GatewayFacts:
    """The facts of a gateway, from the data below `spec`."""
    spec = _mapping(spec)
    if spec.get("servers") is not None:
        servers = _all(_server(_mapping(item)) for item in _list(spec["servers"]))
    else:
        hosts = _texts(spec.get("hosts"))
        servers = _usual(hosts, spec.get("tls")) if hosts else None
    namespace, selector = spec.get("workloadNamespace"), spec.get("selector")
    return GatewayFacts(
        key,
        servers or None,
        namespace if isinstance(namespace, str) else "istio-system",
        {"istio": "ingressgateway"} if selector is None else _labels(selector),
        spec.get("existing") is True,
    )


def reference(text: str, namespace: str) -> Key:
    """NAME or NAMESPACE/NAME, read in a spec of `namespace`."""
    other, _, name = text.rpartition("/")
    return Key(other or namespace, name)


def namespaces_of(export_to: tuple[str, ...] | None, own: str) -> frozenset[str] | None:
    """The namespaces that exportTo means in a spec of namespace `own`; None for all, and for what cannot be read."""
    if not export_to or "*" in export_to or not all(name == "." or _is_namespace(name) for name in export_to):
        return None
    return frozenset(own if name == "." else name for name in export_to)


def host_name(text: str) -> str:
    """A host as it is compared: callers may ask for it in upper and lower case."""
    return text.lower()


def _port(item: Any) -> PortFacts | None:
    item = _mapping(item)
    name, number, stated = item.get("name"), item.get("port"), item.get("appProtocol")
    if not isinstance(name, str) or type(number) is not int:
        return None
    protocol = item.get("protocol")
    if protocol not in (None, "TCP"):
        return PortFacts(name, number, False, str(protocol))
    return PortFacts(name, number, is_http(stated if isinstance(stated, str) else from_name(name) or "http"))


def _app(key: Key, spec: dict[str, Any]) -> str | None:
    runs = [spec.get("workload"), *[_mapping(item).get("workload") for item in _list(spec.get("versions"))]]
    workloads = [workload for workload in runs if isinstance(workload, dict)]
    for workload in workloads:
        if "selector" in workload:
            label = _mapping(_mapping(workload["selector"]).get("matchLabels")).get("app")
            if isinstance(label, str):
                return label
    return key.name if workloads else None


def _versions(items: Any) -> dict[str, tuple[str, Any] | None] | None:
    if items is None:
        return {}
    versions: dict[str, tuple[str, Any] | None] = {}
    for item in map(_mapping, _list(items)):
        name, service = item.get("name"), item.get("service")
        if not isinstance(name, str):
            return None
        versions[name] = (service, item.get("port")) if isinstance(service, str) else None
    return versions if isinstance(items, list) else None


def _exposes(key: Key, spec: dict[str, Any]) -> Iterator[ExposeFacts]:
    cookies = tuple(_cookies(spec))
    for number, item in enumerate(map(_mapping, _list(spec.get("expose")))):
        gateway, path = item.get("gateway"), item.get("path")
        if isinstance(gateway, str):
            for host in dict.fromkeys(map(host_name, _texts(item.get("hosts")) or ())):
                where = path if isinstance(path, str) else "/"
                picked = _list(item.get("routes"))
                here = frozenset(cookie for route, cookie in cookies if not picked or route in picked)
                yield ExposeFacts(reference(gateway, key.namespace), host, where, number, here)


def _cookies(spec: dict[str, Any]) -> Iterator[tuple[Any, str]]:
    """The cookies of sticky routes, by the name of the route."""
    for route in map(_mapping, _list(spec.get("routes"))):
        cookie = _mapping(route.get("sticky")).get("cookie")
        if isinstance(cookie, str):
            yield route.get("name"), cookie


_REDIRECTS = "only redirects to HTTPS"


def _usual(hosts: tuple[str, ...], tls: Any) -> tuple[ServerFacts, ...]:
    """The servers that hosts and tls stand for."""
    if not isinstance(tls, dict):
        return (ServerFacts(hosts, "", 80),)
    instead = "" if tls.get("httpsRedirect") is False else _REDIRECTS
    return ServerFacts(hosts, instead, 80), ServerFacts(hosts, "", 443, secure=True)


def _server(item: dict[str, Any]) -> ServerFacts | None:
    """Source of what is routed: Istio pkg/config/gateway, IsHTTPServer."""
    hosts, port, bind = _texts(item.get("hosts")), _mapping(item.get("port")), item.get("bind")
    protocol, number = port.get("protocol"), port.get("number")
    instead = ""
    if isinstance(protocol, str) and protocol in UNROUTED:
        instead = f"speaks {protocol}"
    elif _mapping(item.get("tls")).get("httpsRedirect") is True:
        instead = _REDIRECTS
    if not hosts:
        return None
    where = number if type(number) is int else 0, bind if isinstance(bind, str) else ""
    return ServerFacts(hosts, instead, *where, protocol in ("HTTPS", "TLS"))


def _labels(value: Any) -> dict[str, str] | None:
    is_read = isinstance(value, dict) and all(isinstance(each, str) for pair in value.items() for each in pair)
    return value if is_read else None


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: Any) -> tuple[str, ...] | None:
    return _all(item if isinstance(item, str) else None for item in value) if isinstance(value, list) else None


def _all(items: Iterator[T | None]) -> tuple[T, ...] | None:
    found = tuple(items)
    return None if None in found else found  # type: ignore[return-value]
