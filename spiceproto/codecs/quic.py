"""QUIC images: the lossless predictive codec of SPICE (image type 1), both directions.

This module checks, allocates and names what is wrong; how the coding works is told in
:mod:`spiceproto.codecs.kernels.quic`, where the loops are.

A stream is a header of five 32-bit little-endian words (magic ``QUIC``, version 0, type, width, height) and a bit
stream in 32-bit little-endian words, most significant bit first, rows from the top. It ends with zeros up to the end of
a word and one zero word more, which a decoder needs: the reference reads one word ahead and fails without it. So does
this one, to the bit, because accepting a stream that other clients refuse helps nobody.

Source: spice-common, common/quic.c; every stream made here is the one that the reference encoder makes.
"""

from __future__ import annotations

import struct
import threading
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from spiceproto import limits
from spiceproto.codecs import tier
from spiceproto.enums.image import QuicImageType
from spiceproto.errors import LimitError, LocalError, RemoteError

__all__ = ["QuicHeader", "QuicImageType", "decode", "encode", "header"]

Pixels: TypeAlias = npt.NDArray[np.uint8] | npt.NDArray[np.uint16] | npt.NDArray[np.uint32]

MAGIC: Final = 0x43495551
VERSION: Final = 0
HEADER_SIZE: Final = 20

_HEADER: Final = struct.Struct("<5I")
_SLACK: Final = 2048
"""Zero bytes behind the copy of a stream: what a kernel may read before it checks again."""


_DTYPES: Final[dict[QuicImageType, np.dtype[Any]]] = {
    QuicImageType.GRAY: np.dtype(np.uint8),
    QuicImageType.RGB16: np.dtype(np.uint16),
    QuicImageType.RGB24: np.dtype(np.uint32),
    QuicImageType.RGB32: np.dtype(np.uint32),
    QuicImageType.RGBA: np.dtype(np.uint32),
}


_BYTE: Final = np.dtype(np.uint8)

_ROOM_KEPT: Final = 8 << 20
"""Bytes of work space that a thread keeps: enough for a full screen."""
_rooms = threading.local()


class QuicHeader(NamedTuple):
    """The header of a stream: the type, and width and height in pixels."""

    type: QuicImageType
    width: int
    height: int


def header(stream: bytes | bytearray | memoryview) -> QuicHeader:
    """Read the 20-byte header of a stream.

    Raises :class:`RemoteError` when it is cut short, has another magic or version, an unknown type, or no pixels.
    Sizes are not limited here.
    """
    if len(stream) < HEADER_SIZE:
        raise RemoteError(
            "QUIC header is cut short", offset=len(stream), expected=f"{HEADER_SIZE} bytes", actual=str(len(stream))
        )
    magic, version, kind, width, height = _HEADER.unpack_from(stream)
    if magic != MAGIC:
        raise RemoteError("bad QUIC magic", path="magic", offset=0, expected=f"{MAGIC:#010x}", actual=f"{magic:#010x}")
    if version != VERSION:
        raise RemoteError("unknown QUIC version", path="version", offset=4, expected="0", actual=f"{version:#x}")
    # The reference reads both sizes as signed and wants them above 0; it looks at the type last.
    if not 0 < width < 1 << 31:
        raise RemoteError("bad QUIC width", path="width", offset=12, expected="1 to 2147483647", actual=str(width))
    if not 0 < height < 1 << 31:
        raise RemoteError("bad QUIC height", path="height", offset=16, expected="1 to 2147483647", actual=str(height))
    if not QuicImageType.GRAY <= kind <= QuicImageType.RGBA:
        raise RemoteError("unknown QUIC image type", path="type", offset=8, expected="1 to 5", actual=str(kind))
    return QuicHeader(QuicImageType(kind), width, height)


