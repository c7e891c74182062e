"""The workloads of a service: a Deployment or StatefulSet for each version, with what meshgen fills in."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from meshgen.document import KeyPath
from meshgen.merging import merge, origin, without_nulls
from meshgen.resolve.container import fill_ports, fill_probes, sidecars
from meshgen.resolve.context import Context
from meshgen.resolve.ports import ResolvedPort
from meshgen.resolve.vocabulary import unknown_keys

Fragment = dict[str, Any]
Layer = tuple[KeyPath, Any]

LATEST = "latest"
"""The version label of a service without versions."""

_LONGEST = {"Deployment": 63, "StatefulSet": 52}
_RESERVED = ("app", "version", "app.kubernetes.io/name", "app.kubernetes.io/version", "app.kubernetes.io/managed-by")


class Workload(NamedTuple):
    """A workload as Kubernetes has it. `layers` are the spec's parts that it is made of, with their places."""

    kind: str
    name: str
    version: str
    labels: dict[str, str]
    replicas: int | None
    match_labels: dict[str, str]
    service_name: str | None
    rest: Fragment
    pod_labels: dict[str, str]
    pod_annotations: Fragment | None
    account: str
    pod: Fragment
    containers: list[Fragment]
    layers: tuple[Any, ...]
    paths: tuple[KeyPath, ...]
    called_after: KeyPath

    def written(self, path: KeyPath) -> KeyPath:
        """Where the spec says what stands at `path` below `workload`."""
        number, place = origin(self.layers, path, "workload")
        return (*self.paths[number], *place)

    @property
    def name_path(self) -> KeyPath:
        """Where its name is written, or else the name that it is called after."""
        path = self.written(("name",))
        return path if path[-1] == "name" else self.called_after


def resolve_workloads(context: Context, ports: Sequence[ResolvedPort]) -> tuple[Workload, ...]:
    """All workloads of the service, in the order of its versions."""
    base = context.raw.get("workload")
    clean = without_nulls(base)
    workloads: list[Workload] = []
    if not context.spec.versions:
        if base is None:
            return ()
        called = (context.name, ("metadata", "name"))
        return (_resolve(context, ports, LATEST, called, clean, [(("spec", "workload"), base)]),)
    for number, version in enumerate(context.spec.versions):
        over = context.raw["versions"][number].get("workload")
        if version.service is not None or (base is None and over is None):
            continue
        layers: list[Layer] = [(("spec", "workload"), base), (("spec", "versions", number, "workload"), over)]
        name = (f"{context.name}-{version.name}", ("spec", "versions", number, "name"))
        merged = clean if over is None else merge(clean, over, "workload")
        workloads.append(_resolve(context, ports, version.name, name, merged, layers))
    return tuple(workloads)


def _resolve(
    context: Context,
    ports: Sequence[ResolvedPort],
    version: str,
    name: tuple[str, KeyPath],
    merged: Fragment,
    layers: list[Layer],
) -> Workload:
    merged = dict(merged)
    kind = merged.pop("kind", "Deployment")
    container, pod = merged.pop("container", {}), dict(merged.pop("pod", {}))
    adopted = (merged.pop("selector", None) or {}).get("matchLabels")
    own = {
        "app": context.name,
        "app.kubernetes.io/name": context.name,
        "app.kubernetes.io/version": version,
        "version": version,
    }
    labels = context.labels(version=version)
    match_labels = adopted or {"app": context.name, "version": version}
    further: dict[str, str] = pod.pop("labels", {})
    workload = Workload(
        kind=kind,
        name=merged.pop("name", name[0]),
        version=version,
        labels=labels,
        replicas=merged.pop("replicas", None),
        match_labels=match_labels,
        service_name=headless_name(context) if kind == "StatefulSet" else None,
        rest=merged,
        pod_labels=own | dict(context.model.metadata.labels or {}) | further | match_labels,
        pod_annotations=pod.pop("annotations", None),
        account=account_name(context),
        pod=pod,
        containers=[],
        layers=tuple(layer for _, layer in layers),
        paths=tuple(path for path, _ in layers),
        called_after=name[1],
    )
    _check(context, workload, container, further)
    main = {"name": context.name, **container}
    others: list[Fragment] = pod.pop("containers", [])
    _check_containers(context, workload, main, others)
    fill_ports(context, main, [*others, *sidecars(pod)], ports)
    fill_probes(context, main, ports, lambda path: workload.written(("container", *path)))
    workload.containers.extend([main, *others])
    return workload


def headless_name(context: Context) -> str:
    """The headless Service's name."""
    headless = context.spec.headless
    return (headless.name if headless is not None else None) or f"{context.name}-headless"


def account_name(context: Context) -> str:
    """The ServiceAccount's name."""
    account = context.spec.service_account
    return (account.name if account is not None else None) or context.name


def _check(context: Context, workload: Workload, container: Fragment, labels: dict[str, str]) -> None:
    findings = context.findings
    longest = _LONGEST[workload.kind]
    if len(workload.name) > longest:
        findings.error(
            "MG115",
            workload.name_path,
            f"the {workload.kind}'s name {workload.name!r} has {len(workload.name)} characters, and may have {longest}",
        )
    is_misspelt = False
    for key, (message, hint) in unknown_keys(workload.kind, workload.rest).items():
        is_container = "'container'" in hint
        is_misspelt = is_misspelt or is_container
        del workload.rest[key]
        findings.error("MG101", workload.written((key,)), message, hint, stops=is_container)
    if not container.get("image") and not is_misspelt:
        _refuse_imageless(context, workload, container)
    if "serviceAccountName" in workload.pod:
        findings.error(
            "MG116",
            workload.written(("pod", "serviceAccountName")),
            "meshgen writes serviceAccountName itself",
            "write 'serviceAccount: {name: ...}' beside 'workload'",
        )
    for key in labels:
        if key in _RESERVED:
            findings.error(
                "MG127",
                workload.written(("pod", "labels", key)),
                f"label {key!r} is meshgen's: versions and selectors depend on it",
            )


def _refuse_imageless(context: Context, workload: Workload, container: Fragment) -> None:
    """Say that there is no image, at the key that was to be it, if there is one that is spelt alike."""
    path: KeyPath = ("container",)
    message, hint = f"the main container of {workload.name!r} has no image", "write container: {image: ...}"
    for key in get_close_matches("image", container, n=1):
        path, hint = (*path, key), f"unknown key {key!r}; did you mean 'image'?"
    context.findings.error("MG130", workload.written(path), message, hint)


def _check_containers(context: Context, workload: Workload, main: Fragment, others: list[Fragment]) -> None:
    seen = {main["name"]} if isinstance(main["name"], str) else set()
    for number, container in enumerate(others):
        name = container.get("name")
        if isinstance(name, str):
            if name in seen:
                place = workload.written(("pod", "containers", number, "name"))
                context.findings.error("MG113", place, f"there is a container named {name!r} already")
            seen.add(name)
