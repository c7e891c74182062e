"""A stand-in for an API server, to shape faults of the protocol that a real one does not commit on demand.

What is true of real API servers is tested in lab/tests/test_discovery*.py.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]


class Request:
    """One GET, and how to answer it."""

    def __init__(self, handler: BaseHTTPRequestHandler, ended: threading.Event) -> None:
        parts = urlsplit(handler.path)
        self.path = parts.path
        self.query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.bearer = handler.headers.get("Authorization", "").removeprefix("Bearer ")
        self.ended = ended
        self._handler = handler

    @property
    def watches(self) -> bool:
        """Whether it is a watch."""
        return "watch" in self.query

    @property
    def about(self) -> str:
        """services or endpointslices."""
        return self.path.split("/")[-1]

    def answer(self, body: Json | bytes, status: int = 200) -> None:
        """Answer all at once."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self._handler.send_response(status)
        self._handler.send_header("Content-Type", "application/json")
        self._handler.send_header("Content-Length", str(len(content)))
        self._handler.end_headers()
        self._handler.wfile.write(content)

    def begin(self) -> None:
        """Begin a watch."""
        self._handler.send_response(200)
        self._handler.send_header("Transfer-Encoding", "chunked")
        self._handler.end_headers()

    def send(self, *pieces: Json | bytes) -> None:
        """Send events, or bytes as they are, each as a chunk."""
        for piece in pieces:
            content = piece if isinstance(piece, bytes) else json.dumps(piece).encode() + b"\n"
            self._handler.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))
            self._handler.wfile.flush()

    def end(self) -> None:
        """End a watch in good order."""
        self._handler.wfile.write(b"0\r\n\r\n")

    def cut(self) -> None:
        """End the connection as it is."""
        self._handler.close_connection = True


class ApiServer(ThreadingHTTPServer):
    """Answers each request by `respond`. Use in `with`."""

    daemon_threads = True

    def __init__(self, respond: Callable[[Request], None]) -> None:
        self.ended = ended = threading.Event()
        self.requests: list[Request] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                request = Request(self, ended)
                server.requests.append(request)
                respond(request)

            def log_message(self, *_: Any) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that went away."""

    def kubeconfig(self, folder: Path, user: Json | None = None) -> str:
        """A kubeconfig that leads here."""
        cluster = {"server": f"http://127.0.0.1:{self.server_address[1]}"}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": cluster}],
            "users": [{"name": "u", "user": user or {"token": "good"}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u", "namespace": "shop"}}],
            "current-context": "x",
        }
        path = folder / "kubeconfig"
        path.write_text(json.dumps(config), encoding="utf-8")
        return str(path)


def listed(*items: Json, version: int = 1, more: str = "") -> Json:
    """The answer to a list."""
    return {"metadata": {"resourceVersion": str(version), "continue": more}, "items": list(items)}


def failed(code: int, message: str) -> Json:
    """The Status of an error."""
    return {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": code}
