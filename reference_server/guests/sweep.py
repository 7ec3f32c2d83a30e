"""Sound like that of a voice: a buzz whose pitch rises on the left and falls on the right, in syllables."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from reference_server.guests.program import Program

__all__ = ["sweep", "voice"]

LOWEST, HIGHEST = 110.0, 440.0
"""Hertz of the lowest overtone, where it begins and where it ends."""

SECONDS: Final = 4.0
"""Of one sweep; then it begins anew."""

_SYLLABLES: Final = 4.0
"""A second."""

_LOUD: Final = 4500
_OVERTONES: Final = 10
_FORMANTS: Final = ((600.0, 150.0), (1400.0, 250.0))
"""Where a mouth lets more through: Hertz, and how wide."""


def voice(frame: int, count: int, frequency: int) -> NDArray[np.int16]:
    """What is heard, frame by frame; a :data:`~reference_server.guest.sound.Source`."""
    time = np.arange(frame, frame + count) / frequency % SECONDS
    loud = _LOUD * np.sin(np.pi * _SYLLABLES * time) ** 2
    return np.rint(np.stack([loud * _buzz(time, *ends) for ends in ((LOWEST, HIGHEST), (HIGHEST, LOWEST))], axis=1)).astype(
        np.int16
    )


def _buzz(time: NDArray[np.float64], first: float, last: float) -> NDArray[np.float64]:
    """Overtones of a pitch that goes from the first to the last, each octave in the same time."""
    growth = np.log(last / first) / SECONDS
    pitch = first * np.exp(growth * time)
    phase = 2 * np.pi * first * (np.exp(growth * time) - 1) / growth
    found = np.zeros(len(time))
    for overtone in range(1, _OVERTONES + 1):
        height = sum(np.exp(-(((overtone * pitch - middle) / wide) ** 2)) for middle, wide in _FORMANTS)
        found += (0.3 / overtone + height) * np.sin(overtone * phase)
    return found


def sweep(program: Program) -> None:
    """Plays it, and does not listen."""
    program.play(voice)
