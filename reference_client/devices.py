"""Sound as people have it: a loudspeaker for what the guest plays, a microphone for what it hears.

Devices are PortAudio's, through ``sounddevice``, the extra ``sound``. Its callbacks are called on threads of its own, so there
is a ring of samples between each of them and the session. A loudspeaker begins to play when that has :data:`START` of sound; a
microphone is open only while the guest listens. What would make a ring longer than :data:`LONGEST` is left out, so that sound
stays near to what is seen.

Written after the documentation of sounddevice 0.5, and tried with a module that has its names; no hardware was at hand.
"""

from __future__ import annotations

import threading
from types import ModuleType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto import extras
from spiceproto.errors import LocalError

__all__ = ["LONGEST", "START", "Loudspeaker", "Microphone", "Ring", "library"]

START: Final = 0.06
"""Seconds of sound before a loudspeaker begins: what the network may be late."""

LONGEST: Final = 0.5
"""Seconds of sound in a ring."""

_USUAL: Final = (48000, 2)
"""Frames a second and sound channels that are tried before a session begins."""

_SAMPLE: Final = 2
_FULL: Final = 65535
_TYPE: Final = "int16"


def library() -> Any:
    """The module ``sounddevice``. Raises MissingExtraError without it, LocalError without PortAudio."""
    try:
        return extras.load("sounddevice", "sound on a device")
    except OSError as error:
        expected = "the system's package of it, libportaudio2 in Debian"
        raise LocalError("the PortAudio library is missing", expected=expected, actual=str(error)) from error


class Ring:
    """Bytes of samples between two threads; at most ``LONGEST`` seconds of them."""

    def __init__(self, frequency: int, channels: int) -> None:
        self.second = frequency * channels * _SAMPLE
        self._most = int(LONGEST * frequency) * channels * _SAMPLE
        self._bytes = bytearray()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._bytes)

    def put(self, data: bytes) -> None:
        """What comes; what is too much is left out, the oldest first."""
        with self._lock:
            self._bytes += data
            if len(self._bytes) > self._most:
                del self._bytes[: len(self._bytes) - self._most]

    def take(self, size: int) -> bytes:
        """What there is, up to so many bytes."""
        with self._lock:
            found = bytes(self._bytes[:size])
            del self._bytes[:size]
        return found


class _Device:
    """What both have in common: a stream that is opened for the format of the moment.

    ``failure``  why there is no sound any more; "" if there is
    """

    def __init__(self, module: ModuleType | Any, name: str) -> None:
        self.failure = ""
        self._module = module
        self._name: int | str | None = int(name) if name.isdecimal() else name or None
        self._format = (0, 0)
        self._stream: Any = None
        self._ring = Ring(*_USUAL)

    def _check(self, check: Any, what: str) -> None:
        """Raise LocalError where there is no such device."""
        try:
            check(device=self._name, samplerate=_USUAL[0], channels=_USUAL[1], dtype=_TYPE)
        except (self._module.PortAudioError, ValueError) as error:
            device = "none is there" if self._name is None else f"{self._name!r}"
            raise LocalError(
                f"there is no {what} to be had", expected="python -m sounddevice lists them", actual=device
            ) from error

    def _open(self, kind: Any, frequency: int, channels: int) -> None:
        """Have a stream of this format; a failure is kept, and nothing is tried again."""
        if self.failure or (self._stream is not None and (frequency, channels) == self._format):
            return
        self.close()
        self._format, self._ring = (frequency, channels), Ring(frequency, channels)
        try:
            self._stream = kind(device=self._name, samplerate=frequency, channels=channels, dtype=_TYPE, callback=self._called)
            self._stream.start()
        except (self._module.PortAudioError, ValueError) as error:
            self.failure = f"{frequency} frames a second of {channels} sound channels: {error}"
            self.close()

    def _called(self, data: Any, frames: int, time: Any, status: Any) -> None:
        """The stream wants samples, or has some."""
        raise NotImplementedError

    def close(self) -> None:
        """Be still."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()


class Loudspeaker(_Device):
    """Plays on a device; ``name`` is a part of its name or its number, "" for the usual one. Raises LocalError without one."""

    def __init__(self, module: ModuleType | Any, name: str = "") -> None:
        super().__init__(module, name)
        self._check(module.check_output_settings, "loudspeaker")
        self._playing = False
        self._volume: tuple[float, ...] = ()

    def set_level(self, volume: tuple[int, ...], muted: bool) -> None:
        """As loud as the guest has set it: a value for each sound channel, 65535 for full. Another number of them is none."""
        self._volume = tuple([0.0 if muted else min(value, _FULL) / _FULL for value in volume])

    def play(self, time: int, frequency: int, samples: NDArray[np.int16]) -> None:
        """A stretch of ``int16 (frames, channels)``."""
        channels = samples.shape[1]
        if len(self._volume) == channels:
            samples = np.rint(samples * np.array(self._volume)).astype(np.int16)
        self._open(self._module.RawOutputStream, frequency, channels)
        self._ring.put(samples.tobytes())

    def _called(self, data: Any, frames: int, time: Any, status: Any) -> None:
        self._playing = len(self._ring) >= (1 if self._playing else START * self._ring.second)
        found = self._ring.take(len(data)) if self._playing else b""
        data[:] = found + bytes(len(data) - len(found))


class Microphone(_Device):
    """Hears on a device, as :class:`Loudspeaker` plays."""

    def __init__(self, module: ModuleType | Any, name: str = "") -> None:
        super().__init__(module, name)
        self._check(module.check_input_settings, "microphone")

    def say(self, frame: int, count: int, channels: int, frequency: int) -> NDArray[np.int16]:
        """The next ``count`` frames, ``int16 (count, channels)``; silence behind those that there are."""
        self._open(self._module.RawInputStream, frequency, channels)
        size = count * channels * _SAMPLE
        found = self._ring.take(size)
        return np.frombuffer(found + bytes(size - len(found)), np.int16).reshape(count, channels)

    def _called(self, data: Any, frames: int, time: Any, status: Any) -> None:
        self._ring.put(bytes(data))
