"""The multimedia clock of a server: milliseconds, modulo 2^32, from the same beginning as ``now``.

Frames and sound are given what it shows. The clock of a client goes behind it: by what main says while no sound plays, and by
the sound that waits there while some does (spec/12-lip-sync.md).
"""

from __future__ import annotations

from typing import Final

import msgspec

from reference_server.watched import Watched

__all__ = ["DELAY", "LatencyWanted", "MultimediaClock", "TimeWanted", "multimedia_time"]

_32_BITS: Final = 0xFFFFFFFF

DELAY: Final = 400
"""Milliseconds by which the clock of a client is behind while no sound plays, as libspice-server has it."""

_FURTHEST: Final = 2000


def multimedia_time(now: float, later: int = 0) -> int:
    """What messages have for this time, or for so many milliseconds later."""
    return int(now * 1000) + later & _32_BITS


class TimeWanted(msgspec.Struct, frozen=True):
    """Main is to say the time: the clock of the client goes by it from now on, or is to be further behind."""


class LatencyWanted(msgspec.Struct, frozen=True):
    """Playback is to say how long sound is to be held back."""


class MultimediaClock(Watched):
    """What a client goes by. Tells :class:`TimeWanted` and :class:`LatencyWanted`.

    ``latency``   milliseconds that frames need to be in time; 0 for no more than is usual
    """

    def __init__(self) -> None:
        super().__init__()
        self.latency = 0
        self._sounds: set[int] = set()

    @property
    def sound(self) -> bool:
        """Whether sound plays."""
        return bool(self._sounds)

    def for_client(self, now: float) -> int:
        """What main says."""
        return multimedia_time(now, -max(DELAY, self.latency))

    def plays(self, channel: int, on: bool) -> None:
        """Sound begins or ends on a playback channel; when the last one ends main says the time (SPICE-SYNC-006)."""
        before = self.sound
        if on:
            self._sounds.add(channel)
        else:
            self._sounds.discard(channel)
        if before and not self.sound:
            self.tell(TimeWanted())

    def late(self, milliseconds: int) -> None:
        """Frames come so much too late."""
        self.need(min(max(DELAY, self.latency) + milliseconds, _FURTHEST))

    def need(self, latency: int) -> None:
        """Frames need so many milliseconds; what was asked for before stays, if it is more."""
        if latency > self.latency:
            self.latency = latency
            self.tell(LatencyWanted() if self.sound else TimeWanted())
