"""Sockets for a server: TCP, Unix, TLS, each with or without WebSocket, on asyncio.

What a client sends at once is handled in turns of a few KiB or a millisecond, between which others have theirs: 256 KiB of
small messages take most of a second. A client that does not read is not read from either, gets no more pictures, and is
dropped after a while; so is one for which too much waits. A link that is not finished is the server's to give up, a TLS
handshake that is not is given up here (:mod:`reference_server.handshakes`).

Keys for tickets are made on a thread (:mod:`reference_server.keys`); a link for which there is none waits, and costs nobody
else anything. Without descriptors for more connections those that come wait with the system, and links that are not finished
make room for them.

Nothing here knows what the bytes mean. An error inside the server, which would be a mistake of ours, costs the connection
it came up on and is reported; the others go on.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from reference_server.events import Event, Linked, Turned
from reference_server.exhaustion import Exhaustion
from reference_server.handshakes import Handshakes
from reference_server.keys import Keys
from reference_server.limits import Limits
from reference_server.pieces import PIECE, together
from reference_server.server import Server
from spiceproto.capture_file import CaptureFile, Flow
from spiceproto.channels import channel_name
from spiceproto.transport import Connection, Send
from spiceproto.unix_socket import UnixSocket
from spiceproto.websocket import Plain, Undecided

__all__ = ["Limits", "Log", "Shell"]

Log = Callable[[str, dict[str, Any]], None]
"""Is told the name of an event and its fields."""

_AT_THE_END: Final = 2.0
"""Seconds for which the end waits until clients have read what was sent to them."""

_TURN: Final = 1 << 12
"""Bytes of one client that are handled before others have their turn: 680 of the smallest messages."""


class Shell:
    """Moves the bytes of one server. Made, used and closed in one event loop.

    Whoever changes the guest from outside calls :meth:`flush` afterwards. ``capture`` is a file for what is said and heard.
    """

    def __init__(
        self, server: Server, *, limits: Limits | None = None, log: Log | None = None, capture: CaptureFile | None = None
    ) -> None:
        self.server = server
        self.limits = limits or Limits()
        self.capture = capture
        self.log: Log = log or (lambda name, fields: None)
        self._loop = asyncio.get_running_loop()
        self._listeners: list[asyncio.AbstractServer] = []
        self._streams: dict[Connection, _Stream] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._sockets: list[UnixSocket] = []
        self._waiting: dict[Connection, bytes] = {}
        self._rest: dict[Connection, memoryview] = {}
        self._lingering: dict[_Stream, None] = {}
        self._handshakes: list[Handshakes] = []
        self._exhaustion = Exhaustion(self._loop, lambda text: self.log("exhausted", {"text": text}), self._make_room)
        self._full: set[Connection] = set()
        self._keys: Keys | None = None
        if server.options.ticket and server.options.ticket_key is None:
            self._keys = Keys(server.options.unfinished_links, server.policy.make_key, self._key_made)
            server.policy.make_key = self._keys.take
        server.listener = self._note
        server.failed = self._report

    @property
    def now(self) -> float:
        """The server's clock."""
        return self._loop.time()

    async def listen(self, host: str, port: int, context: ssl.SSLContext | None = None, *, family: int = 0) -> int:
        """Listen for TCP, with TLS if there is a context; the port is given back, which is a free one for 0.

        ``family`` is that of addresses, of :mod:`socket`; 0 for any. Raises OSError, whose ``filename`` is the place.
        """
        accept: Callable[[], asyncio.Protocol] = lambda: _Stream(self, False)  # noqa: E731
        if context is not None:
            handshakes = Handshakes(context, self.limits, lambda: _Stream(self, True))
            self._handshakes.append(handshakes)
            accept = handshakes.accept
        try:
            listener = await self._loop.create_server(accept, host, port, family=family)
        except socket.gaierror as error:
            raise OSError(error.errno, error.strerror, host) from None
        except OSError as error:  # asyncio has words of its own
            raise OSError(error.errno, os.strerror(error.errno or 0), f"{host}, port {port}") from None
        self._listeners.append(listener)
        return int(listener.sockets[0].getsockname()[1])

    async def listen_unix(self, path: str | Path) -> None:
        """Listen on a Unix socket, which is removed at the end. Raises OSError, whose ``filename`` is the path."""
        self._sockets.append(await UnixSocket.listening(path, lambda: _Stream(self, False)))

    def traffic(self, connection: Connection) -> dict[str, Any]:
        """Who is at the other end, bytes that came and went, and those that wait; nothing for a connection that is not open."""
        stream = self._streams.get(connection)
        return {} if stream is None else stream.traffic

    def flush(self) -> None:
        """Carry out what the server wants done, and remember when it wants to be called."""
        self._carry_out()
        self._set_timer()

    def _carry_out(self) -> None:
        for action in together(self.server.take_actions()):
            stream = self._streams.get(action.connection)
            if stream is None:
                continue
            if isinstance(action, Send):
                stream.send(action.data)
            else:
                stream.close()
        for connection in [item for item in self._full if not self.server.full(item)]:
            self._full.discard(connection)
            self._loop.call_soon(self._taken, connection)

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self.server.deadline
        if deadline is not None and deadline != float("inf"):
            self._timer = self._loop.call_at(deadline, self._tick)

    async def close(self) -> None:
        """End all sessions in order, and stop listening."""
        self._exhaustion.stopping = True
        for listener in self._listeners:
            listener.close()
        for place in self._sockets:
            place.close()
        for handshakes in self._handshakes:
            handshakes.close()
        self.server.shutdown()
        self.flush()
        end = self._loop.time() + _AT_THE_END
        while self._streams and self._loop.time() < end:
            await asyncio.sleep(0.01)
        for stream in list(self._streams.values()):
            stream.abort()
        if self._timer is not None:
            self._timer.cancel()
        if self._keys is not None:
            self._keys.close()
        self._exhaustion.end()

    # -- streams

    def opened(self, stream: _Stream) -> Connection:
        """A client has connected."""
        connection = self.server.accept(self.now, secure=stream.secure)
        self._streams[connection] = stream
        self.log("connected", {"connection": connection.number, "tls": stream.secure})
        self._carry_out()
        # Nobody else's time has changed: a crowd of links does not have the server look through all of them for each.
        deadline = self.server.lines[connection].deadline
        if self._timer is None or (deadline is not None and deadline < self._timer.when()):
            self._set_timer()
        return connection

    def received(self, connection: Connection, data: bytes) -> None:
        """Bytes of a client. Those of a link that wants a key wait until there is one."""
        waits = connection in self._waiting
        if waits or (self._keys is not None and not self._keys and self.server.wants_key(connection)):
            self._waiting[connection] = self._waiting.get(connection, b"") + data
            self._streams[connection].hold()
        elif connection in self._rest:
            self._rest[connection] = memoryview(bytes(self._rest[connection]) + data)
        elif len(data) <= _TURN or self.server.has_few_messages(connection):
            self._receive(connection, data)
            self.flush()
            self._hold_if_full(connection)
        else:
            self._rest[connection] = memoryview(data)
            self._streams[connection].hold()
            self.next_turn(connection)

    def next_turn(self, connection: Connection) -> None:
        """Handle a little of what a client has sent; the rest of it is handled after others have had their turn."""
        stream, rest = self._streams.get(connection), self._rest.get(connection)
        if stream is None or rest is None or stream.stalled or connection in self._full:
            return
        end = self.now + self.limits.turn
        while True:
            turn, rest = bytes(rest[:_TURN]), rest[_TURN:]
            self._rest[connection] = rest
            self._receive(connection, turn)
            if not rest or self.now >= end or self.server.full(connection):
                break
        self.flush()
        full = self._hold_if_full(connection)
        if not rest:
            del self._rest[connection]
            if not full:
                stream.go_on()
        elif full:
            return
        elif not stream.stalled:  # one that is goes on when the client reads again
            self._loop.call_soon(self.next_turn, connection)

    def _hold_if_full(self, connection: Connection) -> bool:
        """Whether what a client sends is not taken as fast as it comes; it is not read from then."""
        stream = self._streams.get(connection)
        if stream is None or not self.server.full(connection):
            return False
        self._full.add(connection)
        stream.hold()
        return True

    def _taken(self, connection: Connection) -> None:
        """What a client sent was taken: it is read from again."""
        if connection in self._rest:
            self.next_turn(connection)
        elif (stream := self._streams.get(connection)) is not None and connection not in self._full:
            stream.go_on()

    def _receive(self, connection: Connection, data: bytes) -> None:
        try:
            self.server.receive(connection, data, self.now)
        except Exception as error:
            self._report(connection, error)

    def _key_made(self) -> None:
        """On the thread of the keys."""
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._admit)

    def _admit(self) -> None:
        """Links that wait for keys go on, as far as there are some: the last first, so that a crowd holds up itself alone."""
        if not self._waiting:
            return
        while self._waiting and self._keys:
            connection, data = self._waiting.popitem()
            self.received(connection, data)
            if connection not in self._rest:
                self._streams[connection].go_on()

    def gone(self, connection: Connection) -> None:
        """A connection is no more."""
        self._waiting.pop(connection, None)
        self._rest.pop(connection, None)
        self._full.discard(connection)
        if self._streams.pop(connection, None) is not None:
            self.log("disconnected", {"connection": connection.number})
            if connection in self.server.lines:  # else it was the server who has ended it
                self.server.closed(connection, self.now)
                self.flush()

    def resumed(self, connection: Connection) -> None:
        """A client reads again: it gets what has waited with the server."""
        stream = self._streams.get(connection)
        if stream is None or stream.stalled:
            return
        try:
            self.server.resume(connection, self.now)
        except Exception as error:
            self._report(connection, error)
        self.flush()

    def linger(self, stream: _Stream, on: bool) -> None:
        """A connection that is over is read from for a while, or is no more."""
        if not on:
            self._lingering.pop(stream, None)
            return
        while len(self._lingering) >= max(self.limits.lingering, 1):
            oldest = next(iter(self._lingering))
            del self._lingering[oldest]
            oldest.abort()
        self._lingering[stream] = None

    def _make_room(self) -> None:
        """There are no descriptors for those who come."""
        self.server.make_room()
        self.flush()

    def drop(self, connection: Connection, text: str) -> None:
        """A client takes too much of us."""
        self.server.drop_connection(connection, text)
        self.flush()

    def _tick(self) -> None:
        self._timer = None
        try:
            self.server.tick(self.now)
        finally:
            self.flush()

    def _report(self, connection: Connection | None, error: Exception) -> None:
        """A mistake of ours, on a connection or in what runs in the guest."""
        where = "in the guest" if connection is None else f"on {connection}"
        self._loop.call_exception_handler({"message": f"the server failed {where}", "exception": error})
        if connection is None:
            self.log("error", {"text": repr(error)})
            return
        self.log("error", {"connection": connection.number, "text": repr(error)})
        try:
            self.server.drop_connection(connection, "a mistake of the server")
        except Exception as again:  # its end is wrong as well
            self.log("error", {"connection": connection.number, "text": repr(again)})
            if (stream := self._streams.get(connection)) is not None:
                stream.abort()

    def _note(self, event: Event) -> None:
        fields: dict[str, Any] = {"connection": event.connection.number}
        if isinstance(event, Turned):
            self.log("refused", fields | {"error": event.error, "stage": event.stage, "text": event.text})
            return
        fields |= {"channel": channel_name(event.channel_type), "id": event.channel_id}
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
        self._flow: Flow | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._held = False
        self._lingering: asyncio.TimerHandle | None = None
        self._closing = False
        self._received = self._sent = 0
        self._has_spoken = False
        self._early = b""

    # -- asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        if self._closing:  # the client was gone as soon as the handshake was over
            transport.abort()
            return
        self._transport = transport
        transport.set_write_buffer_limits(high=self._shell.limits.high_water)
        if self._shell.capture is not None:
            self._flow = self._captured(transport, self._shell.capture)
        self._connection = self._shell.opened(self)
        early, self._early = self._early, b""
        if early:
            self.data_received(early)

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        if self._transport is None:  # it came with the end of the handshake
            self._early += data
            return
        self._received += len(data)
        if self._framing is None:
            self._framing = self._undecided.received(data)
            if self._framing is None:
                return
            if self._flow is not None and type(self._framing) is not Plain:
                self._flow.note("not captured here: WebSocket")
            data = self._undecided.held if type(self._framing) is Plain else b""
        payload = self._framing.received(data)
        if self._flow is not None:
            self._flow.said("client", payload)
        self._write(self._framing.answers())
        if payload and self._connection is not None:
            self._shell.received(self._connection, payload)
        if self._framing.ended and not self._held:
            self._leave()

    def eof_received(self) -> None:
        self._leave()

    def connection_lost(self, error: Exception | None) -> None:
        self._closing = True
        self._over("client", reset=error is not None)
        for timer in (self._stalled, self._lingering):
            if timer is not None:
                timer.cancel()
        self._shell.linger(self, False)
        if self._connection is not None:
            self._shell.gone(self._connection)

    def pause_writing(self) -> None:
        assert self._transport is not None
        if not self._closing:
            self._transport.pause_reading()
            if self._connection is not None:
                self._shell.server.pause(self._connection)
        self._start_clock()

    def resume_writing(self) -> None:
        assert self._transport is not None
        if self._closing:
            # The clock runs on until the last byte is out.
            return
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        if self._connection is not None:
            # Not from inside of a write: there is more to be written before.
            asyncio.get_running_loop().call_soon(self._shell.resumed, self._connection)
        if not self._held:
            self._transport.resume_reading()
        elif self._connection is not None:
            asyncio.get_running_loop().call_soon(self._shell.next_turn, self._connection)

    # -- the shell's side

    @property
    def traffic(self) -> dict[str, Any]:
        """See :meth:`Shell.traffic`."""
        peer = None if self._transport is None else self._transport.get_extra_info("peername")
        address = f"{peer[0]}:{peer[1]}" if isinstance(peer, tuple) else ""
        waiting = 0 if self._transport is None else self._transport.get_write_buffer_size()
        return {"address": address, "received": self._received, "sent": max(self._sent - waiting, 0), "waiting": waiting}

    @property
    def stalled(self) -> bool:
        """Whether the client does not read."""
        return self._stalled is not None

    def send(self, data: bytes) -> None:
        """Bytes of the server."""
        if self._flow is not None and not self._closing:
            self._flow.said("server", data)
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
        self._over("server")
        if self._transport.get_write_buffer_size():
            self._start_clock()
        if not self._transport.can_write_eof() or self._transport.is_closing() or not self._has_spoken:
            self._transport.close()
            return
        try:
            self._transport.write_eof()
        except OSError:
            # The client was faster.
            self._transport.abort()
            return
        self._transport.resume_reading()
        self._shell.linger(self, True)
        self._lingering = asyncio.get_running_loop().call_later(self._shell.limits.linger, self._finish)

    def _finish(self) -> None:
        # With bytes left it is the clock's to end it.
        if self._transport is not None and not self._transport.get_write_buffer_size():
            self._transport.close()

    def hold(self) -> None:
        """Read nothing more, until :meth:`go_on`."""
        self._held = True
        if self._transport is not None and not self._closing:
            self._transport.pause_reading()

    def go_on(self) -> None:
        """Read again, unless the client does not."""
        self._held = False
        if self._framing is not None and self._framing.ended:
            self._leave()
        elif self._transport is not None and not self._closing and self._stalled is None:
            self._transport.resume_reading()

    def abort(self) -> None:
        """End it now."""
        self._over("server", reset=True)
        if self._transport is not None:
            self._transport.abort()

    def _write(self, data: bytes) -> None:
        if not data or self._closing or self._transport is None or self._transport.is_closing():
            return
        self._sent += len(data)
        self._has_spoken = True
        # What the system does not take at once would be copied twice.
        self._transport.write(memoryview(data) if len(data) > PIECE else data)
        if self._transport.get_write_buffer_size() > self._shell.limits.send:
            self._give_up(f"more than {self._shell.limits.send} bytes wait for a client that reads too slowly")

    def _start_clock(self) -> None:
        if self._stalled is None:
            self._stalled = asyncio.get_running_loop().call_later(self._shell.limits.stall, self._give_up)

    def _give_up(self, text: str = "the client does not read") -> None:
        if self._connection is not None and not self._closing:
            # Not from inside a call of the server's.
            asyncio.get_running_loop().call_soon(self._shell.drop, self._connection, text)
        self._closing = True
        self.abort()

    def _leave(self) -> None:
        """The client has closed its side."""
        connection, self._closing = self._connection, True
        self._over("client")
        if connection is not None:
            self._shell.gone(connection)
        self._connection = None
        if self._transport is not None:
            self._transport.close()

    def _captured(self, transport: asyncio.Transport, file: CaptureFile) -> Flow:
        ours, theirs = [transport.get_extra_info(name) for name in ("sockname", "peername")]
        around = "TLS" if self.secure else f"Unix socket {ours}" if isinstance(ours, str) else ""
        return file.begin(ours, theirs, role="server", around=around)

    def _over(self, sender: str, *, reset: bool = False) -> None:
        """The end of the connection, for its capture."""
        if self._flow is not None:
            self._flow.closed(sender, reset=reset)
