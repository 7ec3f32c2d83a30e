"""Raw bitmaps: rows of pixels as they lie in the guest's memory.

The body of an image of type BITMAP, of a mask and, after decompression, of LZ4. Eleven formats share one layout:
``stride * height`` bytes, each row in the first bytes of its stride, the rest of the stride padding of no meaning. The
last row comes first unless TOP_DOWN is set; arrays here always have the top row first.

=========  =====  ==========================================  =======================================
format     bits   in a row                                    array
=========  =====  ==========================================  =======================================
1BIT_LE    1      low bit is the left pixel                   indices ``uint8``, or colours
1BIT_BE    1      high bit is the left pixel                  indices ``uint8``, or colours
4BIT_LE    4      low nibble is the left pixel                indices ``uint8``, or colours
4BIT_BE    4      high nibble is the left pixel               indices ``uint8``, or colours
8BIT       8      index                                       indices ``uint8``, or colours
16BIT      16     x1r5g5b5, little-endian                     ``uint16``, the x bit kept
24BIT      24     bytes b, g, r                               ``uint32`` ``0x00RRGGBB``
32BIT      32     bytes b, g, r, unused                       ``uint32`` ``0x00RRGGBB``
RGBA       32     bytes b, g, r, a; colour premultiplied      ``uint32`` ``0xAARRGGBB``
8BIT_A     8      alpha                                       ``uint8``
=========  =====  ==========================================  =======================================

The reference client draws neither 1BIT_LE nor 4BIT_LE (it aborts on them); they are here because the protocol has
them and LZ_PLT uses their names. Its pictures keep the unused byte of 32BIT; ours clear it, so that equal pictures are
equal arrays: who needs the byte (HIGH_BITS_SET) decodes as RGBA.

Sources: ``common/pixman_utils.c``, ``common/canvas_base.c`` of spice-common; ``spice.proto``.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spiceproto import limits
from spiceproto.codecs import palette as palettes
from spiceproto.enums.image import BitmapFmt
from spiceproto.errors import LimitError, LocalError, RemoteError

__all__ = ["LAYOUTS", "Layout", "decode", "encode", "indices", "narrow", "row_size", "size", "widen"]

Octets = bytes | bytearray | memoryview


class Layout(NamedTuple):
    """How one format lies in a row. ``dtype`` is that of the array, ``indexed`` whether its values are indices."""

    bits: int
    dtype: type[np.uint8] | type[np.uint16] | type[np.uint32]
    indexed: bool = False


LAYOUTS: Final[dict[int, Layout]] = {
    BitmapFmt._1BIT_LE: Layout(1, np.uint8, True),
    BitmapFmt._1BIT_BE: Layout(1, np.uint8, True),
    BitmapFmt._4BIT_LE: Layout(4, np.uint8, True),
    BitmapFmt._4BIT_BE: Layout(4, np.uint8, True),
    BitmapFmt._8BIT: Layout(8, np.uint8, True),
    BitmapFmt._16BIT: Layout(16, np.uint16),
    BitmapFmt._24BIT: Layout(24, np.uint32),
    BitmapFmt._32BIT: Layout(32, np.uint32),
    BitmapFmt.RGBA: Layout(32, np.uint32),
    BitmapFmt._8BIT_A: Layout(8, np.uint8),
}

COLOUR: Final = np.uint32(0x00FFFFFF)


def row_size(format: int, width: int) -> int:
    """Bytes that ``width`` pixels fill, which is the least possible stride.

    :raises RemoteError: no such format.
    """
    layout = LAYOUTS.get(format)
    if layout is None:
        raise RemoteError("unknown bitmap format", path="format", expected="1 to 10", actual=str(format))
    return (width * layout.bits + 7) // 8


def size(format: int, width: int, height: int, stride: int) -> int:
    """Bytes of the body, after checking that the four numbers agree and stay within limits.

    :raises RemoteError: empty picture, unknown format, stride shorter than a row.
    :raises LimitError: more than :data:`spiceproto.limits.IMAGE_PIXELS` pixels.
    """
    if width < 1 or height < 1:
        raise RemoteError("a picture without pixels", expected="at least 1x1", actual=f"{width}x{height}")
    if width * height > limits.IMAGE_PIXELS:
        raise LimitError("picture too large", expected=f"at most {limits.IMAGE_PIXELS} pixels", actual=f"{width}x{height}")
    least = row_size(format, width)
    if stride < least:
        raise RemoteError("the stride is shorter than a row", path="stride", expected=f"at least {least}", actual=str(stride))
    return stride * height


def _rows(data: Octets, format: int, width: int, height: int, stride: int, top_down: bool) -> NDArray[np.uint8]:
    """The used bytes of each row, ``uint8 (h, row_size)``, top row first: a view."""
    needed = size(format, width, height, stride)
    if len(data) < needed:
        raise RemoteError("the bitmap is cut short", offset=len(data), expected=f"{needed} bytes", actual=f"{len(data)} bytes")
    rows = np.frombuffer(data, np.uint8, needed).reshape(height, stride)[:, : row_size(format, width)]
    return rows if top_down else rows[::-1]


def indices(data: Octets, format: int, width: int, height: int, stride: int, *, top_down: bool) -> NDArray[np.uint8]:
    """The palette indices of an indexed bitmap, or the bits of a mask: ``uint8 (h, w)``.

    ``stride`` is in bytes.

    :raises RemoteError: as :func:`decode`.
    :raises LocalError: the format has no indices.
    """
    rows = _rows(data, format, width, height, stride, top_down)
    layout = LAYOUTS[format]
    if not layout.indexed:
        raise LocalError("the format has no palette", expected="a format of 1, 4 or 8 bits", actual=str(format))
    if layout.bits == 8:
        return rows.copy()
    if layout.bits == 1:
        order: Any = "little" if format == BitmapFmt._1BIT_LE else "big"
        return np.unpackbits(rows, axis=1, count=width, bitorder=order)
    pairs = np.empty((height, rows.shape[1], 2), np.uint8)
    low, high = (0, 1) if format == BitmapFmt._4BIT_LE else (1, 0)
    np.bitwise_and(rows, 15, out=pairs[:, :, low])
    np.right_shift(rows, 4, out=pairs[:, :, high])
    return np.ascontiguousarray(pairs.reshape(height, -1)[:, :width])


def decode(
    data: Octets,
    format: int,
    width: int,
    height: int,
    stride: int,
    *,
    top_down: bool,
    palette: Sequence[int] | NDArray[Any] | None = None,
) -> NDArray[Any]:
    """The picture as a fresh array ``(h, w)``, top row first; its dtype is in the table at the top of this file.

    Indexed formats need ``palette`` and give what :func:`spiceproto.codecs.palette.apply` gives, ``uint32``
    ``0x00RRGGBB`` as a rule. ``stride`` is in bytes. Bytes after the last row are ignored.

    :raises RemoteError: unknown format, empty picture, short stride, short data, an indexed format without a palette,
        an index without an entry.
    :raises LimitError: more than :data:`spiceproto.limits.IMAGE_PIXELS` pixels.
    """
    layout = LAYOUTS.get(format)
    if layout is not None and layout.indexed:
        found = indices(data, format, width, height, stride, top_down=top_down)
        if palette is None:
            raise RemoteError("an indexed bitmap without a palette", path="palette")
        return palettes.apply(found, palette)
    rows = _rows(data, format, width, height, stride, top_down)
    if format == BitmapFmt._8BIT_A:
        return rows.copy()
    if format == BitmapFmt._24BIT:
        # Words that overlap by a byte, masked: one pass. The last one needs a byte after the last row.
        octets = np.zeros(rows.size + 1, np.uint8)
        octets[:-1] = rows.ravel()
        return np.ndarray((height, width), "<u4", octets, strides=(3 * width, 3)) & COLOUR
    pixels = _words(np.ascontiguousarray(rows), LAYOUTS[format].dtype)
    if format == BitmapFmt._32BIT:
        return pixels & COLOUR
    return pixels.copy() if np.shares_memory(pixels, rows) else pixels


def _words(rows: NDArray[np.uint8], dtype: type[np.uint16] | type[np.uint32] | type[np.uint8]) -> NDArray[Any]:
    """Little-endian words of contiguous rows, in the machine's order (a view where that is the same)."""
    little = np.dtype(dtype).newbyteorder("<")
    return rows.view(little).astype(dtype, copy=False)


