"""Differences that stay, a row each: what clients show there is no picture that anybody could mean.

A row excuses pixels of one command, and the rest of its picture is compared all the same. How often each was needed is
counted and told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spiceproto.canvas import text
from spiceproto.canvas.operators import HSL
from spiceproto.canvas.region import Box
from spiceproto.canvas.surface import LAYOUTS
from spiceproto.enums.display import StringFlags, SurfaceFmt
from spiceproto.image_places import images
from spiceproto.messages import display as messages
from spiceproto.messages.image import Image

__all__ = ["EXCEPTIONS", "Excuse", "Pictures"]

Places = NDArray[np.bool_]

DRAWING: Final = (
    messages.DrawFill,
    messages.DrawOpaque,
    messages.DrawCopy,
    messages.DrawBlend,
    messages.DrawStroke,
    messages.DrawText,
    messages.DrawTransparent,
    messages.DrawAlphaBlend,
)
"""Commands with an image that read while they write; DRAW_ROP3 and DRAW_COMPOSITE draw aside first."""


class Pictures(NamedTuple):
    """A surface after a command, on both canvases."""

    surface: int
    format: SurfaceFmt
    ours: NDArray[Any]
    theirs: NDArray[Any]


class Excuse(NamedTuple):
    """A difference that stays: its name, its reason, the commands it is about, and the pixels that it excuses."""

    name: str
    reason: str
    commands: tuple[type, ...]
    places: Callable[[Any, Pictures], Places]


def _spare(value: Any, shown: Pictures) -> Places:
    meant = {SurfaceFmt._32_xRGB: 0x00FFFFFF, SurfaceFmt._16_555: 0x7FFF}.get(shown.format)
    if meant is None:
        return np.zeros(shown.ours.shape, np.bool_)
    same: Places = (shown.ours ^ shown.theirs) & shown.ours.dtype.type(meant) == 0
    return same


def _top_rows(value: messages.DrawText, shown: Pictures) -> Places:
    out = np.zeros(shown.ours.shape, np.bool_)
    if value.base.surface_id == shown.surface and value.data.str.flags & StringFlags.RASTER_A8:
        height, width = shown.ours.shape
        for glyph in value.data.str.glyphs or ():
            box = text.box_of(glyph)
            row = Box(box.left, box.top, box.right, box.top + 1).meet(Box(0, 0, width, height))
            if not row.empty:
                row.view(out)[...] = True
    return out


def _own(value: Any, shown: Pictures) -> Places:
    own = value.base.surface_id == shown.surface and shown.surface in map(_surface_of, images(value, masks=True))
    return np.full(shown.ours.shape, own)


def _surface_of(image: Image) -> int | None:
    return None if image.surface is None else image.surface.surface_id


def _blue(value: messages.DrawComposite, shown: Pictures) -> Places:
    blue = {32: 0xFF, 16: 0x1F}.get(LAYOUTS[shown.format].bits, 0)
    command = value.data
    if int(command.flags) & 0xFF not in HSL or command.mask_bitmap is None:
        blue = 0
    rest: Places = (shown.ours | shown.ours.dtype.type(blue)) == (shown.theirs | shown.theirs.dtype.type(blue))
    return rest


EXCEPTIONS: Final = (
    Excuse(
        "spare bits",
        "after a command that computes with alpha the top byte of 32_xRGB and the top bit of 16_555 are what the loop at hand "
        "leaves there, which depends on the processor; here they are 0 where the command drew",
        (messages.DrawText, messages.DrawAlphaBlend, messages.DrawComposite),
        _spare,
    ),
    Excuse(
        "A8 glyphs",
        "the top row of an A8 glyph is memory behind the glyph's bytes; here it is empty",
        (messages.DrawText,),
        _top_rows,
    ),
    Excuse(
        "own pixels",
        "where the image is the surface itself, pixels are read that were written just before, in the order of the loop at "
        "hand; here all are read first",
        DRAWING,
        _own,
    ),
    Excuse(
        "blue through an empty mask",
        "pixman's operators of hue, saturation, colour and luminosity forget to multiply blue by the mask, and where the mask "
        "is empty blue may come from another row of the source; here it is that of the source",
        (messages.DrawComposite,),
        _blue,
    ),
)
