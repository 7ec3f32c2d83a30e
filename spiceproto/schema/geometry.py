"""Points, rectangles and transformations, which several channels share.

Coordinates count from the top left corner of a surface, x to the right and y downwards. A rectangle holds its top and
left edge and does not hold its bottom and right edge; on the wire top comes before left.

Source: spice.proto of spice-common.
"""

from __future__ import annotations

from spiceproto.domain import not_below
from spiceproto.wire import field, fixed28_4, int16, int32, record, uint32

Point = record(
    "geometry.Point",
    field("x", int32, "Distance from the left edge", unit="pixel"),
    field("y", int32, "Distance from the top edge", unit="pixel"),
    doc="A place on a surface or in an image.",
)

Point16 = record(
    "geometry.Point16",
    field("x", int16, "Distance from the left edge", unit="pixel"),
    field("y", int16, "Distance from the top edge", unit="pixel"),
    doc="A place, in 16 bits.",
)

PointFix = record(
    "geometry.PointFix",
    field("x", fixed28_4, "Distance from the left edge", unit="1/16 pixel"),
    field("y", fixed28_4, "Distance from the top edge", unit="1/16 pixel"),
    doc="A place between pixels.",
)

Rect = record(
    "geometry.Rect",
    field("top", int32, "First row", unit="pixel"),
    field("left", int32, "First column", unit="pixel"),
    field("bottom", int32, "Row behind the last", unit="pixel", domain=not_below("top")),
    field("right", int32, "Column behind the last", unit="pixel", domain=not_below("left")),
    doc="A rectangle; top comes before left.",
)

Transform = record(
    "geometry.Transform",
    field("t00", uint32, "Source x per x"),
    field("t01", uint32, "Source x per y"),
    field("t02", uint32, "Source x at the origin"),
    field("t10", uint32, "Source y per x"),
    field("t11", uint32, "Source y per y"),
    field("t12", uint32, "Source y at the origin"),
    doc="The upper two rows of an affine matrix, in signed 16.16 fixed point though declared unsigned.",
)
