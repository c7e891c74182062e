"""The state of Services from their objects, whatever order these came in. No input or output happens here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from meshgen.discovery.models import Instance, Key, Service, Snapshot
from meshgen.discovery.reading import Slice


def instances_of(service: Service, slices: Iterable[Slice]) -> tuple[Instance, ...]:
    """All instances of a Service, each once.

    While Kubernetes moves an endpoint between slices it stands in two of them; the slice written last knows best.
    Slices that a Service left behind when it became an ExternalName are nobody's (kube-proxy passes over them too).
    """
    if service.external_name:
        return tuple(_external(service))
    found: dict[tuple[str, int | None, str, str], Instance] = {}
    for each in sorted(slices, key=lambda each: (each.version, each.key)):
        for one in each.instances:
            found[one.host, one.port, one.port_name, one.protocol] = one
    return tuple(sorted(found.values(), key=_order))


def _order(one: Instance) -> tuple[str, str, int, str, str]:
    return one.address_type, one.host, one.port or 0, one.port_name, one.protocol


def _external(service: Service) -> Iterable[Instance]:
    """The host that an ExternalName leads to, at each port; Kubernetes knows nothing of it, so it counts as ready."""
    ports: list[tuple[int | None, str, str, str | None]] = [
        (port.port, port.name, port.protocol, port.app_protocol) for port in service.ports
    ]
    for number, name, protocol, app_protocol in ports or [(None, "", "TCP", None)]:
        yield Instance(
            service=service.key, host=service.external_name, port=number, port_name=name, protocol=protocol,
            app_protocol=app_protocol, address_type="FQDN", ready=True, serving=True, terminating=False, hostname="",
            pod="", pod_uid="", node="", zone="", seen=service.seen,
        )  # fmt: skip


class State:
    """Services and slices as last told, by key. Each method that changes it gives the Services that it may concern."""

    def __init__(self) -> None:
        self._services: dict[Key, Service] = {}
        self._slices: dict[Key, Slice] = {}
        self._of: dict[Key, dict[Key, Slice]] = {}  # by Service

    def keys(self) -> Iterable[Key]:
        """The Services that are there."""
        return self._services.keys()

    def snapshot(self, key: Key) -> Snapshot | None:
        """The whole state of a Service; None where there is none."""
        service = self._services.get(key)
        return Snapshot(service, instances_of(service, self._of.get(key, {}).values())) if service else None

    def replace_services(self, services: Mapping[Key, Service]) -> set[Key]:
        """Take the result of a list: what is not in it is gone."""
        dirty = {key for key in self._services.keys() | services.keys() if self._services.get(key) != services.get(key)}
        self._services = dict(services)
        return dirty

    def replace_slices(self, slices: Mapping[Key, Slice]) -> set[Key]:
        """Take the result of a list: what is not in it is gone."""
        dirty: set[Key] = set()
        for key in self._slices.keys() - slices.keys():
            dirty |= self.put_slice(key, None)
        for key, one in slices.items():
            dirty |= self.put_slice(key, one)
        return dirty

    def put_service(self, key: Key, service: Service | None) -> set[Key]:
        """Take one Service as it is now; None where it was deleted."""
        if service is None:
            self._services.pop(key, None)
        else:
            self._services[key] = service
        return {key}

    def put_slice(self, key: Key, one: Slice | None) -> set[Key]:
        """Take one EndpointSlice as it is now; None where it was deleted."""
        before = self._slices.pop(key, None)
        if before == one:
            if one is not None:
                self._slices[key] = one
            return set()
        if before is not None and before.service is not None:
            left = self._of[before.service]
            del left[key]
            if not left:
                del self._of[before.service]
        if one is not None:
            self._slices[key] = one
            if one.service is not None:
                self._of.setdefault(one.service, {})[key] = one
        return {each.service for each in (before, one) if each is not None and each.service is not None}
