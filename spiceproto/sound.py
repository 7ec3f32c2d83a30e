"""Sound as programs have it, and as ``DATA`` of playback and record carry it.

Sound is ``int16`` of shape (frames, channels). On the wire it is in one of the modes of :class:`AudioDataMode`: samples as
they are, little-endian and interleaved, or one packet of a codec a message.

    decoder(mode, channels, frequency)    what makes sound of DATA
    encoder(mode, channels, frequency)    what makes DATA of sound
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from spiceproto.codecs import opus
from spiceproto.enums.audio import AudioDataMode
from spiceproto.errors import LocalError, RemoteError

if TYPE_CHECKING:
    from spiceproto.codecs import celt051

__all__ = ["CHANNELS", "DECODED", "FREQUENCIES", "Decoder", "Encoder", "decoder", "encoder"]

CHANNELS: Final = (1, 2)
FREQUENCIES: Final = (1, 192_000)
"""Least and most frames a second that sound may have here."""

DECODED: Final = (AudioDataMode.RAW, AudioDataMode.CELT_0_5_1, AudioDataMode.OPUS)
_SAMPLE: Final = np.dtype("<i2")
_STRETCHES: Final = 100
"""Stretches a second that an encoder of samples makes."""


class Decoder(Protocol):
    """``frequency`` is the frames a second of what it gives."""

    frequency: int

    def decode(self, packet: bytes) -> NDArray[np.int16]:
        """The sound of one DATA, ``int16 (frames, channels)``. Raises RemoteError."""


class Encoder(Protocol):
    """``frames`` go into each DATA."""

    @property
    def frames(self) -> int:
        """So many at ``frequency``."""

    def encode(self, samples: NDArray[np.int16]) -> bytes:
        """One DATA of ``int16 (frames, channels)``."""


class _Raw:
    """Samples as they are."""

    def __init__(self, channels: int, frequency: int) -> None:
        self.channels = channels
        self.frequency = frequency
        self.frames = max(frequency // _STRETCHES, 1)

    def decode(self, packet: bytes) -> NDArray[np.int16]:
        frame = _SAMPLE.itemsize * self.channels
        if len(packet) % frame:
            raise RemoteError("a part of a frame", expected=f"a multiple of {frame} bytes", actual=f"{len(packet)} bytes")
        return np.frombuffer(packet, _SAMPLE).reshape(-1, self.channels).astype(np.int16, copy=False)

    def encode(self, samples: NDArray[np.int16]) -> bytes:
        return samples.astype(_SAMPLE, copy=False).tobytes()


class _Opus(opus.OpusDecoder):
    """Whatever the sender had, it is decoded to 48000 frames of two sound channels."""

    frequency = opus.RATE


class _OpusWriter(opus.OpusEncoder):
    frames = opus.FRAME


class _Celt:
    """Sound of two channels with 44100 frames a second."""

    def __init__(self, codec: celt051.Decoder, frequency: int) -> None:
        self.frequency = frequency
        self._codec = codec

    def decode(self, packet: bytes) -> NDArray[np.int16]:
        """A damaged packet is no sound, as at programs that had CELT; what its bits say stays in the decoder, as there."""
        samples = self._codec.decode(packet)
        if self._codec.damaged:
            raise RemoteError("the CELT packet is damaged", expected="0, 1, 0, ... behind the pulses")
        return samples


class _CeltWriter:
    def __init__(self, codec: celt051.Encoder, frames: int) -> None:
        self.frames = frames
        self._codec = codec

    def encode(self, samples: NDArray[np.int16]) -> bytes:
        return self._codec.encode(samples)


def _check(mode: int, channels: int, frequency: int) -> None:
    if mode not in DECODED:
        raise LocalError("no such encoding of sound", expected=" or ".join([name.name for name in DECODED]), actual=str(mode))
    if channels not in CHANNELS:
        raise LocalError("no such number of sound channels", expected="1 or 2", actual=str(channels))
    if not FREQUENCIES[0] <= frequency <= FREQUENCIES[1]:
        least, most = FREQUENCIES
        raise LocalError("no such number of frames a second", expected=f"{least} to {most}", actual=str(frequency))


def decoder(mode: int, channels: int, frequency: int) -> Decoder:
    """What reads DATA in this mode. Raises LocalError for what there is not, MissingExtraError for Opus without PyAV."""
    _check(mode, channels, frequency)
    if mode == AudioDataMode.CELT_0_5_1:
        from spiceproto.codecs import celt051  # whose tables take a while, and which few sessions have

        return _Celt(celt051.Decoder(), celt051.RATE)
    return _Opus() if mode == AudioDataMode.OPUS else _Raw(channels, frequency)


def encoder(mode: int, channels: int, frequency: int) -> Encoder:
    """What writes DATA in this mode; errors as those of :func:`decoder`."""
    _check(mode, channels, frequency)
    if mode == AudioDataMode.OPUS:
        _check_written(mode, (opus.CHANNELS, opus.RATE), (channels, frequency))
        return _OpusWriter()
    if mode == AudioDataMode.CELT_0_5_1:
        from spiceproto.codecs import celt051

        _check_written(mode, (celt051.CHANNELS, celt051.RATE), (channels, frequency))
        return _CeltWriter(celt051.Encoder(), celt051.FRAME)
    return _Raw(channels, frequency)


def _check_written(mode: int, written: tuple[int, int], wanted: tuple[int, int]) -> None:
    """Raise LocalError for another number of sound channels, or of frames a second, than the codec is written for."""
    if written != wanted:
        expected = f"{written[0]} sound channels, {written[1]} frames a second"
        name = AudioDataMode(mode).name
        raise LocalError(f"{name} is not written for this", expected=expected, actual=f"{wanted[0]}, {wanted[1]}")
