"""Clients that decode some images with a decoder of their own, in which one step is wrong.

Images that nobody can decode are left to the canvas, as at the client without faults.
"""

from __future__ import annotations

from typing import Any

import msgspec

from reference_client.faults.misread import Misreads, with_image
from spiceproto.enums.image import BitmapFlags, BitmapFmt, ImageFlags, ImageType
from spiceproto.errors import LocalError, RemoteError
from spiceproto.messages.image import BitmapData, Image

__all__ = ["Misdecodes", "as_bitmap"]

replace = msgspec.structs.replace


class Misdecodes(Misreads):
    """Takes some images for bitmaps of the pixels that its own decoder finds in them."""

    def pixels(self, image: Image) -> Any:
        """What it finds: ``uint16``, or ``uint32`` with alpha or without; None for an image of which it decodes nothing.

        Raises IndexError, ValueError, KeyError, OverflowError where its decoder comes to no end.
        """
        raise NotImplementedError

    def alpha(self, image: Image) -> bool:
        """Whether its pixels have alpha."""
        return False

    def misread(self, value: Any, canvas: Any) -> Any:
        image = getattr(getattr(value, "data", None), "src_bitmap", None)
        if image is None:
            return value
        try:
            found = self.pixels(image)
        except (LocalError, RemoteError):
            return value
        except (ValueError, LookupError, OverflowError):
            return None
        if found is None:
            return value
        return with_image(value, lambda known: as_bitmap(known, found, alpha=self.alpha(known)))


def as_bitmap(image: Image, pixels: Any, *, alpha: bool = False) -> Image:
    """The same image as a bitmap of other pixels, the top row first."""
    from spiceproto.codecs import bitmap

    wide = BitmapFmt.RGBA if alpha else BitmapFmt._32BIT
    kind = BitmapFmt._16BIT if pixels.dtype.itemsize == 2 else wide
    data, stride = bitmap.encode(pixels, kind, top_down=True)
    height, width = pixels.shape
    body = BitmapData(
        format=kind,
        flags=BitmapFlags.TOP_DOWN,
        x=width,
        y=height,
        stride=stride,
        palette_id=None,
        palette=None,
        data=data,
    )
    known = replace(
        image.descriptor, type=ImageType.BITMAP, width=width, height=height, flags=ImageFlags(image.descriptor.flags)
    )
    return Image(descriptor=known, bitmap=body)
