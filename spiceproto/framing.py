"""Message headers: bytes of one direction to messages, and back.

Two headers exist. The mini header (6 bytes: type, size) is used if both ends announced MINI_HEADER; the full one
(18 bytes: serial, type, size, sub-list) otherwise. With mini headers both ends count the serials themselves, from 1.

A message may carry others inside its body, at offsets that a list in the body gives. A full header says where that list
is; under mini headers the message LIST (type 8) is nothing but such a list. What is inside is handled before what it is
inside of, and has no serial of its own.

What must never live here: what a message means. :class:`Reader` knows one thing about types, how large each may be.

**Speed.** A capture of a session is hundreds of thousands of messages of 16 bytes, nearly each in a packet of its own.
When nothing waits and a chunk is exactly one message, :meth:`Reader.feed` does one ``unpack``, one slice and two
additions. Anything else takes the longer way, where pieces are collected and joined once, when the last one is there.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from spiceproto import limits
from spiceproto.errors import LimitError, LocalError, RemoteError

if TYPE_CHECKING:
    from spiceproto.size_limits import SizeLimits

__all__ = [
    "FULL_HEADER_SIZE",
    "LIST",
    "MINI_HEADER_SIZE",
    "Frame",
    "Reader",
    "Spans",
    "Writer",
    "list_body",
    "list_spans",
    "stray",
    "sub_messages",
    "with_sub_messages",
]

_mini = Struct("<HL")
_full = Struct("<QHLL")
_unpack_mini = _mini.unpack_from
_unpack_full = _full.unpack_from
MINI_HEADER_SIZE = _mini.size
FULL_HEADER_SIZE = _full.size

LIST = 8
"""Type of the message that is nothing but sub-messages."""

_SMALL_PIECE = 512
_FEW_PIECES = 16
_GATHERED = 1 << 16
"""Behind the first few pieces, small ones are gathered up to this size: a body that comes byte by byte must not cost an
object a byte."""

Frame = tuple[int, bytes, int, int, int]
"""Type, body, serial, offset of the header in the stream, offset of the sub-list in the body (0: none)."""


Spans = tuple[tuple[int, int], ...]
"""Parts of a body, each with where it begins and ends."""


class Reader:
    """Cuts the bytes of one direction into messages.

    ``mini``     which header the ends agreed on
    ``sizes``    how large each message may be; without it only the general limit holds
    ``offset``   offset in the stream of the first byte fed: where the link stage ended
    ``serial``   of the last message handed out; a connection that migrated goes on from another number than 0
    ``error``    the rule that was broken, None while all is well
    ``refused``  type, size and serial in the header of a message that is too long, None while there is none

    Any cutting of the same bytes gives the same messages. A broken rule ends the stream: the messages before it are
    handed out, ``error`` is set, and :meth:`feed` raises it at the next call, or at once if it has nothing to hand out.
    """

    __slots__ = (
        "_have",
        "_header",
        "_pieces",
        "_quick",
        "_quick_limit",
        "_want",
        "error",
        "mini",
        "offset",
        "refused",
        "serial",
        "sizes",
    )

    def __init__(self, mini: bool, sizes: SizeLimits | None = None, *, offset: int = 0, serial: int = 0) -> None:
        self.mini = mini
        self.offset = offset
        self.serial = serial
        self.error: RemoteError | None = None
        self.refused: tuple[int, int, int] | None = None
        if sizes is None:
            from spiceproto.size_limits import SizeLimits  # not at import: who reads captures has no Reader

            sizes = SizeLimits({})
        self.sizes = sizes
        self._header = MINI_HEADER_SIZE if mini else FULL_HEADER_SIZE
        self._pieces: list[bytes | bytearray] = []
        self._have = 0
        self._want = 0
        # Longest chunk that may go the short way: 0 while bytes wait, and always under full headers.
        self._quick_limit = self._quick = self._header + self.sizes.least if mini else 0

    @property
    def pending(self) -> int:
        """Bytes of a message that is not whole yet."""
        return self._have

    @property
    def wanted(self) -> int:
        """Bytes of that message with its header, or of the header alone while that is not whole; 0 while none waits."""
        return self._want if self._have else 0

    def feed(self, chunk: bytes) -> list[Frame]:
        """The messages that ``chunk``, which is bytes and nothing like it, completes. Raises RemoteError."""
        if 6 <= (end := len(chunk)) <= self._quick:
            type, size = _unpack_mini(chunk)
            if size + 6 == end:
                self.serial = serial = self.serial + 1
                start = self.offset
                self.offset = start + end
                return [(type, chunk[6:], serial, start, 0)]
        return self._collect(chunk)

    def forget(self) -> None:
        """Drop the piece of a message that waits for its rest: for peers that are to be tried."""
        self._pieces, self._have = [], 0

    def finish(self) -> None:
        """The stream is at its end. Raises RemoteError if that is inside a message, or for what went wrong before."""
        if self.error is not None:
            raise self.error
        if self._have:
            raise RemoteError(
                "the stream ends inside a message", offset=self.offset, expected=f"{self._want} bytes", actual=str(self._have)
            )

    def _collect(self, chunk: bytes) -> list[Frame]:
        if self.error is not None:
            raise self.error
        pieces = self._pieces
        if pieces:
            self._have += len(chunk)
            if len(chunk) >= _SMALL_PIECE or len(pieces) < _FEW_PIECES:
                pieces.append(chunk)
            elif type(last := pieces[-1]) is bytearray and len(last) < _GATHERED:
                last += chunk
            else:
                pieces.append(bytearray(chunk))
            if self._have < self._want:
                return []
            chunk = b"".join(pieces)
            self._pieces = []
            self._have = 0
        found = self._cut(chunk)
        if self.error is not None and not found:
            raise self.error
        return found

    def _cut(self, chunk: bytes) -> list[Frame]:
        """The whole messages of ``chunk``, which begins with a header; the rest is kept."""
        found: list[Frame] = []
        mini = self.mini
        header = self._header
        sizes = self.sizes
        serial = self.serial
        end = len(chunk)
        at = 0
        self._want = header
        self._quick = 0
        while end - at >= header:
            if mini:
                type, size = _unpack_mini(chunk, at)
                sub_list = 0
            else:
                serial, type, size, sub_list = _unpack_full(chunk, at)
            if size > sizes.least and size > sizes.of(type).size:
                self.refused = (type, size, serial + 1 if mini else serial)
                self.error = _too_long(sizes, type, size, self.offset)
                return found
            stop = at + header + size
            if stop > end:
                self._want = header + size
                break
            if mini:
                serial += 1
            found.append((type, chunk[at + header : stop], serial, self.offset, sub_list))
            self.serial = serial
            self.offset += stop - at
            at = stop
        if at < end:
            self._pieces.append(chunk[at:] if at else chunk)
            self._have = end - at
        else:
            self._quick = self._quick_limit
        return found


def _too_long(sizes: SizeLimits, type: int, size: int, offset: int) -> LimitError:
    limit = sizes.of(type)
    return LimitError(
        "a message is too long",
        path="size",
        offset=offset,
        where=f"type {type}",
        expected=f"at most {limit.size} bytes ({limit.reason})",
        actual=str(size),
    )


class Writer:
    """Puts headers before bodies and counts.

    ``serial`` is that of the last message written.
    """

    __slots__ = ("mini", "serial")

    def __init__(self, mini: bool, *, serial: int = 0) -> None:
        self.mini = mini
        self.serial = serial

    def frame(self, type: int, body: bytes, sub_list: int = 0) -> bytes:
        """One message. ``sub_list`` is the offset of a list of sub-messages in ``body``.

        Raises LocalError for a number that does not fit, and for a sub-list under mini headers.
        """
        return self.header(type, len(body), sub_list) + body

    def header(self, type: int, size: int, sub_list: int = 0) -> bytes:
        """The header alone of a message whose body has ``size`` bytes, and follows. Raises as :meth:`frame`."""
        if not 0 <= type <= 0xFFFF or size > 0xFFFFFFFF:
            raise LocalError("no header can say this", actual=f"type {type}, {size} bytes")
        if self.mini:
            if sub_list:
                raise LocalError("mini headers have no sub-list", expected="a LIST message", actual=str(sub_list))
            self.serial += 1
            return _mini.pack(type, size)
        if not 0 <= sub_list < max(size, 1):
            raise LocalError("the sub-list is not inside the body", expected=f"below {size}", actual=str(sub_list))
        self.serial += 1
        return _full.pack(self.serial, type, size, sub_list)


def sub_messages(body: bytes, offset: int) -> list[tuple[int, bytes, int]]:
    """The messages inside ``body``, as (type, body, offset of their header in ``body``), in the order of the list.

    ``offset`` is where the list begins: what a full header says, or 0 for LIST.

    Raises RemoteError for a list or a message that is not inside ``body``, LimitError for more entries than
    ``limits.SUB_MESSAGES`` or for entries that together are longer than ``body``: they would have to overlap, and
    every overlap multiplies what the receiver must hold.
    """
    end = len(body)
    if offset + 2 > end:
        raise RemoteError(
            "a sub-message list begins outside its message",
            path="sub_list",
            offset=offset,
            expected=f"at most {end - 2}",
            actual=str(offset),
        )
    count = body[offset] | body[offset + 1] << 8
    if count > limits.SUB_MESSAGES:
        raise LimitError(
            "too many sub-messages",
            path="sub_list.size",
            offset=offset,
            expected=f"at most {limits.SUB_MESSAGES}",
            actual=str(count),
        )
    if offset + 2 + 4 * count > end:
        raise RemoteError(
            "a sub-message list ends outside its message",
            path="sub_list.size",
            offset=offset,
            expected=f"at most {(end - offset - 2) // 4} entries",
            actual=str(count),
        )
    found: list[tuple[int, bytes, int]] = []
    total = 0
    for index in range(count):
        place = offset + 2 + 4 * index
        at = int.from_bytes(body[place : place + 4], "little")
        if at + MINI_HEADER_SIZE > end:
            raise RemoteError(
                "a sub-message begins outside its message",
                path=f"sub_list.sub_messages[{index}]",
                offset=place,
                expected=f"at most {end - MINI_HEADER_SIZE}",
                actual=str(at),
            )
        type, size = _unpack_mini(body, at)
        start = at + MINI_HEADER_SIZE
        if start + size > end:
            raise RemoteError(
                "a sub-message ends outside its message",
                path=f"sub_messages[{index}].size",
                offset=at,
                expected=f"at most {end - start} bytes",
                actual=str(size),
            )
        total += MINI_HEADER_SIZE + size
        if total > end:
            raise LimitError(
                "sub-messages overlap",
                path=f"sub_messages[{index}]",
                offset=at,
                expected=f"together at most {end} bytes",
                actual=str(total),
            )
        found.append((type, body[start : start + size], at))
    return found


def list_spans(offset: int, inside: list[tuple[int, bytes, int]]) -> Spans:
    """Where a list that begins at ``offset`` and its messages stand in the body around them: begin and end of each."""
    places = [(at, at + MINI_HEADER_SIZE + len(content)) for _, content, at in inside]
    return ((offset, offset + 2 + 4 * len(inside)), *places)


def stray(size: int, end: int, spans: Spans) -> int:
    """How many bytes of a body of ``size`` bytes are behind its fields, which end at ``end``, and in none of the spans."""
    if not spans:
        return size - end if size > end else 0
    found = 0
    for begin, stop in sorted(spans):
        found += max(begin - end, 0)
        end = max(end, stop)
    return found + max(size - end, 0)


def with_sub_messages(body: bytes, inside: list[tuple[int, bytes]]) -> tuple[bytes, int]:
    """``body`` with messages (type, body) inside, and the offset of their list: for full headers.

    Raises LocalError for an empty body: a list at offset 0 could not be told from none.
    """
    if not body:
        raise LocalError("only a message with a body can carry sub-messages", expected="a LIST message")
    pieces = [body]
    places: list[bytes] = []
    at = len(body)
    for type, content in inside:
        places.append(at.to_bytes(4, "little"))
        pieces += [_mini.pack(type, len(content)), content]
        at += MINI_HEADER_SIZE + len(content)
    return b"".join([*pieces, len(inside).to_bytes(2, "little"), *places]), at


def list_body(inside: list[tuple[int, bytes]]) -> bytes:
    """Body of a LIST message that holds messages (type, body)."""
    pieces: list[bytes] = []
    places: list[bytes] = []
    at = 2 + 4 * len(inside)
    for type, content in inside:
        places.append(at.to_bytes(4, "little"))
        pieces += [_mini.pack(type, len(content)), content]
        at += MINI_HEADER_SIZE + len(content)
    return b"".join([len(inside).to_bytes(2, "little"), *places, *pieces])
