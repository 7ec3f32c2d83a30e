"""The pcapng format (draft-ietf-opsawg-pcapng): sections of blocks, each with its length before and after.

A section has its own byte order and its own interfaces; an interface has a link type, a clock resolution and an offset.
Packets come in enhanced, simple and (obsolete) packet blocks. A decryption-secrets block holds a TLS key log; blocks
of other kinds are skipped. Frames are counted as Wireshark does: packets, and systemd journal entries.

:meth:`PcapngFile.walk` has the same fast way for plain packets in enhanced packet blocks as ``pcap``.
:func:`find_secrets` reads only the secrets, for streams that need them before the block came by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from struct import Struct
from typing import Final

from spiceproto.capture.internet import Internet
from spiceproto.capture.layers import Host
from spiceproto.capture.limits import BLOCK, INTERFACES, READ_CHUNK, RECORD
from spiceproto.capture.link_layer import FAST_TCP_HEADERS, fast_format
from spiceproto.capture.source import Source
from spiceproto.errors import LimitError, RemoteError

__all__ = ["MAGIC", "PcapngFile", "find_secrets"]

MAGIC: Final = b"\x0a\x0d\x0d\x0a"

_SECTION = 0x0A0D0D0A
_INTERFACE, _PACKET, _SIMPLE, _ENHANCED, _JOURNAL, _SECRETS = 1, 2, 3, 6, 9, 10
_WANTED = (_SECTION, _INTERFACE, _PACKET, _SIMPLE, _ENHANCED, _SECRETS)
_TLS_KEY_LOG = 0x544C534B
_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_OPTION_RESOLUTION, _OPTION_OFFSET = 9, 14
_ENHANCED_HEADER = 28
_MINIMUM = 12
_NANO = 1000000000


class _Interface:
    """What an interface description block says."""

    __slots__ = ("link_type", "offset_ns", "per_second", "snap_length")

    def __init__(self, link_type: int, snap_length: int) -> None:
        self.link_type = link_type
        self.snap_length = snap_length
        self.per_second = 1000000
        self.offset_ns = 0

    def time_ns(self, stamp: int) -> int:
        """Nanoseconds of a time stamp of this interface."""
        return stamp * _NANO // self.per_second + self.offset_ns


class PcapngFile:
    """One file of this format, read once."""

    def __init__(self, source: Source, host: Host, internet: Internet) -> None:
        self._source = source
        self._host = host
        self._internet = internet
        self._order = "<"
        self._interfaces: list[_Interface] = []

    def walk(self) -> Iterator[None]:
        """Feed the flow table; pauses after every read."""
        host = self._host
        totals = host.totals
        read = self._source.read
        slow = self._internet.frame
        find = self._internet.flows.flows.get
        order = ""
        enhanced = Struct("<IIIIIII").unpack_from
        interfaces = self._interfaces
        interface = -1
        link_type = 0
        scale = 0  # nanoseconds in a tick; 0 where that is no whole number
        offset_ns = 0
        plain: object = None
        link_header = 0
        headers = Struct(fast_format(-1, False)[0]).unpack_from
        shortest = FAST_TCP_HEADERS
        frame = 0
        buffer = MAGIC
        position = 0
        start_of_buffer = 0
        skip = 0
        while True:
            more = read()
            if not more:
                break
            if skip >= len(more):
                skip -= len(more)
                start_of_buffer += len(more)
                yield
                continue
            if skip:
                start_of_buffer += skip
                more = more[skip:]
                skip = 0
            start_of_buffer += position
            buffer = buffer[position:] + more
            position = 0
            available = len(buffer)
            latest = -1
            while position + _ENHANCED_HEADER <= available:
                kind, size, number, high, low, captured, length = enhanced(buffer, position)
                block = position
                if kind == _ENHANCED and number < len(interfaces):
                    position = block + size
                    if position > available:
                        position = block
                        if size > RECORD + 65536:
                            totals.frames = frame
                            self._check_size(size, start_of_buffer + block, RECORD + 65536)
                        break
                    if captured > size - 32 or size & 3 or size < 32:
                        totals.frames = frame
                        raise self._bad_packet(size, captured, start_of_buffer + block)
                    frame += 1
                    latest = block
                    start = block + _ENHANCED_HEADER
                    if number != interface:
                        interface = number
                        now = interfaces[number]
                        link_type, offset_ns = now.link_type, now.offset_ns
                        scale = 0 if _NANO % now.per_second else _NANO // now.per_second
                        fast, plain, link_header = fast_format(link_type, order == ">")
                        headers = Struct(fast).unpack_from
                        shortest = link_header + FAST_TCP_HEADERS
                        if not scale:
                            plain = None
                    if length == captured >= shortest:
                        tag, version, total, word, key, seq, flags = headers(buffer, start)
                        if version == 0x45 and tag == plain and word & 0x3FFF00FF == 6:
                            direction = find(key)
                            if direction is not None and not flags & 7:
                                if direction.expected == seq:
                                    payload = total - 20 - (flags >> 10 & 0x3C)
                                    if not payload:
                                        continue
                                    if payload > 0 and total + link_header <= captured and flags >= 0x5000:
                                        direction.expected = seq + payload & 0xFFFFFFFF
                                        end = start + link_header + total
                                        direction.deliver(
                                            direction.from_client,
                                            buffer[end - payload : end],
                                            (high << 32 | low) * scale + offset_ns,
                                            frame,
                                        )
                                        continue
                                elif direction.connection is None:
                                    continue
                    time_ns = interfaces[number].time_ns(high << 32 | low)
                    slow(link_type, buffer, start, captured, length, time_ns, frame)
                    continue
                totals.frames = frame
                if kind == _SECTION:
                    self._order = order = self._section_order(buffer, block, start_of_buffer)
                    enhanced = Struct(order + "IIIIIII").unpack_from
                    kind, size = Struct(order + "II").unpack_from(buffer, block)
                wanted = kind in _WANTED
                self._check_size(size, start_of_buffer + block, BLOCK if wanted else 0xFFFFFFFF)
                if block + size > available:
                    if wanted:
                        break
                    frame += kind == _JOURNAL
                    skip = block + size - available
                    position = available
                    break
                position = block + size
                frame += self._block(kind, buffer, block, size, start_of_buffer, frame)
                if kind == _SECTION:
                    interface = latest = -1
            # The last blocks of a file may be shorter than an enhanced packet block's header.
            while available - position >= _MINIMUM and available - position < _ENHANCED_HEADER:
                if buffer[position : position + 4] == MAGIC or not order:
                    break
                kind, size = Struct(order + "II").unpack_from(buffer, position)
                if size > available - position:
                    break
                self._check_size(size, start_of_buffer + position, BLOCK)
                frame += self._block(kind, buffer, position, size, start_of_buffer, frame)
                position += size
            totals.frames = frame
            if latest >= 0:
                kind, size, number, high, low, captured, length = enhanced(buffer, latest)
                host.last_time_ns = interfaces[number].time_ns(high << 32 | low)
            yield
        if position < len(buffer) or skip:
            if not order:
                raise RemoteError(
                    "the pcapng section header is cut off",
                    where=self._source.name,
                    offset=len(buffer),
                    expected=f"{_ENHANCED_HEADER} bytes",
                    actual=f"{len(buffer)} bytes",
                )
            host.warn("truncated-file", f"the file ends inside the block at byte {start_of_buffer + position}", frame)

    def _section_order(self, buffer: bytes, block: int, start_of_buffer: int) -> str:
        order = _ORDERS.get(buffer[block + 8 : block + 12])
        if order is None:
            raise RemoteError(
                "a pcapng section has no byte-order magic",
                where=self._source.name,
                offset=start_of_buffer + block + 8,
                expected="1a2b3c4d in either order",
                actual=buffer[block + 8 : block + 12].hex(),
            )
        return order

    def _check_size(self, size: int, offset: int, most: int) -> None:
        if size < _MINIMUM or size & 3:
            raise RemoteError(
                "a pcapng block has an impossible length",
                where=self._source.name,
                offset=offset + 4,
                expected=f"a multiple of 4, at least {_MINIMUM}",
                actual=str(size),
            )
        if size > most:
            raise LimitError(
                "a pcapng block is too long",
                where=self._source.name,
                offset=offset + 4,
                expected=f"at most {most} bytes",
                actual=str(size),
            )

    def _bad_packet(self, size: int, captured: int, offset: int) -> RemoteError:
        return RemoteError(
            "a packet does not fit its pcapng block",
            where=self._source.name,
            offset=offset + 20,
            expected=f"at most {max(0, size - 32)} bytes",
            actual=str(captured),
        )

    def _block(self, kind: int, buffer: bytes, block: int, size: int, start_of_buffer: int, frame: int) -> int:
        """Any block but the plain packets; the number of frames it counts for."""
        order = self._order
        trailer: int = Struct(order + "I").unpack_from(buffer, block + size - 4)[0]
        if trailer != size:
            raise RemoteError(
                "the two lengths of a pcapng block differ",
                where=self._source.name,
                offset=start_of_buffer + block + size - 4,
                expected=str(size),
                actual=str(trailer),
            )
        offset = start_of_buffer + block
        if kind == _SECTION:
            self._interfaces.clear()
            major: int = Struct(order + "H").unpack_from(buffer, block + 12)[0] if size >= 28 else 0
            if major != 1:
                raise RemoteError(
                    "unknown version of the pcapng format",
                    where=self._source.name,
                    offset=offset + 12,
                    expected="1.x",
                    actual=str(major),
                )
        elif kind == _INTERFACE:
            self._interface(buffer, block, size, offset)
        elif kind == _SECRETS:
            text = _key_log(buffer, block, size, order)
            if text:
                self._host.secrets.add_log(text)
        elif kind in (_ENHANCED, _PACKET, _SIMPLE):
            self._packet(kind, buffer, block, size, offset, frame + 1)
            return 1
        return kind == _JOURNAL

    def _interface(self, buffer: bytes, block: int, size: int, offset: int) -> None:
        if size < 20:
            raise self._bad_packet(size, size, offset)
        if len(self._interfaces) >= INTERFACES:
            raise LimitError(
                "too many interfaces in a pcapng section",
                where=self._source.name,
                offset=offset,
                expected=f"at most {INTERFACES}",
                actual="one more",
            )
        link_type, snap_length = Struct(self._order + "HxxI").unpack_from(buffer, block + 8)
        interface = _Interface(link_type, snap_length)
        position, end = block + 16, block + size - 4
        option = Struct(self._order + "HH")
        while position + 4 <= end:
            code, length = option.unpack_from(buffer, position)
            value = buffer[position + 4 : min(end, position + 4 + length)]
            if code == _OPTION_RESOLUTION and value:
                exponent = value[0] & 127
                interface.per_second = 2**exponent if value[0] & 128 else 10 ** min(exponent, 30)
            elif code == _OPTION_OFFSET and len(value) == 8:
                interface.offset_ns = Struct(self._order + "q").unpack(value)[0] * _NANO
            elif code == 0:
                break
            position += 4 + (length + 3 & ~3)
        self._interfaces.append(interface)

    def _packet(self, kind: int, buffer: bytes, block: int, size: int, offset: int, frame: int) -> None:
        order = self._order
        number = 0
        if kind == _SIMPLE:
            if size < 16:
                raise self._bad_packet(size, 0, offset)
            length: int = Struct(order + "I").unpack_from(buffer, block + 8)[0]
            start = block + 12
            room = size - 16
            snap_length = self._interfaces[0].snap_length if self._interfaces else 0
            captured = min(length, room, snap_length or room)
            stamp = -1
        else:
            if size < 32:
                raise self._bad_packet(size, 0, offset)
            number, high, low, captured, length = Struct(order + "IIIII").unpack_from(buffer, block + 8)
            if kind == _PACKET:  # 16 bits of interface, 16 bits of drop count
                number = number >> 16 if order == ">" else number & 0xFFFF
            start = block + _ENHANCED_HEADER
            room = size - 32
            stamp = high << 32 | low
        if captured > room:
            raise self._bad_packet(size, captured, offset)
        if number >= len(self._interfaces):
            raise RemoteError(
                "a packet names an interface that its pcapng section does not describe",
                where=self._source.name,
                offset=offset + 8,
                expected=f"below {len(self._interfaces)}",
                actual=str(number),
            )
        interface = self._interfaces[number]
        if stamp >= 0:
            self._host.last_time_ns = interface.time_ns(stamp)
        # A simple packet has no time: the last one known stands for it.
        time_ns = self._host.last_time_ns
        self._internet.frame(interface.link_type, buffer, start, captured, length, time_ns, frame)


def _key_log(buffer: bytes, block: int, size: int, order: str) -> bytes:
    """The text of a secrets block; empty when it is not a TLS key log."""
    if size < 20:
        return b""
    kind, length = Struct(order + "II").unpack_from(buffer, block + 8)
    if kind != _TLS_KEY_LOG:
        return b""
    return buffer[block + 16 : block + 16 + min(length, size - 20)]


def find_secrets(source: Source, add: Callable[[bytes], None]) -> None:
    """Give all key logs of a pcapng file to ``add``; stops silently where the file makes no sense."""
    order = "<"
    buffer = b""
    position = 0
    while True:
        more = source.read(READ_CHUNK)
        if not more:
            return
        if position < len(buffer):
            buffer, position = buffer[position:] + more, 0
        else:  # the rest of a long block is not looked at
            buffer, position = more, position - len(buffer)
        while position + 12 <= len(buffer):
            if buffer[position : position + 4] == MAGIC:
                order = _ORDERS.get(buffer[position + 8 : position + 12], order)
            kind, size = Struct(order + "II").unpack_from(buffer, position)
            if size < _MINIMUM or size & 3:
                return
            if kind == _SECRETS:
                if size > BLOCK:
                    return
                if position + size > len(buffer):
                    break
                add(_key_log(buffer, position, size, order))
            position += size
