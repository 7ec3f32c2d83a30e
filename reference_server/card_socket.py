"""The device's side of a card reader as a Unix socket, to which QEMU's ``ccid-card-passthru`` connects, or what speaks like it.

    spice-reference-server --smartcard-socket /tmp/reader
    qemu-system-x86_64 ... -device usb-ccid -chardev socket,id=c,path=/tmp/reader -device ccid-card-passthru,chardev=c

The bytes are VSC messages, see :mod:`spiceproto.vsc`. One device at a time; the next one may connect when it is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

from reference_server.guest import AttachedReader, ForDevice
from reference_server.shell import Shell
from spiceproto.errors import RemoteError
from spiceproto.unix_socket import UnixSocket

__all__ = ["CardSocket"]

_WAITING: Final = 1 << 20
"""Bytes that may wait for a device that does not read."""

Log = Callable[[str, dict[str, Any]], None]


class CardSocket(asyncio.Protocol):
    """What connects to ``reader``; ``shell`` sends what follows from its words."""

    def __init__(self, shell: Shell, reader: AttachedReader, log: Log) -> None:
        self._shell = shell
        self._reader = reader
        self._log = log
        self._transport: asyncio.Transport | None = None

    @classmethod
    @contextlib.asynccontextmanager
    async def listening(cls, shell: Shell, reader: AttachedReader, path: str, log: Log) -> AsyncIterator[None]:
        """Listen at a path meanwhile. Raises OSError, whose ``filename`` is the path."""
        place = await UnixSocket.listening(path, lambda: cls(shell, reader, log))
        try:
            yield
        finally:
            place.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        if self._reader.attached:
            transport.abort()
            return
        self._transport = transport
        self._reader.attach()
        self._reader.watch(self._send, ForDevice)
        self._log("card-device", {"attached": True})

    def data_received(self, data: bytes) -> None:
        if self._transport is None:
            return
        try:
            self._reader.fed(data)
        except RemoteError as error:
            self._log("card-device", {"text": str(error)})
            self._transport.abort()
        self._shell.flush()

    def connection_lost(self, error: Exception | None) -> None:
        if self._transport is not None:
            self._transport = None
            self._reader.unwatch(self._send)
            self._reader.detach()
            self._log("card-device", {"attached": False})

    def _send(self, news: ForDevice) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(news.data)
        if self._transport.get_write_buffer_size() > _WAITING:
            self._transport.abort()
