"""A rule of a VirtualService, as the templates print it."""

from __future__ import annotations

from typing import Any, NamedTuple

from meshgen.document import KeyPath

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

    def matching(self, match: tuple[Fragment, ...]) -> HTTPRoute:
        """The same for other requests."""
        return HTTPRoute(self.name, self.path, match, *self[3:])

    @property
    def authorities(self) -> int:
        """How often it changes the host that is asked for. Istio takes once (pkg/config/validation, validateHTTPRoute)."""
        if self.headers is None and self.rewrite is None:
            return 0
        request = (self.headers or {}).get("request") or {}
        names = [name.lower() for key in ("set", "add") for name in request.get(key) or ()]
        return sum(name in (":authority", "host") for name in names) + ("authority" in (self.rewrite or {}))
