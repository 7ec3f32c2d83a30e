"""Tones, so that what is heard can be told from what is not: made in every encoding, and measured in Hertz.

CELT is interpreted here: for a few packets nobody waits for machine code, on either side of a network in memory.
"""

from __future__ import annotations

import tempfile
import wave
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from conformance.outcome import Failure, NotApplicable
from conformance.peer import Peer
from spiceproto import extras, sound_modes
from spiceproto.enums.audio import AudioDataMode
from spiceproto.errors import RemoteError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Sound = NDArray[np.int16]

__all__ = ["TONES", "check_pitches", "decoded", "encoded", "frequency_of", "heard", "in_any_encoding", "pitch"]

TONES: Final = (500.0, 1200.0)
"""Hertz on the left and on the right."""

SECONDS: Final = 0.32
"""Of a tone that is made here."""

_LOUD: Final = 9000
_QUIET: Final = 900
"""Below this nothing is heard, or not yet."""

_SETTLED: Final = 0.06
"""Seconds after which a codec is taken to have found the tone."""

_NEAR: Final = 0.01
"""How far a tone may be from what it should be; the next wrong frequency is 8 % away."""

_POINTS: Final = 1 << 17
_LOWEST: Final = 60.0
"""Hertz below which is no tone."""

_ENOUGH: Final = 0.15
"""Seconds of a tone that are needed to measure it."""

_COMPILED: Final = 90.0
"""Seconds for a target that compiles its decoder first."""

_Function = TypeVar("_Function", bound=Callable[..., Any])


def in_any_encoding(function: _Function) -> _Function:
    """For cases with tones: see above. What a codec needs has to be there."""

    @wraps(function)
    def run(peer: Any, *values: Any) -> None:
        from spiceproto.codecs import tier

        with tier.forced("interpreted"):
            function(peer, *values)

    return run  # type: ignore[return-value]


def frequency_of(mode: int) -> int:
    """Frames a second in which programs have an encoding."""
    return sound_modes.frequency(next((codec for codec in sound_modes.CODECS if codec.mode == mode), None))


def _check_codec(mode: int) -> None:
    if mode == AudioDataMode.OPUS and not extras.present("av"):
        raise NotApplicable(f"the suite has no Opus: {extras.install('av')}")


def encoded(mode: int, *, channels: int = 2, frequency: int | None = None, hertz: Iterable[float] = TONES) -> list[bytes]:
    """The stretches of a tone on each sound channel: what is in DATA, one behind the other."""
    import numpy as np

    from spiceproto import sound

    _check_codec(mode)
    rate = frequency or frequency_of(mode)
    encoder = sound.encoder(mode, channels, rate)
    count = int(SECONDS * rate) // encoder.frames
    time = np.arange(count * encoder.frames)[:, np.newaxis] / rate
    whole = np.rint(_LOUD * np.sin(2 * np.pi * time * np.array(list(hertz)[:channels]))).astype(np.int16)
    return [encoder.encode(part) for part in np.split(whole, count)]


def decoded(mode: int, stretches: Iterable[bytes], *, channels: int = 2, frequency: int | None = None) -> tuple[int, Sound]:
    """Frames a second, and the sound of DATA. Raises Failure for one that can not be decoded."""
    import numpy as np

    from spiceproto import sound

    _check_codec(mode)
    decoder = sound.decoder(mode, channels, frequency or frequency_of(mode))
    parts: list[Sound] = []
    for number, stretch in enumerate(stretches):
        try:
            parts.append(decoder.decode(stretch))
        except RemoteError as error:
            raise Failure("every DATA can be decoded", f"number {number}, of {len(stretch)} bytes: {error}") from None
    return decoder.frequency, np.concatenate(parts) if parts else np.empty((0, channels), np.int16)


def pitch(samples: Sound, frequency: int) -> float:
    """Hertz of the loudest tone of one sound channel; 0 if it is silent."""
    import numpy as np

    if not len(samples) or int(np.abs(samples.astype(np.int32)).max()) < _QUIET:
        return 0.0
    strength = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), _POINTS))
    lowest = int(_LOWEST * _POINTS / frequency)
    return float((strength[lowest:].argmax() + lowest) * frequency / _POINTS)


def check_pitches(what: str, frequency: int, samples: Sound, wanted: Iterable[float] = TONES) -> None:
    """Each sound channel has its tone, from where something is heard on. Raises Failure."""
    import numpy as np

    loud = np.flatnonzero(np.abs(samples.astype(np.int32)).max(axis=1) >= _QUIET)
    first = int(loud[0]) + int(_SETTLED * frequency) if len(loud) else 0
    part = samples[first : int(loud[-1]) + 1] if len(loud) else samples[:0]
    tones = list(wanted)
    expected = ", ".join([f"{hertz:.0f} Hz" for hertz in tones])
    if len(part) < _ENOUGH * frequency:
        raise Failure(f"{what}: {expected}", f"{len(part) / frequency:.2f} s of sound")
    found = [pitch(part[:, side], frequency) for side in range(min(len(tones), part.shape[1]))]
    if len(found) < len(tones) or any(abs(hertz / right - 1) > _NEAR for hertz, right in zip(found, tones, strict=False)):
        raise Failure(f"{what}: {expected}", ", ".join([f"{hertz:.0f} Hz" if hertz else "silence" for hertz in found]))


def heard(peer: Peer, ask: Callable[[str], object], seconds: float = SECONDS / 2) -> tuple[int, Sound]:
    """What the target has heard: frames a second, and so many seconds of sound, or what there is. Raises Failure for none.

    ``ask`` has it written into a file.
    """
    import numpy as np

    began, parts, rate = peer.now, [], 0
    while True:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "heard.wav"
            ask(str(path))
            if path.exists():
                with wave.open(str(path)) as file:
                    rate, channels = file.getframerate(), file.getnchannels()
                    parts.append(np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, channels))
        if rate and sum(map(len, parts)) >= seconds * rate:
            return rate, np.concatenate(parts)
        if peer.network.virtual or peer.now - began > _COMPILED:
            break
        peer.wait_quiet()
    if not parts:
        raise Failure("the target hears something", "nothing was heard")
    return rate, np.concatenate(parts)
