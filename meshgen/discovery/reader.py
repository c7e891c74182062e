"""The loop that lists, watches, and begins again: it ends only when it is cancelled."""

from __future__ import annotations

import asyncio
import random
from typing import Any, Protocol

from meshgen.discovery.connection import Connection, Outdated, Query
from meshgen.discovery.errors import DiscoveryError, Rejected, Unauthorised
from meshgen.discovery.kubeconfig import Place
from meshgen.discovery.models import Service
from meshgen.discovery.pace import Pace
from meshgen.discovery.reading import Slice, read

_SOON = 1.0  # seconds; a watch that ended sooner, without a word, is no watch that works
_ATTEMPTS = 3  # to resume from a version, until a list is asked for again


class Sink(Protocol):
    """Who is told what a reader reads."""

    def replaced(self, resource: str, items: list[Any]) -> None:
        """All there are, as Services or Slices."""

    def happened(self, resource: str, item: Any, gone: bool) -> None:
        """One object as it is now, or was when it was deleted."""

    def follows(self, resource: str) -> None:
        """The server agreed to tell each change from here on: what was told is true."""

    def troubled(self, resource: str, fault: DiscoveryError) -> None:
        """What was told may be out of date until `follows` is said again."""


class Reader:
    """Follows the objects of one query."""

    def __init__(self, place: Place, query: Query, sink: Sink, patience: float) -> None:
        self._place = place
        self._query = query
        self._sink = sink
        self._patience = patience
        self._version = ""  # to resume from; empty where only a list will do
        self._pace = Pace()
        self._failed = 0

    async def run(self) -> None:
        """Read until cancelled. Raises nothing that the sink is not told."""
        auth = None
        while True:
            try:
                config = await asyncio.to_thread(self._place.read)
                connection = Connection(config, self._patience, auth)
                auth = connection.auth
                async with connection:
                    await self._follow(connection)
            except DiscoveryError as fault:
                self._sink.troubled(self._query.resource, fault)
                if isinstance(fault, Unauthorised):
                    auth = None  # the configuration is read anew, and a plugin asked again
                self._failed += 1
                if self._failed >= _ATTEMPTS or isinstance(fault, Rejected):
                    self._version = ""
            await asyncio.sleep(self._pace.pause())

    async def _follow(self, connection: Connection) -> None:
        """List if need be, then watch again and again; returns where a pause is due."""
        while True:
            try:
                if not self._version:
                    items, self._version = await connection.list(self._query, self._read)
                    self._sink.replaced(self._query.resource, items)
                if await self._watch(connection):
                    continue
            except Outdated:
                self._version = ""
            return

    def _read(self, found: Any) -> Service | Slice:
        return read(self._query.resource, found)

    async def _watch(self, connection: Connection) -> bool:
        """Watch once; whether it lasted, or brought something."""
        clock = asyncio.get_running_loop().time
        began, told = clock(), False
        # The server ends it, after a bookmark, before the silence would be too long; not for all clients at once.
        seconds = max(1, int(self._patience * random.uniform(0.6, 0.8)))  # noqa: S311 - no secret
        async with connection.watch(self._query, self._version, seconds) as events:
            self._failed = 0
            self._sink.follows(self._query.resource)
            async for event in events:
                if event.kind != "BOOKMARK":
                    self._sink.happened(self._query.resource, self._read(event.object), event.kind == "DELETED")
                self._version = event.version or self._version
                self._pace.reset()
                told = True
        return told or clock() - began > _SOON
