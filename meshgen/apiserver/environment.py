"""Environment variables of containers: `core` is pkg/apis/core/validation/validation.go of Kubernetes."""

from __future__ import annotations

import re

from meshgen.apiserver.found import Found, Object
from meshgen.apiserver.values import is_qualified, is_subdomain, nano
from meshgen.fault import KeyPath
from meshgen.refusal import described

_FIELDS = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
)
_KNOWN = frozenset(_FIELDS)
_FILE_FIELDS = ("metadata.name", "metadata.namespace", "metadata.labels", "metadata.annotations", "metadata.uid")
_SUBSCRIPT = re.compile(r"(.+?)\['(.*)'\]")
_RESOURCES = tuple(
    f"{side}.{name}" for side in ("limits", "requests") for name in ("cpu", "memory", "ephemeral-storage")
)
_PAGES = ("limits.hugepages-", "requests.hugepages-")
_KEY = r"[-._a-zA-Z0-9]{1,253}"
_VARIABLE = r"[ -<>-~]+"


def check_env(found: Found, path: KeyPath, container: Object, pod: Object) -> None:
    """Each variable once, from somewhere (core: ValidateEnv; strict apply keys the list by name)."""
    names: set[str] = set()
    for number, variable in enumerate(container["env"]):
        name = variable["name"]
        if name in names:
            found.twice((*path, "env", number, "name"), f"the variable {name!r}")
        names.add(name)
        if "valueFrom" in variable:
            field = variable["valueFrom"].get("fieldRef")
            if field is None or field["fieldPath"] not in _KNOWN or "apiVersion" in field:
                for kind, source in variable["valueFrom"].items():
                    _check_source(found, (*path, "env", number, "valueFrom", kind), source, pod)


def _check_source(found: Found, path: KeyPath, source: Object, pod: Object) -> None:
    """Where a value comes from (core: validateEnvVarValueFrom)."""
    if path[-1] == "fieldRef":
        check_field(found, path, source, _FIELDS)
    elif path[-1] == "resourceFieldRef":
        check_resource(found, path, source)
    elif path[-1] == "fileKeyRef":
        _check_file(found, path, source, pod)
    else:
        _check_key(found, path, source)


def check_field(found: Found, path: KeyPath, source: Object, fields: tuple[str, ...] = _FILE_FIELDS) -> None:
    """A field of the pod that a container may know (core: validateObjectFieldSelector)."""
    field = source["fieldPath"]
    if source.get("apiVersion") not in (None, "", "v1"):
        found.unknown((*path, "apiVersion"), source["apiVersion"], ("v1",))
    elif field not in fields and not (field == "spec.host" and "spec.nodeName" in fields):
        match = _SUBSCRIPT.fullmatch(field)
        if match and match[1] in ("metadata.labels", "metadata.annotations"):
            key = match[2].lower() if match[1] == "metadata.annotations" else match[2]
            if not is_qualified(key):
                found.refuse((*path, "fieldPath"), f"takes a key such as example.com/name, not {described(match[2])}")
            return
        more = (*fields, "metadata.labels['KEY']", "metadata.annotations['KEY']")
        found.unknown((*path, "fieldPath"), field, more)


def check_resource(found: Found, path: KeyPath, source: Object) -> None:
    """A resource of a container (core: validateContainerResourceFieldSelector, validateContainerResourceDivisor)."""
    name = source["resource"]
    if name not in _RESOURCES and not name.startswith(_PAGES):
        found.unknown((*path, "resource"), name, _RESOURCES)
    divisor = nano(source.get("divisor", 0))
    bases = (1000, 1024) if not name.endswith(".cpu") else ()
    units = {10**9, *(10**9 * base**power for base in bases for power in range(7)), *(() if bases else (10**6,))}
    if divisor and divisor not in units:
        found.refuse((*path, "divisor"), f"takes one unit such as {'1Mi' if bases else '1m'}, not {source['divisor']}")


def _check_key(found: Found, path: KeyPath, source: Object) -> None:
    """A key of a ConfigMap or Secret (core: validateConfigMapKeySelector, validateSecretKeySelector)."""
    if not is_subdomain(source.get("name", "")):
        found.refuse(
            (*path, "name") if "name" in source else path,
            f"takes an object's name, not {described(source.get('name', ''))}",
        )
    key = source["key"]
    if re.fullmatch(_KEY, key) is None or key in (".", "..") or key.startswith(".."):
        found.refuse((*path, "key"), f"takes a key of letters, digits, '-', '_' and '.', not {described(key)}")


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


def check_env_from(found: Found, path: KeyPath, container: Object, _: Object) -> None:
    """All keys of a ConfigMap or Secret (core: ValidateEnvFrom)."""
    for number, source in enumerate(container["envFrom"]):
        place = (*path, "envFrom", number)
        prefix = source.get("prefix")
        if prefix and re.fullmatch(_VARIABLE, prefix) is None:
            found.refuse((*place, "prefix"), f"takes the beginning of a variable's name, not {described(prefix)}")
        for kind in ("configMapRef", "secretRef"):
            if kind in source and not is_subdomain(source[kind].get("name", "").removesuffix("-")):
                what = described(source[kind].get("name", ""))
                found.refuse((*place, kind), f"takes an object's name, not {what}")
