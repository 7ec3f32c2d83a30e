"""What drawing messages are made of: clip, brush, mask, text, paths and the operations themselves.

Every operation draws into the box of its DisplayBase, inside the clip. ``src_area`` of a source is scaled to the box.
A raster operation is a set of Ropd bits: one OP bit and any of the inversions; ``rop3`` is the number of a ternary one.
``fore_mode`` and ``back_mode`` hold Ropd bits as well, though the description declares plain numbers.
Colours are pixels of the destination's format, 0x00RRGGBB on a 32-bit surface.

A source may be null where the description allows it, although the operations make no sense without one.

Source: spice.proto of spice-common.
"""

from __future__ import annotations

from spiceproto.domain import BITS, NAMED
from spiceproto.enums.display import (
    AlphaFlags,
    BrushType,
    ClipType,
    CompositeFlags,
    ImageScaleMode,
    LineFlags,
    MaskFlags,
    PathFlags,
    Ropd,
    StringFlags,
)
from spiceproto.schema.geometry import Point, Point16, PointFix, Rect, Transform
from spiceproto.schema.image import Image
from spiceproto.wire import (
    PackedRows,
    array,
    data,
    enum,
    field,
    fixed28_4,
    flags,
    pointer,
    record,
    uint8,
    uint16,
    uint32,
    when,
)

ClipRects = record(
    "draw.ClipRects",
    field("num_rects", uint32, "How many rectangles"),
    field("rects", array(Rect, "num_rects"), "The rectangles, on the surface"),
    doc="The region that these rectangles cover.",
)

PathSegment = record(
    "draw.PathSegment",
    field("flags", flags(PathFlags, uint8), "Begin, end, close; whether it is a curve", domain=BITS),
    field("count", uint32, "How many points"),
    field("points", array(PointFix, "count"), "The points; three for each Bezier curve"),
    doc="A row of lines or Bezier curves.",
)

Path = record(
    "draw.Path",
    field("num_segments", uint32, "How many segments; the text of 2009 has a size in bytes here"),
    field("segments", array(PathSegment, "num_segments"), "The segments"),
    doc="A figure of lines and curves.",
)

Clip = record(
    "draw.Clip",
    field("type", enum(ClipType, uint8), "Whether anything is cut off", domain=NAMED),
    field("rects", when("type", ClipType.RECTS, ClipRects), "What is left"),
    doc="Limits drawing to a region.",
)

DisplayBase = record(
    "draw.DisplayBase",
    field("surface_id", uint32, "The surface to draw on; 0 is the primary one"),
    field("box", Rect, "Where to draw"),
    field("clip", Clip, "The part of the box that is drawn"),
    doc="Begins every drawing message.",
)

Pattern = record(
    "draw.Pattern",
    field("pat", pointer(Image, null=False), "The image that is repeated"),
    field("pos", Point, "Where one copy of it begins"),
    doc="A brush that repeats an image.",
)

Brush = record(
    "draw.Brush",
    field("type", enum(BrushType, uint8), "Kind of the brush", domain=NAMED),
    field("color", when("type", BrushType.SOLID, uint32), "The colour"),
    field("pattern", when("type", BrushType.PATTERN, Pattern), "The pattern"),
    doc="What areas are filled with.",
)

QMask = record(
    "draw.QMask",
    field("flags", flags(MaskFlags, uint8), "Whether the mask is inverted"),
    field("pos", Point, "Place in the mask that meets the top left corner of the box"),
    field("bitmap", pointer(Image, null=True), "One bit per pixel, set where to draw; null for no mask"),
    doc="Limits drawing to the set bits of an image.",
)

LineAttr = record(
    "draw.LineAttr",
    field("flags", flags(LineFlags, uint8), "Whether the line is dashed, and with what it begins", domain=BITS),
    field("style_nseg", when("flags", LineFlags.STYLED, uint8), "How many lengths"),
    field(
        "style",
        when("flags", LineFlags.STYLED, pointer(array(fixed28_4, "style_nseg"), null=True)),
        "Lengths of dashes and gaps in turn",
        unit="1/16 pixel",
    ),
    doc="Style of a line; join, cap, width and miter limit of 2009 are gone.",
)

RasterGlyphA1 = record(
    "draw.RasterGlyphA1",
    field("render_pos", Point, "Where the glyph stands on the surface"),
    field("glyph_origin", Point, "Top left corner of its picture, counted from there"),
    field("width", uint16, "Width", unit="pixel"),
    field("height", uint16, "Height", unit="pixel"),
    field("data", data(PackedRows(1)), "One bit per pixel, rows filled up to bytes"),
    doc="A glyph without shades.",
)

RasterGlyphA4 = record(
    "draw.RasterGlyphA4",
    field("render_pos", Point, "Where the glyph stands on the surface"),
    field("glyph_origin", Point, "Top left corner of its picture, counted from there"),
    field("width", uint16, "Width", unit="pixel"),
    field("height", uint16, "Height", unit="pixel"),
    field("data", data(PackedRows(4)), "Four bits of coverage per pixel, rows filled up to bytes"),
    doc="A glyph with 16 shades.",
)

RasterGlyphA8 = record(
    "draw.RasterGlyphA8",
    field("render_pos", Point, "Where the glyph stands on the surface"),
    field("glyph_origin", Point, "Top left corner of its picture, counted from there"),
    field("width", uint16, "Width", unit="pixel"),
    field("height", uint16, "Height", unit="pixel"),
    field("data", data(PackedRows(8)), "A byte of coverage per pixel"),
    doc="A glyph with 256 shades.",
)

