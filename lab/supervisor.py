"""Starts the lab's programs, keeps their logs, and notices when one ends by itself."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lab import linux

_TAIL = 20  # lines of a log that are told of a program that died
_TAIL_BYTES = 16384


@dataclass
class _Program:
    process: subprocess.Popen[bytes]
    log: Path
    expected: bool = False  # to end, because it was told to


class Supervisor:
    """The programs by name. `died` is told the name, how it ended and the last lines of its log."""

    def __init__(self, logs: Path, died: Callable[[str, str, str], None]) -> None:
        self._logs = logs
        self._died = died
        self._programs: dict[str, _Program] = {}
        self._runs: dict[int, tuple[subprocess.Popen[bytes], asyncio.Future[int]]] = {}

    def start(
        self, name: str, command: Sequence[str], folder: str, environment: Mapping[str, str], network: int | None
    ) -> int:
        """Start a program in `folder`, a clean `environment` and a network; its process id. Raises OSError."""
        log = self._logs / f"{name}.log"
        with log.open("wb") as output, linux.inside(network):
            process = _spawn(command, folder, environment, output, output)
        self._programs[name] = _Program(process, log)
        return process.pid

    async def run(self, output: Path, command: Sequence[str], folder: str, environment: Mapping[str, str]) -> int:
        """Run a program to its end, with what it prints in two files beside `output`; its exit code. Raises OSError."""
        with output.with_suffix(".out").open("wb") as printed, output.with_suffix(".err").open("wb") as complaints:
            process = _spawn(command, folder, environment, printed, complaints)
        self._runs[process.pid] = (process, asyncio.get_running_loop().create_future())
        return await self._runs[process.pid][1]

    def signal(self, name: str, number: int) -> None:
        """Send a signal as a fault from outside would: the end that follows counts as a death. Raises KeyError."""
        os.kill(self._programs[name].process.pid, number)

    def stop(self, name: str) -> None:
        """End a program that is no longer needed, and those that it started. Raises KeyError."""
        program = self._programs[name]
        program.expected = True
        os.killpg(program.process.pid, signal.SIGKILL)

    def running(self) -> dict[str, int]:
        """The process ids of all programs, by name."""
        return {name: program.process.pid for name, program in self._programs.items()}

    def reap(self) -> None:
        """Collect every process that ended; the first of a process namespace inherits orphans too."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self._ended(pid, os.waitstatus_to_exitcode(status))

    def _ended(self, pid: int, code: int) -> None:
        if pid in self._runs:
            process, ended = self._runs.pop(pid)
            process.returncode = code
            ended.set_result(code)
        for name, program in list(self._programs.items()):
            if program.process.pid == pid:
                program.process.returncode = code  # or Popen complains that nobody waited for it
                del self._programs[name]
                if not program.expected:
                    self._died(name, _how(code), _tail(program.log))


def _spawn(
    command: Sequence[str], folder: str, environment: Mapping[str, str], output: IO[bytes], complaints: IO[bytes]
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        cwd=folder,
        env={"PATH": os.environ.get("PATH", ""), "HOME": folder, **environment},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=complaints,
        start_new_session=True,
    )


def _how(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


def _tail(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        lines = file.read().decode(errors="replace").splitlines()
    return "\n".join(lines[-_TAIL:])
