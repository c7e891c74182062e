"""Paths below a path: which requests from outside a route takes, and what the service is asked for then."""

from __future__ import annotations

import re
from collections.abc import Iterator

from meshgen.merging import merge, without_nulls
from meshgen.resolve.expressions import alternatives, quoted, unanchored
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


def rewrite_below(path: str, rewrite: Fragment | None) -> Fragment | None:
    """A route's own rewrite, for paths that begin with `path`; `{}` where its expression cannot be read there."""
    regex = (rewrite or {}).get("uriRegexRewrite")
    if not path or not regex:
        return rewrite
    pattern = regex["match"]
    if unanchored(pattern) is None or not pattern.startswith("^") or alternatives(pattern):
        return {}
    return {**(rewrite or {}), "uriRegexRewrite": {**regex, "match": f"^{quoted(path)}(?:{pattern[1:]})"}}


def rewrite_from_outside(
    path: str, expose: Fragment | None, route: Fragment | None, ignore_case: bool
) -> Fragment | None:
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
            below = f"(?i:{quoted(path)})" if ignore_case and path else quoted(path)
            pattern, rewrite = (
                (f"^{below}(/.*)?$", into.replace("\\", "\\\\") + "\\1") if into else (f"^{below}/*(.*)$", "/\\1")
            )
            own["uriRegexRewrite"] = {"match": pattern, "rewrite": rewrite}
    merged: Fragment = merge(own, route or {}, "rewrite")
    return merged or None
