"""Volumes of pods: `core` is pkg/apis/core/validation/validation.go of Kubernetes."""

from __future__ import annotations

from collections.abc import Callable

from meshgen.apiserver.claims import check_claim
from meshgen.apiserver.environment import check_file_field, check_resource
from meshgen.apiserver.found import Found, Object
from meshgen.apiserver.values import climbs, is_subdomain
from meshgen.fault import KeyPath
from meshgen.refusal import described

_MODES = ("defaultMode", "mode")
_MOST = 0o777
_LONGEST_PORTAL = 64


def check_volumes(found: Found, path: KeyPath, volumes: list[Object]) -> None:
    """Each name once, from one source; claims take the place of volumes of their names.

    (core: ValidateVolumes; strict apply keys the list by name)
    """
    names: set[str] = set()
    for number, volume in enumerate(volumes):
        name = volume["name"]
        if name in names:
            found.twice((*path, number, "name"), f"the volume {name!r}")
        names.add(name)
        if name not in found.claimed:
            _check_source(found, (*path, number), volume)
            if "iscsi" in volume:
                _check_portal(found, (*path, number, "iscsi"), name, volume["iscsi"])


def _check_source(found: Found, path: KeyPath, volume: Object) -> None:
    """One source; none is an emptyDir (core: validateVolumeSource; core/v1/defaults.go: SetDefaults_Volume)."""
    for kind in volume:
        rule = _RULES.get(kind)
        if rule is not None:
            rule(found, (*path, kind), volume[kind])


def _check_portal(found: Found, path: KeyPath, name: str, source: Object) -> None:
    """Both make one name (core: validateVolumeSource)."""
    if "initiatorName" in source and len(f"{name}:{source['targetPortal']}") > _LONGEST_PORTAL:
        message = (
            f"takes {_LONGEST_PORTAL} characters at most together with the volume's name, where initiatorName stands"
        )
        found.refuse((*path, "targetPortal"), message)


def _check_host_path(found: Found, path: KeyPath, source: Object) -> None:
    """A path of the node's (core: validateHostPathVolumeSource)."""
    if climbs(source["path"]):
        found.refuse((*path, "path"), f"takes a path of the node's, not {described(source['path'])}")


def _check_files(found: Found, path: KeyPath, source: Object) -> None:
    """Files of keys (core: validateKeyToPath)."""
    _check_mode(found, path, source)
    for number, item in enumerate(source.get("items") or ()):
        _check_file(found, (*path, "items", number), item)


def _check_file(found: Found, path: KeyPath, item: Object) -> None:
    """A path within the volume (core: ValidateLocalNonReservedPath)."""
    text = item["path"]
    if not text or text.startswith(("/", "..")) or climbs(text):
        found.refuse((*path, "path"), f"takes a path within the volume, not {described(text)}")
    _check_mode(found, path, item)


def _check_mode(found: Found, path: KeyPath, source: Object) -> None:
    """Permissions of a file (core: fileModeErrorMsg)."""
    for key in _MODES:
        mode = source.get(key, 0)
        if not 0 <= mode <= _MOST:
            octal = mode > 0 and set(str(mode)) <= set("01234567")
            hint = f"octal {mode} is the number {int(str(mode), 8)}" if octal else ""
            found.refuse((*path, key), f"takes 0 to {_MOST}, which is octal 777, not the number {mode}", hint)


def _check_pod_fields(found: Found, path: KeyPath, source: Object) -> None:
    """Files of the pod's fields (core: validateDownwardAPIVolumeFile)."""
    _check_mode(found, path, source)
    for number, item in enumerate(source.get("items") or ()):
        place = (*path, "items", number)
        _check_file(found, place, item)
        if "fieldRef" in item:
            check_file_field(found, (*place, "fieldRef"), item["fieldRef"])
            if "resourceFieldRef" in item:
                found.refuse(place, "'resourceFieldRef' cannot stand beside 'fieldRef'", "keep one of them")
        elif "resourceFieldRef" in item:
            check_resource(found, (*place, "resourceFieldRef"), item["resourceFieldRef"])
            if not item["resourceFieldRef"].get("containerName"):
                found.refuse((*place, "resourceFieldRef"), "needs containerName")
        else:
            found.refuse(place, "needs fieldRef or resourceFieldRef")


def _check_projected(found: Found, path: KeyPath, source: Object) -> None:
    """Several sources in one volume, no file twice (core: validateProjectionSources)."""
    _check_mode(found, path, source)
    taken: set[str] = set()
    for number, each in enumerate(source.get("sources") or ()):
        place = (*path, "sources", number)
        if len(each) > 1:
            found.refuse(place, f"takes one source, and has {len(each)}: {', '.join(each)}", "make an item of each")
        for kind, part in each.items():
            _check_part(found, (*place, kind), kind, part)
            for item in part.get("items") or () if kind != "serviceAccountToken" else ():
                if item["path"] in taken:
                    found.refuse((*place, kind), f"the file {item['path']!r} is there already")
                taken.add(item["path"])


def _check_part(found: Found, path: KeyPath, kind: str, part: Object) -> None:
    """One of the sources of a projected volume (core: validateProjectionSources)."""
    if kind in ("secret", "configMap"):
        _check_files(found, path, part)
    elif kind == "downwardAPI":
        _check_pod_fields(found, path, part)
    elif kind == "serviceAccountToken":
        _check_file(found, path, part)


def _check_ephemeral(found: Found, path: KeyPath, source: Object) -> None:
    """A claim of the pod's own (core: validateEphemeralVolumeSource)."""
    check_claim(found, (*path, "volumeClaimTemplate"), source["volumeClaimTemplate"])


def _check_driver(found: Found, path: KeyPath, source: Object) -> None:
    """A driver has a DNS name (core: validateCSIVolumeSource, ValidateCSIDriverName)."""
    if len(source["driver"]) > 63 or not is_subdomain(source["driver"].lower()):
        found.refuse((*path, "driver"), f"takes a driver's name, not {described(source['driver'])}")


_RULES: dict[str, Callable[[Found, KeyPath, Object], None]] = {
    "configMap": _check_files,
    "csi": _check_driver,
    "downwardAPI": _check_pod_fields,
    "ephemeral": _check_ephemeral,
    "hostPath": _check_host_path,
    "projected": _check_projected,
    "secret": _check_files,
}
