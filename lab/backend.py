"""The servers of all pods, what they were told to do, and what reached them."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import Any

from lab import network
from lab.behaviour import Arrival, Behaviour, Pod
from lab.serving import Connection


class Backends:
    """All servers of all pods, what they were told to do, and what reached them."""

    def __init__(self) -> None:
        self.arrived: list[tuple[Pod, list[Any]]] = []
        self._rules: list[Behaviour] = []
        self._tries: dict[tuple[int, str], int] = {}
        self._connections: dict[str, set[asyncio.Transport]] = {}

    def behave(self, rules: list[dict[str, Any]]) -> None:
        """Replace what all backends were told to do."""
        self._rules = [Behaviour(**rule) for rule in rules]
        self._tries.clear()

    async def serve(self, pod: Pod, place: int | None = None) -> None:
        """Open a server on every port of `pod`, in its network if it has one of its own. Raises OSError where its address cannot be bound."""
        loop = asyncio.get_running_loop()
        for port in pod.ports:
            made = network.listening_socket(place, pod.address, port)
            server = await loop.create_server(partial(Connection, self, pod, port), sock=made)
            pod.servers.append(server)

    def close(self, pod: Pod) -> None:
        """Close the servers of `pod` and the connections to them, as the end of its processes would."""
        for server in pod.servers:
            server.close()
        for transport in self._connections.pop(pod.address, set()):
            transport.abort()

    def opened(self, pod: Pod, transport: asyncio.Transport) -> None:
        """Remember a connection, so that it ends with its pod."""
        self._connections.setdefault(pod.address, set()).add(transport)

    def lost(self, pod: Pod, transport: asyncio.Transport) -> None:
        """Forget a connection that ended."""
        self._connections.get(pod.address, set()).discard(transport)

    def ready(self, pod: Pod) -> bool:
        """Whether the pod reports itself ready: so, once its proxy is, unless it was told otherwise."""
        return pod.joined and all(rule.ready for rule in self._about(pod))

    def greeting(self, pod: Pod, port: int) -> str | None:
        """What the pod says at that port before it hears anything, or None where it listens first."""
        greetings = [rule.greeting for rule in self._about(pod) if rule.port in {0, port} and rule.greeting is not None]
        return greetings[-1] if greetings else None

    def reaction(self, arrival: Arrival) -> Behaviour:
        """What to do with a request: the last rule that is about it and whose first tries are not over."""
        for rule in reversed(self._about(arrival.pod)):
            if rule.reacts and rule.matches(arrival) and not self._tried(rule, arrival):
                return rule
        return Behaviour()

    def record(self, arrival: Arrival, status: int) -> None:
        """Remember what arrived; status 0 means that it gets no answer."""
        pod = arrival.pod
        told = (
            pod.namespace,
            pod.name,
            pod.version,
            arrival.port,
            arrival.method,
            arrival.path,
            status,
            arrival.headers,
        )
        self.arrived.append((pod, [time.time(), *told]))

    def _about(self, pod: Pod) -> list[Behaviour]:
        return [rule for rule in self._rules if rule.matches_pod(pod)]

    def _tried(self, rule: Behaviour, arrival: Arrival) -> bool:
        """Whether a rule for the first tries is over for this request, which is counted."""
        if rule.fail_first is None:
            return False
        key = (id(rule), arrival.request or arrival.path)
        self._tries[key] = self._tries.get(key, 0) + 1
        return self._tries[key] > rule.fail_first
