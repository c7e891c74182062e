"""Whether a way in works: the gateway exists, has the host, sees the service, and nobody else answers that path."""

from __future__ import annotations

from meshgen.diagnostic import Location
from meshgen.document import KeyPath
from meshgen.facts import ExposeFacts, GatewayFacts, Key, host_name
from meshgen.fleet import PublicHost
from meshgen.listeners import admits, mix_routes
from meshgen.resolve.context import Context

_LONGEST_NAME = 253


def check_admission(context: Context, facts: ExposeFacts) -> None:
    """Find what keeps requests for a public host from the service."""
    place: KeyPath = ("spec", "expose", facts.item)
    item = context.raw["expose"][facts.item]
    gateway = context.fleet.gateways.get(facts.gateway)
    written = [host_name(host) for host in item["hosts"]].index(facts.host)
    if gateway is None:
        if written == 0 and not {facts.gateway.name, item["gateway"]} & context.fleet.unread:
            here = [key.name if key.namespace == context.namespace else str(key) for key in context.fleet.gateways]
            context.unknown((*place, "gateway"), "gateway", item["gateway"], here)
        return
    public = context.fleet.publics[facts.gateway, facts.host]
    _check_served(context, gateway, facts, public.namespace, (*place, "hosts", written))
    name = public.name
    if len(name) > _LONGEST_NAME:
        context.findings.error(
            "MG115",
            (*place, "hosts", written),
            f"the VirtualService's name {name!r} has {len(name)} characters, and may have {_LONGEST_NAME}",
        )
    if written == 0:
        _check_visible(context, gateway, place)
    _check_alone(context, public, facts, place)
    _check_cookies(context, public, facts, place)


def _check_served(context: Context, gateway: GatewayFacts, facts: ExposeFacts, namespace: str, path: KeyPath) -> None:
    """A server of the gateway must have the host, and route its requests."""
    servers = gateway.servers or ()
    fitting = [
        server for server in servers
        if any(admits(pattern, facts.host, namespace, gateway.key) for pattern in server.hosts)
    ]  # fmt: skip
    if not servers or any(not server.instead for server in fitting):
        return
    host = context.raw["expose"][facts.item]["hosts"][path[-1]]
    if fitting:
        why = ", and another ".join(dict.fromkeys(server.instead for server in fitting))
        message = f"gateway {gateway.key} routes nothing for host {host!r}: its server {why}"
        context.findings.error("MG124", path, message, "give the gateway an HTTP or HTTPS server with that host")
        return
    known = ", ".join(dict.fromkeys(pattern for server in servers for pattern in server.hosts))
    context.findings.error("MG124", path, f"gateway {gateway.key} has no host {host!r}; it has: {known}")


def _check_visible(context: Context, gateway: GatewayFacts, place: KeyPath) -> None:
    exported = context.spec.export_to
    if exported is None or "*" in exported or gateway.workload_namespace in exported:
        return
    if not ("." in exported and gateway.workload_namespace == context.namespace):
        context.findings.error(
            "MG126", (*place, "gateway"),
            f"the pods of gateway {gateway.key} are in {gateway.workload_namespace!r}, to which the service is not exported",
            f"add {gateway.workload_namespace!r} to exportTo",
        )  # fmt: skip


def _check_alone(context: Context, public: PublicHost, facts: ExposeFacts, place: KeyPath) -> None:
    """Tell the later one of two specs that claim one path of a public host."""
    mine = next(number for number, expose in public.exposers if expose is facts)
    for number, other in public.exposers:
        if (number, other.item) >= (mine, facts.item):
            continue
        if other.path == facts.path:
            path = (*place, "path") if context.raw["expose"][facts.item].get("path") else place
            whose, where = _way_in(context, number, other)
            context.findings.error(
                "MG125",
                path,
                f"path {facts.path!r} of {facts.host} at {facts.gateway} is {whose}'s already, at {where}",
            )
    _check_other_gateways(context, mine, facts, place)


def _check_other_gateways(context: Context, mine: int, facts: ExposeFacts, place: KeyPath) -> None:
    """Tell the later one of two specs that claim one path of a host at two gateways whose routes come together.

    One spec may: whichever gateway it moves away from, requests reach the same service.
    """
    gateways = context.fleet.gateways
    for public in context.fleet.hosts.get(facts.host, ()):
        earlier = [(number, other) for number, other in public.exposers if number < mine and other.path == facts.path]
        own, other = gateways[facts.gateway], gateways.get(public.gateway)
        if earlier and other not in (None, own) and mix_routes(own, other, facts.host):
            whose, where = _way_in(context, *earlier[0])
            context.findings.error(
                "MG125",
                (*place, "path") if context.raw["expose"][facts.item].get("path") else place,
                f"path {facts.path!r} of {facts.host} at {facts.gateway} is {whose}'s already, at {where}: gateway {public.gateway} has the same pods and port",
                "expose it at one of the two gateways",
            )


def _check_cookies(context: Context, public: PublicHost, facts: ExposeFacts, place: KeyPath) -> None:
    """Tell the later one of two specs that keep clients by one cookie of a host: browsers know hosts, not gateways."""
    mine = next(number for number, expose in public.exposers if expose is facts)
    for cookie in sorted(facts.cookies):
        others = [exposer for exposer in context.fleet.cookies[facts.host, cookie] if exposer[0] < mine]
        if others:
            whose, where = _way_in(context, *min(others, key=lambda exposer: (exposer[0], exposer[1].item)))
            context.findings.error(
                "MG123",
                place,
                f"{whose}, at {where}, keeps its clients on {facts.host} by cookie {cookie!r} too",
            )


def _way_in(context: Context, number: int, facts: ExposeFacts) -> tuple[Key, Location]:
    """Whose way in it is, and where it is written."""
    entry = context.fleet.entries[number]
    return entry.key, context.fleet.document(entry).locate(("spec", "expose", facts.item))
