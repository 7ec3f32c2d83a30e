"""WebSocket frames (RFC 6455, section 5): the payload of binary and text messages is the SPICE stream.

Payload is handed on as it arrives, frame complete or not, so that the packet numbers stay exact; SPICE does not look at
message boundaries. Client frames are masked with four bytes; unmasking is one exclusive-or of two big integers.
Servers of the ``base64`` subprotocol (old websockify) send text, which is decoded in groups of four characters.
"""

from __future__ import annotations

from spiceproto.capture.layers import Connection, Inside, Sink
from spiceproto.capture.limits import WEBSOCKET_CONTROL
from spiceproto.capture.websocket_deflate import agreed

__all__ = ["WebSocket", "unmask"]

_CONTINUATION, _TEXT, _BINARY, _CLOSE = 0, 1, 2, 8
_DEFLATED = 0x40
"""The reserved bit that permessage-deflate sets in the first frame of a compressed message."""


def unmask(data: bytes, mask: bytes, phase: int) -> bytes:
    """Exclusive-or with the mask, whose byte ``phase % 4`` is the first to use."""
    size = len(data)
    phase &= 3
    keys = ((mask[phase:] + mask[:phase]) * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "little") ^ int.from_bytes(keys, "little")).to_bytes(size, "little")


class _Side:
    """One direction."""

    __slots__ = ("base64", "control", "deflated", "final", "header", "left", "lost", "mask", "phase", "text")

    def __init__(self) -> None:
        self.header = b""
        self.left = 0
        """Payload bytes of the frame that are still to come."""
        self.mask = b""
        self.phase = 0
        self.control = False
        self.text = False
        self.deflated = False
        """The message is compressed."""
        self.final = True
        """The message ends with this frame."""
        self.base64 = b""
        self.lost = False


class WebSocket:
    """Unwraps both directions into a stream of its own, which goes to what ``inside`` makes."""

    __slots__ = ("_base64", "_connection", "_inflaters", "_inner", "_sides")

    def __init__(self, connection: Connection, *, base64: bool, inside: Inside, extensions: str = "") -> None:
        self._connection = connection
        self._base64 = base64
        self._inflaters = agreed(extensions)
        self._sides = {True: _Side(), False: _Side()}
        self._inner = inside(connection, self._attach)

    def _attach(self, sink: Sink) -> None:
        self._inner = sink

    def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
        """Frames, cut anywhere."""
        side = self._sides[from_client]
        position, size = 0, len(chunk)
        while position < size and self._connection.open:
            if side.lost:
                self._inner.gap(from_client, size - position, time_ns, frame)
                return
            if side.left:
                end = min(size, position + side.left)
                part = chunk[position:end]
                side.left -= end - position
                position = end
                if side.control:
                    continue
                if side.mask:
                    start = side.phase
                    side.phase = (start + len(part)) & 3
                    part = unmask(part, side.mask, start)
                if side.deflated:
                    self._inflate(side, part, from_client, time_ns, frame)
                else:
                    self._content(side, part, from_client, time_ns, frame)
                continue
            header = side.header + chunk[position : position + 14]
            length = _header_size(header)
            if length > len(header):
                side.header = header
                return
            position += length - len(side.header)
            side.header = b""
            self._begin(side, header[:length], from_client, time_ns, frame)
            if side.deflated and side.final and not side.left and not side.control and not side.lost:
                self._inflate(side, b"", from_client, time_ns, frame)  # the last frame may be empty

    def _begin(self, side: _Side, header: bytes, from_client: bool, time_ns: int, frame: int) -> None:
        opcode = header[0] & 15
        size = header[1] & 127
        extended = {126: 2, 127: 8}.get(size, 0)
        if extended:
            size = int.from_bytes(header[2 : 2 + extended], "big")
        side.mask = header[2 + extended :]
        side.phase = 0
        side.left = size
        side.control = opcode >= _CLOSE
        reserved = header[0] & 0x70
        if opcode in (_TEXT, _BINARY):
            side.text = opcode == _TEXT
            side.deflated = reserved == _DEFLATED and self._inflaters is not None
            if side.deflated:
                reserved = 0
        if not side.control:
            side.final = header[0] >= 0x80
        wrong = ""
        if reserved:
            wrong = f"reserved bits {reserved:#04x} set without an extension"
        elif opcode not in (_CONTINUATION, _TEXT, _BINARY, 8, 9, 10):
            wrong = f"unknown opcode {opcode}"
        elif side.control and size > WEBSOCKET_CONTROL:
            wrong = f"control frame of {size} bytes, at most {WEBSOCKET_CONTROL} are allowed"
        elif size >> 63:
            wrong = f"frame length {size:#x} has its highest bit set"
        elif bool(side.mask) != from_client:
            # Readable all the same: only say so.
            text = "client frame without mask" if from_client else "server frame with mask"
            self._inner.problem("websocket-mask", text, from_client, time_ns, frame)
        if wrong:
            side.lost = True
            self._inner.problem("websocket-frame", wrong, from_client, time_ns, frame)

    def _content(self, side: _Side, part: bytes, from_client: bool, time_ns: int, frame: int) -> None:
        if self._base64 and side.text:
            part = self._decode(side, part, from_client, time_ns, frame)
        if part:
            self._inner.data(from_client, part, time_ns, frame)

    def _inflate(self, side: _Side, part: bytes, from_client: bool, time_ns: int, frame: int) -> None:
        from zlib import error as ZlibError

        assert self._inflaters is not None
        try:
            for piece in self._inflaters[from_client].receive(part, last=side.final and not side.left):
                self._content(side, piece, from_client, time_ns, frame)
        except ZlibError as error:
            side.lost = True
            self._inner.problem("websocket-deflate", str(error), from_client, time_ns, frame)

    def _decode(self, side: _Side, part: bytes, from_client: bool, time_ns: int, frame: int) -> bytes:
        from binascii import Error, a2b_base64

        text = side.base64 + part
        whole = len(text) & ~3
        side.base64 = text[whole:]
        try:
            return a2b_base64(text[:whole], strict_mode=False)
        except Error as error:
            side.lost = True
            self._inner.problem("websocket-base64", str(error), from_client, time_ns, frame)
            return b""

    def gap(self, from_client: bool, size: int, time_ns: int, frame: int) -> None:
        """Inside one payload the gap passes through; over a frame header the frames cannot be found again."""
        side = self._sides[from_client]
        if size <= side.left and not side.lost and not (side.text and self._base64) and (side.control or not side.deflated):
            side.left -= size
            side.phase = (side.phase + size) & 3
            if not side.control:
                self._inner.gap(from_client, size, time_ns, frame)
            return
        if not side.lost:
            side.lost = True
            place = "in a compressed message" if side.deflated and size <= side.left else "where a frame begins"
            text = f"{size} bytes are missing {place}: the rest of this direction is unreadable"
            self._inner.problem("websocket-gap", text, from_client, time_ns, frame)
        self._inner.gap(from_client, size, time_ns, frame)

    def problem(self, code: str, text: str, from_client: bool, time_ns: int, frame: int) -> None:
        """Handed on."""
        self._inner.problem(code, text, from_client, time_ns, frame)

    def closed(self, time_ns: int, frame: int) -> None:
        """Handed on."""
        self._inner.closed(time_ns, frame)


def _header_size(start: bytes) -> int:
    """How long the header is that begins so; 2 while that is unknown."""
    if len(start) < 2:
        return 2
    return 2 + {126: 2, 127: 8}.get(start[1] & 127, 0) + (4 if start[1] & 128 else 0)
