"""Whether each route of a port can be reached, and whether the last one leaves nothing over."""

from __future__ import annotations

from meshgen.cover import Conditions, conditions, covers
from meshgen.document import KeyPath
from meshgen.resolve.context import Context
from meshgen.resolve.matches import takes_everything
from meshgen.resolve.rule import HTTPRoute


def check_order(context: Context, port: str, routes: list[HTTPRoute]) -> None:
    """Find routes that never get a request, and a last one that does not take all that are left."""
    everything: str | None = None
    seen: list[tuple[Conditions, str]] = []
    told: set[KeyPath] = set()
    for route, following in zip(routes, [*routes[1:], None], strict=True):
        # The rules by which a sticky route keeps its clients stand before it; what is wrong with its cookie is told there.
        keeps = following is not None and following.path == route.path
        if everything is not None:
            if route.path not in told:
                told.add(route.path)
                message = f"route {route.name!r} is never reached: {everything!r} before it takes every request"
                context.findings.error("MG121", route.path, message, f"move it before {everything!r}")
            continue
        if route.match is None or any(takes_everything(match) for match in route.match):
            everything = route.name
        elif len(routes) > 1:
            mine = [conditions(match) for match in route.match]
            if not keeps:
                _check_reached(context, route, mine, seen)
            seen += [(each, route.name) for each in mine]
    if everything is None and routes[-1].direct_response is None:
        context.findings.error(
            "MG122", routes[-1].path,
            f"the last route of port {port!r} takes only some requests; all others would get 404",
            "end with a route without match, or with a directResponse",
        )  # fmt: skip


def _check_reached(
    context: Context, route: HTTPRoute, mine: list[Conditions], seen: list[tuple[Conditions, str]]
) -> None:
    """Find a route each of whose matches is covered by one of an earlier route."""
    before: dict[str, None] = {}
    same = False
    for late in mine:
        found = next(((early, name) for early, name in seen if covers(early, late)), None)
        if found is None:
            return
        before[found[1]] = None
        same = same or covers(late, found[0])
    names = [repr(name) for name in before]
    take = "takes" if len(names) == 1 else "take"
    context.findings.error(
        "MG121",
        route.path,
        f"route {route.name!r} is never reached: {' and '.join(names)} before it {take} all of its requests",
        "" if same else f"move it before {names[0]}",
    )
