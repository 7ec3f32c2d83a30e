"""Values of playback. Made from spiceproto/schema/playback.py by ``python -m spiceproto.derive``; do not edit."""

from __future__ import annotations

import msgspec

from spiceproto.enums.audio import AudioDataMode, AudioFmt


class Data(msgspec.Struct, frozen=True, gc=False):
    """The next stretch of sound.

    * ``time`` uint32: When to play it, on the multimedia clock (ms)
    * ``data`` bytes: Sound in the mode that holds: interleaved samples or one packet
    """

    time: int
    data: bytes


class Mode(msgspec.Struct, frozen=True, gc=False):
    """Sets the encoding.

    * ``time`` uint32: From when on, on the multimedia clock (ms)
    * ``mode`` uint16: Encoding of later DATA
    * ``data`` bytes: Not used
    """

    time: int
    mode: AudioDataMode | int
    data: bytes


class Start(msgspec.Struct, frozen=True, gc=False):
    """Sound begins.

    * ``channels`` uint32: Sound channels
    * ``format`` uint16: Kind of samples
    * ``frequency`` uint32: Samples a second, of each sound channel (Hz)
    * ``time`` uint32: When it begins, on the multimedia clock (ms)
    """

    channels: int
    format: AudioFmt | int
    frequency: int
    time: int


class Stop(msgspec.Struct, frozen=True, gc=False):
    """Sound ends."""


class Volume(msgspec.Struct, frozen=True, gc=False):
    """The volume that the guest has set.

    * ``volume`` uint16s: Volume of each; 65535 is full
    """

    volume: tuple[int, ...]

    @property
    def nchannels(self) -> int:
        """Length of ``volume``."""
        return len(self.volume)


class Mute(msgspec.Struct, frozen=True, gc=False):
    """Whether the guest has muted the sound.

    * ``mute`` uint8: 1 if muted
    """

    mute: int


class Latency(msgspec.Struct, frozen=True, gc=False):
    """Asks for a buffer long enough to keep sound and video together.

    * ``latency_ms`` uint32: Sound to hold back at least (ms)
    """

    latency_ms: int
