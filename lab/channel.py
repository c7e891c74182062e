"""Messages, with open descriptors beside them, over a unix socket."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Sequence
from typing import Any

_LENGTH = struct.Struct("!I")
_MOST_DESCRIPTORS = 250  # the kernel takes 253 in one message

Message = dict[str, Any]


def send(line: socket.socket, message: Message, descriptors: Sequence[int] = ()) -> None:
    """Send `message`, which JSON must be able to say, with copies of `descriptors`. Raises OSError."""
    body = json.dumps(message).encode()
    socket.send_fds(line, [_LENGTH.pack(len(body))], list(descriptors))
    line.sendall(body)


def receive(line: socket.socket) -> tuple[Message, list[int]]:
    """The next message and the descriptors that came with it, waiting for it. Raises EOFError at the other's end."""
    header, descriptors, _, _ = socket.recv_fds(line, _LENGTH.size, _MOST_DESCRIPTORS)
    header += _exactly(line, _LENGTH.size - len(header)) if header else b""
    if not header:
        raise EOFError
    message: Message = json.loads(_exactly(line, _LENGTH.unpack(header)[0]))
    return message, descriptors


def _exactly(line: socket.socket, size: int) -> bytes:
    parts: list[bytes] = []
    while size:
        part = line.recv(min(size, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
