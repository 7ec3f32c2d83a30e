"""How softly colours change: the walk over a picture that :mod:`spiceproto.codecs.choice` tells of.

Scores are in quarters, where every one is a whole number.
"""

from __future__ import annotations

from typing import Any

from spiceproto.codecs.primitives import primitives

P = primitives()
kernel, part, i64 = P.kernel, P.part, P.i64

JUMP = 15


@part
def pair_score(here: int, there: int, bits: int, contrast: int) -> int:
    """Of two pixels: 2 if they are equal, 4 if a channel differs by the contrast or more, else -1."""
    if here == there:
        return i64(2)
    mask = (i64(1) << bits) - 1
    for channel in range(3):
        difference = (here >> channel * bits & mask) - (there >> channel * bits & mask)
        if difference >= contrast or difference <= -contrast:
            return i64(4)
    return i64(-1)


@kernel
def quarters(pixels: Any, width: int, rows: int, bits: int, contrast: int, samples: Any) -> int:
    """The score of all samples of a picture of two rows and columns at least; how many there are goes to ``samples[0]``."""
    colours = (i64(1) << 3 * bits) - 1
    jump = JUMP if JUMP % width else JUMP - 1
    end = (rows - 1) * width
    total = i64(0)
    count = i64(0)
    position = i64(width // 2)
    column = i64(width // 2)
    while position < end:
        if column == width - 1:
            position -= 1
            column -= 1
        here = i64(pixels[position]) & colours
        right = i64(pixels[position + 1]) & colours
        below = i64(pixels[position + width]) & colours
        aslant = i64(pixels[position + width + 1]) & colours
        if here != right or here != below or here != aslant:
            total += pair_score(here, right, i64(bits), i64(contrast))
            total += pair_score(here, below, i64(bits), i64(contrast))
            total += pair_score(here, aslant, i64(bits), i64(contrast))
        count += 1
        position += jump
        column = (column + jump) % width
    samples[0] = count
    return total
