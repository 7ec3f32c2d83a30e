"""Streams of images that are black, with the type, size and number of those they replace, and as many bytes.

A black picture is coded and filled up: QUIC behind its end, JPEG by comments, others by pixels that are said one by one. Where
it does not fit, the header stays and the rest is zeros: ``blank`` says which it was.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import lru_cache
from struct import pack
from typing import Any, Final

import numpy as np

from spiceproto.codecs import glz, jpeg, lz, lz4, quic, zlib_glz
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

_LZ_HEADER, _GLZ_HEADER = 28, 33
_RUN: Final = 32
"""Most pixels that a run of LZ says one by one."""

_EMPTY_BLOCK: Final = 5
"""Bytes of a block of deflate that stores nothing."""

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
    filled = stream + bytes(length - len(stream))
    try:
        _check(field, kind, filled, size, extra)
    except SpiceError:
        return None
    return filled


def _check(field: str, kind: int, stream: bytes, size: tuple[int, int], extra: int) -> None:
    """Whether it decodes. Raises RemoteError."""
    if field == "quic":
        quic.decode(stream)
    elif field == "jpeg":
        jpeg.decode(stream)
    elif field == "jpeg_alpha":
        jpeg.decode(stream[:extra])
        lz.decode(stream[extra:])
    elif field == "lz4":
        lz4.decode(stream, *size, spare=True)
    elif field == "zlib_glz":
        zlib_glz.decode(stream, extra, glz.Window())
    elif kind == ImageType.GLZ_RGB:
        glz.decode(stream, glz.Window())
    else:
        lz.decode(stream)


def _coded(field: str, kind: int, head: bytes, size: tuple[int, int], extra: int, length: int) -> bytes | None:
    width, height = size
    if field == "quic":
        type = quic.header(head).type
        return quic.encode(np.zeros((height, width), _dtype(type == QuicImageType.RGB16, type == QuicImageType.GRAY)), type)
    if field == "jpeg":
        return _filled(jpeg.encode(np.zeros((height, width), np.uint32)), length)
    if field == "jpeg_alpha":
        colour = _filled(jpeg.encode(np.zeros((height, width), np.uint32)), extra)
        return None if colour is None else colour + _lz(head, size, length - extra)
    if field == "lz4":
        return _lz4(head, size, length)
    if field == "zlib_glz":
        stream = _glz(head, size, extra)
        return _deflated(stream, length) if len(stream) == extra else None
    return _glz(head, size, length) if kind == ImageType.GLZ_RGB else _lz(head, size, length)


def _dtype(sixteen: bool, eight: bool) -> Any:
    return np.uint16 if sixteen else np.uint8 if eight else np.uint32


def _lz(head: bytes, size: tuple[int, int], length: int) -> bytes:
    found = lz.header(head)
    narrow = found.type in (LzImageType.XXXA, LzImageType.A8) or found.type < LzImageType.RGB16
    pixels = np.zeros(size[::-1], _dtype(found.type == LzImageType.RGB16, narrow))
    whole = bytes(lz.encode(pixels, found.type, top_down=found.top_down))
    if found.type < LzImageType.RGB16:
        return whole
    kind = LzImageType.RGB32 if found.type == LzImageType.RGBA else found.type
    unit = 1 if narrow else 2 if found.type == LzImageType.RGB16 else 3

    def tokens(count: int) -> bytes:
        return bytes(lz.encode(np.zeros((1, count), pixels.dtype), kind))[_LZ_HEADER:]

    return _stretched(whole, _LZ_HEADER, pixels.size, unit, length, tokens)


def _glz(head: bytes, size: tuple[int, int], length: int) -> bytes:
    """It refers to nothing before it, so the number and the window of its header may be any."""
    found = glz.header(head)
    sixteen = found.type == LzImageType.RGB16

    def coded(shape: tuple[int, int], kind: LzImageType) -> bytes:
        pixels = np.zeros(shape, _dtype(sixteen, False))
        return encode_glz(pixels, kind, Dictionary(max(pixels.size, 1)), top_down=found.top_down)

    kind = LzImageType.RGB32 if found.type == LzImageType.RGBA else found.type
    whole = head[:_GLZ_HEADER] + coded((size[1], size[0]), found.type)[_GLZ_HEADER:]
    unit = 2 if sixteen else 3
    return _stretched(whole, _GLZ_HEADER, size[0] * size[1], unit, length, lambda count: coded((1, count), kind)[_GLZ_HEADER:])


def _stretched(whole: bytes, header: int, count: int, unit: int, length: int, tokens: Callable[[int], bytes]) -> bytes:
    """A stream of LZ or GLZ of exactly ``length`` bytes, if there is one: its first pixels are said one by one.

    ``tokens`` codes so many black pixels of ``unit`` bytes; ``whole`` is the shortest stream, of ``count`` of them, perhaps
    with the alpha behind them. Each of ``runs`` takes a byte and says 1 to 32 pixels.
    """
    spare = length - len(whole)
    rest = whole[header + len(tokens(count)) :]
    said = 2 * spare // (2 * unit + 1)
    for pixels in range(max(said - 2, 1), min(said + 4, count - 8)):
        behind = tokens(count - pixels)
        runs = length - header - len(behind) - len(rest) - pixels * unit
        if -(-pixels // _RUN) <= runs <= pixels:
            sizes = [pixels // runs + (number < pixels % runs) for number in range(runs)]
            return whole[:header] + b"".join(bytes([one - 1]) + bytes(one * unit) for one in sizes) + behind + rest
    return whole


def _deflated(data: bytes, length: int) -> bytes | None:
    """A zlib stream of exactly so many bytes: some are stored, and blocks without any fill it up."""
    for stored in range(_EMPTY_BLOCK * 8):
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = packer.compress(data[stored:]) + packer.flush()
        head = b"\0" + pack("<HH", stored, stored ^ 0xFFFF) + data[:stored]
        spare = length - len(head) - len(packed) - 6
        if spare >= 0 and spare % _EMPTY_BLOCK == 0:
            empty = b"\0\0\0\xff\xff" * (spare // _EMPTY_BLOCK)
            return b"\x78\xda" + head + empty + packed + pack(">L", zlib.adler32(data))
    return None


def _lz4(head: bytes, size: tuple[int, int], length: int) -> bytes | None:
    """One block with all rows. No byte may follow, which a decoder would take for another block."""
    found = lz4.header(head)
    pixel = 2 if found.format == BitmapFmt._16BIT else 3 if found.format == BitmapFmt._24BIT else 4
    block = _zeros(size[0] * size[1] * pixel, length - len(head) - 4)
    if block is None:
        return None
    return head + len(block).to_bytes(4, "big") + block


def _zeros(count: int, size: int) -> bytes | None:
    """So many zeros as a block of LZ4 of exactly so many bytes: some as they are, a match, the last ones as they are."""
    if 1 + _more(count) + count == size:
        return bytes([min(count, 15) << 4]) + _length(count) + bytes(count)
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
