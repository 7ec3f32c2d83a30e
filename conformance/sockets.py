"""A target on the other side of sockets: TCP, TLS, Unix sockets, WebSocket. The clock is the machine's.

Here are servers; :mod:`conformance.client_sockets` has what clients connect to.

Everything is non-blocking and single-threaded: bytes move only inside :meth:`run` and ``send``. What a target does not take
at once waits, and goes out while the network runs: the suite serves every other connection meanwhile.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import struct
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake, InvalidMessage
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from conformance.naming import in_words
from conformance.network import NO_DESTINATION, Network, ServerNetwork, Stream
from conformance.outcome import TargetUnusable
from conformance.pace import Pace
from conformance.shape import Shape
from conformance.tls_records import Records
from conformance.websocket_frames import fragments

__all__ = ["Place", "SocketServerNetwork", "SocketStream", "Sockets", "wait_until_it_listens"]

_CHUNK: Final = 1 << 18
_AT_ONCE: Final = 16
"""Reads of one stream before others, and the clock, are looked at."""

_CONNECT: Final = 10.0
_PAUSE: Final = 0.01
_SLICE: Final = 0.05
"""Seconds after which it is looked whether the target's process still runs."""

_LATE: Final = 0.02
"""Seconds by which any machine is late."""

_DRAIN: Final = 60.0
"""Seconds that a wait is made longer at most for a target that takes slowly what was sent before."""

_TOUCH: Final = 0.02
"""Seconds in which somebody who was told something strange may answer."""

_AGAIN: Final = 0.2
"""Seconds after which somebody who does not listen yet is asked again."""


class Place:
    """Where a server is: ``host`` and ports, or ``unix``. ``websocket`` is a path, or "" for none."""

    def __init__(
        self,
        *,
        host: str = "",
        port: int = 0,
        tls_port: int = 0,
        unix: str = "",
        websocket: str = "",
        ca_pem: str = "",
    ) -> None:
        self.host = host
        self.port = port
        self.tls_port = tls_port
        self.unix = unix
        self.websocket = websocket
        self.ca_pem = ca_pem
        self._context: ssl.SSLContext | None = None

    def where(self, secure: bool) -> str:
        """In words."""
        return self.unix or f"{self.host}:{self.tls_port if secure else self.port}"

    def context(self) -> ssl.SSLContext:
        """For TLS. Who the server is does not matter to the suite, so nothing is verified without a CA."""
        if self._context is None:
            self._context = context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            if self.ca_pem:
                context.load_verify_locations(cadata=self.ca_pem)
            else:
                context.verify_mode = ssl.CERT_NONE
        return self._context


