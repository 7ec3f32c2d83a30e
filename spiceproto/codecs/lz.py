"""LZ: the lossless codec without memory. Streams of LZ_RGB and LZ_PLT images, and the alpha plane of JPEG_ALPHA.

A stream is a header of seven big-endian 32-bit words (magic, version, type, width, height, stride, direction) and a row
of tokens: literal pixels, or matches with earlier pixels of the same image. The tokens and both loops over them are
described in ``kernels/lz.py``; here are the header, the checks, the shapes and the errors.

What the types put in the tokens:

* palette types are coded as bytes, each line filled up to a whole byte; what a pixel index means is in the palette,
  which is not part of the stream;
* RGB16 as 16-bit pixels, high byte first (the only big-endian pixels of SPICE); the top bit means nothing, and the
  encoder may change it;
* RGB24 and RGB32 alike as blue, green, red: only the stride in the header tells them apart;
* RGBA as RGB32, and behind it the alpha plane as in XXXA;
* XXXA and A8 as one byte a pixel: only the stride tells them apart.

A picture whose header says it is not top down has its bottom line first in the tokens. Arrays here always have the top
line first.

The decoder is as strict as the reference decoder: the stream must hold exactly the pixels of its header and end there.
Two differences, both where the reference decoder leaves the picture undefined: a palette image whose stride is shorter
than its lines, and an image without pixels, are refused.

Source: spice-common ``common/lz.c``, ``lz_common.h``, ``lz_compress_tmpl.c``, ``lz_decompress_tmpl.c``.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from spiceproto import limits
from spiceproto.codecs import tier
from spiceproto.codecs.kernels import lz as lz_loops
from spiceproto.codecs.work import WorkSpaces
from spiceproto.enums.image import LzImageType
from spiceproto.errors import LimitError, LocalError, RemoteError
from spiceproto.generated.images import LZ_HEADER
from spiceproto.generated.images import LZ_MAGIC as MAGIC
from spiceproto.generated.images import LZ_VERSION as VERSION

__all__ = ["HEADER_SIZE", "MAGIC", "VERSION", "LzHeader", "LzImageType", "decode", "decode_all", "encode", "header"]

Stream: TypeAlias = bytes | bytearray | memoryview

HEADER_SIZE: Final[int] = LZ_HEADER.size
IMAGE_BYTES: Final = lz_loops.IMAGE_BYTES
"""Stride times height that the reference codec refuses to exceed."""

_shape: Final = struct.Struct(">8x3I").unpack_from


_TYPES: Final = tuple(LzImageType)  # calling an enumeration costs more than the rest of a header


class _Form(NamedTuple):
    """How a type lies in a stream and in an array."""

    bits: int  # of a pixel of the source, for the stride
    unit: int  # stream bytes of what the tokens count
    dtype: type[np.uint8] | type[np.uint16] | type[np.uint32]


_FORMS: Final = (  # by LzImageType
    _Form(0, 0, np.uint8),
    _Form(1, 1, np.uint8),
    _Form(1, 1, np.uint8),
    _Form(4, 1, np.uint8),
    _Form(4, 1, np.uint8),
    _Form(8, 1, np.uint8),
    _Form(16, 2, np.uint16),
    _Form(24, 3, np.uint32),
    _Form(32, 3, np.uint32),
    _Form(32, 3, np.uint32),
    _Form(32, 1, np.uint8),
    _Form(8, 1, np.uint8),
)

_ENCODER: Final = lz_loops.STREAM
_encoders: Final = WorkSpaces(cleared=_ENCODER)

UNITS_PER_BYTE: Final = 255
"""Most pixels that one byte of a stream can stand for: a byte that continues a match length."""


class LzHeader(NamedTuple):
    """The header of an LZ stream. ``stride`` is bytes a line; ``top_down`` tells which line is coded first."""

    type: LzImageType
    width: int
    height: int
    stride: int
    top_down: bool


def stride_of(type: LzImageType, width: int) -> int:
    """Bytes of one line of the source picture, as the headers of LZ and GLZ state it."""
    return (width * _FORMS[type].bits + 7) // 8


def header(stream: Stream) -> LzHeader:
    """Parse and check the 28 header bytes; raises :class:`RemoteError`. The size limit is :func:`decode`'s business."""
    size = memoryview(stream).nbytes
    if size < HEADER_SIZE:
        raise RemoteError("LZ stream ends inside its header", offset=size, expected=f"{HEADER_SIZE} bytes", actual=f"{size}")
    magic, version, number, width, height, stride, top_down = LZ_HEADER.unpack_from(stream)
    if magic != MAGIC:
        raise RemoteError("not an LZ stream", path="magic", offset=0, expected=f"{MAGIC:#x}", actual=f"{magic:#x}")
    if version != VERSION:
        raise RemoteError("unknown LZ version", path="version", offset=4, expected=f"{VERSION:#x}", actual=f"{version:#x}")
    if not 1 <= number <= 11:
        raise RemoteError("unknown LZ image type", path="type", offset=8, expected="1..11", actual=str(number))
    type = _TYPES[number]
    check_size(type, width, height, stride, 12)
    # The reference encoder writes 0 or 1, the reference decoder takes any number.
    return LzHeader(type, width, height, stride, top_down != 0)


