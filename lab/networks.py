"""The network namespaces of pods, by name."""

from __future__ import annotations

import asyncio
import itertools
import os

from lab import linux, network


class Networks:
    """Those that are there; each ends when nobody is in it and it was dropped here."""

    def __init__(self) -> None:
        self._made: dict[str, int] = {}
        self._number = itertools.count()

    def __getitem__(self, name: str) -> int:
        """A descriptor of it. Raises KeyError."""
        return self._made[name]

    async def make(self, name: str, address: str, redirected: bool) -> None:
        """Make one, by a thread: pyroute2 has an event loop of its own. Raises OSError and NetlinkError."""
        made = linux.new_network()
        await asyncio.to_thread(network.join_pod, made, address, f"pod{next(self._number)}")
        if redirected:
            await asyncio.to_thread(network.redirect, made)
        self._made[name] = made

    def drop(self, name: str) -> None:
        """Let it end. Raises KeyError."""
        os.close(self._made.pop(name))