def encode(pixels: NDArray[Any], format: int, *, top_down: bool, stride: int | None = None) -> tuple[bytes, int]:
    """The body of a bitmap and its stride in bytes; padding bytes, bits and the unused byte of 32BIT are 0.

    ``pixels`` is ``(h, w)``, top row first: what :func:`decode` gives, or indices ``uint8`` for an indexed format.
    ``stride`` is :func:`row_size` unless given: LZ, GLZ and LZ4 exist for unpadded rows only.

    :raises LocalError: wrong dtype or shape, an index with too many bits, a short stride.
    """
    layout = LAYOUTS.get(format)
    if layout is None:
        raise LocalError("unknown bitmap format", expected="1 to 10", actual=str(format))
    if pixels.ndim != 2 or not pixels.size or pixels.dtype != layout.dtype:
        raise LocalError(
            "not a picture of this format",
            expected=f"{np.dtype(layout.dtype)} (height, width)",
            actual=f"{pixels.dtype} {pixels.shape}",
        )
    if layout.indexed and layout.bits < 8 and int(pixels.max()) >> layout.bits:
        raise LocalError("an index does not fit", expected=f"{layout.bits} bits", actual=str(int(pixels.max())))
    height, width = pixels.shape
    used = row_size(format, width)
    if stride is None:
        stride = used
    if stride < used:
        raise LocalError("the stride is shorter than a row", expected=f"at least {used}", actual=str(stride))
    rows = _packed(pixels if top_down else pixels[::-1], format)
    if stride == used:
        return rows.tobytes(), stride
    padded = np.zeros((height, stride), np.uint8)
    padded[:, :used] = rows
    return padded.tobytes(), stride


