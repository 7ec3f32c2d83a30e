"""A display that somebody joins when it is running: surfaces that nobody saw created are made up.

A surface is as large as what is drawn on it so far, or as the head that shows it, and grows. Pixels that nobody has drawn are
hatched, not black: they are not known. SURFACE_CREATE and MODE replace what was made up.

What cannot be drawn because it rests on something from before is told from what is wrong: :data:`BEFORE` has the codes of
such problems.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import numpy as np

from spiceproto import limits
from spiceproto.canvas import surface as surfaces
from spiceproto.canvas.display import PRIMARY, SURFACE_PIXELS, SURFACES, Display
from spiceproto.canvas.problem import ProblemCode, code_of
from spiceproto.canvas.surface import Surface
from spiceproto.enums.display import SurfaceFmt
from spiceproto.enums.image import BitmapFmt
from spiceproto.errors import SpiceError
from spiceproto.image_places import images
from spiceproto.messages import display as messages

__all__ = ["BEFORE", "JoinedDisplay"]

BEFORE: Final = {
    ProblemCode.MISSING_GLZ_IMAGE: "images of the GLZ window",
    ProblemCode.MISSING_PIXMAP: "images of the pixmap cache",
    ProblemCode.MISSING_LOSSLESS: "images of the pixmap cache",
    ProblemCode.MISSING_PALETTE: "palettes of the palette cache",
    ProblemCode.MISSING_CURSOR: "shapes of the cursor cache",
    ProblemCode.UNKNOWN_STREAM: "video streams",
    ProblemCode.UNKNOWN_SURFACE: "surfaces",
}
"""What a display that was joined lacks, by the code of the problem that this makes."""

_STEP: Final = 64
"""Surfaces grow to a multiple of this, so that they do not grow with every command."""

_STRIPES: Final = 16
_LIGHT, _DARK = 0xFF606060, 0xFF404040


class JoinedDisplay(Display):
    """A display of which the beginning is not known.

    * ``supplied``: ids of the surfaces that were made up
    * ``lacking``: what was there before -> commands that could not be drawn for want of it; they are no problems
    """

    def __init__(self) -> None:
        super().__init__()
        self.supplied: set[int] = set()
        self.lacking: Counter[str] = Counter()

    def _note(self, message: Any, error: SpiceError) -> None:
        lacking = BEFORE.get(code_of(error))
        if lacking is None:
            super()._note(message, error)
        else:
            self.lacking[lacking] += 1

    def draw(self, message: Any, *, now: int | None = None, number: int = 0) -> None:
        """Take one message; make up the surfaces that it takes for granted."""
        if isinstance(message, messages.SurfaceCreate):
            self.supplied.discard(message.surface_id)
        elif isinstance(message, messages.Mode):
            self.supplied.discard(PRIMARY)
        elif isinstance(message, messages.SurfaceDestroy):
            if message.surface_id not in self.surfaces:
                return
            self.supplied.discard(message.surface_id)
        elif isinstance(message, messages.MonitorsConfig):
            for head in message.heads:
                self._supply(head.surface_id, head.x + head.width, head.y + head.height, SurfaceFmt._32_xRGB, exactly=True)
        elif isinstance(message, messages.StreamCreate):
            self._supply(message.surface_id, message.dest.right, message.dest.bottom, SurfaceFmt._32_xRGB)
        elif (base := getattr(message, "base", None)) is not None and hasattr(base, "surface_id"):
            self._supply_for(message, base.surface_id, base.box)
        super().draw(message, now=now, number=number)

    def _supply_for(self, message: Any, surface_id: int, box: Any) -> None:
        format = SurfaceFmt._32_xRGB
        area = getattr(getattr(message, "data", None), "src_area", None)
        for image in images(message, masks=False):
            if image.surface is not None:
                width, height = image.descriptor.width, image.descriptor.height
                if area is not None:
                    width, height = max(width, area.right), max(height, area.bottom)
                self._supply(image.surface.surface_id, width, height, format)
            elif image.bitmap is not None and image.bitmap.format == BitmapFmt._16BIT:
                format = SurfaceFmt._16_555
        right, bottom = box.right, box.bottom
        if isinstance(message, messages.CopyBits):
            right = max(right, message.src_pos.x + box.right - box.left)
            bottom = max(bottom, message.src_pos.y + box.bottom - box.top)
        self._supply(surface_id, right, bottom, format)

    def _supply(self, surface_id: int, width: int, height: int, format: int, *, exactly: bool = False) -> None:
        """Make the surface up, or let it grow, if it is one that nobody saw created."""
        old = self.surfaces.get(surface_id)
        if old is not None:
            if surface_id not in self.supplied or (width <= old.width and height <= old.height):
                return
            width, height, format = max(width, old.width), max(height, old.height), old.format
        elif len(self.surfaces) >= SURFACES:
            return
        if not exactly:
            width, height = ((size + _STEP - 1) // _STEP * _STEP if old is not None else size for size in (width, height))
        room = min(limits.IMAGE_PIXELS, SURFACE_PIXELS - self.pixels + (old.pixels.size if old is not None else 0))
        if width < 1 or height < 1 or width * height > room:
            return
        surface = _hatched(format, width, height)
        if old is not None:
            surface.pixels[: old.height, : old.width] = old.pixels
        self.surfaces[surface_id] = surface
        self.pixels += surface.pixels.size - (old.pixels.size if old is not None else 0)
        if surface_id == PRIMARY and self.primary is None:
            self._primary_id = PRIMARY
        self.supplied.add(surface_id)


def _hatched(format: int, width: int, height: int) -> Surface:
    """A surface of diagonal stripes."""
    found = surfaces.create(format, width, height)
    rows, columns = np.ogrid[:height, :width]
    stripes = np.where((rows + columns) // _STRIPES & 1, np.uint32(_DARK), np.uint32(_LIGHT))
    found.pixels[...] = surfaces.stored(format, stripes)
    return found
