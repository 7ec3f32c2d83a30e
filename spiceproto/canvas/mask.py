"""Masks: one bit a pixel says where a command draws.

The mask's pixel at ``pos`` lies under the top left pixel of the command's box. Bits that are set let through, with the
flag INVERS those that are not. Beyond the mask nothing is drawn, inverted or not.

Source: ``canvas_mask_pixman`` in ``common/canvas_base.c``. That client takes the bits of a mask that is a surface from
the surface's memory whatever its format is; here a mask that is a surface must have format 1_A.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spiceproto.canvas.image import Images
from spiceproto.canvas.region import Region
from spiceproto.enums.display import MaskFlags

if TYPE_CHECKING:
    from spiceproto.messages.draw import QMask

__all__ = ["masked"]


def masked(region: Region, mask: QMask, left: int, top: int, images: Images) -> Region:
    """The pixels of a region that a mask lets through. ``left`` and ``top`` are those of the command's box.

    :raises RemoteError: as :meth:`spiceproto.canvas.image.Images.mask`.
    """
    if mask.bitmap is None:
        return region
    bits = images.mask(mask.bitmap)
    if mask.flags & MaskFlags.INVERS:
        bits = ~bits
    return region.masked(bits, left - mask.pos.x, top - mask.pos.y)
