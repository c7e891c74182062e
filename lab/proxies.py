"""The proxies of a lab: what one asks them, and where that goes."""

from __future__ import annotations

import json
import logging
import socket
import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack
from urllib.parse import urlsplit

from lab import client, envoy
from lab.client import Answer, Door, Request
from lab.errors import LabError, Late
from lab.telling import counted, told_of
from lab.waiting import wait

if TYPE_CHECKING:
    from lab.remote import Remote

_TIMEOUT = 30.0  # seconds that an answer may take unless the test says otherwise
_LOGGED = 5.0
_LOGGER = logging.getLogger("lab")


class Proxy:
    """An Envoy with a namespace and an address of its own."""

    def __init__(self, remote: Remote, node: envoy.Node, logs: Path) -> None:
        self.node = node
        self._remote = remote
        self._log = logs / self.program / "access.log"
        self._logged: dict[str, dict[str, Any]] = {}
        self._read = 0
        self._rejected: dict[str, int] = {}

    @property
    def program(self) -> str:
        """The name of its program, as logs and faults give it."""
        return self.node.program

    def start(self, binary: str, folder: Path, redirected: bool, token: str) -> None:
        """Start it; it then waits for istiod."""
        folder.mkdir(exist_ok=True)
        self._log.unlink(missing_ok=True)
        network = self.node.id
        self._remote.call("network", name=network, address=self.node.address, redirected=redirected)
        config = f"{self._remote.folder}/{self.program}.json"
        self._remote.call("write", path=config, text=envoy.bootstrap(self.node, token))
        command = [binary, "-c", config, "--disable-hot-restart", "--concurrency", "1", "--file-flush-interval-msec", "20",
                   "--log-level", "warning", "--component-log-level", "misc:error", "--drain-time-s", "1"]  # fmt: skip
        self._remote.call(
            "start", name=self.program, command=command, folder=str(folder), environment={}, network_name=network
        )

    def admin(self, path: str) -> str:
        """What its administration interface says. Raises OSError or LabError while it does not."""
        door = Door(("127.0.0.1", envoy.ADMIN_PORT), lambda count: self._remote.sockets(self.node.id, count))
        answer = client.exchange(door, [Request("admin", path)], 1, 10.0, lambda _: {})[0]
        if answer.status != 200:
            raise LabError(f"{self.program}: {path}: {answer.status} {answer.fault or answer.body}")
        return answer.body

    def stats(self, pattern: str) -> dict[str, int]:
        """Its counters and gauges whose names match the regular expression."""
        found = json.loads(self.admin(f"/stats?format=json&filter={pattern}"))["stats"]
        return {stat["name"]: stat["value"] for stat in found if "name" in stat}

    def newly_rejected(self) -> dict[str, int]:
        """How often it rejected what istiod sent, by type, since this was last asked; empty if it never did."""
        found = {name: count for name, count in self.stats("update_rejected$").items() if count}
        new = {name: count - self._rejected.get(name, 0) for name, count in found.items()}
        self._rejected = found
        return {name: count for name, count in new.items() if count}

    def _exchange(self, door: Door, requests: Sequence[Request], connections: int, timeout: float) -> list[Answer]:
        watched: list[socket.socket] = []

        def sockets(count: int) -> list[socket.socket]:
            made = door.sockets(count)
            watched.extend(made)
            self._remote.watch(made)
            return made

        try:
            watching = Door(door.address, sockets, door.trust, door.server_name)
            answers = client.exchange(watching, requests, connections, timeout, self._look_up)
        finally:
            self._remote.unwatch(watched)
        if any(answer.status == 0 for answer in answers):
            self._await_end()
        self._remote.check()
        _LOGGER.info("%s asked %s: %s", self.node.name, told_of(requests), counted(answers))
        return answers

    def _await_end(self) -> None:
        """Where the proxy is gone, wait for its end to be told: a pilot-agent follows its Envoy a moment later."""

        def told() -> tuple[bool, str]:
            self._remote.check()
            return False, "not yet"

        try:
            self.admin("/ready")
        except (LabError, OSError):
            with suppress(Late):
                wait(f"{self.program} to end", told, _LOGGED)

    def _look_up(self, number: str) -> dict[str, Any]:
        def look() -> tuple[bool, dict[str, Any]]:
            self._remote.check()
            self._read_log()
            return number in self._logged, self._logged.get(number, {})

        return wait(f"{self.program} to log request {number}", look, _LOGGED)

    def _read_log(self) -> None:
        if not self._log.exists():
            return
        with self._log.open(encoding="utf-8") as file:
            file.seek(self._read)
            text = file.read()
        whole = text[: text.rfind("\n") + 1]
        self._read += len(whole.encode())
        for line in whole.splitlines():
            entry = json.loads(line)
            self._logged[str(entry["request"])] = entry


