"""What a run needs only now and then, kept in a file without a name: that of a large fleet would fill the memory."""

from __future__ import annotations

import mmap
import os
import tempfile
import weakref
from collections.abc import Sequence

from meshgen.diagnostic import Diagnostic, Location, Severity

Place = tuple[int, int, int]
"""Where something lies: in which spool, at which byte, how many bytes. A plain tuple, for there are ten for each spec,
and those go from one process to another in a tenth of the time that named ones take."""


_PIECE = 256 * 1024
"""Bytes that are written at once: that takes a third of the time of writing each object alone."""


_SMALL = 16 * 1024 * 1024
"""Bytes up to which a spool is seen as memory once it is read: that spares a call of the system for each read."""


class Spool:
    """One process writes to it, in large pieces; it can read everything, and its parent what was flushed."""

    def __init__(self, number: int = 0) -> None:
        self._number = number
        self._descriptor = _nameless_file()
        weakref.finalize(self, os.close, self._descriptor)
        self._end = 0
        self._written = 0
        self._waiting: list[bytes] = []
        self._is_small = True
        self._seen: mmap.mmap | bytes = b""

    def add(self, parts: Sequence[bytes]) -> list[Place]:
        """Keep some bytes; their places are valid in the parent process too. Raises OSError where the disk is full."""
        places, end = [], self._end
        for part in parts:
            places.append((self._number, end, len(part)))
            end += len(part)
        self._waiting += parts
        self._end = end
        if end - self._written >= _PIECE:
            self.flush()
        return places

    def flush(self) -> None:
        """Write what waits, for others to read. Raises OSError where the disk is full."""
        content = memoryview(b"".join(self._waiting))
        while content:
            written = os.pwrite(self._descriptor, content, self._written)
            content, self._written = content[written:], self._written + written
        self._waiting.clear()

    def read(self, place: Place) -> bytes:
        """The bytes at a place."""
        _, start, length = place
        end = start + length
        if end > self._written and self._waiting:
            self.flush()
        if end > len(self._seen) and self._is_small:
            self._see()
        return self._seen[start:end] if end <= len(self._seen) else os.pread(self._descriptor, length, start)

    def _see(self) -> None:
        """See as memory what was written so far, unless that would take too much of it."""
        size = os.fstat(self._descriptor).st_size
        self._is_small = size <= _SMALL
        if self._is_small:
            self._seen = mmap.mmap(self._descriptor, size, access=mmap.ACCESS_READ)


def no_room(error: OSError) -> Diagnostic:
    """What to say where nothing can be kept: in the system's folder for temporary files, or the one in TMPDIR."""
    place, message = Location(tempfile.gettempdir()), f"text cannot be kept there: {error.strerror}"
    return Diagnostic(place, "MG503", Severity.ERROR, message, hint="make room there, or name another folder in TMPDIR")


def _nameless_file() -> int:
    """A descriptor of a file on disk, or, where no folder for temporary files can be written, in memory."""
    try:
        with tempfile.TemporaryFile(prefix="meshgen-") as file:
            return os.dup(file.fileno())
    except OSError:
        if not hasattr(os, "memfd_create"):
            raise
        return os.memfd_create("meshgen")
