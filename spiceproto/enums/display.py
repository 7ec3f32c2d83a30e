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
    END = 2
    CLOSE = 8
    BEZIER = 16


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


class BrushType(WireEnum):
    """Kind of a brush (SPICE_BRUSH_TYPE_*)."""

    NONE = 0
    SOLID = 1
    PATTERN = 2


class MaskFlags(WireFlags):
    """How a mask is read (SPICE_MASK_FLAGS_*)."""

    INVERS = 1


class ImageCompression(WireEnum):
    """A compression a client may prefer (SPICE_IMAGE_COMPRESSION_*)."""

    INVALID = 0
    OFF = 1
    AUTO_GLZ = 2
    AUTO_LZ = 3
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
    INVERS_BRUSH = 2
    INVERS_DEST = 4
    OP_PUT = 8
    OP_OR = 16
    OP_AND = 32
    OP_XOR = 64
    OP_BLACKNESS = 128
    OP_WHITENESS = 256
    OP_INVERS = 512
    INVERS_RES = 1024


class LineFlags(WireFlags):
    """Style of a line (SPICE_LINE_FLAGS_*)."""

    STYLED = 8
    START_WITH_GAP = 4


class StringFlags(WireFlags):
    """Depth and row order of glyphs (SPICE_STRING_FLAGS_*)."""

    RASTER_A1 = 1
    RASTER_A4 = 2
    RASTER_A8 = 4
    RASTER_TOP_DOWN = 8


class SurfaceFlags(WireFlags):
    """Role of a surface (SPICE_SURFACE_FLAGS_*)."""

    PRIMARY = 1
    STREAMING_MODE = 2


class SurfaceFmt(WireEnum):
    """Pixel format of a surface (SPICE_SURFACE_FMT_*)."""

    INVALID = 0
    _1_A = 1
    _8_A = 8
    _16_555 = 16
    _16_565 = 80
    _32_xRGB = 32
    _32_ARGB = 96


class AlphaFlags(WireFlags):
    """Where alpha is found in an alpha blend (SPICE_ALPHA_FLAGS_*)."""

    DEST_HAS_ALPHA = 1
    SRC_SURFACE_HAS_ALPHA = 2


class CompositeFlags(WireFlags):
    """Operator, filters, repeats and parts of a composite (SPICE_COMPOSITE_*); OP0..OP7 are one 8-bit number."""

    OP0 = 1
    OP1 = 2
    OP2 = 4
    OP3 = 8
    OP4 = 16
    OP5 = 32
    OP6 = 64
    OP7 = 128
    SRC_FILTER0 = 256
    SRC_FILTER1 = 512
    SRC_FILTER2 = 1024
    MASK_FILTER0 = 2048
    MASK_FITLER1 = 4096
    MASK_FILTER2 = 8192
    SRC_REPEAT0 = 16384
    SRC_REPEAT1 = 32768
    MASK_REPEAT0 = 65536
    MASK_REPEAT1 = 131072
    COMPONENT_ALPHA = 262144
    HAS_MASK = 524288
    HAS_SRC_TRANSFORM = 1048576
    HAS_MASK_TRANSFORM = 2097152
    SOURCE_OPAQUE = 4194304
    MASK_OPAQUE = 8388608
    DEST_OPAQUE = 16777216
    MASK_FILTER1 = 4096  # the wire constant is misspelled; this is the same bit


class ResourceType(WireEnum):
    """Kind of a cached resource (SPICE_RES_TYPE_*)."""

    INVALID = 0
    PIXMAP = 1


class GlScanoutFlags(WireFlags):
    """Row order of a GL scanout (SPICE_GL_SCANOUT_FLAGS_*)."""

    Y0TOP = 1
