"""A link inside of WebSocket, as a browser makes it: the handshake, and what comes in frames."""

from __future__ import annotations

from typing import Final

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake, InvalidMessage, ProtocolError
from websockets.frames import Frame, Opcode
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from conformance.client_wire import ClientWire
from conformance.outcome import Failure
from spiceproto.sizes import LINK_HEADER_SIZE, LINK_REPLY_SIZE

__all__ = ["Frames", "requested"]

_HANDSHAKE_SIZE: Final = 8192
_REPLY_SIZE: Final = LINK_HEADER_SIZE + LINK_REPLY_SIZE
_EITHER: Final = "a completed handshake, or a link reply with the error INVALID_MAGIC (2)"


class Frames:
    """A WebSocket on a connection. ``protocol`` has the state of it, ``data`` are the bytes that came in binary frames."""

    def __init__(self, wire: ClientWire, protocol: ClientProtocol) -> None:
        self.wire = wire
        self.protocol = protocol
        self.data = bytearray()
        self.pongs: list[bytes] = []

    def flush(self, text: str) -> None:
        """Send what the protocol has made."""
        self.wire.send(b"".join(self.protocol.data_to_send()), text)

    def listen(self) -> None:
        """Take what has come. Raises Failure for what is no WebSocket."""
        data = bytes(self.wire.stream.received)
        self.wire.stream.received.clear()
        if data:
            try:
                self.protocol.receive_data(data)
            except (InvalidHandshake, InvalidMessage, ProtocolError) as error:
                raise Failure("frames of a WebSocket", str(error)) from None
        for event in self.protocol.events_received():
            if isinstance(event, Frame):
                if event.opcode is Opcode.PONG:
                    self.pongs.append(bytes(event.data))
                else:
                    self.data += event.data

    def expect_reply(self) -> None:
        """A link reply without an error comes in frames. Raises Failure."""
        self.wire.step("expect a link reply in frames")

        def replied() -> bool:
            self.listen()
            return len(self.data) >= _REPLY_SIZE or bool(self.wire.stream.ended)

        self.wire.peer.run(replied)
        found = self.data
        if len(found) < _REPLY_SIZE or found[:4] != b"REDQ" or any(found[LINK_HEADER_SIZE : LINK_HEADER_SIZE + 4]):
            raise Failure("link header and link reply without an error in frames", f"{len(found)} bytes: {found[:20].hex()}")


def requested(wire: ClientWire, sub_protocol: str = "binary") -> Frames | None:
    """Ask for a WebSocket: the frames behind a handshake, or None where the server refuses, as it may. Raises Failure."""
    protocol = ClientProtocol(parse_uri("ws://localhost/"), subprotocols=[Subprotocol(sub_protocol)], max_size=None)
    frames = Frames(wire, protocol)
    protocol.send_request(protocol.connect())
    frames.flush(f"a WebSocket request for the sub-protocol {sub_protocol}")
    wire.step("expect a handshake, or a refusal")
    if _handshake(frames):
        wire.peer.note(f"the handshake was completed, sub-protocol {protocol.subprotocol}")
        return frames
    answer = wire.answer()
    wire.peer.note(f"answered with: {answer}")
    if answer.kind != "closed" and not answer.error:
        raise Failure(_EITHER, str(answer))
    return None


def _handshake(frames: Frames) -> bool:
    """Whether the server answers with HTTP; the bytes of anything else are left where they are. Raises Failure."""
    stream, peer = frames.wire.stream, frames.wire.peer
    received = stream.received
    peer.run(lambda: len(received) >= 4 or bool(stream.ended))
    if received[:4] != b"HTTP":
        return False
    peer.run(lambda: b"\r\n\r\n" in received or bool(stream.ended) or len(received) > _HANDSHAKE_SIZE)
    line = bytes(received).partition(b"\r\n")[0].decode("ascii", "replace")
    frames.listen()
    if frames.protocol.state.name != "OPEN":
        raise Failure(_EITHER, f"{line!r}")
    return True
