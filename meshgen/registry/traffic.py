"""What DestinationRules, Gateways, VirtualServices and Sidecars say to others."""

from __future__ import annotations

import marshal
from typing import Any

from meshgen.registry.facts import Gateway, Object, Root, Routes, Rule, Server, Subset, Use
from meshgen.registry.hosts import gateway_name, own_host, scopes
from meshgen.registry.lookup import Registry
from meshgen.registry.places import all_routes, destinations, listening, seconds


def add_rule(registry: Registry, seen: Object) -> None:
    """The host and subsets of a DestinationRule."""
    spec = seen.spec
    subsets = tuple(Subset(subset.get("name", ""), subset.get("labels") or {}) for subset in spec.get("subsets") or [])
    host = registry.host(spec.get("host", ""), seen.namespace)
    export_to, selects = tuple(spec.get("exportTo") or []), "workloadSelector" in spec
    rule = Rule(seen.key, host, subsets, export_to, selects, bool(spec.get("trafficPolicy")))
    registry.rules.setdefault(host, []).append(rule)
    _hide(registry, rule)


def _hide(registry: Registry, rule: Rule) -> None:
    """Note an exact rule under the domains by whose wildcards it could be hidden."""
    labels = rule.host.split(".")
    for start in range(1, len(labels) if "*" not in rule.host else 0):
        there = registry.hidden.setdefault(".".join(labels[start:]), [])
        if len(there) < 2 and all(each.key.namespace != rule.key.namespace for each in there):
            there.append(rule)


def add_gateway(registry: Registry, seen: Object) -> None:
    """The servers of a Gateway."""
    servers = []
    for server in seen.spec.get("servers") or []:
        port, tls = server.get("port") or {}, server.get("tls") or {}
        hosts = tuple(host.lower() for host in server.get("hosts") or [])
        servers.append(
            Server(
                hosts, port.get("number", 0), port.get("protocol", ""), tls.get("mode", "PASSTHROUGH") if tls else "",
                bool(tls.get("httpsRedirect")), tls.get("credentialName", ""),
            )
        )  # fmt: skip
    gateway = Gateway(seen.key, seen.spec.get("selector") or {}, tuple(servers))
    registry.gateways[f"{seen.namespace}/{seen.name}"] = gateway
    _add_listeners(registry, seen)


def add_routes(registry: Registry, seen: Object) -> None:
    """The hosts, gateways and destinations of a VirtualService."""
    spec = seen.spec
    gateways = tuple(gateway_name(each, seen.namespace) for each in spec.get("gateways") or ["mesh"])
    hosts = tuple(registry.host(host, seen.namespace) for host in spec.get("hosts") or [])
    http = spec.get("http") or []
    routes = Routes(
        seen.key, hosts, gateways, tuple(spec.get("exportTo") or []),
        any(not any(route.get("match") or []) for route in http), any("delegate" in route for route in http),
        bool(spec.get("tls") or spec.get("tcp")), _ports(spec), len(registry.routes),
    )  # fmt: skip
    _add_claims(registry, seen, routes)
    registry.routes.append(routes)
    for gateway in gateways:
        registry.routes_at.setdefault(gateway, []).append(routes)
    if gateways != ("mesh",):
        _show(registry, seen, routes, http)
    _add_uses(registry, seen, hosts, routes.in_mesh)


