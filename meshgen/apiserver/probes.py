"""Probes and hooks of containers: `core` is pkg/apis/core/validation/validation.go of Kubernetes."""

from __future__ import annotations

from collections.abc import Callable

from meshgen.apiserver.found import Found, Object
from meshgen.fault import KeyPath

_GRACE = 30
"""Seconds that a pod has to end (pkg/apis/core/v1/defaults.go: SetDefaults_PodSpec)."""

_EFFECTS = {
    "livenessProbe": "so nobody asks whether it lives",
    "readinessProbe": "so it is never ready",
    "startupProbe": "so it never gets started",
}


def _check_probe(kind: str) -> Callable[[Found, KeyPath, Object, Object], None]:
    """The port that is asked has a name, where it is asked by name."""

    def check(found: Found, path: KeyPath, container: Object, _: Object) -> None:
        _check_port(found, (*path, kind), container[kind], container)

    return check


def _check_lifecycle(found: Found, path: KeyPath, container: Object, pod: Object) -> None:
    """What is done when a container begins and ends (core: validateLifecycle)."""
    for hook, handler in container["lifecycle"].items():
        if hook in ("postStart", "preStop"):
            _check_port(found, (*path, "lifecycle", hook), handler, container)
            if "sleep" in handler:
                _check_sleep(found, (*path, "lifecycle", hook, "sleep"), handler["sleep"], pod)


def _check_port(found: Found, path: KeyPath, handler: Object, container: Object) -> None:
    """The kubelet looks for the name when it asks, and asks nobody if there is none (pkg/probe/util.go: ResolveContainerPort)."""
    kind = "httpGet" if "httpGet" in handler else "tcpSocket"
    name = handler[kind]["port"] if kind in handler else 0
    if not isinstance(name, str):
        return
    names = dict.fromkeys(port["name"] for port in container.get("ports") or () if port.get("name"))
    if name not in names:
        there = f"there are: {', '.join(names)}" if names else "its ports have no names"
        message = (
            f"no port of the container is named {name!r}, {_EFFECTS.get(str(path[-1]), 'so it always fails')}; {there}"
        )
        found.doubt((*path, kind, "port"), message, "write a port's name, or its number")


def _check_sleep(found: Found, path: KeyPath, action: Object, pod: Object) -> None:
    """No longer than the pod has to end; before 1.33, not nothing (core: validateSleepAction)."""
    seconds, least = action.get("seconds", 0), 0 if found.kubernetes >= "1.33" else 1
    grace = pod.get("terminationGracePeriodSeconds", _GRACE)
    if not least <= seconds <= grace:
        message = f"takes {least} to {grace}, the pod's terminationGracePeriodSeconds, not the number {seconds}"
        found.refuse((*path, "seconds"), message)


ASKING: dict[str, Callable[[Found, KeyPath, Object, Object], None]] = {
    "lifecycle": _check_lifecycle,
    **{kind: _check_probe(kind) for kind in _EFFECTS},
}
