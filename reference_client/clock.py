"""The multimedia clock: it says when a frame of video is shown. Main sets it, and sound while it plays; every display has it.

Sound comes in stretches whose times are a few milliseconds off, for guests write it in bursts. So the clock is moved a little
with each, and set anew when it is far away: at the beginning of sound, or when the network has held it up.
"""

from __future__ import annotations

from collections.abc import Callable
from math import floor
from typing import Final

from spiceproto.multimedia_time import later

__all__ = ["MultimediaClock"]

_32_BITS: Final = 0xFFFFFFFF

_FAR: Final = 100.0
"""Milliseconds that the clock is off when it is set anew."""

_SHARE: Final = 1 / 16
"""How much of the difference each stretch of sound takes away: with 10 ms in each, it is gone in half a second."""

_SILENT: Final = 1.0
"""Seconds without sound, between START and STOP, behind which main may set the clock."""


class MultimediaClock:
    """The clock of a session (SPICE-MAIN-011, SPICE-SYNC-014).

    ``last``         what main has set it to
    ``sound_delay``  milliseconds of sound that wait to be heard; None while no sound plays
    ``moved``        is called with ``now`` when the clock shows something else than it would have
    """

    def __init__(self) -> None:
        self.last = 0
        self.sound_delay: int | None = None
        self.moved: list[Callable[[float], None]] = []
        self._shown = 0.0
        self._since = 0.0
        self._main: tuple[int, float] | None = None
        self._heard: float | None = None

    def time(self, now: float) -> int:
        """What it shows, in ms modulo 2^32."""
        return floor(self._exact(now)) & _32_BITS

    def _exact(self, now: float) -> float:
        return self._shown + (now - self._since) * 1000

    def _show(self, time: float, now: float) -> None:
        self._shown, self._since = time, now
        for moved in self.moved:
            moved(now)

    # -- main

    def set(self, time: int, now: float) -> None:
        """Main says that it shows ``time`` ms now; while sound is heard that holds from its end on (SPICE-SYNC-011)."""
        self.last = time
        if self.follows(now):
            self._main = (time, now)
        else:
            self._show(float(time), now)

    # -- sound

    def follows(self, now: float) -> bool:
        """Whether it goes by sound."""
        return self._heard is not None and now - self._heard <= _SILENT

    def sound_begins(self) -> None:
        """Sound is about to come: with its first stretch the clock is set anew."""
        self.sound_delay, self._heard, self._main = 0, None, None

    def hears(self, time: int, delay: float, now: float, *, anew: bool) -> None:
        """Sound with this time is heard in so many seconds, or is the first behind a silence (SPICE-SYNC-009)."""
        shown = time - delay * 1000
        exact = self._exact(now)
        off = later(floor(shown) & _32_BITS, floor(exact) & _32_BITS) + shown % 1 - exact % 1
        self._show(shown if anew or self._heard is None or abs(off) > _FAR else exact + off * _SHARE, now)
        self.sound_delay, self._heard = round(delay * 1000), now

    def sound_ends(self, now: float) -> None:
        """It runs on (SPICE-SYNC-010), unless main has said what it shows from here on."""
        self.sound_delay = self._heard = None
        if self._main is not None:
            time, since = self._main
            self._main = None
            self._show(time + (now - since) * 1000, now)
