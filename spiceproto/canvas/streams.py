"""Video streams: frames drawn in their rectangles.

A stream has a codec, a place (``dest``) on a surface, and a clip. A frame is decoded to a picture, scaled to its
place if the sizes differ (NEAREST, by the quotient of the sizes in floating point cut to 16.16), and copied where the
clip lets it. STREAM_DATA_SIZED brings a place of its own for one frame; the width and height in it are not looked at,
nor are those of STREAM_CREATE: the frame says its size. A stream without TOP_DOWN has its pictures bottom row first.

Frames are drawn when they are handed over. When a client shows them is a matter of clocks, and which it drops because
they are late is too; a canvas without a clock shows them all.

Source: ``display_handle_stream_data``, ``stream_display_frame`` in ``src/channel-display.c`` of spice-gtk;
``canvas_put_image`` in ``common/sw_canvas.c``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto import limits
from spiceproto.canvas import rop as rops
from spiceproto.canvas import scale
from spiceproto.canvas.problem import DrawError, ProblemCode
from spiceproto.canvas.region import Box, clipped
from spiceproto.canvas.surface import OPAQUE, Surface, stored
from spiceproto.codecs import video
from spiceproto.enums.display import StreamFlags

if TYPE_CHECKING:
    from spiceproto.messages.display import StreamCreate
    from spiceproto.messages.draw import Clip
    from spiceproto.messages.geometry import Rect

__all__ = ["Stream", "Streams", "show"]

ONE: Final = 1 << 16


class Stream:
    """One stream. ``frames`` counts the pictures shown."""

    def __init__(self, message: StreamCreate) -> None:
        self.surface_id = message.surface_id
        self.dest = message.dest
        self.clip = message.clip
        self.codec_type = int(message.codec_type)
        self.frames = 0
        self.decoder = video.decoder(self.codec_type, top_down=bool(message.flags & StreamFlags.TOP_DOWN))


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
        :raises SpiceError: the codec is unknown, or not installed.
        """
        if message.id >= limits.STREAMS or message.id in self._streams:
            raise DrawError(
                ProblemCode.UNKNOWN_STREAM, "stream id is taken or out of range", path="id",
                expected=f"a free one below {limits.STREAMS}", actual=str(message.id),
            )  # fmt: skip
        self._streams[message.id] = Stream(message)

    def destroy(self, id: int) -> None:
        """End a stream.

        :raises DrawError: UNKNOWN_STREAM.
        """
        self[id]
        del self._streams[id]

    def clear(self) -> None:
        """End all streams."""
        self._streams.clear()


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
