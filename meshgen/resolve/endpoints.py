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


class EndpointSlice(NamedTuple):
    """Endpoints of one address family. `items` are their numbers in the spec."""

    name: str
    family: str
    labels: dict[str, str]
    endpoints: tuple[Fragment, ...]
    items: tuple[int, ...]


def resolve_slices(context: Context, ports: Sequence[ResolvedPort]) -> tuple[EndpointSlice, ...]:
    """The slices, so that an endpoint which comes or goes changes one slice only."""
    for number, port in enumerate(ports if context.spec.endpoints else ()):
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
        buckets = _buckets(context, members)
        for number, bucket in enumerate(buckets):
            suffix = f"-{number}" if len(buckets) > 1 else ""
            if bucket:
                raw = tuple(without_nulls(context.raw["endpoints"][item]) for item in bucket)
                yield EndpointSlice(f"{context.name}-{family.lower()}{suffix}", family, labels, raw, tuple(bucket))


def _buckets(context: Context, members: list[int]) -> list[list[int]]:
    """The endpoints by a hash of their address, in the fewest buckets (a power of two) of which none is too full."""
    count = 1
    while True:
        buckets: list[list[int]] = [[] for _ in range(count)]
        for item in members:
            address = context.raw["endpoints"][item]["addresses"][0]
            buckets[int.from_bytes(hashlib.sha256(address.encode()).digest()[:4], "big") % count].append(item)
        if all(len(bucket) <= _FULL for bucket in buckets) or count >= max(len(members), 1):
            return buckets
        count *= 2
