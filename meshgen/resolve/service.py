"""A service's spec with everything worked out: what each template prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from meshgen.merging import without_nulls
from meshgen.resolve.consistency import check_consistency
from meshgen.resolve.container import sidecars
from meshgen.resolve.context import Context
from meshgen.resolve.deletions import check_deletions, check_names
from meshgen.resolve.endpoints import EndpointSlice, resolve_slices
from meshgen.resolve.exposure import resolve_exposes
from meshgen.resolve.pods import check_pods, selector_of
from meshgen.resolve.policy import DestinationRule, resolve_policy
from meshgen.resolve.ports import ResolvedPort, resolve_ports
from meshgen.resolve.public import PublicRoutes
from meshgen.resolve.routes import resolve_routes
from meshgen.resolve.rule import HTTPRoute
from meshgen.resolve.workload import Workload, account_name, headless_name, resolve_workloads

Fragment = dict[str, Any]


class Account(NamedTuple):
    """The ServiceAccount of the pods."""

    name: str
    annotations: dict[str, str] | None


class HeadlessPort(NamedTuple):
    """A port of the headless Service: no translation happens there, so it is the container's."""

    name: str
    number: int
    protocol: str | None
    app_protocol: str | None


class Headless(NamedTuple):
    """The headless Service of a StatefulSet."""

    name: str
    annotations: dict[str, str] | None
    publish_not_ready_addresses: bool | None
    ports: tuple[HeadlessPort, ...]


class ResolvedService(NamedTuple):
    """All that comes out for a service. What is None or empty makes no object."""

    name: str
    namespace: str
    host: str
    labels: dict[str, str]
    annotations: dict[str, str] | None
    export_to: list[str] | None
    existing: bool
    service_annotations: dict[str, str] | None
    rest: Fragment
    selector: dict[str, str] | None
    ports: tuple[ResolvedPort, ...]
    account: Account | None
    headless: Headless | None
    workloads: tuple[Workload, ...]
    slices: tuple[EndpointSlice, ...]
    policy: DestinationRule | None
    routes: tuple[HTTPRoute, ...]
    publics: tuple[PublicRoutes, ...]


def resolve_service(context: Context) -> ResolvedService:
    """Work out a spec of the right shape. What is wrong in it stands in the context's findings afterwards."""
    check_consistency(context)
    check_deletions(context)
    check_names(context)
    ports = resolve_ports(context)
    workloads = resolve_workloads(context, ports)
    check_pods(context, workloads)
    policy = resolve_policy(context, ports, _subset_labels(context, workloads))
    routes = resolve_routes(context, ports)
    publics = resolve_exposes(context, ports, routes)
    rest = dict(without_nulls(context.raw.get("service") or {}))
    own = rest.pop("annotations", None)
    annotations = (context.annotations or {}) | (own if isinstance(own, dict) else {}) | _exported(context)
    numbers = {port.name: port.number for port in ports}
    several = len(ports) > 1
    return ResolvedService(
        name=context.name,
        namespace=context.namespace,
        host=context.host,
        labels=context.labels(),
        annotations=context.annotations,
        export_to=context.export_to,
        existing=bool(context.spec.existing),
        service_annotations=annotations or None,
        rest=rest,
        selector=selector_of(context, workloads),
        ports=ports,
        account=_account(context, workloads),
        headless=_headless(context, workloads, ports),
        workloads=workloads,
        slices=resolve_slices(context, ports),
        policy=policy,
        routes=tuple(
            _in_the_mesh(route, numbers[port]) if several else route
            for port, routes in routes.items()
            for route in routes
        ),
        publics=publics,
    )


def _in_the_mesh(route: HTTPRoute, number: int) -> HTTPRoute:
    """The route for one port of several: without match.port it would take over the others as well."""
    return route.matching(tuple([{"port": number, **match} for match in route.match or ({},)]))


def _subset_labels(context: Context, workloads: Sequence[Workload]) -> dict[str, dict[str, str]]:
    """By which labels each version's pods are told apart."""
    labels = {workload.version: {"version": workload.pod_labels["version"]} for workload in workloads}
    for version in context.spec.versions or ():
        if version.name not in labels:
            labels[version.name] = dict(version.labels or {"version": version.name})
    return labels


def _exported(context: Context) -> dict[str, str]:
    """A Service says by annotation what other objects say by exportTo (istio.io/api annotation, networking.istio.io/exportTo)."""
    return {"networking.istio.io/exportTo": ",".join(context.export_to)} if context.export_to else {}


def _account(context: Context, workloads: Sequence[Workload]) -> Account | None:
    account = context.spec.service_account
    if not workloads or (account is not None and account.existing):
        return None
    annotations = (context.annotations or {}) | dict((account.annotations if account is not None else None) or {})
    return Account(account_name(context), annotations or None)


def _headless(context: Context, workloads: Sequence[Workload], ports: Sequence[ResolvedPort]) -> Headless | None:
    stateful = [workload for workload in workloads if workload.kind == "StatefulSet"]
    if not stateful:
        return None
    spec = context.spec.headless
    name = headless_name(context)
    if len(name) > 63:
        context.findings.error(
            "MG115",
            ("metadata", "name"),
            f"the headless Service's name {name!r} has {len(name)} characters, and may have 63",
            "write headless: {name: ...}",
        )
    found: dict[tuple[int, str], HeadlessPort] = {}
    for item, port in enumerate(ports):
        number = _number(context, stateful, port, item) if isinstance(port.target, str) else port.target
        if number:
            found.setdefault(
                (number, port.protocol or "TCP"), HeadlessPort(port.name, number, port.protocol, port.app_protocol)
            )
    annotations = (context.annotations or {}) | _exported(context)
    not_ready = spec.publish_not_ready_addresses if spec is not None else None
    return Headless(name, annotations or None, not_ready, tuple(found.values()))


def _number(context: Context, stateful: Sequence[Workload], port: ResolvedPort, item: int) -> int:
    """The number of a container's port that a headless Service leads to: one for all versions; 0 where it is not known."""
    numbers: dict[int, str] = {}
    for workload in stateful:
        for declared in _declared(workload):
            number = declared.get("containerPort")
            same = declared.get("name") == port.target and declared.get("protocol", "TCP") == (port.protocol or "TCP")
            if same and type(number) is int:
                numbers.setdefault(number, workload.version)
    if len(numbers) > 1:
        which = ", ".join(f"{number} in version {version!r}" for number, version in numbers.items())
        context.findings.error(
            "MG116",
            ("spec", "ports", item, "targetPort"),
            f"container port {port.target!r} is {which}, and the headless Service has one number for all",
            "give it one number in all versions",
        )
    return next(iter(numbers), 0)


def _declared(workload: Workload) -> Iterator[Fragment]:
    """The ports of all containers that are written as such; what is not is told by the schema."""
    for container in [*workload.containers, *sidecars(workload.pod)]:
        ports = container.get("ports")
        yield from (item for item in ports if isinstance(item, dict)) if isinstance(ports, list) else ()
