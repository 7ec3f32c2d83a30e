"""DRAW_COMPOSITE: an operator of pixman (X RENDER), with masks, transforms, repeats and filters.

A source and a mask are sampled (:mod:`spiceproto.canvas.scale`), multiplied, and combined with the surface
(:mod:`spiceproto.canvas.operators`).

``flags`` holds the operator in bits 0 to 7, the filters of source and mask in bits 8 to 10 and 11 to 13, their
repeats in bits 14, 15 and 16, 17. SOURCE_OPAQUE makes the source's alpha not count if it is a *surface*; MASK_OPAQUE
and DEST_OPAQUE have no effect in the reference client (the latter by a slip: it computes an opaque format and does
not use it), and have none here.

Source: ``canvas_draw_composite`` in ``common/canvas_base.c``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from numpy.typing import NDArray

from spiceproto.canvas import rop as rops
from spiceproto.canvas import scale
from spiceproto.canvas.operators import Operator, Planes, Words, combined, combined_wide, is_wide
from spiceproto.canvas.problem import DrawError, ProblemCode
from spiceproto.canvas.region import Box, Region
from spiceproto.canvas.scale import Filter, Map, Repeat
from spiceproto.canvas.surface import LAYOUTS, Surface, argb, stored, wide
from spiceproto.enums.display import CompositeFlags, SurfaceFmt

if TYPE_CHECKING:
    from spiceproto.messages.draw import Composite
    from spiceproto.messages.geometry import Point16, Transform

__all__ = ["draw", "map_of"]


def map_of(transform: Transform | None, origin: Point16) -> Map:
    """The map of a source or mask: drawn pixels, counted from the command's box, to its own.

    The numbers of the wire are declared unsigned and are not.
    """
    if transform is None:
        return Map(1 << 16, 0, origin.x << 16, 0, 1 << 16, origin.y << 16)
    xx, xy, x0, yx, yy, y0 = (
        value - (1 << 32) if value >> 31 else value
        for value in (transform.t00, transform.t01, transform.t02, transform.t10, transform.t11, transform.t12)
    )
    return Map(xx, xy, x0 + xx * origin.x + xy * origin.y, yx, yy, y0 + yx * origin.x + yy * origin.y)


def _filter(number: int, what: str) -> int:
    if number > Filter.BILINEAR:
        raise DrawError(
            ProblemCode.BAD_COMMAND,
            f"the {what}'s filter needs parameters, which the protocol does not carry",
            path="flags",
            expected="0 to 4",
            actual=str(number),
        )
    return number


class _Operand(NamedTuple):
    """A source or mask: its pixels, the format they are taken for, and how a drawn pixel finds its own."""

    image: Surface
    format: int
    map: Map
    filter: int
    repeat: int

    def is_opaque(self, box: Box) -> bool:
        """Whether every pixel of a box has alpha 255 by the format alone."""
        if LAYOUTS[self.format].alpha:
            return False
        return self.repeat != Repeat.NONE or scale.is_inside(self.map, box, self.filter, self.image.width, self.image.height)

    def seen(self, box: Box) -> Words:
        """What lies under a box, counted from the command's. Plain copies skip the sampling."""
        map, pixels = self.map, self.image.pixels
        if map.xx == map.yy == 1 << 16 and map.xy == map.yx == 0 and not (map.x0 | map.y0) & 0xFFFF:
            moved = box.moved(map.x0 >> 16, map.y0 >> 16)
            if moved.meet(Box(0, 0, self.image.width, self.image.height)) == moved:
                return argb(self.format, moved.view(pixels))
        return scale.sample(argb(self.format, pixels), map, box, self.filter, self.repeat)

    def seen_wide(self, box: Box) -> Planes:
        """The same in floating point."""
        return scale.sample_wide(argb(self.format, self.image.pixels), self.format, self.map, box, self.filter, self.repeat)


def draw(
    surface: Surface,
    region: Region,
    box: Box,
    command: Composite,
    source: Surface,
    mask: Surface | None,
    *,
    source_is_surface: bool,
) -> None:
    """Carry the command out on the pixels of a region inside ``box``.

    Operators that divide are computed in floating point from the fetch on: a channel of five bits is a fraction of 31, and
    what a filter mixes is not cut to 8 bits.

    :raises DrawError: BAD_COMMAND for operators and filters without meaning.
    """
    flags = int(command.flags)
    if region.empty:
        return
    format = source.format
    if source_is_surface and flags & CompositeFlags.SOURCE_OPAQUE and format == SurfaceFmt._32_ARGB:
        format = SurfaceFmt._32_xRGB
    if source.pixels is surface.pixels:
        source = Surface(source.format, source.pixels.copy())
    if mask is not None and mask.pixels is surface.pixels:
        mask = Surface(mask.format, mask.pixels.copy())
    operator = flags & 0xFF
    component_alpha = bool(flags & CompositeFlags.COMPONENT_ALPHA)
    pictured = _Operand(
        source,
        format,
        map_of(command.src_transform, command.src_origin),
        _filter(flags >> 8 & 7, "source"),
        Repeat(flags >> 14 & 3),
    )
    covering: _Operand | None = None
    if mask is not None:
        covering = _Operand(
            mask,
            mask.format,
            map_of(command.mask_transform, command.mask_origin),
            _filter(flags >> 11 & 7, "mask"),
            Repeat(flags >> 16 & 3),
        )
    whole = box.moved(-box.left, -box.top)
    operands = (pictured,) if covering is None else (pictured, covering)
    # A mask that has an alpha for each colour is not opaque, whatever its format says.
    each = covering is not None and component_alpha
    if operator == Operator.SATURATE and not each and all(operand.is_opaque(whole) for operand in operands):
        operator = Operator.OVER_REVERSE  # the same, but for how it is rounded
    for strip in scale.strips(region.bounds):
        inside = strip.moved(-box.left, -box.top)
        below = argb(surface.format, strip.view(surface.pixels))
        if is_wide(operator):
            part = None if covering is None else covering.seen_wide(inside)[: 4 if component_alpha else 1]
            out = combined_wide(operator, pictured.seen_wide(inside), part, wide(surface.format, below))
        else:
            cover = None if covering is None else covering.seen(inside)
            out = combined(operator, pictured.seen(inside), cover, below, component_alpha=component_alpha)
        _put(surface, region.within(strip), strip, stored(surface.format, out))


def _put(surface: Surface, region: Region, box: Box, pixels: NDArray[Any]) -> None:
    rops.apply(surface, region, rops.Rop.COPY, lambda part: part.moved(-box.left, -box.top).view(pixels))
