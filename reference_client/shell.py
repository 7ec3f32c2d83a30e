"""The client in the world: asyncio, sockets, TLS, WebSocket, proxies, the clock.

:class:`Shell` carries out what a :class:`~reference_client.client.Client` asks for, and tells it what came of that. One task
for each connection; a client is only ever called from the loop's thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import socket
import ssl
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec

from reference_client.client import Client
from reference_client.events import Ended, Event
from reference_client.kernels import Kernels
from reference_client.usb_bridge import UsbBridge
from spiceproto.address import Address, port_number
from spiceproto.capture_file import CaptureFile, Flow
from spiceproto.errors import LocalError, SpiceError
from spiceproto.http_proxy import ANSWER_SIZE, Proxy, connect_request, refusal
from spiceproto.transport import Close, Connection, Open, Place, Send
from spiceproto.trust import check_subject, make_context, server_name
from spiceproto.unix_socket import connect_unix
from spiceproto.way import Way
from spiceproto.websocket_client import WebSocket

if TYPE_CHECKING:
    from spiceproto.codecs.machine_code import Kind

__all__ = ["Shell"]

_READ: Final = 1 << 16
_NUMBER: Final = re.compile(r"\[Errno (\d+)\]")
_MUCH: Final = 1 << 20
"""Bytes of one connection that wait; with more than that a file waits too."""
_TOO_MUCH: Final = 64 << 20
"""Bytes of one connection that wait, above which nothing more is read there: a server may ask on and on and take no answer."""
_GOODBYE: Final = 2.0
"""Seconds for what was sent before a close to get out."""


class _Stream:
    """One connection that is open, with what lies between it and SPICE."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.websocket: WebSocket | None = None
        self.flow: Flow | None = None

    def capture(self, file: CaptureFile, around: str) -> None:
        """Have what is said from now on in this file."""
        ours, theirs = [self.writer.get_extra_info(name) for name in ("sockname", "peername")]
        self.flow = file.begin(ours, theirs, role="client", around=around)

    def write(self, data: bytes) -> None:
        if self.flow is not None:
            self.flow.said("client", data)
        if self.websocket is not None:
            self.websocket.send(data)
            data = self.websocket.bytes_to_send()
        self.writer.write(data)

    @property
    def waiting(self) -> int:
        """Bytes that have not left."""
        return self.writer.transport.get_write_buffer_size()

    def unwrap(self, data: bytes) -> bytes:
        """Bytes of SPICE in what was read. Raises RemoteError."""
        if self.websocket is None:
            return data
        found = self.websocket.receive(data)
        self.writer.write(self.websocket.bytes_to_send())
        return found

    def closed(self, *, reset: bool = False) -> None:
        """The server has closed it."""
        if self.flow is not None:
            self.flow.closed("server", reset=reset)

    async def close(self) -> None:
        if self.flow is not None:
            self.flow.closed("client")
        if self.websocket is not None:
            self.websocket.close()
            self.writer.write(self.websocket.bytes_to_send())
        self.writer.close()
        with contextlib.suppress(OSError, ssl.SSLError, TimeoutError):
            async with asyncio.timeout(_GOODBYE):
                await self.writer.wait_closed()