def _packed(pixels: NDArray[Any], format: int) -> NDArray[np.uint8]:
    height, width = pixels.shape
    bits = LAYOUTS[format].bits
    if bits == 1:
        order: Any = "little" if format == BitmapFmt._1BIT_LE else "big"
        return np.packbits(pixels, axis=1, bitorder=order)
    if bits == 4:
        even = np.zeros((height, width + width % 2), np.uint8)
        even[:, :width] = pixels
        low, high = (0, 1) if format == BitmapFmt._4BIT_LE else (1, 0)
        pairs: NDArray[np.uint8] = even[:, low::2] | even[:, high::2] << np.uint8(4)
        return pairs
    if bits == 8:
        return pixels
    if format == BitmapFmt._32BIT:
        pixels = pixels & COLOUR
    words = np.ascontiguousarray(pixels.astype(pixels.dtype.newbyteorder("<"), copy=False))
    octets = words.view(np.uint8).reshape(height, -1)
    if format == BitmapFmt._24BIT:
        return octets.reshape(height, width, 4)[:, :, :3].reshape(height, -1)
    return octets


@functools.cache
def _wide() -> NDArray[np.uint32]:
    """Each of the 65536 x1r5g5b5 values as 0x00RRGGBB: a channel's five bits and, below them, its top three again."""
    value = np.arange(1 << 16, dtype=np.uint32)
    table = np.zeros_like(value)
    for source, target in ((10, 16), (5, 8), (0, 0)):
        channel = value >> source & 31
        table |= (channel << 3 | channel >> 2) << target
    table.flags.writeable = False
    return table


def widen(pixels: NDArray[np.uint16]) -> NDArray[np.uint32]:
    """x1r5g5b5 ``uint16`` to ``uint32`` 0x00RRGGBB of the same shape, bit for bit as pixman and all of SPICE do it.

    Source: ``canvas_16bpp_to_32bpp`` in spice-common; the server's JPEG encoder and QUIC and LZ decoders agree.
    """
    return _wide()[pixels]


def narrow(pixels: NDArray[np.uint32]) -> NDArray[np.uint16]:
    """``uint32`` 0x00RRGGBB to x1r5g5b5 ``uint16``, low bits cut off as pixman does; ``narrow(widen(p))`` is ``p``
    without its top bit.
    """
    cut = pixels >> np.uint32(9) & np.uint32(0x7C00)
    cut |= pixels >> np.uint32(6) & np.uint32(0x03E0)
    cut |= pixels >> np.uint32(3) & np.uint32(0x001F)
    return cut.astype(np.uint16)
