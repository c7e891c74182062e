"""Whether workloads have all their pods."""

from __future__ import annotations

from lab.kubernetes import Json, Kubernetes


def ready(kubernetes: Kubernetes, namespace: str, name: str) -> tuple[bool, str]:
    """Whether Deployments and StatefulSets, all of a namespace or one, have all their pods ready; and how many have."""
    kinds = [kubernetes.resource("apps/v1", kind) for kind in ("Deployment", "StatefulSet")]
    found = [one for kind in kinds for one in kubernetes.request("GET", kind.path(namespace))["items"]]
    states = {one["metadata"]["name"]: _state(one) for one in found if name in {"", one["metadata"]["name"]}}
    done = bool(states) and all(complete for complete, _ in states.values())
    return done, ", ".join(f"{key} {text}" for key, (_, text) in states.items()) or "no workload"


def _state(workload: Json) -> tuple[bool, str]:
    status, wanted = workload.get("status", {}), workload["spec"].get("replicas", 1)
    known = status.get("observedGeneration") == workload["metadata"]["generation"]
    counts = [status.get(key, 0) for key in ("replicas", "readyReplicas", "updatedReplicas")]
    return known and counts == [wanted] * 3, f"{counts[1]} of {wanted} ready"
