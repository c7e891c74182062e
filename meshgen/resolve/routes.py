"""The routes of a service, in order, with every destination, retry and timeout written out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import gcd
from typing import Any, NamedTuple

from meshgen.document import KeyPath
from meshgen.facts import PortFacts
from meshgen.merging import merge, without_nulls
from meshgen.resolve.context import Context, Target
from meshgen.resolve.cookies import LONGEST, cookie_match, cookies_expression, set_cookie
from meshgen.resolve.policy import check_layers
from meshgen.resolve.ports import ResolvedPort, http_port
from meshgen.spec.http import HTTPRetry
from meshgen.spec.traffic import HUNDREDTHS, Mirror, Route

Fragment = dict[str, Any]


class Destination(NamedTuple):
    """Where a share of a route's requests goes. A weight of None means: all of them."""

    host: str
    subset: str | None
    port: int
    weight: int | None = None
    headers: Fragment | None = None


class MirrorDestination(NamedTuple):
    """Where copies go, and how many in a hundred."""

    host: str
    subset: str | None
    port: int
    percent: float


class HTTPRoute(NamedTuple):
    """A route as Istio has it. `match` is None where it takes everything; `path` is where the spec says it."""

    name: str
    path: KeyPath
    match: tuple[Fragment, ...] | None
    destinations: tuple[Destination, ...]
    redirect: Fragment | None = None
    direct_response: Fragment | None = None
    rewrite: Fragment | None = None
    timeout: str | None = None
    retries: Fragment | None = None
    fault: Fragment | None = None
    mirrors: tuple[MirrorDestination, ...] = ()
    cors_policy: Fragment | None = None
    headers: Fragment | None = None


def resolve_routes(context: Context, ports: tuple[ResolvedPort, ...]) -> dict[str, list[HTTPRoute]]:
    """The routes of each port that has any, by the port's name."""
    by_port: dict[str, list[HTTPRoute]] = {}
    if not any(port.http for port in ports):
        _refuse_without_http(context)
        return by_port
    ambiguous = False
    seen: dict[str, int] = {}
    for number, route in enumerate(context.spec.routes or ()):
        path = ("spec", "routes", number)
        if seen.setdefault(route.name, number) != number:
            context.findings.error("MG113", (*path, "name"), f"there is a route named {route.name!r} already")
        port = http_port(context, ports, route.port, (*path, "port"))
        if port is None:
            if route.port is None and not ambiguous:
                _several(context, ports, path, "port")
                ambiguous = True
            continue
        by_port.setdefault(port.name, []).extend(_rules(context, route, number, port))
    if not context.spec.routes and (context.spec.timeout is not None or "retries" in context.raw):
        port = http_port(context, ports, None, ("spec", "routes"))
        if port is None:
            _several(
                context,
                ports,
                ("spec", "timeout" if context.spec.timeout is not None else "retries"),
                "a route's 'port'",
            )
        else:
            by_port[port.name] = [default_route(context, port)]
    for name, routes in by_port.items():
        _check_order(context, name, routes)
    _check_cookies(context)
    return by_port


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
            context.findings.error("MG119", ("spec", key), f"the service has no HTTP port, and {key} need one")
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
    match = _matches(context, route, raw, path)
    if route.redirect is not None or route.direct_response is not None:
        yield HTTPRoute(
            route.name, path, match, (),
            redirect=_clean(raw, "redirect"), direct_response=_clean(raw, "directResponse"),
            cors_policy=_clean(raw, "corsPolicy"), headers=_clean(raw, "headers"),
        )  # fmt: skip
        return
    rule = HTTPRoute(
        route.name, path, match, (Destination(context.host, None, port.number),),
        rewrite=_clean(raw, "rewrite"),
        timeout=raw["timeout"] if "timeout" in raw else context.raw.get("timeout"),
        retries=_retries(context, raw, path),
        fault=_clean(raw, "fault"),
        mirrors=tuple(_mirrors(context, route, port, path)),
        cors_policy=_clean(raw, "corsPolicy"),
        headers=_clean(raw, "headers"),
    )  # fmt: skip
    if route.shares is None:
        yield rule
        return
    yield from _shared(context, route, rule, port)


