"""What the displays showed, message by message as far as there is room, and the images of the wire as pictures.

A *moment* is what changed on a display since the moment before: a box of pixels, as PNG. Every so often it is the whole
display, so that a page has few to put together. The first messages that change a display have a moment each; with every
:data:`_EACH` moments they come half as often. What a page shows for a message in between is the moment before it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from spiceproto import png
from spiceproto.canvas import surface as surfaces
from spiceproto.canvas.surface import Surface
from spiceproto.capture.consumer import Emit
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.decode import Decoder
from spiceproto.errors import MissingExtraError
from spiceproto.messages.image import Image
from spiceproto.report.pictures import Pictures, Screen

__all__ = ["MOST", "Displays"]

MOST: Final = 24 << 20
"""Bytes of moments that a page has, and as many of images at most."""

_EACH: Final = 64
"""Moments behind which they come half as often."""

_WHOLE: Final = 32
"""Moments of which one is the whole display."""

_PIXELS: Final = 1 << 22
"""Of an image that is shown; displays may be larger."""

_IMAGES: Final = 2000
"""Images that a page has."""


class _Shown:
    """One display: its size, its moments, and how far they are apart now."""

    def __init__(self, screen: Screen) -> None:
        self.session, self.channel_id = screen.session, screen.channel_id
        self.size = (0, 0)
        self.moments: list[dict[str, Any]] = []
        self.before: NDArray[np.uint8] | None = None
        self.kept = 0
        self.drawn = 0
        self.due = 1


class _Counter:
    """Numbers messages for who only counts along."""

    number = 0


class Displays(Pictures):
    """Draws what a capture has. ``here`` says the row of the message that comes next.

    * ``texts``: PNG files as base64, which moments and images have places of
    * ``images``: row to places and paths of its images
    * ``left``: moments and images that found no room
    * ``failed``: why nothing was drawn any more, "" usually
    """

    def __init__(self, here: Callable[[], int]) -> None:
        super().__init__(image=self._seen)
        self._here = here
        self._shown: dict[tuple[int, int], _Shown] = {}
        self._room = {"moments": MOST, "images": MOST}
        self.texts: list[str] = []
        self.images: dict[int, list[int]] = {}
        self.left = 0
        self.failed = ""
        self.begin(cast(Decoder, _Counter()))

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """The messages of one sender, drawn; then what changed is kept."""
        emit = super().lane(conversation, sender)
        if (conversation.channel, sender) not in (("display", "server"), ("cursor", "server"), ("main", "server")):
            return emit
        looks = conversation.channel == "display"

        def draw(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            if self.failed:
                return
            try:
                emit(number, body, serial, time_ns, frames)
            except MissingExtraError as error:
                self.failed = f"displays are drawn up to message {self.decoder.number}: {error}"
                return
            if looks:
                self._look(self.screen(conversation))

        return draw

    def _look(self, screen: Screen) -> None:
        """Keep what changed, if it is time."""
        shown = self._of(screen)
        if screen.messages == shown.drawn:
            return
        shown.due -= screen.messages - shown.drawn
        shown.drawn = screen.messages
        if shown.due <= 0:
            self._keep(screen, shown)

    def _of(self, screen: Screen) -> _Shown:
        """What is kept of a screen."""
        return self._shown.setdefault((screen.session, screen.channel_id), _Shown(screen))

    def _keep(self, screen: Screen, shown: _Shown) -> None:
        picture = screen.picture(cursor=True)
        if not picture.size:
            return
        height, width = picture.shape[:2]
        whole = shown.before is None or shown.before.shape != picture.shape or shown.kept % _WHOLE == 0
        x, y, right, bottom = 0, 0, width, height
        if shown.before is not None and shown.before.shape == picture.shape:
            box = _changed(shown.before, picture)
            if box is None:
                return
            if not whole:
                x, y, right, bottom = box
        place = self._text("moments", np.ascontiguousarray(picture[y:bottom, x:right]))
        if place < 0:
            return
        shown.moments.append(
            {"row": self._here(), "whole": whole, "x": x, "y": y, "png": place, "width": width, "height": height}
        )
        shown.kept += 1
        shown.before = picture.copy()
        shown.due = 1 << len(shown.moments) // _EACH

    def _seen(self, screen: Screen, number: int, image: Image, found: Surface) -> None:
        """An image of the wire was decoded."""
        row = self._here()
        if found.width * found.height > _PIXELS or len(self.images) >= _IMAGES:
            self.left += 1
            return
        place = self._text("images", surfaces.rgb(found))
        if place >= 0:
            self.images.setdefault(row, []).append(place)

    def _text(self, kind: str, picture: NDArray[np.uint8]) -> int:
        """The place of a picture, -1 if there is no room for it."""
        if self._room[kind] <= 0 or not picture.size:
            self.left += 1
            return -1
        data = png.encode(picture)
        self._room[kind] -= len(data)
        self.texts.append(b64encode(data).decode("ascii"))
        return len(self.texts) - 1

    def as_dicts(self) -> list[dict[str, Any]]:
        """The displays that showed something."""
        return [
            {"session": item.session, "channel_id": item.channel_id, "moments": item.moments}
            for item in self._shown.values()
            if item.moments
        ]

    def end(self) -> list[str]:
        """What is to be said of all of it."""
        said = [self.failed] if self.failed else []
        if self.left:
            said.append(f"{self.left} pictures are not in this page: there is room for {2 * MOST >> 20} MiB")
        return said


def _changed(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> tuple[int, int, int, int] | None:
    """Left, top, right, bottom of what differs between two pictures of one size; None if nothing does."""
    different = (before != after).any(axis=2)
    rows = np.flatnonzero(different.any(axis=1))
    if not len(rows):
        return None
    columns = np.flatnonzero(different.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
