"""The lab's namespaces as the parent process sees them: it asks the agent inside, and hears of deaths."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress
from pathlib import Path
from typing import Any

from lab import channel
from lab.errors import LabError, Late, Missing, ProgramDied

_ANSWER = 30.0  # seconds; the agent answers in milliseconds unless the machine is starved
_AGAIN = 0.05  # seconds
_MOMENT = 2.0  # seconds


class Remote:
    """The processes inside. `folder` is memory that only they see; `logs` is seen by all."""

    def __init__(self, logs: Path) -> None:
        self.folder = tempfile.mkdtemp(prefix="lab-")
        self._answers: dict[int, Future[Any]] = {}
        self._number = 0
        self._lock = threading.Lock()
        self._death: ProgramDied | None = None
        self._dead = threading.Event()
        self._closing = threading.Event()
        self._under_way: set[socket.socket] = set()
        try:
            self._line, self._process = _enter(self.folder, logs)
        except BaseException:
            os.rmdir(self.folder)
            raise
        self._listener = threading.Thread(target=self._listen, name="lab", daemon=True)
        self._listener.start()

    def call(self, do: str, *, seconds: float = _ANSWER, **arguments: Any) -> Any:
        """What the agent answers. Raises LabError where it could not, ProgramDied where something died.

        Raises Late where it took longer than `seconds`.
        """
        self.check()
        future: Future[Any] = Future()
        with self._lock:
            self._number += 1
            self._answers[self._number] = future
            try:
                channel.send(self._line, {"id": self._number, "do": do, "with": arguments})
            except OSError as fault:
                self._listener.join(5)  # it sees the same end, and notes whose it was
                self.check()
                raise LabError(f"the lab has ended: {fault}") from fault
        try:
            return future.result(seconds)
        except NotYet:
            self.check()
            raise Late(f"waited {seconds:g} s for the agent to {do}") from None

    def sockets(self, network: str | None = None, count: int = 1, marked: bool = False) -> list[socket.socket]:
        """TCP sockets inside, not connected; `marked` ones are redirected to the proxy of their namespace."""
        made = self.call("sockets", network_name=network, count=count, marked=marked)
        return [socket.socket(fileno=descriptor) for descriptor in made]

    def check(self) -> None:
        """Raise ProgramDied if any program died."""
        if self._death is not None:
            raise self._death.again()

    def blame(self) -> None:
        """Raise ProgramDied if a death is told within a moment: a program's connections break before that."""
        self._dead.wait(_MOMENT)
        self.check()

    def watch(self, sockets: Iterable[socket.socket]) -> None:
        """Have these sockets shut as soon as a program dies, or at once if one has, so that nobody waits in vain."""
        self._under_way.update(sockets)

    def unwatch(self, sockets: Iterable[socket.socket]) -> None:
        """Leave these sockets alone again."""
        self._under_way.difference_update(sockets)

    def close(self) -> None:
        """End everything inside and wait for it."""
        self._closing.set()
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join()
        self._line.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _listen(self) -> None:
        while True:
            try:
                message, descriptors = channel.receive(self._line)
            except (EOFError, OSError):
                self._died("the lab's agent", "ended", "")
                return
            if "died" in message:
                self._died(*message["died"])
            else:
                self._deliver(message, descriptors)

    def _deliver(self, message: channel.Message, descriptors: list[int]) -> None:
        future = self._answers.pop(message["id"], None)
        if future is None:  # who asked has heard of a death instead
            return
        if "error" in message:
            future.set_exception(LabError(message["error"]))
        else:
            future.set_result(descriptors or message["result"])

    def _died(self, name: str, ending: str, tail: str) -> None:
        if not self._closing.is_set() and self._death is None:
            self._death = ProgramDied(name, ending, tail)
            self._dead.set()
            threading.Thread(target=self._shut, name="lab-death", daemon=True).start()
        while self._answers:
            self._answers.popitem()[1].set_exception(self._death or LabError("the lab has ended"))

    def _shut(self) -> None:
        """After a death, shut what is watched, again and again: a socket may be watched, or connected, only later."""
        while True:
            for under_way in list(self._under_way):
                with suppress(OSError):  # it may be closed already, or not be connected yet
                    under_way.shutdown(socket.SHUT_RDWR)
            if self._closing.wait(_AGAIN):
                return


def _enter(folder: str, logs: Path) -> tuple[socket.socket, subprocess.Popen[bytes]]:
    """Start the agent and wait until it is inside. Raises Missing where the machine does not let it."""
    ours, theirs = socket.socketpair()
    here = os.pidfd_open(os.getpid())
    reading, writing = os.pipe()
    errors = (logs / "agent.log").open("wb")
    package = str(Path(__file__).resolve().parent.parent)
    command = [
        sys.executable,
        "-P",
        "-m",
        "lab.agent",
        str(theirs.fileno()),
        str(here),
        str(writing),
        folder,
        str(logs),
    ]
    try:
        process = subprocess.Popen(
            command,
            env={**os.environ, "PYTHONPATH": package},
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            pass_fds=(theirs.fileno(), here, writing),
            start_new_session=True,
        )
    finally:
        theirs.close()
        os.close(here)
        os.close(writing)
        errors.close()
    with os.fdopen(reading, "rb") as pipe:
        entered = pipe.read()
    if entered != b"ready":
        process.wait()
        ours.close()
        said = (logs / "agent.log").read_text(encoding="utf-8").strip().splitlines()
        raise Missing(f"namespaces for the lab: {said[-1] if said else 'the agent said nothing'}")
    return ours, process
