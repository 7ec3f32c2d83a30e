"""SPICE inside WebSocket: binary frames with the sub-protocol ``binary``, as libspice-server takes it.

``websockets`` does the framing, without I/O; this is the bytes of one connection, in and out.
"""

from __future__ import annotations

from typing import Final

from spiceproto.errors import RemoteError

__all__ = ["WebSocket"]

_LARGEST: Final = 16 << 20
"""Bytes of one frame; servers send at most what they have in a buffer."""


class WebSocket:
    """The client's end. ``ready`` once the server has agreed, ``closed`` once it has said goodbye."""

    def __init__(self, uri: str) -> None:
        from websockets.client import ClientProtocol
        from websockets.typing import Subprotocol
        from websockets.uri import parse_uri

        self._protocol = ClientProtocol(parse_uri(uri), subprotocols=[Subprotocol("binary")], max_size=_LARGEST)
        self._protocol.send_request(self._protocol.connect())
        self.ready = False
        self.closed = False

    def bytes_to_send(self) -> bytes:
        """For the server; each byte is given once."""
        return b"".join(self._protocol.data_to_send())

    def send(self, data: bytes) -> None:
        """Bytes inside a frame."""
        self._protocol.send_binary(data)

    def close(self) -> None:
        """Say goodbye."""
        from websockets.protocol import State

        if self._protocol.state is State.OPEN:
            self._protocol.send_close()

    def receive(self, data: bytes) -> bytes:
        """Bytes of the server to bytes of SPICE. Raises RemoteError."""
        from websockets.frames import Frame, Opcode
        from websockets.protocol import State

        self._protocol.receive_data(data)
        found = []
        for event in self._protocol.events_received():
            if not isinstance(event, Frame):
                continue
            opcode = event.opcode
            if opcode in (Opcode.BINARY, Opcode.CONT):
                found.append(bytes(event.data))
            elif opcode is Opcode.TEXT:
                raise RemoteError("a text frame inside a WebSocket of SPICE")
            elif opcode is Opcode.CLOSE:
                self.closed = True
        failure = self._protocol.handshake_exc or (None if self.closed else self._protocol.parser_exc)
        if failure is not None and not isinstance(failure, EOFError):
            raise RemoteError("the WebSocket fails", actual=str(failure))
        self.ready = self.ready or self._protocol.state is State.OPEN
        return b"".join(found)
