"""Damage for streams: what every codec's fuzz test feeds its decoder.

Bits flipped, bytes replaced, pieces cut out, doubled, moved between streams, lengths set to extremes. ``rounds()`` is
how many to try: SPICEPROTO_FUZZ_COUNT, or a few hundred.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Sequence

from spiceproto.errors import RemoteError

EXTREMES = (b"\x00", b"\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\x80\x00\x00\x00")


def rounds(default: int = 300) -> int:
    return int(os.environ.get("SPICEPROTO_FUZZ_COUNT", default))


def mutated(streams: Sequence[bytes], count: int, seed: int = 1) -> Iterator[bytes]:
    """``count`` damaged copies of the streams; mostly lightly damaged ones, which get furthest."""
    dice = random.Random(seed)
    for _ in range(count):
        stream = bytearray(dice.choice(streams))
        for _ in range(dice.choice((1, 1, 1, 2, 3, 8))):
            at = dice.randrange(len(stream) + 1)
            match dice.randrange(6):
                case 0 | 1 if at < len(stream):
                    stream[at] ^= 1 << dice.randrange(8)
                case 2 if at < len(stream):
                    stream[at] = dice.randrange(256)
                case 3:
                    extreme = dice.choice(EXTREMES)
                    stream[at : at + len(extreme)] = extreme
                case 4:
                    del stream[at : at + dice.randrange(1, 9) if dice.random() < 0.7 else None]
                case 5:
                    other = dice.choice(streams)
                    start = dice.randrange(len(other) + 1)
                    stream[at:at] = other[start : start + dice.randrange(1, 32)]
        yield bytes(stream)


def survives(decode: Callable[[bytes], object], streams: Sequence[bytes], count: int) -> tuple[int, int]:
    """Feed ``count`` damaged streams to ``decode``: it returns, or raises RemoteError and nothing else.

    Returns how many it accepted and refused.
    """
    accepted = refused = 0
    for stream in mutated(streams, count):
        try:
            decode(stream)
            accepted += 1
        except RemoteError:
            refused += 1
        except BaseException as error:
            raise AssertionError(f"{type(error).__name__} on {stream.hex()}") from error
    return accepted, refused
