"""A watch: two readers, one state, and what is yet to be told of it."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from types import TracebackType
from typing import Any, NamedTuple, Self

from meshgen.discovery.connection import Query
from meshgen.discovery.errors import DiscoveryError
from meshgen.discovery.kubeconfig import Place
from meshgen.discovery.mailbox import Mailbox
from meshgen.discovery.models import Key, Snapshot, Update
from meshgen.discovery.reader import Reader
from meshgen.discovery.reading import SERVICE_NAME
from meshgen.discovery.state import State

ALL = "*"
"""All namespaces."""

_calling: ContextVar[Watch | None] = ContextVar("_calling", default=None)
_MOST_NAMES = 50  # in one selector: it stands in a URL


class Scope(NamedTuple):
    """Which Services: of a namespace (empty: of all), those named, or those of a label selector."""

    namespace: str
    names: tuple[str, ...]
    labels: str

    @property
    def services(self) -> Query:
        """What lists them, and maybe others: no selector takes several names."""
        fields = f"metadata.name={self.names[0]}" if len(self.names) == 1 else ""
        return Query("services", self.namespace, self.labels, fields)

    @property
    def slices(self) -> Query:
        """What lists their EndpointSlices, and maybe others: hand-made ones need not have their Service's labels."""
        named = f" in ({','.join(sorted(self.names))})" if 0 < len(self.names) <= _MOST_NAMES else ""
        return Query("endpointslices", self.namespace, f"{SERVICE_NAME}{named}")

    @property
    def keys(self) -> frozenset[Key]:
        """The Services that are named."""
        return frozenset(Key(self.namespace, name) for name in self.names)


class Watch:
    """The Services of a scope, followed. Use in `async with`; iterate for updates; `stop` ends it, from anywhere."""

    def __init__(self, place: Place, scope: Scope, patience: float) -> None:
        self._scope = scope
        self._state = State()
        self._mailbox = Mailbox()
        self._known: dict[Key, Snapshot | None] = {}
        self._faults: dict[str, DiscoveryError] = {}
        self._told_faults: set[type[DiscoveryError]] = set()  # since all was well
        self._listed: set[str] = set()
        self._following: set[str] = set()
        self._settled: asyncio.Future[None] | None = None
        self._readers = [Reader(place, query, self, patience) for query in (scope.services, scope.slices)]
        self._tasks: list[asyncio.Task[None]] = []
        self._caller: asyncio.Task[None] | None = None
        self._on_fault: Callable[[DiscoveryError | None], None] = lambda _: None
        self.stopped = False

    @property
    def fault(self) -> DiscoveryError | None:
        """Why what is known may be out of date; None while it is not."""
        return next(iter(self._faults.values()), None)

    @property
    def states(self) -> Mapping[Key, Snapshot | None]:
        """What is known now, told or not; a Service that was named and is not there is None."""
        return dict(self._known)

    def on_fault(self, callback: Callable[[DiscoveryError | None], None]) -> None:
        """Have it called when what is known may be out of date, for each kind of reason, and with None when it is true.

        It must be quick.
        """
        self._on_fault = callback

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Begin, and wait until the first state is known and each change is being told. Raises DiscoveryError."""
        self._settled = asyncio.get_running_loop().create_future()
        self._tasks = [asyncio.create_task(reader.run()) for reader in self._readers]
        for task in self._tasks:
            task.add_done_callback(self._ended)
        try:
            await self._settled
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End it. Updates that wait are not told any more. Raises what a callback raised."""
        self.stopped = True
        self._mailbox.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if (
            self._caller is not None and _calling.get() is not self
        ):  # a callback that stops its watch cannot wait for itself
            caller, self._caller = self._caller, None
            await caller

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Update:
        update = await self._mailbox.get()
        if update is None:
            for task in self._tasks:
                if task.done() and not task.cancelled():
                    task.result()
            raise StopAsyncIteration
        return update

    def call(self, callback: Callable[[Update], Awaitable[None] | None]) -> None:
        """Call for each update, one after the other; a plain function is called in a thread."""
        self._caller = asyncio.create_task(self._call(callback))
        self._caller.add_done_callback(self._told)

    async def _call(self, callback: Callable[[Update], Awaitable[None] | None]) -> None:
        _calling.set(self)  # seen by what is called, also in a thread, and by what that asks of the loop
        plain = not inspect.iscoroutinefunction(callback)
        async for update in self:
            answer = await asyncio.to_thread(callback, update) if plain else callback(update)
            if inspect.isawaitable(answer):
                await answer

    def _told(self, task: asyncio.Task[None]) -> None:
        fault = None if task.cancelled() else task.exception()
        if fault is not None:  # at once, too: who subscribed may never call stop()
            words = {"message": "a callback of meshgen.discovery failed; it is not called again", "exception": fault}
            task.get_loop().call_exception_handler(words)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A reader never ends by itself: where it did, that is a bug, and whoever listens is told."""
        if not task.cancelled() and (fault := task.exception()) is not None:
            if self._settled is not None and not self._settled.done():
                self._settled.set_exception(fault)
            self._mailbox.close()

    def replaced(self, resource: str, items: list[Any]) -> None:
        """All there are, as Services or Slices."""
        found = {each.key: each for each in items}
        replace = self._state.replace_services if resource == "services" else self._state.replace_slices
        dirty = replace(found)
        self._listed.add(resource)
        self._tell(dirty)

    def happened(self, resource: str, item: Any, gone: bool) -> None:
        """One object as it is now, or was when it was deleted."""
        put = self._state.put_service if resource == "services" else self._state.put_slice
        self._tell(put(item.key, None if gone else item))

    def follows(self, resource: str) -> None:
        """The server agreed to tell each change from here on: what was told is true."""
        self._following.add(resource)
        if self._faults.pop(resource, None) is not None and not self._faults:
            self._told_faults.clear()
            self._on_fault(None)
        if len(self._following) == len(self._readers) and self._settled is not None and not self._settled.done():
            self._settled.set_result(None)

    def troubled(self, resource: str, fault: DiscoveryError) -> None:
        """What was told may be out of date."""
        if self._settled is not None and not self._settled.done() and resource not in self._following:
            self._settled.set_exception(fault)
            return
        self._faults[resource] = fault
        if type(fault) not in self._told_faults:  # each attempt fails anew, in other words
            self._told_faults.add(type(fault))
            self._on_fault(fault)

    def _tell(self, dirty: set[Key]) -> None:
        if len(self._listed) < len(self._readers):
            return
        if not self._known:  # the first state: all there is, and those that were named and are not there
            dirty = set(self._state.keys()) | self._scope.keys
        named = self._scope.keys
        for key in sorted(dirty):
            if named and key not in named:
                continue
            after = self._state.snapshot(key)
            if after is None and key not in self._known and key not in named:
                continue  # slices of a Service that was not asked for
            if key in self._known and self._known[key] == after:
                continue
            self._remember(key, after)
            self._mailbox.put(key, after)

    def _remember(self, key: Key, after: Snapshot | None) -> None:
        if after is None and key not in self._scope.keys:
            self._known.pop(key, None)
        else:
            self._known[key] = after
