"""The images inside of drawing messages: what can be said of one without decoding it.

An image begins with a descriptor, and most have a header of their own behind it, in the stream. Both say how large it is.
A receiver makes room for what one of them says; so they have to agree. To read a header costs microseconds.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from spiceproto.codecs.stream_headers import PARSE, SIZES, VERSIONS, size
from spiceproto.codecs.stream_kinds import GLZ, KINDS, LZ, QUIC
from spiceproto.enums.image import BitmapFmt, ImageType
from spiceproto.finding import Finding
from spiceproto.image_places import images
from spiceproto.messages.codec import GlzHeader, LzHeader

__all__ = ["REQUIREMENTS", "agree", "glz_header"]

_SIZE, _FORMAT, _KIND = "SPICE-IMAGE-002", "SPICE-IMAGE-020", "SPICE-CODEC-034"

REQUIREMENTS: Final = {
    _SIZE: "compares a message with what stands in a stream inside of it",
    _FORMAT: "is about images, which stand in many messages",
    _KIND: "compares a message with what stands in a stream inside of it",
}
"""Sentences that are judged here, and why no machine can."""

# A name of an enumeration is found more slowly than a name of a module.
_LZ_RGB, _GLZ_RGB, _ZLIB_GLZ_RGB = ImageType.LZ_RGB, ImageType.GLZ_RGB, ImageType.ZLIB_GLZ_RGB

_UNDRAWN: Final = (BitmapFmt._1BIT_LE, BitmapFmt._4BIT_LE)


def glz_header(image: Any) -> GlzHeader | None:
    """The header of a GLZ image, whether zlib has it or not; None for another image, or a stream that has none."""
    kind, head = image.descriptor.type, b""
    if kind == _GLZ_RGB and image.lz_rgb is not None:
        head = image.lz_rgb.data[: SIZES[GLZ]]
    elif kind == _ZLIB_GLZ_RGB and image.zlib_glz is not None:
        try:
            head = zlib.decompressobj().decompress(image.zlib_glz.data, SIZES[GLZ])
        except zlib.error:
            return None
    found: GlzHeader | None = _header(GLZ, head)
    return found


def _lz_header(image: Any) -> LzHeader | None:
    """The header of an LZ stream; None for another image, or a stream that has none."""
    part = image.lz_rgb if image.descriptor.type == _LZ_RGB else image.lz_plt
    found: LzHeader | None = None if part is None else _header(LZ, part.data)
    return found


def _header(codec: str, stream: bytes) -> Any:
    """What a stream begins with; None if there is less, or another version of it."""
    if len(stream) < SIZES[codec]:
        return None
    header = PARSE[codec](stream[: SIZES[codec]])
    return header if header.version == VERSIONS[codec] else None


def _size(image: Any) -> tuple[int, int] | None:
    """Width and height as the stream says; None where it does not, or cannot be read."""
    if image.bitmap is not None:
        return image.bitmap.x, image.bitmap.y
    header = _header(QUIC, image.quic.data) if image.quic is not None else _lz_header(image) or glz_header(image)
    return None if header is None else size(header)


def agree(channel: tuple[int, int], name: str, value: Any, now: float) -> Iterable[Finding]:
    """What is wrong with the images of a message of the server."""
    found = images(value)
    return _agree(channel, name, found, now) if found else ()


def _agree(channel: tuple[int, int], name: str, images: Sequence[Any], now: float) -> Iterator[Finding]:
    for image in images:
        kind, wanted = image.descriptor.type, (image.descriptor.width, image.descriptor.height)
        found = _size(image)
        if found is not None and (found != wanted or 0 in wanted):
            text = f"{name} has an image without pixels" if 0 in wanted else f"{name} has an image of two sizes"
            expected = "1 x 1 or more" if 0 in wanted else "{} x {}, as its descriptor says".format(*wanted)
            yield Finding(_SIZE, "server", channel, text, expected, "{} x {}".format(*found), now)
        if image.bitmap is not None and image.bitmap.format in _UNDRAWN:
            text = f"{name} has a bitmap that clients do not draw"
            yield Finding(_FORMAT, "server", channel, text, "another format", _name(image.bitmap.format), now, True)
        header = _lz_header(image)
        if header is not None and header.type not in KINDS[kind]:
            text = f"{name} has an LZ stream of another kind than its type"
            expected = " or ".join([item.name for item in sorted(KINDS[kind])])
            yield Finding(_KIND, "server", channel, text, expected, str(int(header.type)), now)


def _name(format: int) -> str:
    return format.name.removeprefix("_") if isinstance(format, BitmapFmt) else str(format)
