"""GL scanouts of the display channel: their structures; the messages stand in the table of that channel.

The guest's screen is a buffer of the graphics card, and its pixels never travel. They need a Unix socket: a file
descriptor travels beside the message, with one byte 0x40 that the message size does not count.

Sources: spice.proto of spice-common; BEHAVIOUR 14.8.
"""

from __future__ import annotations

from spiceproto.domain import BITS, between
from spiceproto.enums.display import GlScanoutFlags
from spiceproto.wire import array, descriptor, field, flags, record, uint8, uint32, uint64

GlPlaneUnix = record(
    "display.GlPlaneUnix",
    field("fd", descriptor(), "DMA-BUF that holds the plane"),
    field("offset", uint32, "Where the plane begins in it", unit="byte"),
    field("stride", uint32, "Size of a row", unit="byte"),
    doc="One plane of a scanout.",
)

GlScanoutUnix = record(
    "display.GlScanoutUnix",
    field("drm_dma_buf_fd", descriptor(), "DMA-BUF that holds the pixels; it may be missing"),
    field("width", uint32, "Width", unit="pixel"),
    field("height", uint32, "Height", unit="pixel"),
    field("stride", uint32, "Size of a row", unit="byte"),
    field("drm_fourcc_format", uint32, "Kind of pixels, as a DRM FourCC", shown="letters"),
    field("flags", flags(GlScanoutFlags, uint32), "Row order", domain=BITS),
    doc="The guest's screen is now this buffer.",
)

GlDraw = record(
    "display.GlDraw",
    field("x", uint32, "Left edge", unit="pixel"),
    field("y", uint32, "Top edge", unit="pixel"),
    field("w", uint32, "Width", unit="pixel"),
    field("h", uint32, "Height", unit="pixel"),
    doc="A part of the buffer has changed; answered by GL_DRAW_DONE.",
)

GlScanout2Unix = record(
    "display.GlScanout2Unix",
    field("width", uint32, "Width", unit="pixel"),
    field("height", uint32, "Height", unit="pixel"),
    field("fourcc", uint32, "Kind of pixels, as a DRM FourCC", shown="letters"),
    field("flags", flags(GlScanoutFlags, uint32), "Row order", domain=BITS),
    field("num_planes", uint8, "How many planes", domain=between(1, 4)),
    field("modifier", uint64, "DRM format modifier"),
    field("planes", array(GlPlaneUnix, "num_planes"), "The planes"),
    doc="Like GL_SCANOUT_UNIX, with several planes and a modifier; from spice-server 0.16.0.",
)

GlDrawDone = record(
    "display.GlDrawDone",
    doc="Answer to every GL_DRAW; spice-server closes on one too many.",
)
