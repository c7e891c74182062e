"""The client of discovery against a stand-in (tests/standin.py): credentials, callbacks, iterators, and what it refuses."""

from __future__ import annotations

import asyncio
import queue
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from following import TWO, USERS, Cluster, connected, event, hosts, told
from slices import endpoint, endpoint_slice
from standin import ApiServer, Request, failed

from meshgen.discovery import (
    BlockingDiscovery,
    Discovery,
    DiscoveryError,
    ManagedByKubernetes,
    Unauthorised,
    Unreachable,
    Update,
)


def expecting(*good: str) -> Callable[[Request], None]:
    cluster = Cluster()

    def respond(request: Request) -> None:
        if request.bearer in good:
            cluster(request)
        else:
            request.answer(failed(401, "Unauthorized"), 401)

    return respond


def test_an_expired_token_is_read_anew_from_its_file_and_from_the_kubeconfig(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("old")
    good = ["old"]

    def respond(request: Request) -> None:
        expecting(*good)(request)

    with ApiServer(respond) as server:
        config = server.kubeconfig(tmp_path, {"tokenFile": str(token)})
        with BlockingDiscovery(kubeconfig=config) as client:
            client.discover("users")
            good[:] = ["new"]
            with pytest.raises(Unauthorised):
                client.discover("users")
            token.write_text("new")
            client.discover("users")
            good[:] = ["third"]
            server.kubeconfig(tmp_path, {"token": "third"})
            assert len(client.discover("users")) == 1


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_a_credential_plugin_is_asked_and_told_its_version(version: str, tmp_path: Path) -> None:
    program = (
        "import json, os; told = json.loads(os.environ['KUBERNETES_EXEC_INFO'])['apiVersion'];"
        "print(json.dumps({'status': {'token': told}}))"
    )
    api = f"client.authentication.k8s.io/{version}"
    user = {"exec": {"apiVersion": api, "command": sys.executable, "args": ["-c", program]}}
    with connected(expecting(api), tmp_path, user) as (_server, client):
        assert len(client.discover("users")) == 1


@pytest.mark.parametrize("command", ["/no/such/plugin", "false"])
def test_a_credential_plugin_that_fails_is_unauthorised(command: str, tmp_path: Path) -> None:
    user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": command}}
    with (
        connected(Cluster(), tmp_path, user) as (_server, client),
        pytest.raises(Unauthorised, match="no credentials for"),
    ):
        client.discover("users")


def test_a_slow_callback_is_told_the_last_state_and_blocks_nobody(tmp_path: Path) -> None:
    go, begun, done = threading.Event(), threading.Event(), threading.Event()
    many = [event("MODIFIED", endpoint_slice("a", endpoint(f"10.0.1.{n}"), version=10 + n)) for n in range(200)]
    seen: list[Update] = []

    def slow(update: Update) -> None:
        seen.append(update)
        begun.set()
        assert go.wait(10)
        if hosts(update) == ["10.0.1.199"]:
            done.set()

    def respond(request: Request) -> None:
        assert begun.wait(10)
        told(*many)(request)

    with connected(Cluster(respond), tmp_path) as (_server, client):
        watch = client.subscribe(slow, "users")
        deadline = time.monotonic() + 10
        while True:
            state = watch.states[USERS]
            if state is not None and [one.host for one in state.instances] == ["10.0.1.199"]:
                break
            assert time.monotonic() < deadline
        go.set()
        assert done.wait(10)

    assert [hosts(update) for update in seen] == [["10.0.0.1"], ["10.0.1.199"]]
    assert [one.host for one in seen[1].removed] == ["10.0.0.1"]


def test_what_a_callback_raises_ends_the_watch_and_comes_out_at_its_stop(tmp_path: Path) -> None:
    async def run(config: str) -> None:
        heard: list[dict[str, Any]] = []
        broke = asyncio.Event()

        def heard_of(_: object, context: dict[str, Any]) -> None:
            heard.append(context)
            broke.set()

        asyncio.get_running_loop().set_exception_handler(heard_of)

        async def broken(_: Update) -> None:
            raise ZeroDivisionError

        async with Discovery(kubeconfig=config) as discovery:
            watch = await discovery.subscribe(broken, "users")
            await asyncio.wait_for(broke.wait(), 10)
            with pytest.raises(ZeroDivisionError):
                await watch.stop()
        assert [type(each["exception"]) for each in heard] == [ZeroDivisionError]

    with ApiServer(Cluster()) as server:
        asyncio.run(run(server.kubeconfig(tmp_path)))


def test_a_callback_may_stop_its_own_watch(tmp_path: Path) -> None:
    heard: queue.Queue[Update] = queue.Queue()
    with connected(Cluster(), tmp_path) as (_, client):
        started, stopped = threading.Event(), threading.Event()

        def once(update: Update) -> None:
            assert started.wait(10)
            watch.stop()
            heard.put(update)
            stopped.set()

        watch = client.subscribe(once, "users")
        started.set()
        assert stopped.wait(10)

    assert heard.qsize() == 1


def test_a_fault_is_told_when_it_begins_and_when_it_ends(tmp_path: Path) -> None:
    faults: queue.Queue[DiscoveryError | None] = queue.Queue()
    go = threading.Event()

    def broken(request: Request) -> None:
        assert go.wait(10)
        request.cut()

    with connected(Cluster(broken), tmp_path) as (_, client), client.watch("users") as watch:
        watch.on_fault(faults.put)
        go.set()

        assert isinstance(faults.get(timeout=10), Unreachable)
        assert faults.get(timeout=10) is None


def test_an_async_iterator_gives_updates_until_it_is_stopped(tmp_path: Path) -> None:
    async def run(config: str) -> list[list[str]]:
        seen = []
        async with Discovery(kubeconfig=config) as discovery, discovery.watch("users") as watch:
            async for update in watch:
                seen.append(hosts(update))
                cluster.told.set()
                if len(seen) == 2:
                    await watch.stop()
        return seen

    cluster = Cluster(told(event("MODIFIED", TWO)))
    cluster.told.clear()
    with ApiServer(cluster) as server:
        assert asyncio.run(run(server.kubeconfig(tmp_path))) == [["10.0.0.1"], ["10.0.0.1", "10.0.0.2"]]


def test_states_are_told_in_the_order_in_which_they_were(tmp_path: Path) -> None:
    """Of ten that come at once a reader may miss some, as one that is slow does; it is never led back."""
    many = [event("MODIFIED", endpoint_slice("a", endpoint(f"10.0.1.{n}"), version=10 + n)) for n in range(100)]
    seen: list[str] = []
    heard = threading.Semaphore(0)

    def respond(request: Request) -> None:
        for start in range(0, len(many), 10):
            assert heard.acquire(timeout=10)
            request.send(*many[start : start + 10])
        request.ended.wait()

    with connected(Cluster(respond), tmp_path) as (_, client), client.watch("users") as watch:
        while "10.0.1.99" not in seen:
            seen += hosts(next(watch))
            heard.release()
            assert seen[1:] == sorted(seen[1:], key=lambda host: int(host.rpartition(".")[2]))

    assert seen[0] == "10.0.0.1"
    assert len(seen) > 10


def test_many_services_are_one_list_and_one_watch_of_each_kind(tmp_path: Path) -> None:
    with connected(Cluster(), tmp_path) as (server, client), client.watch("users", "orders", "carts"):
        asked = [(request.about, request.watches) for request in server.requests]
        selectors = {request.query["labelSelector"] for request in server.requests if request.about != "services"}

    assert sorted(asked) == [(kind, watches) for kind in ("endpointslices", "services") for watches in (False, True)]
    assert selectors == {"kubernetes.io/service-name in (carts,orders,users)"}


def test_registering_refuses_and_a_heartbeat_says_that_it_does_nothing(tmp_path: Path) -> None:
    with connected(Cluster(), tmp_path) as (server, client):
        with pytest.raises(ManagedByKubernetes, match="labels of the Service's selector"):
            client.register("users", "10.0.0.9")
        with pytest.raises(ManagedByKubernetes, match="leaves by itself"):
            client.deregister("users-1")
        assert "nothing was sent" in client.heartbeat("users-1")
        assert server.requests == []


def test_importing_discovery_loads_no_library_and_without_the_extra_it_says_what_to_install() -> None:
    import subprocess

    code = (
        "import sys, meshgen.discovery as d; d.Instance; d.Forbidden;"
        "assert not {'lightkube', 'httpx2', 'msgspec', 'asyncio'} & sys.modules.keys(), sys.modules;"
        "sys.modules['lightkube'] = None\n"
        "try: d.BlockingDiscovery()\n"
        "except d.NotInstalled as fault: print(fault)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert ran.stderr == ""
    assert "pip install 'meshgen[cluster]'" in ran.stdout
