"""Takes in an object: each kind by its reader."""

from __future__ import annotations

from meshgen.registry import services, traffic
from meshgen.registry.facts import Object
from meshgen.registry.lookup import Registry

_READERS = {
    "HorizontalPodAutoscaler": services.add_scaler,
    "EndpointSlice": services.add_slice,
    "PeerAuthentication": services.add_peers,
    "Namespace": services.add_namespace,
    "RequestAuthentication": services.add_token_check,
    "Service": services.add_service,
    "ServiceEntry": services.add_entry,
    "DestinationRule": traffic.add_rule,
    "Gateway": traffic.add_gateway,
    "VirtualService": traffic.add_routes,
    "Secret": services.add_secret,
    "Sidecar": traffic.add_plain,
    "Telemetry": traffic.add_plain,
    **dict.fromkeys(
        ["Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"],
        services.add_pods,
    ),
    "CronJob": services.add_pods,
    "WorkloadEntry": services.add_machine,
    "WorkloadGroup": services.add_machine,
}


def says_something(kind: str) -> bool:
    """Whether an object of a kind has anything that others have to know."""
    return kind in _READERS


def take_in(registry: Registry, seen: Object) -> None:
    """Remember what an object says to others."""
    registry.kinds[seen.key.kind] += 1
    reader = _READERS.get(seen.key.kind)
    if reader is not None:
        reader(registry, seen)
