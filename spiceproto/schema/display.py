"""The display channel: surfaces, drawing, video streams, caches and the layout of heads.

The client sends INIT first, and spice-server sends nothing before it. Surface 0 is the primary one; MODE and RESET are
how screens began and ended before there were surfaces. A stream is created, fed, clipped and destroyed by an id from 0
to 63; frames wait for their time on the multimedia clock. The server decides what stays in the client's caches and
names what to drop. The structures of streams and of GL scanouts are in files of their own.

Sources: spice.proto of spice-common; BEHAVIOUR 12 to 14.
"""

from __future__ import annotations

from spiceproto.domain import BITS, at_least, named, not_below
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import (
    ImageCompression,
    ResourceType,
    SurfaceFlags,
    SurfaceFmt,
    VideoCodecType,
)
from spiceproto.enums.link import ChannelType
from spiceproto.message import channel, message
from spiceproto.schema.draw import (
    AlphaBlend,
    Blackness,
    Blend,
    Composite,
    Copy,
    DisplayBase,
    Fill,
    Invers,
    Opaque,
    Rop3,
    Stroke,
    Text,
    Transparent,
    Whiteness,
)
from spiceproto.schema.geometry import Point
from spiceproto.schema.scanout import GlDraw, GlDrawDone, GlScanout2Unix, GlScanoutUnix
from spiceproto.schema.stream import (
    StreamActivateReport,
    StreamClip,
    StreamCreate,
    StreamData,
    StreamDataSized,
    StreamDestroy,
    StreamDestroyAll,
    StreamReport,
)
from spiceproto.wire import (
    REST,
    array,
    data,
    enum,
    field,
    flags,
    int32,
    int64,
    record,
    uint8,
    uint16,
    uint32,
    uint64,
)

ResourceID = record(
    "display.ResourceID",
    field("type", enum(ResourceType, uint8), "Kind of the resource", domain=named(but=ResourceType.INVALID)),
    field("id", uint64, "Its key: id of the image descriptor"),
    doc="A cached thing to drop.",
)

WaitForChannel = record(
    "display.WaitForChannel",
    field("channel_type", enum(ChannelType, uint8), "Kind of the channel to wait for"),
    field("channel_id", uint8, "Which of several"),
    field("message_serial", uint64, "Serial of the message that it must have handled"),
    doc="One message to wait for; laid out like ChannelWait of every channel.",
)

Head = record(
    "display.Head",
    field("monitor_id", uint32, "Number of the monitor on this channel"),
    field("surface_id", uint32, "The surface it shows"),
    field("width", uint32, "Width", unit="pixel"),
    field("height", uint32, "Height", unit="pixel"),
    field("x", uint32, "Left edge on the surface; unsigned", unit="pixel"),
    field("y", uint32, "Top edge on the surface; unsigned", unit="pixel"),
    field("flags", uint32, "None is defined", domain=0),
    doc="One monitor, as a part of a surface.",
)

Mode = record(
    "display.Mode",
    field("x_res", uint32, "Width", unit="pixel"),
    field("y_res", uint32, "Height", unit="pixel"),
    field("bits", uint32, "Bits per pixel"),
    doc="Obsolete: begins a screen; SURFACE_CREATE with PRIMARY took its place.",
)

Mark = record(
    "display.Mark",
    doc="The primary surface is ready to be shown.",
)

Reset = record(
    "display.Reset",
    doc="Obsolete: ends a screen and empties the caches.",
)

CopyBits = record(
    "display.CopyBits",
    field("base", DisplayBase, "Where to draw"),
    field("src_pos", Point, "Top left corner of the source, on the same surface"),
    doc="Moves pixels inside a surface; source and box may overlap.",
)

InvalList = record(
    "display.InvalList",
    field("count", uint16, "How many"),
    field("resources", array(ResourceID, "count"), "What to drop"),
    doc="Drops images from the pixmap cache.",
)

InvalAllPixmaps = record(
    "display.InvalAllPixmaps",
    field("wait_count", uint8, "How many messages to wait for"),
    field("wait_list", array(WaitForChannel, "wait_count"), "The messages"),
    doc="Empties the pixmap cache, once other channels have handled what is named.",
)

InvalPalette = record(
    "display.InvalPalette",
    field("id", uint64, "Its key: unique of the palette"),
    doc="Drops a palette from the palette cache.",
)

InvalAllPalettes = record(
    "display.InvalAllPalettes",
    doc="Empties the palette cache.",
)

DrawFill = record(
    "display.DrawFill",
    field("base", DisplayBase, "Where to draw"),
    field("data", Fill, "What to draw"),
    doc="Fills an area.",
)

DrawOpaque = record(
    "display.DrawOpaque",
    field("base", DisplayBase, "Where to draw"),
    field("data", Opaque, "What to draw"),
    doc="Draws an image combined with a brush.",
)

DrawCopy = record(
    "display.DrawCopy",
    field("base", DisplayBase, "Where to draw"),
    field("data", Copy, "What to draw"),
    doc="Draws an image.",
)

