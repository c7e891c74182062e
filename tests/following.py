"""A stand-in cluster of one service, and clients that follow it, for tests of discovery."""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from slices import endpoint, endpoint_slice, service
from standin import ApiServer, Json, Request, listed

from meshgen.discovery import (
    BlockingDiscovery,
    Key,
    Update,
)

USERS = Key("shop", "users")
ONE = endpoint_slice("a", endpoint("10.0.0.1"), version=5)
TWO = endpoint_slice("a", endpoint("10.0.0.1"), endpoint("10.0.0.2"), version=6)


def event(kind: str, what: Json) -> Json:
    return {"type": kind, "object": what}


class Cluster:
    """Lists a service and its slice; the nth watch of slices does what the nth of `watches` says, later ones wait.

    None begins before `told` is set: what happens before the first state was told would be part of it.
    """

    def __init__(self, *watches: Callable[[Request], None]) -> None:
        self.told = threading.Event()
        self.told.set()
        self.slices = [ONE]
        self.watches = list(watches)
        self.lists: Counter[str] = Counter()
        self.resumed: list[str] = []

    def __call__(self, request: Request) -> None:
        if request.watches:
            request.begin()
            if request.about == "endpointslices":
                self.resumed.append(request.query["resourceVersion"])
                if self.watches:
                    assert self.told.wait(10)
                    self.watches.pop(0)(request)
                    return
            request.ended.wait()
        elif request.about == "users":
            request.answer(service())
        else:
            self.lists[request.about] += 1
            request.answer(listed(*(self.slices if request.about == "endpointslices" else [service()]), version=5))


def hosts(update: Update) -> list[str]:
    return [one.host for one in update.after.instances] if update.after else []


@contextmanager
def connected(
    respond: Callable[[Request], None], folder: Path, user: Json | None = None, **settings: Any
) -> Iterator[tuple[ApiServer, BlockingDiscovery]]:
    with ApiServer(respond) as server:
        client = BlockingDiscovery(kubeconfig=server.kubeconfig(folder, user), **settings)
        with client:
            yield server, client


def followed(cluster: Cluster, folder: Path, updates: int, **settings: Any) -> list[list[str]]:
    """The hosts in the first so many updates."""
    heard: queue.Queue[Update] = queue.Queue()
    cluster.told.clear()
    with connected(cluster, folder, **settings) as (_, client):
        client.subscribe(heard.put, "users")
        first = hosts(heard.get(timeout=10))
        cluster.told.set()
        return [first, *(hosts(heard.get(timeout=10)) for _ in range(updates - 1))]


def cut(*pieces: Json | bytes) -> Callable[[Request], None]:
    def respond(request: Request) -> None:
        request.send(*pieces)
        request.cut()

    return respond


def told(*pieces: Json | bytes) -> Callable[[Request], None]:
    def respond(request: Request) -> None:
        request.send(*pieces)
        request.ended.wait()

    return respond
