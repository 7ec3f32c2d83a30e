"""Streams of images that are black, with the type, size and number of those they replace, and as many bytes.

A black picture is coded and filled up: behind its end, inside of a JPEG by comments, in LZ4 by bytes that are not packed. Where
it does not fit, the header stays and the rest is zeros: ``blank`` says which it was.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import Any, Final

import numpy as np

from spiceproto.codecs import glz, jpeg, lz, lz4, quic
from spiceproto.codecs.glz.dictionary import Dictionary
from spiceproto.codecs.glz.dictionary import encode as encode_glz
from spiceproto.enums.image import BitmapFmt, ImageType, LzImageType, QuicImageType
from spiceproto.errors import MissingExtraError, SpiceError

__all__ = ["FIELDS", "blank", "frame"]

FIELDS: Final = ("quic", "lz_rgb", "jpeg", "lz4", "lz_plt", "zlib_glz", "jpeg_alpha")
"""Fields of an image whose ``data`` is a stream."""

_MOST: Final = 1 << 25
"""Pixels of a picture that is coded."""

_HEADER: Final = {"quic": 20, "lz_rgb": 33, "lz_plt": 28, "lz4": 2}
"""Bytes that stay where no black picture fits."""

_JPEG_START, _JPEG_COMMENT = b"\xff\xd8", b"\xff\xfe"


def blank(field: str, image: Any) -> tuple[bytes, bool]:
    """The stream of this field of an image; whether it decodes."""
    part = getattr(image, field)
    data, kind = bytes(part.data), int(image.descriptor.type)
    extra = part.jpeg_size if field == "jpeg_alpha" else part.glz_data_size if field == "zlib_glz" else 0
    start = data[extra : extra + 28] if field == "jpeg_alpha" else _head(field, data, extra)
    size = image.descriptor.width, image.descriptor.height
    found = _made(field, kind, start, size, extra, len(data)) if 0 < size[0] * size[1] <= _MOST else None
    if found is not None:
        return found, True
    kept = data[: _HEADER.get(field, 0)]
    return kept + bytes(len(data) - len(kept)), False


def frame(data: bytes) -> bytes:
    """A frame of video: a black JPEG for one, else zeros."""
    if data[:2] == _JPEG_START:
        try:
            head = jpeg.header(data)
            return _filled(jpeg.encode(np.zeros((head.height, head.width), np.uint32)), len(data)) or bytes(len(data))
        except (SpiceError, MissingExtraError):
            pass
    return bytes(len(data))


def _head(field: str, data: bytes, size: int) -> bytes:
    if field == "zlib_glz":
        try:
            return zlib.decompressobj().decompress(data, 33)
        except zlib.error:
            return b""
    return data[: _HEADER.get(field, 0)]


@lru_cache(256)
def _made(field: str, kind: int, head: bytes, size: tuple[int, int], extra: int, length: int) -> bytes | None:
    """A black picture in ``length`` bytes; None for one that is none."""
    try:
        stream = _coded(field, kind, head, size, extra, length)
    except (SpiceError, MissingExtraError, zlib.error):
        return None
    if stream is None or len(stream) > length:
        return None
    return stream + bytes(length - len(stream))


def _coded(field: str, kind: int, head: bytes, size: tuple[int, int], extra: int, length: int) -> bytes | None:
    width, height = size
    if field == "quic":
        type = quic.header(head).type
        return quic.encode(np.zeros((height, width), _dtype(type == QuicImageType.RGB16, type == QuicImageType.GRAY)), type)
    if field == "jpeg":
        return _filled(jpeg.encode(np.zeros((height, width), np.uint32)), length)
    if field == "jpeg_alpha":
        colour = _filled(jpeg.encode(np.zeros((height, width), np.uint32)), extra)
        return None if colour is None else colour + _lz(head, size)
    if field == "lz4":
        return _lz4(head, size, length)
    if field == "zlib_glz":
        stream = _glz(head, size)
        return zlib.compress(stream + bytes(extra - len(stream)), 9) if len(stream) <= extra else None
    return _glz(head, size) if kind == ImageType.GLZ_RGB else _lz(head, size)


def _dtype(sixteen: bool, eight: bool) -> type[np.uint8] | type[np.uint16] | type[np.uint32]:
    return np.uint16 if sixteen else np.uint8 if eight else np.uint32


def _lz(head: bytes, size: tuple[int, int]) -> bytes:
    found = lz.header(head)
    narrow = found.type in (LzImageType.XXXA, LzImageType.A8) or found.type < LzImageType.RGB16
    pixels = np.zeros(size[::-1], _dtype(found.type == LzImageType.RGB16, narrow))
    return bytes(lz.encode(pixels, found.type, top_down=found.top_down))


def _glz(head: bytes, size: tuple[int, int]) -> bytes:
    """It refers to nothing before it, so the number and the window of its header may be any."""
    found = glz.header(head)
    pixels = np.zeros(size[::-1], _dtype(found.type == LzImageType.RGB16, False))
    stream = encode_glz(pixels, found.type, Dictionary(max(pixels.size, 1)), top_down=found.top_down)
    return head[:33] + stream[33:]


def _lz4(head: bytes, size: tuple[int, int], length: int) -> bytes | None:
    """One block with all rows. No byte may follow, which a decoder would take for another block."""
    found = lz4.header(head)
    pixel = 2 if found.format == BitmapFmt._16BIT else 3 if found.format == BitmapFmt._24BIT else 4
    block = _zeros(size[0] * size[1] * pixel, length - len(head) - 4)
    if block is None:
        return None
    stream = head + len(block).to_bytes(4, "big") + block
    lz4.decode(stream, *size, spare=True)
    return stream


def _zeros(count: int, size: int) -> bytes | None:
    """So many zeros as a block of LZ4 of exactly so many bytes: some as they are, a match, the last ones as they are."""
    for last in range(5, 25):
        behind = 1 + _more(last) + last
        near = (size - behind - 4 - count // 255) * 255 // 254  # but for what its own length takes
        for first in range(max(near - near // 255 - 8, 1), min(near + 8, count - last - 4) + 1):
            match = count - first - last
            if match >= 4 and 1 + _more(first) + first + 2 + _more(match - 4) + behind == size:
                token = bytes([min(first, 15) << 4 | min(match - 4, 15)])
                begin = token + _length(first) + bytes(first) + b"\1\0" + _length(match - 4)
                return begin + bytes([min(last, 15) << 4]) + _length(last) + bytes(last)
    return None


def _more(number: int) -> int:
    """Bytes of a length that has no room in its token."""
    return 0 if number < 15 else 1 + (number - 15) // 255


def _length(number: int) -> bytes:
    return b"" if number < 15 else b"\xff" * ((number - 15) // 255) + bytes([(number - 15) % 255])


def _filled(stream: bytes, length: int) -> bytes | None:
    """A JPEG of exactly so many bytes: comments, and bytes before a marker, fill it up."""
    spare = length - len(stream)
    if spare < 0:
        return None
    comments = b""
    while spare >= 4:
        step = min(spare, 0xFFFF)
        comments += _JPEG_COMMENT + (step - 2).to_bytes(2, "big") + bytes(step - 4)
        spare -= step
    return stream[:2] + comments + b"\xff" * spare + stream[2:]
