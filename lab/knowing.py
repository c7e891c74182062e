"""Compares what the API holds with what the endpoint controller and istiod have made of it so far."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Protocol

from lab.kubernetes import Json, Kubernetes

_HEALTHY = 1  # in istiod's list of endpoints


class Cluster(Protocol):
    """What is compared: the API and istiod."""

    kubernetes: Kubernetes

    def istiod(self, path: str) -> str:
        """What istiod's debug interface says."""


def knows_objects(cluster: Cluster) -> tuple[bool, str]:
    """Whether istiod has all of Istio's objects and all Services in the version that the API has."""
    wanted = {
        (resource.plural, *_key(one["metadata"])): one["metadata"]["resourceVersion"]
        for resource in [*cluster.kubernetes.of_group("istio.io"), cluster.kubernetes.resource("v1", "Service")]
        for one in cluster.kubernetes.request("GET", resource.path())["items"]
    }
    found = {
        (cluster.kubernetes.resource(one["apiVersion"], one["kind"]).plural, *_key(one["metadata"])): one[
            "metadata"
        ].get("resourceVersion", "")
        for one in json.loads(cluster.istiod("/debug/configz"))
    }
    for one in json.loads(cluster.istiod("/debug/registryz")):
        attributes = one["Attributes"]
        if attributes["ServiceRegistry"] == "Kubernetes":
            found["services", attributes["Namespace"], attributes["Name"]] = one["ResourceVersion"]
    behind = [" ".join(key) for key in wanted.keys() | found.keys() if wanted.get(key) != found.get(key)]
    return not behind, f"it has not the last of {sorted(behind)}" if behind else "all"


def knows_endpoints(cluster: Cluster) -> tuple[bool, str]:
    """Whether istiod has the ready addresses of all Services, each with the labels of its pod."""
    pods = cluster.kubernetes.request("GET", "/api/v1/pods")["items"]
    labels = {pod["status"].get("podIP"): pod["metadata"].get("labels", {}) for pod in pods}
    names = {_key(pod["metadata"]) for pod in pods}
    slices = cluster.kubernetes.request("GET", "/apis/discovery.k8s.io/v1/endpointslices")["items"]
    for part in slices:  # istiod waits for the pod that an endpoint names
        part["endpoints"] = [one for one in part["endpoints"] or [] if _pod_of(one, part) in {None, *names}]
    shards = json.loads(cluster.istiod("/debug/endpointShardz"))
    behind = []
    for service in cluster.kubernetes.request("GET", "/api/v1/services")["items"]:
        namespace, name = _key(service["metadata"])
        shard = shards.get(f"{name}.{namespace}.svc.cluster.local", {}).get(namespace, {}).get("Shards", {})
        known = [one for part in shard.values() for one in part if one["HealthStatus"] == _HEALTHY]
        addresses = {address for one in known for address in one["Addresses"]}
        labelled = all(labels.get(one["Addresses"][0], {}).items() <= one["Labels"].items() for one in known)
        wanted = _found(service, slices) if service["spec"].get("ports") else set()  # without ports there is nothing
        if addresses != wanted or not labelled:
            behind.append(f"{namespace}/{name}")
    return not behind, f"it has not those of {behind}" if behind else "all"


def _pod_of(endpoint: Json, part: Json) -> tuple[str, str] | None:
    target = endpoint.get("targetRef", {})
    return (part["metadata"]["namespace"], target["name"]) if target.get("kind") == "Pod" else None


def _key(meta: Json) -> tuple[str, str]:
    return meta.get("namespace", ""), meta["name"]


def endpoints_follow(kubernetes: Kubernetes) -> tuple[bool, str]:
    """Whether the EndpointSlices of every Service that selects pods have the ready pods, and no others."""
    pods = kubernetes.request("GET", "/api/v1/pods")["items"]
    slices = kubernetes.request("GET", "/apis/discovery.k8s.io/v1/endpointslices")["items"]
    behind = []
    for service in kubernetes.request("GET", "/api/v1/services")["items"]:
        wanted, found = _wanted(service, pods), _found(service, slices)
        if service["spec"].get("selector") and wanted != found:
            behind.append(f"{service['metadata']['name']} has {sorted(found)} instead of {sorted(wanted)}")
    return not behind, ", ".join(behind) or "they do"


def _wanted(service: Json, pods: Sequence[Json]) -> set[str]:
    selector, namespace = service["spec"].get("selector", {}), service["metadata"]["namespace"]
    anyway = service["spec"].get("publishNotReadyAddresses", False)
    return {
        pod["status"]["podIP"]
        for pod in pods
        if pod["metadata"]["namespace"] == namespace
        and selector.items() <= pod["metadata"].get("labels", {}).items()
        and "podIP" in pod["status"]
        and "deletionTimestamp" not in pod["metadata"]
        and (anyway or _ready(pod))
    }


def _ready(pod: Json) -> bool:
    return any(one["type"] == "Ready" and one["status"] == "True" for one in pod["status"].get("conditions", []))


def _found(service: Json, slices: Sequence[Json]) -> set[str]:
    meta = service["metadata"]
    return {
        address
        for part in slices
        if part["metadata"]["namespace"] == meta["namespace"]
        and part["metadata"]["labels"].get("kubernetes.io/service-name") == meta["name"]
        for endpoint in part["endpoints"] or []
        if endpoint.get("conditions", {}).get("ready", True)
        for address in endpoint["addresses"]
    }
