"""What messages refer to: images that have to have come before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from spiceproto.canvas.problem import MissingPixmap
from spiceproto.codecs.glz import MissingImage

if TYPE_CHECKING:
    from spiceproto.canvas.cache import PixmapCache
    from spiceproto.codecs.glz import Window
    from spiceproto.errors import SpiceError

__all__ = ["Reference", "missing_in"]


class Reference(NamedTuple):
    """An image that a message refers to: in the pixmap cache, there without loss, or in the GLZ window."""

    kind: Literal["pixmap", "lossless", "glz"]
    id: int

    def there(self, pixmaps: PixmapCache, window: Window) -> bool:
        """Whether it has come."""
        if self.kind == "glz":
            return window.arrived(self.id)
        return pixmaps.has(self.id, lossless=self.kind == "lossless")


def missing_in(error: SpiceError) -> Reference | None:
    """What was missing when a command failed, if it may still come over another channel."""
    if isinstance(error, MissingPixmap):
        return Reference("lossless" if error.lossless else "pixmap", error.id)
    return Reference("glz", error.image_id) if isinstance(error, MissingImage) else None
