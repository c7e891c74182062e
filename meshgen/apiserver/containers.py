"""Containers of pods: `core` is pkg/apis/core/validation/validation.go of Kubernetes."""

from __future__ import annotations

from collections.abc import Callable

from meshgen.apiserver.environment import check_env
from meshgen.apiserver.found import Found, Object
from meshgen.apiserver.mounts import check_devices, check_mounts
from meshgen.apiserver.probes import ASKING
from meshgen.apiserver.resources import check_resources
from meshgen.apiserver.values import are_apart
from meshgen.fault import KeyPath

Rules = dict[str, Callable[[Found, KeyPath, Object, Object], None]]


def check_containers(found: Found, path: KeyPath, pod: Object) -> None:
    """All containers of a pod (core: validateContainers, validateInitContainers)."""
    for number, container in enumerate(pod["containers"]):
        _check_container(found, (*path, "containers", number), container, pod, _RULES)
    if "initContainers" in pod:
        for number, container in enumerate(pod["initContainers"]):
            rules = _RULES if container.get("restartPolicy") == "Always" else _RULES_BEFORE
            _check_container(found, (*path, "initContainers", number), container, pod, rules)
    elif len(pod["containers"]) == 1:
        return
    _check_names(found, path, pod)


def _check_container(found: Found, path: KeyPath, container: Object, pod: Object, rules: Rules) -> None:
    for key in container:
        if key in rules:
            rules[key](found, path, container, pod)


def _check_names(found: Found, path: KeyPath, pod: Object) -> None:
    """No container is named like another (core: validateContainers, validateInitContainers)."""
    names: set[str] = set()
    for key in ("containers", "initContainers"):
        for number, container in enumerate(pod.get(key) or ()):
            name = container["name"]
            if name in names:
                found.refuse((*path, key, number, "name"), f"there is a container named {name!r} already")
            names.add(name)


def _check_ports(found: Found, path: KeyPath, container: Object, pod: Object) -> None:
    """No name and no number stands twice (core: validateContainerPorts; strict apply keys the list by number)."""
    if are_apart(container["ports"], "containerPort", "hostPort"):
        return
    names: set[str] = set()
    numbers: set[tuple[int, str]] = set()
    for number, port in enumerate(container["ports"]):
        name, key = port.get("name"), (port["containerPort"], port.get("protocol", "TCP"))
        if name in names:
            found.twice((*path, "ports", number, "name"), f"the name {name!r}")
        if key in numbers:
            found.twice((*path, "ports", number, "containerPort"), f"port {key[0]} of {key[1]}")
        if name:
            names.add(name)
        numbers.add(key)
        if "hostPort" in port:
            _check_host_port(found, (*path, "ports", number, "hostPort"), container, pod)


def _check_host_port(found: Found, path: KeyPath, container: Object, pod: Object) -> None:
    """A port of the node's leads to one port; init containers run one by one (core: checkHostPortConflicts)."""
    _, _, _, kind, place, _, number, _ = path
    before: list[Object] = container["ports"][:number]
    if kind == "containers":
        before = [*before, *(port for each in pod[kind][:place] for port in each.get("ports") or ())]
    key = _host_port(container["ports"][number])
    if key[0] and key in map(_host_port, before):
        found.twice(path, f"hostPort {key[0]} of {key[1]}")


def _host_port(port: Object) -> tuple[int, str, str]:
    return port.get("hostPort", 0), port.get("protocol") or "TCP", port.get("hostIP", "")


def _check_restart(found: Found, path: KeyPath, container: Object, _: Object) -> None:
    """Before 1.35, only Always, and only before the others (core: validateInitContainerRestartPolicy)."""
    policy = container["restartPolicy"]
    if found.kubernetes >= "1.35":
        return
    if path[-2] == "containers":
        hint = "drop it, or move the container to initContainers"
        found.refuse((*path, "restartPolicy"), "only initContainers have a restartPolicy of their own", hint)
    elif policy != "Always":
        found.unknown((*path, "restartPolicy"), policy, ("Always",))


def _check_resize(found: Found, path: KeyPath, container: Object, _: Object) -> None:
    """Each resource once (core: validateResizePolicy)."""
    names = [each["resourceName"] for each in container["resizePolicy"]]
    for number, name in enumerate(names):
        if name in names[:number]:
            found.twice((*path, "resizePolicy", number, "resourceName"), f"the resource {name!r}")


def _check_security(found: Found, path: KeyPath, container: Object, pod: Object) -> None:
    """Nothing is unmasked for the node's users (core: ValidateSecurityContext)."""
    from meshgen.apiserver.security import check_container_security

    check_container_security(found, (*path, "securityContext"), container["securityContext"], pod)


def _check_asked(key: str) -> Callable[[Found, KeyPath, Object, Object], None]:
    """Nobody asks a container that ends before the others begin (core: validateInitContainers)."""

    def check(found: Found, path: KeyPath, _: Object, __: Object) -> None:
        hint = "drop it, or write restartPolicy: Always for a sidecar"
        found.refuse((*path, key), f"an init container that ends has no {key}", hint)

    return check


_RULES: Rules = ASKING | {
    "env": check_env,
    "ports": _check_ports,
    "resizePolicy": _check_resize,
    "resources": check_resources,
    "restartPolicy": _check_restart,
    "securityContext": _check_security,
    "volumeDevices": check_devices,
    "volumeMounts": check_mounts,
}
_RULES_BEFORE = _RULES | {key: _check_asked(key) for key in ASKING}