def _shared(context: Context, route: Route, rule: HTTPRoute, port: ResolvedPort) -> Iterator[HTTPRoute]:
    """A rule that names versions, and before it, for a sticky one, a rule for each version that clients already have."""
    targets = {
        version: _version(context, version, port, _said_at(route, rule.path, version)) for version in route.shares or {}
    }
    weights = smallest_weights(route.shares or {})
    sticky = route.sticky
    if sticky is not None:
        for version in weights:
            match = cookie_match(rule.match, sticky.cookie, version)
            yield rule._replace(name=f"{rule.name}-{version}", match=match, destinations=(targets[version],))
    destinations = tuple(
        targets[version]._replace(
            weight=weight if len(weights) > 1 else None,
            headers=set_cookie(sticky, version) if sticky is not None else None,
        )
        for version, weight in weights.items()
    )
    yield rule._replace(destinations=destinations)


def _said_at(route: Route, path: KeyPath, version: str) -> KeyPath:
    if route.to is not None:
        return (*path, "to")
    if route.canary is not None:
        return (*path, "canary", "stable" if version == route.canary.stable else "candidate")
    return (*path, "split", version)


def _version(context: Context, version: str, port: ResolvedPort, path: KeyPath) -> Destination:
    """A version of this service as a destination: a subset, or the other service that it is."""
    known = context.facts.versions or {}
    if version not in known:
        context.unknown(path, "version", version, known)
        return Destination(context.host, version, port.number)
    other = known[version]
    if other is None:
        return Destination(context.host, version, port.number)
    number = list(known).index(version)
    target = context.target(*other, ("spec", "versions", number), PortFacts(port.name, port.number, True))
    return Destination(target.host, None, target.port)


