"""Which keys a workload has: the spec's own words, and the fields of DeploymentSpec and StatefulSetSpec."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

OWN = ("kind", "name", "selector", "container", "pod")

_BOTH = frozenset(["minReadySeconds", "replicas", "revisionHistoryLimit"])
FIELDS: dict[str, frozenset[str]] = {
    "Deployment": _BOTH | {"paused", "progressDeadlineSeconds", "strategy"},
    "StatefulSet": _BOTH | {
        "ordinals", "persistentVolumeClaimRetentionPolicy", "podManagementPolicy", "updateStrategy", "volumeClaimTemplates",
    },
}  # fmt: skip
"""What of each kind is written as it is: all fields but selector, template and serviceName."""

_OTHER = {"Deployment": "StatefulSet", "StatefulSet": "Deployment"}
CONTAINER = frozenset([
    "args", "command", "env", "envFrom", "image", "imagePullPolicy", "lifecycle", "livenessProbe", "ports", "readinessProbe",
    "resources", "startupProbe", "volumeMounts", "workingDir",
])  # fmt: skip
POD = frozenset([
    "affinity", "annotations", "containers", "hostAliases", "hostNetwork", "imagePullSecrets", "initContainers", "labels",
    "nodeSelector", "priorityClassName", "schedulerName", "securityContext", "terminationGracePeriodSeconds", "tolerations",
    "topologySpreadConstraints", "volumes",
])  # fmt: skip
"""Fields that people write a level too high."""


def unknown_keys(kind: str, rest: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """What of a workload's `rest` is no key of its kind, each with what is wrong and what to do."""
    return {key: _told(kind, key) for key in rest if key not in FIELDS[kind]}


def _told(kind: str, key: str) -> tuple[str, str]:
    if key in FIELDS[_OTHER[kind]]:
        return f"a {kind} has no {key!r}", f"write kind: {_OTHER[kind]}, or leave it out"
    for part, fields in (("container", CONTAINER), ("pod", POD)):
        if key in fields:
            return f"unknown key {key!r}", f"write it below {part!r}"
    known = [*OWN, *sorted(FIELDS[kind])]
    lower = {each.lower(): each for each in known}
    near = get_close_matches(key.lower(), lower, n=1, cutoff=0.7)
    hint = f"did you mean {lower[near[0]]!r}?" if near else f"possible here: {', '.join(known)}"
    return f"unknown key {key!r}", hint
