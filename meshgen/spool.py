"""What a run needs only now and then, kept in a file without a name: that of a large fleet would fill the memory."""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Sequence

Place = tuple[int, int, int]
"""Where something lies: in which spool, at which byte, how many bytes. A plain tuple, for there are ten for each spec,
and those go from one process to another in a tenth of the time that named ones take."""


class Spool:
    """One process writes to it; it and its parent can read."""

    def __init__(self, number: int = 0) -> None:
        self._number = number
        self._descriptor = _nameless_file()
        weakref.finalize(self, os.close, self._descriptor)
        self._end = 0

    def add(self, parts: Sequence[bytes]) -> list[Place]:
        """Keep some bytes; their places are valid in the parent process too. Raises OSError where the disk is full."""
        content, at = memoryview(b"".join(parts)), self._end
        while content:
            written = os.pwrite(self._descriptor, content, at)
            content, at = content[written:], at + written
        places = []
        for part in parts:
            places.append((self._number, self._end, len(part)))
            self._end += len(part)
        return places

    def read(self, place: Place) -> bytes:
        """The bytes at a place."""
        _, start, length = place
        return os.pread(self._descriptor, length, start)


def _nameless_file() -> int:
    """A descriptor of a file on disk, or, where no folder for temporary files can be written, in memory."""
    try:
        with tempfile.TemporaryFile(prefix="meshgen-") as file:
            return os.dup(file.fileno())
    except OSError:
        if not hasattr(os, "memfd_create"):
            raise
        return os.memfd_create("meshgen")
