"""Values of draw. Made from spiceproto/schema/draw.py by ``python -m spiceproto.derive``; do not edit."""

from __future__ import annotations

import msgspec

from spiceproto.enums.display import AlphaFlags, BrushType, ClipType, CompositeFlags, ImageScaleMode, LineFlags, MaskFlags, PathFlags, Ropd, StringFlags
from spiceproto.messages.geometry import Point, Point16, PointFix, Rect, Transform
from spiceproto.messages.image import Image


class ClipRects(msgspec.Struct, frozen=True, gc=False):
    """The region that these rectangles cover.

    * ``rects`` Rects: The rectangles, on the surface
    """

    rects: tuple[Rect, ...]

    @property
    def num_rects(self) -> int:
        """Length of ``rects``."""
        return len(self.rects)


class PathSegment(msgspec.Struct, frozen=True, gc=False):
    """A row of lines or Bezier curves.

    * ``flags`` uint8: Begin, end, close; whether it is a curve
    * ``points`` PointFixs: The points; three for each Bezier curve
    """

    flags: PathFlags | int
    points: tuple[PointFix, ...]

    @property
    def count(self) -> int:
        """Length of ``points``."""
        return len(self.points)


class Path(msgspec.Struct, frozen=True, gc=False):
    """A figure of lines and curves.

    * ``segments`` PathSegments: The segments
    """

    segments: tuple[PathSegment, ...]

    @property
    def num_segments(self) -> int:
        """Length of ``segments``."""
        return len(self.segments)


class Clip(msgspec.Struct, frozen=True, gc=False):
    """Limits drawing to a region.

    * ``type`` uint8: Whether anything is cut off
    * ``rects`` ClipRects if ``type`` is RECTS: What is left
    """

    type: ClipType | int
    rects: ClipRects | None = None


class DisplayBase(msgspec.Struct, frozen=True, gc=False):
    """Begins every drawing message.

    * ``surface_id`` uint32: The surface to draw on; 0 is the primary one
    * ``box`` Rect: Where to draw
    * ``clip`` Clip: The part of the box that is drawn
    """

    surface_id: int
    box: Rect
    clip: Clip


class Pattern(msgspec.Struct, frozen=True, gc=False):
    """A brush that repeats an image.

    * ``pat`` offset to Image: The image that is repeated
    * ``pos`` Point: Where one copy of it begins
    """

    pat: Image
    pos: Point


class Brush(msgspec.Struct, frozen=True, gc=False):
    """What areas are filled with.

    * ``type`` uint8: Kind of the brush
    * ``color`` uint32 if ``type`` is SOLID: The colour
    * ``pattern`` Pattern if ``type`` is PATTERN: The pattern
    """

    type: BrushType | int
    color: int | None = None
    pattern: Pattern | None = None


class QMask(msgspec.Struct, frozen=True, gc=False):
    """Limits drawing to the set bits of an image.

    * ``flags`` uint8: Whether the mask is inverted
    * ``pos`` Point: Place in the mask that meets the top left corner of the box
    * ``bitmap`` offset to Image: One bit per pixel, set where to draw; null for no mask
    """

    flags: MaskFlags | int
    pos: Point
    bitmap: Image | None = None


class LineAttr(msgspec.Struct, frozen=True, gc=False):
    """Style of a line; join, cap, width and miter limit of 2009 are gone.

    * ``flags`` uint8: Whether the line is dashed, and with what it begins
    * ``style`` offset to fixed28_4s if ``flags`` has STYLED: Lengths of dashes and gaps in turn (1/16 pixel)
    """

    flags: LineFlags | int
    style: tuple[int, ...] | None = None

    @property
    def style_nseg(self) -> int:
        """Length of ``style``."""
        return 0 if self.style is None else len(self.style)


class RasterGlyphA1(msgspec.Struct, frozen=True, gc=False):
    """A glyph without shades.

    * ``render_pos`` Point: Where the glyph stands on the surface
    * ``glyph_origin`` Point: Top left corner of its picture, counted from there
    * ``width`` uint16: Width (pixel)
    * ``height`` uint16: Height (pixel)
    * ``data`` bytes: One bit per pixel, rows filled up to bytes
    """

    render_pos: Point
    glyph_origin: Point
    width: int
    height: int
    data: bytes


