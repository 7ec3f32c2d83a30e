"""Which streams the images of each type have, and of what kinds their pixels may be. Where they stand, the schemas say."""

from __future__ import annotations

from typing import Any, Final

from spiceproto.enums.image import BitmapFmt, ImageType, LzImageType, QuicImageType

__all__ = ["CODECS", "GLZ", "JPEG", "KINDS", "LZ", "LZ4", "PLAIN", "QUIC"]

QUIC, LZ, GLZ, LZ4, JPEG = "QUIC", "LZ", "GLZ", "LZ4", "JPEG"

PLAIN: Final = frozenset({ImageType.BITMAP, ImageType.FROM_CACHE, ImageType.FROM_CACHE_LOSSLESS, ImageType.SURFACE})
"""Types of image without a stream."""

CODECS: Final[dict[int, tuple[str, ...]]] = {
    ImageType.QUIC: (QUIC,),
    ImageType.LZ_PLT: (LZ,),
    ImageType.LZ_RGB: (LZ,),
    ImageType.GLZ_RGB: (GLZ,),
    ImageType.JPEG: (JPEG,),
    ImageType.ZLIB_GLZ_RGB: (GLZ,),
    ImageType.JPEG_ALPHA: (JPEG, LZ),
    ImageType.LZ4: (LZ4,),
}
"""Type of image to the codecs of its streams, in their order."""

_COLOURED: Final = frozenset({LzImageType.RGB16, LzImageType.RGB24, LzImageType.RGB32, LzImageType.RGBA})

KINDS: Final[dict[int, frozenset[Any]]] = {
    ImageType.QUIC: frozenset(QuicImageType) - {QuicImageType.INVALID},
    ImageType.LZ_PLT: frozenset(item for item in LzImageType if LzImageType.PLT1_LE <= item <= LzImageType.PLT8),
    ImageType.LZ_RGB: _COLOURED | {LzImageType.A8},
    ImageType.GLZ_RGB: _COLOURED,
    ImageType.ZLIB_GLZ_RGB: _COLOURED,
    ImageType.JPEG_ALPHA: frozenset({LzImageType.XXXA}),
    ImageType.LZ4: frozenset({BitmapFmt._16BIT, BitmapFmt._24BIT, BitmapFmt._32BIT, BitmapFmt.RGBA, BitmapFmt._8BIT_A}),
}
"""Type of image to the kinds of pixels that the headers of its streams may name; JPEG names none."""
