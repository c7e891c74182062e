"""The processes of a lab as the machine sees them."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from lab import wait


def processes(folder: str) -> list[tuple[int, str]]:
    """The processes whose command line names the lab's folder, or that of a program started for it."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue  # it ended meanwhile
            if folder in command:
                found.append((int(entry.name), command))
    return found


def below(folder: str) -> list[int]:
    """The processes that work in a folder which only those inside the lab can see."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):  # it ended meanwhile
                if os.readlink(entry / "cwd").endswith(folder):
                    found.append(int(entry.name))
    return found


def program_of(pid: int) -> str:
    """The path of what a process runs."""
    return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].decode()


def parent_of(pid: int) -> int:
    """The process that started this one."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def nothing_left(folder: str, seconds: float) -> None:
    """Fail unless processes, mount and folder are gone within the time."""
    wait("all processes to end", lambda: (not (left := processes(folder)), left), seconds)
    wait("the folder to go", lambda: (not Path(folder).exists(), folder), seconds)
    assert folder not in Path("/proc/mounts").read_text()
