"""Probes and hooks of containers: `core` is pkg/apis/core/validation/validation.go of Kubernetes."""

from __future__ import annotations

import re
from collections.abc import Callable

from meshgen.apiserver.found import Found, Object
from meshgen.fault import KeyPath
from meshgen.refusal import described

_HEADER = "[-A-Za-z0-9]+"
_GRACE = 30
"""Seconds that a pod has to end (pkg/apis/core/v1/defaults.go: SetDefaults_PodSpec)."""


def _check_once(found: Found, path: KeyPath, probe: Object) -> None:
    """What works once works (core: validateLivenessProbe, validateStartupProbe)."""
    if probe.get("successThreshold", 1) not in (0, 1):
        message = f"takes 1 in a {path[-1]}, not the number {probe['successThreshold']}"
        found.refuse((*path, "successThreshold"), message)


def _check_liveness(found: Found, path: KeyPath, container: Object, pod: Object) -> None:
    """Succeeds at once; fails of a port that has no name (core: validateLivenessProbe)."""
    path = (*path, "livenessProbe")
    _check_once(found, path, container["livenessProbe"])
    _check_handler(found, path, container["livenessProbe"], pod, container)


def _check_startup(found: Found, path: KeyPath, container: Object, pod: Object) -> None:
    """Succeeds at once (core: validateStartupProbe)."""
    path = (*path, "startupProbe")
    _check_once(found, path, container["startupProbe"])
    _check_handler(found, path, container["startupProbe"], pod, container)


def _check_readiness(found: Found, path: KeyPath, container: Object, pod: Object) -> None:
    """Ends nothing (core: validateReadinessProbe)."""
    probe, path = container["readinessProbe"], (*path, "readinessProbe")
    if "terminationGracePeriodSeconds" in probe:
        hint = "drop it, or write it in the livenessProbe"
        found.refuse((*path, "terminationGracePeriodSeconds"), "a readinessProbe ends no container", hint)
    _check_handler(found, path, probe, pod, container)


def _check_lifecycle(found: Found, path: KeyPath, container: Object, pod: Object) -> None:
    """What is done when a container begins and ends (core: validateLifecycle)."""
    for hook in ("postStart", "preStop"):
        if hook in container["lifecycle"]:
            _check_handler(found, (*path, "lifecycle", hook), container["lifecycle"][hook], pod, container)


def _check_handler(found: Found, path: KeyPath, handler: Object, pod: Object, container: Object) -> None:
    """Each kind of asking (core: validateHandler)."""
    for kind in handler:
        if kind in _HANDLERS:
            action, rule = handler[kind], _HANDLERS[kind]
            if rule is not None:
                rule(found, (*path, kind), action, pod)
            if isinstance(action.get("port"), str):
                _check_port(found, (*path, kind, "port"), action["port"], container)


def _check_port(found: Found, path: KeyPath, name: str, container: Object) -> None:
    """The kubelet looks for the name when it asks, and asks nobody if there is none (pkg/probe/util.go: ResolveContainerPort)."""
    names = dict.fromkeys(port["name"] for port in container.get("ports") or () if port.get("name"))
    if name not in names:
        there = f"there are: {', '.join(names)}" if names else "its ports have no names"
        effect = _EFFECTS.get(str(path[-3]), "so it always fails")
        found.doubt(
            path, f"no port of the container is named {name!r}, {effect}; {there}", "write a port's name, or its number"
        )


_EFFECTS = {
    "livenessProbe": "so nobody asks whether it lives",
    "readinessProbe": "so it is never ready",
    "startupProbe": "so it never gets started",
}


def _check_exec(found: Found, path: KeyPath, action: Object, _: Object) -> None:
    """Something to run (core: validateExecAction)."""
    if not action.get("command"):
        found.refuse(path, "needs a command")


def _check_http(found: Found, path: KeyPath, action: Object, _: Object) -> None:
    """Headers have names (core: validateHTTPGetAction)."""
    if "httpHeaders" not in action:
        return
    for number, header in enumerate(action["httpHeaders"]):
        if re.fullmatch(_HEADER, header["name"]) is None:
            found.refuse(
                (*path, "httpHeaders", number, "name"), f"takes a header's name, not {described(header['name'])}"
            )


def _check_sleep(found: Found, path: KeyPath, action: Object, pod: Object) -> None:
    """No longer than the pod has to end; before 1.33, not nothing (core: validateSleepAction)."""
    seconds, least = action["seconds"], 0 if found.kubernetes >= "1.33" else 1
    grace = pod.get("terminationGracePeriodSeconds", _GRACE)
    if not least <= seconds <= grace:
        message = f"takes {least} to {grace}, the pod's terminationGracePeriodSeconds, not the number {seconds}"
        found.refuse((*path, "seconds"), message)


_HANDLERS: dict[str, Callable[[Found, KeyPath, Object, Object], None] | None] = {
    "exec": _check_exec,
    "httpGet": _check_http,
    "sleep": _check_sleep,
    "tcpSocket": None,
}
ASKING: dict[str, Callable[[Found, KeyPath, Object, Object], None]] = {
    "lifecycle": _check_lifecycle,
    "livenessProbe": _check_liveness,
    "readinessProbe": _check_readiness,
    "startupProbe": _check_startup,
}