def _add_uses(registry: Registry, seen: Object, hosts: tuple[str, ...], in_mesh: bool) -> None:
    """Its destinations."""
    split = set()
    full: dict[str, str] = {}
    for path, route in all_routes(seen.spec):
        parts = route.get("route") or ()
        shared = len(parts) > 1 and sum([each.get("weight", 1) != 0 for each in parts]) > 1
        timeout, try_timeout = seconds(route.get("timeout")), seconds((route.get("retries") or {}).get("perTryTimeout"))
        for below, said in destinations(route):
            named, subset = said.get("host", ""), said.get("subset", "")
            host = full.get(named)
            if host is None:
                host = full[named] = registry.host(named, seen.namespace)
            port, is_mirror = (said.get("port") or {}).get("number"), below[0] != "route"
            use = Use(seen.key, host, subset, shared and not is_mirror, timeout, try_timeout, in_mesh, port)
            registry.uses.setdefault(host, []).append(use)
            if subset and not is_mirror and path[1] == "http" and named:
                split.add(host)
    for host in split.intersection(hosts):
        registry.splits.setdefault(host, []).append(seen.key)


def _show(registry: Registry, seen: Object, routes: Routes, http: list[dict[str, Any]]) -> None:
    """Note what a VirtualService asks for at gateways, packed, for that of all of them would fill the memory."""
    matches = marshal.dumps([() if "delegate" in route else route.get("match") or [{}] for route in http])
    for gateway in routes.gateways:
        for host in routes.hosts if gateway != "mesh" else ():
            registry.shown.setdefault((gateway, host), []).append((seen.key, matches))


def _ports(spec: dict[str, Any]) -> frozenset[int] | None:
    """The ports that its rules are for; None where they are for all."""
    asked = [match.get("port") for route in spec.get("http") or [] for match in route.get("match") or [{}]]
    if spec.get("tls") or spec.get("tcp") or not asked or not all(asked):
        return None
    return frozenset(asked)


def _add_claims(registry: Registry, seen: Object, routes: Routes) -> None:
    name = f"{seen.namespace}/{seen.name}"
    registry.virtual_services[name] = routes
    registry.routed.add(seen.namespace)
    if not routes.hosts:
        registry.delegated.setdefault(seen.namespace, []).append(seen.name)
    for route in seen.spec.get("http") or [] if routes.delegates and routes.hosts else []:
        target = route.get("delegate") or {}
        full = f"{target.get('namespace') or seen.namespace}/{target.get('name', '')}"
        registry.roots.setdefault(full, []).append(Root(routes.gateways, route.get("match") or []))
    if routes.takes_all:
        for gateway in routes.gateways:
            for host in routes.hosts:
                registry.catch_alls.setdefault((gateway, host), routes)
    if routes.in_mesh:
        for host in routes.hosts:
            for scope in scopes(routes.export_to, seen.namespace):
                registry.claims.setdefault((host, scope), routes)
            registry.claims.setdefault((host, ""), routes)


def _add_listeners(registry: Registry, seen: Object) -> None:
    name = f"{seen.namespace}/{seen.name}"
    for word in (seen.namespace, f"/{seen.name}"):
        registry.gateway_names.setdefault(word, []).append(name)
    found = listening(seen)
    for number, (server, (listener, spoken)) in enumerate(zip(seen.spec.get("servers") or [], found, strict=True)):
        registry.first_at.setdefault(listener, (name, number, spoken))
        hosts = registry.listeners.setdefault(listener, {})
        for host in server.get("hosts") or []:
            hosts.setdefault(own_host(host, seen.namespace), name)
        credential = (server.get("tls") or {}).get("credentialName")
        if credential:
            registry.credentials.setdefault(credential, name)
            registry.certificates.setdefault((listener[0], listener[1], credential), name)


def add_plain(registry: Registry, seen: Object) -> None:
    """A Sidecar or Telemetry: the workloads that it is for."""
    spec = seen.spec
    if not any(key in spec for key in ("workloadSelector", "selector", "targetRef", "targetRefs")):
        registry.plain.setdefault((seen.key.kind, seen.namespace), seen.key)
    chosen = spec.get("workloadSelector" if seen.key.kind == "Sidecar" else "selector") or {}
    labels = chosen.get("labels" if seen.key.kind == "Sidecar" else "matchLabels")
    if labels:
        registry.selected.setdefault((seen.key.kind, seen.namespace), []).append((seen.key, labels))
