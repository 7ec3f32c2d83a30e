"""Changed bodies by byte, for volume: at the speed of a fuzzer, without a look at the schema."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Final

__all__ = ["HUGE", "fast_mutator"]

HUGE: Final = (1 << 29 | 1, 1 << 31, (1 << 32) - 1)
"""Counts whose product with a small element size wraps in 32 bits, or that are negative when signed."""

_INTERESTING: Final = tuple(
    number.to_bytes(size, "little")
    for size in (1, 2, 4)
    for number in dict.fromkeys(
        (
            0,
            1,
            2,
            3,
            4,
            8,
            16,
            64,
            127,
            128,
            255,
            256,
            4096,
            32767,
            32768,
            65535,
            1 << 24,
            *HUGE,
            (1 << 31) - 1,
            (1 << 32) - 4,
        )
    )
    if number < 1 << 8 * size
)


def fast_mutator(bodies: Sequence[bytes], rng: random.Random) -> Iterator[bytes]:
    """Changed bodies without end: one to four changes each, of bits, bytes and small numbers; now and then cut,
    extended or crossed with another body. The same ``bodies`` and the same state of ``rng`` give the same bodies again.
    """
    draw = rng.random
    count, kinds = len(bodies), len(_INTERESTING)
    while True:
        body = bytearray(bodies[int(draw() * count)])
        size = len(body)
        chance = draw()
        if chance < 0.06:
            del body[int(draw() * (size + 1)) :]
            size = len(body)
        elif chance < 0.10:
            body += rng.randbytes(1 + int(draw() * 12))
            size = len(body)
        elif chance < 0.14:
            other = bodies[int(draw() * count)]
            at = int(draw() * (size + 1))
            body[at:] = other[int(draw() * (len(other) + 1)) :]
            size = len(body)
        if size:
            changes = int(draw() * draw() * 4) + 1
            while changes:
                changes -= 1
                at = int(draw() * size)
                chance = draw()
                if chance < 0.35:
                    body[at] ^= 1 << int(draw() * 8)
                elif chance < 0.6:
                    body[at] = int(draw() * 256)
                else:
                    number = _INTERESTING[int(draw() * kinds)]
                    end = at + len(number)
                    if end <= size:
                        body[at:end] = number
                    else:
                        body[at] = number[0]
        yield bytes(body)
