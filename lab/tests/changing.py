"""Specs as their owners would change them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Object = dict[str, Any]


def each_mapping(data: Any) -> Iterator[dict[str, Any]]:
    """All mappings in some data."""
    if isinstance(data, dict):
        yield data
    for value in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from each_mapping(value)


POLICY = {"maxConnections": 7, "maxEjectionPercent": 7, "consecutive5xxErrors": 7, "weight": 7, "timeout": "1000s"}


def changed(spec: Object) -> Object:
    """A spec with other labels, images, variables, numbers of pods and policies."""
    spec["metadata"]["labels"] = {**spec["metadata"].get("labels", {}), "season": "winter"}
    body = spec["spec"]
    for mapping in list(each_mapping(body)):
        mapping.update({key: value for key, value in POLICY.items() if mapping.get(key) is not None})
        if "replicas" in mapping:
            mapping["replicas"] += 1
        if isinstance(mapping.get("image"), str):
            mapping["image"] += "-winter"
    if "workload" in body:
        container = body["workload"]["container"]
        container["env"] = [*container.get("env", []), {"name": "SEASON", "value": "winter"}]
        body["workload"].setdefault("replicas", 3)
    if spec["kind"] == "Service":
        policy = body.setdefault("trafficPolicy", {})
        policy["outlierDetection"] = {**(policy.get("outlierDetection") or {}), "maxEjectionPercent": 7}
    return spec


def is_existing_gateway(spec: Object) -> bool:
    """Whether a spec is of a Gateway that somebody else owns: it makes nothing."""
    return bool(spec["kind"] == "Gateway" and spec["spec"].get("existing"))
