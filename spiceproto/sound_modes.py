"""Which encodings of sound an end has, what it announces of them, and which of them two ends use.

Opus goes before CELT 0.5.1, and both go before samples as they are, which everybody has. A codec is used where the receiver
announced it, and only for the one format that programs have it for: Opus for 48000 frames a second, CELT for 44100, two
sound channels each. Who wishes for one codec has that one and samples; who wishes for samples has nothing else.

Nothing here needs numpy: what makes sound of DATA is :mod:`spiceproto.sound`.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

import msgspec

from spiceproto import extras
from spiceproto.capabilities import Capabilities
from spiceproto.enums.audio import CELT_FREQUENCY, AudioDataMode
from spiceproto.enums.base import WireEnum
from spiceproto.enums.capabilities import PlaybackCapability, RecordCapability
from spiceproto.enums.link import ChannelType

__all__ = ["CHANNELS", "CODECS", "WISHES", "Codec", "best", "frequency", "installed", "limited"]

CHANNELS: Final = 2
"""Sound channels of every codec."""

_FREQUENCY: Final = 48000
"""Frames a second of samples as they are."""


class Codec(msgspec.Struct, frozen=True, kw_only=True):
    """A codec of sound.

    * ``wish``: what people call it
    * ``mode``: its number in MODE
    * ``frequency``: frames a second, for which programs have it
    * ``needs``: the module without which it can not be had, or not in time
    * ``bits``: channel type to the capability of a receiver
    """

    wish: str
    mode: AudioDataMode
    frequency: int
    needs: str
    bits: MappingProxyType[int, WireEnum]


def _bits(playback: WireEnum, record: WireEnum) -> MappingProxyType[int, WireEnum]:
    return MappingProxyType({int(ChannelType.PLAYBACK): playback, int(ChannelType.RECORD): record})


CODECS: Final = (
    Codec(
        wish="opus",
        mode=AudioDataMode.OPUS,
        frequency=48000,
        needs="av",
        bits=_bits(PlaybackCapability.OPUS, RecordCapability.OPUS),
    ),
    # An interpreted encoder takes longer than the sound that it encodes.
    Codec(
        wish="celt",
        mode=AudioDataMode.CELT_0_5_1,
        frequency=CELT_FREQUENCY,
        needs="numba",
        bits=_bits(PlaybackCapability.CELT_0_5_1, RecordCapability.CELT_0_5_1),
    ),
)
"""All codecs, best first."""

WISHES: Final = ("auto", *[codec.wish for codec in CODECS], "raw")
"""What an end can be told to use: whatever there is, one codec, or none."""


def installed(wish: str = "auto") -> tuple[Codec, ...]:
    """The codecs that this installation has, of those that are wished for; best first."""
    return tuple([codec for codec in CODECS if wish in ("auto", codec.wish) and extras.present(codec.needs)])


def limited(channel_type: int, announced: Capabilities, wish: str) -> Capabilities:
    """What an end announces that has this wish: without the bits of codecs that it does not have."""
    kept = installed(wish)
    gone = [codec.bits[channel_type] for codec in CODECS if channel_type in codec.bits and codec not in kept]
    return announced.without(*gone)


def best(channel_type: int, receiver: Capabilities, codecs: Iterable[Codec]) -> Codec | None:
    """The best of these codecs that the receiver announced; None for samples as they are."""
    return next((codec for codec in codecs if receiver.has(codec.bits[channel_type])), None)


def frequency(codec: Codec | None) -> int:
    """Frames a second in which sound is best had for a codec, or for none."""
    return _FREQUENCY if codec is None else codec.frequency
