"""Video streams: frames drawn in their rectangles.

A stream has a codec, a place (``dest``) on a surface, and a clip. A frame is decoded to a picture, scaled to its
place if the sizes differ (NEAREST, by the quotient of the sizes in floating point cut to 16.16), and copied where the
clip lets it. STREAM_DATA_SIZED brings a place of its own for one frame; the width and height in it are not looked at,
nor are those of STREAM_CREATE: the frame says its size. A stream without TOP_DOWN has its pictures bottom row first.

A frame is drawn when it is handed over, or, where the multimedia clock of the client is known, when its time has come: until
then it waits. What a client does with those that wait is done here, too: they are dropped when their stream or its surface
ends, and when one comes that is to be shown before them, because then the clock was set back. A frame that comes late is
shown; which of those a client drops depends on what it has to do besides, and says so by handing over :class:`Unshown`.

Later frames build on a frame whether it is shown or not (SPICE-STREAM-037): one that is dropped is decoded all the same, but
for MJPEG, of which its tables are kept. That need not be at once: those that are dropped wait in their places to be decoded,
and are due at any time.

Source: ``display_handle_stream_data``, ``stream_display_frame`` in ``src/channel-display.c`` of spice-gtk,
``spice_gst_decoder_queue_frame`` in ``src/channel-display-gst.c``; ``canvas_put_image`` in ``common/sw_canvas.c``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spiceproto import limits
from spiceproto.canvas import rop as rops
from spiceproto.canvas import scale
from spiceproto.canvas.problem import DrawError, ProblemCode
from spiceproto.canvas.region import Box, clipped
from spiceproto.canvas.surface import OPAQUE, Surface, stored
from spiceproto.codecs import video
from spiceproto.enums.display import StreamFlags, VideoCodecType
from spiceproto.multimedia_time import later

if TYPE_CHECKING:
    from spiceproto.messages.display import StreamCreate, StreamData, StreamDataSized
    from spiceproto.messages.draw import Clip
    from spiceproto.messages.geometry import Rect

__all__ = ["Frame", "Stream", "Streams", "Unshown", "is_due", "show"]

ONE: Final = 1 << 16

WAITING: Final = 512
"""Frames of one stream that wait for their time: ten seconds of the fastest. With more, the first is shown."""

WAITING_BYTES: Final = 64 << 20
"""Bytes of the frames of all streams that wait. With more, the first is shown."""


class Frame(NamedTuple):
    """A ``message`` with a frame, and the ``number`` of the message for those who count them.

    One that was ``dropped`` is decoded, and not shown.
    """

    message: StreamData | StreamDataSized
    number: int
    dropped: bool = False

    @property
    def time(self) -> int:
        """When it is to be shown, on the multimedia clock."""
        return self.message.base.multi_media_time


class Unshown(NamedTuple):
    """A ``message`` with a frame that is not shown."""

    message: StreamData | StreamDataSized


def is_due(time: int, now: int) -> bool:
    """Whether a time of the multimedia clock, which counts modulo 2^32, has come."""
    return later(now, time) >= 0


class Stream:
    """One stream.

    ``frames``    counts the pictures shown
    ``waiting``   holds frames that were dropped and are not decoded yet, and behind them those whose time has not come
    ``dropped``   counts the former
    ``size``      bytes of all of them
    """

    def __init__(self, message: StreamCreate) -> None:
        self.surface_id = message.surface_id
        self.dest = message.dest
        self.clip = message.clip
        self.codec_type = int(message.codec_type)
        self.frames = 0
        self.waiting: deque[Frame] = deque()
        self.dropped = 0
        self.size = 0
        self._top_down = bool(message.flags & StreamFlags.TOP_DOWN)
        self._decoder: video.Decoder | None = None

    def decoder(self) -> video.Decoder:
        """What decodes its frames.

        :raises SpiceError: the codec is unknown, or not installed.
        """
        if self._decoder is None:
            self._decoder = video.decoder(self.codec_type, top_down=self._top_down)
        return self._decoder

    def use(self, decoder: video.Decoder) -> None:
        """Have its frames decoded by this."""
        self._decoder = decoder

    @property
    def builds(self) -> bool:
        """Whether frames need those before them, and so their order."""
        return self.codec_type != VideoCodecType.MJPEG

    def learn(self, frame: Frame) -> int:
        """Take a frame that is not shown: how many pixels were decoded. None are where it has to wait for those before it.

        :raises SpiceError: it can not be decoded.
        """
        if self.builds and self.waiting:
            self.wait(frame)
            self.drop_waiting()
            return 0
        return self.decoder().learn(frame.message.data)

    def wait(self, frame: Frame) -> None:
        """Keep a frame."""
        self.waiting.append(frame)
        self.size += len(frame.message.data)

    def take(self) -> Frame:
        """The first of those that wait; it waits no longer."""
        frame = self.waiting.popleft()
        self.size -= len(frame.message.data)
        if not self.dropped:
            return frame
        self.dropped -= 1
        return frame._replace(dropped=True)

    def drop_waiting(self) -> None:
        """The frames that wait are not shown."""
        self.dropped = len(self.waiting)

    def is_due(self, now: int) -> bool:
        """Whether the first of those that wait is to be taken."""
        return bool(self.dropped) or is_due(self.waiting[0].time, now)


class Streams:
    """The streams of one display channel, by id."""

    def __init__(self) -> None:
        self._streams: dict[int, Stream] = {}

    def __len__(self) -> int:
        return len(self._streams)

    def __contains__(self, id: object) -> bool:
        return id in self._streams

    def __getitem__(self, id: int) -> Stream:
        """The stream.

        :raises DrawError: UNKNOWN_STREAM.
        """
        found = self._streams.get(id)
        if found is None:
            raise DrawError(ProblemCode.UNKNOWN_STREAM, "no such stream", path="id", actual=str(id))
        return found

    def create(self, message: StreamCreate) -> None:
        """Begin a stream.

        :raises DrawError: UNKNOWN_STREAM for an id beyond the limit, or in use: then the old stream stays.
        :raises SpiceError: the codec is unknown, or not installed; the stream is there all the same.
        """
        if message.id >= limits.STREAMS or message.id in self._streams:
            raise DrawError(
                ProblemCode.UNKNOWN_STREAM,
                "stream id is taken or out of range",
                path="id",
                expected=f"a free one below {limits.STREAMS}",
                actual=str(message.id),
            )
        self._streams[message.id] = stream = Stream(message)
        stream.decoder()

    def destroy(self, id: int) -> None:
        """End a stream.

        :raises DrawError: UNKNOWN_STREAM.
        """
        self[id]
        del self._streams[id]

    def clear(self) -> None:
        """End all streams."""
        self._streams.clear()

    def wait(self, frame: Frame) -> None:
        """Keep a frame until its time.

        :raises DrawError: UNKNOWN_STREAM.
        """
        stream = self[frame.message.base.id]
        if stream.waiting and not is_due(stream.waiting[-1].time, frame.time):
            stream.drop_waiting()
        stream.wait(frame)

    def due(self, now: int | None) -> Iterator[Frame]:
        """The frames whose time has come, or all that wait, in the order of their times; they wait no longer.

        Those that were dropped come first.
        """
        while ready := self._ready(now):
            clock = ready[0].waiting[0].time if now is None else now
            first = min(
                ready,
                key=lambda stream: (not stream.dropped, later(stream.waiting[0].time, clock), stream.waiting[0].number),
            )
            yield first.take()

    def _ready(self, now: int | None) -> list[Stream]:
        """The streams of which a frame is due."""
        waiting = [stream for stream in self._streams.values() if stream.waiting]
        if now is None or sum([stream.size for stream in waiting]) > WAITING_BYTES:
            return waiting
        return [stream for stream in waiting if stream.is_due(now) or len(stream.waiting) > WAITING]

    def next_in(self, now: int) -> int | None:
        """Milliseconds until the first frame that waits is due, 0 for one that is; None if none waits."""
        waiting = [stream for stream in self._streams.values() if stream.waiting]
        times = [0 if stream.is_due(now) else (stream.waiting[0].time - now) & 0xFFFFFFFF for stream in waiting]
        return min(times, default=None)

    def surface_gone(self, surface_id: int) -> None:
        """The frames that wait to be shown on it are dropped."""
        for stream in self._streams.values():
            if stream.surface_id == surface_id:
                stream.drop_waiting()


def show(surface: Surface, picture: NDArray[np.uint32], dest: Rect, clip: Clip) -> None:
    """Draw a picture ``uint32 (h, w)`` 0x00RRGGBB in a rectangle of a surface, where the clip lets it."""
    box = Box.of(dest)
    region = clipped(box, clip, surface.width, surface.height)
    if region.empty:
        return
    needed = region.bounds
    inside = needed.moved(-box.left, -box.top)
    height, width = picture.shape
    if (box.width, box.height) == (width, height):
        pixels: NDArray[np.uint32] = inside.view(picture)
    else:
        map = scale.Map(int(width / box.width * ONE), 0, 0, 0, int(height / box.height * ONE), 0)
        pixels = scale.sample(picture, map, inside, scale.Filter.NEAREST)
    shown = stored(surface.format, pixels | OPAQUE)
    rops.apply(surface, region, rops.Rop.COPY, lambda part: part.moved(-needed.left, -needed.top).view(shown))
