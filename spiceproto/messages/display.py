"""Values of display. Made from spiceproto/schema/display.py by ``python -m spiceproto.derive``; do not edit."""

from __future__ import annotations

import msgspec

from spiceproto.enums.display import GlScanoutFlags, ImageCompression, ResourceType, StreamFlags, SurfaceFlags, SurfaceFmt, VideoCodecType
from spiceproto.enums.link import ChannelType
from spiceproto.messages.draw import AlphaBlend, Blackness, Blend, Clip, Composite, Copy, DisplayBase, Fill, Invers, Opaque, Rop3, Stroke, Text, Transparent, Whiteness
from spiceproto.messages.geometry import Point, Rect


class GlDraw(msgspec.Struct, frozen=True, gc=False):
    """A part of the buffer has changed; answered by GL_DRAW_DONE.

    * ``x`` uint32: Left edge (pixel)
    * ``y`` uint32: Top edge (pixel)
    * ``w`` uint32: Width (pixel)
    * ``h`` uint32: Height (pixel)
    """

    x: int
    y: int
    w: int
    h: int


class GlDrawDone(msgspec.Struct, frozen=True, gc=False):
    """Answer to every GL_DRAW; spice-server closes on one too many."""


class GlPlaneUnix(msgspec.Struct, frozen=True, gc=False):
    """One plane of a scanout.

    * ``fd`` file descriptor: DMA-BUF that holds the plane
    * ``offset`` uint32: Where the plane begins in it (byte)
    * ``stride`` uint32: Size of a row (byte)
    """

    fd: None
    offset: int
    stride: int


class GlScanout2Unix(msgspec.Struct, frozen=True, gc=False):
    """Like GL_SCANOUT_UNIX, with several planes and a modifier; from spice-server 0.16.0.

    * ``width`` uint32: Width (pixel)
    * ``height`` uint32: Height (pixel)
    * ``fourcc`` uint32: Kind of pixels, as a DRM FourCC
    * ``flags`` uint32: Row order
    * ``modifier`` uint64: DRM format modifier
    * ``planes`` GlPlaneUnixs: The planes
    """

    width: int
    height: int
    fourcc: int
    flags: GlScanoutFlags | int
    modifier: int
    planes: tuple[GlPlaneUnix, ...]

    @property
    def num_planes(self) -> int:
        """Length of ``planes``."""
        return len(self.planes)


class GlScanoutUnix(msgspec.Struct, frozen=True, gc=False):
    """The guest's screen is now this buffer.

    * ``drm_dma_buf_fd`` file descriptor: DMA-BUF that holds the pixels; it may be missing
    * ``width`` uint32: Width (pixel)
    * ``height`` uint32: Height (pixel)
    * ``stride`` uint32: Size of a row (byte)
    * ``drm_fourcc_format`` uint32: Kind of pixels, as a DRM FourCC
    * ``flags`` uint32: Row order
    """

    drm_dma_buf_fd: None
    width: int
    height: int
    stride: int
    drm_fourcc_format: int
    flags: GlScanoutFlags | int


class StreamActivateReport(msgspec.Struct, frozen=True, gc=False):
    """Asks for STREAM_REPORT on a stream.

    * ``stream_id`` uint32: The stream
    * ``unique_id`` uint32: Number of this request, for the stream's number may be used again
    * ``max_window_size`` uint32: Frames for one report
    * ``timeout_ms`` uint32: Longest time between reports (ms)
    """

    stream_id: int
    unique_id: int
    max_window_size: int
    timeout_ms: int


class StreamClip(msgspec.Struct, frozen=True, gc=False):
    """A stream is clipped anew.

    * ``id`` uint32: The stream
    * ``clip`` Clip: The part of its area that is drawn
    """

    id: int
    clip: Clip


