"""The routes of a service, in order, with every destination, retry and timeout written out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from meshgen.document import KeyPath
from meshgen.merging import merge, without_nulls
from meshgen.resolve.context import Context
from meshgen.resolve.cookies import check_cookies, cookie_match, set_cookie
from meshgen.resolve.destinations import check_services, resolve_mirrors, smallest_weights, versions_of
from meshgen.resolve.matches import resolve_matches
from meshgen.resolve.order import check_order
from meshgen.resolve.paths import rewrite_below
from meshgen.resolve.policy import check_layers
from meshgen.resolve.ports import ResolvedPort, http_port
from meshgen.resolve.rule import Destination, Fragment, HTTPRoute
from meshgen.spec.http import HTTPRetry
from meshgen.spec.traffic import Route


def resolve_routes(context: Context, ports: tuple[ResolvedPort, ...]) -> dict[str, list[HTTPRoute]]:
    """The routes of each port that has any, by the port's name."""
    by_port: dict[str, list[HTTPRoute]] = {}
    check_services(context, ports)
    if not any(port.http for port in ports):
        if all(port.app_protocol or port.protocol for port in ports):
            _refuse_without_http(context)
        return by_port
    ambiguous = False
    usual = http_port(context, ports, None, ("spec", "routes"))
    seen: dict[str, int] = {}
    for number, route in enumerate(context.spec.routes or ()):
        path = ("spec", "routes", number)
        if seen.setdefault(route.name, number) != number:
            context.findings.error("MG113", (*path, "name"), f"there is a route named {route.name!r} already")
        port = usual if route.port is None else http_port(context, ports, route.port, (*path, "port"))
        if port is None:
            if route.port is None and not ambiguous:
                _several(context, ports, path, "'port'")
                ambiguous = True
            continue
        by_port.setdefault(port.name, []).extend(_rules(context, route, number, port))
    if not context.spec.routes and (context.spec.timeout is not None or "retries" in context.raw):
        if usual is None:
            _several(
                context,
                ports,
                ("spec", "timeout" if context.spec.timeout is not None else "retries"),
                "a route's 'port'",
            )
        else:
            by_port[usual.name] = [default_route(context, usual)]
    for name, routes in by_port.items():
        check_order(context, name, routes)
    _check_names(context, by_port)
    check_cookies(context)
    return by_port


def _check_names(context: Context, by_port: dict[str, list[HTTPRoute]]) -> None:
    """Find a route named as the rule by which a sticky one keeps the clients of a version."""
    first: dict[str, KeyPath] = {}
    for rule in (rule for routes in by_port.values() for rule in routes):
        other = first.setdefault(rule.name, rule.path)
        names = [(context.spec.routes or ())[int(path[-1])].name for path in (other, rule.path) if other != rule.path]
        if names and names[0] != names[1]:
            later, earlier = max(other, rule.path), names[other > rule.path]
            message = f"route {earlier!r} makes a rule named {rule.name!r} too"
            context.findings.error("MG113", (*later, "name"), message, "give one of them another name")


def default_route(context: Context, port: ResolvedPort) -> HTTPRoute:
    """The route of a port for which the spec has none: everything goes to the whole service."""
    everywhere = (Destination(context.host, None, port.number),)
    timeout, retries = context.raw.get("timeout"), _retries(context, {}, ("spec", "routes"))
    return HTTPRoute("default", ("spec",), None, everywhere, timeout=timeout, retries=retries)


def _refuse_without_http(context: Context) -> None:
    spec = context.spec
    for key, is_there in (
        ("routes", spec.routes),
        ("timeout", spec.timeout),
        ("retries", spec.retries),
        ("expose", spec.expose),
        ("versions", spec.versions and len(spec.versions) > 1),
    ):
        if is_there:
            context.findings.error(
                "MG119",
                ("spec", key),
                f"the service has no HTTP port, and {key} need{'s' if key == 'timeout' else ''} one",
            )
            return


def _several(context: Context, ports: tuple[ResolvedPort, ...], path: KeyPath, where: str) -> None:
    names = ", ".join(port.name for port in ports if port.http)
    context.findings.error(
        "MG118",
        path,
        f"the service has several HTTP ports ({names}) and none is named 'http'",
        f"say which one with {where}",
    )


