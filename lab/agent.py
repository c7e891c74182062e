"""The first process inside the lab's namespaces: when it ends, the kernel ends everything in them.

Started by `lab.remote`, which tells it over a unix socket what to do.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lab import channel, linux, network
from lab.backend import Backends
from lab.behaviour import Behaviour
from lab.kubelet import Kubelet
from lab.networks import Networks
from lab.sidecars import Place, Sidecars
from lab.supervisor import Supervisor


class Agent:
    """Does what the messages on `line` ask for, one method a message."""

    def __init__(self, line: socket.socket, logs: Path) -> None:
        self._line = line
        self._networks = Networks()
        self._supervisor = Supervisor(logs, self._tell_death)
        self._backends = Backends()
        self._kubelet = Kubelet(self._backends)
        self._runs = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, parent: int) -> None:
        """Work until the parent process, known by its pidfd, ends or closes the line."""
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        loop.add_signal_handler(signal.SIGCHLD, self._supervisor.reap)
        loop.add_reader(parent, ended.set)
        loop.add_reader(self._line, self._hear, ended)
        await ended.wait()

    def _hear(self, ended: asyncio.Event) -> None:
        try:
            message, _ = channel.receive(self._line)
        except (EOFError, OSError):
            asyncio.get_running_loop().remove_reader(self._line)
            ended.set()
            return
        self._keep(message["do"], self._answer(message["id"], message["do"], message["with"]))

    def _keep(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            lines = traceback.format_exception(fault)
            self._tell_death(
                f"the agent's {task.get_name()}", f"ended by {type(fault).__name__}: {fault}", "".join(lines)
            )

    async def _answer(self, number: int, method: str, arguments: dict[str, Any]) -> None:
        work: Callable[..., Awaitable[Any]] = getattr(self, f"do_{method}")
        try:
            result = await work(**arguments)
        except Exception as fault:  # noqa: BLE001 - whatever it is, the one who asked is told
            channel.send(self._line, {"id": number, "error": f"{type(fault).__name__}: {fault}"})
            return
        if isinstance(result, list) and result and isinstance(result[0], socket.socket):
            channel.send(self._line, {"id": number, "result": None}, [made.fileno() for made in result])
            for made in result:
                made.close()
        else:
            channel.send(self._line, {"id": number, "result": result})

    def _tell_death(self, name: str, ending: str, tail: str) -> None:
        channel.send(self._line, {"died": [name, ending, tail]})

    async def do_network(self, name: str, address: str, redirected: bool) -> None:
        """Make a namespace of its own for a pod."""
        await self._networks.make(name, address, redirected)

    async def do_sockets(self, network_name: str | None, count: int, marked: bool) -> list[socket.socket]:
        """Sockets of a namespace, for the parent to connect."""
        place = self._networks[network_name] if network_name else None
        return [network.open_socket(place, marked) for _ in range(count)]

    async def do_write(self, path: str, text: str) -> None:
        """Write a file in the lab's own folder, which only those inside can see."""
        file = Path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    async def do_start(
        self, name: str, command: list[str], folder: str, environment: dict[str, str], network_name: str | None
    ) -> int:
        """Start a program; its process id inside."""
        place = self._networks[network_name] if network_name else None
        return self._supervisor.start(name, command, folder, environment, place)

    async def do_run(self, command: list[str], folder: str, environment: dict[str, str]) -> tuple[int, str, str]:
        """Run a program to its end: its exit code, what it printed, and its complaints."""
        self._runs += 1
        output = Path(folder, f"run-{self._runs}")
        code = await self._supervisor.run(output, command, folder, environment)
        printed, complaints = output.with_suffix(".out"), output.with_suffix(".err")
        texts = [file.read_text(encoding="utf-8", errors="replace") for file in (printed, complaints)]
        printed.unlink()
        complaints.unlink()
        return code, texts[0], texts[1]

    async def do_signal(self, name: str, number: int) -> None:
        """Send a signal to a program."""
        self._supervisor.signal(name, number)

    async def do_stop(self, name: str) -> None:
        """End a program without calling it a death."""
        self._supervisor.stop(name)

    async def do_programs(self) -> dict[str, int]:
        """The programs that run, with their process ids inside."""
        return self._supervisor.running()

    async def do_kubelet(self, token: str, authority: str) -> None:
        """Begin to stand in for the kubelet."""
        self._keep("kubelet", self._kubelet.run(token, authority))

    async def do_identities(self, place: dict[str, str]) -> None:
        """From now on, run a proxy with an identity for each pod that has one."""
        self._kubelet.sidecars = Sidecars(self._supervisor, self._networks, Place(**place))

    async def do_sidecars(self) -> list[dict[str, Any]]:
        """The nodes of the proxies that run for pods."""
        running = self._kubelet.sidecars
        return [asdict(node) for node in running.nodes.values()] if running else []

    async def do_behave(self, rules: list[dict[str, Any]]) -> None:
        """Replace all that was said about how backends behave."""
        self._backends.behave(rules)
        await self._kubelet.report()

    async def do_arrived(self, since: int, whose: dict[str, Any]) -> list[list[Any]]:
        """What reached the backends of these pods after the first `since` requests."""
        about = Behaviour(**whose)
        arrived = self._backends.arrived[since:]
        return [entry for pod, entry in arrived if about.matches_pod(pod)]

    async def do_count(self) -> int:
        """How many requests reached the backends so far."""
        return len(self._backends.arrived)


def main() -> int:
    """Enter namespaces, fork their first process, and clean up when it has ended, however it did."""
    line, parent, ready = (int(text) for text in sys.argv[1:4])
    folder, logs = sys.argv[4:6]
    _enter_namespaces()
    linux.private_memory_folder(folder)
    first = os.fork()
    if first:
        os.close(line)
        os.close(ready)
        _, status = os.waitpid(first, 0)
        linux.unmount(folder)
        os.rmdir(folder)
        return abs(os.waitstatus_to_exitcode(status))
    linux.die_with_parent()
    network.join_host()
    os.write(ready, b"ready")
    os.close(ready)
    asyncio.run(Agent(socket.socket(fileno=line), Path(logs)).run(parent))
    return 0


def _enter_namespaces() -> None:
    user, group = os.geteuid(), os.getegid()
    flags = linux.NEW_MOUNTS | linux.NEW_PIDS | linux.NEW_NETWORK
    if user == 0:
        linux.unshare(flags)
    else:
        linux.unshare(flags | linux.NEW_USER)
        linux.map_to_root(user, group)


if __name__ == "__main__":
    sys.exit(main())
