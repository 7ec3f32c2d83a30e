"""The packets of a usbredir channel, cut out of what its DATA messages carry.

Borders of messages mean nothing: a packet may be cut anywhere, and one message may end several. A packet is a header
(type, length, id) and ``length`` bytes. Ids have 32 bits until both sides have said HELLO and announced IDS_64BITS, and 64
from then on; HELLO itself always has the short one.

Of each packet so much is kept as its fields need, and of the data of a device as much as its commands have
(:data:`KEPT`); the rest is passed over, so that a device of any speed costs no memory. An end, which needs all of it, says how
much that may be (:mod:`spiceproto.usbredir_end`).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from spiceproto import usbredir_packets
from spiceproto.enums.usbredir import UsbredirCapability, UsbredirType
from spiceproto.errors import LimitError, RemoteError
from spiceproto.generated import parse_usbredir
from spiceproto.messages.usbredir import UsbredirHeader, UsbredirHello, UsbredirWideHeader
from spiceproto.usbredir_packets import LENGTH, NARROW, VERSION, WIDE

__all__ = ["KEPT", "Packet", "Usbredir"]

parse_header: Callable[[bytes], UsbredirHeader] = parse_usbredir.parse_UsbredirHeader
parse_wide_header: Callable[[bytes], UsbredirWideHeader] = parse_usbredir.parse_UsbredirWideHeader
parse_hello: Callable[[bytes], UsbredirHello] = parse_usbredir.parse_UsbredirHello

_WORDS: Final = 64
"""Words of capabilities that a HELLO may have; there is one as yet."""

KEPT: Final = 512
"""Bytes that are kept of a packet: the longest with fields alone has 288, and a command of a mass storage device has 41."""


class Packet(NamedTuple):
    """One packet.

    * ``value``: what it says, with the beginning of its data; None if nobody knows, or if it can not be read
    * ``error``: why it can not be read
    * ``stray``: bytes behind its last field
    """

    header: UsbredirHeader | UsbredirWideHeader
    value: Any = None
    error: RemoteError | None = None
    stray: int = 0

    @property
    def hello(self) -> UsbredirHello | None:
        """What it says if it is a HELLO."""
        return self.value if isinstance(self.value, UsbredirHello) else None

    @property
    def name(self) -> str:
        """``BULK_PACKET``."""
        return UsbredirType(self.header.type).name

    @property
    def size(self) -> int:
        """All of it, with the header."""
        return (NARROW if type(self.header) is UsbredirHeader else WIDE) + self.header.length

    @property
    def capabilities(self) -> tuple[str | int, ...]:
        """What a HELLO announces, by name where there is one."""
        return tuple([_NAMES.get(bit, bit) for bit in _bits(self.hello)])


_NAMES: dict[int, str] = {item.value: item.name for item in UsbredirCapability}


def _bits(hello: UsbredirHello | None) -> list[int]:
    words = () if hello is None else hello.capabilities
    return [32 * place + bit for place, word in enumerate(words) for bit in range(32) if word >> bit & 1]


class _Side:
    """What is known of one sender.

    * ``begun``: its HELLO is behind it, or was before the capture
    * ``wide``: it announced ids of 64 bits; None if its HELLO was not seen
    * ``midway``: it was joined later, or missed something: it goes on where a message holds whole packets
    * ``announced``: the bits of its HELLO, None if that was not seen
    * ``waiting``: bytes of a header, or of a HELLO
    * ``header``: of the packet that is coming; ``left`` of its bytes are to come, ``body`` has the first of them
    """

    __slots__ = ("announced", "begun", "body", "header", "left", "midway", "waiting", "wide")

    def __init__(self, *, midway: bool) -> None:
        self.begun = self.midway = midway
        self.wide: bool | None = None
        self.announced: int | None = None
        self.waiting = b""
        self.body = bytearray()
        self.header: UsbredirHeader | UsbredirWideHeader | None = None
        self.left = 0


class Usbredir:
    """Both directions of one channel. ``midway`` says that they did not begin here.

    ``most`` bytes are the longest packet, and ``kept`` of them are read.
    """

    def __init__(self, *, midway: bool = False, most: int = LENGTH, kept: int = KEPT) -> None:
        self._sides = {sender: _Side(midway=midway) for sender in ("client", "server")}
        self._most = most
        self._kept = kept

    @property
    def common(self) -> int | None:
        """The bits of what both sides have announced; None while that is not known."""
        one, other = [side.announced for side in self._sides.values()]
        return None if one is None or other is None else one & other

    def begun(self, sender: str) -> bool:
        """Whether the HELLO of this side is behind it, or was before anybody looked."""
        return self._sides[sender].begun

    def pending(self, sender: str) -> int:
        """Bytes of a packet of this sender of which others are still to come."""
        side = self._sides[sender]
        return len(side.waiting) if side.header is None else side.header.length - side.left

    def half(self, sender: str) -> bytes:
        """The beginning of a packet of this sender that is not whole, as far as it was kept."""
        side = self._sides[sender]
        if side.header is None:
            return side.waiting
        form = "<LLQ" if isinstance(side.header, UsbredirWideHeader) else "<LLL"
        return struct.pack(form, side.header.type, side.header.length, side.header.id) + bytes(side.body)

    def lose(self, sender: str) -> None:
        """Bytes are missing."""
        side = self._sides[sender]
        side.begun = side.midway = True
        side.waiting, side.header = b"", None
        side.body.clear()

    def is_midway(self, sender: str) -> bool:
        """Whether the next packet of this sender is still being looked for."""
        return self._sides[sender].midway

    def receive(self, sender: str, data: bytes) -> list[Packet]:
        """The packets that ``data`` ends. Raises RemoteError for bytes that are no packets."""
        side = self._sides[sender]
        found: list[Packet] = []
        if side.midway:
            if not self._resumes(side, data):
                return found
            side.midway = False
        place = 0
        while place < len(data):
            if side.header is not None:
                step = min(side.left, len(data) - place)
                if len(side.body) < self._kept:
                    side.body += data[place : place + min(step, self._kept - len(side.body))]
                side.left -= step
                place += step
                if not side.left:
                    found.append(self._packet(sender, side.header, bytes(side.body)))
                    side.header = None
                    side.body.clear()
                continue
            need = NARROW if len(side.waiting) < NARROW else self._need(side, data[place:])
            step = need - len(side.waiting)
            side.waiting += data[place : place + step]
            place += step
            if len(side.waiting) == need and need == self._need(side, data[place:]):
                self._begin(sender, side, found)
        return found

    def _packet(self, sender: str, header: UsbredirHeader | UsbredirWideHeader, body: bytes) -> Packet:
        return Packet(header, *usbredir_packets.read(sender, header.type, body, header.length, self.common))

    def _need(self, side: _Side, rest: bytes) -> int:
        """Bytes that ``waiting``, which has a short header at least, has to have: a header, or a whole HELLO."""
        head = parse_header(side.waiting[:NARROW])
        if head.type == UsbredirType.HELLO:
            words, odd = divmod(head.length - VERSION, 4)
            if not odd and 0 <= words <= _WORDS:
                return NARROW + head.length
        if not side.begun or not usbredir_packets.is_packet(head.type, head.length) or head.type == UsbredirType.HELLO:
            expected = "a packet of a known type" if side.begun else f"a HELLO of {NARROW + VERSION + 4} bytes"
            actual = f"type {int(head.type)}, length {head.length}"
            raise RemoteError("these bytes are not usbredir", offset=0, expected=expected, actual=actual)
        if head.length > self._most:
            raise LimitError("too long a packet", offset=4, expected=f"at most {self._most} bytes", actual=str(head.length))
        return WIDE if self._is_wide(side, side.waiting + rest) else NARROW

    def _is_wide(self, side: _Side, rest: bytes) -> bool:
        """Whether ids have 64 bits. ``rest`` begins with a packet, and decides if a HELLO was not seen."""
        announced = {other.wide for other in self._sides.values()}
        if False in announced or None not in announced:
            return False not in announced
        return usbredir_packets.fill(rest, wide=True) and not usbredir_packets.fill(rest, wide=False)

    def _begin(self, sender: str, side: _Side, found: list[Packet]) -> None:
        """A header is whole."""
        waiting, side.waiting = side.waiting, b""
        side.begun = True
        if len(waiting) > WIDE:
            hello = parse_hello(waiting[NARROW:])
            side.announced = usbredir_packets.bits(hello)
            side.wide = bool(side.announced >> UsbredirCapability.IDS_64BITS & 1)
            found.append(Packet(parse_header(waiting[:NARROW]), hello))
            return
        header = parse_header(waiting) if len(waiting) == NARROW else parse_wide_header(waiting)
        if header.length:
            side.header, side.left = header, header.length
        else:
            found.append(self._packet(sender, header, b""))

    def _resumes(self, side: _Side, data: bytes) -> bool:
        """Whether ``data`` holds whole packets and nothing else."""
        announced = {other.wide for other in self._sides.values()}
        if None not in announced:
            return usbredir_packets.fill(data, wide=False not in announced)
        return usbredir_packets.fill(data, wide=False) or usbredir_packets.fill(data, wide=True)
