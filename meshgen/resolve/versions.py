"""The versions of a service: whose pods each has, and that none has another's."""

from __future__ import annotations

from typing import Any

from meshgen.document import KeyPath
from meshgen.resolve.context import Context
from meshgen.spec.service import Version


def check_versions(context: Context) -> None:
    """Find what cannot be said of a version, and versions that are not told apart."""
    seen: set[str] = set()
    for number, version in enumerate(context.spec.versions or ()):
        path = ("spec", "versions", number)
        if version.name in seen:
            context.findings.error("MG113", (*path, "name"), f"there is a version named {version.name!r} already")
        seen.add(version.name)
        if version.service is not None:
            _check_elsewhere(context, version, path)
            continue
        if version.port is not None:
            context.findings.error(
                "MG116", (*path, "port"), "only a version that is another service has a port", "drop 'port'"
            )
        _check_pods(context, version, path)
    _check_overlap(context)


def _is_null(version: dict[str, Any]) -> bool:
    return "workload" in version and version["workload"] is None


def _check_elsewhere(context: Context, version: Version, path: KeyPath) -> None:
    for key, value in (
        ("workload", version.workload),
        ("trafficPolicy", version.traffic_policy),
        ("labels", version.labels),
    ):
        if value is not None:
            context.findings.error(
                "MG116",
                (*path, key),
                f"version {version.name!r} is another service, which says its own {key}",
                f"drop {key!r}, or 'service'",
            )


def _check_pods(context: Context, version: Version, path: tuple[str, str, int]) -> None:
    spec = context.spec
    if spec.workload is not None and _is_null(context.raw["versions"][path[2]]):
        context.findings.error(
            "MG116",
            (*path, "workload"),
            f"null takes the service's workload away, so nothing runs version {version.name!r}",
            "drop it to have the service's workload, or name the service that is this version in 'service'",
        )
    foreign = next((key for key in ("selector", "existing", "endpoints") if getattr(spec, key)), None)
    if version.workload is not None and foreign is not None:
        context.findings.error(
            "MG116",
            (*path, "workload"),
            f"the service has pods by {foreign}, so meshgen makes no workload for a version",
            f"drop 'workload', or {foreign!r}",
        )
    if version.labels is not None and (spec.workload is not None or version.workload is not None):
        context.findings.error(
            "MG116",
            (*path, "labels"),
            "the pods of a workload get their labels from meshgen",
            "drop 'labels', or write them below workload.pod.labels",
        )
    for key, value in (version.labels or {"version": version.name}).items():
        pinned = (spec.selector or {}).get(key, value)
        if pinned != value:
            context.findings.error(
                "MG131",
                ("spec", "selector", key),
                f"the selector takes only pods with {key}={pinned}, so version {version.name!r} has none",
                f"drop {key!r} from the selector",
            )


def _check_overlap(context: Context) -> None:
    """No pod may be of two versions."""
    versions = [
        (number, version) for number, version in enumerate(context.spec.versions or ()) if version.service is None
    ]
    labels = {number: dict(version.labels or {"version": version.name}) for number, version in versions}
    for number, version in versions:
        for other_number, other in versions:
            if other_number < number and version.name != other.name:
                mine, others = labels[number], labels[other_number]
                if mine.items() <= others.items() or others.items() <= mine.items():
                    place = "labels" if version.labels is not None else "name"
                    context.findings.error(
                        "MG131",
                        ("spec", "versions", number, place),
                        f"pods of version {other.name!r} can be of version {version.name!r} too",
                        "give each version a value of its own for one and the same label",
                    )
