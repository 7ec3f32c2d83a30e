"""What the displays of a capture show that still runs: a moment every so often, of which the latest are kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spiceproto import png
from spiceproto.canvas.surface import Surface
from spiceproto.messages.image import Image
from spiceproto.report.pictures import Screen
from spiceproto.view.displays import Displays

__all__ = ["KEPT", "LatestDisplays"]

KEPT: Final = 24 << 20
"""Bytes of pictures that are kept."""

_ALONE: Final = 1.0
"""Seconds between two moments while nobody looks."""

_SHARE: Final = 0.25
"""Of the time that may go into pictures of images, beside what the displays show."""


class LatestDisplays(Displays):
    """``clock`` gives seconds.

    * ``pictures``: place to PNG file; ``first`` is the place from which on they are kept
    * ``gone``: moments of a display that are not kept any more, by session and channel id
    """

    def __init__(self, here: Callable[[], int], clock: Callable[[], float], *, kept: int = KEPT) -> None:
        super().__init__(here)
        self.pictures: dict[int, bytes] = {}
        self.first = 0
        self.gone: dict[tuple[int, int], int] = {}
        self._clock = clock
        self._most = kept
        self._places = 0
        self._bytes = 0
        self._began = clock()
        self._spent = 0.0
        self._looked: dict[tuple[int, int], float] = {}
        self._changed: dict[tuple[int, int], Screen] = {}

    def _look(self, screen: Screen) -> None:
        key = screen.session, screen.channel_id
        self._changed[key] = screen
        if self._clock() - self._looked.get(key, self._began) >= _ALONE:
            self._take(key)

    def settle(self) -> None:
        """Somebody looks: keep what changed."""
        for key in list(self._changed):
            self._take(key)

    def _take(self, key: tuple[int, int]) -> None:
        screen = self._changed.pop(key)
        self._looked[key] = self._clock()
        shown = self._of(screen)
        self.tidy()
        if screen.messages != shown.drawn:
            shown.drawn = screen.messages
            self._keep(screen, shown)

    def _seen(self, screen: Screen, number: int, image: Image, found: Surface) -> None:
        begun = self._clock()
        if self._spent > _SHARE * (begun - self._began + 1):
            self.left += 1
            return
        super()._seen(screen, number, image, found)
        self._spent += self._clock() - begun

    def _text(self, kind: str, picture: NDArray[np.uint8]) -> int:
        if not picture.size:
            return -1
        data = png.encode(picture)
        place = self._places
        self._places += 1
        self.pictures[place] = data
        self._bytes += len(data)
        while self._bytes > self._most and len(self.pictures) > 1:
            oldest = next(iter(self.pictures))
            self._bytes -= len(self.pictures.pop(oldest))
            self.first = oldest + 1
        return place

    def tidy(self) -> None:
        """Forget moments and images whose pictures are gone: moments as far as the next that is the whole display."""
        for key, shown in self._shown.items():
            moments = shown.moments
            gone = next((index for index, moment in enumerate(moments) if moment["png"] >= self.first), len(moments))
            if gone:
                while gone < len(moments) and not moments[gone]["whole"]:
                    gone += 1
                if gone == len(moments):
                    shown.before = None  # the next one is whole
                del moments[:gone]
                self.gone[key] = self.gone.get(key, 0) + gone
        while self.images and self.images[oldest := next(iter(self.images))][0] < self.first:
            del self.images[oldest]

    def end(self) -> list[str]:
        """What is to be said of all of it."""
        said = [self.failed] if self.failed else []
        if self.left:
            said.append(f"{self.left} images have no picture: there was no time to make it")
        return said
