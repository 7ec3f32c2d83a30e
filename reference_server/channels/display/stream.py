"""One stream of one client: where it is, what of it is seen, how it is coded, and the frames of it."""

from __future__ import annotations

import msgspec

from reference_server.channels.display.areas import around, clip_of, size_of, without
from reference_server.channels.display.coder import Coder
from reference_server.channels.display.rate import TIMEOUT, WINDOW, Rate
from spiceproto.enums.display import StreamFlags
from spiceproto.messages import display
from spiceproto.messages.geometry import Rect

__all__ = ["Frame", "Stream"]

_RECTS = 64
"""Rectangles of a clip; of what has more, nothing is seen until the next frame."""


class Stream:
    """A stream from the moment at which its beginning waits.

    * ``id``, ``unique``: its number, and that of the request for reports on it
    * ``place``, ``size``: where it is drawn, and how large its pictures are
    * ``area``: all that it has drawn on
    * ``seen``: what of it is not covered; None for all
    * ``frames``: pictures in a second when it began
    * ``last``: when the guest drew its last picture
    * ``waits``, ``clip_waits``: the numbers that its frame and its clip have, or had, in the pipe; None for none
    """

    def __init__(
        self, *, id: int, unique: int, place: Rect, size: tuple[int, int], coder: Coder, rate: Rate, frames: float
    ) -> None:
        self.id = id
        self.unique = unique
        self.place = self.area = self._now = place
        self.size = size
        self.seen: tuple[Rect, ...] | None = None
        self.frames = frames
        self.last = 0.0
        self.waits: int | None = None
        self.clip_waits: int | None = None
        self.coder = coder
        self.rate = rate

    def create(self) -> display.StreamCreate:
        """What begins it."""
        width, height = self.size
        return display.StreamCreate(
            surface_id=0,
            id=self.id,
            flags=StreamFlags.TOP_DOWN,
            codec_type=self.coder.kind,
            stamp=0,
            stream_width=width,
            stream_height=height,
            src_width=width,
            src_height=height,
            dest=self.place,
            clip=clip_of(self.seen),
        )

    def activate(self) -> display.StreamActivateReport:
        """What asks for reports."""
        return display.StreamActivateReport(
            stream_id=self.id, unique_id=self.unique, max_window_size=WINDOW, timeout_ms=TIMEOUT
        )

    def clip(self) -> display.StreamClip:
        """What says which part of it is seen."""
        return display.StreamClip(self.id, clip_of(self.seen))

    def cover(self, box: Rect) -> bool:
        """Something is drawn in front of it; whether less is seen than before."""
        before = (self._now,) if self.seen is None else self.seen
        left = without(before, box)
        if left == before:
            return False
        self.seen = left if len(left) <= _RECTS else ()
        return True

    def show(self, box: Rect, seen: tuple[Rect, ...] | None) -> bool:
        """The guest has drawn the next picture, in this box and clip; whether another part of it is seen than before."""
        self._now, self.area = box, around(self.area, box)
        changed, self.seen = seen != self.seen, seen
        return changed

    def frame(self, command: display.DrawCopy, time: int) -> display.StreamData | display.StreamDataSized | None:
        """A picture that is to be shown at this time; None for none. Raises LocalError if it can not be coded."""
        data = self.coder.frame(command, self.rate)
        if not data:
            return None
        box, header = command.base.box, display.StreamDataHeader(self.id, time)
        size = size_of(command.data.src_area)
        if box == self.place and size == self.size:
            return display.StreamData(header, data)
        width, height = size
        return display.StreamDataSized(base=header, width=width, height=height, dest=box, data=data)


class Frame(msgspec.Struct, frozen=True):
    """A picture that waits to be a frame: of which stream, and for which time on the multimedia clock."""

    stream: Stream
    time: int
