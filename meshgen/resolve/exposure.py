"""The ways in from outside: what of a service's routes stands behind a host and path of a gateway."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from meshgen.document import KeyPath
from meshgen.facts import ExposeFacts, GatewayFacts, Key
from meshgen.fleet import Fleet, PublicHost
from meshgen.merging import merge, without_nulls
from meshgen.resolve.context import MANAGED_BY, Context
from meshgen.resolve.cookies import LONGEST, quoted
from meshgen.resolve.ports import ResolvedPort, http_port
from meshgen.resolve.routes import HTTPRoute, default_route
from meshgen.spec.traffic import Expose

Fragment = dict[str, Any]

_SOURCES = ("sourceLabels", "sourceNamespace")


@dataclass(frozen=True, slots=True)
class PublicRoutes:
    """What one service gives to one public host: its labels and annotations, and its routes below its path."""

    service: Key
    expose: ExposeFacts
    labels: dict[str, str]
    annotations: dict[str, str] | None
    exported: bool
    routes: tuple[HTTPRoute, ...]


@dataclass(frozen=True, slots=True)
class PublicService:
    """The VirtualService of one host at one gateway, made of what all services give to it."""

    name: str
    namespace: str
    labels: dict[str, str]
    annotations: dict[str, str] | None
    host: str
    gateway: str
    export_to: list[str] | None
    routes: tuple[HTTPRoute, ...]


def resolve_exposes(
    context: Context, ports: tuple[ResolvedPort, ...], routes: dict[str, list[HTTPRoute]]
) -> tuple[PublicRoutes, ...]:
    """What the service gives to each public host that it names."""
    found: list[PublicRoutes] = []
    by_item: dict[int, tuple[HTTPRoute, ...]] = {}
    for number, expose in enumerate(context.spec.expose or ()):
        path = ("spec", "expose", number)
        if any(other.name == expose.name for other in (context.spec.expose or ())[:number]):
            context.findings.error("MG113", (*path, "name"), f"there is a way in named {expose.name!r} already")
        port = http_port(context, ports, expose.port, (*path, "port"))
        if port is None:
            if expose.port is None and any(port.http for port in ports):
                names = ", ".join(port.name for port in ports if port.http)
                context.findings.error(
                    "MG118",
                    path,
                    f"the service has several HTTP ports ({names}) and none is named 'http'",
                    "say which one with 'port'",
                )
            continue
        by_item[number] = tuple(
            _public(context, expose, number, routes.get(port.name) or [default_route(context, port)])
        )
    for facts in context.facts.exposes:
        _check(context, facts)
        if facts.item in by_item:
            labels, annotations = context.labels(), context.annotations
            found.append(
                PublicRoutes(context.key, facts, labels, annotations, bool(context.spec.export_to), by_item[facts.item])
            )
    return tuple(found)


def _public(context: Context, expose: Expose, number: int, routes: list[HTTPRoute]) -> Iterator[HTTPRoute]:
    raw = context.raw["expose"][number]
    path = ("spec", "expose", number)
    if expose.routes is not None:
        names = {context.spec.routes[route.path[2]].name if len(route.path) == 3 else route.name for route in routes}  # type: ignore[index]
        for item, name in enumerate(expose.routes):
            if name not in names:
                context.unknown((*path, "routes", item), "route", name, names)
    for route in routes:
        name = context.spec.routes[route.path[2]].name if len(route.path) == 3 else route.name  # type: ignore[index]
        if expose.routes is not None and name not in expose.routes:
            continue
        public = _from_outside(context, expose, raw, route, path)
        if public is None:
            if expose.routes is not None:
                item = expose.routes.index(name)
                context.findings.error(
                    "MG129",
                    (*path, "routes", item),
                    f"route {name!r} asks for the caller's labels or namespace, which nobody outside the mesh has",
                )
            continue
        yield public


def _from_outside(
    context: Context, expose: Expose, raw: Fragment, route: HTTPRoute, place: KeyPath
) -> HTTPRoute | None:
    matches = route.match
    if matches is not None:
        matches = tuple(match for match in matches if not any(key in match for key in _SOURCES))
        if not matches:
            return None
    below = (expose.path or "/").rstrip("/")
    match = tuple(_below(below, matches)) if below else matches
    for condition in match or ():
        if len(condition.get("uri", {}).get("regex", "")) > LONGEST:
            context.findings.error(
                "MG129",
                (*place, "path"),
                f"below this path, the uri of route {route.name!r} makes an expression of over {LONGEST} characters, more than Istio takes",
            )
    sent = not (route.redirect or route.direct_response)
    own = _own_rewrite(context, below, route, place)
    return route._replace(
        name=f"{context.name}.{expose.name}.{route.name}",
        match=match,
        rewrite=_rewrite(below, raw.get("rewrite"), own) if sent else None,
        cors_policy=route.cors_policy or (without_nulls(raw["corsPolicy"]) if raw.get("corsPolicy") else None),
        headers=merge(without_nulls(raw["headers"]), route.headers or {}) if raw.get("headers") else route.headers,
    )


def _below(path: str, matches: tuple[Fragment, ...] | None) -> Iterator[Fragment]:
    """The matches, with their own uri read below `path`; without one, `path` by whole segments."""
    for match in matches or ({},):
        uri = match.get("uri")
        kind, text = next(iter(uri.items())) if uri else ("prefix", "/")
        if (kind, text) in (("prefix", "/"), ("prefix", "")):
            yield {**match, "uri": {"exact": path}}
            yield {**match, "uri": {"prefix": path + "/"}}
        elif (kind, text) == ("exact", "/"):
            yield {**match, "uri": {"exact": path}}
            yield {**match, "uri": {"exact": path + "/"}}
        elif kind == "regex":
            yield {**match, "uri": {"regex": f"{quoted(path)}(?:{text})"}}
        else:
            yield {**match, "uri": {kind: path + text}}


def _own_rewrite(context: Context, path: str, route: HTTPRoute, place: KeyPath) -> Fragment | None:
    """The route's own rewrite, which speaks of paths as the service has them, for paths that begin with `path`."""
    regex = (route.rewrite or {}).get("uriRegexRewrite")
    if not path or not regex:
        return route.rewrite
    pattern = regex["match"]
    if not pattern.startswith("^") or "^" in pattern[1:].replace("[^", "["):
        context.findings.error(
            "MG129", (*place, "path"),
            f"the expression by which route {route.name!r} rewrites, {pattern!r}, may match anywhere in a path, so it cannot be read below this one",
            "begin it with ^",
        )  # fmt: skip
    return {**(route.rewrite or {}), "uriRegexRewrite": {**regex, "match": f"^{quoted(path)}(?:{pattern[1:]})"}}


