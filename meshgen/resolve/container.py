"""What meshgen fills into the main container: the ports that the service's lead to, and those of probes and hooks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from meshgen.document import KeyPath
from meshgen.resolve.context import Context
from meshgen.resolve.ports import ResolvedPort

Fragment = dict[str, Any]

_PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
_HOOKS = ("postStart", "preStop")
_CONTAINER_PORT_NAME = re.compile(r"(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*")
_is_container_port_name = lru_cache(256)(_CONTAINER_PORT_NAME.fullmatch)


def fill_ports(context: Context, main: Fragment, others: list[Fragment], ports: Sequence[ResolvedPort]) -> None:
    """Declare in the container what the service's ports lead to, where the spec has not done so."""
    declared: list[Fragment] = list(main.get("ports") or ())
    there = [*declared, *(item for other in others for item in _list(other.get("ports")) if isinstance(item, dict))]
    numbers = [(item.get("containerPort"), item.get("protocol", "TCP")) for item in there]
    names = [item.get("name") for item in there]
    for number, port in enumerate(ports):
        if isinstance(port.target, str):
            _check_named(context, number, port, [{**main, "ports": declared}, *others])
            continue
        led_to = (port.target, port.protocol or "TCP")
        if led_to in numbers:
            continue
        filled: Fragment = {}
        if _is_container_port_name(port.name) and port.name not in names:
            filled["name"] = port.name
            names.append(port.name)
        filled["containerPort"] = port.target
        if port.protocol:
            filled["protocol"] = port.protocol
        declared.append(filled)
        numbers.append(led_to)
    if declared:
        main["ports"] = declared


def _check_named(context: Context, number: int, port: ResolvedPort, containers: list[Fragment]) -> None:
    """A port by name is the first container's that has it, for the same transport (Kubernetes pkg/api/v1/pod, FindPort)."""
    path, protocol = ("spec", "ports", number, "targetPort"), port.protocol or "TCP"
    ports = [
        (place, item)
        for place, container in enumerate(containers)
        for item in _list(container.get("ports"))
        if isinstance(item, dict) and isinstance(item.get("name"), str)
    ]
    named = [(place, item.get("protocol", "TCP")) for place, item in ports if item["name"] == port.target]
    found = {place for place, transport in named if transport == protocol}
    if not named:
        context.unknown(path, "container port", str(port.target), [item["name"] for _, item in ports])
    elif not found:
        message = f"no container port for {protocol} is named {port.target!r}: it is for {named[0][1]}"
        context.findings.error("MG110", path, message, "give both one protocol")
    elif len(found) > 1:
        which = ", ".join(repr(containers[place].get("name")) for place in sorted(found))
        message = f"containers {which} have a port named {port.target!r} each"
        context.findings.error("MG118", path, message, "rename all but one of them, or write a number")


def sidecars(pod: Fragment) -> list[Fragment]:
    """The init containers that keep running: their ports are the pod's, as those of the other containers are."""
    there = (item for item in _list(pod.get("initContainers")) if isinstance(item, dict))
    return [item for item in there if item.get("restartPolicy") == "Always"]


def fill_probes(
    context: Context, main: Fragment, ports: Sequence[ResolvedPort], written: Callable[[KeyPath], KeyPath]
) -> None:
    """Give probes and hooks that name no port the service's: they may say only a path.

    `written` tells where the spec says what stands at a path of the container.
    """
    for holder, key, path in _handlers(main):
        handler = holder[key]
        for kind in ("httpGet", "tcpSocket", "grpc"):
            action = handler.get(kind)
            if isinstance(action, dict) and "port" not in action:
                port = _probe_port(ports, kind)
                if port is None:
                    place = written((*path, kind))
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