def check_size(type: LzImageType, width: int, height: int, stride: int, offset: int) -> None:
    """Check the three size fields, which lie at byte ``offset`` of a stream in this order."""
    if width == 0 or height == 0:
        raise RemoteError(
            "image without pixels",
            path="width" if width == 0 else "height",
            offset=offset if width == 0 else offset + 4,
            expected="at least 1",
            actual="0",
        )
    right = stride_of(type, width)
    if stride != right:
        raise RemoteError(
            "stride does not fit type and width",
            path="stride",
            offset=offset + 8,
            expected=f"{right} ({type.name}, width {width})",
            actual=str(stride),
        )
    if stride * height > IMAGE_BYTES:
        raise LimitError(
            "image too large for LZ",
            path="height",
            offset=offset + 4,
            expected=f"stride * height up to {IMAGE_BYTES}",
            actual=f"{stride} * {height}",
        )


_REASONS: Final = {
    1: ("LZ stream ends inside the picture", "the rest of a token"),
    2: ("LZ token goes past the last pixel", "at most the pixels that are left"),
    3: ("LZ match starts before the first pixel", "a distance up to the pixels decoded so far"),
}


def _decode_plane(kernels: Any, stream: Stream, offset: int, out: NDArray[Any]) -> int:
    """Run one pass of tokens from ``offset``, which fills ``out``; returns the offset behind it."""
    data = stream if type(stream) is bytes else bytes(stream)
    state = kernels.zeros(2, "int64")
    if kernels.INTERPRETED:
        after = kernels.decode(data, offset, len(data), kernels.view(out), out.size, state)
    else:
        after = kernels.decode_picture(data, offset, len(data), out, state)
    if after < 0:
        what, expected = _REASONS[-after]
        raise RemoteError(
            what,
            offset=int(state[0]),
            expected=expected,
            actual=f"{int(state[1])} of {out.size} pixels or bytes, stream of {len(data)} bytes",
        )
    return int(after)


# -- the short way: a picture as it should be, in machine code; None for everything else, which the other way looks at ---


class _Short(NamedTuple):
    """Of a type that is one pass over whole pixels: its kernels, dtype, and bytes of a pixel in a stride and in a stream."""

    decode: Any
    encode: Any
    dtype: np.dtype[Any]
    bytes: int
    unit: int


_short: Final[dict[int, _Short]] = {}  # as they are loaded
_unread: Final[NDArray[np.int64]] = np.zeros(2, np.int64)  # what is wrong is found out the other way


def _know(kernels: Any, type: LzImageType) -> None:
    form = _FORMS[type]
    if form.bits >= 8 and type is not LzImageType.RGBA and not kernels.INTERPRETED:
        _short[int(type)] = _Short(
            decode=kernels.decode_stream,
            encode=kernels.encode_picture,
            dtype=np.dtype(form.dtype),
            bytes=form.bits // 8,
            unit=form.unit,
        )


def _decode_short(stream: Stream, max_pixels: int) -> NDArray[Any] | None:
    if type(stream) is not bytes:
        if not isinstance(stream, (bytearray, memoryview)):
            return None
        stream = bytes(stream)
    room = len(stream) - HEADER_SIZE
    if room < 0:
        return None
    number, width, height = _shape(stream)
    short = _short.get(number)
    count = width * height
    if short is None or not 0 < count <= max_pixels or count > UNITS_PER_BYTE * room:
        return None
    pixels: NDArray[Any] = np.empty((height, width), short[2])
    status = short[0](stream, pixels, _unread)
    if status == 1:
        return pixels
    return np.ascontiguousarray(pixels[::-1]) if status else None


