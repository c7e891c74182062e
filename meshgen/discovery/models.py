"""What a client is told: services, their instances, and what changed. Plain frozen data, without any library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from meshgen.discovery import ports

DEFAULT_HEALTH_PATH = "/health"


class Status(Enum):
    """How far an instance is in its life, as its EndpointSlice's conditions tell it."""

    UP = "UP"  # ready: wants traffic
    STARTING = "STARTING"  # not ready, and not on its way out
    STOPPING = "STOPPING"  # terminating; `Instance.serving` says whether it still answers


class Key(NamedTuple):
    """Which Service."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class Instance:
    """One port of one endpoint of a Service. Two are equal where only the time they were seen differs."""

    service: Key
    host: str
    """An address, or a host name where `address_type` is FQDN."""
    port: int | None
    """None where the slice names no port: any may be open, as with a headless Service without ports."""
    port_name: str
    protocol: str
    """TCP, UDP or SCTP."""
    app_protocol: str | None
    address_type: str
    """IPv4, IPv6 or FQDN; a dual-stack pod has an instance of each."""
    ready: bool
    serving: bool
    terminating: bool
    hostname: str
    pod: str
    """Empty where no pod stands behind it."""
    pod_uid: str
    node: str
    zone: str
    seen: datetime = field(compare=False)
    """When the API last told of it, by this machine's clock, in UTC."""

    @property
    def status(self) -> Status:
        """UP, STARTING or STOPPING."""
        if self.terminating:
            return Status.STOPPING
        return Status.UP if self.ready else Status.STARTING

    @property
    def id(self) -> str:
        """What no other instance of the cluster has, and this one keeps: microservices/users/10.1.1.1:3000/TCP/http."""
        parts = [*self.service, self.authority, self.protocol, self.port_name]
        return "/".join(part for part in parts if part)

    @property
    def authority(self) -> str:
        """Host and port, as they stand in a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"

    def url(self, path: str = "/") -> str | None:
        """Where it answers HTTP; None for a port that does not speak it, by its appProtocol or name."""
        scheme = ports.scheme(self.port_name, self.app_protocol, self.protocol, self.port)
        return f"{scheme}://{self.authority}{path}" if scheme and self.port is not None else None

    @property
    def health_url(self) -> str | None:
        """Where its health is asked: `url` with the path /health."""
        return self.url(DEFAULT_HEALTH_PATH)


class ServicePort(NamedTuple):
    """A port of a Service."""

    name: str
    port: int
    target_port: int | str
    protocol: str
    app_protocol: str | None

    @property
    def scheme(self) -> str | None:
        """The scheme of a URL to it: http or https; None for a port that does not speak HTTP."""
        return ports.scheme(self.name, self.app_protocol, self.protocol, self.port)


@dataclass(frozen=True, slots=True)
class Service:
    """What a Service says of itself. Two are equal where only the time they were seen differs."""

    key: Key
    uid: str
    type: str
    """ClusterIP, NodePort, LoadBalancer or ExternalName."""
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    ports: tuple[ServicePort, ...]
    selector: Mapping[str, str]
    cluster_ips: tuple[str, ...]
    external_name: str
    seen: datetime = field(compare=False)

    @property
    def headless(self) -> bool:
        """Whether its name leads to its pods' addresses instead of one of its own."""
        return self.cluster_ips == ("None",)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole state of one Service. No instances means that it exists and has no endpoints."""

    service: Service
    instances: tuple[Instance, ...]

    @property
    def ready(self) -> tuple[Instance, ...]:
        """The instances that want traffic."""
        return tuple(each for each in self.instances if each.status is Status.UP)


class Pod(NamedTuple):
    """A pod, by the labels that Services and subsets select it by."""

    namespace: str
    name: str
    labels: Mapping[str, str]


class Change(NamedTuple):
    """An instance that stayed and is no longer what it was."""

    before: Instance
    after: Instance


@dataclass(frozen=True, slots=True)
class Update:
    """The state of one Service now, and what it was when its watcher was last told.

    `after` is None where there is no such Service; `before` is None where there was none, or nothing was told yet.
    """

    key: Key
    before: Snapshot | None
    after: Snapshot | None

    @property
    def added(self) -> tuple[Instance, ...]:
        """Instances that were not there before."""
        known = _by_id(self.before)
        return tuple(one for identity, one in _by_id(self.after).items() if identity not in known)

    @property
    def removed(self) -> tuple[Instance, ...]:
        """Instances that are no longer there."""
        known = _by_id(self.after)
        return tuple(one for identity, one in _by_id(self.before).items() if identity not in known)

    @property
    def changed(self) -> tuple[Change, ...]:
        """Instances that are there as before, with another status or another pod, node or zone."""
        known = _by_id(self.before)
        pairs = [(known.get(identity), one) for identity, one in _by_id(self.after).items()]
        return tuple(Change(before, after) for before, after in pairs if before is not None and before != after)


def _by_id(snapshot: Snapshot | None) -> dict[str, Instance]:
    return {each.id: each for each in snapshot.instances} if snapshot else {}
