"""A port of the guest behind a Unix socket: whoever connects there is the program that has the device open.

    --guest-port org.example.0=unix:/run/example     a socket on which one program at a time is served
    --guest-port org.example.0=echo                  everything is said back
    --guest-port org.example.0                       nobody has it open

While a program is connected the guest has the port open. What the program writes is read as fast as clients take it, and not
before there is one; a client whose bytes the program does not read is not read from.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from reference_server.guest import Attached, Guest, Port, Received
from reference_server.shell import Shell
from spiceproto.errors import LocalError
from spiceproto.unix_socket import UnixSocket

__all__ = ["PortBridge", "PortWish", "add_port"]

_HIGH_WATER: Final = 1 << 20
"""Bytes that wait for a program above which no client is read from."""


class PortWish:
    """What ``--guest-port`` says: a name, and ``path`` of a socket, or ``echo``. Raises LocalError."""

    def __init__(self, text: str) -> None:
        self.name, _, behind = text.partition("=")
        self.echo = behind == "echo"
        self.path = behind.removeprefix("unix:") if behind.startswith("unix:") else ""
        if not self.name or "\0" in text or (behind and not self.echo and not self.path):
            raise LocalError("not a port", expected="NAME, NAME=echo or NAME=unix:PATH", actual=repr(text))


def add_port(guest: Guest, wish: PortWish) -> Port:
    """A port as it is wished for, without its socket."""
    port = guest.ports.add(wish.name, opened=wish.echo)
    if wish.echo:
        port.watch(lambda news: port.write(news.data), Received)
    return port


class PortBridge:
    """The socket of one port. ``program`` is who has connected, None for nobody."""

    def __init__(self, shell: Shell, port: Port) -> None:
        self.shell = shell
        self.port = port
        self.program: _Program | None = None
        self._socket: UnixSocket | None = None
        port.watch(self._received, Received)
        port.watch(self._attached, Attached)

    async def listen(self, path: str | Path) -> None:
        """Listen on a Unix socket, which is removed at the end. Raises OSError, whose ``filename`` is the path."""
        self._socket = await UnixSocket.listening(path, lambda: _Program(self))

    def close(self) -> None:
        """Listen no more, and send the program away."""
        if self._socket is not None:
            self._socket.close()
        if self.program is not None:
            self.program.transport.abort()

    def _received(self, news: Received) -> None:
        if self.program is not None:
            self.program.transport.write(news.data)

    def _attached(self, news: Attached) -> None:
        if self.program is not None:
            self.program.pace()


class _Program(asyncio.Protocol):
    """One connection to the socket."""

    transport: asyncio.Transport

    def __init__(self, bridge: PortBridge) -> None:
        self._bridge = bridge
        self._reads = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        bridge = self._bridge
        if bridge.program is not None:
            transport.abort()
            return
        transport.set_write_buffer_limits(high=_HIGH_WATER)
        bridge.program = self
        bridge.port.full = False
        bridge.port.set_open(True)
        self.pace()
        bridge.shell.flush()

    def pace(self) -> None:
        """Read of the program what clients take."""
        reads = self._bridge.port.room
        if reads != self._reads and not self.transport.is_closing():
            self._reads = reads
            (self.transport.resume_reading if reads else self.transport.pause_reading)()

    def data_received(self, data: bytes) -> None:
        if self._bridge.program is self:
            self._bridge.port.write(data)
            self._bridge.shell.flush()
            self.pace()

    def pause_writing(self) -> None:
        self._bridge.port.full = True

    def resume_writing(self) -> None:
        self._bridge.port.full = False
        self._bridge.shell.flush()

    def connection_lost(self, error: Exception | None) -> None:
        bridge = self._bridge
        if bridge.program is self:
            bridge.program = None
            bridge.port.full = False
            bridge.port.set_open(False)
            bridge.shell.flush()