def _rewrite(path: str, expose: Fragment | None, route: Fragment | None) -> Fragment | None:
    """What the service is asked for in the place of what the client asked for.

    A rewrite of the route's own is what the service sees in the mesh too, so it stands. Otherwise the
    path is cut off as whole segments and what `expose` says put in its place, so that `//` cannot arise.
    """
    if not expose:
        return route
    own = dict(without_nulls(expose))
    uri = own.pop("uri", None)
    if uri is not None:
        into = re.sub("/+$", "", uri)
        if path or into:
            pattern = f"^{quoted(path)}/*(.*)$" if not into else f"^{quoted(path)}(/.*)?$"
            replacement = into.replace("\\", "\\\\")
            own["uriRegexRewrite"] = {"match": pattern, "rewrite": "/\\1" if not into else f"{replacement}\\1"}
    merged: Fragment = merge(own, route or {}, "rewrite")
    return merged or None


def _check(context: Context, facts: ExposeFacts) -> None:
    """Whether the gateway exists, has the host, can see the service, and reaches nothing else by that path."""
    place: KeyPath = ("spec", "expose", facts.item)
    item = context.raw["expose"][facts.item]
    gateway = context.fleet.gateways.get(facts.gateway)
    written = [host.lower() for host in item["hosts"]].index(facts.host)
    if gateway is None:
        if written == 0 and not {facts.gateway.name, item["gateway"]} & context.fleet.unread:
            here = [key.name if key.namespace == context.namespace else str(key) for key in context.fleet.gateways]
            context.unknown((*place, "gateway"), "gateway", item["gateway"], here)
        return
    public = context.fleet.publics[facts.gateway, facts.host]
    namespace = namespace_of(context.fleet, public)
    if gateway.hosts is not None and not any(
        _admits(pattern, facts.host, namespace, facts.gateway) for pattern in gateway.hosts
    ):
        context.findings.error(
            "MG124",
            (*place, "hosts", written),
            f"gateway {facts.gateway} has no host {item['hosts'][written]!r}; it has: {', '.join(gateway.hosts)}",
        )
    _check_visible(context, gateway, place, written)
    _check_alone(context, public, facts, place)


