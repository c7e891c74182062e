"""What a watcher has yet to be told. Who is slow is told less often, and always of the last state."""

from __future__ import annotations

import asyncio

from meshgen.discovery.models import Key, Snapshot, Update


class Mailbox:
    """The newest state of each Service that its reader was not told of, in the order in which they first changed."""

    def __init__(self) -> None:
        self._waiting: dict[Key, Snapshot | None] = {}
        self._told: dict[Key, Snapshot] = {}
        self._known: set[Key] = set()  # told of, though they may not exist
        self._arrived = asyncio.Event()
        self._closed = False

    def put(self, key: Key, state: Snapshot | None) -> None:
        """Have the state told; it replaces one that waits."""
        self._waiting[key] = state
        self._arrived.set()

    def close(self) -> None:
        """Nothing will come any more, and what waits is no longer told."""
        self._closed = True
        self._arrived.set()

    async def get(self) -> Update | None:
        """The next update, as soon as there is one; None after the end."""
        while not self._closed:
            while self._waiting:
                key = next(iter(self._waiting))
                update = self._update(key, self._waiting.pop(key))
                if update is not None:
                    return update
            self._arrived.clear()
            await self._arrived.wait()
        return None

    def _update(self, key: Key, after: Snapshot | None) -> Update | None:
        before = self._told.pop(key, None)
        if after is not None:
            self._told[key] = after
        if before == after and (after is not None or key in self._known):
            return None  # it came back to what was told
        (self._known.discard if after is not None else self._known.add)(key)
        return Update(key, before, after)
