"""A small client of kube-apiserver: every kind that it serves, strict server-side apply, and its own words."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from lab.errors import ApiError, LabError
from lab.remote import Remote

Json = dict[str, Any]

ADDRESS = ("127.0.0.1", 6443)
_TIMEOUT = 30.0
_DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


@dataclass(frozen=True)
class Resource:
    """Where kube-apiserver serves a kind."""

    prefix: str
    plural: str
    namespaced: bool

    def path(self, namespace: str = "", name: str = "") -> str:
        """The path of an object, of a namespace's objects, or of all."""
        inside = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        return f"{self.prefix}{inside}/{self.plural}" + (f"/{name}" if name else "")


class Kubernetes:
    """Requests to the lab's kube-apiserver, over connections that are kept; usable from several threads."""

    def __init__(self, remote: Remote, token: str, authority: str) -> None:
        self._remote = remote
        self._token = token
        self.authority = authority
        """The certificate that vouches for kube-apiserver, in PEM."""
        self._trust = ssl.create_default_context(cadata=authority)
        self._idle: list[http.client.HTTPConnection] = []
        self._lock = threading.Lock()
        self._resources: dict[tuple[str, str], Resource] = {}

    def ready(self) -> tuple[bool, str]:
        """Whether kube-apiserver is ready, and what it says."""
        try:
            status, text = self._answer("GET", "/readyz", b"", {})
        except (OSError, http.client.HTTPException) as fault:
            return False, str(fault)
        return status == 200, text

    def request(
        self, method: str, path: str, body: object = None, kind: str = "application/json", **query: str
    ) -> Json:
        """The answer to a request; a body that is text is sent as it is. Raises ApiError."""
        self._remote.check()
        content = body.encode() if isinstance(body, str) else b"" if body is None else json.dumps(body).encode()
        target = f"{path}?{urlencode(query)}" if query else path
        headers = {"Content-Type": kind, "Accept": "application/json"}
        status, text = self._asked(method, target, content, headers)
        answer: Json = json.loads(text) if text.startswith("{") else {"message": text}
        if status >= 400:
            raise ApiError(status, answer.get("message", text))
        return answer

    def resource(self, api_version: str, kind: str) -> Resource:
        """Where a kind is served. Raises ApiError where it is not."""
        key = (api_version, kind)
        if key not in self._resources:
            self._discover()
        if key not in self._resources:
            raise ApiError(404, f"the server does not know kind {kind!r} of {api_version!r}")
        return self._resources[key]

    def kinds(self) -> set[str]:
        """The kinds that are served now."""
        self._discover()
        return {kind for _, kind in self._resources}

    def of_group(self, ending: str) -> list[Resource]:
        """One version of each kind of the API groups that end so."""
        found: dict[str, Resource] = {}
        for (api_version, kind), resource in self._resources.items():
            if api_version.partition("/")[0].endswith(ending):
                found.setdefault(kind, resource)
        return list(found.values())

    def close(self) -> None:
        """Close the connections."""
        for connection in self._idle:
            connection.close()
        self._idle.clear()

    def _asked(self, method: str, target: str, content: bytes, headers: dict[str, str]) -> tuple[int, str]:
        """The answer. Raises ProgramDied where there is none because a program died, LabError for another reason."""
        try:
            return self._answer(method, target, content, headers)
        except (OSError, http.client.HTTPException) as fault:
            self._remote.blame()
            raise LabError(f"{method} {target}: {fault}") from fault

    def _discover(self) -> None:
        for root in ("/api", "/apis"):
            _, text = self._asked("GET", root, b"", {"Accept": _DISCOVERY})
            for group in json.loads(text)["items"]:
                name = group["metadata"].get("name", "")
                for version in group["versions"]:
                    self._learn(root, name, version)

    def _learn(self, root: str, group: str, version: Mapping[str, Any]) -> None:
        api_version = f"{group}/{version['version']}" if group else version["version"]
        for resource in version["resources"]:
            served = Resource(f"{root}/{api_version}", resource["resource"], resource["scope"] == "Namespaced")
            self._resources[api_version, resource["responseKind"]["kind"]] = served

    def _answer(self, method: str, target: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        """The status and text; tries again on a fresh connection where a kept one was closed by the other side."""
        kept = self._take()
        if kept is not None:
            with suppress(http.client.HTTPException, ConnectionError, ssl.SSLError):
                return self._ask(kept, method, target, body, headers)
        return self._ask(self._connect(), method, target, body, headers)

    def _ask(
        self, connection: http.client.HTTPConnection, method: str, target: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, str]:
        watched = [connection.sock] if connection.sock else []
        self._remote.watch(watched)
        try:
            connection.request(method, target, body, {"Authorization": f"Bearer {self._token}", **headers})
            response = connection.getresponse()
            text = response.read().decode()
        except BaseException:
            connection.close()
            raise
        finally:
            self._remote.unwatch(watched)
        with self._lock:
            self._idle.append(connection)
        return response.status, text

    def _take(self) -> http.client.HTTPConnection | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _connect(self) -> http.client.HTTPConnection:
        (plain,) = self._remote.sockets()
        plain.settimeout(_TIMEOUT)
        plain.setsockopt(
            socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
        )  # else each body waits 40 ms for an ACK of its headers
        try:
            plain.connect(ADDRESS)
            # The handshake comes with the first request, when the socket is watched.
            secured = self._trust.wrap_socket(plain, server_hostname=ADDRESS[0], do_handshake_on_connect=False)
        except BaseException:
            plain.close()
            raise
        connection = http.client.HTTPConnection(*ADDRESS)
        connection.sock = secured
        connection.auto_open = 0
        return connection
