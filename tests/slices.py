"""EndpointSlices and Services as the API server writes them, for tests of discovery."""

from __future__ import annotations

from typing import Any

from lightkube.resources.core_v1 import Service
from lightkube.resources.discovery_v1 import EndpointSlice

HTTP = {"name": "http", "port": 3000, "protocol": "TCP"}


def service(name: str = "users", version: int = 1, **spec: Any) -> dict[str, Any]:
    """A Service of namespace shop."""
    given = {"type": "ClusterIP", "clusterIPs": ["10.96.0.7"], "selector": {"app": name}, **spec}
    given.setdefault("ports", [{"name": "http", "port": 80, "targetPort": 3000, "protocol": "TCP"}])
    meta = {"name": name, "namespace": "shop", "uid": f"uid-{name}", "resourceVersion": str(version)}
    return {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": given}


def endpoint(address: str, *, pod: str = "", **conditions: bool) -> dict[str, Any]:
    """An endpoint, ready where nothing else is said."""
    made: dict[str, Any] = {"addresses": [address], "conditions": {"ready": True, **conditions}, "nodeName": "n1"}
    if pod:
        made["targetRef"] = {"kind": "Pod", "name": pod, "namespace": "shop", "uid": f"uid-{pod}"}
    return made


def endpoint_slice(
    name: str, *endpoints: dict[str, Any], version: int = 1, of: str = "users", ports: Any = (HTTP,), kind: str = "IPv4"
) -> dict[str, Any]:
    """An EndpointSlice of namespace shop."""
    labels = {"kubernetes.io/service-name": of} if of else {}
    meta = {"name": name, "namespace": "shop", "resourceVersion": str(version), "labels": labels}
    parts = {"addressType": kind, "endpoints": list(endpoints), "ports": list(ports)}
    return {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": meta, **parts}


def read(found: dict[str, Any]) -> Any:
    """The same as lightkube's model."""
    return (Service if found["kind"] == "Service" else EndpointSlice).from_dict(found)