class SocketStream(Stream):
    """A connection over a socket; ``records`` is TLS around it, whose handshake is over."""

    network: Sockets
    masks = True
    """Whether what is sent in WebSocket is masked: clients do."""

    def __init__(
        self, network: Sockets, sock: socket.socket, number: int, *, records: Records | None = None, place: int = 0
    ) -> None:
        super().__init__(network, number, secure=records is not None, place=place)
        self.sock = sock
        self.shape = Shape()
        self._records = records
        self._asked = 0.0
        """When the suite first sent something; 0 before that."""
        self._answered = False
        self._waiting: deque[memoryview] = deque()
        sock.setblocking(False)
        network.selector.register(sock, selectors.EVENT_READ, self)
        if records is not None:
            self._take(b"")  # what came with the end of the handshake

    @property
    def layers(self) -> frozenset[str]:
        found = {"tls"} if self.secure else set()
        return frozenset(found | {"websocket"} if self.in_frames else found)

    @property
    def in_frames(self) -> bool:
        """Whether the bytes of SPICE are in WebSocket."""
        return False

    def _write(self, data: bytes) -> None:
        self._asked = self._asked or time.monotonic()
        piece = self.network.piece or len(data)
        for at in range(0, len(data), piece):
            part = data[at : at + piece]
            if self.in_frames and self.shape.frame:
                for frame in fragments(part, self.shape.frame, self.shape.between, masked=self.masks):
                    self.queue(frame)
            else:
                self.queue(self._packed(part))

    @property
    def unsent(self) -> bool:  # type: ignore[override]
        return bool(self._waiting)

    def queue(self, data: bytes) -> None:
        """Frames, or bytes of SPICE where there are none, behind all that waits; in a write of their own."""
        self.below(data if self._records is None else self._records.sealed(data, self.shape.record))

    def below(self, data: bytes) -> None:
        """Bytes as they are, below TLS and WebSocket."""
        size = self.shape.slice or len(data)
        for at in range(0, len(data), size or 1):
            self._waiting.append(memoryview(data[at : at + size]))
            self.push()

    def say_goodbye(self) -> None:
        """End what the suite sends as TLS does it, by an alert, and leave the connection open."""
        if self._records is None:
            raise NotImplementedError
        self.line.half_closed = True
        self.below(self._records.goodbye())

    def push(self) -> None:
        """Send what waits, as far as the target takes it."""
        while self._waiting:
            try:
                count = self.sock.send(self._waiting[0])
            except BlockingIOError:
                break
            except OSError:
                # It has closed; what it said before that may still lie here.
                self._waiting.clear()
                self.read()
                self.lost("reset")
                break
            rest = self._waiting[0][count:]
            if rest:
                self._waiting[0] = rest
            else:
                self._waiting.popleft()
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._waiting else 0)
        with contextlib.suppress(KeyError, ValueError):
            if self.network.selector.get_key(self.sock).events != wanted:
                self.network.selector.modify(self.sock, wanted, self)

    def _drain(self) -> None:
        """Wait until the target has taken what was sent, or takes no more."""
        if self._waiting and not self.network.over:
            self.network.run(lambda: not self._waiting or bool(self.ended), self.network.patience)

    def _packed(self, data: bytes) -> bytes:
        return data

    def _unpacked(self, data: bytes) -> bytes:
        return data

    def read(self) -> None:
        """Take what has come, or as much as one end may say at once."""
        for _ in range(_AT_ONCE):
            if self.ended:
                return
            try:
                data = self.sock.recv(_CHUNK)
            except BlockingIOError:
                return
            except (ConnectionResetError, BrokenPipeError):
                self._gone("reset")
                return
            except OSError as error:
                self._gone("closed", type(error).__name__)
                return
            if not data:
                self._gone("closed")
                return
            self._take(data)

    def _take(self, data: bytes) -> None:
        """What has come, with all that is around it."""
        records = self._records
        if records is not None:
            data = records.opened(data)
            self.below(records.answers())
        if data:
            if self._asked and not self._answered:
                self._answered = True
                self.network.answered(time.monotonic() - self._asked)
            self.arrived(self._unpacked(data))
        if records is not None and records.ended and not self.ended:
            self._gone("closed", records.error)

    def _gone(self, how: str, text: str = "") -> None:
        self._waiting.clear()
        self.lost(how, text)
        with contextlib.suppress(KeyError, ValueError):
            self.network.selector.unregister(self.sock)

    def _shut(self) -> None:
        self._drain()
        with contextlib.suppress(KeyError, ValueError):
            self.network.selector.unregister(self.sock)
        with contextlib.suppress(OSError):
            self.sock.close()

    def half_close(self) -> None:
        if self.secure:
            raise NotImplementedError
        self._drain()
        self.line.half_closed = True
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Close with a reset instead of an orderly end."""
        self._waiting.clear()
        with contextlib.suppress(OSError):
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()


class WebSocketStream(SocketStream):
    """SPICE in binary frames."""

    def __init__(
        self, network: Sockets, sock: socket.socket, number: int, path: str, *, records: Records | None = None, place: int = 0
    ) -> None:
        self._protocol = ClientProtocol(parse_uri(f"ws://127.0.0.1{path}"), subprotocols=["binary"], max_size=None)  # type: ignore[list-item]
        super().__init__(network, sock, number, records=records, place=place)

    @property
    def in_frames(self) -> bool:
        return True

    def handshake(self) -> None:
        """Ask for the upgrade. Raises TargetUnusable if the server does not grant it."""
        self._protocol.send_request(self._protocol.connect())
        self.queue(b"".join(self._protocol.data_to_send()))
        self.network.run(
            lambda: self._protocol.handshake_exc is not None or self._protocol.state.name != "CONNECTING" or bool(self.ended),
            _CONNECT,
        )
        failed = self._protocol.handshake_exc
        if failed is not None or self.ended:
            raise TargetUnusable(f"no WebSocket: {failed or 'the server closed the connection'}")

    def _packed(self, data: bytes) -> bytes:
        self._protocol.send_binary(data)
        return b"".join(self._protocol.data_to_send())

    def _unpacked(self, data: bytes) -> bytes:
        with contextlib.suppress(InvalidHandshake, InvalidMessage):
            self._protocol.receive_data(data)
        frames = [event for event in self._protocol.events_received() if isinstance(event, Frame)]
        found = b"".join([frame.data for frame in frames if frame.opcode in (Opcode.BINARY, Opcode.CONT, Opcode.TEXT)])
        answers = b"".join(self._protocol.data_to_send())
        if self._protocol.state.name == "OPEN":
            self.queue(answers)
        if self._protocol.state.name in ("CLOSING", "CLOSED"):
            self.arrived(found)
            self._gone("closed")
            return b""
        return found

    def half_close(self) -> None:
        raise NotImplementedError


class Sockets(Network):
    """What both directions have in common. ``pace`` is what is known of the target, and learns from what comes."""

    def __init__(self, *, pace: Pace | None = None, piece: int = 0) -> None:
        self.pace = pace or Pace()
        super().__init__(patience=self.pace.patience, quiet=self.pace.quiet, piece=piece)
        self.sight = self.pace.sight
        self._hurried = False
        self._began = time.monotonic()
        self.selector = selectors.DefaultSelector()
        self.over = False
        """Whether the case is over: nobody waits any more until something is taken."""

        self.alive: Callable[[], bool] = lambda: True
        """Whether the target's process still runs, where there is one."""

    @property
    def now(self) -> float:
        return time.monotonic() - self._began

    def answered(self, seconds: float) -> None:
        """So long after the first bytes of the suite, the first of the target came."""
        self.pace.answered(seconds)
        self.quiet = self.pace.quiet
        self.patience = self.pace.short_patience if self._hurried else self.pace.patience

    def hurry(self) -> None:
        self._hurried = True
        self.patience = self.pace.short_patience
        self.sight = self.pace.short_sight

    def saw(self, seconds: float) -> None:
        self.pace.saw(seconds)

    def run(self, until: Callable[[], bool], within: float) -> bool:
        if until():
            return True
        began = time.monotonic()
        found = self._wait(until, within)
        # What is waited for longer than usual, as the start of a program is, says nothing about answers.
        if found and within <= self.patience:
            self.pace.waited(time.monotonic() - began)
        return found

    def _wait(self, until: Callable[[], bool], within: float) -> bool:
        end = time.monotonic() + within
        latest = end + _DRAIN
        while not until():
            now = time.monotonic()
            if now >= end:
                return until()
            slice = min(end - now, _SLICE)
            ready = self.selector.select(slice)
            # Time in which this process was not given the machine is nobody's: the target may have had none either.
            end += 0.0 if ready else max(time.monotonic() - now - slice - _LATE, 0.0)
            for key, events in ready:
                if isinstance(key.data, SocketStream):
                    if events & selectors.EVENT_WRITE:
                        key.data.push()
                        # Whoever reads slowly does read: time counts from when it has taken what was sent.
                        end = max(end, min(time.monotonic() + within, latest))
                    if events & selectors.EVENT_READ:
                        key.data.read()
                else:
                    self._accept(key.fileobj, key.data)
            if not ready and not self.alive():
                return until()
        return True

    def _accept(self, listener: object, secure: object) -> None:
        raise AssertionError("nobody listens")

    def stop(self) -> None:
        self.over = True
        super().stop()
        self.selector.close()


