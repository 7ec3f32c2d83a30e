"""Bits to bands, from nothing but how many bits there are; and pulses for bits.

Twelve rows say what bands get at twelve qualities, and between two rows there are sixteen steps. The best step is
taken that the packet has room for, and what is left over is given to all bands alike, sixteenth by sixteenth. So
decoder and encoder come to the same numbers, and none of them is in the packet.
"""

from __future__ import annotations

from typing import Any

from spiceproto.codecs.primitives import primitives

P = primitives()
MODE = P.source("celt051.mode")
COUNTS = P.source("celt051.pulse_counts")
kernel, table, i64 = P.kernel, P.table, P.i64

BANDS, QUALITIES = MODE.BANDS, MODE.QUALITIES
PULSE_BITS = table([bits for row in MODE.BIT_ROWS for bits in row], "int64")
FINE_BITS = table([bits for row in MODE.FINE_ROWS for bits in row], "int64")
COSTS = COUNTS.COSTS
TOGETHER = 3
"""Bands over which what bands before have saved, or have used too much, is spread."""


@kernel
def truncated(number: int, divisor: int) -> int:
    """A quotient, rounded towards zero."""
    return number // divisor if number >= 0 else -(-number // divisor)


@kernel
def _left(row: int, step: int, total: int, pulse_bits16: Any, fine_bits: Any) -> int:
    """Set the bits of bands to a step above a row; returns the sixteenths that are left of ``total`` bits."""
    left = 16 * total
    for band in range(BANDS):
        here = row * BANDS + band
        above = here + BANDS if step else here
        bits16 = (16 - step) * PULSE_BITS[here] + step * PULSE_BITS[above]
        fine = (16 - step) * FINE_BITS[here] + step * FINE_BITS[above] + 8 >> 4
        pulse_bits16[band] = bits16
        fine_bits[band] = fine
        left -= bits16 + 32 * fine
    return left


@kernel
def allocate(total: int, pulse_bits16: Any, fine_bits: Any) -> None:
    """Share ``total`` bits, which can be negative: sixteenths of a bit for pulses, and bits of fine energy, of each band."""
    low = i64(0)
    high = i64(QUALITIES - 1)
    while high - low > 1:
        middle = low + high >> 1
        if _left(middle, i64(0), total, pulse_bits16, fine_bits) < 0:
            high = middle
        else:
            low = middle
    row = low
    low = i64(0)
    high = i64(16)
    while high - low > 1:
        middle = low + high >> 1
        if _left(row, middle, total, pulse_bits16, fine_bits) < 0:
            high = middle
        else:
            low = middle
    left = _left(row, low, total, pulse_bits16, fine_bits)
    each = truncated(left, i64(BANDS))
    left -= each * BANDS
    for band in range(BANDS):
        pulse_bits16[band] += each + (1 if band < left else 0)


@kernel
def pulses_for(band: int, bits16: int, balance: int, used16: int, size: int) -> int:
    """How many pulses a band gets of what it was allocated.

    ``balance`` is what bands before have left, in sixteenths; ``used16`` what the packet of ``size`` bytes has used.
    """
    remaining = BANDS - band
    wanted = bits16 + truncated(balance, remaining if remaining < TOGETHER else i64(TOGETHER))
    low = i64(0)
    high = i64(127)
    for _ in range(7):
        middle = low + high >> 1
        if COSTS[128 * band + middle] >= wanted:
            high = middle
        else:
            low = middle
    pulses = low if wanted - COSTS[128 * band + low] <= COSTS[128 * band + high] - wanted else high
    while pulses > 0 and 128 * size - used16 - 1 < COSTS[128 * band + pulses]:
        pulses -= 1
    return pulses
