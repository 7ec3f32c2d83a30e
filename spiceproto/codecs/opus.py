"""Opus sound of the playback and record channels.

Each DATA message in Opus mode holds one Opus packet (RFC 6716) of 480 samples at 48 kHz, 10 ms, two channels: the unit
in which the reference server takes sound from the guest. The other side of a packet is always 16-bit linear sound, here
``int16 (samples, 2)``, left before right.

The reference client hands the decoder room for 480 samples, so a longer packet is an error there and here; a shorter
one is played. The protocol would allow rates of 24, 16, 12 and 8 kHz, which the reference server never asks for (its
one rate is 48 kHz) and this file does not do: Opus itself decodes any packet to 48 kHz.

libopus does the work through PyAV, the extra ``video``.

Sources: ``common/snd_codec.c`` and ``.h`` of spice-common.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto import extras
from spiceproto.codecs.opus_packet import RATE, samples
from spiceproto.errors import LocalError, RemoteError

__all__ = ["CHANNELS", "FRAME", "PACKET", "RATE", "OpusDecoder", "OpusEncoder", "samples"]

Octets = bytes | bytearray | memoryview
Sound = NDArray[np.int16]

CHANNELS: Final = 2

FRAME: Final = 480
"""Samples of a packet, a channel."""

PACKET: Final = 480
"""Bytes that the reference gives the encoder for a packet; decoders take more."""

BIT_RATE: Final = 102_000
"""Bits a second: what libopus chooses by itself for two channels at 48 kHz in packets of 10 ms."""


class OpusDecoder:
    """Decodes the packets of one START..STOP; each depends on those before it."""

    def __init__(self) -> None:
        self._av: Any = extras.load("av", "Opus")
        self._context = self._av.CodecContext.create("libopus", "r")
        self._context.sample_rate = RATE
        self._context.layout = "stereo"

    def decode(self, packet: Octets) -> Sound:
        """The packet's sound, ``int16 (n, 2)`` with n at most 480.

        :raises RemoteError: more than 480 samples, or a broken packet; the decoder stays usable.
        """
        length = samples(packet)
        if length > FRAME:
            raise RemoteError("the Opus packet is too long", expected=f"at most {FRAME} samples", actual=str(length))
        try:
            frames = self._context.decode(self._av.Packet(bytes(packet)))
        except (self._av.FFmpegError, ValueError, MemoryError) as error:
            raise RemoteError("broken Opus packet", actual=str(error)) from error
        parts = [frame.to_ndarray().reshape(-1, CHANNELS) for frame in frames]
        return np.concatenate(parts).astype(np.int16, copy=False) if parts else np.empty((0, CHANNELS), np.int16)


class OpusEncoder:
    """Encodes sound of one START..STOP."""

    def __init__(self, bit_rate: int = BIT_RATE) -> None:
        self._av: Any = extras.load("av", "Opus")
        context = self._av.CodecContext.create("libopus", "w")
        context.sample_rate, context.layout, context.format = RATE, "stereo", "s16"
        context.bit_rate, context.time_base = bit_rate, Fraction(1, RATE)
        context.options = {"frame_duration": "10", "application": "audio"}
        self._context = context
        self._position = 0

    def encode(self, sound: Sound) -> bytes:
        """The packet of ``int16 (480, 2)``.

        :raises LocalError: another dtype or shape.
        """
        if sound.dtype != np.int16 or sound.shape != (FRAME, CHANNELS):
            raise LocalError(
                "not one packet of sound",
                expected=f"int16 ({FRAME}, {CHANNELS})",
                actual=f"{sound.dtype} {sound.shape}",
            )
        frame = self._av.AudioFrame.from_ndarray(np.ascontiguousarray(sound).reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate, frame.pts = RATE, self._position
        self._position += FRAME
        try:
            return b"".join(bytes(packet) for packet in self._context.encode(frame))
        except (self._av.FFmpegError, ValueError) as error:
            raise LocalError("libopus cannot encode the sound", actual=str(error)) from error