DrawBlend = record(
    "display.DrawBlend",
    field("base", DisplayBase, "Where to draw"),
    field("data", Blend, "What to draw"),
    doc="Combines an image with the destination.",
)

DrawBlackness = record(
    "display.DrawBlackness",
    field("base", DisplayBase, "Where to draw"),
    field("data", Blackness, "What to draw"),
    doc="Makes an area black.",
)

DrawWhiteness = record(
    "display.DrawWhiteness",
    field("base", DisplayBase, "Where to draw"),
    field("data", Whiteness, "What to draw"),
    doc="Makes an area white.",
)

DrawInvers = record(
    "display.DrawInvers",
    field("base", DisplayBase, "Where to draw"),
    field("data", Invers, "What to draw"),
    doc="Inverts an area.",
)

DrawRop3 = record(
    "display.DrawRop3",
    field("base", DisplayBase, "Where to draw"),
    field("data", Rop3, "What to draw"),
    doc="Combines source, brush and destination.",
)

DrawStroke = record(
    "display.DrawStroke",
    field("base", DisplayBase, "Where to draw"),
    field("data", Stroke, "What to draw"),
    doc="Draws lines.",
)

DrawText = record(
    "display.DrawText",
    field("base", DisplayBase, "Where to draw"),
    field("data", Text, "What to draw"),
    doc="Draws glyphs.",
)

DrawTransparent = record(
    "display.DrawTransparent",
    field("base", DisplayBase, "Where to draw"),
    field("data", Transparent, "What to draw"),
    doc="Draws an image without its pixels of one colour.",
)

DrawAlphaBlend = record(
    "display.DrawAlphaBlend",
    field("base", DisplayBase, "Where to draw"),
    field("data", AlphaBlend, "What to draw"),
    doc="Blends an image over the destination.",
)

SurfaceCreate = record(
    "display.SurfaceCreate",
    field("surface_id", uint32, "Number of the surface; 0 is the primary one"),
    field("width", uint32, "Width", unit="pixel", domain=at_least(1)),
    field("height", uint32, "Height", unit="pixel", domain=at_least(1)),
    field("format", enum(SurfaceFmt, uint32), "Kind of pixels", domain=named(but=SurfaceFmt.INVALID)),
    field("flags", flags(SurfaceFlags, uint32), "Role of the surface", domain=BITS),
    doc="A surface begins.",
)

SurfaceDestroy = record(
    "display.SurfaceDestroy",
    field("surface_id", uint32, "The surface"),
    doc="A surface ends.",
)

MonitorsConfig = record(
    "display.MonitorsConfig",
    field("count", uint16, "How many monitors"),
    field("max_allowed", uint16, "Most monitors that there can be", domain=not_below("count", sentence="SPICE-MONITOR-001")),
    field("heads", array(Head, "count"), "The monitors"),
    doc="Which parts of surfaces are monitors; nothing to act on if there are none.",
)

DrawComposite = record(
    "display.DrawComposite",
    field("base", DisplayBase, "Where to draw"),
    field("data", Composite, "What to draw"),
    doc="An operation of the X RENDER extension.",
)

QualityIndicator = record(
    "display.QualityIndicator",
    field("data", data(REST), "Not defined"),
    doc="Reserved; no program sends it.",
)

Init = record(
    "display.Init",
    field("pixmap_cache_id", uint8, "Pixmap cache, shared by all display channels that name it"),
    field("pixmap_cache_size", int64, "Its size; what the first channel says holds", unit="pixel", domain=at_least(0)),
    field("glz_dictionary_id", uint8, "GLZ dictionary, shared by all display channels that name it"),
    field("glz_dictionary_window_size", int32, "Size of its window", unit="pixel", domain=at_least(0)),
    doc="First message of the client: its caches.",
)

PreferredCompression = record(
    "display.PreferredCompression",
    field(
        "image_compression",
        enum(ImageCompression, uint8),
        "The compression wanted",
        domain=named(but=ImageCompression.INVALID),
    ),
    doc="Asks for another image compression; an unknown one is ignored.",
)

PreferredVideoCodecType = record(
    "display.PreferredVideoCodecType",
    field("num_of_codecs", uint8, "How many codecs"),
    field("codecs", array(enum(VideoCodecType, uint8), "num_of_codecs"), "The codecs, best first", domain=at_least(1)),
    doc="Asks for video codecs, best first; none for the server's own order.",
)

_BASE = ("base.surface_id", "base.box")
_SOURCE = (
    *_BASE,
    "data.src_bitmap.descriptor.type",
    "data.src_bitmap.descriptor.width",
    "data.src_bitmap.descriptor.height",
    "data.src_bitmap.descriptor.id",
)

