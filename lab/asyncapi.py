"""The little of a Kubernetes client that the kubelet's stand-in needs, for asyncio."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

Json = dict[str, Any]

_LIMIT = 1 << 24  # bytes in one line of a watch


class Conflict(Exception):
    """The object is no longer there, or no longer what the request was about."""


class AsyncApi:
    """One connection for requests, which take turns, and one for each watch."""

    def __init__(self, host: str, port: int, token: str, trust: ssl.SSLContext) -> None:
        self._address = (host, port)
        self._token = token
        self._trust = trust
        self._turn = asyncio.Lock()
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, method: str, path: str, body: Json) -> Json:
        """The answer. Raises Conflict at 404 and 409, and RuntimeError at other errors."""
        async with self._turn:
            try:
                status, answer = await self._send(method, path, body)
            except (OSError, EOFError):
                self._open = None  # kube-apiserver closes connections that were long idle
                status, answer = await self._send(method, path, body)
        if status in {404, 409}:
            raise Conflict(answer.get("message", ""))
        if status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.get('message', status)}")
        return answer

    async def watch(self, path: str) -> AsyncIterator[tuple[str, Json]]:
        """Every object of the list at `path`, first as it is, then at each change; without end.

        The list itself comes before its objects, as LISTED. Raises OSError or EOFError where the connection breaks.
        """
        while True:
            status, listed = await self._get(path)
            if status != 200:
                raise RuntimeError(f"GET {path}: {listed}")
            yield "LISTED", listed
            for item in listed["items"]:
                yield "ADDED", item
            with suppress(EOFError):
                async for event in self._events(
                    f"{path}?watch=1&resourceVersion={listed['metadata']['resourceVersion']}"
                ):
                    if event["type"] == "ERROR":
                        break  # too old: list again
                    yield event["type"], event["object"]

    async def _get(self, path: str) -> tuple[int, Json]:
        async with self._turn:
            try:
                return await self._send("GET", path, None)
            except (OSError, EOFError):
                self._open = None  # or the next one would ask over the same broken connection
                raise

    async def _events(self, path: str) -> AsyncIterator[Json]:
        reader, writer = await self._connect()
        try:
            await self._ask(writer, "GET", path, None)
            await _head(reader)
            line = b""
            while chunk := await _chunk(reader):
                line += chunk
                while (end := line.find(b"\n")) >= 0:
                    yield json.loads(line[:end])
                    line = line[end + 1 :]
        finally:
            writer.close()

    async def _send(self, method: str, path: str, body: Json | None) -> tuple[int, Json]:
        if self._open is None:
            self._open = await self._connect()
        reader, writer = self._open
        await self._ask(writer, method, path, body)
        status, headers = await _head(reader)
        if "chunked" in headers.get("transfer-encoding", ""):
            text = b""
            while chunk := await _chunk(reader):
                text += chunk
        else:
            text = await reader.readexactly(int(headers["content-length"]))
        return status, json.loads(text) if text else {}

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(*self._address, ssl=self._trust, limit=_LIMIT)

    async def _ask(self, writer: asyncio.StreamWriter, method: str, path: str, body: Json | None) -> None:
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        text = json.dumps(body).encode() if body is not None else b""
        writer.write(
            f"{method} {path} HTTP/1.1\r\nhost: kubernetes\r\nauthorization: Bearer {self._token}\r\n"
            f"content-type: {kind}\r\naccept: application/json\r\ncontent-length: {len(text)}\r\n\r\n".encode()
            + text
        )
        await writer.drain()


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines if line)
    return int(first.split(" ")[1]), {name.lower(): value.strip() for name, _, value in pairs}


async def _chunk(reader: asyncio.StreamReader) -> bytes:
    """The next chunk, empty at the end."""
    size = int(await reader.readuntil(b"\r\n"), 16)
    chunk = await reader.readexactly(size + 2)
    return chunk[:-2]
