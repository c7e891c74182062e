"""Which pods belong to the service, and which to each version of it: no pod to two."""

from __future__ import annotations

from collections.abc import Sequence

from meshgen.facts import Key
from meshgen.resolve.context import Context
from meshgen.resolve.workload import Workload


def check_pods(context: Context, workloads: Sequence[Workload]) -> None:
    """Find pods that two versions, or two services of the namespace, would both have."""
    if context.spec.versions:
        _check_versions(context, workloads)
    _check_neighbours(context, workloads)


def selector_of(context: Context, workloads: Sequence[Workload]) -> dict[str, str] | None:
    """By which labels the Service finds its pods; never by their version.

    Pods that ran before meshgen have the labels of their workload's selector only, until they are replaced.
    """
    if context.spec.selector is not None:
        return dict(context.spec.selector)
    if not workloads:
        return None
    common = {key: value for key, value in workloads[0].match_labels.items() if key != "version"}
    for workload in workloads:
        common = {key: value for key, value in common.items() if workload.match_labels.get(key) == value}
    return common if common and "app" not in common else {"app": workloads[0].pod_labels["app"]}


def _check_versions(context: Context, workloads: Sequence[Workload]) -> None:
    """Versions must be told apart: by name, by their pods' version, and with one selector over all of them."""
    by_name: dict[str, Workload] = {}
    by_label: dict[str, Workload] = {}
    first = workloads[0].pod_labels["app"] if workloads else ""
    for workload in workloads:
        other = by_name.setdefault(workload.name, workload)
        if other.version != workload.version:
            context.findings.error(
                "MG113",
                workload.name_path,
                f"versions {other.version!r} and {workload.version!r} have one workload name, {workload.name!r}",
                "give the name below the version",
            )
        if workload.pod_labels["app"] != first:
            adopted = workload if workload.pod_labels["app"] != context.name else workloads[0]
            context.findings.error(
                "MG127",
                adopted.written(("selector", "matchLabels", "app")),
                "the pods of all versions need one and the same label 'app', by which the Service finds them",
            )
        label = workload.pod_labels["version"]
        other = by_label.setdefault(label, workload)
        if other.version != workload.version:
            context.findings.error(
                "MG127",
                workload.written(("selector", "matchLabels", "version")),
                f"the pods of {other.version!r} and {workload.version!r} carry one version label, {label!r}",
            )
        for other in workloads:
            same = other.pod_labels["version"] == workload.pod_labels["version"]
            if not same and workload.match_labels.items() <= other.pod_labels.items():
                context.findings.error(
                    "MG131",
                    workload.written(("selector", "matchLabels")),
                    f"the selector of version {workload.version!r} takes the pods of {other.version!r} too",
                    "it cannot be changed any more: make the version anew, without name and selector",
                )


def _check_neighbours(context: Context, workloads: Sequence[Workload]) -> None:
    """Two services with one label `app` in a namespace would each send requests to the other's pods."""
    app = context.facts.app
    adopting = next((workload for workload in workloads if workload.match_labels.get("app") == app), None)
    if app is None or app == context.name or adopting is None:
        return
    label = Key(context.namespace, app)
    owner = context.fleet.services.get(label)
    others = [label] if owner is not None and owner.app == app else []
    others += [key for key in context.fleet.adopted.get(label, []) if key < context.key]
    if others:
        context.findings.error(
            "MG131",
            adopting.written(("selector", "matchLabels", "app")),
            f"the pods of {others[0]} have the label app: {app} too, so each Service would take the pods of both",
            "describe both as versions of one service, or one of them by a 'selector' that tells them apart",
        )
