"""The packets of a usbredir channel, cut out of what its DATA messages carry.

Borders of messages mean nothing: a packet may be cut anywhere, and one message may end several. A packet is a header
(type, length, id) and ``length`` bytes. Ids have 32 bits until both sides have said HELLO and announced IDS_64BITS, and 64
from then on; HELLO itself always has the short one.

The bytes of packets are passed over, but for HELLO, so that a device of any speed costs no memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from spiceproto.enums.usbredir import UsbredirCapability, UsbredirType
from spiceproto.errors import RemoteError
from spiceproto.generated import parse_usbredir
from spiceproto.messages.usbredir import UsbredirHeader, UsbredirHello, UsbredirWideHeader

__all__ = ["Packet", "Usbredir"]

parse_header: Callable[[bytes], UsbredirHeader] = parse_usbredir.parse_UsbredirHeader
parse_wide_header: Callable[[bytes], UsbredirWideHeader] = parse_usbredir.parse_UsbredirWideHeader
parse_hello: Callable[[bytes], UsbredirHello] = parse_usbredir.parse_UsbredirHello

NARROW, WIDE = 12, 16
"""Sizes of a header."""

_VERSION: Final = 64
"""Size of a HELLO without its words of capabilities."""

_WORDS: Final = 64
"""Words of capabilities that a HELLO may have; there is one as yet."""

_LENGTH: Final = 129 << 20
"""The longest packet: 128 MiB of bulk data, and what describes them."""


class Packet(NamedTuple):
    """One packet: its header, and what it says if it is a HELLO."""

    header: UsbredirHeader | UsbredirWideHeader
    hello: UsbredirHello | None

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
    * ``waiting``: bytes of a header, or of a HELLO
    * ``header``: of the packet that is being passed over; ``left`` of its bytes are to come
    """

    __slots__ = ("begun", "header", "left", "midway", "waiting", "wide")

    def __init__(self, *, midway: bool) -> None:
        self.begun = self.midway = midway
        self.wide: bool | None = None
        self.waiting = b""
        self.header: UsbredirHeader | UsbredirWideHeader | None = None
        self.left = 0


class Usbredir:
    """Both directions of one channel. ``midway`` says that they did not begin here."""

    def __init__(self, *, midway: bool = False) -> None:
        self._sides = {sender: _Side(midway=midway) for sender in ("client", "server")}

    def pending(self, sender: str) -> int:
        """Bytes of a packet of this sender of which others are still to come."""
        side = self._sides[sender]
        return len(side.waiting) if side.header is None else side.header.length - side.left

    def lose(self, sender: str) -> None:
        """Bytes are missing."""
        side = self._sides[sender]
        side.begun = side.midway = True
        side.waiting, side.header = b"", None

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
                side.left -= step
                place += step
                if not side.left:
                    found.append(Packet(side.header, None))
                    side.header = None
                continue
            need = NARROW if len(side.waiting) < NARROW else self._need(side, data[place:])
            step = need - len(side.waiting)
            side.waiting += data[place : place + step]
            place += step
            if len(side.waiting) == need and need == self._need(side, data[place:]):
                self._begin(side, found)
        return found

    def _need(self, side: _Side, rest: bytes) -> int:
        """Bytes that ``waiting``, which has a short header at least, has to have: a header, or a whole HELLO."""
        head = parse_header(side.waiting[:NARROW])
        if head.type == UsbredirType.HELLO:
            words, odd = divmod(head.length - _VERSION, 4)
            if not odd and 0 <= words <= _WORDS:
                return NARROW + head.length
        if not side.begun or not _is_packet(head.type, head.length) or head.type == UsbredirType.HELLO:
            expected = "a packet of a known type" if side.begun else f"a HELLO of {NARROW + _VERSION + 4} bytes"
            actual = f"type {int(head.type)}, length {head.length}"
            raise RemoteError("these bytes are not usbredir", offset=0, expected=expected, actual=actual)
        return WIDE if self._is_wide(side, side.waiting + rest) else NARROW

    def _is_wide(self, side: _Side, rest: bytes) -> bool:
        """Whether ids have 64 bits. ``rest`` begins with a packet, and decides if a HELLO was not seen."""
        announced = {other.wide for other in self._sides.values()}
        if False in announced or None not in announced:
            return False not in announced
        return _fills(rest, WIDE) and not _fills(rest, NARROW)

    def _begin(self, side: _Side, found: list[Packet]) -> None:
        """A header is whole."""
        waiting, side.waiting = side.waiting, b""
        side.begun = True
        if len(waiting) > WIDE:
            hello = parse_hello(waiting[NARROW:])
            side.wide = bool(hello.capabilities) and bool(hello.capabilities[0] >> UsbredirCapability.IDS_64BITS & 1)
            found.append(Packet(parse_header(waiting[:NARROW]), hello))
            return
        header = parse_header(waiting) if len(waiting) == NARROW else parse_wide_header(waiting)
        if header.length:
            side.header, side.left = header, header.length
        else:
            found.append(Packet(header, None))

    def _resumes(self, side: _Side, data: bytes) -> bool:
        """Whether ``data`` holds whole packets and nothing else."""
        announced = {other.wide for other in self._sides.values()}
        if None not in announced:
            return _fills(data, NARROW if False in announced else WIDE)
        return _fills(data, NARROW) or _fills(data, WIDE)


def _is_packet(type: int, length: int) -> bool:
    return type in UsbredirType._value2member_map_ and length <= _LENGTH


def _fills(data: bytes, header: int) -> bool:
    """Whether packets with headers of this size begin and end with ``data``."""
    place = 0
    while place + header <= len(data):
        found = parse_header(data[place : place + NARROW])
        if not _is_packet(found.type, found.length):
            return False
        place += (NARROW if found.type == UsbredirType.HELLO else header) + found.length
    return place == len(data) > 0
