"""Sound in WAV files: what is heard is written into one, what is said is read from one, or is a tone.

Files have 16 bits a sample. What is read is repeated when it is over, and is brought to the channels and the frequency
that the guest wants, by the nearest frame.
"""

from __future__ import annotations

import contextlib
import struct
import wave
from collections import deque
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto.errors import LocalError

__all__ = ["Kept", "Player", "Tone", "Writer"]

_SAMPLE: Final = np.dtype("<i2")

_SECONDS: Final = 60
_STRETCHES: Final = 60_000
"""Of sound that are kept; older ones are forgotten. Each stretch takes memory, however short it is."""

_HEADER: Final = struct.Struct("<4sI4s4sIHHIIHH4sI")
"""Of a file: ``RIFF``, its size behind here, ``WAVE``; ``fmt ``, 16, 1 for samples, channels, frequency, bytes a second, bytes
a frame, bits a sample; ``data``, bytes of samples."""

_MOST: Final = 0xFFFFFFFF - _HEADER.size
"""Bytes of samples whose number, with the header, has room in 32 bits: six hours of two channels."""

_LOUD: Final = 8000
"""Height of a tone."""


class Writer:
    """Writes what the guest plays; the first stretch says what the file is like. One of another kind begins a new file, and so
    does one for which there is no room in the numbers of the file.

    The second file is ``NAME-2.wav``, and so on. A file is whole at any time.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.files: list[Path] = []
        self._kind = (0, 0)
        self._size = 0
        self._file: BinaryIO | None = None

    def play(self, time: int, frequency: int, samples: NDArray[np.int16]) -> None:
        """A stretch of ``int16 (frames, channels)``. Raises OSError; then the file has what came before."""
        kind = (frequency, samples.shape[1])
        data = samples.astype(_SAMPLE, copy=False).tobytes()
        if self._file is None or kind != self._kind or self._size + len(data) > _MOST:
            self.close()
            self._file = self._open(kind)
        try:
            self._file.write(data)
            self._file.flush()  # what the header says is there before it
            self._size += len(data)
            self._file.seek(0)
            self._file.write(self._header())
            self._file.flush()
            self._file.seek(0, 2)
        except OSError as error:
            with contextlib.suppress(OSError):
                self.close()
            raise OSError(error.errno, error.strerror, str(self.files[-1])) from error

    def _open(self, kind: tuple[int, int]) -> BinaryIO:
        number = len(self.files) + 1
        path = self.path if number == 1 else self.path.with_name(f"{self.path.stem}-{number}{self.path.suffix}")
        file = path.open("wb")
        self.files.append(path)
        self._kind, self._size = kind, 0
        file.write(self._header())
        return file

    def _header(self) -> bytes:
        frequency, channels = self._kind
        frame = channels * _SAMPLE.itemsize
        file = (b"RIFF", _HEADER.size - 8 + self._size, b"WAVE")
        format = (b"fmt ", 16, 1, channels, frequency, frequency * frame, frame, 8 * _SAMPLE.itemsize)
        return _HEADER.pack(*file, *format, b"data", self._size)

    def close(self) -> None:
        """Write no more into this file."""
        file, self._file = self._file, None
        if file is not None:
            file.close()


class Player:
    """Reads a file, again and again. ``frequency`` is its own. Raises LocalError for a file that is no such WAV, OSError."""

    def __init__(self, path: str | Path) -> None:
        try:
            with wave.open(str(path), "rb") as file:
                if file.getsampwidth() != _SAMPLE.itemsize:
                    bits = 8 * file.getsampwidth()
                    raise LocalError(f"{path} can not be said", expected="16 bits a sample", actual=f"{bits} bits")
                self.frequency = file.getframerate()
                data = file.readframes(file.getnframes())
                self._samples = np.frombuffer(data, _SAMPLE).reshape(-1, file.getnchannels())
        except (wave.Error, EOFError) as error:
            raise LocalError(f"{path} is not a WAV file", actual=str(error)) from error
        if not len(self._samples):
            raise LocalError(f"{path} is a WAV file without sound")

    def say(self, frame: int, count: int, channels: int, frequency: int) -> NDArray[np.int16]:
        """``count`` frames from this one on, ``int16 (count, channels)``, at ``frequency`` by the nearest frame."""
        places = (np.arange(frame, frame + count) * self.frequency // frequency) % len(self._samples)
        found = self._samples[places]
        return found[:, [min(channel, found.shape[1] - 1) for channel in range(channels)]].astype(np.int16)


class Kept:
    """Keeps what is heard until it is asked for, one minute at most, of :data:`_STRETCHES` at most."""

    def __init__(self) -> None:
        self._stretches: deque[tuple[int, int, NDArray[np.int16]]] = deque()
        self._seconds = 0.0

    def play(self, time: int, frequency: int, samples: NDArray[np.int16]) -> None:
        """A stretch of ``int16 (frames, channels)``."""
        self._stretches.append((time, frequency, samples))
        self._seconds += len(samples) / frequency
        while self._seconds > _SECONDS or len(self._stretches) > _STRETCHES:
            _, frequency, samples = self._stretches.popleft()
            self._seconds -= len(samples) / frequency

    def write(self, path: str | Path) -> None:
        """What was heard since the last time; no file if that is nothing. Raises OSError."""
        writer = Writer(path)
        while self._stretches:
            writer.play(*self._stretches.popleft())
        self._seconds = 0.0
        writer.close()


class Tone:
    """Says a tone of ``hertz`` on every sound channel; silence for 0."""

    def __init__(self) -> None:
        self.hertz = 0

    def say(self, frame: int, count: int, channels: int, frequency: int) -> NDArray[np.int16]:
        """``count`` frames from this one on, ``int16 (count, channels)``."""
        time = np.arange(frame, frame + count)[:, np.newaxis] / frequency
        found: NDArray[np.int16] = np.rint(_LOUD * np.sin(2 * np.pi * self.hertz * time * np.ones(channels))).astype(np.int16)
        return found
