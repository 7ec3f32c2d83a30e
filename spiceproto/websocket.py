"""SPICE inside WebSocket, on the port of SPICE itself: a connection that begins with ``GET `` may be one.

    Plain       bytes as they are
    WebSocket   binary frames, whose borders mean nothing
    Undecided   the first bytes, until it is known which of both

No I/O here; ``websockets`` does handshake and frames. A handshake that cannot be completed
is no WebSocket, and its bytes go to the link stage, which has an answer for them: that of whoever serves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from websockets.exceptions import NegotiationError
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

__all__ = ["Plain", "Undecided", "WebSocket"]

_START: Final = b"GET "
_SWITCHING: Final = 101

REQUEST: Final = 16 << 10
"""Longest request of a handshake."""

FRAME: Final = 2 << 20
"""Longest message of WebSocket; what SPICE clients send is far smaller."""

SUBPROTOCOL: Final = Subprotocol("binary")


class Plain:
    """Nothing around the bytes."""

    def __init__(self) -> None:
        self.ended = False

    def received(self, data: bytes) -> bytes:
        """What is for the server."""
        return data

    def to_send(self, data: bytes) -> bytes:
        """What is for the client."""
        return data

    def answers(self) -> bytes:
        """What is for the client without the server's doing."""
        return b""

    def closing(self) -> bytes:
        """What is for the client before the connection is closed."""
        return b""


class WebSocket(Plain):
    """A WebSocket after its handshake."""

    def __init__(self, protocol: ServerProtocol) -> None:
        super().__init__()
        self._protocol = protocol

    def received(self, data: bytes) -> bytes:
        """The payload of whole frames."""
        protocol = self._protocol
        if protocol.state is State.OPEN:
            protocol.receive_data(data)
        return self.payload()

    def payload(self) -> bytes:
        """The payload of frames that came already."""
        found = []
        for event in self._protocol.events_received():
            if isinstance(event, Frame):
                if event.opcode in (Opcode.BINARY, Opcode.CONT):
                    found.append(bytes(event.data))
                elif event.opcode is Opcode.TEXT:
                    self._protocol.fail(1003, "SPICE is binary")
        self.ended = self._protocol.state is not State.OPEN
        return b"".join(found)

    def to_send(self, data: bytes) -> bytes:
        """One frame."""
        if self._protocol.state is not State.OPEN:
            return b""
        self._protocol.send_binary(data)
        return self.answers()

    def answers(self) -> bytes:
        """Answers to ping and close frames."""
        return b"".join(self._protocol.data_to_send())

    def closing(self) -> bytes:
        """A close frame."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(1000)
        return self.answers()


class Undecided:
    """Collects the first bytes of a connection. ``held`` are those that came."""

    def __init__(self) -> None:
        self.held = b""
        self._protocol: ServerProtocol | None = None

    def received(self, data: bytes) -> Plain | None:
        """What the connection is, as soon as that is known.

        For :class:`Plain`, ``held`` are its first bytes; for :class:`WebSocket`, see its ``answers`` and ``payload``.
        """
        self.held += data
        if len(self.held) < len(_START) and _START.startswith(self.held):
            return None
        if not self.held.startswith(_START):
            return Plain()
        if self._protocol is None:
            self._protocol = ServerProtocol(select_subprotocol=_select, max_size=FRAME)
            data = self.held
        protocol = self._protocol
        protocol.receive_data(data)
        request = next((event for event in protocol.events_received() if isinstance(event, Request)), None)
        if request is None:
            broken = protocol.handshake_exc is not None or len(self.held) > REQUEST
            return Plain() if broken else None
        response = protocol.accept(request)
        if response.status_code != _SWITCHING:
            return Plain()
        protocol.send_response(response)
        return WebSocket(protocol)


def _select(protocol: ServerProtocol, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    if not offered:
        return None
    if SUBPROTOCOL in offered:
        return SUBPROTOCOL
    raise NegotiationError("SPICE has the sub-protocol binary, or none")
