"""Numbers of the playback and record channels."""

from __future__ import annotations

from typing import Final

from spiceproto.enums.base import WireEnum

__all__ = ["CELT_FREQUENCY", "OPUS_FREQUENCIES", "AudioDataMode", "AudioFmt"]

OPUS_FREQUENCIES: Final = (48000, 24000, 16000, 12000, 8000)
"""Frames a second that Opus knows."""

CELT_FREQUENCY: Final = 44100
"""Frames a second of CELT 0.5.1, as programs had it."""


class AudioDataMode(WireEnum):
    """Encoding of sound (SPICE_AUDIO_DATA_MODE_*)."""

    INVALID = 0
    RAW = 1
    """Samples as they are, interleaved."""
    CELT_0_5_1 = 2
    """Removed from both reference programs."""
    OPUS = 3
    """One packet a message."""


class AudioFmt(WireEnum):
    """Sample format (SPICE_AUDIO_FMT_*)."""

    INVALID = 0
    S16 = 1
    """Signed 16 bits, little-endian."""
