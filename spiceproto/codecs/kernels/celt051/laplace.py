"""Small numbers of which 0 is the most probable: a symbol for each, all in a total of 32767.

The slot of 0 is ``start`` wide. Behind it are the slots of 1, -1, 2, -2 and so on, where those of a magnitude are each
``decay`` / 16384 as wide as those of the one before. So a slot becomes 0 wide some ten magnitudes out. What is behind has no
number; a decoder that gets there takes it for the last slot, and for a negative number.
"""

from __future__ import annotations

from typing import Any

from spiceproto.codecs.primitives import primitives

P = primitives()
MODE = P.source("celt051.mode")
DECODER = P.source("celt051.range_decoder")
ENCODER = P.source("celt051.range_encoder")
kernel, i64 = P.kernel, P.i64
find, take, encode = DECODER.find, DECODER.take, ENCODER.encode
TOTAL = MODE.LAPLACE_TOTAL


@kernel
def read_number(coder: Any, data: Any, size: int, start: int, decay: int) -> int:
    """The next number of a packet."""
    value = find(coder, i64(TOTAL))
    if value < start:
        take(coder, data, size, i64(0), start, i64(TOTAL))
        return i64(0)
    low = start
    width = start * decay >> 14
    magnitude = i64(1)
    while width > 0 and value >= low + 2 * width:
        low += 2 * width
        width = width * decay >> 14
        magnitude += 1
    if width == 0:
        take(coder, data, size, low - 1, low, i64(TOTAL))
        return -magnitude
    if value < low + width:
        take(coder, data, size, low, low + width, i64(TOTAL))
        return magnitude
    take(coder, data, size, low + width, low + 2 * width, i64(TOTAL))
    return -magnitude


@kernel
def write_number(coder: Any, out: Any, room: int, start: int, decay: int, number: int) -> int:
    """Write a number, or the nearest one that has a slot, which is returned."""
    if number == 0:
        encode(coder, out, room, i64(0), start, i64(TOTAL))
        return i64(0)
    wanted = number if number > 0 else -number
    low = start
    width = start * decay >> 14
    magnitude = i64(1)
    narrower = width * decay >> 14
    while magnitude < wanted and narrower > 0:
        low += 2 * width
        width = narrower
        narrower = width * decay >> 14
        magnitude += 1
    if number > 0:
        encode(coder, out, room, low, low + width, i64(TOTAL))
        return magnitude
    encode(coder, out, room, low + width, low + 2 * width, i64(TOTAL))
    return -magnitude
