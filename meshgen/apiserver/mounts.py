"""Where volumes stand in containers: `core` is pkg/apis/core/validation/validation.go of Kubernetes."""

from __future__ import annotations

from collections.abc import Iterable

from meshgen.apiserver.found import Found, Object
from meshgen.apiserver.values import climbs
from meshgen.fault import KeyPath
from meshgen.refusal import described


def check_mounts(found: Found, path: KeyPath, container: Object, pod: Object) -> None:
    """Volumes that the pod has, each path once (core: ValidateVolumeMounts)."""
    taken: set[str] = set()
    volumes = [*found.claimed, *(volume["name"] for volume in pod.get("volumes") or ())]
    for number, mount in enumerate(container["volumeMounts"]):
        name, where = mount["name"], mount["mountPath"]
        if name not in volumes:
            _no_volume(found, (*path, "volumeMounts", number, "name"), name, volumes)
        if where in taken:
            found.twice((*path, "volumeMounts", number, "mountPath"), f"the path {where!r}")
        taken.add(where)
        if len(mount) > 2:
            _check_mount(found, (*path, "volumeMounts", number), mount)


def _no_volume(found: Found, path: KeyPath, name: str, volumes: Iterable[str]) -> None:
    names = sorted(set(volumes))
    there = f"there are: {', '.join(names)}" if names else "there are none"
    found.refuse(path, f"no volume is named {name!r}; {there}", f"add it: volumes: [{{name: {name}, ...}}]")


def _check_mount(found: Found, path: KeyPath, mount: Object) -> None:
    """A part of the volume, and what is mounted in it (core: ValidateVolumeMounts)."""
    for key in ("subPath", "subPathExpr"):
        text = mount.get(key, "")
        if text.startswith("/") or climbs(text):
            found.refuse((*path, key), f"takes a path within the volume, not {described(text)}")
    if mount.get("subPath") and mount.get("subPathExpr"):
        found.refuse((*path, "subPathExpr"), "'subPathExpr' cannot stand beside 'subPath'", "keep one of them")
    alone = mount.get("readOnly") and mount.get("mountPropagation", "None") == "None"
    if mount.get("recursiveReadOnly") in ("Enabled", "IfPossible") and not alone:
        found.refuse((*path, "recursiveReadOnly"), "needs readOnly: true beside it, and no mountPropagation")


def check_devices(found: Found, path: KeyPath, container: Object, pod: Object) -> None:
    """Claims of the pod's, each once, and not mounted as well (core: ValidateVolumeDevices)."""
    mounts = container.get("volumeMounts") or ()
    volumes: dict[str, Object] = {volume["name"]: volume for volume in pod.get("volumes") or ()}
    for number, device in enumerate(container["volumeDevices"]):
        place, before = (*path, "volumeDevices", number), container["volumeDevices"][:number]
        name, where = device["name"], device["devicePath"]
        volume = volumes.get(name)
        if volume is None and name not in found.claimed:
            _no_volume(found, (*place, "name"), name, [*volumes, *found.claimed])
        elif name not in found.claimed and volume and not volume.keys() & {"persistentVolumeClaim", "ephemeral"}:
            found.refuse((*place, "name"), f"volume {name!r} is no persistentVolumeClaim")
        for key, value in (("name", name), ("devicePath", where)):
            if value in [other[key] for other in before]:
                found.twice((*place, key), f"{value!r}")
        if name in [mount["name"] for mount in mounts] or where in [mount["mountPath"] for mount in mounts]:
            found.refuse(place, f"{name!r} at {where!r} stands in volumeMounts too", "keep one of them")
        if not where or climbs(where):
            found.refuse((*place, "devicePath"), f"takes a path, not {described(where)}")
