"""Where a route's requests and their copies go, and in which shares."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd

from meshgen.document import KeyPath
from meshgen.facts import PortFacts
from meshgen.resolve.context import Context, Target
from meshgen.resolve.ports import ResolvedPort
from meshgen.resolve.rule import Destination, MirrorDestination
from meshgen.resolve.visibility import check_visible
from meshgen.spec.traffic import HUNDREDTHS, Mirror, Route


def versions_of(
    context: Context, route: Route, shares: dict[str, float], path: KeyPath, port: ResolvedPort
) -> dict[str, Destination]:
    """Each version that a route gives a share (0 percent too), as a destination."""
    return {version: _version(context, version, share, port, route, path) for version, share in shares.items()}


def smallest_weights(shares: dict[str, float]) -> dict[str, int]:
    """The smallest whole numbers in the ratio of the shares (percent, two decimals), without those of 0 percent."""
    hundredths = {version: round(share * HUNDREDTHS) for version, share in shares.items() if round(share * HUNDREDTHS)}
    divisor = gcd(*hundredths.values())
    return {version: share // divisor for version, share in hundredths.items()}


def resolve_mirrors(context: Context, route: Route, port: ResolvedPort, path: KeyPath) -> Iterator[MirrorDestination]:
    """Where copies go, without those of 0 percent."""
    if not route.mirrors:
        return
    own = PortFacts(port.name, port.number, True)
    for number, mirror in enumerate(route.mirrors):
        place = (*path, "mirrors", number)
        target, subset = _mirror_target(context, mirror, own, place)
        if mirror.percent:
            check_visible(context, route, target.facts, (*place, "service"), subset=subset is not None)
            yield MirrorDestination(target.host, subset, target.port, mirror.percent)


def check_services(context: Context, ports: tuple[ResolvedPort, ...]) -> None:
    """Find versions that are no other service: those that no route names, so that nobody else has looked at them."""
    if all(version.service is None for version in context.spec.versions or ()):
        return
    routed = {version for route in context.spec.routes or () for version in route.shares or ()}
    http = next((port for port in ports if port.http), ports[0])
    own = PortFacts(http.name, http.number, True)
    for number, version in enumerate(context.spec.versions or ()):
        if version.service is None:
            continue
        path: KeyPath = ("spec", "versions", number)
        if context.key_of(version.service) == context.key:
            context.findings.error(
                "MG116", (*path, "service"), f"version {version.name!r} is this very service", "drop 'service'"
            )
        elif version.name not in routed:
            context.target(version.service, version.port, path, own)


def _said_at(route: Route, path: KeyPath, version: str) -> KeyPath:
    if route.to is not None:
        return (*path, "to")
    if route.canary is not None:
        return (*path, "canary", "stable" if version == route.canary.stable else "candidate")
    return (*path, "split", version)


def _version(
    context: Context, version: str, share: float, port: ResolvedPort, route: Route, path: KeyPath
) -> Destination:
    """A version of this service as a destination: a subset, or the other service that it is."""
    known = context.facts.versions or {}
    if version not in known:
        context.unknown(_said_at(route, path, version), "version", version, known)
        return Destination(context.host, version, port.number)
    other = known[version]
    if other is None:
        return Destination(context.host, version, port.number)
    place = ("spec", "versions", list(known).index(version))
    target = context.target(*other, place, PortFacts(port.name, port.number, True))
    if share:
        check_visible(context, route, target.facts, (*place, "service"))
    return Destination(target.host, None, target.port)


def _mirror_target(context: Context, mirror: Mirror, own: PortFacts, path: KeyPath) -> tuple[Target, str | None]:
    target = context.target(mirror.service or context.name, mirror.port, path, own)
    facts = target.facts
    if mirror.to is None or facts is None:
        return target, mirror.to
    if facts.versions is None:
        context.unreadable(facts, (*path, "to"))
        return target, mirror.to
    if mirror.to not in facts.versions:
        context.unknown((*path, "to"), f"version of {facts.key.name!r}", mirror.to, facts.versions)
    other = facts.versions.get(mirror.to)
    if other is None:
        return target, mirror.to
    service, port = other
    if "." not in service and "/" not in service:
        service = f"{facts.key.namespace}/{service}"
    return context.target(service, port, path, own), None
