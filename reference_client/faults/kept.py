"""Faults of what is kept (spec/08-caches.md), and of monitors (spec/07-display.md, 7.3)."""

from __future__ import annotations

from typing import Any

import msgspec

from reference_client.channels import DisplayChannel
from reference_client.faults.fault import fault
from reference_client.faults.misread import Draws, Misreads, with_bitmap, with_image
from spiceproto.canvas.region import Box, clipped
from spiceproto.enums.display import SurfaceFlags
from spiceproto.enums.image import BitmapFlags, ImageFlags, ImageType
from spiceproto.messages import display
from spiceproto.messages.image import BinaryData, BitmapData, Image, Palette

replace = msgspec.structs.replace


@fault("unseen-images-not-kept", "SPICE-CACHE-007")
class UnseenImagesNotKept(Misreads):
    """Keeps no image of a message of which nothing is seen."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.DrawCopy) or canvas.primary is None:
            return value
        seen = clipped(Box.of(value.base.box), value.base.clip, canvas.primary.width, canvas.primary.height)
        return value if not seen.empty else None


@fault("cache-never-emptied", "SPICE-CACHE-008")
class CacheNeverEmptied(Draws):
    """Drops no image, and keeps none in the place of one that it has."""

    def _draw(self, canvas: Any, value: Any) -> None:
        image = getattr(getattr(value, "data", None), "src_bitmap", None)
        kept = vars(self).setdefault("kept", {})
        super()._draw(canvas, value)
        if image is None or image.descriptor.id not in canvas.pixmaps or not image.descriptor.flags:
            return
        id = image.descriptor.id
        if id in kept and image.descriptor.flags & ImageFlags.CACHE_ME:
            canvas.pixmaps.put(id, kept[id])
        kept[id] = canvas.pixmaps.get(id)


@fault("palettes-never-dropped", "SPICE-CACHE-014")
class PalettesNeverDropped(Misreads):
    """Drops no palette, and keeps none in the place of one that it has."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if isinstance(value, display.InvalPalette | display.InvalAllPalettes):
            return None
        known: dict[int, Palette] = vars(self).setdefault("palettes", {})

        def first(body: BitmapData) -> BitmapData:
            if body.palette is not None and body.flags & BitmapFlags.PAL_CACHE_ME:
                return replace(body, palette=known.setdefault(body.palette.unique, body.palette))
            return body

        found = with_bitmap(value, first)
        # What is drawn with its own palette is right; only what is kept is not.
        return [found, value, found] if found is not value and found != value else found


@fault("no-glz-eviction", "SPICE-CACHE-021")
class NoGlzEviction(Misreads):
    """Keeps every GLZ image for ever, and takes pixels from those that it should have dropped."""

    def misread(self, value: Any, canvas: Any) -> Any:
        def kept(image: Image) -> Image:
            if image.descriptor.type != ImageType.GLZ_RGB or image.lz_rgb is None or len(image.lz_rgb.data) < 33:
                return image
            data = image.lz_rgb.data
            return replace(image, lz_rgb=BinaryData(data[:29] + data[25:29] + data[33:]))

        return with_image(value, kept)


# -- monitors


@fault("no-heads-no-picture", "SPICE-MONITOR-007")
class NoHeadsNoPicture(DisplayChannel):
    """Shows nothing once a MONITORS_CONFIG without heads has come."""

    headless = False

    def handle(self, value: Any, now: float) -> None:
        super().handle(value, now)
        if isinstance(value, display.MonitorsConfig):
            self.headless = not value.heads

    def picture(self, **options: Any) -> Any:
        found = super().picture(**options)
        return found * 0 if self.headless else found


@fault("heads-outside-fatal", "SPICE-MONITOR-008")
class HeadsOutsideFatal(DisplayChannel):
    """Ends the session at a head that is outside of its surface."""

    def handle(self, value: Any, now: float) -> None:
        size = self.size()
        if isinstance(value, display.MonitorsConfig) and size is not None:
            for head in value.heads:
                if head.x + head.width > size[0] or head.y + head.height > size[1]:
                    self.host.end("a head outside", orderly=False)
                    return
        super().handle(value, now)


@fault("fixed-surface-size", "SPICE-MONITOR-009")
class FixedSurfaceSize(Misreads):
    """Keeps the size of its first screen, whatever comes then."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.SurfaceCreate) or not value.flags & SurfaceFlags.PRIMARY:
            return value
        width, height = vars(self).setdefault("first", (value.width, value.height))
        return replace(value, width=width, height=height)