def decode(
    stream: bytes | bytearray | memoryview,
    *,
    max_pixels: int = limits.IMAGE_PIXELS,
    out: Pixels | None = None,
) -> Pixels:
    """Decode a whole stream, header included, to an array of shape (height, width), top row first.

    GRAY gives uint8; RGB16 uint16 as x1r5g5b5, x zero; RGB24 and RGB32 uint32 as 0x00RRGGBB; RGBA uint32 as 0xAARRGGBB.
    Values are integers: in memory they lie in the byte order of the machine (B, G, R, A bytes on a little-endian one).
    ``out`` is an array of that shape and type, C-contiguous and writable, to decode into; it is returned. Its contents
    are undefined after an error. Bytes behind the last pixel, and up to three that fill no word, are ignored, as the
    reference ignores them.

    Raises :class:`RemoteError` for a bad header, a stream that ends early or a run beyond its row, with the byte
    offset; :class:`LimitError` for more than ``max_pixels`` pixels; :class:`LocalError` for an ``out`` that does not
    fit.
    """
    kind, width, height = header(stream)
    pixels = width * height
    if pixels > max_pixels:
        raise LimitError(
            "QUIC image is too large",
            path="width",
            offset=12,
            expected=f"at most {max_pixels} pixels",
            actual=f"{width} x {height}",
        )
    dtype = _DTYPES[kind]
    if out is None:
        out = np.empty((height, width), dtype)
    elif out.shape != (height, width) or out.dtype != dtype or not out.flags.carray:
        raise LocalError(
            "array does not fit the QUIC image",
            path="out",
            actual=f"{out.shape} {out.dtype}",
            expected=f"contiguous writable ({height}, {width}) {dtype}",
        )

    words = len(stream) // 4
    room = _take_room(4 * words + _SLACK)
    data = room[: 4 * words + _SLACK]
    data[: 4 * words].view(">u4")[:] = np.frombuffer(stream, "<u4", words)
    data[4 * words :] = 0
    kernels = tier.kernels("quic", pixels, BPC=5 if kind is QuicImageType.RGB16 else 8)
    bits = kernels.zeros(3, "uint64")
    bits[2] = HEADER_SIZE
    end = 4 * words + 8
    if kind is QuicImageType.GRAY:
        status = kernels.decode_one(
            kernels.stream(data), end, bits, _work(kernels, 1, width, dtype), kernels.view(out), width, height
        )
    elif kind is QuicImageType.RGBA:
        status = kernels.decode_colour_and_alpha(
            kernels.stream(data),
            end,
            bits,
            _work(kernels, 3, width, dtype),
            kernels.view(out),
            _work(kernels, 1, width, _BYTE),
            kernels.zeros(pixels, _BYTE),
            width,
            height,
        )
    else:
        status = kernels.decode_colour(
            kernels.stream(data), end, bits, _work(kernels, 3, width, dtype), kernels.view(out), width, height
        )
    _keep_room(room)
    # The reference fails when it has to read a word beyond the last, and it reads one word ahead of the bits it takes.
    if status == kernels.INPUT_ENDED or 8 * int(bits[2]) - int(bits[1]) > 32 * (words - 1):
        raise RemoteError(
            "QUIC stream ends before its last row",
            offset=len(stream),
            expected=f"{width} x {height} pixels and a word behind them",
            actual=f"{len(stream)} bytes",
        )
    if status == kernels.RUN_TOO_LONG:
        raise RemoteError("QUIC run goes beyond its row", offset=_offset(bits))
    return out


def _take_room(size: int) -> npt.NDArray[np.uint8]:
    """Bytes for one call, as many or more: those of this thread's last call where they are enough.

    Fresh memory would cost up to a third of the time of a large image, in page faults. Taken away while in use, so that
    a call inside a call (from a signal handler) gets bytes of its own.
    """
    room: npt.NDArray[np.uint8] | None = _rooms.__dict__.pop("room", None)
    return np.empty(size, np.uint8) if room is None or len(room) < size else room


def _keep_room(room: npt.NDArray[np.uint8]) -> None:
    if len(room) <= _ROOM_KEPT:
        _rooms.room = room


