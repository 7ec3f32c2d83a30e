"""How good and how fast the frames of one stream are: what the client's reports make of it.

A client that drops frames, or gets them behind their time, gets smaller ones, and then fewer; one that has none of that for
a while gets better ones again. The steps of quality are libspice-server's.
"""

from __future__ import annotations

from typing import Final

from spiceproto.messages.display import StreamReport

__all__ = ["TIMEOUT", "WINDOW", "Rate"]

WINDOW: Final = 5
TIMEOUT: Final = 1000
"""Frames, or milliseconds, for each report that a client is asked for."""

_QUALITIES: Final = (20, 30, 40, 50, 60, 70, 80)
"""Of JPEG."""

_FEW: Final = 40
"""The quality below which frames are left out rather than made worse."""

_LEAST_RATE: Final = 1.0
_WELL: Final = 3.0
"""Seconds without trouble after which frames get better."""

_SLACK: Final = 100
"""Milliseconds that a frame should come before its time."""

_TOGETHER: Final = 0.9
"""Part of an interval after which the next frame may come: guests do not draw like clocks."""


class Rate:
    """What is right for the client now.

    * ``quality``: of JPEG; other codecs have as many bits as go with it
    * ``frames``: most of them in a second; None for all
    """

    def __init__(self, source: float, now: float) -> None:
        self.frames: float | None = None
        self._source = source
        self._step = len(_QUALITIES) - 1
        self._well_since = now
        self._last: float | None = None

    @property
    def quality(self) -> int:
        """Of JPEG."""
        return _QUALITIES[self._step]

    @property
    def share(self) -> float:
        """Part of the bits of the best quality."""
        return self.quality / _QUALITIES[-1]

    def due(self, now: float) -> bool:
        """Whether a frame that is drawn now is sent."""
        if self.frames is not None and self._last is not None and now - self._last < _TOGETHER / self.frames:
            return False
        self._last = now
        return True

    def hear(self, report: StreamReport, now: float) -> int:
        """The client has reported. Milliseconds by which its clock has to be further behind; 0 for none."""
        if report.num_drops or report.last_frame_delay < 0:
            self._worse()
            self._well_since = now
        elif now - self._well_since >= _WELL:
            self._better()
            self._well_since = now
        return _SLACK - report.last_frame_delay if report.last_frame_delay < 0 else 0

    def _worse(self) -> None:
        if self.quality > _FEW:
            self._step -= 1
            return
        self.frames = max((self.frames or self._source) / 2, _LEAST_RATE)
        self._step = max(self._step - 1, 0)

    def _better(self) -> None:
        if self.frames is not None:
            self.frames = self.frames * 2 if self.frames * 2 < self._source else None
        else:
            self._step = min(self._step + 1, len(_QUALITIES) - 1)
