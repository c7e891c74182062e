"""A door to the lab's kube-apiserver for programs outside: a TCP proxy that can cut, hold still, and refuse."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from lab.errors import LabError
from lab.kubernetes import ADDRESS

_PIECE = 65536
_MOMENT = 0.02  # seconds between two looks at what the door was told


class ApiDoor:
    """Passes bytes both ways between 127.0.0.1:`port` and kube-apiserver. Use in `with`."""

    def __init__(self, sockets: Callable[[], socket.socket]) -> None:
        self._inside = sockets
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._ended = threading.Event()
        self._open: set[_Pair] = set()
        self._lock = threading.Lock()
        self.closed = False
        """Whether new connections are closed at once."""
        self.silent = False
        """Whether new connections, too, are taken and never answered."""
        self.cut_after: int | None = None
        """Bytes of an answer after which each new connection is cut."""

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, name="lab-door", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.cut()

    def cut(self) -> None:
        """Close all connections that are open."""
        for pair in self._pairs():
            pair.close()

    def hold(self) -> None:
        """Pass nothing more on over the connections that are open, for ever, and leave them open."""
        for pair in self._pairs():
            pair.held = True

    def _pairs(self) -> list[_Pair]:
        with self._lock:
            return list(self._open)

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                outer, _ = self._listening.accept()
            except OSError:
                return
            if self.closed:
                outer.close()
                continue
            threading.Thread(target=self._serve, args=(outer,), daemon=True).start()

    def _serve(self, outer: socket.socket) -> None:
        try:
            inner = self._inside()
        except LabError:  # the lab has ended
            outer.close()
            return
        try:
            inner.connect(ADDRESS)
        except OSError:  # kube-apiserver is not there: neither is the door
            inner.close()
            outer.close()
            return
        pair = _Pair(outer, inner, self.silent, self.cut_after)
        with self._lock:
            self._open.add(pair)
        pair.run()
        with self._lock:
            self._open.discard(pair)


class _Pair:
    """Two sockets, of which each gets what the other receives."""

    def __init__(self, outer: socket.socket, inner: socket.socket, held: bool, cut_after: int | None) -> None:
        self.held = held
        self._left = cut_after
        self._outer, self._inner = outer, inner
        self._ended = False

    def run(self) -> None:
        """Pass on until one side ends or the door closes it."""
        with selectors.DefaultSelector() as selector, suppress(OSError):
            selector.register(self._outer, selectors.EVENT_READ, self._inner)
            selector.register(self._inner, selectors.EVENT_READ, self._outer)
            while not self._ended:
                for key, _ in selector.select(_MOMENT) if not self.held else ():
                    if not self._passed(key.fileobj, key.data):
                        self._ended = True
                if self.held:
                    threading.Event().wait(_MOMENT)
        self._outer.close()
        self._inner.close()

    def _passed(self, here: object, there: socket.socket) -> bool:
        assert isinstance(here, socket.socket)  # noqa: S101 - only sockets are registered
        piece = here.recv(_PIECE)
        if here is self._inner and self._left is not None:
            piece = piece[: self._left]
            self._left -= len(piece)
        there.sendall(piece)
        return bool(piece)

    def close(self) -> None:
        """End it soon."""
        self._ended = True
        for end in (self._outer, self._inner):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
