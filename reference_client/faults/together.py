"""Faults of displays that share a cache and a dictionary (spec/08-caches.md, 8.2 and 8.4)."""

from __future__ import annotations

from typing import Any

from reference_client.channels import DisplayChannel
from reference_client.faults.fault import fault
from reference_client.faults.misread import Draws
from spiceproto.enums.image import ImageType
from spiceproto.messages import display

_CACHED = (ImageType.FROM_CACHE, ImageType.FROM_CACHE_LOSSLESS)
_GLZ = (ImageType.GLZ_RGB, ImageType.ZLIB_GLZ_RGB)


def _type_of(value: Any) -> int:
    image = getattr(getattr(value, "data", None), "src_bitmap", None)
    return -1 if image is None else int(image.descriptor.type)


@fault("missing-images-left-out", "SPICE-CACHE-018")
class MissingImagesLeftOut(Draws):
    """Leaves out what is taken from the cache before it has come, and does not wait for it."""

    def _draw(self, canvas: Any, value: Any) -> None:
        super()._draw(canvas, value)
        if _type_of(value) in _CACHED:
            self._missing = None


@fault("wait-list-ignored", "SPICE-CACHE-019")
class WaitListIgnored(DisplayChannel):
    """Empties its cache at once, whatever the wait list says."""

    def handle(self, value: Any, now: float) -> None:
        super().handle(display.InvalAllPixmaps(()) if isinstance(value, display.InvalAllPixmaps) else value, now)


@fault("missing-glz-images-left-out", "SPICE-CACHE-022", "SPICE-CODEC-057")
class MissingGlzImagesLeftOut(Draws):
    """Leaves out a GLZ image that refers to one which has not come, and does not wait for it."""

    def _draw(self, canvas: Any, value: Any) -> None:
        super()._draw(canvas, value)
        if _type_of(value) in _GLZ:
            self._missing = None


@fault("glz-shown-before-its-reference", "SPICE-CODEC-057", "SPICE-CACHE-022")
class GlzShownBeforeItsReference(Draws):
    """Shows something for a GLZ image that refers to one which has not come."""

    def _draw(self, canvas: Any, value: Any) -> None:
        super()._draw(canvas, value)
        if self._missing is not None and _type_of(value) in _GLZ:
            where = value.base.box
            surface = canvas.surfaces[value.base.surface_id]
            surface.pixels[where.top : where.bottom, where.left : where.right] = 0xB0B0B0