class StreamCreate(msgspec.Struct, frozen=True, gc=False):
    """A video stream begins.

    * ``surface_id`` uint32: The surface to draw on
    * ``id`` uint32: Number of the stream; free until now
    * ``flags`` uint8: Row order
    * ``codec_type`` uint8: Codec of the frames
    * ``stamp`` uint64: Not used; spice-server sends 0
    * ``stream_width`` uint32: Width of the frames (pixel)
    * ``stream_height`` uint32: Height of the frames (pixel)
    * ``src_width`` uint32: Width of the area they were made from (pixel)
    * ``src_height`` uint32: Height of the area they were made from (pixel)
    * ``dest`` Rect: Where to draw
    * ``clip`` Clip: The part of it that is drawn
    """

    surface_id: int
    id: int
    flags: StreamFlags | int
    codec_type: VideoCodecType | int
    stamp: int
    stream_width: int
    stream_height: int
    src_width: int
    src_height: int
    dest: Rect
    clip: Clip


class StreamDataHeader(msgspec.Struct, frozen=True, gc=False):
    """Begins every frame.

    * ``id`` uint32: The stream
    * ``multi_media_time`` uint32: When to show it, on the multimedia clock (ms)
    """

    id: int
    multi_media_time: int


class StreamData(msgspec.Struct, frozen=True, gc=False):
    """A frame.

    * ``base`` StreamDataHeader: Which stream, and when
    * ``data`` bytes: The frame, as the codec has it
    """

    base: StreamDataHeader
    data: bytes

    @property
    def data_size(self) -> int:
        """Length of ``data``."""
        return len(self.data)


class StreamDataSized(msgspec.Struct, frozen=True, gc=False):
    """A frame with a size and a place of its own.

    * ``base`` StreamDataHeader: Which stream, and when
    * ``width`` uint32: Width of this frame (pixel)
    * ``height`` uint32: Height of this frame (pixel)
    * ``dest`` Rect: Where to draw this frame
    * ``data`` bytes: The frame, as the codec has it
    """

    base: StreamDataHeader
    width: int
    height: int
    dest: Rect
    data: bytes

    @property
    def data_size(self) -> int:
        """Length of ``data``."""
        return len(self.data)


class StreamDestroy(msgspec.Struct, frozen=True, gc=False):
    """A stream ends.

    * ``id`` uint32: The stream; its number is free again
    """

    id: int


class StreamDestroyAll(msgspec.Struct, frozen=True, gc=False):
    """All streams end."""


class StreamReport(msgspec.Struct, frozen=True, gc=False):
    """How a stream fares at the client.

    * ``stream_id`` uint32: The stream
    * ``unique_id`` uint32: The number that STREAM_ACTIVATE_REPORT brought
    * ``start_frame_mm_time`` uint32: Time of the first frame reported on (ms)
    * ``end_frame_mm_time`` uint32: Time of the last frame reported on (ms)
    * ``num_frames`` uint32: Frames that came; 0 with 2^32-1 drops if it cannot be decoded
    * ``num_drops`` uint32: Those of them that were dropped, mostly because they came late
    * ``last_frame_delay`` int32: Time of the last frame minus the clock at its arrival (ms)
    * ``audio_delay`` uint32: Sound that waits to be played; 2^32-1 if none is (ms)
    """

    stream_id: int
    unique_id: int
    start_frame_mm_time: int
    end_frame_mm_time: int
    num_frames: int
    num_drops: int
    last_frame_delay: int
    audio_delay: int


class ResourceID(msgspec.Struct, frozen=True, gc=False):
    """A cached thing to drop.

    * ``type`` uint8: Kind of the resource
    * ``id`` uint64: Its key: id of the image descriptor
    """

    type: ResourceType | int
    id: int


class WaitForChannel(msgspec.Struct, frozen=True, gc=False):
    """One message to wait for; laid out like ChannelWait of every channel.

    * ``channel_type`` uint8: Kind of the channel to wait for
    * ``channel_id`` uint8: Which of several
    * ``message_serial`` uint64: Serial of the message that it must have handled
    """

    channel_type: ChannelType | int
    channel_id: int
    message_serial: int


