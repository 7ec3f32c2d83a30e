"""Sound: a tone on each side, and an ear for what clients say."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from reference_server.guest.sound import Source
from reference_server.guests.program import Program

__all__ = ["TONES", "tone", "tones"]

TONES: Final = (440.0, 660.0)
"""Hertz on the left and on the right."""

_LOUD: Final = 8000


def tones(*hertz: float) -> Source:
    """A tone for each sound channel."""

    def source(frame: int, count: int, frequency: int) -> NDArray[np.int16]:
        time = np.arange(frame, frame + count)[:, np.newaxis] / frequency
        sound: NDArray[np.int16] = np.rint(_LOUD * np.sin(2 * np.pi * time * np.array(hertz))).astype(np.int16)
        return sound

    return source


def tone(program: Program) -> None:
    """Plays a tone on each side, and listens."""
    guest = program.guest
    program.play(tones(*TONES))
    guest.microphone.listen()
    program.at_end(lambda: guest.microphone.listen(False))
