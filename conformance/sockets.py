"""A target on the other side of sockets: TCP, TLS, Unix sockets, WebSocket. The clock is the machine's.

Everything is non-blocking and single-threaded: bytes move only inside :meth:`run` and ``send``.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import struct
import time
from collections.abc import Callable
from typing import Final

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake, InvalidMessage
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from conformance.network import ClientNetwork, Network, ServerNetwork, Stream
from conformance.outcome import TargetUnusable

__all__ = ["Place", "SocketClientNetwork", "SocketServerNetwork", "SocketStream"]

_CHUNK: Final = 1 << 18
_CONNECT: Final = 10.0
_PAUSE: Final = 0.01


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
    """A connection over a socket."""

    network: _Sockets

    def __init__(self, network: _Sockets, sock: socket.socket, number: int, *, secure: bool = False) -> None:
        super().__init__(network, number, secure=secure)
        self.sock = sock
        sock.setblocking(False)
        network.selector.register(sock, selectors.EVENT_READ, self)

    def _write(self, data: bytes) -> None:
        piece = self.network.piece or len(data)
        for at in range(0, len(data), piece):
            self._write_all(self._packed(data[at : at + piece]))

    def _packed(self, data: bytes) -> bytes:
        return data

    def _unpacked(self, data: bytes) -> bytes:
        return data

    def _write_all(self, data: bytes) -> None:
        view, end = memoryview(data), time.monotonic() + self.network.patience
        while view:
            try:
                view = view[self.sock.send(view) :]
            except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                if time.monotonic() > end:
                    return  # it does not read; that is what the case will see
                self.read()  # it may wait for us to read before it reads on
                with selectors.DefaultSelector() as selector:
                    selector.register(self.sock, selectors.EVENT_WRITE | selectors.EVENT_READ)
                    selector.select(0.05)
            except OSError:
                # It has closed; what it said before that may still lie here.
                self.read()
                self.lost("reset")
                return

    def read(self) -> None:
        """Take what has come."""
        while not self.ended:
            try:
                data = self.sock.recv(_CHUNK)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return
            except (ConnectionResetError, BrokenPipeError):
                self._gone("reset")
                return
            except (OSError, ssl.SSLError):
                self._gone("closed")
                return
            if not data:
                self._gone("closed")
                return
            self.arrived(self._unpacked(data))

    def _gone(self, how: str) -> None:
        self.lost(how)
        with contextlib.suppress(KeyError, ValueError):
            self.network.selector.unregister(self.sock)

    def _shut(self) -> None:
        with contextlib.suppress(KeyError, ValueError):
            self.network.selector.unregister(self.sock)
        with contextlib.suppress(OSError):
            self.sock.close()

    def half_close(self) -> None:
        if self.secure:
            raise NotImplementedError
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Close with a reset instead of an orderly end."""
        with contextlib.suppress(OSError):
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()


class WebSocketStream(SocketStream):
    """SPICE in binary frames."""

    def __init__(self, network: _Sockets, sock: socket.socket, number: int, path: str, *, secure: bool = False) -> None:
        self._protocol = ClientProtocol(parse_uri(f"ws://127.0.0.1{path}"), subprotocols=["binary"], max_size=None)  # type: ignore[list-item]
        super().__init__(network, sock, number, secure=secure)

    def handshake(self) -> None:
        """Ask for the upgrade. Raises TargetUnusable if the server does not grant it."""
        self._protocol.send_request(self._protocol.connect())
        self._write_all(b"".join(self._protocol.data_to_send()))
        self.network.run(lambda: self._protocol.handshake_exc is not None or self._protocol.state.name != "CONNECTING"
                         or bool(self.ended), _CONNECT)  # fmt: skip
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
        if answers and self._protocol.state.name == "OPEN":
            with contextlib.suppress(OSError):
                self.sock.send(answers)
        if self._protocol.state.name in ("CLOSING", "CLOSED"):
            self.arrived(found)
            self._gone("closed")
            return b""
        return found

    def half_close(self) -> None:
        raise NotImplementedError


