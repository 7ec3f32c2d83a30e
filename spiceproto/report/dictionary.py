"""How much of the GLZ images of a capture comes from the dictionary: their tokens are read, their pixels are not."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from spiceproto.codecs.glz_references import matches
from spiceproto.enums.image import ImageType
from spiceproto.image_places import placed
from spiceproto.report.origins import glz_stream

__all__ = ["Dictionary"]

_GLZ: Final = (ImageType.GLZ_RGB, ImageType.ZLIB_GLZ_RGB)


class Dictionary(msgspec.Struct):
    """``images``, those of them that are ``referring`` to others, and ``pixels`` of all, by where they are taken from.

    * ``from_others``, ``from_itself``: copied from an image of the dictionary, from an earlier place of the same image
    * ``alpha_from_others``: values of alpha, which has a pass of its own, likewise
    """

    images: int = 0
    referring: int = 0
    pixels: int = 0
    from_others: int = 0
    from_itself: int = 0
    alpha_from_others: int = 0

    def message(self, value: Any) -> None:
        """One that draws."""
        for _, image in placed(value, masks=False):
            stream = glz_stream(image) if image.descriptor.type in _GLZ else b""
            if not stream:
                continue
            found, alpha = [0, 0], [0, 0]
            for match in matches(stream):
                (alpha if match.alpha else found)[match.distance > 0] += match.length
            self.images += 1
            self.referring += found[1] + alpha[1] > 0
            self.pixels += image.descriptor.width * image.descriptor.height
            self.from_itself += found[0]
            self.from_others += found[1]
            self.alpha_from_others += alpha[1]

    @property
    def hit_rate(self) -> float | None:
        """Share of the pixels that come from other images; None without any."""
        return round(self.from_others / self.pixels, 4) if self.pixels else None

    def __str__(self) -> str:
        share = "" if self.hit_rate is None else f", {100 * self.hit_rate:.1f} % of {self.pixels} pixels from them"
        said = f"{self.referring} of {self.images} images refer to others{share}"
        return f"GLZ dictionary: {said}, {self.from_itself} pixels from places of their own"