def smallest_weights(shares: dict[str, float]) -> dict[str, int]:
    """The smallest whole numbers in the ratio of the shares (percent, two decimals), without those of 0 percent."""
    hundredths = {version: round(share * HUNDREDTHS) for version, share in shares.items() if round(share * HUNDREDTHS)}
    divisor = gcd(*hundredths.values())
    return {version: share // divisor for version, share in hundredths.items()}


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
        if merged.get("attempts") != 0 and not check_layers(context, HTTPRetry, layers, paths, "retries"):
            return None
    return {"attempts": 0} if merged.get("attempts") == 0 else merged


def _mirrors(context: Context, route: Route, port: ResolvedPort, path: KeyPath) -> Iterator[MirrorDestination]:
    own = PortFacts(port.name, port.number, True)
    for number, mirror in enumerate(route.mirrors or ()):
        place = (*path, "mirrors", number)
        target, subset = _mirror_target(context, mirror, own, place)
        if mirror.percent:
            yield MirrorDestination(target.host, subset, target.port, mirror.percent)


def _mirror_target(context: Context, mirror: Mirror, own: PortFacts, path: KeyPath) -> tuple[Target, str | None]:
    target = context.target(mirror.service or context.name, mirror.port, path, own)
    if mirror.to is None:
        return target, None
    facts = target.facts
    if facts is None or facts.versions is None:
        return target, mirror.to
    if mirror.to not in facts.versions:
        context.unknown((*path, "to"), f"version of {facts.key.name!r}", mirror.to, facts.versions)
    other = facts.versions.get(mirror.to)
    if other is None:
        return target, mirror.to
    return context.target(other[0], other[1], path, own), None


def _matches(context: Context, route: Route, raw: Fragment, path: KeyPath) -> tuple[Fragment, ...] | None:
    """The route's matches as Istio has them: cookies become a condition on the cookie header."""
    if route.match is None:
        return None
    found = []
    for number, item in enumerate(raw["match"]):
        place = (*path, "match", number)
        match = dict(without_nulls(item))
        cookies = match.pop("cookies", None)
        if route.sticky is not None and (cookies or _has(match, "cookie")):
            where = (*place, "cookies") if cookies else (*place, "headers")
            context.findings.error(
                "MG123", where, "a sticky route matches on its own cookie, so it cannot match on another"
            )
        elif cookies and _has(match, "cookie"):
            where = (*place, "cookies")
            message = "cookies become a match on the header 'cookie', which has one already"
            context.findings.error("MG123", where, message, "write both as cookies")
        found.append(_with_cookies(context, match, cookies, place) if cookies else match)
    return tuple(found)


def _with_cookies(context: Context, match: Fragment, cookies: Fragment, path: KeyPath) -> Fragment:
    expression = cookies_expression(cookies)
    if expression is None:
        context.findings.error(
            "MG123",
            (*path, "cookies"),
            f"these cookies, in any order, make an expression of over {LONGEST} characters, more than Istio takes",
        )
    return {**match, "headers": {**match.get("headers", {}), "cookie": {"regex": expression}}}


def _has(match: Fragment, header: str) -> bool:
    return any(name.lower() == header for key in ("headers", "withoutHeaders") for name in match.get(key) or ())


def _clean(raw: Fragment, key: str) -> Fragment | None:
    value = raw.get(key)
    return without_nulls(value) if value is not None else None


def takes_everything(match: Fragment) -> bool:
    """Whether a match has no condition, or only one on the path that every path meets."""
    if match.keys() - {"name", "statPrefix", "uri", "ignoreUriCase"}:
        return False
    uri = match.get("uri")
    return not uri or uri in ({"prefix": "/"}, {"prefix": ""}, {"regex": ".*"}, {"regex": "/.*"})


def _check_order(context: Context, port: str, routes: list[HTTPRoute]) -> None:
    """Each route of a port must be reachable, and the last one must leave nothing over."""
    everything: str | None = None
    seen: dict[str, str] = {}
    told: set[KeyPath] = set()
    for route in routes:
        if everything is not None:
            if route.path not in told:
                context.findings.error(
                    "MG121",
                    route.path,
                    f"route {route.name!r} is never reached: {everything!r} before it takes every request",
                    f"move it before {everything!r}",
                )
            told.add(route.path)
            continue
        texts = [
            json.dumps({k: v for k, v in match.items() if k != "name"}, sort_keys=True) for match in route.match or ()
        ]
        if texts and all(text in seen for text in texts):
            context.findings.error(
                "MG121",
                route.path,
                f"route {route.name!r} is never reached: {seen[texts[0]]!r} before it takes the same requests",
            )
        for text in texts:
            seen.setdefault(text, route.name)
        if route.match is None or any(takes_everything(match) for match in route.match):
            everything = route.name
    if everything is None and routes[-1].direct_response is None:
        context.findings.error(
            "MG122", routes[-1].path,
            f"the last route of port {port!r} takes only some requests; all others would get 404",
            "end with a route without match, or with a directResponse",
        )  # fmt: skip


def _check_cookies(context: Context) -> None:
    seen: dict[str, str] = {}
    for number, route in enumerate(context.spec.routes or ()):
        path = ("spec", "routes", number)
        if route.sticky is None:
            continue
        if route.sticky.cookie in seen:
            context.findings.error(
                "MG123",
                (*path, "sticky", "cookie"),
                f"route {seen[route.sticky.cookie]!r} keeps its clients by cookie {route.sticky.cookie!r} already",
            )
        seen.setdefault(route.sticky.cookie, route.name)
        response = (context.raw["routes"][number].get("headers") or {}).get("response") or {}
        for operation in ("set", "add", "remove"):
            if any(name.lower() == "set-cookie" for name in response.get(operation) or ()):
                context.findings.error(
                    "MG123",
                    (*path, "headers", "response", operation),
                    "a sticky route sets its own cookie, so it cannot change Set-Cookie",
                )