class RasterGlyphA4(msgspec.Struct, frozen=True, gc=False):
    """A glyph with 16 shades.

    * ``render_pos`` Point: Where the glyph stands on the surface
    * ``glyph_origin`` Point: Top left corner of its picture, counted from there
    * ``width`` uint16: Width (pixel)
    * ``height`` uint16: Height (pixel)
    * ``data`` bytes: Four bits of coverage per pixel, rows filled up to bytes
    """

    render_pos: Point
    glyph_origin: Point
    width: int
    height: int
    data: bytes


class RasterGlyphA8(msgspec.Struct, frozen=True, gc=False):
    """A glyph with 256 shades.

    * ``render_pos`` Point: Where the glyph stands on the surface
    * ``glyph_origin`` Point: Top left corner of its picture, counted from there
    * ``width`` uint16: Width (pixel)
    * ``height`` uint16: Height (pixel)
    * ``data`` bytes: A byte of coverage per pixel
    """

    render_pos: Point
    glyph_origin: Point
    width: int
    height: int
    data: bytes


class String(msgspec.Struct, frozen=True, gc=False):
    """Text as pictures of its glyphs; none if no depth is given.

    * ``flags`` uint8: Depth and row order of the glyphs
    * ``glyphs`` RasterGlyphA1s if ``flags`` has RASTER_A1: Glyphs without shades
    """

    flags: StringFlags | int
    glyphs: tuple[RasterGlyphA1, ...] | tuple[RasterGlyphA4, ...] | tuple[RasterGlyphA8, ...] | None = None

    @property
    def length(self) -> int:
        """Length of ``glyphs``."""
        return 0 if self.glyphs is None else len(self.glyphs)


class Fill(msgspec.Struct, frozen=True, gc=False):
    """Fills an area.

    * ``brush`` Brush: What to fill with
    * ``rop_descriptor`` uint16: How brush and destination are combined
    * ``mask`` QMask: Where to draw
    """

    brush: Brush
    rop_descriptor: Ropd | int
    mask: QMask


class Opaque(msgspec.Struct, frozen=True, gc=False):
    """Draws an image combined with a brush.

    * ``src_bitmap`` offset to Image: The source
    * ``src_area`` Rect: Part of the source
    * ``brush`` Brush: What is combined with the source
    * ``rop_descriptor`` uint16: How brush and source are combined
    * ``scale_mode`` uint8: How the source is scaled
    * ``mask`` QMask: Where to draw
    """

    src_bitmap: Image | None
    src_area: Rect
    brush: Brush
    rop_descriptor: Ropd | int
    scale_mode: ImageScaleMode | int
    mask: QMask


class Copy(msgspec.Struct, frozen=True, gc=False):
    """Draws an image.

    * ``src_bitmap`` offset to Image: The source
    * ``src_area`` Rect: Part of the source
    * ``rop_descriptor`` uint16: How source and destination are combined; OP_PUT in practice
    * ``scale_mode`` uint8: How the source is scaled
    * ``mask`` QMask: Where to draw
    """

    src_bitmap: Image | None
    src_area: Rect
    rop_descriptor: Ropd | int
    scale_mode: ImageScaleMode | int
    mask: QMask


class Blend(msgspec.Struct, frozen=True, gc=False):
    """Combines an image with the destination; laid out like Copy.

    * ``src_bitmap`` offset to Image: The source
    * ``src_area`` Rect: Part of the source
    * ``rop_descriptor`` uint16: How source and destination are combined
    * ``scale_mode`` uint8: How the source is scaled
    * ``mask`` QMask: Where to draw
    """

    src_bitmap: Image | None
    src_area: Rect
    rop_descriptor: Ropd | int
    scale_mode: ImageScaleMode | int
    mask: QMask


