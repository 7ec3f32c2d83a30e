"""Which sentences about images a picture of the server's own decides: those that the images need which came.

An image of which a client shows the right pixels was coded as all the sentences say that its decoder follows. What a stream
needs beyond its type is read off its pixels or its tokens; what they do not say for certain counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np

from conformance.cases.display.view import Drawn
from spiceproto.codecs import glz_references, lz, quic, zlib_glz
from spiceproto.enums.image import BitmapFmt, ImageType, LzImageType, QuicImageType
from spiceproto.errors import RemoteError

__all__ = ["CODECS", "SENTENCES", "glz_stream", "shown"]

_CODEC: Final = "SPICE-CODEC-{:03}"
_LEARNT: Final = 900
"""Pixels that are coded, behind which some bucket of eight has cost more than 110 bits."""
_LEVEL: Final = 2048
_TOKENS: Final = 20000
"""Tokens of a stream that are looked at."""
_IMAGES: Final = 2000
"""Images of a conversation that are looked at."""
_FIRST_ESCAPES: Final = range(64, 192)
"""Values of a first pixel that are an escape in the first code of eight bits."""


def _ids(*numbers: int) -> tuple[str, ...]:
    return tuple([_CODEC.format(number) for number in numbers])


CODECS: Final = {
    "quic": _ids(2, 3, 4, 5, *range(8, 14), *range(15, 29)),
    "lz": _ids(32, 33, *range(35, 40), *range(41, 47)),
    "glz": _ids(48, 50, 51, 52, 53, 55, 58),
    "lz4": _ids(60, 61, 62),
    "jpeg": _ids(66, 69),
    "bitmap": ("SPICE-IMAGE-015", "SPICE-IMAGE-016", "SPICE-IMAGE-017", "SPICE-IMAGE-018"),
}
"""Codec to the sentences about its images that bind both ends."""

SENTENCES: Final = tuple([id for ids in CODECS.values() for id in ids])

_BITS: Final = {
    BitmapFmt._1BIT_LE: "SPICE-IMAGE-015",
    BitmapFmt._1BIT_BE: "SPICE-IMAGE-015",
    BitmapFmt._4BIT_LE: "SPICE-IMAGE-016",
    BitmapFmt._4BIT_BE: "SPICE-IMAGE-016",
    BitmapFmt._8BIT: "SPICE-IMAGE-017",
    BitmapFmt._16BIT: "SPICE-IMAGE-018",
}


def shown(images: Iterable[Drawn]) -> frozenset[str]:
    """The sentences that these images need."""
    found: set[str] = set()
    for item, _ in zip(images, range(_IMAGES), strict=False):
        try:
            found.update(_of(item.image))
        except (RemoteError, IndexError):
            continue  # which other cases say
    return frozenset(found)


def _of(image: Any) -> Iterator[str]:
    size = image.descriptor
    rows = size.height > 1
    if image.bitmap is not None:
        if image.bitmap.format in _BITS:
            yield _BITS[image.bitmap.format]
    elif image.quic is not None:
        yield from _ids(*_quic(image.quic.data))
    elif image.lz_plt is not None:
        yield from _ids(*_lz(image.lz_plt.data))
    elif image.lz_rgb is not None:
        yield from _ids(*(_lz if size.type == ImageType.LZ_RGB else _glz)(image.lz_rgb.data))
    elif image.zlib_glz is not None:
        yield from _ids(58, *_glz(glz_stream(image)))
    elif image.lz4 is not None:
        first = int.from_bytes(image.lz4.data[2:6], "big")
        yield from _ids(60, *([61] if rows else []), *([62] if len(image.lz4.data) > 6 + first else []))
    elif image.jpeg is not None and rows:
        yield from _ids(66)
    elif image.jpeg_alpha is not None and rows:
        yield from _ids(46, 69)


# -- QUIC


def _quic(data: bytes) -> Iterator[int]:
    pixels: Any = quic.decode(data)
    kind = quic.header(data).type
    height, width = pixels.shape
    yield from (3, 5, 11, 12, 18)
    if kind != QuicImageType.RGBA:
        yield 4
    if kind != QuicImageType.RGB16 and any(int(pixels[0, 0]) >> shift & 255 in _FIRST_ESCAPES for shift in (0, 8, 16)):
        yield 13
    if width > 1:
        yield from (8, 15, 19, 23)
    if height > 1:
        yield from (2, 9)
    colours = pixels.astype(np.uint32) & 0xFFFFFF
    same = np.zeros(colours.shape, bool)
    same[:, 1:] = colours[:, 1:] == colours[:, :-1]
    if width > 3 and height > 1:
        yield from _lengths(same)
    if width > 1 and height > 1 and (colours != colours[0, 0]).any():
        # Of one colour every other way would look the same.
        yield from (10, 16, *(_runs(same) if width > 3 else ()))
        yield from _levels(~same[:, 1:])


def _levels(rough: Any) -> Iterator[int]:
    """``rough``: whether the colours of a pixel are other ones than those of the pixel to its left."""
    if int(rough.sum()) >= _LEARNT:
        yield 20
    if rough[-(-_LEVEL // (rough.shape[1] + 1)) :].any():
        yield from (21, 22)


def _lengths(same: Any) -> Iterator[int]:
    """``same``: whether the colours of a pixel are those of the one to its left."""
    begins, goes = same[1:, 2:-1] & same[:-1, 3:], same[1:, 3:]
    if begins.sum() > 1:
        yield 28
    if (begins[:, :-1] & goes[:, :-1] & goes[:, 1:]).any():
        yield 27


def _runs(same: Any) -> Iterator[int]:
    """The same for runs in a picture of several colours."""
    begins, goes = same[1:, 2:-1] & same[:-1, 3:], same[1:, 3:]
    if begins.any():
        yield 24
    if (begins & goes).any():
        yield 17
    if (begins[:, :-1] & goes[:, :-1] & begins[:, 1:] & ~goes[:, 1:]).any():
        yield 25
    if (begins[:, -1] & goes[:, -1]).any():
        yield 26


# -- LZ and GLZ


def _lz(data: bytes) -> Iterator[int]:
    head = lz.header(data)
    yield from (32, 41)
    if head.height > 1:
        yield 33
    if head.type in (LzImageType.RGB24, LzImageType.RGB32, LzImageType.RGBA):
        yield 42
    if head.type == LzImageType.RGB16:
        yield 43
    if head.type == LzImageType.RGBA:
        yield 44
    if head.type <= LzImageType.PLT4_BE:
        yield 45
    if head.type in (LzImageType.PLT8, LzImageType.A8):
        yield 46
    yield from _tokens(data, {6: 2, 7: 3, 8: 3, 9: 3}.get(head.type, 1))


def _tokens(data: bytes, size: int) -> Iterator[int]:
    """What the first tokens of an LZ stream need."""
    at = 28
    for _ in range(_TOKENS):
        if at + 2 >= len(data):
            return
        control = data[at]
        at += 1
        if control < 32:
            yield 35
            at += size * (control + 1)
            continue
        yield from (37, 38)
        length = control >> 5
        if length == 7:
            yield 36
            while data[at] == 255:
                length += 255
                at += 1
            length += data[at]
            at += 1
        distance = (control & 31) << 8 | data[at]
        at += 3 if distance == 8191 else 1
        if length + 3 - size > distance + 1:
            yield 39


def glz_stream(image: Any) -> bytes:
    """The stream of a GLZ image, whether zlib has it or not. Raises RemoteError."""
    if image.zlib_glz is not None:
        return zlib_glz.inflate(image.zlib_glz.data, image.zlib_glz.glz_data_size)
    data: bytes = image.lz_rgb.data
    return data


def _glz(data: bytes) -> Iterator[int]:
    yield 48
    for match, _ in zip(glz_references.matches(data), range(_TOKENS), strict=False):
        yield 51 if match.far else 50
        yield 53 if match.distance else 52
        if match.distance and match.alpha:
            yield 55