def _check_visible(context: Context, gateway: GatewayFacts, place: KeyPath, written: int) -> None:
    exported = context.spec.export_to
    if exported is None or "*" in exported or gateway.workload_namespace in exported or written:
        return
    if not ("." in exported and gateway.workload_namespace == context.namespace):
        context.findings.error(
            "MG126", (*place, "gateway"),
            f"the pods of gateway {gateway.key} are in {gateway.workload_namespace!r}, to which the service is not exported",
            f"add {gateway.workload_namespace!r} to exportTo",
        )  # fmt: skip


def _check_alone(context: Context, public: PublicHost, facts: ExposeFacts, place: KeyPath) -> None:
    """Tell the later one of two specs that claim one path, or one cookie, of a public host."""
    entries = context.fleet.entries
    mine = next(number for number, expose in public.exposers if expose is facts)
    for number, other in public.exposers:
        if (number, other.item) >= (mine, facts.item):
            continue
        where = entries[number].document.locate(("spec", "expose", other.item))
        if other.path == facts.path:
            path = (*place, "path") if context.raw["expose"][facts.item].get("path") else place
            context.findings.error(
                "MG125",
                path,
                f"path {facts.path!r} of {facts.host} at {facts.gateway} is {entries[number].key}'s already, at {where}",
            )
        if number != mine:
            for cookie in sorted(facts.cookies & other.cookies):
                context.findings.error(
                    "MG123",
                    place,
                    f"{entries[number].key}, at {where}, keeps its clients on {facts.host} by cookie {cookie!r} too",
                )


def _admits(pattern: str, host: str, namespace: str, gateway: Key) -> bool:
    """Whether a gateway's host takes a VirtualService of that host and namespace."""
    scope, slash, name = pattern.rpartition("/")
    if slash and scope not in ("*", namespace) and not (scope == "." and namespace == gateway.namespace):
        return False
    name = name.lower()
    return name in ("*", host) or (name.startswith("*.") and host.endswith(name[1:]))


def namespace_of(fleet: Fleet, public: PublicHost) -> str:
    """Where the VirtualService stands: in the exposers' namespace, or the gateway's where they differ."""
    namespaces = {fleet.entries[number].key.namespace for number, _ in public.exposers}
    return namespaces.pop() if len(namespaces) == 1 else public.gateway.namespace


def resolve_public(fleet: Fleet, public: PublicHost, parts: list[PublicRoutes]) -> PublicService:
    """The VirtualService of a public host; `parts` are in the order of its exposers."""
    namespace = namespace_of(fleet, public)
    gateway = public.gateway
    prefix = gateway.name if gateway.namespace == namespace else f"{gateway.namespace}.{gateway.name}"
    labels = {
        key: value for key, value in parts[0].labels.items() if all(part.labels.get(key) == value for part in parts)
    }
    annotations = {
        key: value
        for key, value in (parts[0].annotations or {}).items()
        if all((part.annotations or {}).get(key) == value for part in parts)
    }
    seen_by = [fleet.gateways[gateway].workload_namespace] if any(part.exported for part in parts) else None
    return PublicService(
        name=f"{prefix}-{public.host.replace('*', 'wildcard')}",
        namespace=namespace,
        labels=labels | MANAGED_BY,
        annotations=annotations or None,
        host=public.host,
        gateway=str(gateway),
        export_to=seen_by,
        routes=tuple(route for part in parts for route in part.routes),
    )
