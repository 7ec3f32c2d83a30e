"""Images as a guest has them in its memory: bitmaps made of arrays, without compression, and surfaces."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto.enums.display import ClipType, ImageScaleMode, MaskFlags, Ropd, SurfaceFmt
from spiceproto.enums.image import BitmapFlags, BitmapFmt, ImageFlags, ImageType
from spiceproto.messages import display
from spiceproto.messages.draw import Clip, Copy, DisplayBase, QMask
from spiceproto.messages.geometry import Point, Rect
from spiceproto.messages.image import BitmapData, Image, ImageDescriptor, Palette, Surface

__all__ = ["NO_CLIP", "NO_MASK", "Picture", "draw_copy", "image", "of_surface", "put", "surface_image"]

Picture = NDArray[np.uint8]
"""Height, width, 4: bytes b, g, r and one without meaning."""

NO_CLIP: Final = Clip(ClipType.NONE)
NO_MASK: Final = QMask(MaskFlags(0), Point(0, 0))

_FORMATS: Final[dict[int, BitmapFmt]] = {
    SurfaceFmt._32_xRGB: BitmapFmt._32BIT,
    SurfaceFmt._32_ARGB: BitmapFmt.RGBA,
    SurfaceFmt._16_555: BitmapFmt._16BIT,
    SurfaceFmt._8_A: BitmapFmt._8BIT_A,
}
"""Formats of surfaces to those of bitmaps with the same pixels."""


def _made(
    rows: bytes,
    size: tuple[int, int],
    stride: int,
    format: BitmapFmt,
    *,
    number: int,
    flags: ImageFlags = ImageFlags(0),  # noqa: B008
    palette: Palette | None = None,
    top_down: bool = True,
) -> Image:
    width, height = size
    bitmap = BitmapData(
        format=format,
        flags=BitmapFlags.TOP_DOWN if top_down else BitmapFlags(0),
        x=width,
        y=height,
        stride=stride,
        palette_id=None,
        palette=palette,
        data=rows,
    )
    descriptor = ImageDescriptor(id=number, type=ImageType.BITMAP, flags=flags, width=width, height=height)
    return Image(descriptor=descriptor, bitmap=bitmap)


def image(
    pixels: NDArray[Any],
    format: BitmapFmt,
    *,
    key: int | None = None,
    number: int = 0,
    palette: Palette | None = None,
    top_down: bool = True,
    stride: int | None = None,
    high_bits: bool = False,
) -> Image:
    """A bitmap of ``pixels`` ``(h, w)``, top row first, of the dtype that :func:`spiceproto.codecs.bitmap.encode` wants.

    With a ``key`` clients may keep it under that number, so another picture needs another one; ``number`` is that of an
    image that is not kept. ``top_down`` is the order of rows in memory, ``stride`` their distance in bytes.
    """
    from spiceproto.codecs import bitmap

    rows, step = bitmap.encode(np.ascontiguousarray(pixels), format, top_down=top_down, stride=stride)
    flags = ImageFlags.CACHE_ME if key is not None else ImageFlags(0)
    if high_bits:
        flags |= ImageFlags.HIGH_BITS_SET
    height, width = pixels.shape
    return _made(
        rows,
        (width, height),
        step,
        format,
        number=number if key is None else key,
        flags=flags,
        palette=palette,
        top_down=top_down,
    )


def surface_image(surface_id: int, width: int, height: int) -> Image:
    """The image that is a surface as it is when the command is carried out."""
    descriptor = ImageDescriptor(id=0, type=ImageType.SURFACE, flags=ImageFlags(0), width=width, height=height)
    return Image(descriptor=descriptor, surface=Surface(surface_id))


def of_surface(format: int, pixels: NDArray[Any], number: int) -> Image:
    """A bitmap of pixels of a surface of ``format``, ``(h, w)`` as :mod:`spiceproto.canvas.surface` has them."""
    from spiceproto.canvas.surface import argb

    known = _FORMATS.get(format)
    if known is None:
        pixels, known = argb(format, pixels), BitmapFmt._32BIT
    height, width = pixels.shape
    little: Any = np.ascontiguousarray(pixels).astype(pixels.dtype.newbyteorder("<"), copy=False)
    return _made(little.tobytes(), (width, height), width * pixels.itemsize, known, number=number)


def put(source: Image, left: int, top: int, surface_id: int = 0) -> display.DrawCopy:
    """DRAW_COPY of all of an image to a place on a surface."""
    width, height = source.descriptor.width, source.descriptor.height
    return display.DrawCopy(
        DisplayBase(surface_id, Rect(top=top, left=left, bottom=top + height, right=left + width), NO_CLIP),
        Copy(
            src_bitmap=source,
            src_area=Rect(top=0, left=0, bottom=height, right=width),
            rop_descriptor=Ropd.OP_PUT,
            scale_mode=ImageScaleMode.INTERPOLATE,
            mask=NO_MASK,
        ),
    )


def draw_copy(part: Picture, left: int, top: int, number: int) -> display.DrawCopy:
    """DRAW_COPY that puts ``part`` on the primary surface. ``number`` is that of the image, which is not kept."""
    height, width = part.shape[:2]
    rows = np.ascontiguousarray(part).tobytes()
    return put(_made(rows, (width, height), width * 4, BitmapFmt._32BIT, number=number), left, top)
