"""LZ4 images: rows of a bitmap in a chain of LZ4 blocks.

An image of type LZ4 holds, after its ``data_size``::

    u8   top_down     0: the bottom row comes first; anything else: the top row
    u8   format       BITMAP_FMT: 16BIT, 24BIT, 32BIT or RGBA
    then until the end, at least once:
    u32  size         big-endian, bytes of the block that follows
         block        LZ4 block format; matches reach back into the output of the earlier blocks, 64 KiB at most

The output of all blocks together is the bitmap with unpadded rows; width and height are those of the image descriptor,
so they bound what is allocated. The reference server makes a block of every chunk of guest memory; borders of blocks
need not be borders of rows.

What the reference client does and this decoder too: a block that yields nothing, a size past the end, output past the
last row and a format outside the four above are errors. What it does not do and this decoder does: a picture that ends
early is an error (there, the rest of the picture is uninitialised memory).

``lz4``, of the extra ``pictures``, is imported on use: the bindings of the original library.

Sources: ``canvas_get_lz4`` in ``common/canvas_base.c`` of spice-common, ``server/lz4-encoder.c`` of spice-server.
"""

from __future__ import annotations

import sys
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spiceproto import extras
from spiceproto.codecs import bitmap
from spiceproto.enums.image import BitmapFmt
from spiceproto.errors import LimitError, LocalError, RemoteError
from spiceproto.generated.images import LZ4_HEADER

__all__ = ["FORMATS", "Header", "decode", "encode", "encode_rows", "header"]

Octets = bytes | bytearray | memoryview

FORMATS: Final = frozenset({BitmapFmt._16BIT, BitmapFmt._24BIT, BitmapFmt._32BIT, BitmapFmt.RGBA})
"""What the reference client decodes. The reference server would send 8BIT_A as well, which its client refuses."""

HEADER_SIZE: Final[int] = LZ4_HEADER.size
REACH: Final = 1 << 16
"""How far back a match of the LZ4 block format reaches, in bytes."""

EXPANSION: Final = 255
"""No LZ4 block yields more than this many bytes for each of its own: what a hostile block can make us allocate."""

BLOCKS: Final = 1 << 16
"""Blocks of one image: more than the chunks of any command a guest can hand over, and few enough to loop over."""


class Header(NamedTuple):
    """The first two bytes of the stream."""

    top_down: bool
    format: BitmapFmt


def header(stream: Octets) -> Header:
    """Read the two bytes before the blocks.

    :raises RemoteError: they are not there, or the format is not one of :data:`FORMATS`.
    """
    if len(stream) < HEADER_SIZE:
        raise RemoteError("the LZ4 stream is shorter than its header", expected=f"{HEADER_SIZE} bytes", actual=str(len(stream)))
    if stream[1] not in FORMATS:
        raise RemoteError(
            "bitmap format that LZ4 images do not have",
            path="format",
            offset=1,
            expected="6, 7, 8 or 9",
            actual=str(stream[1]),
        )
    return Header(bool(stream[0]), BitmapFmt(stream[1]))


def decode(stream: Octets, width: int, height: int, *, spare: bool = False) -> NDArray[Any]:
    """The picture ``(height, width)``, top row first, as :func:`spiceproto.codecs.bitmap.decode` gives it:
    ``uint16`` x1r5g5b5, ``uint32`` 0x00RRGGBB, or ``uint32`` 0xAARRGGBB when the header says RGBA.

    ``width`` and ``height`` are the descriptor's. ``spare`` keeps the byte of 32BIT that means nothing, as 0xAA.

    :raises RemoteError: see the top of this file.
    :raises LimitError: more than :data:`spiceproto.limits.IMAGE_PIXELS` pixels or :data:`BLOCKS` blocks.
    """
    top_down, format = header(stream)
    library: Any = extras.load("lz4.block", "LZ4")
    stride = bitmap.row_size(format, width)
    wanted = bitmap.size(format, width, height, stride)
    view = memoryview(stream)
    rows = bytearray()
    offset, blocks = HEADER_SIZE, 0
    while not blocks or offset < len(view):
        if blocks == BLOCKS:
            raise LimitError("too many LZ4 blocks", offset=offset, expected=f"at most {BLOCKS}")
        size = int.from_bytes(view[offset : offset + 4], "big")
        start = offset + 4
        if len(view) - start < size or start > len(view):
            raise RemoteError(
                "an LZ4 block runs past the end",
                offset=offset,
                expected=f"{size} bytes",
                actual=f"{max(len(view) - start, 0)} bytes",
            )
        room = min(wanted - len(rows), size * EXPANSION)
        try:
            # One byte of room where there is none: the library rejects sizes of zero with another error.
            block = library.decompress(view[start : start + size], uncompressed_size=max(room, 1), dict=bytes(rows[-REACH:]))
        except (library.LZ4BlockError, ValueError, OverflowError) as error:
            raise RemoteError("broken LZ4 block", offset=offset, actual=str(error)) from error
        if not block or len(block) > room:
            raise RemoteError(
                "an LZ4 block yields the wrong amount",
                offset=offset,
                expected=f"1 to {room} bytes",
                actual=f"{len(block)} bytes",
            )
        offset, blocks = start + size, blocks + 1
        if len(block) == wanted:
            # The usual case: one block is the whole picture, and is not copied again.
            rows = block
        else:
            rows += block
    if len(rows) < wanted:
        raise RemoteError(
            "the LZ4 stream ends before the last row",
            offset=offset,
            expected=f"{wanted} bytes of rows",
            actual=str(len(rows)),
        )
    kept = BitmapFmt.RGBA if spare and format is BitmapFmt._32BIT else format
    return bitmap.decode(rows, kept, width, height, stride, top_down=top_down)