def _offset(bits: Any) -> int:
    """Byte offset, to the word, of the bits that a kernel saw last; bits are not counted finer inside a row."""
    return int(bits[2]) - int(bits[1]) // 8 & ~3


def encode(pixels: Pixels, type: QuicImageType) -> bytes:
    """Encode an array of shape (height, width), top row first, to a whole stream with its header.

    The array is as :func:`decode` returns it for ``type``: uint8 for GRAY, uint16 (x1r5g5b5) for RGB16, else uint32.
    Bits that the type has no room for (x of RGB16, the top byte of RGB24 and RGB32) are ignored. The result is a
    multiple of 4 bytes, and the stream that the reference encoder makes.

    Raises :class:`LocalError` for an array of another type, without pixels, or above 2^29 - 1 pixels.
    """
    dtype = _DTYPES.get(type)
    if dtype is None:
        raise LocalError("unknown QUIC image type", path="type", expected="1 to 5", actual=str(type))
    type = QuicImageType(type)
    if pixels.ndim != 2 or pixels.dtype != dtype:
        raise LocalError(
            "QUIC encodes arrays of two dimensions",
            path="pixels",
            expected=f"(height, width) {dtype}",
            actual=f"{pixels.shape} {pixels.dtype}",
        )
    height, width = pixels.shape
    if not 0 < width * height < 1 << 29:
        raise LocalError(
            "bad size of a QUIC image", path="pixels", expected="1 to 2^29 - 1 pixels", actual=f"{width} x {height}"
        )
    if not pixels.flags.carray:  # always the one type that the kernels are compiled for
        pixels = np.require(pixels, dtype, ["C", "A", "W"])

    kernels = tier.kernels("quic", width * height, BPC=5 if type is QuicImageType.RGB16 else 8)
    bits = kernels.zeros(3, "uint64")
    bits[2] = HEADER_SIZE
    if type is QuicImageType.GRAY:
        encode_rows = kernels.encode_one
        fixed: tuple[Any, ...] = (bits, _work(kernels, 1, width, dtype), kernels.view(pixels), width)
    elif type is QuicImageType.RGBA:
        encode_rows = kernels.encode_colour_and_alpha
        alpha = np.right_shift(pixels, 24).astype(np.uint8)
        fixed = (
            bits,
            _work(kernels, 3, width, dtype),
            kernels.view(pixels),
            _work(kernels, 1, width, _BYTE),
            kernels.view(alpha),
            width,
        )
    else:
        encode_rows = kernels.encode_colour
        fixed = (bits, _work(kernels, 3, width, dtype), kernels.view(pixels), width)
    out = _take_room(64 + 2 * width * height + 2 * kernels.ROOM * width)
    out[:HEADER_SIZE].view(">u4")[:] = MAGIC, VERSION, type, width, height
    row = encode_rows(*fixed, 0, height, kernels.view(out))
    while row < height:
        larger = np.empty(2 * len(out), np.uint8)
        larger[: len(out)] = out
        out = larger
        row = encode_rows(*fixed, row, height, kernels.view(out))
    words = -(-(8 * int(bits[2]) + int(bits[1])) // 32) + 1
    written = int(bits[2]) + 8
    out[written : 4 * words] = 0
    out[: 4 * words].view(np.uint32).byteswap(inplace=True)
    stream = out[: 4 * words].tobytes()
    _keep_room(out)
    return stream


def _work(kernels: Any, channels: int, width: int, dtype: np.dtype[Any]) -> tuple[Any, ...]:
    """Work space of one pass; the kernels' source tells what is in it."""
    codes = int(kernels.BPC)  # and as many buckets
    return (
        kernels.zeros(5, "int64"),
        kernels.zeros(channels * codes * 2, "uint64"),
        kernels.zeros(channels * kernels.CONTEXTS, _BYTE),
        kernels.zeros(width, "uint32"),
        kernels.zeros(width + 1, dtype),
    )
