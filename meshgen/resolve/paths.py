"""Paths below a path: which requests from outside a route takes, and what the service is asked for then."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import permutations

from meshgen.merging import merge, without_nulls
from meshgen.resolve.expressions import alternatives, is_accepted, quoted, unanchored
from meshgen.resolve.matches import is_any_path
from meshgen.resolve.rule import Fragment


def matches_below(path: str, matches: tuple[Fragment, ...] | None) -> Iterator[Fragment | None]:
    """The matches, with their own uri read below `path`; without one, `path` by whole segments.

    None for an expression that cannot be read there: it has anchors inside.
    """
    for match in matches or ({},):
        uri = match.get("uri")
        if not uri or is_any_path(uri):
            yield {**match, "uri": {"exact": path}}
            yield {**match, "uri": {"prefix": path + "/"}}
        elif "regex" in uri:
            yield _expression_below(path, match, uri["regex"])
        elif uri == {"exact": "/"}:
            yield {**match, "uri": {"exact": path}}
            yield {**match, "uri": {"exact": path + "/"}}
        else:
            # `*` is what OPTIONS may ask for, and is below no path.
            yield from ({**match, "uri": {kind: path + text}} for kind, text in uri.items() if text != "*")


def _expression_below(path: str, match: Fragment, pattern: str) -> Fragment | None:
    body = unanchored(pattern)
    if body is None:
        return None
    below = {**match, "uri": {"regex": f"{quoted(path)}(?:{body})"}}
    if body.startswith("/") and not alternatives(body):
        return below
    # The service's paths begin with a slash, and the expression does not ask for it: .*\.png is not /cart.png.
    return {**below, "headers": {":path": {"prefix": path + "/"}} | match.get("headers", {})}


def rewrite_below(path: str, rewrite: Fragment | None, matches: tuple[Fragment, ...] | None) -> Fragment | None:
    """A route's own rewrite, for paths that begin with `path`; `{}` where it cannot be read there.

    Segments stay apart, and no `//` arises, with a path and without one: in the mesh the service is asked for the same.
    """
    if not rewrite or not (path or "uri" in rewrite):
        return rewrite
    rest = {key: value for key, value in rewrite.items() if key not in ("uri", "uriRegexRewrite")}
    if "uri" in rewrite:
        conditions = matches or ({},)
        if not any(_needs_segments(match.get("uri"), rewrite["uri"]) for match in conditions):
            return rewrite
        made = _by_segments(path, rewrite["uri"], conditions)
        return {**rest, "uriRegexRewrite": made} if made else {}
    if regex := rewrite.get("uriRegexRewrite"):
        pattern = regex["match"]
        if unanchored(pattern) is None or not pattern.startswith("^") or alternatives(pattern):
            return {}
        return {**rest, "uriRegexRewrite": {**regex, "match": f"^{quoted(path)}(?:{pattern[1:]})"}}
    return rewrite


def _needs_segments(uri: Fragment | None, into: str) -> bool:
    """Whether Istio, which replaces a prefix letter by letter, would make `//` of it, or two segments one."""
    if is_any_path(uri):
        return into == "/" or not into.endswith("/")
    prefix = (uri or {}).get("prefix")
    return prefix is not None and (into == "/" or prefix.endswith("/") != into.endswith("/"))


def _by_segments(path: str, into: str, matches: tuple[Fragment, ...]) -> Fragment | None:
    """An expression that puts `into` in the place of what is matched; None where it would not know which match it was."""
    found: dict[str, str] = {}
    for match in matches:
        uri = {"prefix": "/"} if is_any_path(match.get("uri")) else match["uri"]
        if "regex" in uri:
            return None
        text = uri.get("exact", uri.get("prefix", "").rstrip("/"))
        if text != "*":
            whole = path + ("" if text == "/" else text)
            found[whole] = f"(?i:{quoted(whole)})" if match.get("ignoreUriCase") else quoted(whole)
    lower = [text.lower() for text in found]
    if any(text.startswith(other) for text, other in permutations(lower, 2)):
        return None
    which = "|".join(found.values())
    which = f"(?:{which})" if len(found) > 1 else which
    begin, slash, rest = (into.rstrip("/"), "/", "/*(.*)") if into.endswith("/") else (into, "", "(.*)")
    expression = f"^{which}{rest}$"
    made = {"match": expression, "rewrite": begin.replace("\\", "\\\\") + slash + "\\1"}
    return made if is_accepted(expression) else None


def redirect_below(path: str, redirect: Fragment | None) -> Fragment | None:
    """A route's redirect, where it leads to a path of the same host: to the one below `path`."""
    if redirect is None or "authority" in redirect:
        return redirect
    return {key: path + value if key in ("uri", "prefixRewrite") else value for key, value in redirect.items()}


def rewrite_from_outside(
    path: str, expose: Fragment | None, route: Fragment | None, ignore_case: bool
) -> Fragment | None:
    """What the service is asked for in the place of what the client asked for.

    A rewrite of the route's own stands, as it was read below the path. Otherwise the
    path is cut off as whole segments and what `expose` says put in its place, so that `//` cannot arise.
    """
    if not expose:
        return route
    own = dict(without_nulls(expose))
    uri = own.pop("uri", None)
    if uri is not None:
        into = re.sub("/+$", "", uri)
        if path or into:
            below = f"(?i:{quoted(path)})" if ignore_case and path else quoted(path)
            pattern, rewrite = (
                (f"^{below}(/.*)?$", into.replace("\\", "\\\\") + "\\1") if into else (f"^{below}/*(.*)$", "/\\1")
            )
            own["uriRegexRewrite"] = {"match": pattern, "rewrite": rewrite}
    merged: Fragment = merge(own, route or {}, "rewrite")
    return merged or None
