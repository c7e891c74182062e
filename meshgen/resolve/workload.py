"""The workloads of a service: a Deployment or StatefulSet for each version, with what meshgen fills in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from meshgen.document import KeyPath
from meshgen.merging import merge_all, origin
from meshgen.resolve.context import Context
from meshgen.resolve.ports import ResolvedPort

Fragment = dict[str, Any]

LATEST = "latest"
"""The version label of a service without versions."""

_PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
_HOOKS = ("postStart", "preStop")
_LONGEST = {"Deployment": 63, "StatefulSet": 52}
_CONTAINER_PORT_NAME = re.compile(r"(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*")
_RESERVED = ("app", "version", "app.kubernetes.io/name", "app.kubernetes.io/version", "app.kubernetes.io/managed-by")


@dataclass(frozen=True, slots=True)
class Workload:
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

    def written(self, path: KeyPath) -> KeyPath:
        """Where the spec says what stands at `path` below `workload`."""
        number, place = origin(self.layers, path, "workload")
        return (*self.paths[number], *place)


def resolve_workloads(context: Context, ports: Sequence[ResolvedPort]) -> tuple[Workload, ...]:
    """All workloads of the service, in the order of its versions."""
    base = context.raw.get("workload")
    workloads: list[Workload] = []
    if not context.spec.versions:
        return (
            (_resolve(context, ports, LATEST, context.name, [base], [("spec", "workload")]),)
            if base is not None
            else ()
        )
    for number, version in enumerate(context.spec.versions):
        over = context.raw["versions"][number].get("workload")
        if version.service is not None or (base is None and over is None):
            continue
        paths: list[KeyPath] = [("spec", "workload"), ("spec", "versions", number, "workload")]
        workloads.append(_resolve(context, ports, version.name, f"{context.name}-{version.name}", [base, over], paths))
    _check_names(context, workloads)
    return tuple(workloads)


def _resolve(
    context: Context, ports: Sequence[ResolvedPort], version: str, name: str, layers: list[Any], paths: list[KeyPath]
) -> Workload:
    merged: Fragment = dict(merge_all(layers, "workload"))
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
        name=merged.pop("name", name),
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
        layers=tuple(layers),
        paths=tuple(paths),
    )
    _check(context, workload, container, further)
    main = {"name": context.name, **container}
    others: list[Fragment] = pod.pop("containers", [])
    _fill_ports(context, main, others, ports)
    _fill_probes(context, workload, main, ports)
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
            workload.written(("name",)),
            f"the {workload.kind}'s name {workload.name!r} has {len(workload.name)} characters, and may have {longest}",
        )
    if not container.get("image"):
        findings.error(
            "MG130",
            workload.written(("container",)),
            f"the main container of {workload.name!r} has no image",
            "write container: {image: ...}",
        )
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


def _fill_ports(context: Context, main: Fragment, others: list[Fragment], ports: Sequence[ResolvedPort]) -> None:
    """Declare in the container what the service's ports lead to, where the spec has not done so."""
    declared: list[Fragment] = list(main.get("ports") or ())
    siblings = [item for other in others for item in _list(other.get("ports")) if isinstance(item, dict)]
    for number, port in enumerate(ports):
        there = [*declared, *siblings]
        if isinstance(port.target, str):
            names = [item["name"] for item in there if isinstance(item.get("name"), str)]
            if port.target not in names:
                context.unknown(("spec", "ports", number, "targetPort"), "container port", port.target, names)
        elif not any(
            (item.get("containerPort"), item.get("protocol", "TCP")) == (port.target, port.protocol or "TCP")
            for item in there
        ):
            free = _CONTAINER_PORT_NAME.fullmatch(port.name) and all(item.get("name") != port.name for item in there)
            declared.append(
                ({"name": port.name} if free else {})
                | {"containerPort": port.target}
                | ({"protocol": port.protocol} if port.protocol else {})
            )
    if declared:
        main["ports"] = declared


def _fill_probes(context: Context, workload: Workload, main: Fragment, ports: Sequence[ResolvedPort]) -> None:
    """Give probes and hooks that name no port the service's: they may say only a path."""
    for holder, key, path in _handlers(main):
        handler = holder[key]
        for kind in ("httpGet", "tcpSocket", "grpc"):
            action = handler.get(kind)
            if isinstance(action, dict) and "port" not in action:
                port = _probe_port(ports, kind)
                if port is None:
                    place = workload.written(("container", *path, kind))
                    context.findings.error(
                        "MG118", place, "several ports could be meant, or none", "say which one with 'port'"
                    )
                else:
                    holder[key] = {**handler, kind: {**action, "port": port}}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _handlers(main: Fragment) -> Iterator[tuple[Fragment, str, KeyPath]]:
    for probe in _PROBES:
        if isinstance(main.get(probe), dict):
            yield main, probe, (probe,)
    if isinstance(main.get("lifecycle"), dict):
        main["lifecycle"] = lifecycle = dict(main["lifecycle"])
        for hook in _HOOKS:
            if isinstance(lifecycle.get(hook), dict):
                yield lifecycle, hook, ("lifecycle", hook)


def _probe_port(ports: Sequence[ResolvedPort], kind: str) -> int | str | None:
    if kind == "tcpSocket":
        return next((port.target for port in ports if not port.protocol), None)
    http = [port for port in ports if port.http and (kind == "httpGet" or port.app_protocol == "grpc")]
    chosen = http[0] if len(http) == 1 else next((port for port in http if port.name == "http"), None)
    if chosen is None or (kind == "grpc" and isinstance(chosen.target, str)):
        return None
    return chosen.target


def _check_names(context: Context, workloads: list[Workload]) -> None:
    """Versions must be told apart: by name, by their pods' version, and with one selector over all of them."""
    seen: dict[str, Workload] = {}
    for workload in workloads:
        other = seen.setdefault(workload.name, workload)
        if other is not workload:
            context.findings.error(
                "MG113",
                workload.written(("name",)),
                f"versions {other.version!r} and {workload.version!r} have one workload name, {workload.name!r}",
                "give the name below the version",
            )
        if workload.pod_labels["app"] != workloads[0].pod_labels["app"]:
            context.findings.error(
                "MG127",
                workload.written(("selector", "matchLabels", "app")),
                "the pods of all versions need one and the same label 'app', by which the Service finds them",
            )
    by_label: dict[str, Workload] = {}
    for workload in workloads:
        other = by_label.setdefault(workload.pod_labels["version"], workload)
        if other is not workload:
            context.findings.error(
                "MG127",
                workload.written(("selector", "matchLabels", "version")),
                f"the pods of {other.version!r} and {workload.version!r} carry one version label, {workload.pod_labels['version']!r}",
            )
