"""What is video: pictures that follow each other fast in one place. The numbers are libspice-server's.

A picture is known by its place and its size. What was drawn in the last places is remembered for a short time; a picture costs
a look into a table, and in mode *filter* every fifth one at some of its pixels, which stands for all five.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import msgspec

from spiceproto.messages.geometry import Rect

__all__ = ["APART", "END", "LEAST_AREA", "PICTURES", "Detector", "Place"]

PICTURES: Final = 20
"""So many are drawn before the next one is video."""

APART: Final = 0.2
"""Seconds between two of them at most."""

LEAST_AREA: Final = 96 * 96
"""Pixels of a picture in mode *filter*."""

END: Final = 1.0
"""Seconds without a picture after which it is no video any more."""

_GRADUAL: Final = 0.2
"""Part of the pictures that has smooth colours."""

_LOOKS: Final = 5
"""Of so many pictures, one is looked at."""

_RESET: Final = 100
"""Pictures with sharp colours in a row, behind which one with smooth colours begins anew."""

_PLACES: Final = 32
"""Places that are remembered."""

_LEAST_TIME: Final = 1e-3

Place = tuple[Rect, tuple[int, int]]
"""Where a picture is drawn, and how large it is before that."""


class _Trace(msgspec.Struct):
    """What was drawn in one place: when first and last, how often, and how often with smooth colours."""

    first: float
    last: float
    pictures: int = 0
    gradual: int = 0
    last_gradual: int = 0


class Detector:
    """Says when pictures in one place have become video."""

    def __init__(self) -> None:
        self._traces: OrderedDict[Place, _Trace] = OrderedDict()

    def clear(self) -> None:
        """Forget what was drawn."""
        self._traces.clear()

    def rate(self, place: Place, now: float, gradual: Callable[[], bool]) -> float | None:
        """A picture is drawn. If it is the next one of a video: how many there were in a second; else None."""
        trace = self._traces.pop(place, None)
        if trace is None or now - trace.last > APART:
            trace = _Trace(now, now)
        self._traces[place] = trace
        if len(self._traces) > _PLACES:
            self._traces.popitem(last=False)
        trace.last = now
        ready = trace.pictures >= PICTURES and trace.gradual >= _GRADUAL * trace.pictures
        self._count(trace, gradual)
        if not ready:
            return None
        del self._traces[place]
        return (trace.pictures - 1) / max(now - trace.first, _LEAST_TIME)

    @staticmethod
    def _count(trace: _Trace, gradual: Callable[[], bool]) -> None:
        looks = trace.pictures % _LOOKS == 0
        trace.pictures += 1
        if not looks or not gradual():
            return
        if trace.pictures - trace.last_gradual > _RESET:
            trace.pictures, trace.gradual = 1, 0
        trace.gradual += _LOOKS
        trace.last_gradual = trace.pictures
