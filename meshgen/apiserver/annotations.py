"""Annotations of pods that kube-apiserver reads: `core` is pkg/apis/core/validation/validation.go of Kubernetes."""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.apiserver.found import Found, Object
from meshgen.apiserver.values import climbs, fits
from meshgen.fault import KeyPath

_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
_SECCOMP = "container.seccomp.security.alpha.kubernetes.io/"
_SECCOMP_OF_POD = "seccomp.security.alpha.kubernetes.io/pod"
_COST = "controller.kubernetes.io/pod-deletion-cost"
_MIRROR = "kubernetes.io/config.mirror"
_FILE = "localhost/"
_TYPES = {
    "runtime/default": "RuntimeDefault",
    "docker/default": "RuntimeDefault",
    "unconfined": "Unconfined",
}


def check_annotations(found: Found, path: KeyPath, spec: Object, annotations: Object) -> None:
    """What is set by annotations too, which stand at `path` (core: ValidatePodSpecificAnnotations)."""
    for key, value in annotations.items():
        if key == _SECCOMP_OF_POD or key.startswith(_SECCOMP):
            _check_file(found, (*path, key), value)
        elif key.startswith(_APPARMOR):
            _check_container(found, (*path, key), spec, value)
    cost = annotations.get(_COST, "0")
    if fits("-?[0-9]{1,10}")(cost) and not -(2**31) <= int(cost) < 2**31:
        found.refuse((*path, _COST), f"takes a whole number of 32 bits, not {cost}")
    if _MIRROR in annotations and not spec.get("nodeName"):
        found.refuse((*path, _MIRROR), "needs nodeName: only a node has mirror pods", "drop the annotation")
    for key, profile in _profiles(spec):
        if profile is not None and key in annotations and not _is_same(annotations[key], profile):
            field = "appArmorProfile" if key.startswith(_APPARMOR) else "seccompProfile"
            message = f"is {annotations[key]!r}, and the {field} of its securityContext is another"
            found.refuse((*path, key), message, "drop the annotation, which is old")


def _check_file(found: Found, path: KeyPath, value: str) -> None:
    """A file below the kubelet's profiles (core: ValidateSeccompProfile)."""
    file = value.removeprefix(_FILE)
    if file == value and value not in _TYPES:
        found.unknown(path, value, (*_TYPES, f"{_FILE}PATH"))
    elif file != value and (file.startswith("/") or climbs(file)):
        found.refuse(path, f"takes a path below the kubelet's profiles, not {file!r}")


def _check_container(found: Found, path: KeyPath, spec: Object, value: str) -> None:
    """The container is there, and its profile one of those (core: ValidateAppArmorPodAnnotations)."""
    if value and value not in ("runtime/default", "unconfined") and not value.startswith(_FILE):
        found.unknown(path, value, ("runtime/default", "unconfined", f"{_FILE}PROFILE"))
    name, there = str(path[-1]).removeprefix(_APPARMOR), [each["name"] for each in _containers(spec)]
    if name not in there:
        message = f"no container is named {name!r}; there are: {', '.join(there)}"
        found.refuse(path, message, "write securityContext.appArmorProfile instead")


def _profiles(spec: Object) -> Iterator[tuple[str, Object | None]]:
    """The profiles in fields, each with the annotation that must say the same.

    (core: validateSeccompAnnotationsAndFields, validateAppArmorAnnotationsAndFieldsMatchOnCreate)
    """
    whole: Object = spec.get("securityContext") or {}
    yield _SECCOMP_OF_POD, whole.get("seccompProfile")
    is_linux = (spec.get("os") or {}).get("name") != "windows"
    for each in _containers(spec):
        own: Object = each.get("securityContext") or {}
        yield f"{_SECCOMP}{each['name']}", own.get("seccompProfile")
        if is_linux:
            yield f"{_APPARMOR}{each['name']}", own.get("appArmorProfile") or whole.get("appArmorProfile")


def _is_same(value: str, profile: Object) -> bool:
    said = ("Localhost", value.removeprefix(_FILE)) if value.startswith(_FILE) else (_TYPES.get(value), "")
    return said == (profile["type"], profile.get("localhostProfile", ""))


def _containers(spec: Object) -> list[Object]:
    return [*(spec.get("initContainers") or ()), *spec["containers"]]
