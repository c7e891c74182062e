"""Layers of one value become one value, and every part of it can be traced to the layer that wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

KeyPath = tuple[str | int, ...]

NAMED_BY: dict[str, tuple[str, ...]] = {
    "containers": ("name",),
    "env": ("name",),
    "ephemeralContainers": ("name",),
    "expose": ("name",),
    "imagePullSecrets": ("name",),
    "initContainers": ("name",),
    "portLevelSettings": ("port", "number"),
    "ports": ("name",),
    "routes": ("name",),
    "servers": ("port", "name"),
    "versions": ("name",),
    "volumeClaimTemplates": ("metadata", "name"),
    "volumes": ("name",),
}
"""Lists of named things, merged item by item: the list's key, and the path of the name inside an item."""

_HANDLERS = ("exec", "grpc", "httpGet", "sleep", "tcpSocket")
_VOLUMES = (
    "awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "configMap", "csi", "downwardAPI", "emptyDir",
    "ephemeral", "fc", "flexVolume", "flocker", "gcePersistentDisk", "gitRepo", "glusterfs", "hostPath", "image", "iscsi",
    "nfs", "persistentVolumeClaim", "photonPersistentDisk", "portworxVolume", "projected", "quobyte", "rbd", "scaleIO",
    "secret", "storageos", "vsphereVolume",
)  # fmt: skip

ONE_OF: dict[str, tuple[tuple[str, ...], ...]] = {
    "abort": (("httpStatus", "grpcStatus"),),
    "body": (("string", "bytes"),),
    "consistentHash": (
        ("httpHeaderName", "httpCookie", "useSourceIp", "httpQueryParameterName"),
        ("ringHash", "maglev"),
    ),
    "env": (("value", "valueFrom"),),
    "livenessProbe": (_HANDLERS,),
    "loadBalancer": (("simple", "consistentHash"), ("localityLbSetting", "zoneAwareLbSetting")),
    "localityLbSetting": (("distribute", "failover"),),
    "postStart": (_HANDLERS,),
    "preStop": (_HANDLERS,),
    "readinessProbe": (_HANDLERS,),
    "redirect": (("port", "derivePort"), ("uri", "prefixRewrite")),
    "rewrite": (("uri", "uriRegexRewrite"),),
    "startupProbe": (_HANDLERS,),
    "tls": (("credentialName", "credentialNames", "tlsCertificates", "serverCertificate"),),
    "trafficPolicy": (("tunnel", "proxyProtocol"),),
    "valueFrom": (("configMapKeyRef", "fieldRef", "fileKeyRef", "resourceFieldRef", "secretKeyRef"),),
    "volumes": (_VOLUMES,),
}
"""Groups of which one member may be set, by the key that holds them (for a list: its items)."""

BY_TYPE: dict[str, tuple[str, str]] = {
    "appArmorProfile": ("Localhost", "localhostProfile"),
    "seccompProfile": ("Localhost", "localhostProfile"),
    "strategy": ("RollingUpdate", "rollingUpdate"),
    "updateStrategy": ("RollingUpdate", "rollingUpdate"),
}
"""What stands beside one `type` only, by the key that holds both: another type takes it away, as in a one-of group."""

_DELETE = "$patch"


def merge(base: Any, over: Any, key: str = "") -> Any:
    """`over` laid on `base`: mappings field by field, lists of named things by name, all else replaced.

    `null` takes a value away, `$patch: delete` an item, and one member of a one-of group its
    siblings. `key` is the key that holds the value. Neither argument is changed, but the result
    can share parts with them, so it must not be changed either.
    """
    if isinstance(over, dict) and isinstance(base, dict):
        merged = dict(base)
        if key in ONE_OF or key in BY_TYPE:
            _make_room(merged, over, key)
        for name, value in over.items():
            if value is None:
                merged.pop(name, None)
            else:
                merged[name] = merge(merged.get(name), value, name)
        return merged
    if isinstance(over, list) and isinstance(base, list) and _is_named(base, key) and _is_named(over, key):
        return _merge_named(base, over, key)
    return without_nulls(over) if type(over) is dict or type(over) is list else over


