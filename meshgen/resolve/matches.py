"""Which requests a route takes: its matches as Istio has them."""

from __future__ import annotations

from meshgen.document import KeyPath
from meshgen.merging import without_nulls
from meshgen.resolve.context import Context
from meshgen.resolve.cookies import cookies_expression, wrong_value
from meshgen.resolve.expressions import LONGEST
from meshgen.resolve.rule import Fragment
from meshgen.spec.traffic import Route


def resolve_matches(context: Context, route: Route, raw: Fragment, path: KeyPath) -> tuple[Fragment, ...] | None:
    """The route's matches, None where it takes everything. Cookies become a condition on the cookie header."""
    if route.match is None:
        return None
    found = []
    for number, item in enumerate(raw["match"]):
        place = (*path, "match", number)
        match = {key: value for key, value in without_nulls(item).items() if value != {}}
        _check_visible(context, match, place)
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


def _check_visible(context: Context, match: Fragment, path: KeyPath) -> None:
    """Find a condition on a namespace to which the routes are not shown."""
    namespace, shown = match.get("sourceNamespace"), context.export_to
    if namespace is None or shown is None or "*" in shown:
        return
    if namespace not in [context.namespace if each == "." else each for each in shown]:
        context.findings.error(
            "MG121",
            (*path, "sourceNamespace"),
            f"no request from namespace {namespace!r} comes here: exportTo shows the service to {', '.join(shown)} only",
            f"add {namespace!r} to exportTo",
        )


def takes_everything(match: Fragment) -> bool:
    """Whether a match has no condition, or only one on the path that every path meets."""
    if match.keys() - {"name", "statPrefix", "uri", "ignoreUriCase"}:
        return False
    return is_any_path(match.get("uri"))


def is_any_path(uri: Fragment | None) -> bool:
    """Whether a condition on the path is none."""
    return not uri or uri in ({"prefix": "/"}, {"prefix": ""}, {"regex": ".*"}, {"regex": "/.*"})


def _with_cookies(context: Context, match: Fragment, cookies: Fragment, path: KeyPath) -> Fragment:
    expression = cookies_expression(cookies)
    wrong = {name: found for name, value in cookies.items() if (found := wrong_value(value))}
    for name, (kind, message, hint) in wrong.items():
        context.findings.error("MG101", (*path, "cookies", name, kind), message, hint)
    if expression is None and not wrong:
        context.findings.error(
            "MG123",
            (*path, "cookies"),
            f"these cookies, in any order, make no expression that Istio takes: over {LONGEST} bytes, anchors inside, or one group name twice",
        )
    return {**match, "headers": {**match.get("headers", {}), "cookie": {"regex": expression}}}


def _has(match: Fragment, header: str) -> bool:
    return any(name.lower() == header for key in ("headers", "withoutHeaders") for name in match.get(key) or ())
