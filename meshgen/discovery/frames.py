"""The lines of a watch, cut out of what arrives in pieces."""

from __future__ import annotations

from collections.abc import Iterator

LIMIT = 16 * 2**20
"""Bytes in a line: etcd takes objects of 1.5 MB, so what is longer is no object."""


class TooLong(ValueError):
    """A line goes on beyond all that an object can be."""


class Lines:
    """Collects pieces until they are lines."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._rest = bytearray()

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """The lines that this piece ends. Raises TooLong."""
        first, *others = piece.split(b"\n")
        self._rest += first
        for other in others:
            if self._rest:
                yield bytes(self._rest)
            self._rest = bytearray(other)
        if len(self._rest) > self._limit:
            raise TooLong(f"a line of a watch goes on after {self._limit} bytes")
