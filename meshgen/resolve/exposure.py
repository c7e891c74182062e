"""The ways in from outside: what of a service's routes stands behind a host and path of a gateway."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from meshgen.document import KeyPath
from meshgen.merging import without_nulls
from meshgen.resolve.admission import check_admission
from meshgen.resolve.context import Context
from meshgen.resolve.cookies import check_cookie_path
from meshgen.resolve.expressions import LONGEST
from meshgen.resolve.paths import matches_below, redirect_below, rewrite_below, rewrite_from_outside
from meshgen.resolve.ports import ResolvedPort, http_port
from meshgen.resolve.public import PublicRoutes
from meshgen.resolve.routes import default_route
from meshgen.resolve.rule import Fragment, HTTPRoute
from meshgen.spec.traffic import Expose

_SOURCES = ("sourceLabels", "sourceNamespace")
_NO_URI = (
    "route {route!r} rewrites paths that begin alike, or are long, or match an expression, so that which of them it was cannot be told below this one",
    "give each match a route of its own",
)
_NO_EXPRESSION = (
    "the expression by which route {route!r} rewrites may match anywhere in a path, so it cannot be read below this one",
    "begin it with ^, and let it have no other ^, $ or | outside a group",
)
_HEADERS = ("headers", "withoutHeaders")


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
        if port is not None:
            served = routes.get(port.name) or [default_route(context, port)]
            if expose.routes is not None:
                _check_names(context, expose, number, port, routes, served)
            by_item[number] = tuple(_public(context, expose, number, served))
            if not by_item[number] and expose.routes is None:
                context.findings.error("MG129", path, "no request from outside has what any of the routes asks for")
        elif expose.port is None and any(port.http for port in ports):
            names = ", ".join(port.name for port in ports if port.http)
            context.findings.error(
                "MG118",
                path,
                f"the service has several HTTP ports ({names}) and none is named 'http'",
                "say which one with 'port'",
            )
    for facts in context.facts.exposes:
        check_admission(context, facts)
        if facts.item in by_item:
            labels, annotations = context.labels(), context.annotations
            found.append(
                PublicRoutes(context.key, facts, labels, annotations, bool(context.spec.export_to), by_item[facts.item])
            )
    return tuple(found)


def _public(context: Context, expose: Expose, number: int, routes: list[HTTPRoute]) -> Iterator[HTTPRoute]:
    path: KeyPath = ("spec", "expose", number)
    names = {id(route): _name(context, route) for route in routes}
    left_out: set[str] = set()
    for route in routes:
        name = names[id(route)]
        if expose.routes is not None and name not in expose.routes:
            continue
        public = _from_outside(context, expose, number, route)
        if public is not None:
            _check_sticky(context, expose, public)
            yield public
        elif expose.routes is not None and name not in left_out:
            left_out.add(name)
            context.findings.error(
                "MG129",
                (*path, "routes", expose.routes.index(name)),
                f"no request from outside has what route {name!r} asks for",
                "the caller's labels and namespace are known inside the mesh only",
            )


def _check_sticky(context: Context, expose: Expose, route: HTTPRoute) -> None:
    number = route.path[-1]
    sticky = context.spec.routes[number].sticky if context.spec.routes and isinstance(number, int) else None
    if sticky is not None:
        check_cookie_path(context, sticky, expose.name, route)


def _check_names(
    context: Context,
    expose: Expose,
    number: int,
    port: ResolvedPort,
    routes: dict[str, list[HTTPRoute]],
    served: list[HTTPRoute],
) -> None:
    """The routes that a way in picks must be there, for the port that it leads to."""
    known = {_name(context, route) for route in served}
    others = {_name(context, route): name for name, rules in routes.items() for route in rules}
    for item, name in enumerate(expose.routes or ()):
        path = ("spec", "expose", number, "routes", item)
        if name not in known and name in others:
            message = f"route {name!r} serves port {others[name]!r}, and this way in leads to {port.name!r}"
            hint = f"a way in leads to one port: write port: {others[name]}, or leave the route out"
            context.findings.error("MG110", path, message, hint)
        elif name not in known:
            context.unknown(path, "route", name, known)


def _name(context: Context, route: HTTPRoute) -> str:
    """The name of the spec's route that a rule comes from."""
    number = route.path[-1]
    return context.spec.routes[number].name if context.spec.routes and isinstance(number, int) else route.name


