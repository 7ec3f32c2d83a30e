"""Frames of WebSocket (RFC 6455, 5.2) as they are said, right or wrong; and bytes of SPICE cut into several of one message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from spiceproto.errors import LocalError

__all__ = ["BETWEEN", "KEY", "OPCODES", "Frame", "fragments"]

OPCODES: Final = {"continuation": 0, "text": 1, "binary": 2, "close": 8, "ping": 9, "pong": 10}

KEY: Final = "37fa213d"
"""Key of a mask where nobody says another one: that of the examples in RFC 6455."""

BETWEEN: Final = ("", "ping", "pong", "empty")
"""What may stand between two fragments of a message."""

_LARGEST_CONTROL: Final = 125
_WIDTHS: Final = {16: 126, 64: 127}
"""Bits of a length behind the second byte, and what that byte says of it."""

_FINAL, _MASKED = 0x80, 0x80
_RESERVED: Final = 4


class Frame(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One frame.

    * ``opcode``: a number, or a name of :data:`OPCODES`; ``data``: its payload in digits
    * ``final``: whether the message ends with it; ``reserved``: its three reserved bits
    * ``mask``: digits of the key; "" for none, None for what the sender has to do
    * ``size``: the length that is announced; None for that of the payload
    * ``width``: bits of the length: 7, 16 or 64; 0 for as few as will do
    """

    opcode: str | int = "binary"
    data: str = ""
    final: bool = True
    reserved: int = 0
    mask: str | None = None
    size: int | None = None
    width: int = 0

    @property
    def number(self) -> int:
        """Of the opcode. Raises LocalError."""
        found = OPCODES.get(self.opcode, -1) if isinstance(self.opcode, str) else self.opcode
        if not 0 <= found < 16:
            raise LocalError("no opcode", expected=f"0 to 15, {', '.join(OPCODES)}", actual=str(self.opcode)[:40])
        return found

    def harmless(self) -> bool:
        """Whether it is as RFC 6455 wants it, and has nothing in it that SPICE would see."""
        if not self.final or self.reserved or self.mask is not None or self.size is not None or self.width:
            return False
        empty = self.number == OPCODES["binary"] and not self.data
        return empty or (self.number in (OPCODES["ping"], OPCODES["pong"]) and len(self.data) // 2 <= _LARGEST_CONTROL)

    def encoded(self, *, masked: bool) -> bytes:
        """Its bytes; ``masked`` if the sender has to mask what it sends. Raises LocalError for what fits in no frame."""
        try:
            data, key = bytes.fromhex(self.data), bytes.fromhex((KEY if masked else "") if self.mask is None else self.mask)
        except ValueError:
            raise LocalError("a frame with something that is no digits", actual=f"{self.data} {self.mask}"[:40]) from None
        size = len(data) if self.size is None else self.size
        width = self.width or (7 if size < 126 else 16 if size < 1 << 16 else 64)
        if width not in (7, *_WIDTHS) or not 0 <= size < (126 if width == 7 else 1 << width) or len(key) not in (0, 4):
            raise LocalError(
                "a frame of a form that there is not", actual=f"length {size} in {width} bits, key of {len(key)} bytes"
            )
        if not 0 <= self.reserved < 8:
            raise LocalError("no reserved bits", expected="0 to 7", actual=str(self.reserved))
        head = bytes([(_FINAL if self.final else 0) | self.reserved << _RESERVED | self.number])
        short = size if width == 7 else _WIDTHS[width]
        head += bytes([(_MASKED if key else 0) | short])
        if width != 7:
            head += size.to_bytes(width // 8, "big")
        body = bytes([octet ^ key[index % 4] for index, octet in enumerate(data)]) if key else data
        return head + key + body


def fragments(data: bytes, size: int, between: str, *, masked: bool) -> Iterator[bytes]:
    """The frames of one binary message, ``size`` bytes in each at most, perhaps with others ``between`` two of them."""
    for at in range(0, len(data), size):
        if at and between:
            yield _between(between).encoded(masked=masked)
        part = data[at : at + size].hex()
        yield Frame(opcode="continuation" if at else "binary", data=part, final=at + size >= len(data)).encoded(masked=masked)


def _between(word: str) -> Frame:
    if word == "empty":
        return Frame(opcode="continuation", final=False)
    return Frame(opcode=word, data="00")
