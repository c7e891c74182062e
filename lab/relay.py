"""A door to the lab's kube-apiserver for programs outside that only read, such as istioctl."""

from __future__ import annotations

import json
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, Self

from lab.errors import ApiError
from lab.kubernetes import Kubernetes


class Relay(ThreadingHTTPServer):
    """Passes a program's reading requests on to the lab's kube-apiserver, which only the lab can reach."""

    daemon_threads = True

    def __init__(self, kubernetes: Kubernetes) -> None:
        super().__init__(("127.0.0.1", 0), partial(_Connection, kubernetes, ended := threading.Event()))
        self.ended = ended

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.shutdown()
        self.server_close()

    def server_bind(self) -> None:
        """Bind without asking a resolver for the own name."""
        TCPServer.server_bind(self)

    def kubeconfig(self) -> str:
        """What a program needs to ask here."""
        cluster = {"name": "lab", "cluster": {"server": f"http://127.0.0.1:{self.server_address[1]}"}}
        context = {"name": "lab", "context": {"cluster": "lab", "user": "lab"}}
        parts = {"clusters": [cluster], "users": [{"name": "lab", "user": {}}], "contexts": [context]}
        return json.dumps({"apiVersion": "v1", "kind": "Config", "current-context": "lab", **parts})


class _Connection(BaseHTTPRequestHandler):
    """One connection of a relay. Watches that begin with a list are refused, so that lists are read; others stay silent."""

    protocol_version = "HTTP/1.1"

    def __init__(self, kubernetes: Kubernetes, ended: threading.Event, *arguments: Any) -> None:
        self.kubernetes, self.ended = kubernetes, ended
        super().__init__(*arguments)

    def do_GET(self) -> None:
        """Answer what kube-apiserver answers."""
        status = 200
        try:
            if "sendInitialEvents=" in self.path:
                raise ApiError(400, "no lists by watching here")
            if "watch=" in self.path:
                self.close_connection = self.ended.wait()
                return
            answer = self.kubernetes.request("GET", self.path)
        except ApiError as error:
            status, answer = error.status, {"kind": "Status", "code": error.status, "message": str(error)}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing of requests."""
