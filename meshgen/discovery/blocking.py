"""The blocking client: the asynchronous one, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Mapping
from types import TracebackType
from typing import Any, NoReturn, Self, TypeVar

from meshgen.discovery.client import Callback, Discovery
from meshgen.discovery.errors import DiscoveryError
from meshgen.discovery.models import Instance, Key, Pod, Service, Snapshot, Update
from meshgen.discovery.watch import Watch

Result = TypeVar("Result")
Call = Callable[[Coroutine[Any, Any, Any]], Any]


class BlockingWatch:
    """A watch to use in `with`; iterate over it for updates. `stop` ends it, from any thread."""

    def __init__(self, watch: Watch, call: Call) -> None:
        self._watch = watch
        self._call = call

    def __enter__(self) -> Self:
        self._call(self._watch.start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Update:
        update: Update | None = self._call(self._next())
        if update is None:
            raise StopIteration
        return update

    async def _next(self) -> Update | None:
        return await anext(self._watch, None)

    def stop(self) -> None:
        """End it. Raises what a callback raised."""
        self._call(self._watch.stop())

    @property
    def states(self) -> Mapping[Key, Snapshot | None]:
        """What is known now; a Service that was named and is not there is None."""
        return self._watch.states

    @property
    def fault(self) -> DiscoveryError | None:
        """Why what is known may be out of date; None while it is not."""
        return self._watch.fault

    def on_fault(self, callback: Callable[[DiscoveryError | None], None]) -> None:
        """Have it called when what is known may be out of date, for each kind of reason, and with None when it is true.

        It must be quick.
        """
        self._watch.on_fault(callback)


class BlockingDiscovery:
    """A client of one cluster for programs without asyncio: as `Discovery`, and every method waits for its answer."""

    def __init__(
        self, namespace: str | None = None, *, kubeconfig: str | None = None, context: str | None = None,
        patience: float = 30.0, cluster_domain: str = "cluster.local",
    ) -> None:  # fmt: skip
        self._inner = Discovery(
            namespace, kubeconfig=kubeconfig, context=context, patience=patience, cluster_domain=cluster_domain
        )
        self.namespace = self._inner.namespace
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="meshgen-discovery", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop all watches and close all connections. Raises what a callback raised."""
        if self._loop.is_closed():
            return
        try:
            self._call(self._inner.close())
        finally:
            self._call(self._loop.shutdown_asyncgens())
            self._call(self._loop.shutdown_default_executor())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def discover(self, name: str, namespace: str | None = None) -> tuple[Instance, ...]:
        """The instances of a Service, whatever their status. Raises NotFound and every other DiscoveryError."""
        return self._call(self._inner.discover(name, namespace))

    def snapshot(self, name: str, namespace: str | None = None) -> Snapshot:
        """A Service and its instances. Raises DiscoveryError."""
        return self._call(self._inner.snapshot(name, namespace))

    def snapshots(self, namespace: str | None = None, labels: str = "") -> tuple[Snapshot, ...]:
        """All Services, of one namespace or (`"*"`) all, or those that a label selector names. Raises DiscoveryError."""
        return self._call(self._inner.snapshots(namespace, labels))

    def describe(self, name: str, namespace: str | None = None) -> Service:
        """What a Service says of itself. Raises NotFound and other DiscoveryErrors."""
        return self._call(self._inner.describe(name, namespace))

    def url(self, name: str, namespace: str | None = None, port: str | int | None = None) -> str:
        """The URL of a Service by cluster DNS, without a path. Raises PortUnclear and other DiscoveryErrors."""
        return self._call(self._inner.url(name, namespace, port))

    def pods(self, namespace: str | None = None, labels: str = "") -> tuple[Pod, ...]:
        """The pods of a namespace or (`"*"`) of all, with their labels. Raises DiscoveryError."""
        return self._call(self._inner.pods(namespace, labels))

    def watch(self, *names: str, namespace: str | None = None, labels: str = "") -> BlockingWatch:
        """Follow Services: to use in `with`, and to iterate over."""
        return BlockingWatch(self._inner.watch(*names, namespace=namespace, labels=labels), self._call)

    def subscribe(
        self, callback: Callback, *names: str, namespace: str | None = None, labels: str = ""
    ) -> BlockingWatch:
        """Follow Services, and call for each update, in a thread. `stop()` of what is given back ends it."""
        coroutine = self._inner.subscribe(callback, *names, namespace=namespace, labels=labels)
        return BlockingWatch(self._call(coroutine), self._call)

    def register(self, *_: object, **__: object) -> NoReturn:
        """Refuse. Raises ManagedByKubernetes."""
        self._call(self._inner.register())
        raise AssertionError  # it always refuses

    def deregister(self, *_: object, **__: object) -> NoReturn:
        """Refuse. Raises ManagedByKubernetes."""
        self._call(self._inner.deregister())
        raise AssertionError  # it always refuses

    def heartbeat(self, *_: object, **__: object) -> str:
        """Do nothing, and say so: the kubelet's probes are the heartbeat."""
        return self._call(self._inner.heartbeat())

    def _call(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()
