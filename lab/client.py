"""Requests from inside the lab, one or thousands, and what came back."""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Request:
    """What to ask: the path has its query, the host is what the Host header says."""

    host: str
    path: str = "/"
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """What came back: from a backend of the lab, what it said of itself; from a proxy, only status and body.

    `status` is 0 where no answer came, and `fault` then says why. `seconds` is from sending to the last byte.
    """

    number: str
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    seconds: float = 0.0
    fault: str = ""
    told: dict[str, Any] = field(default_factory=dict)
    look_up: Callable[[str], dict[str, Any]] | None = field(default=None, repr=False, compare=False)

    @property
    def pod(self) -> str:
        """The name of the pod that answered, empty where none did."""
        return str(self.told.get("pod", ""))

    @property
    def version(self) -> str:
        """The label `version` of the pod that answered."""
        return str(self.told.get("version", ""))

    @property
    def namespace(self) -> str:
        """The namespace of the pod that answered."""
        return str(self.told.get("namespace", ""))

    @property
    def port(self) -> int:
        """The container port at which the request arrived, 0 where it did not."""
        return int(self.told.get("port", 0))

    @property
    def path(self) -> str:
        """The path that arrived, with its query."""
        return str(self.told.get("path", ""))

    @property
    def arrived(self) -> dict[str, str]:
        """The headers that arrived, with small letters."""
        return dict(self.told.get("headers", {}))

    def header(self, name: str) -> str:
        """The first response header of that name, or nothing."""
        return next((value for key, value in self.headers if key == name.lower()), "")

    def all(self, name: str) -> list[str]:
        """All response headers of that name."""
        return [value for key, value in self.headers if key == name.lower()]

    @property
    def log(self) -> dict[str, Any]:
        """The proxy's access log for this request: flags, details, cluster, upstream, attempts. Raises Late."""
        return self.look_up(self.number) if self.look_up else {}

    @property
    def flags(self) -> str:
        """Envoy's response flags, such as UO or URX; `-` for none. Raises Late."""
        return str(self.log["flags"])


@dataclass(frozen=True)
class Door:
    """Where requests go: an address, reached by sockets that `sockets` makes; with TLS where `trust` is given."""

    address: tuple[str, int]
    sockets: Callable[[int], list[socket.socket]]
    trust: ssl.SSLContext | None = None
    server_name: str | None = None


_numbers = itertools.count(1)


def exchange(
    door: Door, requests: Sequence[Request], connections: int, timeout: float, look_up: Callable[[str], dict[str, Any]]
) -> list[Answer]:
    """The answers in the order of `requests`, asked over that many connections that are kept."""
    sockets = door.sockets(min(connections, len(requests)))
    answers: list[Answer | None] = [None] * len(requests)
    waiting = iter(enumerate(requests))

    async def work(plain: socket.socket) -> None:
        line = _Line(door, plain)
        try:
            for index, request in waiting:
                answers[index] = await line.ask(request, timeout, look_up)
        finally:
            line.close()
            await asyncio.sleep(0)  # for what is closed to be gone before the loop is

    async def all_of_them() -> None:
        await asyncio.gather(*(work(plain) for plain in sockets))

    asyncio.run(all_of_them())
    return [answer for answer in answers if answer is not None]


class _Line:
    """One connection, opened when it is first needed and again after it was closed."""

    def __init__(self, door: Door, plain: socket.socket) -> None:
        self._door = door
        self._plain: socket.socket | None = plain
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: Request, timeout: float, look_up: Callable[[str], dict[str, Any]]) -> Answer:
        number = str(next(_numbers))
        began = time.perf_counter()
        try:
            async with asyncio.timeout(timeout):
                status, headers, body = await self._exchange(request, number)
        except (OSError, EOFError, TimeoutError) as fault:
            self.close()
            said = (
                f"no answer in {timeout:g} s" if isinstance(fault, TimeoutError) else f"{type(fault).__name__}: {fault}"
            )
            return Answer(number, 0, seconds=time.perf_counter() - began, fault=said, look_up=look_up)
        seconds = time.perf_counter() - began
        text = body.decode(errors="replace")
        return Answer(number, status, headers, text, seconds, told=_told(text), look_up=look_up)

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None
        elif self._plain is not None:
            self._plain.close()
        self._plain = None

    async def _exchange(self, request: Request, number: str) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
        if self._streams is None:
            self._streams = await self._open()
        reader, writer = self._streams
        writer.write(_text(request, number))
        status, headers = await _head(reader)
        found = dict(headers)
        body = b"" if request.method == "HEAD" or status in {204, 304} else await _body(reader, found)
        if found.get("connection") == "close":
            self.close()
        return status, headers, body

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        plain = self._plain or self._door.sockets(1)[0]
        self._plain = plain
        plain.setblocking(False)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(plain, self._door.address)
        return await asyncio.open_connection(
            sock=plain, ssl=self._door.trust, server_hostname=self._door.server_name if self._door.trust else None
        )


def _text(request: Request, number: str) -> bytes:
    own = {name.lower() for name, _ in request.headers}
    headers = [*request.headers, ("x-lab-request", number)]
    if "host" not in own:
        headers.insert(0, ("host", request.host))
    if request.body and "content-length" not in own:
        headers.append(("content-length", str(len(request.body))))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"{request.method} {request.path} HTTP/1.1\r\n{lines}\r\n".encode("latin-1") + request.body


def _told(text: str) -> dict[str, Any]:
    try:
        told = json.loads(text[max(text.find("{"), 0) :])  # gRPC has a length before it
    except ValueError:
        return {}
    return told if isinstance(told, dict) and "pod" in told else {}


async def _head(reader: asyncio.StreamReader) -> tuple[int, tuple[tuple[str, str], ...]]:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines if line)
    return int(first.split(" ")[1]), tuple((name.lower(), value.strip()) for name, _, value in pairs)


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    if "chunked" not in headers.get("transfer-encoding", ""):
        return await reader.read()
    parts = []
    while size := int(await reader.readuntil(b"\r\n"), 16):
        parts.append((await reader.readexactly(size + 2))[:-2])
    await reader.readexactly(2)
    return b"".join(parts)
