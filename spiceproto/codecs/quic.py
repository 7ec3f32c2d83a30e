"""QUIC images: the lossless predictive codec of SPICE (image type 1), both directions.

This module checks, allocates and names what is wrong; how the coding works is told in
:mod:`spiceproto.codecs.kernels.quic`, where the loops are.

A stream is a header of five 32-bit little-endian words (magic ``QUIC``, version 0, type, width, height) and a bit
stream in 32-bit little-endian words, most significant bit first, rows from the top. It ends with zeros up to the end of
a word and one zero word more, which a decoder needs: the reference reads one word ahead and fails without it. So does
this one, to the bit, because accepting a stream that other clients refuse helps nobody.

A stream too short for the size in its header is refused before memory is taken (:func:`least_bits`). What a picture
takes at least: no code word is shorter than one bit, and the first row and the first three pixels of every other one
have a word for each channel. Behind them a run of ``b`` bits stands for ``2^(b-1) - 1`` pixels at most, or, above 16
bits, for ``(b - 15) 2^15 - 1``; several runs and words of as many bits together stand for no more. RGBA runs twice.

Source: spice-common, common/quic.c; every stream made here is the one that the reference encoder makes.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from spiceproto import limits
from spiceproto.codecs import tier
from spiceproto.codecs.work import WorkSpaces
from spiceproto.enums.image import QuicImageType
from spiceproto.errors import LimitError, LocalError, RemoteError
from spiceproto.generated.images import QUIC_HEADER
from spiceproto.generated.images import QUIC_MAGIC as MAGIC
from spiceproto.generated.images import QUIC_VERSION as VERSION

__all__ = ["QuicHeader", "QuicImageType", "decode", "encode", "header", "least_bits"]

Pixels: TypeAlias = npt.NDArray[np.uint8] | npt.NDArray[np.uint16] | npt.NDArray[np.uint32]

HEADER_SIZE: Final[int] = QUIC_HEADER.size

_unpack: Final = QUIC_HEADER.unpack_from

_DTYPES: Final[dict[QuicImageType, np.dtype[Any]]] = {
    QuicImageType.GRAY: np.dtype(np.uint8),
    QuicImageType.RGB16: np.dtype(np.uint16),
    QuicImageType.RGB24: np.dtype(np.uint32),
    QuicImageType.RGB32: np.dtype(np.uint32),
    QuicImageType.RGBA: np.dtype(np.uint32),
}


_PASSES: Final[dict[QuicImageType, tuple[int, ...]]] = {
    QuicImageType.GRAY: (1,),
    QuicImageType.RGB16: (3,),
    QuicImageType.RGB24: (3,),
    QuicImageType.RGB32: (3,),
    QuicImageType.RGBA: (3, 1),
}
"""Channels of each pass over a row."""

_WITHOUT_RUNS: Final = 3
"""Pixels that are coded before a run can begin."""

_BYTE: Final = np.dtype(np.uint8)
_RGBA: Final = int(QuicImageType.RGBA)

_MEMORY_UNASKED: Final = 1 << 16
"""Pixels for which memory is taken before it is known whether the stream is long enough for them."""

_spaces: Final = WorkSpaces()


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
    magic, version, kind, width, height = _unpack(stream)
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


def least_bits(head: QuicHeader) -> int:
    """A number of bits behind the header that no picture of this type and size takes less than."""
    start = min(head.width, _WITHOUT_RUNS)
    rest = head.width - start
    run = min(rest, rest.bit_length() + 1) if rest < 1 << 15 else 15 + (rest + (1 << 15) >> 15)
    return sum(channels * head.width + (head.height - 1) * (channels * start + run) for channels in _PASSES[head.type])


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
    if out is None and tier.compiled():
        short_way = _decode_short(stream, max_pixels)
        if short_way is not None:
            return short_way
    head = header(stream)
    kind, width, height = head
    pixels = width * height
    if pixels > max_pixels:
        raise LimitError(
            "QUIC image is too large",
            path="width",
            offset=12,
            expected=f"at most {max_pixels} pixels",
            actual=f"{width} x {height}",
        )
    words = len(stream) // 4
    if 8 * HEADER_SIZE + least_bits(head) > 32 * (words - 1):
        raise _ended(head, len(stream))
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

    kernels = tier.kernels("quic", pixels, BPC=5 if kind is QuicImageType.RGB16 else 8)
    if kernels.INTERPRETED:
        status, bits = _decode_interpreted(kernels, kind, stream, out)
    else:
        short = _know(kernels, kind)
        at = _stream_at(kernels, kind, width, pixels)
        space = _spaces.take(at + 4 * words + kernels.SLACK)
        status = short.decode(stream if type(stream) is bytes else bytes(stream), words, space, at, out)
        bits = space[:24].view(np.uint64).tolist()
        _spaces.give(space)
    # The reference fails when it has to read a word beyond the last, and it reads one word ahead of the bits it takes.
    if status == kernels.INPUT_ENDED or 8 * int(bits[2]) - int(bits[1]) > 32 * (words - 1):
        raise _ended(head, len(stream))
    if status == kernels.RUN_TOO_LONG:
        raise RemoteError("QUIC run goes beyond its row", offset=_offset(bits))
    return out


def _decode_interpreted(kernels: Any, kind: QuicImageType, stream: Any, out: Pixels) -> tuple[int, Any]:
    """Returns the status of the kernel, and the state of its bit buffer."""
    height, width = out.shape
    words = len(stream) // 4
    data = np.zeros(4 * words + kernels.SLACK, np.uint8)
    data[: 4 * words].view(">u4")[:] = np.frombuffer(stream, "<u4", words)
    bits = kernels.zeros(3, "uint64")
    bits[2] = HEADER_SIZE
    first = (kernels.stream(data), 4 * words + 8, bits)
    if kind is QuicImageType.GRAY:
        status = kernels.decode_one(*first, _work(kernels, 1, width, out.dtype), kernels.view(out), width, height)
    elif kind is QuicImageType.RGBA:
        works = _work(kernels, 3, width, out.dtype), _work(kernels, 1, width, _BYTE)
        alpha = kernels.zeros(out.size, _BYTE)
        status = kernels.decode_colour_and_alpha(*first, works[0], kernels.view(out), works[1], alpha, width, height)
    else:
        status = kernels.decode_colour(*first, _work(kernels, 3, width, out.dtype), kernels.view(out), width, height)
    return status, bits


# -- the short way: a picture as it should be, in machine code; None for everything else, which the other way looks at ---


class _Short(NamedTuple):
    """The kernels of a type, and its dtype."""

    kernels: Any
    decode: Any
    encode: Any
    dtype: np.dtype[Any]


_short: Final[dict[int, _Short]] = {}  # as they are loaded


def _know(kernels: Any, kind: QuicImageType) -> _Short:
    passes = {(1,): "one", (3,): "colour", (3, 1): "colour_and_alpha"}[_PASSES[kind]]
    decode, encode = (getattr(kernels, f"{way}_{passes}_picture") for way in ("decode", "encode"))
    short = _Short(kernels=kernels, decode=decode, encode=encode, dtype=_DTYPES[kind])
    _short[int(kind)] = short
    return short


def _stream_at(kernels: Any, kind: int, width: int, pixels: int) -> int:
    """Where the stream begins in the work space of a compiled kernel."""
    at: int = kernels.STATE + 8 * width + 8
    return 2 * at + pixels + 7 & ~7 if kind == _RGBA else at


def _decode_short(stream: Any, max_pixels: int) -> Pixels | None:
    if type(stream) is not bytes:
        if not isinstance(stream, (bytearray, memoryview)):
            return None
        stream = bytes(stream)
    size = len(stream)
    if size <= HEADER_SIZE:
        return None
    magic, version, kind, width, height = _unpack(stream)
    short = _short.get(kind)
    pixels = width * height
    if (
        short is None
        or magic != MAGIC
        or version != VERSION
        or not 0 < pixels <= max_pixels
        or width | height >= 1 << 31
        or (
            pixels > _MEMORY_UNASKED
            and 8 * HEADER_SIZE + least_bits(QuicHeader(QuicImageType(kind), width, height)) > 32 * (size // 4 - 1)
        )
    ):
        return None
    kernels, decode_picture, _, dtype = short
    words = size >> 2
    at = kernels.STATE + 8 * width + 8 if kind != _RGBA else _stream_at(kernels, kind, width, pixels)
    space = _spaces.take(at + 4 * words + kernels.SLACK)
    out: Pixels = np.empty((height, width), dtype)
    status = decode_picture(stream, words, space, at, out)
    _spaces.give(space)
    return None if status else out


def _encode_short(pixels: Any, type_: QuicImageType) -> bytes | None:
    short = _short.get(type_)
    if short is None or type(pixels) is not np.ndarray or pixels.ndim != 2:
        return None
    kind = int(type_)  # numba takes 13 us to look at an enumeration
    height, width = pixels.shape
    count = width * height
    kernels, _, encode_picture, dtype = short
    if pixels.dtype != dtype or not pixels.flags.carray or not 0 < count < 1 << 29:
        return None
    at = kernels.STATE + 8 * width + 8 if kind != _RGBA else _stream_at(kernels, kind, width, count)
    space = _spaces.take(at + 64 + 2 * count + 2 * kernels.ROOM * width)
    size = encode_picture(pixels, kind, space, at, 0)
    while size < 0:
        larger = np.empty(2 * len(space), np.uint8)
        larger[: len(space)] = space
        space = larger
        size = encode_picture(pixels, kind, space, at, -1 - size)
    stream: bytes = space[at : at + size].tobytes()
    _spaces.give(space)
    return stream


# -- the way that knows every type and every error ----------------------------------------------------------------------


def _ended(head: QuicHeader, size: int) -> RemoteError:
    return RemoteError(
        "QUIC stream ends before its last row",
        offset=size,
        expected=f"{head.width} x {head.height} pixels and a word behind them",
        actual=f"{size} bytes",
    )


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
    if tier.compiled():
        short_way = _encode_short(pixels, type)
        if short_way is not None:
            return short_way
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
    if kernels.INTERPRETED:
        return _encode_interpreted(kernels, type, pixels)
    _know(kernels, type)
    stream = _encode_short(pixels, type)
    assert stream is not None, "the kernels are known and the array is of the right type"
    return stream


def _encode_interpreted(kernels: Any, type: QuicImageType, pixels: Pixels) -> bytes:
    height, width = pixels.shape
    bits = kernels.zeros(3, "uint64")
    bits[2] = HEADER_SIZE
    fixed: tuple[Any, ...]
    if type is QuicImageType.GRAY:
        encode_rows = kernels.encode_one
        fixed = bits, _work(kernels, 1, width, pixels.dtype), kernels.view(pixels), width
    elif type is QuicImageType.RGBA:
        encode_rows = kernels.encode_colour_and_alpha
        alpha = np.right_shift(pixels, 24).astype(np.uint8)
        works = _work(kernels, 3, width, pixels.dtype), _work(kernels, 1, width, _BYTE)
        fixed = bits, works[0], kernels.view(pixels), works[1], kernels.view(alpha), width
    else:
        encode_rows = kernels.encode_colour
        fixed = bits, _work(kernels, 3, width, pixels.dtype), kernels.view(pixels), width
    out = np.empty(64 + 2 * width * height + 2 * kernels.ROOM * width, np.uint8)
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
    return out[: 4 * words].tobytes()


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