class Shell:
    """Runs one client. ``on_event`` is called with every event, in the loop's thread.

    ``capture``  a file for what is said and heard

    ``ended``    set when the session is over
    ``silent``   who was asked for a connection and has not answered, in words; "" for nobody
    ``failure``  the mistake of the client itself over which it broke, None for none. Nobody asks the client any more after
                 that, and ``on_failure`` is called with it
    """

    def __init__(
        self,
        client: Client,
        way: Way,
        on_event: Callable[[Event], None] | None = None,
        *,
        on_failure: Callable[[Exception], None] | None = None,
        capture: CaptureFile | None = None,
    ) -> None:
        self.client = client
        self.way = way
        self._capture = capture
        self.ended = asyncio.Event()
        self.failure: Exception | None = None
        self.silent = ""
        self._on_failure = on_failure or (lambda _: None)
        self._on_event = on_event or (lambda _: None)
        self._tasks: dict[Connection, asyncio.Task[None]] = {}
        self._streams: dict[Connection, _Stream] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._held: dict[Connection, asyncio.Task[None]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._moved = asyncio.Event()
        self._compiling = False
        # Made by who draws: a client that only talks compiles nothing.
        client.shared(Kernels).elsewhere = True
        for attached in client.options.usb.values():
            if isinstance(attached, UsbBridge):
                attached.moved = self.pump

    @property
    def now(self) -> float:
        """The clock of the loop."""
        return asyncio.get_running_loop().time()

    def start(self) -> None:
        """Begin to connect."""
        if self.client.options.canvas:
            # Half a second of imports, in which nobody waits for an answer yet.
            from spiceproto.canvas import cursor, display  # noqa: F401
            from spiceproto.codecs import glz, lz, quic  # noqa: F401
        self.client.start(self.now)
        self.pump()

    async def run(self) -> Ended:
        """Connect, and stay until the session is over. Raises what the client itself broke over."""
        self.start()
        await self.ended.wait()
        await self.stop()
        if self.failure is not None:
            raise self.failure
        assert self.client.ended is not None
        return self.client.ended

    def go_on(self) -> None:
        """Somebody beside the session has moved: who has a port takes more, or has written."""
        if self.failure is None and self.client.lines:
            self._tick()

    def disconnect(self) -> None:
        """Leave in order. The session may go on for a while: ``ended`` says when it is over."""
        if self.failure is None:
            self.client.disconnect(self.now)
            self.pump()

    async def stop(self) -> None:
        """Leave, and wait until everything is closed."""
        self.disconnect()
        if self.client.lines:
            await self.ended.wait()
        if self._timer is not None:
            self._timer.cancel()
        while self._tasks or self._closing:
            await asyncio.wait([*self._tasks.values(), *self._closing])

    def pump(self) -> None:
        """Carry out what the client wants. To be called after every call of the client."""
        while actions := self.client.take_actions():
            for action in actions:
                if isinstance(action, Open):
                    task = asyncio.get_running_loop().create_task(self._live(action.connection, action.place))
                    self._tasks[action.connection] = task
                    # A task that is cancelled before its first step does not get to an end of its own.
                    task.add_done_callback(partial(self._forget, action.connection))
                elif isinstance(action, Send):
                    if (stream := self._streams.get(action.connection)) is not None:
                        stream.write(action.data)
                        if stream.waiting > _MUCH and action.connection not in self._held:
                            self._hold(action.connection, stream)
                elif isinstance(action, Close):
                    self._close(action.connection)
        for event in self.client.take_events():
            self._on_event(event)
        self._moved.set()
        self._moved = asyncio.Event()
        self._set_timer()
        self._compile()
        if self.client.ended is not None:
            self.ended.set()

    def _hold(self, connection: Connection, stream: _Stream) -> None:
        """Say that the way is full, and wait until it is not."""
        self.client.hold(connection, True, self.now)
        self._held[connection] = asyncio.get_running_loop().create_task(self._wait_for_room(connection, stream))

    async def _wait_for_room(self, connection: Connection, stream: _Stream) -> None:
        with contextlib.suppress(OSError):
            await stream.writer.drain()
        self._held.pop(connection, None)
        try:
            self.client.hold(connection, False, self.now)
            self.pump()
        except Exception as error:
            self._break(error)

    def _compile(self) -> None:
        """Begin to compile the kernels that pictures and sound wait for, on a thread; the session goes on."""
        wanted = sorted(self.client.shared(Kernels).wanted)
        if not wanted or self._compiling or self.client.ended is not None:
            return
        self._compiling = True
        loop = asyncio.get_running_loop()
        kind = wanted[0]

        def work() -> None:
            failure: Exception | None = None
            try:
                compile_kernels(kind)
            except Exception as error:
                failure = error
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(self._compiled, kind, failure)

        threading.Thread(target=work, name="kernels").start()

    def _compiled(self, kind: Kind, failure: Exception | None) -> None:
        self._compiling = False
        if failure is not None:
            self._break(failure)
            return
        self.client.shared(Kernels).compiled(kind)
        self._tick()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self.client.deadline
        if deadline is not None:
            self._timer = asyncio.get_running_loop().call_at(deadline, self._tick)

    def _tick(self) -> None:
        self._timer = None
        try:
            self.client.tick(self.now)
            self.pump()
        except Exception as error:
            self._break(error)

    def _break(self, error: Exception) -> None:
        """The client itself has failed: its connections are closed, and it is asked nothing more."""
        if self.failure is not None:
            return
        self.failure = error
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for connection in list(self._tasks):
            self._close(connection)
        self.ended.set()
        self._on_failure(error)

    def _close(self, connection: Connection) -> None:
        if (waiting := self._held.pop(connection, None)) is not None:
            waiting.cancel()
        stream = self._streams.pop(connection, None)
        if stream is not None:
            closing = asyncio.get_running_loop().create_task(stream.close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
        task = self._tasks.get(connection)
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    async def _live(self, connection: Connection, place: Place | None) -> None:
        """One connection, from the wish to its end."""
        try:
            try:
                stream = await self._connect(self.way.to(place), connection.secure)
            except (OSError, SpiceError, UnicodeError) as error:
                self.client.failed(connection, self.now, _reason(error))
                self.pump()
                return
            self._streams[connection] = stream
            if self._capture is not None:
                stream.capture(self._capture, self.way.to(place).around(connection.secure))
            self.client.opened(connection, self.now)
            self.pump()
            broken = await self._read(connection, stream)
            if connection in self._streams:
                self.client.closed(connection, self.now, broken)
                self._close(connection)
                self.pump()
        except Exception as error:
            self._break(error)

    def _forget(self, connection: Connection, task: asyncio.Task[None]) -> None:
        del self._tasks[connection]

    async def _read(self, connection: Connection, stream: _Stream) -> str:
        """Read to the end; how it broke, "" if the server closed it."""
        data = stream.unwrap(b"") if stream.websocket is not None else b""
        while connection in self._streams:
            if data:
                if stream.flow is not None:
                    stream.flow.said("server", data)
                self.client.receive(connection, data, self.now)
                self.pump()
            while self.client.paused(connection) and connection in self._streams:
                await self._moved.wait()
            try:
                if stream.waiting > _TOO_MUCH:
                    await stream.writer.drain()
                read = await stream.reader.read(_READ)
                if not read:
                    stream.closed()
                    return ""
                data = stream.unwrap(read)
            except BrokenPipeError:  # what we said came behind the end
                stream.closed(reset=True)
                return ""
            except (OSError, SpiceError) as error:
                stream.closed(reset=isinstance(error, OSError))
                return _reason(error)
        return ""

    async def _connect(self, way: Way, secure: bool) -> _Stream:
        address = way.address
        if address.unix_path is not None:
            return _Stream(*await connect_unix(address.unix_path))
        text = address.tls_port if secure else address.port
        if text is None:
            raise LocalError("there is no port for this", expected="a port with TLS" if secure else "a port without TLS")
        port, host, proxy = port_number(text), address.plain_host, way.proxy
        if proxy is None:
            stream = _Stream(*await asyncio.open_connection(host, port))
        else:
            stream = await self._through(proxy, address.host, port)
        try:
            if secure:
                await self._begin_tls(stream, way)
            if address.websocket:
                await self._begin_websocket(stream, msgspec.structs.replace(address, port=None) if secure else address)
        except BaseException:
            stream.writer.close()
            raise
        return stream

    @staticmethod
    async def _begin_tls(stream: _Stream, way: Way) -> None:
        host = way.address.plain_host
        context = make_context(ca_pem=way.ca_pem, host_subject=way.host_subject, ciphers=way.tls_ciphers)
        await stream.writer.start_tls(context, server_hostname=server_name(host, compared=context.check_hostname))
        if way.host_subject:
            shown = stream.writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
            wrong = check_subject(shown or b"", way.host_subject)
            if wrong:
                raise LocalError(wrong)

    @staticmethod
    async def _begin_websocket(stream: _Stream, address: Address) -> None:
        stream.websocket = WebSocket(address.uri)
        stream.writer.write(stream.websocket.bytes_to_send())
        while not stream.websocket.ready:
            data = await stream.reader.read(_READ)
            if not data:
                raise LocalError("the server closed the connection instead of beginning a WebSocket")
            # A server of SPICE says nothing before the client has.
            stream.unwrap(data)

    async def _through(self, proxy: Proxy, host: str, port: int) -> _Stream:
        name = f"the proxy {proxy.place}"
        request = connect_request(proxy, host, port)
        context = make_context() if proxy.secure else None
        self.silent = f"{name} has not answered"  # stays where somebody ends this task
        try:
            stream = _Stream(*await asyncio.open_connection(proxy.host, proxy.port, ssl=context, limit=ANSWER_SIZE))
        except ssl.SSLCertVerificationError as error:
            self.silent = ""
            raise LocalError(f"the certificate of {name} does not count: {error.verify_message}") from None
        except (OSError, UnicodeError) as error:
            self.silent = ""
            raise LocalError(f"{name} can not be reached: {_reason(error)}") from None
        try:
            stream.writer.write(request)
            try:
                answer = await stream.reader.readuntil(b"\r\n\r\n")
            except asyncio.LimitOverrunError:
                wrong = f"the answer of {name} is too long"
            except asyncio.IncompleteReadError:
                wrong = f"{name} closed the connection"
            except OSError as error:
                wrong = f"{name}: {_reason(error)}"
            else:
                wrong = refusal(answer, proxy)
            self.silent = ""
            if wrong:
                raise LocalError(wrong)
        except BaseException:
            stream.writer.close()
            raise
        return stream


def compile_kernels(kind: Kind) -> None:
    """Compile what decodes pictures or sound of a kind, however long that takes."""
    # Imported where it is used: a client that only talks needs no codecs.
    from spiceproto.codecs import machine_code

    machine_code.prepare_kind(kind)


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the server's certificate is not trusted: {error.verify_message}"
    if isinstance(error, UnicodeError):
        return f"not the name of a host: {error}"
    if isinstance(error, OSError) and not isinstance(error, (socket.gaierror, ssl.SSLError)):
        # asyncio puts words of its own in the place of the system's, about each address that it has tried.
        numbers = [error.errno] if error.errno else [int(number) for number in _NUMBER.findall(str(error))]
        if numbers:
            return ", ".join(dict.fromkeys(map(os.strerror, numbers)))
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)