class Head(msgspec.Struct, frozen=True, gc=False):
    """One monitor, as a part of a surface.

    * ``monitor_id`` uint32: Number of the monitor on this channel
    * ``surface_id`` uint32: The surface it shows
    * ``width`` uint32: Width (pixel)
    * ``height`` uint32: Height (pixel)
    * ``x`` uint32: Left edge on the surface; unsigned (pixel)
    * ``y`` uint32: Top edge on the surface; unsigned (pixel)
    * ``flags`` uint32: None is defined
    """

    monitor_id: int
    surface_id: int
    width: int
    height: int
    x: int
    y: int
    flags: int


class Mode(msgspec.Struct, frozen=True, gc=False):
    """Obsolete: begins a screen; SURFACE_CREATE with PRIMARY took its place.

    * ``x_res`` uint32: Width (pixel)
    * ``y_res`` uint32: Height (pixel)
    * ``bits`` uint32: Bits per pixel
    """

    x_res: int
    y_res: int
    bits: int


class Mark(msgspec.Struct, frozen=True, gc=False):
    """The primary surface is ready to be shown."""


class Reset(msgspec.Struct, frozen=True, gc=False):
    """Obsolete: ends a screen and empties the caches."""


class CopyBits(msgspec.Struct, frozen=True, gc=False):
    """Moves pixels inside a surface; source and box may overlap.

    * ``base`` DisplayBase: Where to draw
    * ``src_pos`` Point: Top left corner of the source, on the same surface
    """

    base: DisplayBase
    src_pos: Point


class InvalList(msgspec.Struct, frozen=True, gc=False):
    """Drops images from the pixmap cache.

    * ``resources`` ResourceIDs: What to drop
    """

    resources: tuple[ResourceID, ...]

    @property
    def count(self) -> int:
        """Length of ``resources``."""
        return len(self.resources)


class InvalAllPixmaps(msgspec.Struct, frozen=True, gc=False):
    """Empties the pixmap cache, once other channels have handled what is named.

    * ``wait_list`` WaitForChannels: The messages
    """

    wait_list: tuple[WaitForChannel, ...]

    @property
    def wait_count(self) -> int:
        """Length of ``wait_list``."""
        return len(self.wait_list)


class InvalPalette(msgspec.Struct, frozen=True, gc=False):
    """Drops a palette from the palette cache.

    * ``id`` uint64: Its key: unique of the palette
    """

    id: int


class InvalAllPalettes(msgspec.Struct, frozen=True, gc=False):
    """Empties the palette cache."""


class DrawFill(msgspec.Struct, frozen=True, gc=False):
    """Fills an area.

    * ``base`` DisplayBase: Where to draw
    * ``data`` Fill: What to draw
    """

    base: DisplayBase
    data: Fill


class DrawOpaque(msgspec.Struct, frozen=True, gc=False):
    """Draws an image combined with a brush.

    * ``base`` DisplayBase: Where to draw
    * ``data`` Opaque: What to draw
    """

    base: DisplayBase
    data: Opaque


class DrawCopy(msgspec.Struct, frozen=True, gc=False):
    """Draws an image.

    * ``base`` DisplayBase: Where to draw
    * ``data`` Copy: What to draw
    """

    base: DisplayBase
    data: Copy


class DrawBlend(msgspec.Struct, frozen=True, gc=False):
    """Combines an image with the destination.

    * ``base`` DisplayBase: Where to draw
    * ``data`` Blend: What to draw
    """

    base: DisplayBase
    data: Blend


class DrawBlackness(msgspec.Struct, frozen=True, gc=False):
    """Makes an area black.

    * ``base`` DisplayBase: Where to draw
    * ``data`` Blackness: What to draw
    """

    base: DisplayBase
    data: Blackness


class DrawWhiteness(msgspec.Struct, frozen=True, gc=False):
    """Makes an area white.

    * ``base`` DisplayBase: Where to draw
    * ``data`` Whiteness: What to draw
    """

    base: DisplayBase
    data: Whiteness


class DrawInvers(msgspec.Struct, frozen=True, gc=False):
    """Inverts an area.

    * ``base`` DisplayBase: Where to draw
    * ``data`` Invers: What to draw
    """

    base: DisplayBase
    data: Invers


