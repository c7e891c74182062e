"""The EndpointSlices of a service whose endpoints are given by hand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from meshgen.merging import without_nulls
from meshgen.resolve.context import Context
from meshgen.resolve.ports import ResolvedPort

Fragment = dict[str, Any]

_FULL = 1000
"""Endpoints that Kubernetes takes in one slice (pkg/apis/discovery/validation, maxEndpoints)."""
_MOST = 2**32
"""Numbers that a hash can have: what is not told apart by then has one address."""


class EndpointSlice(NamedTuple):
    """Endpoints of one address family. `items` are their numbers in the spec."""

    name: str
    family: str
    labels: dict[str, str]
    endpoints: tuple[Fragment, ...]
    items: tuple[int, ...]


def resolve_slices(context: Context, ports: Sequence[ResolvedPort]) -> tuple[EndpointSlice, ...]:
    """The slices, so that an endpoint which comes or goes changes one slice only."""
    if not context.spec.endpoints:
        return ()
    for number, port in enumerate(ports):
        if isinstance(port.target, str):
            context.findings.error(
                "MG116",
                ("spec", "ports", number, "targetPort"),
                f"endpoints need a number here: there is no container that says what {port.target!r} is",
            )
    return tuple(_slices(context))


def _slices(context: Context) -> Iterator[EndpointSlice]:
    labels = context.labels() | {
        "endpointslice.kubernetes.io/managed-by": "meshgen",
        "kubernetes.io/service-name": context.name,
    }
    for family in ("IPv4", "IPv6"):
        members = [number for number, endpoint in enumerate(context.spec.endpoints or ()) if endpoint.family == family]
        for number, bucket in _buckets(context, members):
            name = f"{context.name}-{family.lower()}" + (f"-{number}" if number else "")
            raw = tuple(without_nulls(context.raw["endpoints"][item]) for item in bucket)
            yield EndpointSlice(name, family, labels, raw, tuple(bucket))


def _buckets(context: Context, members: list[int]) -> list[tuple[int, list[int]]]:
    """The endpoints by a hash of their address, in numbered buckets. One that is too full gives half to a new one.

    So a bucket keeps its number, and an endpoint that comes or goes changes one of them, or splits or joins two.
    """
    if len(members) <= _FULL:
        return [(0, members)] if members else []
    hashes = {item: _hash(context.raw["endpoints"][item]["addresses"][0]) for item in members}
    found: list[tuple[int, list[int]]] = []
    waiting = [(0, 1, members)]
    while waiting:
        number, step, items = waiting.pop()
        if len(items) > _FULL and step < _MOST:
            waiting.append((number, 2 * step, [item for item in items if hashes[item] % (2 * step) == number]))
            waiting.append((number + step, 2 * step, [item for item in items if hashes[item] % (2 * step) != number]))
        elif items:
            found.append((number, items))
    return sorted(found)


def _hash(address: str) -> int:
    return int.from_bytes(hashlib.sha256(address.encode()).digest()[:4], "big")
