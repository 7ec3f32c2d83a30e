"""One side of a connection: an asyncio protocol, with a WebSocket around SPICE where there is one.

A stream knows nothing of the other side. Its owner sets four functions: for bytes of SPICE, for the end of what the peer says,
for the end of the connection, and for a way out that is full or free again.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Final, Protocol

from spiceproto.errors import SpiceError
from spiceproto.websocket import Plain, Undecided
from spiceproto.websocket_client import WebSocket

__all__ = ["Framing", "Served", "Stream", "Visited"]

HIGH_WATER: Final = 1 << 20
"""Bytes that wait on their way out; with more the other side is not read from."""

_LOW_WATER: Final = 1 << 18


class Framing(Protocol):
    """What lies between the bytes of a connection and SPICE."""

    name: str

    def received(self, data: bytes) -> bytes:
        """Bytes of the connection to bytes of SPICE. Raises SpiceError."""

    def to_send(self, data: bytes) -> bytes:
        """The other way."""

    def answers(self) -> bytes:
        """What is to be sent without anybody's doing."""

    def closing(self) -> bytes:
        """What is to be sent at the end."""

    @property
    def over(self) -> bool:
        """The peer has said goodbye."""


class Served:
    """Of a client: perhaps a WebSocket, which its first bytes say."""

    def __init__(self) -> None:
        self._undecided = Undecided()
        self._found: Plain | None = None
        self.name = ""

    def received(self, data: bytes) -> bytes:
        """Bytes of SPICE."""
        if self._found is None:
            self._found = self._undecided.received(data)
            if self._found is None:
                return b""
            if type(self._found) is Plain:
                data = self._undecided.held
            else:
                self.name, data = "websocket", b""
        return self._found.received(data)

    @property
    def plain(self) -> bool:
        """There is nothing around."""
        return type(self._found) is Plain

    def to_send(self, data: bytes) -> bytes:
        """Bytes for the connection."""
        return data if self._found is None else self._found.to_send(data)

    def answers(self) -> bytes:
        """Of the WebSocket itself."""
        return b"" if self._found is None else self._found.answers()

    def closing(self) -> bytes:
        """A goodbye."""
        return b"" if self._found is None else self._found.closing()

    @property
    def over(self) -> bool:
        """The client has said goodbye."""
        return self._found is not None and self._found.ended


class Visited:
    """Of a server inside a WebSocket; what is to be sent before it agrees waits."""

    name = "websocket"
    plain = False

    def __init__(self, uri: str) -> None:
        self._socket = WebSocket(uri)
        self._early: list[bytes] = []

    def received(self, data: bytes) -> bytes:
        """Bytes of SPICE."""
        found = self._socket.receive(data)
        if self._socket.ready and self._early:
            for piece in self._early:
                self._socket.send(piece)
            self._early.clear()
        return found

    def to_send(self, data: bytes) -> bytes:
        """Bytes for the connection: none before the server has agreed."""
        if self._socket.ready:
            self._socket.send(data)
        else:
            self._early.append(data)
        return self._socket.bytes_to_send()

    def answers(self) -> bytes:
        """Of the WebSocket itself."""
        return self._socket.bytes_to_send()

    def closing(self) -> bytes:
        """A goodbye."""
        self._socket.close()
        return self._socket.bytes_to_send()

    @property
    def over(self) -> bool:
        """The server has said goodbye."""
        return self._socket.closed


def _nobody(*found: object) -> None:
    """Before it has an owner."""


class Stream(asyncio.Protocol):
    """``framing`` is None where nothing is around the bytes."""

    def __init__(self, framing: Served | Visited | None) -> None:
        self.framing = framing
        self.transport: asyncio.Transport
        self.layers: tuple[str, ...] = ()
        self.on_bytes: Callable[[bytes], None] = _nobody
        self.on_end: Callable[[], None] = _nobody
        self.on_gone: Callable[[Exception | None], None] = _nobody
        self.on_room: Callable[[bool], None] = _nobody
        self.gone = False
        self._ending = False

    # -- asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.set_write_buffer_limits(high=HIGH_WATER, low=_LOW_WATER)
        found = transport.get_extra_info("socket")
        if found is not None and found.family != getattr(socket, "AF_UNIX", None):
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        transport.pause_reading()  # until both sides are there

    def data_received(self, data: bytes) -> None:
        framing = self.framing
        if framing is not None:
            data = self._unwrapped(framing, data)
        if data:
            self.on_bytes(data)
        if framing is not None and framing.over:
            self.on_end()
            self.close()  # half of a WebSocket cannot end

    def _unwrapped(self, framing: Served | Visited, data: bytes) -> bytes:
        try:
            data = framing.received(data)
        except SpiceError:
            self.abort()
            return b""
        answers = framing.answers()
        if answers:
            self.transport.write(answers)
        if framing.plain:
            self.framing = None
        return data

    def eof_received(self) -> bool:
        self.on_end()
        return self.transport.can_write_eof()

    def connection_lost(self, error: Exception | None) -> None:
        self.gone = True
        self.on_gone(error)

    def pause_writing(self) -> None:
        self.on_room(False)

    def resume_writing(self) -> None:
        self.on_room(True)

    # -- the owner's side

    def begin(self) -> None:
        """Both sides are there: bytes may come. What has to be said first is said."""
        if self.framing is not None:
            self.transport.write(self.framing.answers())
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def write(self, data: bytes) -> None:
        """Bytes of SPICE for the peer."""
        if self.gone or self._ending:
            return
        if self.framing is not None:
            data = self.framing.to_send(data)
        self.transport.write(data)

    def end(self) -> None:
        """Nothing more is said to the peer, which may go on; where half of a connection cannot end, all of it does."""
        if self.gone or self._ending:
            return
        self._ending = True
        if self.framing is not None:
            self.transport.write(self.framing.closing())
        if self.transport.can_write_eof():
            self.transport.write_eof()
        else:
            self.transport.close()

    def close(self) -> None:
        """End the connection when what was written is out."""
        if not self.gone:
            self.transport.close()

    def abort(self) -> None:
        """End it at once."""
        if not self.gone:
            self.transport.abort()

    def reset(self) -> None:
        """End it with a reset."""
        found = self.transport.get_extra_info("socket")
        if found is not None and found.family != getattr(socket, "AF_UNIX", None):
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.abort()

    @property
    def waiting(self) -> int:
        """Bytes that have not left."""
        return 0 if self.gone else self.transport.get_write_buffer_size()
