"""Sockets for a server: TCP, Unix, TLS, each with or without WebSocket, on asyncio.

A client that does not read is not read from either, and is dropped after a while; so is one for which too much waits. A
link that is not finished is the server's to give up, a TLS handshake that is not is given up here.

Nothing here knows what the bytes mean. An error inside the server, which would be a mistake of ours, costs the connection
it came up on and is reported; the others go on.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from reference_server.server import Event, Linked, Server, Turned
from reference_server.websocket import Plain, Undecided
from spiceproto.enums.link import ChannelType
from spiceproto.transport import Connection, Send

__all__ = ["Limits", "Log", "Shell"]

Log = Callable[[str, dict[str, Any]], None]
"""Is told the name of an event and its fields."""

_AT_THE_END: Final = 2.0
"""Seconds for which the end waits until clients have read what was sent to them."""


class Limits(msgspec.Struct, frozen=True):
    """How patient the shell is.

    * ``high_water``: bytes waiting for a client above which it is not read from
    * ``send``: bytes waiting above which it is dropped
    * ``stall``: seconds above the high water after which it is dropped
    * ``handshake``: seconds for a TLS handshake
    * ``linger``: seconds for which a connection that is over is still read from. If it were closed while the client sends,
      the client's system could throw away our last words
    """

    high_water: int = 1 << 20
    send: int = 256 << 20
    stall: float = 30.0
    handshake: float = 10.0
    linger: float = 1.0


class Shell:
    """Moves the bytes of one server. Made, used and closed in one event loop.

    Whoever changes the guest from outside calls :meth:`flush` afterwards.
    """

    def __init__(self, server: Server, *, limits: Limits | None = None, log: Log | None = None) -> None:
        self.server = server
        self.limits = limits or Limits()
        self.log: Log = log or (lambda name, fields: None)
        self._loop = asyncio.get_running_loop()
        self._listeners: list[asyncio.Server] = []
        self._streams: dict[Connection, _Stream] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._paths: list[Path] = []
        server.listener = self._note

    @property
    def now(self) -> float:
        """The server's clock."""
        return self._loop.time()

    async def listen(self, host: str, port: int, context: ssl.SSLContext | None = None) -> int:
        """Listen for TCP, with TLS if there is a context; the port is given back, which is a free one for 0.

        Raises OSError.
        """
        options: dict[str, Any] = {}
        if context is not None:
            options = {"ssl": context, "ssl_handshake_timeout": self.limits.handshake}
        listener = await self._loop.create_server(lambda: _Stream(self, context is not None), host, port, **options)
        self._listeners.append(listener)
        return int(listener.sockets[0].getsockname()[1])

    async def listen_unix(self, path: str | Path) -> None:
        """Listen on a Unix socket, which is removed at the end. Raises OSError."""
        place = Path(path)
        self._listeners.append(await self._loop.create_unix_server(lambda: _Stream(self, False), str(place)))
        self._paths.append(place)

    def flush(self) -> None:
        """Carry out what the server wants done, and remember when it wants to be called."""
        for action in self.server.take_actions():
            stream = self._streams.get(action.connection)
            if stream is None:
                continue
            if isinstance(action, Send):
                stream.send(action.data)
            else:
                stream.close()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self.server.deadline
        if deadline is not None and deadline != float("inf"):
            self._timer = self._loop.call_at(deadline, self._tick)

    async def close(self) -> None:
        """End all sessions in order, and stop listening."""
        for listener in self._listeners:
            listener.close()
        self.server.shutdown()
        self.flush()
        end = self._loop.time() + _AT_THE_END
        while self._streams and self._loop.time() < end:
            await asyncio.sleep(0.01)
        for stream in list(self._streams.values()):
            stream.abort()
        if self._timer is not None:
            self._timer.cancel()
        for path in self._paths:
            with contextlib.suppress(OSError):
                path.unlink()

    # -- streams

    def opened(self, stream: _Stream) -> Connection:
        """A client has connected."""
        connection = self.server.accept(self.now, secure=stream.secure)
        self._streams[connection] = stream
        self.log("connected", {"connection": connection.number, "tls": stream.secure})
        self.flush()
        return connection

    def received(self, connection: Connection, data: bytes) -> None:
        """Bytes of a client."""
        try:
            self.server.receive(connection, data, self.now)
        except Exception as error:
            self._report(connection, error)
        self.flush()

    def gone(self, connection: Connection) -> None:
        """A connection is no more."""
        if self._streams.pop(connection, None) is not None:
            self.log("disconnected", {"connection": connection.number})
            self.server.closed(connection, self.now)
            self.flush()

    def drop(self, connection: Connection, text: str) -> None:
        """A client takes too much of us."""
        self.server.drop_connection(connection, text)
        self.flush()

    def _tick(self) -> None:
        self._timer = None
        self.server.tick(self.now)
        self.flush()

    def _report(self, connection: Connection, error: Exception) -> None:
        context = {"message": f"the server failed on {connection}", "exception": error}
        self._loop.call_exception_handler(context)
        self.log("error", {"connection": connection.number, "text": repr(error)})
        self.server.drop_connection(connection, "a mistake of the server")

    def _note(self, event: Event) -> None:
        fields: dict[str, Any] = {"connection": event.connection.number}
        if isinstance(event, Turned):
            self.log("refused", fields | {"error": event.error, "stage": event.stage, "text": event.text})
            return
        kind = event.channel_type
        name = ChannelType(kind).name.lower() if kind in ChannelType._value2member_map_ else str(kind)
        fields |= {"channel": name, "id": event.channel_id}
        if isinstance(event, Linked):
            self.log("channel", fields | {"session": event.session})
        else:
            self.log("closed", fields | {"text": event.text})