def _encode_short(pixels: Any, type_: LzImageType, top_down: bool) -> bytes | None:
    short = _short.get(type_)
    if short is None or type(pixels) is not np.ndarray or pixels.ndim != 2 or not top_down:
        return None
    _, encode_picture, dtype, size, unit = short
    height, width = pixels.shape
    stride = width * size
    if pixels.dtype != dtype or not pixels.flags.carray or not 0 < stride * height <= IMAGE_BYTES:
        return None
    count = width * height
    work = _encoders.take(_ENCODER + count * unit + (count >> 5) + 64)
    end = encode_picture(pixels, int(type_), width, stride, 1, work, 0)
    stream: bytes = work[_ENCODER : _ENCODER + end].tobytes()
    _encoders.give(work)
    return stream


# -- the way that knows every type and every error ----------------------------------------------------------------------


def decode(stream: Stream, *, max_pixels: int = limits.IMAGE_PIXELS) -> NDArray[Any]:
    """Decode one complete LZ stream.

    Returns a writable C-contiguous array ``(height, width)``, top line first:

    ==========================  ===================================================
    RGB16                       uint16, x1r5g5b5 (the top bit is undefined)
    RGB24, RGB32                uint32, 0x00RRGGBB
    RGBA                        uint32, 0xAARRGGBB
    XXXA, A8                    uint8, alpha
    PLT1_*, PLT4_*, PLT8        uint8, palette index
    ==========================  ===================================================

    Raises :class:`LimitError` when width times height exceeds ``max_pixels``, :class:`RemoteError` for any other
    stream that is not exactly one picture; the offset counts from the start of the stream.
    """
    if tier.compiled():
        short = _decode_short(stream, max_pixels)
        if short is not None:
            return short
    type, width, height, stride, top_down = header(stream)
    if width * height > max_pixels:
        raise LimitError(
            "LZ image too large",
            path="width",
            offset=12,
            expected=f"at most {max_pixels} pixels",
            actual=f"{width} x {height}",
        )
    form = _FORMS[type]
    packed = form.bits < 8
    count = stride * height if packed else width * height
    end = memoryview(stream).nbytes
    if count > UNITS_PER_BYTE * (end - HEADER_SIZE):  # before memory is taken for the picture
        raise RemoteError(
            "LZ stream too short for its picture",
            offset=end,
            expected=f"tokens for {count} pixels or bytes",
            actual=f"{end - HEADER_SIZE} bytes",
        )
    kernels = tier.kernels("lz", count, UNIT=form.unit)
    _know(kernels, type)
    pixels: NDArray[Any] = np.empty((height, count // height), form.dtype)
    offset = _decode_plane(kernels, stream, HEADER_SIZE, pixels)
    if type is LzImageType.RGBA:
        alpha = np.empty((height, width), np.uint8)
        offset = _decode_plane(tier.kernels("lz", count, UNIT=1), stream, offset, alpha)
        pixels.view(np.uint8)[:, 3::4] = alpha
    if offset != end:
        raise RemoteError(
            "bytes behind the last pixel of an LZ stream",
            offset=offset,
            expected=f"a stream of {offset} bytes",
            actual=f"{end}",
        )
    if packed:
        pixels = _unpacked(pixels, type, width)
    return pixels if top_down else np.ascontiguousarray(pixels[::-1])


BATCH_PIXELS: Final = 1 << 20
"""Pixels of pictures that are decoded together, at most: it is small ones that gain by it."""


def decode_all(streams: Sequence[Stream], *, max_pixels: int = limits.IMAGE_PIXELS) -> list[NDArray[Any]]:
    """Decode streams as :func:`decode` does one by one, and small RGB24 and RGB32 pictures in half the time.

    Pictures may share one block of memory, which stays as long as one of them. Raises what :func:`decode` raises for the
    first stream that is wrong.
    """
    if streams and tier.compiled() and LzImageType.RGB32 in _short:
        kernels = tier.kernels("lz", 0, UNIT=3)
        parts = [stream if type(stream) is bytes else bytes(stream) for stream in streams]
        data = b"".join(parts)
        ends = np.cumsum([len(part) for part in parts])
        places = np.empty((len(streams), 2), np.int64)
        pixels = kernels.sizes(data, ends, places, min(max_pixels, BATCH_PIXELS))
        out = np.empty(max(pixels, 0), np.uint32)
        if pixels > 0 and kernels.decode_pictures(data, ends, places, out, _unread):
            found = []
            first = 0
            for shape in places.tolist():
                after = first + shape[0] * shape[1]
                found.append(out[first:after].reshape(shape))
                first = after
            return found
    return [decode(stream, max_pixels=max_pixels) for stream in streams]


def _unpacked(lines: NDArray[Any], type: LzImageType, width: int) -> NDArray[Any]:
    if type in (LzImageType.PLT1_LE, LzImageType.PLT1_BE):
        order: Any = "little" if type is LzImageType.PLT1_LE else "big"
        return np.unpackbits(lines, axis=1, count=width, bitorder=order)
    low, high = lines & 15, lines >> 4
    pair = (low, high) if type is LzImageType.PLT4_LE else (high, low)
    return np.ascontiguousarray(np.stack(pair, axis=-1).reshape(len(lines), -1)[:, :width])


def _packed(pixels: NDArray[Any], type: LzImageType) -> NDArray[Any]:
    if type in (LzImageType.PLT1_LE, LzImageType.PLT1_BE):
        order: Any = "little" if type is LzImageType.PLT1_LE else "big"
        return np.packbits(pixels, axis=1, bitorder=order)
    even = pixels[:, 0::2]
    odd = np.zeros_like(even)
    odd[:, : pixels.shape[1] // 2] = pixels[:, 1::2]
    low, high = (even, odd) if type is LzImageType.PLT4_LE else (odd, even)
    lines: NDArray[Any] = low | high << 4
    return lines


def source_pixels(pixels: Any, type: LzImageType, top_down: bool) -> NDArray[Any]:
    """Check the caller's picture and put its lines in stream order; raises :class:`LocalError`."""
    if not 1 <= type <= 11:
        raise LocalError("LZ cannot encode this type", path="type", expected="PLT1_LE to A8", actual=str(type))
    form = _FORMS[type]
    array = np.asarray(pixels)
    if array.dtype != form.dtype or array.ndim != 2 or array.size == 0:
        raise LocalError(
            "array does not fit the LZ image type",
            path="pixels",
            expected=f"{form.dtype.__name__} (height, width) for {type.name}",
            actual=f"{array.dtype} {array.shape}",
        )
    height, width = array.shape
    if stride_of(type, width) * height > IMAGE_BYTES:
        raise LocalError(
            "image too large for LZ",
            path="pixels",
            expected=f"stride * height up to {IMAGE_BYTES}",
            actual=f"{width} x {height}",
        )
    return np.ascontiguousarray(array if top_down else array[::-1])


def encode(pixels: NDArray[Any], type: LzImageType, *, top_down: bool = True) -> bytes:
    """Encode one picture; the stream is the reference encoder's, byte for byte, for a source in one chunk.

    ``pixels`` is ``(height, width)``, top line first, in the dtype that :func:`decode` returns for ``type``. The top
    byte of RGB24 and RGB32 pixels is ignored, and so are the bits of a palette index that its type does not have.
    Decoding gives the same pixels again (but for the top bit of RGB16). ``top_down`` False codes the bottom line first,
    as for pictures that lie in memory that way. Raises :class:`LocalError` for another dtype, shape or type.
    """
    if tier.compiled():
        short = _encode_short(pixels, type, top_down)
        if short is not None:
            return short
    source = source_pixels(pixels, type, top_down)
    number = int(type)  # numba takes 13 us to look at an enumeration
    type = _TYPES[number]
    height, width = source.shape
    head = LZ_HEADER.pack(MAGIC, VERSION, type, width, height, stride_of(type, width), top_down)
    form = _FORMS[type]
    if form.bits < 8:
        source = np.ascontiguousarray(_packed(source & ((1 << form.bits) - 1), type))
    planes = [(source, form.unit)]
    if type is LzImageType.RGBA:
        planes.append((np.ascontiguousarray(source.view(np.uint8)[:, 3::4]), 1))
    work = _encoders.take(_ENCODER + HEADER_SIZE + sum(plane.size * unit + plane.size // 32 + 32 for plane, unit in planes))
    stream = work[_ENCODER:]
    stream[:HEADER_SIZE] = np.frombuffer(head, np.uint8)
    offset = HEADER_SIZE
    for plane, unit in planes:
        kernels = tier.kernels("lz", plane.size, UNIT=unit)
        if kernels.INTERPRETED:
            offset = kernels.encode(
                kernels.view(plane), plane.size, kernels.view(stream), offset, [0] * kernels.PLACES, 0, None
            )
        else:
            plane = np.require(plane, requirements=["C", "A", "W"])  # always the one type that the kernels are compiled for
            offset = kernels.encode_picture(plane, number, width, 0, 0, work, offset)
            _know(kernels, type)
    result = stream[:offset].tobytes()
    _encoders.give(work)
    return result
