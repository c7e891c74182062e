"""The VirtualService of one host at one gateway, made of what all services give to it."""

from __future__ import annotations

from typing import NamedTuple

from meshgen.facts import ExposeFacts, Key
from meshgen.fleet import Fleet, PublicHost
from meshgen.resolve.context import MANAGED_BY
from meshgen.resolve.rule import HTTPRoute


class PublicRoutes(NamedTuple):
    """What one service gives to one public host: its labels and annotations, and its routes below its path."""

    service: Key
    expose: ExposeFacts
    labels: dict[str, str]
    annotations: dict[str, str] | None
    exported: bool
    routes: tuple[HTTPRoute, ...]


class PublicService(NamedTuple):
    """The VirtualService of one host at one gateway."""

    name: str
    namespace: str
    labels: dict[str, str]
    annotations: dict[str, str] | None
    host: str
    gateway: str
    export_to: list[str] | None
    routes: tuple[HTTPRoute, ...]


def resolve_public(fleet: Fleet, public: PublicHost, parts: list[PublicRoutes]) -> PublicService:
    """The VirtualService of a public host; `parts` are in the order of its exposers."""
    labels = {
        key: value for key, value in parts[0].labels.items() if all(part.labels.get(key) == value for part in parts)
    }
    annotations = {
        key: value
        for key, value in (parts[0].annotations or {}).items()
        if all((part.annotations or {}).get(key) == value for part in parts)
    }
    seen_by = [fleet.gateways[public.gateway].workload_namespace] if any(part.exported for part in parts) else None
    return PublicService(
        name=public.name,
        namespace=public.namespace,
        labels=labels | MANAGED_BY,
        annotations=annotations or None,
        host=public.host,
        gateway=str(public.gateway),
        export_to=seen_by,
        routes=tuple(route for part in parts for route in part.routes),
    )
