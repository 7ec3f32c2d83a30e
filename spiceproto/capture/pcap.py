"""The classic capture format (draft-ietf-opsawg-pcap): a 24-byte header, then records.

The magic tells the byte order and the clock: ``a1b2c3d4`` microseconds, ``a1b23c4d`` nanoseconds, ``a1b2cd34`` a
variant of old Linux tools with eight more bytes in each record header.

:meth:`PcapFile.walk` is the hot loop of this package. A record whose frame is plain (not cut, IPv4 without options or
fragments, TCP without SYN, FIN or RST) and whose bytes are the next ones of a known direction is finished here;
anything else goes to :meth:`~spiceproto.capture.internet.Internet.frame`. See ``tcp`` for what ``expected`` means.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import Final

from spiceproto.capture.internet import Internet
from spiceproto.capture.layers import Host
from spiceproto.capture.limits import RECORD
from spiceproto.capture.link_layer import FAST_TCP_HEADERS, fast_format
from spiceproto.capture.source import Source
from spiceproto.errors import LimitError, RemoteError

__all__ = ["MAGICS", "PcapFile"]

MAGICS: Final = {
    b"\xd4\xc3\xb2\xa1": ("<", 1000, 16),
    b"\xa1\xb2\xc3\xd4": (">", 1000, 16),
    b"\x4d\x3c\xb2\xa1": ("<", 1, 16),
    b"\xa1\xb2\x3c\x4d": (">", 1, 16),
    b"\x34\xcd\xb2\xa1": ("<", 1000, 24),
    b"\xa1\xb2\xcd\x34": (">", 1000, 24),
}
"""Byte order, nanoseconds in a unit of the fraction, size of a record header."""

_FILE_HEADER = 24


class PcapFile:
    """One file of this format, read once."""

    def __init__(self, source: Source, magic: bytes, host: Host, internet: Internet) -> None:
        self._source = source
        self._host = host
        self._internet = internet
        self._order, self._unit, self._record_header = MAGICS[magic]
        header = magic + source.read_exactly(_FILE_HEADER - len(magic))
        if len(header) < _FILE_HEADER:
            raise RemoteError(
                "the pcap file header is cut off",
                where=source.name,
                offset=len(header),
                expected=f"{_FILE_HEADER} bytes",
                actual=f"{len(header)} bytes",
            )
        major, minor = Struct(self._order + "HH").unpack_from(header, 4)
        if major != 2:
            raise RemoteError(
                "unknown version of the pcap format",
                where=source.name,
                offset=4,
                expected="2.x",
                actual=f"{major}.{minor}",
            )
        # The upper bits say whether frames end in a checksum, which the length in the IP header skips anyway.
        self._link_type: int = Struct(self._order + "I").unpack_from(header, 20)[0] & 0xFFFF

    def walk(self) -> Iterator[None]:
        """Feed the flow table; pauses after every read."""
        host = self._host
        totals = host.totals
        read = self._source.read
        slow = self._internet.frame
        find = self._internet.flows.flows.get
        link_type = self._link_type
        unit = self._unit
        record_header = self._record_header
        record = Struct(self._order + "IIII").unpack_from
        fast, plain, link_header = fast_format(link_type, self._order == ">")
        headers = Struct(fast).unpack_from
        shortest = link_header + FAST_TCP_HEADERS
        base_second, base = 0, 0
        frame = second = fraction = 0
        buffer = b""
        position = 0
        start_of_buffer = _FILE_HEADER
        while True:
            more = read()
            if not more:
                break
            start_of_buffer += position
            buffer = buffer[position:] + more
            position = 0
            available = len(buffer)
            last = available - record_header
            while position <= last:
                second, fraction, captured, length = record(buffer, position)
                start = position + record_header
                end = start + captured
                if end > available:
                    if captured > RECORD:
                        totals.frames = frame
                        raise LimitError(
                            f"record of frame {frame + 1} is too long",
                            where=self._source.name,
                            offset=start_of_buffer + position + 8,
                            expected=f"at most {RECORD} bytes captured",
                            actual=str(captured),
                        )
                    break
                position = end
                frame += 1
                if length == captured >= shortest:
                    tag, version, total, word, key, seq, flags = headers(buffer, start)
                    if version == 0x45 and tag == plain and word & 0x3FFF00FF == 6:
                        direction = find(key)
                        if direction is not None and not flags & 7:
                            if direction.expected == seq:
                                size = total - 20 - (flags >> 10 & 0x3C)
                                if not size:
                                    continue
                                if size > 0 and total + link_header <= captured and flags >= 0x5000:
                                    direction.expected = seq + size & 0xFFFFFFFF
                                    if second != base_second:
                                        base_second, base = second, second * 1000000000
                                    end = start + link_header + total
                                    direction.deliver(
                                        direction.from_client, buffer[end - size : end], base + fraction * unit, frame
                                    )
                                    continue
                            elif direction.connection is None:
                                continue
                slow(link_type, buffer, start, captured, length, second * 1000000000 + fraction * unit, frame)
            totals.frames = frame
            if frame:
                host.last_time_ns = second * 1000000000 + fraction * unit
            yield
        if position < len(buffer):
            host.warn(
                "truncated-file",
                f"the file ends inside the record of frame {frame + 1} at byte {start_of_buffer + position}",
                frame,
            )
