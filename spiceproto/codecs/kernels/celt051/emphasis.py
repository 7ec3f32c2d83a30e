"""High sounds are made louder before they are coded, and softer again behind the decoder, with much of the noise."""

from __future__ import annotations

from typing import Any

from spiceproto.codecs.primitives import primitives

P = primitives()
kernel = P.kernel

FACTOR = 0.8


@kernel
def weaken(sound: Any, last: Any, out: Any, count: int) -> None:
    """Decoder: add to each sample a part of the one before, and round it to 16 bits.

    ``sound`` has ``count`` samples of the left channel, then of the right; ``last`` the samples before, without being
    rounded; ``out`` gets left and right in turn.
    """
    for channel in range(2):
        before = last[channel]
        for place in range(count):
            before = sound[channel * count + place] + FACTOR * before
            limited = before if before > -32768.0 else -32768.0
            out[2 * place + channel] = round(limited if limited < 32767.0 else 32767.0)
        last[channel] = before


@kernel
def strengthen(sound: Any, last: Any, out: Any, count: int) -> None:
    """Encoder: take the part away. ``sound`` has left and right in turn, ``out`` gets the left channel, then the right."""
    for channel in range(2):
        before = last[channel]
        for place in range(count):
            here = 1.0 * sound[2 * place + channel]
            out[channel * count + place] = here - FACTOR * before
            before = here
        last[channel] = before