def encode(pixels: NDArray[Any], format: int, *, top_down: bool = True, rows_per_block: int | None = None) -> bytes:
    """The stream of a picture ``(h, w)``, top row first, of the dtype that ``format`` has in
    :data:`spiceproto.codecs.bitmap.LAYOUTS`.

    ``rows_per_block`` cuts it into blocks as the chunks of guest memory do; without it there is one block, which is that of
    libspice-server 0.15.1 byte for byte. The match finder starts afresh from the last 64 KiB at each block, where the
    reference server keeps its hash table, so the blocks after the first may differ from the server's by a few bytes; they
    decode alike.

    :raises LocalError: a format that LZ4 images do not have; as :func:`spiceproto.codecs.bitmap.encode`.
    """
    if format not in FORMATS:
        raise LocalError("bitmap format that LZ4 images do not have", expected="6, 7, 8 or 9", actual=str(format))
    library: Any = extras.load("lz4.block", "LZ4")
    if rows_per_block is None and top_down and _is_bare(pixels, format):
        return _one_block(pixels.reshape(-1).view(np.uint8).data, format, library, top_down=True)
    data, stride = bitmap.encode(pixels, format, top_down=top_down)
    return encode_rows(data, format, stride, top_down=top_down, rows_per_block=rows_per_block)


def encode_rows(data: Octets, format: int, stride: int, *, top_down: bool, rows_per_block: int | None = None) -> bytes:
    """The stream of rows that lie in memory as it has them: of ``stride`` bytes without padding, the first one first.

    They are not copied, and what is in the byte of 32BIT that means nothing goes with them. ``top_down`` says which row the
    first one is. ``rows_per_block`` and errors as :func:`encode`.
    """
    if format not in FORMATS:
        raise LocalError("bitmap format that LZ4 images do not have", expected="6, 7, 8 or 9", actual=str(format))
    library: Any = extras.load("lz4.block", "LZ4")
    size = len(data)
    step = size if rows_per_block is None else stride * rows_per_block
    if step < 1:
        raise LocalError("rows_per_block", expected="at least 1", actual=str(rows_per_block))
    if step >= size:
        return _one_block(data, format, library, top_down=top_down)
    rows = memoryview(data)
    parts = [bytes((top_down, format))]
    for start in range(0, size, step):
        block = library.compress(
            rows[start : start + step],
            mode="fast",
            acceleration=1,
            store_size=False,
            # An empty dictionary is not the same as none: another table, and other matches than the reference server's.
            dict=rows[max(start - REACH, 0) : start] if start else None,
        )
        parts += (len(block).to_bytes(4, "big"), block)
    return b"".join(parts)


def _is_bare(pixels: NDArray[Any], format: int) -> bool:
    """Whether an array lies in memory as the rows of its bitmap do."""
    if sys.byteorder != "little" or pixels.ndim != 2 or not pixels.size or not pixels.flags.c_contiguous:
        return False
    return pixels.dtype == bitmap.LAYOUTS[format].dtype and (
        format in (BitmapFmt._16BIT, BitmapFmt.RGBA) or (format == BitmapFmt._32BIT and not int(pixels.max()) >> 24)
    )


def _one_block(rows: Octets, format: int, library: Any, *, top_down: bool) -> bytes:
    block = library.compress(rows, mode="fast", acceleration=1, store_size=False)
    return b"".join((bytes((top_down, format)), len(block).to_bytes(4, "big"), block))
