"""A channel's bytes to a socket and back: whoever listens there has the other end of the channel, without SPICE around it.

The socket is connected to when the channel is linked, and closed with it; when the socket ends, the channel is closed, which a
guest takes for a device that is pulled out. What the channel brings before the socket is there waits, within a bound.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from spiceproto.errors import LocalError, RemoteError
from spiceproto.unix_socket import connect_unix

if TYPE_CHECKING:
    from spiceproto.usbredir_device import DeviceSide

__all__ = ["UsbBridge"]

_READ: Final = 1 << 16

_WAITING: Final = 4 << 20
"""Bytes that may wait for a socket that does not take them; the channel is closed above that."""


class UsbBridge:
    """``place`` is ``unix:PATH`` or ``HOST:PORT``. Raises LocalError for what is neither.

    ``moved`` is called in the loop's thread when something was put into the channel; a shell sets it.
    """

    side: DeviceSide | None = None

    def __init__(self, place: str) -> None:
        self.place = place
        self.path = place.removeprefix("unix:") if place.startswith("unix:") else ""
        host, _, port = place.rpartition(":")
        self.host, self.port = host.strip("[]"), int(port) if port.isascii() and port.isdigit() else 0
        if not self.path and not (self.host and 0 < self.port < 65536):
            raise LocalError("nowhere to connect to", expected="unix:PATH or HOST:PORT", actual=repr(place))
        self.moved: Callable[[], None] = lambda: None
        self._put: Callable[[bytes], None] = lambda data: None
        self._close: Callable[[str], None] = lambda text: None
        self._waiting = bytearray()
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None

    def begin(self, put: Callable[[bytes], None], close: Callable[[str], None], make: type[DeviceSide]) -> None:
        """The channel is linked."""
        self._put, self._close = put, close
        self._waiting.clear()
        self._task = asyncio.get_running_loop().create_task(self._live())

    def receive(self, data: bytes) -> None:
        """Bytes for the socket. Raises RemoteError if it does not take them."""
        waits = len(self._waiting) if self._writer is None else self._writer.transport.get_write_buffer_size()
        if waits + len(data) > _WAITING:
            raise RemoteError("too much waits for a socket", expected=f"at most {_WAITING} bytes", actual=self.place)
        if self._writer is None:
            self._waiting += data
        else:
            self._writer.write(data)

    def end(self) -> None:
        """The channel is closed."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _live(self) -> None:
        text = "the socket was closed"
        try:
            if self.path:
                reader, writer = await connect_unix(self.path)
            else:
                reader, writer = await asyncio.open_connection(self.host, self.port)
            writer.write(bytes(self._waiting))
            self._waiting.clear()
            self._writer = writer
            while data := await reader.read(_READ):
                self._put(data)
                self.moved()
        except OSError as error:
            text = f"{self.place}: {error.strerror or error}"
        finally:
            writer_, self._writer = self._writer, None
            if writer_ is not None:
                writer_.close()
                with contextlib.suppress(OSError, RuntimeError):
                    await asyncio.shield(asyncio.sleep(0))
        self._close(text)
        self.moved()
