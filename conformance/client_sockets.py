"""The suite's port, to which clients connect: over TCP, with TLS or without, in WebSocket or not.

A connection that begins with the request for a WebSocket is one; everything else is SPICE as it stands. Of a WebSocket
the transcript has what is inside.

A second server, the destination of a migration, has ports of its own, which are there once somebody asks for them.
"""

from __future__ import annotations

import selectors
import socket
import ssl
from collections.abc import Mapping
from typing import Final

from conformance.network import ClientNetwork, Destination
from conformance.pace import Pace
from conformance.sockets import Sockets, SocketStream
from conformance.tls_records import Records
from spiceproto.websocket import Plain, Undecided

__all__ = ["AcceptedStream", "SocketClientNetwork"]

_HOST: Final = "127.0.0.1"
_STRANGER: Final = "127.0.0.2"
"""The same machine under an address that the suite's certificate does not name."""


class AcceptedStream(SocketStream):
    """A connection that a client has made."""

    masks = False

    def __init__(
        self, network: Sockets, sock: socket.socket, number: int, *, records: Records | None = None, place: int = 0
    ) -> None:
        self._undecided = Undecided()
        self._around: Plain | None = None
        """What is around the bytes; None until that is known."""
        super().__init__(network, sock, number, records=records, place=place)

    @property
    def in_frames(self) -> bool:
        return self._around is not None and type(self._around) is not Plain

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
        self.queue(self._around.answers())
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
            self.queue(self._around.closing())
        super()._shut()

    def half_close(self) -> None:
        if self.in_frames:
            raise NotImplementedError
        super().half_close()

    def reset(self) -> None:
        self._around = Plain()
        super().reset()


class SocketClientNetwork(Sockets, ClientNetwork):
    """The target is a client that connects to ``port``, with TLS to ``tls_port``. Listens on loopback only.

    ``subject`` is that of the certificate in ``context``; ``untrusted`` are contexts with other certificates of that subject:
    "expired" and "self-signed".
    """

    def __init__(
        self,
        *,
        context: ssl.SSLContext | None = None,
        subject: str = "",
        untrusted: Mapping[str, ssl.SSLContext] | None = None,
        pace: Pace | None = None,
        piece: int = 0,
    ) -> None:
        super().__init__(pace=pace, piece=piece)
        self._context = context
        self._subject = subject
        self._untrusted = dict(untrusted or {})
        self._listeners: list[socket.socket] = []
        self._destination: Destination | None = None
        self.port = self._listen(None)
        self.tls_port = self._listen(context) if context is not None else 0

    def _listen(self, context: ssl.SSLContext | None, place: int = 0, *, host: str = _HOST, port: int = 0) -> int:
        listener = socket.create_server((host, port), backlog=64)
        listener.setblocking(False)
        self._listeners.append(listener)
        self.selector.register(listener, selectors.EVENT_READ, (context, place))
        return int(listener.getsockname()[1])

    def destination(self) -> Destination:
        if self._destination is None:
            port = self._listen(None, 1)
            tls_port = self._listen(self._context, 1) if self._context is not None else 0
            others = {name: self._listen(context, 1) for name, context in self._untrusted.items()}
            self._destination = Destination(
                host=_HOST,
                port=port,
                tls_port=tls_port,
                subject=self._subject,
                stranger=self._stranger(tls_port),
                closed_port=self._closed_port(),
                expired_port=others.get("expired", 0),
                self_signed_port=others.get("self-signed", 0),
            )
        return self._destination

    def offer_tls_only(self) -> None:
        """Clients are told of no port but that with TLS."""
        self.port = 0

    def _stranger(self, tls_port: int) -> str:
        """The address under which the destination has the same port with TLS, or "" where this system has only one."""
        if tls_port:
            try:
                self._listen(self._context, 1, host=_STRANGER, port=tls_port)
            except OSError:
                return ""
        return _STRANGER

    def _closed_port(self) -> int:
        """A port at which nobody listens, and which nobody gets meanwhile: it is bound, and refuses."""
        bound = socket.socket(socket.AF_INET)
        bound.bind((_HOST, 0))
        self._listeners.append(bound)
        return int(bound.getsockname()[1])

    def _accept(self, listener: object, which: object) -> None:
        assert isinstance(listener, socket.socket) and isinstance(which, tuple)
        context, place = which
        try:
            sock, _ = listener.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            records = None
            if context is not None:
                sock.settimeout(self.patience)
                records = Records(context, server_side=True)
                records.shake(sock)
        except OSError:
            return  # it went away, or did not like the certificate
        self.streams.append(AcceptedStream(self, sock, len(self.streams) + 1, records=records, place=place))

    def stop(self) -> None:
        for listener in self._listeners:
            listener.close()
        super().stop()
