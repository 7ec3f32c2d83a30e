"""Sound as a file that browsers play: Opus where PyAV is there, which is small, and samples in a WAV file otherwise."""

from __future__ import annotations

from io import BytesIO
from struct import pack
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from spiceproto import extras

__all__ = ["Played", "played"]

_RATE: Final = 48000
_BITS: Final = 48_000
"""Bits a second of Opus: half of what servers spend, and nobody hears the difference on such sound."""

_AT_A_TIME: Final = 4096
"""Frames that are coded together."""


class Played(Protocol):
    """A file that grows. ``type`` is what browsers call it."""

    type: str

    def add(self, samples: NDArray[np.int16]) -> int:
        """``int16 (frames, channels)`` more; about how many bytes that are."""

    def close(self) -> bytes:
        """The whole file."""


def played(frequency: int, channels: int) -> Played:
    """A file for sound of so many frames a second."""
    return _Opus(frequency, channels) if extras.present("av") else _Wav(frequency, channels)


class _Opus:
    """Opus in Ogg."""

    type = "audio/ogg"

    def __init__(self, frequency: int, channels: int) -> None:
        self._av: Any = extras.load("av", "Opus")
        self._frequency = frequency
        self._layout = "mono" if channels == 1 else "stereo"
        self._file = BytesIO()
        self._container = self._av.open(self._file, "w", format="ogg")
        self._stream = self._container.add_stream("libopus", rate=_RATE)
        self._stream.layout = self._layout
        self._stream.bit_rate = _BITS
        self._waiting: list[NDArray[np.int16]] = []
        self._frames = 0

    def add(self, samples: NDArray[np.int16]) -> int:
        self._waiting.append(samples)
        self._frames += len(samples)
        if self._frames >= _AT_A_TIME:
            self._code()
        return _BITS // 8 * len(samples) // self._frequency

    def _code(self) -> None:
        if not self._frames:
            return
        samples = np.concatenate(self._waiting)
        for start in range(0, len(samples), _AT_A_TIME):
            part = np.ascontiguousarray(samples[start : start + _AT_A_TIME]).reshape(1, -1)
            frame = self._av.AudioFrame.from_ndarray(part, format="s16", layout=self._layout)
            frame.sample_rate = self._frequency
            self._container.mux(self._stream.encode(frame))
        self._waiting, self._frames = [], 0

    def close(self) -> bytes:
        self._code()
        self._container.mux(self._stream.encode(None))
        self._container.close()
        return self._file.getvalue()


class _Wav:
    """Samples as they are."""

    type = "audio/wav"

    def __init__(self, frequency: int, channels: int) -> None:
        self._frequency = frequency
        self._channels = channels
        self._data = bytearray()

    def add(self, samples: NDArray[np.int16]) -> int:
        data = samples.astype("<i2", copy=False).tobytes()
        self._data += data
        return len(data)

    def close(self) -> bytes:
        frame, size = 2 * self._channels, len(self._data)
        form = pack("<4sIHHIIHH", b"fmt ", 16, 1, self._channels, self._frequency, self._frequency * frame, frame, 16)
        return pack("<4sI4s", b"RIFF", 36 + size, b"WAVE") + form + pack("<4sI", b"data", size) + bytes(self._data)