class _Stream(asyncio.Protocol):
    """One connection."""

    def __init__(self, shell: Shell, secure: bool) -> None:
        self.secure = secure
        self._shell = shell
        self._transport: asyncio.Transport | None = None
        self._connection: Connection | None = None
        self._undecided = Undecided()
        self._framing: Plain | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._lingering: asyncio.TimerHandle | None = None
        self._closing = False

    # -- asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=self._shell.limits.high_water)
        self._connection = self._shell.opened(self)

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        if self._framing is None:
            self._framing = self._undecided.received(data)
            if self._framing is None:
                return
            data = self._undecided.held if type(self._framing) is Plain else b""
        payload = self._framing.received(data)
        self._write(self._framing.answers())
        if payload and self._connection is not None:
            self._shell.received(self._connection, payload)
        if self._framing.ended:
            self._leave()

    def eof_received(self) -> None:
        self._leave()

    def connection_lost(self, error: Exception | None) -> None:
        self._closing = True
        for timer in (self._stalled, self._lingering):
            if timer is not None:
                timer.cancel()
        if self._connection is not None:
            self._shell.gone(self._connection)

    def pause_writing(self) -> None:
        assert self._transport is not None
        if not self._closing:
            self._transport.pause_reading()
        self._start_clock()

    def resume_writing(self) -> None:
        assert self._transport is not None
        if self._closing:
            # The clock runs on until the last byte is out.
            return
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        self._transport.resume_reading()

    # -- the shell's side

    def send(self, data: bytes) -> None:
        """Bytes of the server."""
        if self._framing is not None:
            data = self._framing.to_send(data)
        self._write(data)

    def close(self) -> None:
        """End it once what was sent is out, or after a while."""
        if self._transport is None or self._closing:
            return
        if self._framing is not None:
            self._write(self._framing.closing())
        self._closing = True
        if self._transport.get_write_buffer_size():
            self._start_clock()
        if not self._transport.can_write_eof() or self._transport.is_closing():
            self._transport.close()
            return
        try:
            self._transport.write_eof()
        except OSError:
            # The client was faster.
            self._transport.abort()
            return
        self._transport.resume_reading()
        self._lingering = asyncio.get_running_loop().call_later(self._shell.limits.linger, self._finish)

    def _finish(self) -> None:
        # With bytes left it is the clock's to end it.
        if self._transport is not None and not self._transport.get_write_buffer_size():
            self._transport.close()

    def abort(self) -> None:
        """End it now."""
        if self._transport is not None:
            self._transport.abort()

    def _write(self, data: bytes) -> None:
        if not data or self._closing or self._transport is None:
            return
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > self._shell.limits.send:
            self._give_up()

    def _start_clock(self) -> None:
        if self._stalled is None:
            self._stalled = asyncio.get_running_loop().call_later(self._shell.limits.stall, self._give_up)

    def _give_up(self) -> None:
        if self._connection is not None and not self._closing:
            # Not from inside a call of the server's.
            asyncio.get_running_loop().call_soon(self._shell.drop, self._connection, "the client does not read")
        self._closing = True
        self.abort()

    def _leave(self) -> None:
        """The client has closed its side."""
        connection, self._closing = self._connection, True
        if connection is not None:
            self._shell.gone(connection)
        self._connection = None
        if self._transport is not None:
            self._transport.close()
