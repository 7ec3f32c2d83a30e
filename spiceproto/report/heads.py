"""The beginning of an image, which is kept to be summed up: what of it, and what it says.

Nothing before the first image needs this.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from spiceproto.codecs.stream_kinds import CODECS
from spiceproto.enums.image import BitmapFlags, ImageFlags, ImageType
from spiceproto.generated.images import BEHIND, DESCRIPTOR, OFFSETS, VARIANTS
from spiceproto.image_places import PALETTED

__all__ = ["BARE_END", "HEAD_END", "TYPE", "Head", "read"]

TYPE: Final[int] = OFFSETS["type"]
"""Where a head begins in an image: behind its id."""

HEAD_END: Final = TYPE + 28
"""Where it ends: behind the offset of a bitmap's palette."""

BARE_END: Final[int] = DESCRIPTOR.size
"""Where that of an image ends which is all descriptor."""

_INFLATED: Final = "zlib"
"""What is counted as a codec beside that of the stream inside."""

_KEPT: Final = int(ImageFlags.CACHE_ME | ImageFlags.CACHE_REPLACE_ME)


class Head(NamedTuple):
    """What a head says.

    * ``size``: bytes of all streams, or of the rows of a bitmap
    * ``streams``: codec and bytes of each
    * ``kept``: whether the image goes into the cache
    * ``palette``: ``whole``, ``kept``, ``from_cache``, or nothing
    """

    type: int
    pixels: int
    size: int
    streams: tuple[tuple[str, int], ...]
    kept: bool
    palette: str


def read(head: bytes) -> Head:
    """What the bytes of an image from :data:`TYPE` on say, as many as were kept."""
    image = bytes(TYPE) + head.ljust(HEAD_END - TYPE, b"\0")
    _, type, flags, width, height = DESCRIPTOR.unpack_from(image)
    codecs, variant = CODECS.get(type, ()), VARIANTS.get(type, "")
    if not codecs and type != ImageType.BITMAP:
        return Head(type, width * height, 0, (), kept=False, palette="")
    colours = 0
    sizes: tuple[int, ...] = ()
    match type, BEHIND[variant].unpack_from(image, DESCRIPTOR.size):
        case ImageType.BITMAP, (_, colours, _, rows, stride):
            size = stride * rows
        case ImageType.LZ_PLT, (colours, size):
            sizes = (size,)
        case ImageType.ZLIB_GLZ_RGB, (inflated, size):
            codecs, sizes = (*codecs, _INFLATED), (inflated, size)
        case ImageType.JPEG_ALPHA, (_, jpeg, size):
            sizes = (jpeg, max(size - jpeg, 0))
        case _, (size,):
            sizes = (size,)
    return Head(
        type=type,
        pixels=width * height,
        size=size,
        streams=tuple(zip(codecs, sizes, strict=True)),
        kept=bool(flags & _KEPT),
        palette=_palette(image, variant, colours) if variant in PALETTED else "",
    )


def _palette(image: bytes, variant: str, flags: int) -> str:
    if flags & BitmapFlags.PAL_FROM_CACHE:
        return "from_cache"
    at = DESCRIPTOR.size + BEHIND[variant].size
    if not any(image[at : at + 4]):
        return ""
    return "kept" if flags & BitmapFlags.PAL_CACHE_ME else "whole"
