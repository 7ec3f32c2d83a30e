"""Pitch prediction: a spectrum like one that was there before.

What is foreseen is the spectrum of a part of the history, each band scaled to the same length, by gains that the
packet has. Which part is most like some sound is found by correlation: one in which loud tones, and what they hide,
do not count for more than others.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto.codecs.celt051 import transform
from spiceproto.codecs.kernels.celt051 import mode

__all__ = ["GAINS", "gains_for", "most_like", "predicted"]

Floats = NDArray[np.float64]

GAINS: Final[Floats] = np.sqrt(1 - (1 - np.frombuffer(mode.PITCH_GAINS, np.uint8).reshape(-1, mode.PITCH_BANDS) / 256) ** 2)
"""128 sets of gains."""


def predicted(kernels: Any, history: Floats, lag: int, gains: int, prediction: Any) -> None:
    """What the part of a history ``(2, 1024)`` from ``lag`` on foretells with a set of gains, to ``prediction``."""
    spectrum = transform.forward(kernels, history[:, lag : lag + mode.SUPPORT])
    kernels.predict(kernels.view(spectrum), kernels.view(GAINS[gains]), prediction)


def most_like(kernels: Any, sound: Floats, history: Floats, places: int) -> int:
    """Which part of a history ``(2, 1024)``, from the first ``places`` on, is most like a sound ``(2, 384)``."""
    both = np.zeros((2, mode.HISTORY))
    both[0, : mode.SUPPORT] = (sound[0] + sound[1]) * transform.WINDOW
    both[1] = history[0] + history[1]
    spectrum, there = np.fft.rfft(both)
    room = np.empty(mode.HISTORY // 2)
    kernels.weigh(kernels.view(spectrum.view(np.float64)), kernels.view(there.view(np.float64)), kernels.view(room))
    correlation = np.fft.irfft(there)
    return int(correlation[:places].argmax())


_BOOK: Final = np.frombuffer(mode.PITCH_GAINS, np.uint8) / 256


def gains_for(kernels: Any, target: Any, prediction: Any) -> int:
    """Encoder: the set of gains for which a prediction comes nearest to a target, 0 if it is of no use."""
    room = np.empty(mode.PITCH_BANDS)
    return int(kernels.choose_gains(target, prediction, kernels.view(_BOOK), kernels.view(room)))
