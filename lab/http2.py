"""The HTTP/2 side of backends, gRPC included. The door to h2."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, Event, RequestReceived, StreamEnded, StreamReset
from h2.exceptions import ProtocolError

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

_GRPC = "application/grpc"
_FRAME = 16384

Respond = Callable[[int, list[tuple[str, str]], bytes], None]
Begin = Callable[[str, str, dict[str, str], bytes, Respond], None]


class Http2:
    """One connection: requests go to `begin`, answers and all else that the protocol wants to `write`."""

    def __init__(self, write: Callable[[bytes], None], begin: Begin) -> None:
        self._write = write
        self._begin = begin
        self._state = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self._requests: dict[int, tuple[dict[str, str], bytes]] = {}
        self._state.initiate_connection()

    def read(self, data: bytes) -> None:
        """Take in what came."""
        try:
            for event in self._state.receive_data(data):
                self._happened(event)
        finally:
            self._write(self._state.data_to_send())

    def _happened(self, event: Event) -> None:
        if isinstance(event, RequestReceived):
            self._requests[event.stream_id] = ({str(name): str(value) for name, value in event.headers}, b"")
        elif isinstance(event, DataReceived):
            headers, body = self._requests[event.stream_id]
            self._requests[event.stream_id] = (headers, body + event.data)
            self._state.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, StreamEnded):
            headers, body = self._requests.pop(event.stream_id)
            plain = {name: value for name, value in headers.items() if not name.startswith(":")}
            plain.setdefault("host", headers.get(":authority", ""))
            grpc = plain.get("content-type", "").startswith(_GRPC)
            respond = partial(self._respond, event.stream_id, grpc)
            self._begin(headers[":method"], headers[":path"], plain, body, respond)
        elif isinstance(event, StreamReset):
            self._requests.pop(event.stream_id, None)

    def _respond(self, stream: int, grpc: bool, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        if grpc:
            length = struct.pack("!?I", False, len(body))
            headers = [(name, value) for name, value in headers if name not in {"content-length", "content-type"}]
            headers, body = [*headers, ("content-type", _GRPC)], length + body
        try:
            self._state.send_headers(stream, [(":status", str(status)), *headers])
            for start in range(0, len(body), _FRAME):
                self._state.send_data(stream, body[start : start + _FRAME])
            if grpc:
                self._state.send_headers(stream, [("grpc-status", "0")], end_stream=True)
            else:
                self._state.end_stream(stream)
        except ProtocolError:
            return  # the caller gave up meanwhile
        self._write(self._state.data_to_send())
