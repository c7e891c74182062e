"""Whether each route of a port can be reached, and whether the last one leaves nothing over."""

from __future__ import annotations

from meshgen.document import KeyPath
from meshgen.resolve.context import Context
from meshgen.resolve.matches import takes_everything
from meshgen.resolve.rule import Fragment, HTTPRoute


def check_order(context: Context, port: str, routes: list[HTTPRoute]) -> None:
    """Find routes that never get a request, and a last one that does not take all that are left."""
    everything: str | None = None
    seen: list[tuple[Fragment, str]] = []
    told: set[KeyPath] = set()
    for route, following in zip(routes, [*routes[1:], None], strict=True):
        # The rules by which a sticky route keeps its clients stand before it; what is wrong with its cookie is told there.
        keeps = following is not None and following.path == route.path
        before = everything or (None if keeps else _same_before(route, seen))
        if before is not None and route.path not in told:
            told.add(route.path)
            what = "every request" if everything else "the same requests"
            context.findings.error(
                "MG121",
                route.path,
                f"route {route.name!r} is never reached: {before!r} before it takes {what}",
                f"move it before {before!r}" if everything else "",
            )
        if everything is None and (route.match is None or any(takes_everything(match) for match in route.match)):
            everything = route.name
    if everything is None and routes[-1].direct_response is None:
        context.findings.error(
            "MG122", routes[-1].path,
            f"the last route of port {port!r} takes only some requests; all others would get 404",
            "end with a route without match, or with a directResponse",
        )  # fmt: skip


def _same_before(route: HTTPRoute, seen: list[tuple[Fragment, str]]) -> str | None:
    """The route before this one that has each of its matches, if there is one. Adds its matches to those `seen`."""
    matches = [_conditions(match) for match in route.match or ()]
    before = [next((name for known, name in seen if known == match), None) for match in matches]
    seen += [(match, route.name) for match in matches]
    return before[0] if before and None not in before else None


def _conditions(match: Fragment) -> Fragment:
    return {key: value for key, value in match.items() if key not in ("name", "statPrefix")}
