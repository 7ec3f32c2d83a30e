"""What spice-gtk shows, pixel by pixel: a part of ``spice_gtk_driver.py``, for the same Python.

The bindings give no pixels; they are read where the library has them.
"""

import ctypes
import struct
import zlib
from collections.abc import Callable
from typing import Any

import gi  # type: ignore[import-not-found,import-untyped,unused-ignore]

gi.require_version("SpiceClientGLib", "2.0")
from gi.repository import SpiceClientGLib  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: E402

FORMAT_32 = 32
GREEN_BITS = {16: 5, 80: 6}
"""Format of 16 bits to the bits of green."""


class Picture:
    """What a display channel shows: rows of 32-bit pixels, ``marked`` once the server has said so.

    Raises what ``refused`` makes of a text where there is none.
    """

    def __init__(self, display: Any, refused: Callable[[str], Exception]) -> None:
        box = SpiceClientGLib.DisplayPrimary()
        if not SpiceClientGLib.DisplayChannel.display_channel_get_primary(display, 0, box):
            raise refused("there is no picture yet")
        # struct SpiceDisplayPrimary of spice-gtk 0.42; the bindings have its fields 4 bytes off. The box must stay alive.
        form, self.width, self.height, self.stride, _shared = struct.unpack("5i", ctypes.string_at(hash(box), 20))
        address, marked = struct.unpack("Pi", ctypes.string_at(hash(box) + 24, 12))
        self.marked = bool(marked)
        data = ctypes.string_at(address, self.stride * self.height)
        if form in GREEN_BITS:
            data, self.stride = widened(data, GREEN_BITS[form]), 2 * self.stride
        elif form != FORMAT_32:
            raise refused(f"a picture of format {form}")
        self.rows = bytearray(data)

    def draw_pointer(self, shape: Any, x: int, y: int) -> None:
        """Draw the pointer over it, as the library gives it: red, green, blue, alpha."""
        if shape is None or not shape.data:
            return
        # struct SpiceCursorShape of spice-gtk 0.42, whose type has 4 bytes; the bindings take it for 8.
        _, wide, high, hot_x, hot_y = struct.unpack("=IHHHH", ctypes.string_at(hash(shape), 12))
        pixels = ctypes.string_at(shape.data, 4 * wide * high)
        for place in range(wide * high):
            column, row = x - hot_x + place % wide, y - hot_y + place // wide
            if not (0 <= column < self.width and 0 <= row < self.height):
                continue
            *colours, alpha = pixels[4 * place : 4 * place + 4]
            at = row * self.stride + 4 * column
            for channel in range(3):
                below = self.rows[at + 2 - channel] * (255 - alpha) + 128
                self.rows[at + 2 - channel] = min(colours[channel] + (below + (below >> 8) >> 8), 255)

    def write(self, path: str) -> None:
        """As a PNG."""
        write_png(path, self.width, self.height, self.stride, bytes(self.rows))


def write_png(path: str, width: int, height: int, stride: int, data: bytes) -> None:
    """A PNG of 32-bit rows: blue, green, red, unused."""
    rows = bytearray()
    for y in range(height):
        row = data[y * stride : y * stride + 4 * width]
        line = bytearray(3 * width)
        line[0::3], line[1::3], line[2::3] = row[2::4], row[1::4], row[0::4]
        rows += b"\0" + line

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    with open(path, "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)))
        out.write(chunk(b"IDAT", zlib.compress(bytes(rows), 1)) + chunk(b"IEND", b""))


def widened(data: bytes, green_bits: int) -> bytes:
    """Pixels of 16 bits as pixels of 32: blue, green, red, unused."""
    found = bytearray(2 * len(data))
    for place in range(0, len(data) - 1, 2):
        word = data[place] | data[place + 1] << 8
        blue, green, red = word & 31, word >> 5 & (1 << green_bits) - 1, word >> 5 + green_bits & 31
        found[2 * place] = blue << 3 | blue >> 2
        found[2 * place + 1] = green << 8 - green_bits | green >> 2 * green_bits - 8
        found[2 * place + 2] = red << 3 | red >> 2
    return bytes(found)