class DrawRop3(msgspec.Struct, frozen=True, gc=False):
    """Combines source, brush and destination.

    * ``base`` DisplayBase: Where to draw
    * ``data`` Rop3: What to draw
    """

    base: DisplayBase
    data: Rop3


class DrawStroke(msgspec.Struct, frozen=True, gc=False):
    """Draws lines.

    * ``base`` DisplayBase: Where to draw
    * ``data`` Stroke: What to draw
    """

    base: DisplayBase
    data: Stroke


class DrawText(msgspec.Struct, frozen=True, gc=False):
    """Draws glyphs.

    * ``base`` DisplayBase: Where to draw
    * ``data`` Text: What to draw
    """

    base: DisplayBase
    data: Text


class DrawTransparent(msgspec.Struct, frozen=True, gc=False):
    """Draws an image without its pixels of one colour.

    * ``base`` DisplayBase: Where to draw
    * ``data`` Transparent: What to draw
    """

    base: DisplayBase
    data: Transparent


class DrawAlphaBlend(msgspec.Struct, frozen=True, gc=False):
    """Blends an image over the destination.

    * ``base`` DisplayBase: Where to draw
    * ``data`` AlphaBlend: What to draw
    """

    base: DisplayBase
    data: AlphaBlend


class SurfaceCreate(msgspec.Struct, frozen=True, gc=False):
    """A surface begins.

    * ``surface_id`` uint32: Number of the surface; 0 is the primary one
    * ``width`` uint32: Width (pixel)
    * ``height`` uint32: Height (pixel)
    * ``format`` uint32: Kind of pixels
    * ``flags`` uint32: Role of the surface
    """

    surface_id: int
    width: int
    height: int
    format: SurfaceFmt | int
    flags: SurfaceFlags | int


class SurfaceDestroy(msgspec.Struct, frozen=True, gc=False):
    """A surface ends.

    * ``surface_id`` uint32: The surface
    """

    surface_id: int


class MonitorsConfig(msgspec.Struct, frozen=True, gc=False):
    """Which parts of surfaces are monitors; nothing to act on if there are none.

    * ``max_allowed`` uint16: Most monitors that there can be
    * ``heads`` Heads: The monitors
    """

    max_allowed: int
    heads: tuple[Head, ...]

    @property
    def count(self) -> int:
        """Length of ``heads``."""
        return len(self.heads)


class DrawComposite(msgspec.Struct, frozen=True, gc=False):
    """An operation of the X RENDER extension.

    * ``base`` DisplayBase: Where to draw
    * ``data`` Composite: What to draw
    """

    base: DisplayBase
    data: Composite


class QualityIndicator(msgspec.Struct, frozen=True, gc=False):
    """Reserved; no program sends it.

    * ``data`` bytes: Not defined
    """

    data: bytes


class Init(msgspec.Struct, frozen=True, gc=False):
    """First message of the client: its caches.

    * ``pixmap_cache_id`` uint8: Pixmap cache, shared by all display channels that name it
    * ``pixmap_cache_size`` int64: Its size; what the first channel says holds (pixel)
    * ``glz_dictionary_id`` uint8: GLZ dictionary, shared by all display channels that name it
    * ``glz_dictionary_window_size`` int32: Size of its window (pixel)
    """

    pixmap_cache_id: int
    pixmap_cache_size: int
    glz_dictionary_id: int
    glz_dictionary_window_size: int


class PreferredCompression(msgspec.Struct, frozen=True, gc=False):
    """Asks for another image compression; an unknown one is ignored.

    * ``image_compression`` uint8: The compression wanted
    """

    image_compression: ImageCompression | int


class PreferredVideoCodecType(msgspec.Struct, frozen=True, gc=False):
    """Asks for video codecs, best first; none for the server's own order.

    * ``codecs`` uint8s: The codecs, best first
    """

    codecs: tuple[VideoCodecType | int, ...]

    @property
    def num_of_codecs(self) -> int:
        """Length of ``codecs``."""
        return len(self.codecs)
