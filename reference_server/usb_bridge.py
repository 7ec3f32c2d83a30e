"""A channel's bytes to a Unix socket: who connects there has the other end of the channel, as `usb-redir` of QEMU wants it.

One connection is one link of the channel: when either ends, so does the other. A program that connects while no client has
linked the channel waits; a second one takes the place of the first. What comes before both are there waits, within a bound.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from spiceproto.errors import RemoteError
from spiceproto.unix_socket import UnixSocket

__all__ = ["UsbBridge"]

_READ: Final = 1 << 16

_WAITING: Final = 4 << 20
"""Bytes that may wait for either side."""


class UsbBridge:
    """``flush`` is called when something was put into the channel; who runs the server sets it."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.flush: Callable[[], None] = lambda: None
        self._put: Callable[[bytes], None] | None = None
        self._close: Callable[[str], None] = lambda text: None
        self._writer: asyncio.StreamWriter | None = None
        self._from_client = bytearray()
        self._from_program = bytearray()
        self._socket: UnixSocket | None = None

    async def listen(self) -> None:
        """Listen. Raises OSError, whose ``filename`` is the path."""
        self._socket = await UnixSocket.listening(
            self.path, lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader(), self._connected)
        )

    def close(self) -> None:
        """Listen no more, and close what there is."""
        if self._socket is not None:
            self._socket.close()
        if self._writer is not None:
            self._writer.close()

    # -- the channel

    def begin(self, put: Callable[[bytes], None], close: Callable[[str], None]) -> None:
        """A client has linked the channel."""
        self._put, self._close = put, close
        self._from_client.clear()
        if self._from_program:
            put(bytes(self._from_program))
            self._from_program.clear()

    def receive(self, data: bytes) -> None:
        """Bytes of the client. Raises RemoteError if there are too many."""
        waits = len(self._from_client) if self._writer is None else self._writer.transport.get_write_buffer_size()
        if waits + len(data) > _WAITING:
            raise RemoteError("too much waits for a socket", expected=f"at most {_WAITING} bytes", actual=self.path)
        if self._writer is None:
            self._from_client += data
        else:
            self._writer.write(data)

    def end(self) -> None:
        """The channel is closed."""
        self._put = None
        if self._writer is not None:
            self._writer.close()

    # -- the program

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        before, self._writer = self._writer, writer
        if before is not None:
            before.close()
        self._from_program.clear()
        writer.write(bytes(self._from_client))
        self._from_client.clear()
        try:
            while data := await reader.read(_READ):
                if self._put is not None:
                    self._put(data)
                    self.flush()
                elif len(self._from_program) + len(data) <= _WAITING:
                    self._from_program += data
                else:
                    break
        except OSError:
            pass
        writer.close()
        if self._writer is writer:
            self._writer = None
            if self._put is not None:
                self._close("the program at the socket is gone")
                self.flush()
