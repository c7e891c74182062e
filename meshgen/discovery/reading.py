"""From the API's objects to meshgen's: what a Service and an EndpointSlice say, as frozen data. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from meshgen.discovery.models import Instance, Key, Pod, Service, ServicePort

if TYPE_CHECKING:
    from lightkube.models import core_v1, discovery_v1

SERVICE_NAME = "kubernetes.io/service-name"
"""The label that ties an EndpointSlice to its Service (discovery/v1, LabelServiceName)."""


@dataclass(frozen=True, slots=True)
class Slice:
    """One EndpointSlice of a Service. `version` grows with each write, in the whole cluster."""

    key: Key
    """Its own namespace and name."""
    service: Key | None
    """None where it belongs to no Service."""
    version: int
    instances: tuple[Instance, ...]


def read(resource: str, found: Any) -> Service | Slice:
    """What an object says that is told now: of `services` or of `endpointslices`."""
    now = datetime.now(UTC)
    return read_service(found, now) if resource == "services" else read_slice(found, now)


def read_pod(found: core_v1.Pod) -> Pod:
    """Which pod it is, and its labels."""
    meta = found.metadata
    assert meta is not None  # noqa: S101 - the API server sends none without
    return Pod(meta.namespace or "", meta.name or "", meta.labels or {})


def read_service(found: core_v1.Service, seen: datetime) -> Service:
    """What a Service says of itself."""
    meta, spec = found.metadata, found.spec
    assert meta is not None and spec is not None  # noqa: S101, PT018 - the API server sends none without
    return Service(
        key=Key(meta.namespace or "", meta.name or ""),
        uid=meta.uid or "",
        type=spec.type or "ClusterIP",
        labels=meta.labels or {},
        annotations=meta.annotations or {},
        ports=tuple(
            ServicePort(
                port.name or "",
                port.port,
                port.port if port.targetPort is None else port.targetPort,
                port.protocol or "TCP",
                port.appProtocol,
            )
            for port in spec.ports or []
        ),
        selector=spec.selector or {},
        cluster_ips=tuple(spec.clusterIPs or ()) or ((spec.clusterIP,) if spec.clusterIP else ()),
        external_name=(spec.externalName or "") if spec.type == "ExternalName" else "",
        seen=seen,
    )


def read_slice(found: discovery_v1.EndpointSlice, seen: datetime) -> Slice:
    """What an EndpointSlice says: an instance for each port of each endpoint."""
    meta = found.metadata
    assert meta is not None  # noqa: S101 - the API server sends none without
    namespace = meta.namespace or ""
    owner = (meta.labels or {}).get(SERVICE_NAME)
    service = Key(namespace, owner) if owner else None
    version = meta.resourceVersion or ""
    return Slice(
        Key(namespace, meta.name or ""),
        service,
        int(version) if version.isdecimal() else 0,
        tuple(_instances(found, service, seen)) if service else (),
    )


def _instances(found: discovery_v1.EndpointSlice, service: Key, seen: datetime) -> Iterator[Instance]:
    # Without ports, or with a port without number, an endpoint still is one: its address is what DNS answers.
    ports = [(p.port, p.name or "", p.protocol or "TCP", p.appProtocol) for p in found.ports or []]
    for endpoint in found.endpoints or []:
        conditions, target = endpoint.conditions, endpoint.targetRef
        # Unknown means ready, serving as ready says, and not terminating (discovery/v1, EndpointConditions).
        ready = conditions is None or conditions.ready is not False
        serving = ready if conditions is None or conditions.serving is None else conditions.serving
        pod = target if target is not None and target.kind == "Pod" else None
        for number, name, protocol, app_protocol in ports or [(None, "", "TCP", None)]:
            yield Instance(
                service=service,
                host=endpoint.addresses[0],  # the API defines no meaning for further ones
                port=number,
                port_name=name,
                protocol=protocol,
                app_protocol=app_protocol,
                address_type=found.addressType,
                ready=ready,
                serving=serving,
                terminating=conditions is not None and conditions.terminating is True,
                hostname=endpoint.hostname or "",
                pod=(pod.name or "") if pod else "",
                pod_uid=(pod.uid or "") if pod else "",
                node=endpoint.nodeName or "",
                zone=endpoint.zone or "",
                seen=seen,
            )
