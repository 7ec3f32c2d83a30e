"""Numbers of the display channel."""

from __future__ import annotations

from spiceproto.enums.base import WireEnum, WireFlags


class ClipType(WireEnum):
    """Kind of a clip region (SPICE_CLIP_TYPE_*)."""

    NONE = 0
    RECTS = 1


class PathFlags(WireFlags):
    """What a path segment does (SPICE_PATH_*)."""

    BEGIN = 1
    """Begins a figure."""
    END = 2
    """Ends a figure."""
    CLOSE = 8
    """A line back to where the figure began."""
    BEZIER = 16
    """Three points make a curve; otherwise each point ends a line."""


class VideoCodecType(WireEnum):
    """Codec of a video stream (SPICE_VIDEO_CODEC_TYPE_*)."""

    MJPEG = 1
    VP8 = 2
    H264 = 3
    VP9 = 4
    H265 = 5


class StreamFlags(WireFlags):
    """Row order of a video stream (SPICE_STREAM_FLAGS_*)."""

    TOP_DOWN = 1
    """The top row comes first."""


class BrushType(WireEnum):
    """Kind of a brush (SPICE_BRUSH_TYPE_*)."""

    NONE = 0
    SOLID = 1
    PATTERN = 2


class MaskFlags(WireFlags):
    """How a mask is read (SPICE_MASK_FLAGS_*)."""

    INVERS = 1
    """Draw where the mask's bits are clear."""


class ImageCompression(WireEnum):
    """A compression a client may prefer (SPICE_IMAGE_COMPRESSION_*)."""

    INVALID = 0
    OFF = 1
    """Bitmaps."""
    AUTO_GLZ = 2
    """QUIC or GLZ, chosen for each image."""
    AUTO_LZ = 3
    """QUIC or LZ, chosen for each image."""
    QUIC = 4
    GLZ = 5
    LZ = 6
    LZ4 = 7


class ImageScaleMode(WireEnum):
    """How pixels are made when the size changes (SPICE_IMAGE_SCALE_MODE_*)."""

    INTERPOLATE = 0
    NEAREST = 1


class Ropd(WireFlags):
    """Raster operation and inversions (SPICE_ROPD_*)."""

    INVERS_SRC = 1
    """Invert the source first."""
    INVERS_BRUSH = 2
    """Invert the brush first."""
    INVERS_DEST = 4
    """Invert the destination first."""
    OP_PUT = 8
    """The destination is not looked at."""
    OP_OR = 16
    OP_AND = 32
    OP_XOR = 64
    OP_BLACKNESS = 128
    OP_WHITENESS = 256
    OP_INVERS = 512
    """The destination is inverted, whatever the source."""
    INVERS_RES = 1024
    """Invert the result."""


class LineFlags(WireFlags):
    """Style of a line (SPICE_LINE_FLAGS_*)."""

    STYLED = 8
    """Dashes and gaps."""
    START_WITH_GAP = 4
    """A gap comes first."""


class StringFlags(WireFlags):
    """Depth and row order of glyphs (SPICE_STRING_FLAGS_*)."""

    RASTER_A1 = 1
    """One bit a pixel."""
    RASTER_A4 = 2
    """Four bits a pixel."""
    RASTER_A8 = 4
    """Eight bits a pixel."""
    RASTER_TOP_DOWN = 8
    """The top row of a glyph comes first."""


class SurfaceFlags(WireFlags):
    """Role of a surface (SPICE_SURFACE_FLAGS_*)."""

    PRIMARY = 1
    """The surface is the screen."""
    STREAMING_MODE = 2
    """The screen is sent as a video stream alone."""


class SurfaceFmt(WireEnum):
    """Pixel format of a surface (SPICE_SURFACE_FMT_*)."""

    INVALID = 0
    _1_A = 1
    """Alpha of one bit."""
    _8_A = 8
    """Alpha of eight bits."""
    _16_555 = 16
    """x1r5g5b5."""
    _16_565 = 80
    """r5g6b5."""
    _32_xRGB = 32
    """0x00RRGGBB; the top byte has no meaning."""
    _32_ARGB = 96
    """0xAARRGGBB; colours are multiplied by alpha."""


class AlphaFlags(WireFlags):
    """Where alpha is found in an alpha blend (SPICE_ALPHA_FLAGS_*)."""

    DEST_HAS_ALPHA = 1
    SRC_SURFACE_HAS_ALPHA = 2


class CompositeFlags(WireFlags):
    """Operator, filters, repeats and parts of a composite (SPICE_COMPOSITE_*); OP0..OP7 are one 8-bit number."""

    OP0 = 1
    """Lowest bit of the operator, as X RENDER numbers them."""
    OP1 = 2
    OP2 = 4
    OP3 = 8
    OP4 = 16
    OP5 = 32
    OP6 = 64
    OP7 = 128
    SRC_FILTER0 = 256
    """Lowest bit of the source's filter."""
    SRC_FILTER1 = 512
    SRC_FILTER2 = 1024
    MASK_FILTER0 = 2048
    """Lowest bit of the mask's filter."""
    MASK_FITLER1 = 4096
    """Misspelled upstream; MASK_FILTER1 is an alias."""
    MASK_FILTER2 = 8192
    SRC_REPEAT0 = 16384
    """Lowest bit of how the source repeats."""
    SRC_REPEAT1 = 32768
    MASK_REPEAT0 = 65536
    """Lowest bit of how the mask repeats."""
    MASK_REPEAT1 = 131072
    COMPONENT_ALPHA = 262144
    """Each colour of the mask is alpha of its own."""
    HAS_MASK = 524288
    HAS_SRC_TRANSFORM = 1048576
    HAS_MASK_TRANSFORM = 2097152
    SOURCE_OPAQUE = 4194304
    """Alpha of the source is not looked at."""
    MASK_OPAQUE = 8388608
    """Alpha of the mask is not looked at."""
    DEST_OPAQUE = 16777216
    """Alpha of the destination is not looked at."""
    MASK_FILTER1 = 4096  # the wire constant is misspelled; this is the same bit


class ResourceType(WireEnum):
    """Kind of a cached resource (SPICE_RES_TYPE_*)."""

    INVALID = 0
    PIXMAP = 1


class GlScanoutFlags(WireFlags):
    """Row order of a GL scanout (SPICE_GL_SCANOUT_FLAGS_*)."""

    Y0TOP = 1
    """Row 0 is the top one."""
