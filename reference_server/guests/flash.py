"""A film with sound: once a second a picture is white and a click is played, both at the same time.

The sound card calls for sound when its time has come, and by that the pictures go, too: so they are one film, and it runs while
a client listens. Each client that listens runs it for itself.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from reference_server.guest import Picture
from reference_server.guest.sound import CHANNELS
from reference_server.guests.program import Program

__all__ = ["CLICK", "PICTURES", "PLACE", "SIZE", "WHITE", "click", "flash", "picture"]

PICTURES: Final = 25
"""Pictures a second; the first of each second is white, but that of the very first."""

WHITE: Final = 3
"""Pictures that are white."""

SIZE: Final = (160, 120)
"""Width and height of a picture: large enough for a server to make video of it."""

PLACE: Final = (16, 16)
"""Its left and upper edge."""

CLICK: Final = 0.01
"""Seconds of a click."""

_LOUD: Final = 16000
_HERTZ: Final = 1000


@cache
def picture(number: int) -> Picture:
    """The picture with this number of its second: bars that wander, or white."""
    width, height = SIZE
    bars = (np.arange(width) * 4 + number * 16) % 160
    grey = np.full(width, 255) if number < WHITE else bars
    found: Picture = np.zeros((height, width, 4), np.uint8)
    found[..., :3] = grey.astype(np.uint8)[np.newaxis, :, np.newaxis]
    return found


def click(frame: int, count: int, frequency: int) -> NDArray[np.int16]:
    """Sound from this frame on, ``int16 (count, 2)``: a click at each second but the first, and silence."""
    places = np.arange(frame, frame + count)
    wave = _LOUD * np.sin(2 * np.pi * _HERTZ * places / frequency)
    heard = (places % frequency < CLICK * frequency) & (places >= frequency)
    return np.repeat(np.where(heard, np.rint(wave), 0).astype(np.int16)[:, np.newaxis], CHANNELS, axis=1)


def flash(program: Program) -> None:
    """Shows the film on every screen, and plays its sound."""
    screens = [program.guest.screens[number] for number in range(program.displays)]

    def play(frame: int, count: int, frequency: int) -> NDArray[np.int16]:
        # It is asked for a stretch when that is over: now is the time of the frame behind it.
        each = frequency // PICTURES
        now = (frame + count) // each
        if now > frame // each:
            first_second = now < PICTURES
            for screen in screens:
                screen.draw(*PLACE, picture(WHITE if first_second and now < WHITE else now % PICTURES))
        return click(frame, count, frequency)

    program.play(play)
