"""Frames: what has changed of one display, as bytes for a page. Everything is little endian::

    u8   kind       0
    u8              0
    u16  count      of rectangles
    u32  serial     the page sends it back when it has drawn the frame
    u16  display
    u16  width, height   of the display
    u16             0
    then for each rectangle
    u16  x, y, width, height
    u32  size       bytes of its data
    u32  encoding   0: pixels, 1: an LZ4 block of them
    then their data, in the same order, each filled up to a multiple of 4 bytes

Pixels are words 0x??RRGGBB, the first row on top; a page shows all of them opaque. An acknowledgement is ``u8 kind 0``, three
bytes 0, ``u32 serial``.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final

import numpy as np

from spiceproto import extras
from spiceproto.canvas.region import Box
from spiceproto.canvas.surface import Surface, argb
from spiceproto.enums.display import SurfaceFmt
from spiceproto.errors import LocalError

__all__ = ["LZ4", "PIXELS", "SIDE", "acknowledged", "frame"]

SIDE: Final = 16384
"""Most pixels of a side that browsers have in a picture."""

PIXELS, LZ4 = 0, 1

_HEAD: Final = struct.Struct("<BxHIHHHxx")
_RECTANGLE: Final = struct.Struct("<HHHHII")
_ACKNOWLEDGEMENT: Final = struct.Struct("<B3xI")

_SMALL: Final = 64
"""Pixels that are not worth a block."""

_WORDS: Final = frozenset({SurfaceFmt._32_xRGB, SurfaceFmt._32_ARGB})


def frame(serial: int, display: int, surface: Surface, boxes: Sequence[Box]) -> bytes:
    """The frame that has these boxes of a surface, which lie inside of it and are not empty."""
    compress = _compressor()
    parts: list[Any] = [_HEAD.pack(0, len(boxes), serial, display, surface.width, surface.height)]
    bodies: list[Any] = []
    for box in boxes:
        pixels = box.view(surface.pixels)
        if surface.format not in _WORDS:
            pixels = argb(surface.format, pixels)
        raw: Any = np.ascontiguousarray(pixels, "<u4").data.cast("B")
        encoding, data = PIXELS, raw
        if compress is not None and box.width * box.height >= _SMALL:
            block = compress(raw)
            if len(block) < len(raw):
                encoding, data = LZ4, block
        parts.append(_RECTANGLE.pack(box.left, box.top, box.width, box.height, len(data), encoding))
        bodies += [data, bytes(-len(data) % 4)]
    return b"".join(parts + bodies)


@cache
def _compressor() -> Callable[[memoryview], bytes] | None:
    """What makes LZ4 blocks; None without the extra ``pictures``."""
    if not extras.present("lz4.block"):
        return None
    block = extras.load("lz4.block", "a view")

    def compress(data: memoryview) -> bytes:
        found: bytes = block.compress(data, store_size=False)
        return found

    return compress


def acknowledged(data: memoryview) -> int:
    """The serial in an acknowledgement. Raises LocalError."""
    if len(data) != _ACKNOWLEDGEMENT.size:
        raise LocalError("no acknowledgement", expected=f"{_ACKNOWLEDGEMENT.size} bytes", actual=str(len(data)))
    serial: int = _ACKNOWLEDGEMENT.unpack(data)[1]
    return serial
