"""Fleet to mesh: each spec is checked, worked out, made into objects by its templates, and printed."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from meshgen.diagnostic import Diagnostic, MeshgenError, Severity
from meshgen.document import Document
from meshgen.findings import Findings
from meshgen.fleet import Fleet, PublicHost
from meshgen.lockstep import in_step
from meshgen.mesh import Manifest, Mesh, ObjectKey
from meshgen.origins import Row, SpecOrigin, gateway_rows, public_rows, service_rows
from meshgen.resolve.context import Context
from meshgen.resolve.gateway import resolve_gateway
from meshgen.resolve.public import PublicRoutes, resolve_public
from meshgen.resolve.service import ResolvedService, resolve_service
from meshgen.spec.check import APART, check, without
from meshgen.spec.gateway import Gateway
from meshgen.spec.service import Service
from meshgen.templating import make

Data = dict[str, Any]
Unit = int | PublicHost
"""What is rendered at once: a spec by its number in the fleet, or a public host that several specs share."""


@dataclass(slots=True)
class Rendered:
    """What came of one unit: its objects, each as manifest and as data, and what was wrong."""

    objects: list[tuple[Manifest, Data]] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def render(fleet: Fleet) -> Mesh:
    """All objects of a fleet. Raises MeshgenError with everything that is wrong with it and its specs."""
    diagnostics = list(fleet.diagnostics)
    manifests: list[Manifest] = []
    for unit in units(fleet):
        rendered = render_unit(fleet, unit)
        diagnostics += rendered.diagnostics
        manifests += [manifest for manifest, _ in rendered.objects]
    diagnostics += doubles(manifests)
    if any(each.severity is Severity.ERROR for each in diagnostics):
        raise MeshgenError(*dict.fromkeys(diagnostics))
    return Mesh(manifests)


_SHARED = (
    "for one identity, write serviceAccount: {name: ..., existing: true} in all specs but one; else give another name"
)


def doubles(manifests: Sequence[Manifest]) -> Iterator[Diagnostic]:
    """Two specs must not make one object: the cluster would have whichever is applied last."""
    seen: dict[ObjectKey, Manifest] = {}
    for manifest in manifests:
        other = seen.setdefault(manifest.key, manifest)
        if other is not manifest:
            here, there = sorted(
                [manifest.locate(("metadata", "name")), other.locate(("metadata", "name"))], reverse=True
            )
            yield Diagnostic(
                here,
                "MG114",
                Severity.ERROR,
                f"{manifest.key} is made at {there} already",
                str(manifest.key),
                _SHARED if manifest.key.kind == "ServiceAccount" else "give one of them another name",
            )


def units(fleet: Fleet) -> list[Unit]:
    """All that is to be rendered, in a fixed order: everything, or what belongs to the spec that is asked for."""
    only = fleet.options.only
    wanted = [number for number, entry in enumerate(fleet.entries) if only in (None, entry.key.name, str(entry.key))]
    shared = [public for public in fleet.publics.values() if _is_shared(public)]
    chosen = set(wanted)
    return [
        *wanted,
        *(public for public in shared if only is None or any(number in chosen for number, _ in public.exposers)),
    ]


def render_unit(fleet: Fleet, unit: Unit) -> Rendered:
    """Render one spec, or one public host that several specs share."""
    return in_step([rendering(fleet, unit)])[0]


def rendering(fleet: Fleet, unit: Unit) -> Generator[None, None, Rendered]:
    """The same, with a pause between the steps, for several units to be rendered in step."""
    if isinstance(unit, PublicHost):
        return _render_shared(fleet, unit)
    entry = fleet.entries[unit]
    document = fleet.document(entry)
    findings = Findings(document)
    model, spec = _checked(document, findings)
    rendered = Rendered()
    yield
    if not entry.named:
        pass  # Nothing that it refers to could be found. What it does not say was told when it was read.
    elif isinstance(model, Service):
        service = resolve_service(Context.of(fleet, model, spec, entry.key, findings))
        yield
        if not findings.failed:
            rendered.objects.extend(_service_objects(fleet, document, service))
        elif findings.are_in(APART):
            rendered.objects.extend(_workload_objects(document, service))  # their schema may have something to say too
    elif isinstance(model, Gateway):
        gateway = resolve_gateway(model, fleet, entry.key, findings)
        if gateway is not None and not findings.failed:
            rows = lambda *_: gateway_rows(document)  # noqa: E731
            rendered.objects.extend(_objects(document, (document.label,), rows, "gateway", gateway=gateway))
    rendered.diagnostics = findings.diagnostics
    return rendered


def _checked(document: Document, findings: Findings) -> tuple[Service | Gateway | None, Data]:
    """The spec in its own type, with the data that it was made from: what is wrong is told, and left out of both.

    None where nothing can be said of the rest.
    """
    data: Data | None = document.data
    model, problems = check(document.data)
    if problems:
        data = without(document.data, problems)
        model = check(data)[0] if data is not None else None
    for problem in problems:
        findings.error("MG101", problem.path, problem.message, problem.hint, stops=model is None)
    return model, data["spec"] if model is not None and data is not None else {}


def _service_objects(fleet: Fleet, document: Document, service: ResolvedService) -> list[tuple[Manifest, Data]]:
    def rows(kind: str, name: str) -> Iterable[Row]:
        return service_rows(document, service, kind, name)

    sources = (document.label,)
    objects = _objects(document, sources, rows, "service", service=service)
    objects += _workload_objects(document, service)
    for endpoints in service.slices:
        objects += _objects(document, sources, rows, "slice", service=service, slice=endpoints)
    for (gateway, host), parts in _by_public(service.publics).items():
        public = fleet.publics[gateway, host]
        if not _is_shared(public) and gateway in fleet.gateways:
            objects += _public_objects(fleet, public, [(document, part) for part in _in_order(public, parts)])
    return objects


def _workload_objects(document: Document, service: ResolvedService) -> list[tuple[Manifest, Data]]:
    def rows(kind: str, name: str) -> Iterable[Row]:
        return service_rows(document, service, kind, name)

    return [
        each
        for workload in service.workloads
        for each in _objects(document, (document.label,), rows, "workload", service=service, workload=workload)
    ]


def _by_public(parts: Iterable[PublicRoutes]) -> dict[Any, list[PublicRoutes]]:
    found: dict[Any, list[PublicRoutes]] = {}
    for part in parts:
        found.setdefault((part.expose.gateway, part.expose.host), []).append(part)
    return found


def _in_order(public: PublicHost, parts: list[PublicRoutes]) -> list[PublicRoutes]:
    order = [expose.item for _, expose in public.exposers]
    return sorted(parts, key=lambda part: order.index(part.expose.item))


def _is_shared(public: PublicHost) -> bool:
    return len({number for number, _ in public.exposers}) > 1


def _render_shared(fleet: Fleet, public: PublicHost) -> Rendered:
    """The VirtualService of a host that several specs share, or what is wrong with one of them.

    That is told with the spec too, unless the run is of another part only.
    """
    parts: list[tuple[Document, PublicRoutes]] = []
    resolved: dict[int, tuple[Document, ResolvedService]] = {}
    for number, expose in public.exposers:
        if number not in resolved:
            entry = fleet.entries[number]
            document = fleet.document(entry)
            findings = Findings(document)
            model, spec = _checked(document, findings)
            if isinstance(model, Service) and entry.named and not findings.diagnostics:
                resolved[number] = document, resolve_service(Context.of(fleet, model, spec, entry.key, findings))
            if findings.failed or number not in resolved or public.gateway not in fleet.gateways:
                return Rendered(diagnostics=findings.diagnostics)
        document, service = resolved[number]
        parts += [(document, part) for part in service.publics if part.expose is expose]
    return Rendered(_public_objects(fleet, public, parts))


def _public_objects(
    fleet: Fleet, public: PublicHost, parts: list[tuple[Document, PublicRoutes]]
) -> list[tuple[Manifest, Data]]:
    virtual_service = resolve_public(fleet, public, [part for _, part in parts])
    documents = [document for document, part in parts for _ in part.routes]
    rows = lambda *_: public_rows(documents, virtual_service)  # noqa: E731
    if not virtual_service.routes:
        return []
    sources = tuple(dict.fromkeys([document.label for document, _ in parts]))
    return _objects(parts[0][0], sources, rows, "public", public=virtual_service)


def _objects(
    document: Document,
    sources: tuple[str, ...],
    rows: Callable[[str, str], Iterable[Row]],
    scope: str,
    **values: Any,
) -> list[tuple[Manifest, Data]]:
    """What the templates of a scope make, as printed text and as the very data that it says."""
    objects = []
    for data, text in make(scope, **values):
        metadata = data["metadata"]
        key = ObjectKey.of(data["kind"], metadata["namespace"], metadata["name"])
        objects.append((Manifest(key, sources, SpecOrigin(text, document, rows, key)), data))
    return objects
