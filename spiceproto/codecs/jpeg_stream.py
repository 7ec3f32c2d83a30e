"""What a JPEG stream announces: its marker segments, and the size and kind of its picture. Nothing is decoded.

A stream is looked through before a library sees it, because what it announces is what will be allocated: the frame header
gives the size, and the number of scans bounds the work (a progressive stream can ask for a pass over the whole picture with
a few bytes).

Source: ITU-T T.81 B.1 and B.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from spiceproto import limits
from spiceproto.errors import LimitError, RemoteError

__all__ = ["DHT", "DQT", "FRAMES", "SCANS", "Header", "Octets", "Segment", "header", "segments"]

Octets = bytes | bytearray | memoryview

SCANS: Final = 64
"""Most scans of one picture. The reference server writes 1, usual progressive scripts 10."""

SOI, EOI, SOS, DHT, DQT, TEM = 0xD8, 0xD9, 0xDA, 0xC4, 0xDB, 0x01
STANDALONE: Final = frozenset({TEM, SOI, *range(0xD0, 0xD8)})
FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {DHT, 0xC8, 0xCC}


class Segment(NamedTuple):
    """A marker segment: ``data[start:end]`` begins with the marker's 0xFF byte."""

    marker: int
    start: int
    end: int


class Header(NamedTuple):
    """What the frame header says; ``sof`` is 0 for baseline, 1 extended sequential, 2 progressive, ..."""

    width: int
    height: int
    components: int
    sof: int


def segments(data: Octets) -> Iterator[Segment]:
    """The marker segments up to and with the first SOS, whose entropy-coded data are not looked at.

    :raises RemoteError: no JPEG, or it ends before SOS.
    """
    if len(data) < 2 or data[0] != 0xFF or data[1] != SOI:
        raise RemoteError("not a JPEG stream", offset=0, expected="ff d8", actual=bytes(data[:2]).hex(" "))
    offset = 2
    while True:
        start = offset
        while offset + 1 < len(data) and data[offset] == 0xFF and data[offset + 1] == 0xFF:
            offset += 1
        if offset + 1 >= len(data):
            raise RemoteError("the JPEG stream ends before its first scan", offset=start)
        if data[offset] != 0xFF or not data[offset + 1]:
            raise RemoteError("no JPEG marker", offset=offset, expected="ff", actual=f"{data[offset]:02x}")
        marker = data[offset + 1]
        offset += 2
        if marker == EOI:
            raise RemoteError("a JPEG stream without a picture", offset=start)
        if marker in STANDALONE:
            continue
        length = int.from_bytes(data[offset : offset + 2], "big")
        if length < 2 or len(data) - offset < length:
            raise RemoteError(
                "a JPEG segment runs past the end",
                offset=start,
                expected=f"{length} bytes",
                actual=f"{len(data) - offset} bytes",
            )
        offset += length
        yield Segment(marker, start, offset)
        if marker == SOS:
            return


def header(data: Octets) -> Header:
    """Size and kind of the picture, within limits; nothing is decoded.

    :raises RemoteError: no JPEG, no frame header before the first scan, not 8 bits a sample, not 1 or 3 components, no
        pixels.
    :raises LimitError: more than :data:`spiceproto.limits.IMAGE_PIXELS` pixels, or than :data:`SCANS` scans.
    """
    found: Header | None = None
    for marker, start, end in segments(data):
        if marker not in FRAMES:
            continue
        if found is not None:
            raise RemoteError("a second JPEG frame header", offset=start)
        body = bytes(data[start:end]).lstrip(b"\xff")[3:]
        if len(body) < 6:
            raise RemoteError("the JPEG frame header is cut short", offset=start)
        precision, components = body[0], body[5]
        found = Header(int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big"), components, marker - 0xC0)
        if precision != 8 or components not in (1, 3):
            raise RemoteError(
                "a kind of JPEG that SPICE does not use",
                offset=start,
                expected="8 bits, 1 or 3 components",
                actual=f"{precision} bits, {components} components",
            )
        if not found.width or not found.height:
            raise RemoteError("a JPEG picture without pixels", offset=start)
        if found.width * found.height > limits.IMAGE_PIXELS:
            raise LimitError(
                "JPEG picture too large",
                offset=start,
                expected=f"at most {limits.IMAGE_PIXELS} pixels",
                actual=f"{found.width}x{found.height}",
            )
    if found is None:
        raise RemoteError("a JPEG scan before any frame header")
    # 0xff is followed by zero in coded data, so this counts every scan and at worst a few bytes of comments.
    if bytes(data).count(bytes((0xFF, SOS))) > SCANS:
        raise LimitError("too many JPEG scans", expected=f"at most {SCANS}")
    return found
