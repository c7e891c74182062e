"""The few system calls for namespaces that Python 3.11 does not offer."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NEW_MOUNTS = 0x00020000
NEW_USER = 0x10000000
NEW_PIDS = 0x20000000
NEW_NETWORK = 0x40000000

_RECURSIVE_PRIVATE = 0x4000 | 0x40000  # MS_REC | MS_PRIVATE
_DETACH = 2  # MNT_DETACH
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG

_libc = ctypes.CDLL(None, use_errno=True)


def unshare(flags: int) -> None:
    """Give the calling thread new namespaces; a new PID namespace is for its next child. Raises OSError."""
    _check(_libc.unshare(ctypes.c_int(flags)), "unshare")


def map_to_root(uid: int, gid: int) -> None:
    """Make `uid` and `gid`, as they are outside, root in the user namespace just made. Raises OSError."""
    for name, text in (("uid_map", f"0 {uid} 1"), ("setgroups", "deny"), ("gid_map", f"0 {gid} 1")):
        Path("/proc/self", name).write_text(text)


def private_memory_folder(folder: str) -> None:
    """Mount memory on `folder`, seen in this mount namespace only, so that it ends with it. Raises OSError."""
    _check(_libc.mount(b"none", b"/", None, ctypes.c_ulong(_RECURSIVE_PRIVATE), None), "mount --make-rprivate /")
    options = ctypes.c_char_p(b"mode=0755")
    _check(_libc.mount(b"tmpfs", folder.encode(), b"tmpfs", ctypes.c_ulong(0), options), f"mount tmpfs {folder}")


def unmount(folder: str) -> None:
    """Take away what is mounted on `folder`, now or when its last user ends. Raises OSError."""
    _check(_libc.umount2(folder.encode(), ctypes.c_int(_DETACH)), f"umount {folder}")


def die_with_parent() -> None:
    """Have the kernel kill this process when the one that forked it ends. Raises OSError."""
    _check(_libc.prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0), "prctl")


def new_network() -> int:
    """A new network namespace: a descriptor that keeps it. The caller stays where it is. Raises OSError."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        unshare(NEW_NETWORK)
        made = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        _enter(home)
        return made
    finally:
        os.close(home)


@contextmanager
def inside(network: int | None) -> Iterator[None]:
    """Let the calling thread work in another network namespace; None is the one where it is. Raises OSError."""
    if network is None:
        yield
        return
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        _enter(network)
        yield
    finally:
        _enter(home)
        os.close(home)


def _enter(network: int) -> None:
    _check(_libc.setns(ctypes.c_int(network), ctypes.c_int(NEW_NETWORK)), "setns")


def _check(result: int, call: str) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{call}: {os.strerror(code)}")
