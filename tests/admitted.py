"""Objects that kube-apiserver takes, each with one part put into it, and what meshgen says of them."""

from __future__ import annotations

from typing import Any

from objects import changed

from meshgen.validator import mistakes

Object = dict[str, Any]

POD = "spec.template.spec"
MAIN = f"{POD}.containers.0"
PORTS = [{"name": "http", "port": 80}]
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
MOUNT = {"name": "tmp", "mountPath": "/tmp"}
_SELECTED = {"matchLabels": {"app": "users"}}
TERM: Object = {"topologyKey": "zone", "labelSelector": _SELECTED}
SPREAD: Object = TERM | {"maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule"}


def told(data: Object, kubernetes: str = "1.36") -> list[str]:
    """Code, place, message and hint of each mistake in an object."""
    return [
        f"{each.code} {'.'.join(map(str, each.path))}: {each.message}{f' | {each.hint}' if each.hint else ''}"
        for each in mistakes(data, kubernetes, "1.31")
    ]


def whole(data: Object) -> Object:
    """The object as it is."""
    return data


def service(**fields: Any) -> Object:
    """A Service of a port and a selector, with further or other fields."""
    return changed("Service", "spec", {"selector": {"app": "users"}, "ports": PORTS, **fields})


def endpoint_slice(path: str, value: Any) -> Object:
    """An EndpointSlice with one value."""
    return changed("EndpointSlice", path, value)


def deployment(path: str, value: Any) -> Object:
    """A Deployment with one value."""
    return changed("Deployment", path, value)


def stateful_set(path: str, value: Any) -> Object:
    """A StatefulSet with one value."""
    return changed("StatefulSet", path, value)


def claim(**fields: Any) -> Object:
    """A StatefulSet whose claim has further or other fields."""
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, **fields}
    return stateful_set("spec.volumeClaimTemplates", [{"metadata": {"name": "data"}, "spec": spec}])


def affinity(kind: str, value: Any) -> Object:
    """A Deployment whose pods have one kind of affinity."""
    return deployment(f"{POD}.affinity", {kind: value})


def pod_security(**fields: Any) -> Object:
    """A Deployment whose pods have a security context."""
    return deployment(f"{POD}.securityContext", fields)


def security(**fields: Any) -> Object:
    """A Deployment whose container has a security context."""
    return deployment(f"{MAIN}.securityContext", fields)


def resources(**fields: Any) -> Object:
    """A Deployment whose container asks for resources."""
    return deployment(f"{MAIN}.resources", fields)


def variable(**source: Any) -> Object:
    """A Deployment whose container has a variable from somewhere."""
    return deployment(f"{MAIN}.env", [{"name": "A", "valueFrom": source}])


def mounts(*items: Object) -> Object:
    """A Deployment whose container mounts volumes."""
    return deployment(f"{MAIN}.volumeMounts", list(items))


def volume(**source: Any) -> Object:
    """A Deployment whose pods have one volume."""
    return deployment(f"{POD}.volumes", [{"name": "a", **source}])


def init_container(**fields: Any) -> Object:
    """A Deployment whose pods have an init container."""
    return deployment(f"{POD}.initContainers", [{"name": "init", "image": "i", **fields}])
