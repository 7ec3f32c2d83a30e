"""Regions: the pixels that a command may touch.

A command has a box, a clip (none, or rectangles that may overlap) and perhaps a mask. The region is their
intersection with the surface; outside of it nothing is ever written. It is kept as boxes that do not overlap, because
most regions are one box and a box is a numpy slice; where boxes would be many or would overlap, it becomes a map of
booleans over the smallest box around them. A pixel belongs to a region once, however many rectangles cover it: raster
operations such as XOR depend on that.

Boxes are half-open: ``right`` and ``bottom`` are behind the last pixel. A box whose sides are in the wrong order is
empty, as in pixman.

Source: ``canvas_clip_pixman`` and ``canvas_mask_pixman`` in ``common/canvas_base.c``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spiceproto.enums.display import ClipType

if TYPE_CHECKING:
    from spiceproto.messages.draw import Clip
    from spiceproto.messages.geometry import Rect

__all__ = ["BOXES", "Box", "Region", "clipped", "of_rects"]

BOXES: Final = 24
"""Most boxes that are drawn one by one; a map of booleans costs the same whatever their number."""

_MANY: Final = 64
"""Rectangles from which on they are cut all at once."""


class Box(NamedTuple):
    """A rectangle in pixels, half-open."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """In pixels; not positive if the box is empty."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """In pixels; not positive if the box is empty."""
        return self.bottom - self.top

    @property
    def empty(self) -> bool:
        """Whether no pixel is inside."""
        return self.right <= self.left or self.bottom <= self.top

    def meet(self, other: Box) -> Box:
        """The pixels inside both."""
        return Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    def moved(self, dx: int, dy: int) -> Box:
        """The box, so many pixels to the right and down."""
        return Box(self.left + dx, self.top + dy, self.right + dx, self.bottom + dy)

    def view(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """The part of an array that the box covers; the box must be inside."""
        return pixels[self.top : self.bottom, self.left : self.right]

    @classmethod
    def of(cls, rect: Rect) -> Box:
        """The box of a rectangle on the wire."""
        return cls(rect.left, rect.top, rect.right, rect.bottom)


NOTHING: Final = Box(0, 0, 0, 0)


class Region:
    """A set of pixels: boxes without overlap, or one box with a map ``bool (h, w)`` of it."""

    __slots__ = ("bounds", "boxes", "map")

    def __init__(self, boxes: tuple[Box, ...], map: NDArray[np.bool_] | None = None) -> None:
        self.boxes = boxes
        self.map = map
        self.bounds = (
            Box(
                min(b.left for b in boxes), min(b.top for b in boxes), max(b.right for b in boxes), max(b.bottom for b in boxes)
            )
            if boxes
            else NOTHING
        )

    @property
    def empty(self) -> bool:
        """Whether no pixel is inside."""
        return not self.boxes

    def parts(self) -> Iterator[tuple[Box, NDArray[np.bool_] | None]]:
        """Boxes, each with the map of the pixels that count in it, or None if all of them do."""
        for box in self.boxes:
            yield box, self.map

    def within(self, limit: Box) -> Region:
        """The pixels that are also inside ``limit``."""
        if self.map is None:
            return Region(tuple(box for box in (b.meet(limit) for b in self.boxes) if not box.empty))
        box = self.bounds.meet(limit)
        if box.empty:
            return Region(())
        return Region((box,), box.moved(-self.bounds.left, -self.bounds.top).view(self.map))

    def painted(self) -> NDArray[np.bool_]:
        """The region as a map of its bounds."""
        if self.map is not None:
            return self.map
        out = np.zeros((self.bounds.height, self.bounds.width), np.bool_)
        for box in self.boxes:
            box.moved(-self.bounds.left, -self.bounds.top).view(out)[...] = True
        return out

    def masked(self, bits: NDArray[np.bool_], left: int, top: int) -> Region:
        """The pixels whose bit is set, the first bit being that of the pixel at ``left``, ``top``. Bits beyond the map
        are not set.
        """
        height, width = bits.shape
        box = self.bounds.meet(Box(left, top, left + width, top + height))
        if box.empty:
            return Region(())
        chosen = box.moved(-left, -top).view(bits)
        if self.map is not None or len(self.boxes) > 1:
            chosen = chosen & box.moved(-self.bounds.left, -self.bounds.top).view(self.painted())
        return Region((box,), chosen) if chosen.any() else Region(())


def _overlap(boxes: list[Box]) -> bool:
    return any(not a.meet(b).empty for i, a in enumerate(boxes) for b in boxes[:i])


def _corners(rects: Sequence[Rect], limit: Box) -> NDArray[np.int64]:
    """Left, top, right and bottom edge inside of ``limit`` of each rectangle that has pixels there."""
    numbers = (number for rect in rects for number in (rect.left, rect.top, rect.right, rect.bottom))
    found = np.fromiter(numbers, np.int64, 4 * len(rects)).reshape(-1, 4)
    least, most = (limit.left, limit.top), (limit.right, limit.bottom)
    np.maximum(found[:, :2], least, out=found[:, :2])
    np.minimum(found[:, 2:], most, out=found[:, 2:])
    return found[(found[:, 0] < found[:, 2]) & (found[:, 1] < found[:, 3])]


def of_rects(rects: Iterable[Rect], limit: Box) -> Region:
    """The union of rectangles, inside ``limit``."""
    found = rects if isinstance(rects, tuple | list) else tuple(rects)
    if len(found) > _MANY:
        corners = _corners(found, limit)
        if not len(corners):
            return Region(())
    else:
        boxes = [box for box in (Box.of(rect).meet(limit) for rect in found) if not box.empty]
        if len(boxes) <= BOXES and not _overlap(boxes):
            return Region(tuple(boxes))
        corners = np.array(boxes, np.int64)
    # Every rectangle adds 1 at two of its corners and takes it away at the others; sums over rows and columns then
    # count the rectangles over each pixel. The cost does not depend on how large they are.
    left, top = (int(least) for least in corners[:, :2].min(0))
    right, bottom = (int(most) for most in corners[:, 2:].max(0))
    counts = np.zeros((bottom - top + 1, right - left + 1), np.int32)
    for column, row, sign in ((0, 1, 1), (2, 3, 1), (0, 3, -1), (2, 1, -1)):
        np.add.at(counts, (corners[:, row] - top, corners[:, column] - left), sign)
    np.cumsum(counts, axis=0, out=counts)
    np.cumsum(counts, axis=1, out=counts)
    return Region((Box(left, top, right, bottom),), counts[:-1, :-1] > 0)


def clipped(box: Box, clip: Clip, width: int, height: int) -> Region:
    """The pixels of a surface of that size that are inside ``box`` and the clip.

    A clip of an unknown type does not clip, as in the reference client.
    """
    inside = box.meet(Box(0, 0, width, height))
    if inside.empty:
        return Region(())
    if clip.type == ClipType.RECTS and clip.rects is not None:
        return of_rects(clip.rects.rects, inside)
    return Region((inside,))
