"""Cookies in routes: finding one anywhere in the header, giving one out, and who may have which."""

from __future__ import annotations

from itertools import permutations
from math import factorial

from meshgen.document import KeyPath
from meshgen.resolve.context import Context
from meshgen.resolve.cookie_value import within_value
from meshgen.resolve.expressions import LONGEST, is_accepted, quoted, unanchored
from meshgen.resolve.rule import Fragment, HTTPRoute
from meshgen.spec.base import milliseconds
from meshgen.spec.sticky import Sticky


def cookies_expression(cookies: dict[str, Fragment]) -> str | None:
    """An RE2 expression for the whole cookie header that asks for all of `cookies`, in whatever order they come.

    None where Istio would not take it, or where it could not match.
    """
    values = {name: _value(match) for name, match in cookies.items()}
    pairs = [f"{quoted(name)}={value}" for name, value in values.items()]
    if None in values.values() or factorial(len(pairs)) * sum(map(len, pairs)) > LONGEST:
        return None
    orders = "|".join(";(?:.*;)?\\s*".join(order) for order in permutations(pairs))
    if len(pairs) > 1:
        orders = f"(?:{orders})"
    expression = f"(?:.*;\\s*)?{orders}(?:;.*)?"
    return expression if is_accepted(expression) else None


def _value(match: Fragment) -> str | None:
    if wrong_value(match) is not None:
        return None
    if "exact" in match:
        return quoted(match["exact"])
    if "prefix" in match:
        return quoted(match["prefix"]) + "[^;]*"
    if "regex" not in match:
        return "[^;]*"
    body = unanchored(match["regex"])
    return None if body is None else f"(?:{within_value(body)})"


def wrong_value(match: Fragment) -> tuple[str, str, str] | None:
    """The key of a condition on a cookie that would reach into the next one, what is wrong with it, and what to do."""
    for kind, text in match.items():
        if kind != "regex" and ";" in text:
            return kind, "never matches: ';' ends the value of a cookie", ""
        if kind == "regex" and (body := unanchored(text)) is not None and within_value(body) is None:
            message = "the expression may take ';', which ends the value of a cookie, and so read the next one"
            return kind, message, "say what it takes without that sign: [0-9a-z], \\w, . or [^;]"
    return None


def cookie_match(matches: tuple[Fragment, ...] | None, cookie: str, value: str) -> tuple[Fragment, ...]:
    """Each of `matches` (None: everything) with the further condition that the cookie has that value."""
    condition = {"cookie": {"regex": cookies_expression({cookie: {"exact": value}})}}
    return tuple({**match, "headers": {**match.get("headers", {}), **condition}} for match in matches or ({},))


def set_cookie(sticky: Sticky, version: str) -> Fragment:
    """The header operation by which a client is told its version; Envoy reads %% as one %."""
    parts = [f"{sticky.cookie}={version}", f"Path={sticky.path or '/'}"]
    if sticky.max_age is not None:
        parts.append(f"Max-Age={milliseconds(sticky.max_age) // 1000}")
    if sticky.secure:
        parts.append("Secure")
    parts += ["HttpOnly", f"SameSite={sticky.same_site or 'Lax'}"]
    return {"response": {"add": {"Set-Cookie": "; ".join(parts).replace("%", "%%")}}}


def check_cookies(context: Context) -> None:
    """Find cookies that keep clients in their version, and are matched or set by somebody else as well."""
    sticky: dict[str, str] = {}
    for number, route in enumerate(context.spec.routes or ()):
        if route.sticky is None:
            continue
        cookie, place = route.sticky.cookie, ("spec", "routes", number, "sticky", "cookie")
        if cookie in sticky:
            message = f"route {sticky[cookie]!r} keeps its clients by cookie {cookie!r} already"
            context.findings.error("MG123", place, message)
        elif any(cookies_expression({cookie: {"exact": version}}) is None for version in route.shares or ()):
            context.findings.error("MG123", place, f"the name makes an expression of over {LONGEST} bytes")
        sticky.setdefault(cookie, route.name)
    if sticky:
        _check_others(context, sticky)


def check_cookie_path(context: Context, sticky: Sticky, way_in: str, route: HTTPRoute) -> None:
    """Find a cookie that browsers do not send back to a path of the route, read below the path of a way in.

    Source: RFC 6265 5.1.4. Which paths an expression takes is not known.
    """
    below = sticky.path or "/"
    for match in route.match or ({},):
        uri = match.get("uri", {"prefix": "/"})
        path = uri.get("exact", uri.get("prefix")) or "/"
        if "regex" not in uri and path != below and not path.startswith(below.rstrip("/") + "/"):
            context.findings.error(
                "MG116",
                (*route.path, "sticky", "path"),
                f"browsers do not send the cookie back to {path}, to which way in {way_in!r} leads,"
                " so each request there draws its version anew",
                "leave it out, or write a path that all of the route's begin with",
            )
            return


def _check_others(context: Context, sticky: dict[str, str]) -> None:
    for number, route in enumerate(context.spec.routes or ()):
        path: KeyPath = ("spec", "routes", number)
        raw = context.raw["routes"][number]
        if route.sticky is not None:
            _check_set_cookie(context, raw, path, None)
            continue
        for item, match in enumerate(route.match or ()):
            for cookie in sticky.keys() & (match.cookies or {}).keys():
                context.findings.error(
                    "MG123",
                    (*path, "match", item, "cookies", cookie),
                    f"route {sticky[cookie]!r} keeps its clients by cookie {cookie!r}, so no other can match on it",
                )
        _check_set_cookie(context, raw, path, sticky)
    for number, raw in enumerate(context.raw.get("expose") or ()):
        _check_set_cookie(context, raw, ("spec", "expose", number), sticky)


def _check_set_cookie(context: Context, raw: Fragment, path: KeyPath, sticky: dict[str, str] | None) -> None:
    """Find changes of Set-Cookie: all of them, or those that touch one of the `sticky` cookies."""
    response = (raw.get("headers") or {}).get("response") or {}
    for operation in ("set", "add", "remove"):
        for name in response.get(operation) or ():
            if name.lower() != "set-cookie":
                continue
            added = response["add"][name].partition("=")[0].strip() if operation == "add" else None
            if sticky is None or (added is None and path[1] == "expose") or added in sticky:
                message = "a sticky route sets its own cookie, so it cannot change Set-Cookie"
                if sticky is not None:
                    message = (
                        f"route {next(iter(sticky.values()))!r} keeps its clients by a cookie that this would change"
                    )
                context.findings.error("MG123", (*path, "headers", "response", operation), message)