def _connect_unix(path: str) -> socket.socket:
    if not hasattr(socket, "AF_UNIX"):
        raise OSError("this system has no Unix sockets")
    end = time.monotonic() + _CONNECT
    while True:
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(_CONNECT)
        try:
            sock.connect(path)
        except BlockingIOError:
            # Its queue is full, and unlike TCP a Unix socket with a timeout does not wait for a place in it.
            sock.close()
            if time.monotonic() > end:
                raise
            time.sleep(_PAUSE)
        except OSError:
            sock.close()
            raise
        else:
            return sock


def wait_until_it_listens(place: Place, *, secure: bool, seconds: float) -> None:
    """Try to connect until somebody listens there. Raises TargetUnusable."""
    end = time.monotonic() + seconds
    while True:
        network = SocketServerNetwork(place, secure=secure)
        try:
            network.connect()
        except TargetUnusable as error:
            if time.monotonic() + _AGAIN > end:
                raise TargetUnusable(f"{error} (for {round(seconds, 1):g} s)") from None
            time.sleep(_AGAIN)
        else:
            return
        finally:
            network.stop()


class SocketServerNetwork(Sockets, ServerNetwork):
    """The target is a server at ``place``; it hands over its sessions to ``destination``, if there is one."""

    def __init__(
        self,
        place: Place,
        *,
        destination: Place | None = None,
        secure: bool = False,
        pace: Pace | None = None,
        piece: int = 0,
    ) -> None:
        super().__init__(pace=pace, piece=piece)
        self.place = place
        self.destination = destination
        self.secure = secure
        """Whether connections have TLS unless a case says otherwise."""

    def connect(self, *, secure: bool | None = None, place: int = 0) -> Stream:
        at = self.destination if place else self.place
        if at is None:
            raise TargetUnusable(NO_DESTINATION)
        wanted = self.secure if secure is None else secure
        try:
            sock = self._socket(at, wanted)
            records = Records(at.context(), host=at.host or None) if wanted else None
            if records is not None:
                records.shake(sock)
        except OSError as error:
            raise TargetUnusable(f"cannot connect to {at.where(wanted)}: {in_words(error)}") from None
        number = len(self.streams) + 1
        if at.websocket:
            stream = WebSocketStream(self, sock, number, at.websocket, records=records, place=place)
            self.streams.append(stream)
            stream.handshake()
            return stream
        plain = SocketStream(self, sock, number, records=records, place=place)
        self.streams.append(plain)
        return plain

    @staticmethod
    def _socket(at: Place, secure: bool) -> socket.socket:
        if at.unix:
            return _connect_unix(at.unix)
        sock = socket.create_connection((at.host, at.tls_port if secure else at.port), _CONNECT)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def touch(self, data: bytes) -> None:
        """Another connection, with these bytes and nothing around them; it is closed soon. Raises TargetUnusable."""
        try:
            with self._socket(self.place, self.secure) as sock:
                sock.sendall(data)
                sock.settimeout(_TOUCH)
                sock.recv(_CHUNK)
        except TimeoutError:
            return
        except OSError as error:
            raise TargetUnusable(f"cannot connect to {self.place.where(self.secure)}: {in_words(error)}") from None
