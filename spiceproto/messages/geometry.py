"""Values of geometry. Made from spiceproto/schema/geometry.py by ``python -m spiceproto.derive``; do not edit."""

from __future__ import annotations

import msgspec


class Point(msgspec.Struct, frozen=True, gc=False):
    """A place on a surface or in an image.

    * ``x`` int32: Distance from the left edge (pixel)
    * ``y`` int32: Distance from the top edge (pixel)
    """

    x: int
    y: int


class Point16(msgspec.Struct, frozen=True, gc=False):
    """A place, in 16 bits.

    * ``x`` int16: Distance from the left edge (pixel)
    * ``y`` int16: Distance from the top edge (pixel)
    """

    x: int
    y: int


class PointFix(msgspec.Struct, frozen=True, gc=False):
    """A place between pixels.

    * ``x`` fixed28_4: Distance from the left edge (1/16 pixel)
    * ``y`` fixed28_4: Distance from the top edge (1/16 pixel)
    """

    x: int
    y: int


class Rect(msgspec.Struct, frozen=True, gc=False):
    """A rectangle; top comes before left.

    * ``top`` int32: First row (pixel)
    * ``left`` int32: First column (pixel)
    * ``bottom`` int32: Row behind the last (pixel)
    * ``right`` int32: Column behind the last (pixel)
    """

    top: int
    left: int
    bottom: int
    right: int


class Transform(msgspec.Struct, frozen=True, gc=False):
    """The upper two rows of an affine matrix, in signed 16.16 fixed point though declared unsigned.

    * ``t00`` uint32: Source x per x
    * ``t01`` uint32: Source x per y
    * ``t02`` uint32: Source x at the origin
    * ``t10`` uint32: Source y per x
    * ``t11`` uint32: Source y per y
    * ``t12`` uint32: Source y at the origin
    """

    t00: int
    t01: int
    t02: int
    t10: int
    t11: int
    t12: int
