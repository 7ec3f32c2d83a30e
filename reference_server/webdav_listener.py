"""The folder that a client shares, for browsers: ``--webdav-listen 127.0.0.1:9843``, as spice-webdavd has it in a guest.

Each connection to the socket is one of the guest's (:mod:`reference_server.guest.browser`); what it carries is not looked at.
A connection that nobody could answer, because no client has linked the channel, is closed at once.
"""

from __future__ import annotations

import asyncio
from typing import Final

from reference_server.guest import Answered, Attached, Browser, Over, Port
from reference_server.shell import Shell

__all__ = ["WebdavListener"]

_HIGH_WATER: Final = 1 << 20
"""Bytes that wait for browsers above which the client is not read from."""


class WebdavListener:
    """The browsers of one port."""

    def __init__(self, shell: Shell, port: Port) -> None:
        self.shell = shell
        self.port = port
        self.browser = Browser(port)
        self.visitors: dict[int, _Visitor] = {}
        self._listener: asyncio.Server | None = None
        self._behind: set[int] = set()
        self.browser.watch(self._answered, Answered)
        self.browser.watch(self._over, Over)
        port.watch(self._attached, Attached)

    async def listen(self, host: str, port: int) -> int:
        """Listen for TCP; the port is given back, which is a free one for 0. Raises OSError."""
        self._listener = await asyncio.get_running_loop().create_server(lambda: _Visitor(self), host, port)
        return int(self._listener.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Listen no more, and end all connections."""
        if self._listener is not None:
            self._listener.close()
        for visitor in list(self.visitors.values()):
            visitor.transport.abort()

    def behind(self, number: int, is_behind: bool) -> None:
        """Whether a browser does not read: one that does not holds up all, as they share one stream."""
        (self._behind.add if is_behind else self._behind.discard)(number)
        self.port.full = bool(self._behind)
        if not is_behind:
            self.shell.flush()

    def _answered(self, news: Answered) -> None:
        # Whoever else asks for files in the guest has connections of its own.
        if (visitor := self.visitors.get(news.number)) is not None:
            visitor.transport.write(news.data)

    def _over(self, news: Over) -> None:
        if (visitor := self.visitors.get(news.number)) is not None:
            visitor.transport.close()

    def _attached(self, news: Attached) -> None:
        for visitor in list(self.visitors.values()):
            visitor.pace()


class _Visitor(asyncio.Protocol):
    """One connection of a browser."""

    transport: asyncio.Transport

    def __init__(self, listener: WebdavListener) -> None:
        self._listener = listener
        self._number = 0
        self._reads = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.set_write_buffer_limits(high=_HIGH_WATER)
        number = self._listener.browser.connect()
        if number is None:
            transport.abort()
            return
        self._number = number
        self._listener.visitors[number] = self

    def pace(self) -> None:
        """Read of the browser what the client takes."""
        reads = self._listener.port.room
        if reads != self._reads and not self.transport.is_closing():
            self._reads = reads
            (self.transport.resume_reading if reads else self.transport.pause_reading)()

    def data_received(self, data: bytes) -> None:
        self._listener.browser.send(self._number, data)
        self._listener.shell.flush()
        self.pace()

    def pause_writing(self) -> None:
        self._listener.behind(self._number, True)

    def resume_writing(self) -> None:
        self._listener.behind(self._number, False)

    def connection_lost(self, error: Exception | None) -> None:
        if self._listener.visitors.pop(self._number, None) is not None:
            self._listener.browser.close(self._number)
            self._listener.behind(self._number, False)
