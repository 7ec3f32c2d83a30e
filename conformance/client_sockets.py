"""The suite's port, to which clients connect: over TCP, with TLS or without, in WebSocket or not.

A connection that begins with the request for a WebSocket is one; everything else is SPICE as it stands. Of a WebSocket
the transcript has what is inside.
"""

from __future__ import annotations

import selectors
import socket
import ssl

from conformance.network import ClientNetwork
from conformance.pace import Pace
from conformance.sockets import Sockets, SocketStream
from spiceproto.websocket import Plain, Undecided

__all__ = ["AcceptedStream", "SocketClientNetwork"]


class AcceptedStream(SocketStream):
    """A connection that a client has made."""

    def __init__(self, network: Sockets, sock: socket.socket, number: int, *, secure: bool = False) -> None:
        self._undecided = Undecided()
        self._around: Plain | None = None
        """What is around the bytes; None until that is known."""
        super().__init__(network, sock, number, secure=secure)

    def _write(self, data: bytes) -> None:
        if self._around is None:
            # Clients speak first. One that says nothing gets the bytes as they are.
            self.network.run(lambda: self._around is not None or bool(self.ended), self.network.quiet)
            self._give_up()
        super()._write(data)

    def _give_up(self) -> None:
        """What has come so far is no WebSocket."""
        if self._around is None:
            self._around = Plain()
            self.arrived(self._undecided.held)

    def _packed(self, data: bytes) -> bytes:
        assert self._around is not None
        return self._around.to_send(data)

    def _unpacked(self, data: bytes) -> bytes:
        if self._around is None:
            self._around = self._undecided.received(data)
            if self._around is None:
                return b""
            data = self._undecided.held if type(self._around) is Plain else b""
        found = self._around.received(data)
        self._queue(self._around.answers())
        if self._around.ended:
            self.arrived(found)
            self._gone("closed")
            return b""
        return found

    def _gone(self, how: str, text: str = "") -> None:
        self._give_up()
        super()._gone(how, text)

    def _shut(self) -> None:
        if self._around is not None and not self.ended:
            self._queue(self._around.closing())
        super()._shut()

    def half_close(self) -> None:
        if self._around is not None and type(self._around) is not Plain:
            raise NotImplementedError
        super().half_close()

    def reset(self) -> None:
        self._around = Plain()
        super().reset()


class SocketClientNetwork(Sockets, ClientNetwork):
    """The target is a client that connects to ``port``, with TLS to ``tls_port``. Listens on loopback only."""

    def __init__(
        self,
        *,
        context: ssl.SSLContext | None = None,
        pace: Pace | None = None,
        piece: int = 0,
    ) -> None:
        super().__init__(pace=pace, piece=piece)
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
        self.streams.append(AcceptedStream(self, sock, len(self.streams) + 1, secure=bool(secure)))

    def stop(self) -> None:
        for listener in self._listeners:
            listener.close()
        super().stop()