def _from_outside(context: Context, expose: Expose, number: int, route: HTTPRoute) -> HTTPRoute | None:
    raw = context.raw["expose"][number]
    place: KeyPath = ("spec", "expose", number)
    matches = route.match
    if matches is not None:
        matches = tuple(match for match in matches if not any(key in match for key in _SOURCES))
        if not matches:
            return None
    below = (expose.path or "/").rstrip("/")
    own = rewrite_below(below, _rewrite(context, route), matches)
    if below:
        _check_below(context, route, matches, own, place)
    found = _matches(context, route, below, matches, place) if below else matches
    if found == ():
        return None
    ignore_case = any(match.get("ignoreUriCase") for match in matches or ())
    public = HTTPRoute(
        f"{context.name}.{expose.name}.{route.name}", route.path, found, route.destinations,
        redirect=redirect_below(below, route.redirect),
        direct_response=route.direct_response,
        rewrite=rewrite_from_outside(below, raw.get("rewrite"), own, ignore_case) if route.destinations else None,
        timeout=route.timeout,
        retries=route.retries,
        fault=route.fault,
        mirrors=route.mirrors,
        cors_policy=route.cors_policy or (without_nulls(raw["corsPolicy"]) if raw.get("corsPolicy") else None),
        headers=_headers(without_nulls(raw["headers"]), route.headers or {}) if raw.get("headers") else route.headers,
    )  # fmt: skip
    if public.authorities > 1:
        message = f"together with route {route.name!r}, the host that is asked for is changed twice"
        context.findings.error("MG116", (*place, "headers" if raw.get("headers") else "rewrite"), message)
    return public


def _rewrite(context: Context, route: HTTPRoute) -> Fragment | None:
    """A route's rewrite as the spec has it; the rule's own is made for the mesh."""
    number = route.path[-1]
    written = context.raw["routes"][number].get("rewrite") if route.rewrite and isinstance(number, int) else None
    return without_nulls(written) if written else None


def _headers(expose: Fragment, route: Fragment) -> Fragment:
    """The headers that the way in changes and those that the route does; of one and the same, the route's."""
    merged: Fragment = {}
    for way in dict.fromkeys([*expose, *route]):
        mine, own = expose.get(way, {}), route.get(way, {})
        names = {name.lower() for changes in own.values() for name in changes}
        merged[way] = {}
        for key in dict.fromkeys([*mine, *own]):
            if key == "remove":
                changed: Any = [name for name in mine.get(key, ()) if name.lower() not in names] + own.get(key, [])
            else:
                kept = {name: value for name, value in mine.get(key, {}).items() if name.lower() not in names}
                changed = kept | own.get(key, {})
            if changed:
                merged[way][key] = changed
    return {way: changes for way, changes in merged.items() if changes}


def _check_below(
    context: Context, route: HTTPRoute, matches: tuple[Fragment, ...] | None, own: Fragment | None, place: KeyPath
) -> None:
    """Find what a route says of whole paths, and nobody can say of those below another; `own` is its rewrite, read there."""
    if own == {}:
        message, hint = _NO_URI if "uri" in (route.rewrite or {}) else _NO_EXPRESSION
        context.findings.error("MG129", (*place, "path"), message.format(route=route.name), hint)
    if any(":path" in match.get(key, {}) for match in matches or () for key in _HEADERS):
        message = f"route {route.name!r} matches on header ':path', which says nothing of what is below this one"
        hint = "match on uri, and give paths that it leaves out a route before it"
        context.findings.error("MG129", (*place, "path"), message, hint)


def _matches(
    context: Context, route: HTTPRoute, below: str, matches: tuple[Fragment, ...] | None, place: KeyPath
) -> tuple[Fragment, ...]:
    found: list[Fragment] = []
    for match in matches_below(below, matches):
        uri = (match or {}).get("uri", {})
        if match is not None:
            found.append(match)
        if match is None or len(uri.get("regex", "").encode()) > LONGEST:
            why = f"is longer than the {LONGEST} bytes that Istio takes" if match else "has an anchor inside"
            context.findings.error(
                "MG129", (*place, "path"), f"the uri of route {route.name!r}, read below this path, {why}"
            )
        elif "exact" in uri and "prefixRewrite" in (route.redirect or {}):
            message = f"route {route.name!r} replaces a prefix that ends with a segment, and this path is one"
            context.findings.error("MG129", (*place, "path"), message, "give its match a longer prefix than /")
    return tuple(found)