DISPLAY = channel(
    "display",
    ChannelType.DISPLAY,
    prefix="DISPLAY",
    server=(
        message(101, "MODE", Mode, status="obsolete"),
        message(102, "MARK", Mark),
        message(103, "RESET", Reset, status="obsolete"),
        message(104, "COPY_BITS", CopyBits, summary=(*_BASE, "src_pos")),
        message(105, "INVAL_LIST", InvalList, summary=("count", "resources")),
        message(106, "INVAL_ALL_PIXMAPS", InvalAllPixmaps, summary=("wait_count", "wait_list")),
        message(107, "INVAL_PALETTE", InvalPalette),
        message(108, "INVAL_ALL_PALETTES", InvalAllPalettes),
        message(
            122,
            "STREAM_CREATE",
            StreamCreate,
            summary=("surface_id", "id", "codec_type", "stream_width", "stream_height", "dest"),
        ),
        message(123, "STREAM_DATA", StreamData, summary=("base.id", "base.multi_media_time", "data_size")),
        message(124, "STREAM_CLIP", StreamClip, summary=("id", "clip.type", "clip.rects")),
        message(125, "STREAM_DESTROY", StreamDestroy),
        message(126, "STREAM_DESTROY_ALL", StreamDestroyAll),
        message(302, "DRAW_FILL", DrawFill, summary=(*_BASE, "data.brush.type", "data.brush.color", "data.rop_descriptor")),
        message(303, "DRAW_OPAQUE", DrawOpaque, summary=(*_SOURCE, "data.rop_descriptor")),
        message(304, "DRAW_COPY", DrawCopy, summary=_SOURCE),
        message(305, "DRAW_BLEND", DrawBlend, summary=(*_SOURCE, "data.rop_descriptor")),
        message(306, "DRAW_BLACKNESS", DrawBlackness, summary=_BASE),
        message(307, "DRAW_WHITENESS", DrawWhiteness, summary=_BASE),
        message(308, "DRAW_INVERS", DrawInvers, summary=_BASE),
        message(309, "DRAW_ROP3", DrawRop3, summary=(*_SOURCE, "data.rop3")),
        message(310, "DRAW_STROKE", DrawStroke, summary=(*_BASE, "data.brush.type", "data.brush.color", "data.fore_mode")),
        message(311, "DRAW_TEXT", DrawText, summary=(*_BASE, "data.str.length", "data.str.flags")),
        message(312, "DRAW_TRANSPARENT", DrawTransparent, summary=(*_SOURCE, "data.true_color")),
        message(313, "DRAW_ALPHA_BLEND", DrawAlphaBlend, summary=(*_SOURCE, "data.alpha")),
        message(314, "SURFACE_CREATE", SurfaceCreate),
        message(315, "SURFACE_DESTROY", SurfaceDestroy),
        message(
            316,
            "STREAM_DATA_SIZED",
            StreamDataSized,
            capability=DisplayCapability.SIZED_STREAM,
            instead="STREAM_DATA or a drawing message",
            summary=("base.id", "base.multi_media_time", "width", "height", "data_size"),
        ),
        message(
            317,
            "MONITORS_CONFIG",
            MonitorsConfig,
            capability=DisplayCapability.MONITORS_CONFIG,
            instead="not sent",
            summary=("count", "heads"),
        ),
        message(
            318,
            "DRAW_COMPOSITE",
            DrawComposite,
            capability=DisplayCapability.COMPOSITE,
            instead="an image of what the server renders itself, unless all clients have the capability",
            summary=(*_SOURCE, "data.flags"),
        ),
        message(
            319,
            "STREAM_ACTIVATE_REPORT",
            StreamActivateReport,
            capability=DisplayCapability.STREAM_REPORT,
            instead="not sent",
        ),
        message(
            320,
            "GL_SCANOUT_UNIX",
            GlScanoutUnix,
            capability=DisplayCapability.GL_SCANOUT,
            instead="a video stream, or the channel is closed",
        ),
        message(321, "GL_DRAW", GlDraw),
        message(322, "QUALITY_INDICATOR", QualityIndicator, status="reserved"),
        message(
            323,
            "GL_SCANOUT2_UNIX",
            GlScanout2Unix,
            capability=DisplayCapability.GL_SCANOUT2,
            instead="GL_SCANOUT_UNIX; nothing for a buffer of several planes",
            summary=("width", "height", "fourcc", "num_planes", "modifier"),
        ),
    ),
    client=(
        message(101, "INIT", Init),
        message(102, "STREAM_REPORT", StreamReport),
        message(
            103,
            "PREFERRED_COMPRESSION",
            PreferredCompression,
            capability=DisplayCapability.PREF_COMPRESSION,
            instead="not sent",
        ),
        message(104, "GL_DRAW_DONE", GlDrawDone),
        message(
            105,
            "PREFERRED_VIDEO_CODEC_TYPE",
            PreferredVideoCodecType,
            capability=DisplayCapability.PREF_VIDEO_CODEC_TYPE,
            instead="not sent",
            summary=("codecs",),
        ),
    ),
    doc="What the guest's screens show.",
)
