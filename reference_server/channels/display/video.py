"""The video streams of one display channel: which pictures of the guest become frames, and what that means for all others.

look       a drawing of the guest: a frame, as it is, or a picture of what it has made of the surface
messages   a frame, when it is its turn
reported   how a stream fares at the client
tick       streams end that have no more pictures, and what they showed comes once more without loss

A frame that waits gives way to the next one: a client that is slow gets fewer. What is drawn in front of a stream is left out
of its clip before it is drawn. What takes pixels from the area of a stream, or lets them shine through, reaches the client as a
picture: it has other pixels there than the guest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from reference_server.channels.display.areas import common, size_of
from reference_server.channels.display.coder import Coder, codecs, known
from reference_server.channels.display.detection import END, LEAST_AREA, Detector, Place
from reference_server.channels.display.images import Source, codec
from reference_server.channels.display.pipe import Drawing, Pipe, drawing_of
from reference_server.channels.display.rate import Rate
from reference_server.channels.display.stream import Frame, Stream
from reference_server.clock import multimedia_time
from reference_server.guest.command import Command, covered, is_inside
from reference_server.guest.screen import PRIMARY
from reference_server.streaming import Streaming
from spiceproto.enums.base import WireEnum
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import ClipType, Ropd, VideoCodecType
from spiceproto.enums.image import BitmapFmt
from spiceproto.errors import LocalError
from spiceproto.limits import STREAMS
from spiceproto.messages import display
from spiceproto.messages.geometry import Rect
from spiceproto.rules.streams import NO_STREAM

__all__ = ["Video"]

_FORMATS: Final = (BitmapFmt._16BIT, BitmapFmt._24BIT, BitmapFmt._32BIT)
"""Of pictures that can be frames: colours, without alpha."""

_LARGER: Final = 2
"""A picture around a stream is its next one if it has at most so many times its pixels, as with libspice-server."""

_LOOKED_AT: Final = 1 << 12
"""Pixels in the middle of a picture, of which some say whether its colours are smooth."""

Copy = Callable[[int, Rect], display.DrawCopy | None]
"""What draws a part of a surface as it is now."""


def _pixels(box: Rect) -> int:
    width, height = size_of(box)
    return width * height


def _place(command: Command) -> Place | None:
    """Where a picture is drawn, and how large it is; None for what can not be a frame."""
    if type(command) is not display.DrawCopy or command.base.surface_id != PRIMARY:
        return None
    copy, clip = command.data, command.base.clip
    image = copy.src_bitmap
    if image is None or image.bitmap is None or image.bitmap.format not in _FORMATS or copy.mask.bitmap is not None:
        return None
    if copy.rop_descriptor != Ropd.OP_PUT or clip.type not in (ClipType.NONE, ClipType.RECTS):
        return None
    whole = Rect(top=0, left=0, bottom=image.bitmap.y, right=image.bitmap.x)
    area: Rect = copy.src_area
    return (command.base.box, size_of(area)) if _pixels(area) > 0 and is_inside(area, whole) else None


class Video:
    """The streams of one client's display.

    * ``streams``: those that there are, from the moment at which their beginning waits
    * ``there``: the numbers of those that the client knows
    * ``preferred``: the codecs that the client likes, best first
    * ``refused``: those that it could not decode
    """

    def __init__(self, pipe: Pipe, streaming: Streaming, has: Callable[[WireEnum], bool], copy: Copy) -> None:
        self.pipe = pipe
        self.streaming = streaming
        self.streams: list[Stream] = []
        self.there: set[int] = set()
        self.preferred: tuple[VideoCodecType, ...] = ()
        self.refused: set[int] = set()
        self._has = has
        self._copy = copy
        self._detector = Detector()
        self._asked = 0

    # -- what the guest draws

    @property
    def looks(self) -> bool:
        """Whether drawings have to be looked at."""
        return bool(self.streams) or self.streaming.mode != "off"

    def look(self, drawing: Drawing, now: float) -> Drawing | None:
        """What waits in place of a drawing; None for nothing."""
        place = _place(drawing.command) if self.streaming.mode != "off" else None
        stream = None if place is None else self._stream_of(drawing.command, place, now)
        if stream is not None:
            return self._as_frame(stream, drawing, now)
        return self._beside(drawing) if self.streams else drawing

    def _stream_of(self, command: display.DrawCopy, place: Place, now: float) -> Stream | None:
        """The stream of which this is the next picture; one that begins with it, or None."""
        box, size = place
        if self.streaming.mode == "filter" and size[0] * size[1] < LEAST_AREA:
            return None
        for stream in self.streams:
            if is_inside(stream.place, box) and _pixels(box) <= _LARGER * _pixels(stream.place):
                if (stream.place, stream.size) == place or self._has(DisplayCapability.SIZED_STREAM):
                    return stream
                # What this client can not be told is another stream, which covers the one that was.
                self.end(stream, refresh=False)
                return self._begin(place, stream.frames, now)
        frames = self._detector.rate(place, now, lambda: self._gradual(command))
        return None if frames is None else self._begin(place, frames, now)

    def _gradual(self, command: display.DrawCopy) -> bool:
        image = command.data.src_bitmap
        if self.streaming.mode != "filter" or image is None or image.bitmap is None:
            return True
        choice = codec("choice")
        words = Source(image.bitmap).words
        height, width = words.shape
        rows = max(_LOOKED_AT // width, 2)
        above = max(height - rows, 0) // 2
        return bool(choice.graduality(words[above : above + rows]) != choice.Level.LOW)

    def _begin(self, place: Place, frames: float, now: float) -> Stream | None:
        """A stream, unless the client has no codec for it, or no number is free."""
        box, size = place
        free = next(iter(set(range(STREAMS)).difference([stream.id for stream in self.streams])), None)
        rate = Rate(frames, now)
        coder = self.coder(size, frames, rate)
        if free is None or coder is None:
            return None
        self._asked += 1
        return Stream(id=free, unique=self._asked, place=box, size=size, coder=coder, rate=rate, frames=frames)

    def coder(self, size: tuple[int, int], frames: float, rate: Rate) -> Coder | None:
        """One of the best codec that can be had; None for none."""
        for kind in codecs(self._has, self.preferred, self.refused):
            try:
                return Coder(kind, size, frames, rate)
            except LocalError:
                continue  # as H264 for an odd number of rows
        return None

    def _as_frame(self, stream: Stream, drawing: Drawing, now: float) -> Drawing | None:
        stream.last = now
        if not stream.rate.due(now):
            return None
        box, clip = drawing.command.base.box, drawing.command.base.clip
        self._cover(box, beneath=stream)
        changed = stream.show(box, None if clip.rects is None else clip.rects.rects)
        if stream not in self.streams:
            self.streams.append(stream)
            self.begin(stream)
        elif changed:
            self.clip(stream)
        self.pipe.discard(stream.waits)
        return msgspec.structs.replace(drawing, frame=Frame(stream, multimedia_time(now)))

    def _beside(self, drawing: Drawing) -> Drawing | None:
        """A drawing that is no frame: streams beneath it are clipped."""
        command, surface, box = drawing.command, drawing.surface, drawing.box
        if surface is None or box is None:
            return drawing
        beneath = self._cover(box) if surface == PRIMARY else False
        if self._takes(drawing) or (beneath and covered(command) is None):
            picture = self._copy(surface, box)
            return None if picture is None else drawing_of(picture)
        return drawing

    def _takes(self, drawing: Drawing) -> bool:
        """Whether a drawing takes pixels from where a stream is."""
        if PRIMARY not in drawing.sources:
            return False
        command = drawing.command
        if not isinstance(command, display.CopyBits):
            return True
        at, (width, height) = command.src_pos, size_of(command.base.box)
        source = Rect(top=at.y, left=at.x, bottom=at.y + height, right=at.x + width)
        return any(common(source, stream.area) for stream in self.streams)

    def _cover(self, box: Rect, *, beneath: Stream | None = None) -> bool:
        """Something is drawn there; whether any stream but ``beneath`` is under it."""
        found = [stream for stream in self.streams if stream is not beneath and common(box, stream.area)]
        for stream in found:
            if stream.cover(box):
                self.clip(stream)
        return bool(found)

    # -- what the client is told

    def begin(self, stream: Stream) -> None:
        """A stream begins (SPICE-STREAM-001, SPICE-STREAM-003)."""
        self.pipe.add(stream.create())
        if self._has(DisplayCapability.STREAM_REPORT):
            self.pipe.add(stream.activate())

    def clip(self, stream: Stream) -> None:
        """Another part of a stream is seen (SPICE-STREAM-022)."""
        self.pipe.discard(stream.clip_waits)
        stream.clip_waits = self.pipe.add(stream.clip())

    def end(self, stream: Stream, *, refresh: bool = True) -> None:
        """A stream ends, and what it showed comes once more, without loss (SPICE-STREAM-025)."""
        self.streams.remove(stream)
        self.pipe.discard(stream.waits)
        self.pipe.add(display.StreamDestroy(stream.id))
        picture = self._copy(PRIMARY, stream.area) if refresh else None
        if picture is not None:
            self._cover(picture.base.box)
            self.pipe.add(picture, whole=True)

    def end_all(self) -> None:
        """No stream is wanted any more."""
        for stream in tuple(self.streams):
            self.end(stream)

    def leave(self) -> None:
        """The surface is going: so are its streams."""
        if self.streams:
            self.pipe.add(display.StreamDestroyAll())
        self.forget()

    def renew(self) -> None:
        """Nothing waits any more: the client is told that the streams it knows are gone."""
        for number in sorted(self.there):
            self.pipe.add(display.StreamDestroy(number))
        self.forget()

    def forget(self) -> None:
        """There are no streams, and nothing was drawn."""
        self.streams.clear()
        self._detector.clear()

    def note(self, command: Command) -> None:
        """The client is told this now."""
        if isinstance(command, display.StreamCreate):
            self.there.add(command.id)
        elif isinstance(command, display.StreamDestroy):
            self.there.discard(command.id)
        elif isinstance(command, display.StreamDestroyAll):
            self.there.clear()

    def messages(
        self, frame: Frame, command: display.DrawCopy
    ) -> tuple[display.StreamData | display.StreamDataSized, ...] | None:
        """A frame; none if the codec leaves it out, None if the codec can not have it."""
        try:
            found = frame.stream.frame(command, frame.time)
        except LocalError:
            return None
        return () if found is None else (found,)

    # -- what the client says

    def prefer(self, numbers: Iterable[int]) -> None:
        """The client likes these codecs, best first."""
        self.preferred = known(numbers)

    def reported(self, value: display.StreamReport, now: float) -> int:
        """How a stream fares. Milliseconds by which the clock of the client has to be further behind; 0 for none."""
        stream = next((stream for stream in self.streams if stream.id == value.stream_id), None)
        if stream is None:
            return 0
        if (value.num_frames, value.num_drops) == NO_STREAM:
            self.refused.add(stream.coder.kind)
            self.end(stream)
            return 0
        return stream.rate.hear(value, now) if stream.unique == value.unique_id else 0  # SPICE-STREAM-019

    # -- time

    @property
    def deadline(self) -> float | None:
        """When :meth:`tick` is to be called next; None for never."""
        return min([stream.last + END for stream in self.streams], default=None)

    def tick(self, now: float) -> None:
        """Time has passed."""
        for stream in tuple(self.streams):
            if now >= stream.last + END:
                self.end(stream)
