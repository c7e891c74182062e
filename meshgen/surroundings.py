"""Manifests around the specs: what is referred to and judged by, and never written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from meshgen.diagnostic import Diagnostic, Location, Severity
from meshgen.facts import GatewayFacts, Key, ServiceFacts, gateway_facts, service_facts
from meshgen.mesh import Manifest

_EXPORT_TO = "networking.istio.io/exportTo"


class Surroundings(NamedTuple):
    """The objects that stand around the specs, and what specs may refer to in them."""

    manifests: tuple[Manifest, ...] = ()
    services: dict[Key, ServiceFacts] = {}  # noqa: RUF012 - nobody changes it
    gateways: dict[Key, GatewayFacts] = {}  # noqa: RUF012 - nobody changes it
    diagnostics: tuple[Diagnostic, ...] = ()

    def place(self, kind: str, key: Key) -> Location | None:
        """Where the object stands, if it is one of these."""
        found = (each for each in self.manifests if (each.kind, each.namespace, each.name) == (kind, *key))
        return next((each.locate(("metadata", "name")) for each in found), None)


def read_surroundings(arguments: Sequence[str], namespace: str | None, domain: str) -> Surroundings:
    """The objects in files and folders. Never raises for what a person wrote."""
    from meshgen.manifests import read_manifests  # its YAML reader is no use to most runs

    found = read_manifests(arguments, namespace)
    services: dict[Key, ServiceFacts] = {}
    gateways: dict[Key, GatewayFacts] = {}
    objects = [(manifest, manifest.data) for manifest in found.manifests]
    subsets = _subsets((data for manifest, data in objects if manifest.kind == "DestinationRule"), domain)
    for manifest, data in objects:
        key, spec, version = Key(manifest.namespace, manifest.name), data.get("spec"), str(data["apiVersion"])
        if not isinstance(spec, dict):
            continue
        if (manifest.kind, version) == ("Service", "v1"):
            services[key] = _service(key, data, spec, subsets.get(f"{key.name}.{key.namespace}.svc.{domain}", ()))
        elif manifest.kind == "Gateway" and version.startswith("networking.istio.io/"):
            gateways[key] = gateway_facts(key, {**spec, "existing": True})
    return Surroundings(tuple(found.manifests), services, gateways, (*found.diagnostics, *map(_is_spec, found.specs)))


def _service(key: Key, data: dict[str, Any], spec: dict[str, Any], subsets: Iterable[str]) -> ServiceFacts:
    """The facts of somebody else's Service; its one port may have no name."""
    listed = spec.get("ports")
    ports = [{"name": "", **port} for port in listed if isinstance(port, dict)] if isinstance(listed, list) else []
    exported = ((data.get("metadata") or {}).get("annotations") or {}).get(_EXPORT_TO)
    names = [name.strip() for name in exported.split(",")] if isinstance(exported, str) and exported else None
    facts = service_facts(key, {"ports": ports, "exportTo": names, "existing": True})
    return facts._replace(versions=dict.fromkeys(subsets))


def _subsets(rules: Iterable[dict[str, Any]], domain: str) -> dict[str, list[str]]:
    """The names of subsets, by full host."""
    found: dict[str, list[str]] = {}
    for rule in rules:
        spec = rule.get("spec") or {}
        host, namespace = spec.get("host"), (rule.get("metadata") or {}).get("namespace")
        if isinstance(host, str):
            full = host if "." in host else f"{host}.{namespace}.svc.{domain}"
            names = [each.get("name") for each in spec.get("subsets") or () if isinstance(each, dict)]
            found.setdefault(full, []).extend(name for name in names if isinstance(name, str))
    return found


def _is_spec(file: str) -> Diagnostic:
    message = "holds specs, and --with takes manifests that are there already"
    return Diagnostic(Location(file), "MG102", Severity.ERROR, message, hint="name it among SPECS")
