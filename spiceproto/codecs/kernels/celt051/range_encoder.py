"""The range encoder: bytes from symbols, what :mod:`range_decoder <spiceproto.codecs.kernels.celt051.range_decoder>` reads.

``LOW`` is the beginning of the interval, ``RANGE`` its width. Bytes leave ``LOW`` at its top, and one that has left can still
become one more, by a carry from below. So the last byte waits in ``HELD`` (-1: there is none yet), and behind it any number of
255s, which a carry turns to 0; of those only how many they are is known, in ``FULL``.
"""

from __future__ import annotations

from typing import Any

from spiceproto.codecs.primitives import primitives

P = primitives()
kernel, i64, u32, clz32 = P.kernel, P.i64, P.u32, P.clz32

RANGE, LOW, WRITTEN, HELD, FULL = range(5)
REGISTERS = 5

TOP = 1 << 31
BOTTOM = 1 << 23
SHIFT = 23


@kernel
def start(coder: Any) -> None:
    """Set the registers for a new packet."""
    coder[RANGE] = TOP
    coder[LOW] = 0
    coder[WRITTEN] = 0
    coder[HELD] = -1
    coder[FULL] = 0


@kernel
def _write(coder: Any, out: Any, room: int, byte: int) -> None:
    """A byte that nothing changes any more; behind the room it is counted only."""
    place = i64(coder[WRITTEN])
    if place < room:
        out[place] = byte
    coder[WRITTEN] = place + 1


@kernel
def _put(coder: Any, out: Any, room: int, byte: int) -> None:
    """A byte, with a carry in bit 8."""
    if byte == 255:
        coder[FULL] += 1
        return
    carry = byte >> 8
    held = i64(coder[HELD])
    if held >= 0:
        _write(coder, out, room, held + carry)
    for _ in range(i64(coder[FULL])):
        _write(coder, out, room, 255 + carry & 255)
    coder[FULL] = 0
    coder[HELD] = byte & 255


@kernel
def encode(coder: Any, out: Any, room: int, low: int, high: int, total: int) -> None:
    """A symbol: the slots from ``low`` to before ``high`` of a total of at most 32768."""
    width = i64(coder[RANGE])
    start = i64(coder[LOW])
    slot = width // total
    if low > 0:
        start += width - slot * (total - low)
        width = slot * (high - low)
    else:
        width -= slot * (total - high)
    while width <= BOTTOM:
        _put(coder, out, room, start >> SHIFT)
        start = start << 8 & TOP - 1
        width <<= 8
    coder[RANGE] = width
    coder[LOW] = start


@kernel
def write_bits(coder: Any, out: Any, room: int, bits: int, value: int) -> None:
    """A number of so many bits, 0 to 32."""
    while bits > 0:
        some = bits if bits < 8 else i64(8)
        bits -= some
        symbol = value >> bits & (i64(1) << some) - 1
        encode(coder, out, room, symbol, symbol + 1, i64(1) << some)


@kernel
def write_uniform(coder: Any, out: Any, room: int, total: int, value: int) -> None:
    """One of ``total`` numbers that are as probable as each other."""
    length = 32 - clz32(u32(total - 1))
    if length <= 8:
        encode(coder, out, room, value, value + 1, total)
        return
    more = length - 8
    encode(coder, out, room, value >> more, (value >> more) + 1, (total - 1 >> more) + 1)
    write_bits(coder, out, room, more, value & (i64(1) << more) - 1)


@kernel
def finish(coder: Any, out: Any, room: int) -> int:
    """Write the number of the interval that ends in the most zeros; returns how many bytes there are, zeros at the end too."""
    low = i64(coder[LOW])
    end = low + i64(coder[RANGE])
    mask = i64(TOP - 1)
    while (low + mask & ~mask) >= end:
        mask >>= 1
    code = low + mask & ~mask
    for _ in range(4):
        _put(coder, out, room, code >> SHIFT)
        code = code << 8 & TOP - 1
    _put(coder, out, room, i64(0))
    return i64(coder[WRITTEN])


@kernel
def tell(coder: Any) -> int:
    """How many bits have been used, as the decoder counts them."""
    pending = i64(coder[FULL]) + (1 if coder[HELD] >= 0 else 0)
    return (i64(coder[WRITTEN]) + pending) * 8 + clz32(u32(coder[RANGE]))


@kernel
def tell16(coder: Any) -> int:
    """The same in sixteenths of a bit."""
    width = i64(coder[RANGE])
    length = 32 - clz32(u32(width))
    mantissa = width >> length - 16
    for _ in range(4):
        mantissa = mantissa * mantissa >> 15
        bit = mantissa >> 16
        mantissa >>= bit
        length = 2 * length + bit
    pending = i64(coder[FULL]) + (1 if coder[HELD] >= 0 else 0)
    return ((i64(coder[WRITTEN]) + pending) * 8 + 32) * 16 - length
