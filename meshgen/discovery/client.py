"""The asynchronous client."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Any, NoReturn, Self, TypeVar

from meshgen.discovery import ports
from meshgen.discovery.connection import Connection, Outdated, Query
from meshgen.discovery.errors import ManagedByKubernetes, NotFound, Unauthorised, Unreachable
from meshgen.discovery.kubeconfig import Place
from meshgen.discovery.models import Instance, Pod, Service, Snapshot, Update
from meshgen.discovery.reading import SERVICE_NAME, read, read_pod, read_service
from meshgen.discovery.state import State
from meshgen.discovery.watch import ALL, Scope, Watch

__all__ = ["ALL", "Discovery", "Watch"]

Answer = TypeVar("Answer")
Callback = Callable[[Update], Awaitable[None] | None]

_MANAGED = "Kubernetes registers and deregisters instances itself"
_INSTEAD = "give the pods the labels of the Service's selector; their readiness does the rest"


class Discovery:
    """A client of one cluster. Use in `async with`, or `close` it.

    `namespace` is the one of the context where not given, `"*"` (ALL) means all. `patience` is in seconds: an API
    server that is silent for so long is taken for gone. Raises NotInstalled and Misconfigured.
    """

    def __init__(
        self, namespace: str | None = None, *, kubeconfig: str | None = None, context: str | None = None,
        patience: float = 30.0, cluster_domain: str = "cluster.local",
    ) -> None:  # fmt: skip
        self._place = Place(kubeconfig, context)
        config = self._place.read()
        self.namespace = namespace or config.namespace
        self._patience = patience
        self._domain = cluster_domain
        self._connection = Connection(config, patience)
        self._watches: list[Watch] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Stop all watches and close all connections. Raises what a callback raised."""
        try:
            while self._watches:
                await self._watches.pop().stop()
        finally:
            await self._connection.__aexit__()

    async def discover(self, name: str, namespace: str | None = None) -> tuple[Instance, ...]:
        """The instances of a Service, whatever their status. Raises NotFound and every other DiscoveryError."""
        return (await self.snapshot(name, namespace)).instances

    async def snapshot(self, name: str, namespace: str | None = None) -> Snapshot:
        """A Service and its instances. Raises DiscoveryError."""
        where = self._one_namespace(namespace)
        slices = Query("endpointslices", where, f"{SERVICE_NAME}={name}")
        service = await self.describe(name, namespace)
        return _snapshots([service], await self._list(slices))[0]

    async def snapshots(self, namespace: str | None = None, labels: str = "") -> tuple[Snapshot, ...]:
        """All Services, of one namespace or (`"*"`) all, or those that a label selector names. Raises DiscoveryError."""
        scope = Scope(self._where(namespace), (), labels)
        services = await self._list(scope.services)
        return _snapshots(services, await self._list(scope.slices))

    async def describe(self, name: str, namespace: str | None = None) -> Service:
        """What a Service says of itself: labels, annotations, ports, type. Raises NotFound and other DiscoveryErrors."""
        query = Query("services", self._one_namespace(namespace))
        return read_service(await self._asked(lambda one: one.get(query, name)), datetime.now(UTC))

    async def url(self, name: str, namespace: str | None = None, port: str | int | None = None) -> str:
        """The URL of a Service by cluster DNS, without a path. Raises PortUnclear and other DiscoveryErrors.

        Its only HTTP port, else the one named http, unless `port` names or numbers one.
        """
        service = await self.describe(name, namespace)
        instances = await self.discover(name, namespace) if service.headless else ()
        return ports.url(service, instances, port, self._domain)

    async def pods(self, namespace: str | None = None, labels: str = "") -> tuple[Pod, ...]:
        """The pods of a namespace or (`"*"`) of all, with their labels. Raises DiscoveryError.

        It needs to list pods, which nothing else here does.
        """
        return tuple(await self._list(Query("pods", self._where(namespace), labels), read_pod))

    def watch(self, *names: str, namespace: str | None = None, labels: str = "") -> Watch:
        """Follow Services: those named, or all of a namespace (`"*"`: of all), or those of a label selector.

        To use in `async with`; iterate over it for updates.
        """
        watch = Watch(self._place, Scope(self._where(namespace), names, labels), self._patience)
        self._watches = [each for each in self._watches if not each.stopped] + [watch]
        return watch

    async def subscribe(self, callback: Callback, *names: str, namespace: str | None = None, labels: str = "") -> Watch:
        """Follow Services as `watch` does, and call for each update; a plain function is called in a thread.

        `stop()` of what is given back ends it, and raises what the callback raised. Raises DiscoveryError.
        """
        watch = self.watch(*names, namespace=namespace, labels=labels)
        await watch.start()
        watch.call(callback)
        return watch

    async def register(self, *_: object, **__: object) -> NoReturn:
        """Refuse. Raises ManagedByKubernetes."""
        raise ManagedByKubernetes(_MANAGED, _INSTEAD)

    async def deregister(self, *_: object, **__: object) -> NoReturn:
        """Refuse. Raises ManagedByKubernetes."""
        raise ManagedByKubernetes(_MANAGED, "a pod that is deleted or not ready leaves by itself")

    async def heartbeat(self, *_: object, **__: object) -> str:
        """Do nothing, and say so: the kubelet's probes are the heartbeat."""
        return "nothing was sent: the kubelet's probes tell Kubernetes which pods are alive and ready"

    def _where(self, namespace: str | None) -> str:
        chosen = namespace or self.namespace
        return "" if chosen == ALL else chosen

    def _one_namespace(self, namespace: str | None) -> str:
        where = self._where(namespace)
        if not where:
            raise NotFound("a single Service is in one namespace, and this asks in all", "give namespace=")
        return where

    async def _list(self, query: Query, take: Callable[[Any], Any] | None = None) -> list[Any]:
        for _attempt in range(3):
            try:
                items, _ = await self._asked(lambda one: one.list(query, take or partial(read, query.resource)))
                return items
            except Outdated:  # it changed too much while its pages were read
                continue
        raise Unreachable(f"the list of {query.resource} was outdated three times while it was read")

    async def _asked(self, ask: Callable[[Connection], Awaitable[Answer]]) -> Answer:
        """What is answered; credentials that are no longer good are read again, once."""
        try:
            return await ask(self._connection)
        except Unauthorised:
            config = await asyncio.to_thread(self._place.read)
            old, self._connection = self._connection, Connection(config, self._patience)
            await old.__aexit__()
            return await ask(self._connection)


def _snapshots(services: list[Any], slices: list[Any]) -> tuple[Snapshot, ...]:
    state = State()
    state.replace_services({each.key: each for each in services})
    state.replace_slices({each.key: each for each in slices})
    made = [(key, state.snapshot(key)) for key in sorted(state.keys())]
    return tuple(one for _, one in made if one is not None)
