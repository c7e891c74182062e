"""Has the lab's etcd forget its history, as kube-apiserver does every five minutes."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Callable
from typing import Any

from lab.errors import LabError

_ETCD = ("127.0.0.1", 2379)
_TIMEOUT = 10.0
_NOTHING_LEFT = 11  # gRPC's OutOfRange: that revision was compacted already, and nothing was written since


def compact(inside: Callable[[], socket.socket]) -> None:
    """Forget all revisions before the present one. Raises LabError."""
    present = _ask(inside, "/v3/kv/range", {"key": "AA=="})["header"]["revision"]
    _ask(inside, "/v3/kv/compaction", {"revision": present, "physical": True})


def _ask(inside: Callable[[], socket.socket], path: str, body: dict[str, Any]) -> dict[str, Any]:
    connection = http.client.HTTPConnection(*_ETCD)
    connection.sock = inside()
    connection.sock.settimeout(_TIMEOUT)
    try:
        connection.sock.connect(_ETCD)
        connection.request("POST", path, json.dumps(body))
        response = connection.getresponse()
        answer: dict[str, Any] = json.loads(response.read())
    finally:
        connection.close()
    if response.status != 200 and answer.get("code") != _NOTHING_LEFT:
        raise LabError(f"etcd: {path}: {response.status} {answer}")
    return answer