class How(TypedDict, total=False):
    """What one may say about a request, besides where it goes."""

    method: str
    headers: Mapping[str, str]
    body: bytes
    connections: int  # how many are open at once, each used again and again; 16 if not said
    timeout: float  # seconds for each answer; 30 if not said
    # "proxy": a caller without redirection asks its HTTP proxy port, which knows hosts and no ports;
    # "nothing": it goes past its proxy, to an address
    through: str
    port: int  # of the gateway, where it is another than that of the URL
    trust: str  # the authority's certificate in PEM, for https


class Asking(Proxy):
    """What gateways and callers have in common: they can be asked for URLs."""

    def door(self, url: str, how: How) -> Door:
        """Where requests to `url` go."""
        raise NotImplementedError

    def get(self, url: str, **how: Unpack[How]) -> Answer:
        """The answer to one request, over a connection of its own. Raises ProgramDied."""
        return self.ask(1, url, **how)[0]

    def ask(self, count: int, url: str, **how: Unpack[How]) -> list[Answer]:
        """The answers to so many equal requests. Raises ProgramDied where a program of the lab dies meanwhile."""
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = tuple(how.get("headers", {}).items())
        request = Request(parts.netloc, path, how.get("method", "GET"), headers, how.get("body", b""))
        return self.exchange(url, [request] * count, **how)

    def exchange(self, url: str, requests: Iterable[Request], **how: Unpack[How]) -> list[Answer]:
        """The answers, in order, to requests that differ, all sent to where `url` leads. Raises ProgramDied."""
        door = self.door(url, how)
        return self._exchange(door, list(requests), how.get("connections", 16), how.get("timeout", _TIMEOUT))


class Gateway(Asking):
    """An ingress gateway, asked from outside the mesh. `trust` is for requests that say no other."""

    trust: str = ""

    def door(self, url: str, how: How) -> Door:
        """The gateway's own address."""
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        address = (self.node.address, how.get("port") or parts.port or (443 if secure else 80))
        context = ssl.create_default_context(cadata=how.get("trust", self.trust)) if secure else None
        return Door(address, lambda count: self._remote.sockets(None, count), context, parts.hostname)


class Caller(Asking):
    """A client with a sidecar. `redirected` tells how its traffic gets there: by itself, or by asking the proxy."""

    redirected: bool = True
    resolve: Callable[[str, str], str]

    def door(self, url: str, how: How) -> Door:
        """Where the client connects to: what DNS says, and the network sends it through the sidecar.

        Without redirection it connects to the sidecar's listener for the port of `url`, or to its HTTP proxy port.
        """
        parts = urlsplit(url)
        port = parts.port or 80
        if how.get("through") == "nothing":
            return Door((parts.hostname or "", port), lambda count: self._remote.sockets(self.node.id, count))
        if self.redirected:
            return self._to(self.resolve(parts.hostname or "", self.node.namespace), port)
        return self._to("127.0.0.1", envoy.HTTP_PROXY_PORT if how.get("through") == "proxy" else port)

    def tcp(self, host: str, port: int, send: bytes = b"", timeout: float = 10.0) -> dict[str, Any]:
        """What a backend says of itself over plain TCP: `send` first, or listen first where that is empty.

        The greeting of a protocol in which the server speaks first is under "greeting". Raises LabError where the
        connection is refused, reset or silent for `timeout` seconds.
        """
        door = self.door(f"tcp://{host}:{port}", {})
        (line,) = door.sockets(1)
        self._remote.watch([line])
        try:
            with closing(line):
                line.settimeout(timeout)
                line.connect(door.address)
                line.sendall(send)
                return _line_of(line)
        except OSError as fault:
            self._await_end()
            raise LabError(f"{host}:{port}: {type(fault).__name__}: {fault}") from fault
        finally:
            self._remote.unwatch([line])

    def _to(self, host: str, port: int) -> Door:
        return Door((host, port), lambda count: self._remote.sockets(self.node.id, count, self.redirected))


def _line_of(line: socket.socket) -> dict[str, Any]:
    """The greeting and the first JSON object that comes, whatever follows it. Raises ConnectionResetError."""
    text = ""
    while True:
        greeting, brace, rest = text.partition("{")
        told, found, _ = rest.partition("}")
        if found:
            return {"greeting": greeting, **json.loads(brace + told + found)}
        part = line.recv(65536)
        if not part:
            raise ConnectionResetError(f"closed after {text!r}")
        text += part.decode(errors="replace")