def _make_room(merged: dict[str, Any], over: dict[str, Any], key: str) -> None:
    """Take out of `merged` what cannot stand beside what `over` sets, unless `over` speaks of it itself."""
    for group in ONE_OF.get(key, ()):
        if any(over.get(member) is not None for member in group):
            for member in group:
                if member not in over:
                    merged.pop(member, None)
    if key == "tls" and over.get("mode") == "DISABLE":  # without TLS nothing else of it has an effect
        for member in [each for each in merged if each not in over]:
            del merged[member]
    kind, member = BY_TYPE.get(key, ("", ""))
    if over.get("type") not in (None, kind) and member not in over:
        merged.pop(member, None)


def without_nulls(value: Any) -> Any:
    """A value without its nulls, at any depth of its mappings; the value itself where there are none."""
    if type(value) is dict:
        for item in value.values():
            if item is None or ((type(item) is dict or type(item) is list) and without_nulls(item) is not item):
                return {key: without_nulls(item) for key, item in value.items() if item is not None}
    elif type(value) is list:
        for item in value:
            if (type(item) is dict or type(item) is list) and without_nulls(item) is not item:
                return [without_nulls(item) for item in value]
    return value


def merge_all(layers: Sequence[Any], key: str = "") -> Any:
    """All layers, the lowest first, as one value; layers that are None are passed over."""
    return reduce(lambda base, over: merge(base, over, key), (layer for layer in layers if layer is not None), None)


def origin(layers: Sequence[Any], path: KeyPath, key: str = "") -> tuple[int, KeyPath]:
    """Which layer wrote the value at `path` of the merged layers, and where in that layer.

    Where nothing is written at `path` (a missing field), the place of the null that took it away, or of
    the nearest ancestor that is written. The number is an index into `layers`; an ancestor in several
    layers counts for the last.
    """
    merged = merge_all(layers, key)
    holders: list[tuple[int, KeyPath, Any]] = [(n, (), layer) for n, layer in enumerate(layers) if layer is not None]
    for step in path:
        if isinstance(merged, dict) and step not in merged:
            holders = [
                (number, (*place, step), None)
                for number, place, value in holders
                if isinstance(value, dict) and step in value
            ] or holders
            break
        found = [
            (number, (*place, at), value[at])
            for number, place, value in holders
            if (at := _step_in(value, merged, step, key)) is not None
        ]
        if not found:
            break
        holders = found
        merged = merged[step]
        key = step if isinstance(step, str) else key
    number, place, _ = holders[-1]
    return number, place


def _step_in(value: Any, merged: Any, step: str | int, key: str) -> str | int | None:
    """The step that leads, in one layer's `value`, to what `step` leads to in the merged value."""
    if isinstance(value, dict) and isinstance(step, str):
        return step if value.get(step) is not None else None
    if not (isinstance(value, list) and isinstance(merged, list) and isinstance(step, int) and step < len(merged)):
        return None
    if _is_named(value, key) and _is_named(merged, key):
        names = [item_name(item, key) for item in value]
        name = item_name(merged[step], key)
        return names.index(name) if name in names else None
    return step if step < len(value) else None


def item_name(item: Any, key: str) -> Any:
    """The name of an item in the list held by `key`, or None where it has none."""
    for step in NAMED_BY.get(key, ()):
        item = item.get(step) if isinstance(item, dict) else None
    return item if isinstance(item, str | int) else None


def _is_named(items: list[Any], key: str) -> bool:
    return key in NAMED_BY and all(isinstance(item, dict) and item_name(item, key) is not None for item in items)


def _merge_named(base: list[Any], over: list[Any], key: str) -> list[Any]:
    items = {item_name(item, key): item for item in base}
    for item in over:
        name = item_name(item, key)
        if item.get(_DELETE) == "delete" and name in items:
            del items[name]
        else:
            items[name] = merge(items.get(name), item, key)
    return list(items.values())