class _Sockets(Network):
    """What both directions have in common."""

    def __init__(self, *, patience: float = 5.0, quiet: float = 0.25, piece: int = 0) -> None:
        super().__init__(patience=patience, quiet=quiet, piece=piece)
        self._began = time.monotonic()
        self.selector = selectors.DefaultSelector()
        self.alive: Callable[[], bool] = lambda: True
        """Whether the target's process still runs, where there is one."""

    @property
    def now(self) -> float:
        return time.monotonic() - self._began

    def run(self, until: Callable[[], bool], within: float) -> bool:
        end = time.monotonic() + within
        while not until():
            left = end - time.monotonic()
            if left <= 0:
                return until()
            ready = self.selector.select(min(left, 0.25))
            for key, _ in ready:
                if isinstance(key.data, SocketStream):
                    key.data.read()
                else:
                    self._accept(key.fileobj, key.data)
            if not ready and not self.alive():
                return until()
        return True

    def _accept(self, listener: object, secure: object) -> None:
        raise AssertionError("nobody listens")

    def stop(self) -> None:
        super().stop()
        self.selector.close()


def _connect_unix(path: str) -> socket.socket:
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


class SocketServerNetwork(_Sockets, ServerNetwork):
    """The target is a server at ``place``."""

    def __init__(self, place: Place, *, secure: bool = False, patience: float = 5.0, quiet: float = 0.25,
                 piece: int = 0) -> None:  # fmt: skip
        super().__init__(patience=patience, quiet=quiet, piece=piece)
        self.place = place
        self.secure = secure
        """Whether connections have TLS unless a case says otherwise."""

    def connect(self, *, secure: bool | None = None) -> Stream:
        place = self.place
        wanted = self.secure if secure is None else secure
        try:
            if place.unix:
                sock = _connect_unix(place.unix)
            else:
                sock = socket.create_connection((place.host, place.tls_port if wanted else place.port), _CONNECT)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if wanted:
                sock = place.context().wrap_socket(sock, server_hostname=place.host or None)
        except OSError as error:
            where = place.unix or f"{place.host}:{place.tls_port if wanted else place.port}"
            raise TargetUnusable(f"cannot connect to {where}: {error}") from None
        number = len(self.streams) + 1
        if place.websocket:
            stream = WebSocketStream(self, sock, number, place.websocket, secure=wanted)
            self.streams.append(stream)
            stream.handshake()
            return stream
        plain = SocketStream(self, sock, number, secure=wanted)
        self.streams.append(plain)
        return plain


class SocketClientNetwork(_Sockets, ClientNetwork):
    """The target is a client that connects to ``port``, with TLS to ``tls_port``. Listens on loopback only."""

    def __init__(self, *, context: ssl.SSLContext | None = None, patience: float = 5.0, quiet: float = 0.25,
                 piece: int = 0) -> None:  # fmt: skip
        super().__init__(patience=patience, quiet=quiet, piece=piece)
        self._context = context
        self._listeners: list[socket.socket] = []
        self.port = self._listen(False)
        self.tls_port = self._listen(True) if context is not None else 0

    def _listen(self, secure: bool) -> int:
        listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        listener.setblocking(False)
        self._listeners.append(listener)
        self.selector.register(listener, selectors.EVENT_READ, secure)
        return int(listener.getsockname()[1])

    def _accept(self, listener: object, secure: object) -> None:
        assert isinstance(listener, socket.socket)
        try:
            sock, _ = listener.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if secure:
                assert self._context is not None
                sock.settimeout(self.patience)
                sock = self._context.wrap_socket(sock, server_side=True)
        except OSError:
            return  # it went away, or did not like the certificate
        self.streams.append(SocketStream(self, sock, len(self.streams) + 1, secure=bool(secure)))

    def stop(self) -> None:
        for listener in self._listeners:
            listener.close()
        super().stop()
