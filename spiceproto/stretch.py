"""How long a stretch of sound is, from its bytes: nothing is decoded."""

from __future__ import annotations

from typing import Final

from spiceproto.codecs import opus_packet
from spiceproto.enums.audio import AudioDataMode
from spiceproto.errors import RemoteError

__all__ = ["SAMPLE", "seconds"]

SAMPLE: Final = 2
"""Bytes of a sample of one sound channel."""

_CELT_FRAMES: Final = 256
"""Frames of a packet of CELT 0.5.1, as SPICE has it."""


def seconds(mode: int | None, channels: int | None, frequency: int | None, data: bytes | memoryview) -> float | None:
    """Seconds of sound in one DATA, by what MODE and START said; None where that is not known, or no sound.

    A part of a frame at the end counts nothing.
    """
    if not channels or not frequency:
        return None
    if mode == AudioDataMode.RAW:
        return len(data) // (SAMPLE * channels) / frequency
    if mode == AudioDataMode.CELT_0_5_1:
        return _CELT_FRAMES / frequency
    if mode == AudioDataMode.OPUS:
        try:
            return opus_packet.samples(data) / opus_packet.RATE
        except RemoteError:
            return None
    return None
