"""Environment variables of containers: `core` is pkg/apis/core/validation/validation.go of Kubernetes."""

from __future__ import annotations

import re
from collections.abc import Callable

from meshgen.apiserver.found import Found, Object
from meshgen.apiserver.values import is_qualified, nano
from meshgen.fault import KeyPath
from meshgen.refusal import described

_FILE_FIELDS = ("metadata.name", "metadata.namespace", "metadata.labels", "metadata.annotations", "metadata.uid")
_SUBSCRIPT = r"(metadata\.(?:labels|annotations))\['(.*)'\]"
_KINDS = ("labels", "annotations")
_RESOURCES = tuple(
    f"{side}.{name}" for side in ("limits", "requests") for name in ("cpu", "memory", "ephemeral-storage")
)
_PAGES = ("limits.hugepages-", "requests.hugepages-")
_VARIABLE = r"[ -<>-~]+"


def check_env(found: Found, path: KeyPath, container: Object, pod: Object) -> None:
    """Each variable once, from somewhere (core: ValidateEnv; strict apply keys the list by name)."""
    names: set[str] = set()
    for number, variable in enumerate(container["env"]):
        name = variable["name"]
        if name in names:
            found.twice((*path, "env", number, "name"), f"the variable {name!r}")
        names.add(name)
        for kind, source in variable["valueFrom"].items() if "valueFrom" in variable else ():
            if kind in _SOURCES:
                _SOURCES[kind](found, (*path, "env", number, "valueFrom", kind), source, pod)


def check_file_field(found: Found, path: KeyPath, source: Object) -> None:
    """A field of the pod that a file may hold (core: validateObjectFieldSelector)."""
    field = source["fieldPath"]
    match = re.fullmatch(_SUBSCRIPT, field)
    if match is None and field not in _FILE_FIELDS:
        found.unknown((*path, "fieldPath"), field, (*_FILE_FIELDS, *(f"metadata.{kind}['KEY']" for kind in _KINDS)))
    elif match and not is_qualified(match[2].lower() if match[1] == "metadata.annotations" else match[2]):
        found.refuse((*path, "fieldPath"), f"takes a key such as example.com/name, not {described(match[2])}")


def check_resource(found: Found, path: KeyPath, source: Object, _: Object | None = None) -> None:
    """A resource of a container (core: validateContainerResourceFieldSelector, validateContainerResourceDivisor)."""
    name = source["resource"]
    if name not in _RESOURCES and not name.startswith(_PAGES):
        found.unknown((*path, "resource"), name, _RESOURCES)
    if nano(source.get("divisor", 0)) and not _is_unit(str(source["divisor"]), of_cpu=name.endswith(".cpu")):
        unit = "1m" if name.endswith(".cpu") else "1Mi"
        found.refuse((*path, "divisor"), f"takes one unit such as {unit}, not {source['divisor']}")


def _is_unit(divisor: str, *, of_cpu: bool) -> bool:
    """Whether a quantity is one whole unit of the kind that it is written in (apimachinery: Quantity.String)."""
    size, one = nano(divisor), 10**9
    if size == one or of_cpu:
        return size in (one, one // 1000)
    if re.search(r"[eE][-+]?[0-9]+\s*$", divisor):
        return False
    base = 1024 if divisor.strip().endswith("i") else 1000
    return size in [one * base**power for power in range(1, 7)]


def _check_file(found: Found, path: KeyPath, source: Object, pod: Object) -> None:
    """A variable in a file of an emptyDir (core: validateFileKeySelector, validateFileKeyRefVolumes)."""
    name = source["volumeName"]
    volumes = {each["name"]: each for each in pod.get("volumes") or ()}
    volume = volumes.get(name)
    if volume is None:
        there = f"there are: {', '.join(volumes)}" if volumes else "there are none"
        found.refuse((*path, "volumeName"), f"no volume is named {name!r}; {there}")
    elif "emptyDir" not in volume and len(volume) > 1:
        found.refuse((*path, "volumeName"), f"volume {name!r} is no emptyDir")
    if not source["path"] or ".." in source["path"].split("/"):
        found.refuse((*path, "path"), f"takes a file's path in the volume, not {described(source['path'])}")
    if re.fullmatch(_VARIABLE, source["key"]) is None:
        found.refuse((*path, "key"), f"takes a variable's name, not {described(source['key'])}")


_SOURCES: dict[str, Callable[[Found, KeyPath, Object, Object], None]] = {
    "fileKeyRef": _check_file,
    "resourceFieldRef": check_resource,
}
