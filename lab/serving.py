"""One connection to a backend: HTTP/1.1, HTTP/2 without TLS, or plain TCP, told apart by its first bytes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from lab.behaviour import Arrival, Behaviour, Pod
from lab.http2 import PREFACE, Http2

_METHODS = {b"GET", b"PUT", b"POST", b"HEAD", b"PATCH", b"TRACE", b"DELETE", b"OPTIONS", b"CONNECT"}

Respond = Callable[[int, list[tuple[str, str]], bytes], None]


class Rules(Protocol):
    """What a connection asks about what to do, and tells about what came."""

    def opened(self, pod: Pod, transport: asyncio.Transport) -> None:
        """It is open."""

    def lost(self, pod: Pod, transport: asyncio.Transport) -> None:
        """It is closed."""

    def greeting(self, pod: Pod, port: int) -> str | None:
        """What to say first, if anything."""

    def reaction(self, arrival: Arrival) -> Behaviour:
        """What to do with a request."""

    def record(self, arrival: Arrival, status: int) -> None:
        """This came, and is answered so."""


class Connection(asyncio.Protocol):
    """A connection to one port of one pod; the answer to plain TCP is a line about the pod, then an echo."""

    transport: asyncio.Transport

    def __init__(self, rules: Rules, pod: Pod, port: int) -> None:
        self._rules = rules
        self._pod = pod
        self._port = port
        self._buffer = b""
        self._read: Callable[[bytes], None] = self._first_bytes

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write, and speak first where that was told."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a TCP server makes no others
        self.transport = transport
        self._rules.opened(self._pod, transport)
        greeting = self._rules.greeting(self._pod, self._port)
        if greeting is not None:
            self._greet(greeting)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio names it
        """Forget the connection."""
        self._rules.lost(self._pod, self.transport)

    def data_received(self, data: bytes) -> None:
        """Read by the protocol that this connection turned out to speak."""
        self._read(data)

    def _first_bytes(self, data: bytes) -> None:
        self._buffer += data
        if PREFACE.startswith(self._buffer[: len(PREFACE)]):
            if len(self._buffer) < len(PREFACE):
                return
            self._read = Http2(self.transport.write, self._begin).read
        elif self._buffer.split(b" ", 1)[0] in _METHODS:
            self._read = self._http1
        else:
            self._greet("")
        data, self._buffer = self._buffer, b""
        self._read(data)

    def _greet(self, greeting: str) -> None:
        self._read = self.transport.write
        arrival = Arrival(self._pod, self._port, "tcp", "", {})
        self._rules.record(arrival, 0)
        self.transport.write(greeting.encode() + self._who(arrival) + b"\n")

    def _http1(self, data: bytes) -> None:
        self._buffer += data
        while (request := _http1_request(self._buffer)) is not None:
            method, path, headers, body, self._buffer = request
            self._begin(method, path, headers, body, self._respond)

    def _respond(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
        self.transport.write(f"HTTP/1.1 {status} Answer\r\n{lines}\r\n".encode("latin-1") + body)

    def _begin(self, method: str, path: str, headers: dict[str, str], body: bytes, respond: Respond) -> None:
        """Do with a request what was told, and by default answer with what arrived."""
        arrival = Arrival(self._pod, self._port, method, path, headers)
        rule = self._rules.reaction(arrival)
        status = rule.status or 200
        self._rules.record(arrival, 0 if rule.drop or rule.hang else status)
        if rule.drop:
            self.transport.abort()
        elif not rule.hang:
            told = rule.body.encode() if rule.body is not None else self._who(arrival, body)
            length = [("content-type", "application/json"), ("content-length", str(len(told)))]
            own = [(name, value) for name, value in rule.headers]
            answer = (status, [*own, *length], b"" if method == "HEAD" else told)
            if rule.delay:
                asyncio.get_running_loop().call_later(rule.delay, respond, *answer)
            else:
                respond(*answer)

    def _who(self, arrival: Arrival, body: bytes = b"") -> bytes:
        pod = arrival.pod
        told: dict[str, Any] = {
            "pod": pod.name,
            "namespace": pod.namespace,
            "version": pod.version,
            "port": arrival.port,
        }
        told["peer"] = (self.transport.get_extra_info("peername") or ("",))[0]
        if arrival.method != "tcp":
            told |= {"method": arrival.method, "path": arrival.path, "headers": arrival.headers}
            told["body"] = body.decode(errors="replace")
        return json.dumps(told).encode()


def _http1_request(buffer: bytes) -> tuple[str, str, dict[str, str], bytes, bytes] | None:
    """The first request in `buffer` and what follows it, or None while it is not all there."""
    head, found, rest = buffer.partition(b"\r\n\r\n")
    if not found:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = joined((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
    if "chunked" in headers.get("transfer-encoding", ""):
        body = _unchunked(rest)
    else:
        length = int(headers.get("content-length", "0"))
        body = (rest[:length], rest[length:]) if len(rest) >= length else None
    return None if body is None else (method, path, headers, *body)


def joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers by name in small letters; values of one name are joined by commas, as HTTP lets proxies do."""
    found: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        found[key] = f"{found[key]}, {value}" if key in found else value
    return found


def _unchunked(rest: bytes) -> tuple[bytes, bytes] | None:
    """The body sent in chunks at the start of `rest` and what follows it, or None while it is not all there."""
    body = b""
    while True:
        line, found, rest = rest.partition(b"\r\n")
        if not found:
            return None
        size = int(line, 16)
        if len(rest) < size + 2:
            return None
        body, rest = body + rest[:size], rest[size + 2 :]
        if not size:
            return body, rest
