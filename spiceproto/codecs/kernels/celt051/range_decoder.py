"""The range decoder: symbols of a known probability, from the bytes of a packet.

A packet is one large number, and a symbol is a part of the interval in which that number lies. The decoder has two registers of
32 bits: ``RANGE``, how wide the interval is, and ``DISTANCE``, how far the number is below its end. A symbol of total ``F``
divides the range into ``F`` slots of ``RANGE // F``, and the one that begins at 0 gets what is left over. Where the range has
become small, a byte is shifted in; the first one is shared, 7 bits of it and one of the next.

Bytes behind the packet are zeros, and are counted as if they had been there: everything that depends on how many bits are used
(:func:`tell`) has to be the same number in decoder and encoder.

Each function has the registers first, then the packet and its size. A symbol is read in two steps, as the range is
divided once: :func:`find` says where in the total the number is, :func:`take` goes on with the slot.
"""

from __future__ import annotations

from typing import Any

from spiceproto.codecs.primitives import primitives

P = primitives()
kernel, i64, u32, clz32 = P.kernel, P.i64, P.u32, P.clz32

RANGE, DISTANCE, TAKEN, LAST, SLOT = range(5)
REGISTERS = 5

TOP = 1 << 31
BOTTOM = 1 << 23
WORD = (1 << 32) - 1


@kernel
def _next(coder: Any, data: Any, size: int) -> int:
    """The next byte of the packet, which is zero behind its end."""
    place = i64(coder[TAKEN])
    coder[TAKEN] = place + 1
    return i64(data[place]) if place < size else i64(0)


@kernel
def _refill(coder: Any, data: Any, size: int) -> None:
    """Shift bytes in until the range is wide enough for a symbol."""
    width = i64(coder[RANGE])
    distance = i64(coder[DISTANCE])
    last = i64(coder[LAST])
    while width <= BOTTOM:
        width <<= 8
        following = _next(coder, data, size)
        distance = ((distance << 8) - (last << 7 & 255 | following >> 1)) & WORD
        if distance > TOP:
            distance -= TOP
        last = following
    coder[RANGE] = width
    coder[DISTANCE] = distance
    coder[LAST] = last


@kernel
def start(coder: Any, data: Any, size: int) -> None:
    """Set the registers to the beginning of a packet."""
    coder[TAKEN] = 0
    first = _next(coder, data, size)
    coder[RANGE] = 128
    coder[DISTANCE] = 128 - (first >> 1)
    coder[LAST] = first
    _refill(coder, data, size)


@kernel
def find(coder: Any, total: int) -> int:
    """Where the packet's number is, in a total of at most 32768: 0 to total - 1."""
    slot = i64(coder[RANGE]) // total
    coder[SLOT] = slot
    before = ((i64(coder[DISTANCE]) - 1) & WORD) // slot + 1
    return total - before if before < total else i64(0)


@kernel
def take(coder: Any, data: Any, size: int, low: int, high: int, total: int) -> None:
    """Go on with the slots from ``low`` to before ``high`` of a total that :func:`find` was asked for."""
    slot = i64(coder[SLOT])
    above = slot * (total - high)
    coder[DISTANCE] = (i64(coder[DISTANCE]) - above) & WORD
    coder[RANGE] = slot * (high - low) if low > 0 else i64(coder[RANGE]) - above
    _refill(coder, data, size)


@kernel
def read_bits(coder: Any, data: Any, size: int, bits: int) -> int:
    """A number of so many bits, 0 to 32, as symbols of 8 bits from the top and one of what is left."""
    value = i64(0)
    while bits > 0:
        some = bits if bits < 8 else i64(8)
        symbol = find(coder, i64(1) << some)
        take(coder, data, size, symbol, symbol + 1, i64(1) << some)
        value = value << some | symbol
        bits -= some
    return value


@kernel
def read_uniform(coder: Any, data: Any, size: int, total: int) -> int:
    """One of ``total`` numbers, 2 to 2^32 - 1 of them, that are as probable as each other."""
    length = 32 - clz32(u32(total - 1))
    if length <= 8:
        symbol = find(coder, total)
        take(coder, data, size, symbol, symbol + 1, total)
        return symbol
    more = length - 8
    tops = (total - 1 >> more) + 1
    symbol = find(coder, tops)
    take(coder, data, size, symbol, symbol + 1, tops)
    value = symbol << more | read_bits(coder, data, size, more)
    return value if value < total else total - 1


@kernel
def tell(coder: Any) -> int:
    """How many bits have been used."""
    return (i64(coder[TAKEN]) - 4) * 8 + clz32(u32(coder[RANGE]))


@kernel
def tell16(coder: Any) -> int:
    """The same in sixteenths of a bit: the logarithm of the range is known to four binary places."""
    width = i64(coder[RANGE])
    length = 32 - clz32(u32(width))
    mantissa = width >> length - 16
    for _ in range(4):
        mantissa = mantissa * mantissa >> 15
        bit = mantissa >> 16
        mantissa >>= bit
        length = 2 * length + bit
    return ((i64(coder[TAKEN]) - 4) * 8 + 32) * 16 - length
