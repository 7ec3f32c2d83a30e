"""When sound is heard that comes now: behind what is held already, and behind so much as is held back on purpose.

What plays sound can say how much of it is held (``Options.held``). Where nobody can, it is reckoned, as of a sound card that
plays as many frames in a second as it should.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

__all__ = ["LATENCY", "MOST", "Playout", "Turn"]

LATENCY: Final = 0.2
"""Seconds of sound that are held back unless the server asks for another time; spice-gtk has as much."""

MOST: Final = 10.0
"""Seconds that a server can ask for: memory for sound is not its to take (SPICE-SYNC-016)."""


class Turn(NamedTuple):
    """What becomes of a stretch: seconds of ``silence`` before it, and of ``delay`` until it is heard.

    ``anew``: nothing was held any more
    """

    silence: float
    delay: float
    anew: bool


class Playout:
    """The sound that is held on one playback channel.

    ``latency``: seconds that are held back
    """

    def __init__(self, held: Callable[[], float] | None = None) -> None:
        self.latency = LATENCY
        self._ask = held
        self._end = 0.0
        self._more = False

    def begin(self) -> None:
        """START: what was asked for is forgotten (SPICE-SYNC-007)."""
        self.latency, self._more = LATENCY, False

    def hold(self, milliseconds: int) -> None:
        """LATENCY: hold so much back from now on (SPICE-SYNC-012). Less than before holds once nothing is held any more."""
        latency = min(milliseconds / 1000, MOST)
        self._more = self._more or latency > self.latency
        self.latency = latency

    def held(self, now: float) -> float:
        """Seconds of sound that are held."""
        return max(self._end - now if self._ask is None else self._ask(), 0.0)

    def take(self, seconds: float, now: float) -> Turn:
        """A stretch of so many seconds has come."""
        held = self.held(now)
        anew = held <= 0
        silence = max(self.latency - held, 0.0) if anew or self._more else 0.0
        self._more = False
        self._end = now + held + silence + seconds
        return Turn(silence, held + silence, anew)