def _rules(context: Context, route: Route, number: int, port: ResolvedPort) -> Iterator[HTTPRoute]:
    """The rules that one route becomes: more than one where it keeps clients in their version."""
    path: KeyPath = ("spec", "routes", number)
    raw = context.raw["routes"][number]
    match = resolve_matches(context, route, raw, path)
    if route.redirect is not None or route.direct_response is not None:
        yield HTTPRoute(
            route.name, path, match, (),
            redirect=_clean(raw, "redirect"), direct_response=_clean(raw, "directResponse"),
            cors_policy=_clean(raw, "corsPolicy"), headers=_clean(raw, "headers"),
        )  # fmt: skip
        return
    _check_abort(context, raw, port, path)
    shares = route.shares
    targets = versions_of(context, route, shares or {}, path, port)
    rewrite = rewrite_below("", _clean(raw, "rewrite"), match)
    if rewrite == {}:
        context.findings.error(
            "MG116",
            (*path, "rewrite", "uri"),
            "the matches begin alike, or are long, or one is an expression, so that which of them it was cannot be told when it is replaced",
            "give each match a route of its own",
        )
    rule = HTTPRoute(
        route.name, path, match, tuple(_destinations(context, route, shares, targets, port)),
        rewrite=rewrite,
        timeout=raw["timeout"] if "timeout" in raw else context.raw.get("timeout"),
        retries=_retries(context, raw, path),
        fault=_clean(raw, "fault"),
        mirrors=tuple(resolve_mirrors(context, route, port, path)),
        cors_policy=_clean(raw, "corsPolicy"),
        headers=_clean(raw, "headers"),
    )  # fmt: skip
    if route.sticky is not None:
        for version in smallest_weights(shares or {}):
            own = cookie_match(match, route.sticky.cookie, version)
            yield rule._replace(name=f"{rule.name}-{version}", match=own, destinations=(targets[version],))
    yield rule


def _check_abort(context: Context, raw: Fragment, port: ResolvedPort, path: KeyPath) -> None:
    """Find a gRPC status for callers that do not speak gRPC: Envoy answers them 200."""
    abort = (raw.get("fault") or {}).get("abort") or {}
    if abort.get("grpcStatus") is not None and port.app_protocol in ("http", "https"):
        context.findings.error(
            "MG119",
            (*path, "fault", "abort", "grpcStatus"),
            f"port {port.name!r} speaks {port.app_protocol}, and its callers would get 200 for a status of gRPC",
            "write httpStatus, or appProtocol: grpc at the port",
        )


def _destinations(
    context: Context, route: Route, shares: dict[str, float] | None, targets: dict[str, Destination], port: ResolvedPort
) -> Iterator[Destination]:
    """The whole service, or each version that the route names, with its weight; a sticky route tells it to the client."""
    if shares is None:
        yield Destination(context.host, None, port.number)
        return
    weights = smallest_weights(shares)
    if len(weights) == 1 and route.sticky is None:
        yield targets[next(iter(weights))]
        return
    for version, weight in weights.items():
        host, subset, number, *_ = targets[version]
        headers = set_cookie(route.sticky, version) if route.sticky is not None else None
        yield Destination(host, subset, number, weight if len(weights) > 1 else None, headers)


def _retries(context: Context, raw: Fragment, path: KeyPath) -> Fragment | None:
    """The service's retries with the route's laid over them; None where neither says anything.

    Attempts of 0 stand alone: Istio refuses anything beside them (pkg/config/validation, validateHTTPRetry).
    """
    own: Any = raw.get("retries", ...)
    if own is None:
        return {"attempts": 0}
    service: Any = context.raw.get("retries", ...)
    if own is ... and service is ...:
        return None
    base = None if service is ... else service
    if own is ...:
        merged = {"attempts": 0} if base is None else without_nulls(base)
    else:
        layers, paths = [base, own], [("spec", "retries"), (*path, "retries")]
        merged = merge(without_nulls(base), own)
        if merged.get("attempts") != 0 and not check_layers(context, HTTPRetry, merged, layers, paths, "retries"):
            return None
    return {"attempts": 0} if merged.get("attempts") == 0 else merged


def _clean(raw: Fragment, key: str) -> Fragment | None:
    value = raw.get(key)
    return without_nulls(value) if value is not None else None