String = record(
    "draw.String",
    field("length", uint16, "How many glyphs"),
    field("flags", flags(StringFlags, uint8), "Depth and row order of the glyphs", domain=BITS),
    field("glyphs", when("flags", StringFlags.RASTER_A1, array(RasterGlyphA1, "length")), "Glyphs without shades"),
    field("glyphs", when("flags", StringFlags.RASTER_A4, array(RasterGlyphA4, "length")), "Glyphs with 16 shades"),
    field("glyphs", when("flags", StringFlags.RASTER_A8, array(RasterGlyphA8, "length")), "Glyphs with 256 shades"),
    doc="Text as pictures of its glyphs; none if no depth is given.",
)

Fill = record(
    "draw.Fill",
    field("brush", Brush, "What to fill with"),
    field("rop_descriptor", flags(Ropd, uint16), "How brush and destination are combined", domain=BITS),
    field("mask", QMask, "Where to draw"),
    doc="Fills an area.",
)

Opaque = record(
    "draw.Opaque",
    field("src_bitmap", pointer(Image, null=True), "The source"),
    field("src_area", Rect, "Part of the source"),
    field("brush", Brush, "What is combined with the source"),
    field("rop_descriptor", flags(Ropd, uint16), "How brush and source are combined", domain=BITS),
    field("scale_mode", enum(ImageScaleMode, uint8), "How the source is scaled", domain=NAMED),
    field("mask", QMask, "Where to draw"),
    doc="Draws an image combined with a brush.",
)

Copy = record(
    "draw.Copy",
    field("src_bitmap", pointer(Image, null=True), "The source"),
    field("src_area", Rect, "Part of the source"),
    field("rop_descriptor", flags(Ropd, uint16), "How source and destination are combined; OP_PUT in practice", domain=BITS),
    field("scale_mode", enum(ImageScaleMode, uint8), "How the source is scaled", domain=NAMED),
    field("mask", QMask, "Where to draw"),
    doc="Draws an image.",
)

Blend = record(
    "draw.Blend",
    field("src_bitmap", pointer(Image, null=True), "The source"),
    field("src_area", Rect, "Part of the source"),
    field("rop_descriptor", flags(Ropd, uint16), "How source and destination are combined", domain=BITS),
    field("scale_mode", enum(ImageScaleMode, uint8), "How the source is scaled", domain=NAMED),
    field("mask", QMask, "Where to draw"),
    doc="Combines an image with the destination; laid out like Copy.",
)

Blackness = record(
    "draw.Blackness",
    field("mask", QMask, "Where to draw"),
    doc="Makes an area black.",
)

Whiteness = record(
    "draw.Whiteness",
    field("mask", QMask, "Where to draw"),
    doc="Makes an area white.",
)

Invers = record(
    "draw.Invers",
    field("mask", QMask, "Where to draw"),
    doc="Inverts an area.",
)

Rop3 = record(
    "draw.Rop3",
    field("src_bitmap", pointer(Image, null=True), "The source"),
    field("src_area", Rect, "Part of the source"),
    field("brush", Brush, "The pattern"),
    field("rop3", uint8, "Number of the ternary raster operation, as in Windows GDI"),
    field("scale_mode", enum(ImageScaleMode, uint8), "How the source is scaled", domain=NAMED),
    field("mask", QMask, "Where to draw"),
    doc="Combines source, brush and destination.",
)

Stroke = record(
    "draw.Stroke",
    field("path", pointer(Path, null=False), "The figure"),
    field("attr", LineAttr, "Style of the line"),
    field("brush", Brush, "What the line is drawn with"),
    field("fore_mode", uint16, "Ropd bits for the line"),
    field("back_mode", uint16, "Ropd bits for gaps"),
    doc="Draws lines.",
)

Text = record(
    "draw.Text",
    field("str", pointer(String, null=False), "The glyphs"),
    field("back_area", Rect, "Where to draw the background; none if it is empty"),
    field("fore_brush", Brush, "What glyphs are drawn with"),
    field("back_brush", Brush, "What the background is filled with"),
    field("fore_mode", uint16, "Ropd bits for glyphs"),
    field("back_mode", uint16, "Ropd bits for the background"),
    doc="Draws glyphs.",
)

Transparent = record(
    "draw.Transparent",
    field("src_bitmap", pointer(Image, null=True), "The source"),
    field("src_area", Rect, "Part of the source"),
    field("src_color", uint32, "The colour to leave out, in the format of the source"),
    field("true_color", uint32, "The same colour as 0x00RRGGBB"),
    doc="Draws an image without its pixels of one colour.",
)

AlphaBlend = record(
    "draw.AlphaBlend",
    field("alpha_flags", flags(AlphaFlags, uint8), "Which of both have alpha of their own", domain=BITS),
    field("alpha", uint8, "Alpha of the whole image; 255 is opaque"),
    field("src_bitmap", pointer(Image, null=True), "The source"),
    field("src_area", Rect, "Part of the source"),
    doc="Blends an image over the destination.",
)

Composite = record(
    "draw.Composite",
    field("flags", flags(CompositeFlags, uint32), "Operator, filters, repeats, and what is given", domain=BITS),
    field("src_bitmap", pointer(Image, null=True), "The source"),
    field("mask_bitmap", when("flags", CompositeFlags.HAS_MASK, pointer(Image, null=True)), "The mask"),
    field("src_transform", when("flags", CompositeFlags.HAS_SRC_TRANSFORM, Transform), "From destination to source"),
    field("mask_transform", when("flags", CompositeFlags.HAS_MASK_TRANSFORM, Transform), "From destination to mask"),
    field("src_origin", Point16, "Place in the source that meets the top left corner of the box"),
    field("mask_origin", Point16, "Place in the mask that meets the top left corner of the box"),
    doc="An operation of the X RENDER extension.",
)