class Blackness(msgspec.Struct, frozen=True, gc=False):
    """Makes an area black.

    * ``mask`` QMask: Where to draw
    """

    mask: QMask


class Whiteness(msgspec.Struct, frozen=True, gc=False):
    """Makes an area white.

    * ``mask`` QMask: Where to draw
    """

    mask: QMask


class Invers(msgspec.Struct, frozen=True, gc=False):
    """Inverts an area.

    * ``mask`` QMask: Where to draw
    """

    mask: QMask


class Rop3(msgspec.Struct, frozen=True, gc=False):
    """Combines source, brush and destination.

    * ``src_bitmap`` offset to Image: The source
    * ``src_area`` Rect: Part of the source
    * ``brush`` Brush: The pattern
    * ``rop3`` uint8: Number of the ternary raster operation, as in Windows GDI
    * ``scale_mode`` uint8: How the source is scaled
    * ``mask`` QMask: Where to draw
    """

    src_bitmap: Image | None
    src_area: Rect
    brush: Brush
    rop3: int
    scale_mode: ImageScaleMode | int
    mask: QMask


class Stroke(msgspec.Struct, frozen=True, gc=False):
    """Draws lines.

    * ``path`` offset to Path: The figure
    * ``attr`` LineAttr: Style of the line
    * ``brush`` Brush: What the line is drawn with
    * ``fore_mode`` uint16: Ropd bits for the line
    * ``back_mode`` uint16: Ropd bits for gaps
    """

    path: Path
    attr: LineAttr
    brush: Brush
    fore_mode: int
    back_mode: int


class Text(msgspec.Struct, frozen=True, gc=False):
    """Draws glyphs.

    * ``str`` offset to String: The glyphs
    * ``back_area`` Rect: Where to draw the background; none if it is empty
    * ``fore_brush`` Brush: What glyphs are drawn with
    * ``back_brush`` Brush: What the background is filled with
    * ``fore_mode`` uint16: Ropd bits for glyphs
    * ``back_mode`` uint16: Ropd bits for the background
    """

    str: String
    back_area: Rect
    fore_brush: Brush
    back_brush: Brush
    fore_mode: int
    back_mode: int


class Transparent(msgspec.Struct, frozen=True, gc=False):
    """Draws an image without its pixels of one colour.

    * ``src_bitmap`` offset to Image: The source
    * ``src_area`` Rect: Part of the source
    * ``src_color`` uint32: The colour to leave out, in the format of the source
    * ``true_color`` uint32: The same colour as 0x00RRGGBB
    """

    src_bitmap: Image | None
    src_area: Rect
    src_color: int
    true_color: int


class AlphaBlend(msgspec.Struct, frozen=True, gc=False):
    """Blends an image over the destination.

    * ``alpha_flags`` uint8: Which of both have alpha of their own
    * ``alpha`` uint8: Alpha of the whole image; 255 is opaque
    * ``src_bitmap`` offset to Image: The source
    * ``src_area`` Rect: Part of the source
    """

    alpha_flags: AlphaFlags | int
    alpha: int
    src_bitmap: Image | None
    src_area: Rect


class Composite(msgspec.Struct, frozen=True, gc=False):
    """An operation of the X RENDER extension.

    * ``flags`` uint32: Operator, filters, repeats, and what is given
    * ``src_bitmap`` offset to Image: The source
    * ``mask_bitmap`` offset to Image if ``flags`` has HAS_MASK: The mask
    * ``src_transform`` Transform if ``flags`` has HAS_SRC_TRANSFORM: From destination to source
    * ``mask_transform`` Transform if ``flags`` has HAS_MASK_TRANSFORM: From destination to mask
    * ``src_origin`` Point16: Place in the source that meets the top left corner of the box
    * ``mask_origin`` Point16: Place in the mask that meets the top left corner of the box
    """

    flags: CompositeFlags | int
    src_bitmap: Image | None
    mask_bitmap: Image | None
    src_transform: Transform | None
    mask_transform: Transform | None
    src_origin: Point16
    mask_origin: Point16
