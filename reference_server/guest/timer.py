"""The clock chip of a guest: what a program wants to do again and again is done when it is time.

The first time is as soon as the server is called. Times that have passed unseen are left out.
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Beat", "Timer"]

_NO_TIME = 1e-9
"""Seconds by which a sum of periods may be wrong."""


class Beat:
    """One thing that is done every ``period`` seconds: ``act`` is called with how many periods have passed."""

    def __init__(self, period: float, act: Callable[[int], None]) -> None:
        self.period = period
        self.act = act
        self.began: float | None = None
        self.passed = 0

    @property
    def next(self) -> float:
        """When it is to be done next."""
        return 0.0 if self.began is None else self.began + (self.passed + 1) * self.period

    def tick(self, now: float) -> None:
        """Do it if it is time."""
        if self.began is None:
            self.began = now
        elif now + _NO_TIME < self.next:
            return
        else:
            self.passed = max(self.passed + 1, int((now - self.began) / self.period + _NO_TIME))
        self.act(self.passed)


class Timer:
    """What programs of a guest do by the clock."""

    def __init__(self) -> None:
        self._beats: list[Beat] = []

    def every(self, period: float, act: Callable[[int], None]) -> Beat:
        """Do this every ``period`` seconds from now on."""
        beat = Beat(period, act)
        self._beats.append(beat)
        return beat

    def stop(self, beat: Beat) -> None:
        """Do it no more."""
        self._beats = [other for other in self._beats if other is not beat]

    @property
    def deadline(self) -> float | None:
        """When :meth:`tick` is to be called next; None for never."""
        return min([beat.next for beat in self._beats], default=None)

    def tick(self, now: float) -> None:
        """Time has passed. What fails is not done again."""
        for beat in tuple(self._beats):
            try:
                beat.tick(now)
            except Exception:
                self.stop(beat)
                raise
