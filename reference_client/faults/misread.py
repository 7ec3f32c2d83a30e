"""Clients that misread what they draw: the message is another one than was sent, and is drawn rightly.

A fault of drawing derives from :class:`Misreads` and says what becomes of a message; the functions change one part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from reference_client.channels import DisplayChannel
from reference_client.host import Host
from reference_client.line import Line
from spiceproto.enums.display import BrushType
from spiceproto.messages import display
from spiceproto.messages.draw import Brush, DisplayBase, QMask
from spiceproto.messages.geometry import Rect
from spiceproto.messages.image import BitmapData, Image

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from spiceproto.canvas.display import Display as Canvas

__all__ = [
    "Draws",
    "Misreads",
    "Noise",
    "changed",
    "extent",
    "has_pattern",
    "is_inside",
    "is_scaled",
    "is_whole",
    "of_pixels",
    "pixels_of",
    "rop_of",
    "solid",
    "with_base",
    "with_bitmap",
    "with_image",
    "without_image",
]

replace = msgspec.structs.replace


class Draws(DisplayChannel):
    """A display channel whose canvas is given each message by :meth:`_draw`, for faults to stand in between."""

    def __init__(self, host: Host, line: Line) -> None:
        super().__init__(host, line)
        self._missing: Any = None
        self._way: Callable[[Any], Any] = lambda value: None
        canvas = self.canvas
        if canvas is not None:
            for name in ("attempt", "draw"):
                setattr(canvas, name, partial(self._asked, canvas, getattr(canvas, name)))

    def _asked(self, canvas: Canvas, way: Callable[..., Any], value: Any, **options: Any) -> Any:
        self._way, self._missing = partial(way, **options), None
        self._draw(canvas, value)
        return self._missing

    def _draw(self, canvas: Canvas, value: Any) -> None:
        self._missing = self._way(value) or self._missing


class Misreads(Draws):
    """Draws what it takes a message for."""

    def misread(self, value: Any, canvas: Canvas) -> Any:
        """The message that it draws instead, or several; None for nothing."""
        return value

    def _draw(self, canvas: Canvas, value: Any) -> None:
        found = self.misread(value, canvas)
        for message in found if isinstance(found, list) else [found]:
            if message is not None:
                super()._draw(canvas, message)


class Noise(Draws):
    """Shows something for some images that it can not decode."""

    def shows(self, image: Image, error: Exception) -> bool:
        """Whether it does, for this one."""
        raise NotImplementedError

    def _draw(self, canvas: Canvas, value: Any) -> None:
        known = canvas.problem_count
        super()._draw(canvas, value)
        image = getattr(getattr(value, "data", None), "src_bitmap", None)
        if image is not None and canvas.problem_count > known and self.shows(image, canvas.problems[-1].error):
            surface, where = canvas.surfaces[value.base.surface_id], value.base.box
            surface.pixels[where.top : where.bottom, where.left : where.right] = 0xB0B0B0


def changed(value: Any, **fields: Any) -> Any:
    """A drawing message with other fields in its ``data``."""
    return replace(value, data=replace(value.data, **fields))


def with_base(value: Any, **fields: Any) -> Any:
    """A drawing message with another box, clip or surface."""
    base: DisplayBase = replace(value.base, **fields)
    return replace(value, base=base)


def with_image(value: Any, change: Callable[[Image], Image]) -> Any:
    """A drawing message with another image as its source; others as they are."""
    image = getattr(getattr(value, "data", None), "src_bitmap", None)
    return value if image is None else changed(value, src_bitmap=change(image))


def with_bitmap(value: Any, change: Callable[[BitmapData], BitmapData], formats: Iterable[int] | None = None) -> Any:
    """A drawing message whose source is another bitmap, if it is one of these formats."""

    def read(image: Image) -> Image:
        body = image.bitmap
        if body is None or (formats is not None and body.format not in formats):
            return image
        return replace(image, bitmap=change(body))

    return with_image(value, read)


def pixels_of(body: BitmapData) -> NDArray[np.generic]:
    """The pixels of a bitmap without a palette, the top row first; indices of one with a palette."""
    from spiceproto.codecs import bitmap

    top_down = bool(body.flags & 4)
    if body.palette is not None or body.format <= 5:
        return bitmap.indices(body.data, body.format, body.x, body.y, body.stride, top_down=top_down)
    return bitmap.decode(body.data, body.format, body.x, body.y, body.stride, top_down=top_down)


def of_pixels(body: BitmapData, pixels: NDArray[np.generic], format: int | None = None) -> BitmapData:
    """The same bitmap with other pixels, the top row first."""
    from spiceproto.codecs import bitmap

    kind = body.format if format is None else format
    data, stride = bitmap.encode(pixels, kind, top_down=True)
    height, width = pixels.shape
    return replace(body, format=kind, flags=body.flags | 4, x=width, y=height, stride=stride, data=data)


def extent(where: Rect) -> tuple[int, int]:
    """Width and height of a rectangle."""
    return where.right - where.left, where.bottom - where.top


def is_scaled(value: display.DrawCopy) -> bool:
    """Whether source area and box have different sizes."""
    return extent(value.data.src_area) != extent(value.base.box)


def is_inside(area: Rect, image: Image) -> bool:
    """Whether a source area is inside of its image."""
    size = image.descriptor
    return area.left >= 0 and area.top >= 0 and area.right <= size.width and area.bottom <= size.height


def is_whole(bitmap: BitmapData) -> bool:
    """Whether a bitmap has pixels, and all of their rows."""
    return 0 < bitmap.x <= 8 * bitmap.stride and 0 < bitmap.y * bitmap.stride <= len(bitmap.data)


def has_pattern(brush: Brush) -> bool:
    """Whether a brush is a pattern."""
    return brush.pattern is not None


def without_image(mask: QMask) -> bool:
    """Whether there is no mask."""
    return mask.bitmap is None


def solid(color: int) -> Brush:
    """A brush of one colour."""
    return Brush(BrushType.SOLID, color)


def rop_of(value: Any) -> int:
    """The operation of a command; 0 for one that has none."""
    return int(getattr(getattr(value, "data", None), "rop_descriptor", 0))
