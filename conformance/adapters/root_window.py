"""The root window of an X display, or a part of it, as a PPM file.

    python root_window.py :DISPLAY FILE [LEFT TOP WIDTH HEIGHT]

It is a program of its own, since Xlib ends the process when the display goes away.
"""

from __future__ import annotations

import ctypes as c
import sys

_ALL_PLANES = 0xFFFFFFFF
_Z_PIXMAP = 2


class _Attributes(c.Structure):
    """The beginning of XWindowAttributes."""

    _fields_ = [(name, c.c_int) for name in ("x", "y", "width", "height")] + [("rest", c.c_char * 256)]


class _Image(c.Structure):
    """The beginning of XImage."""

    _fields_ = [
        *[(name, c.c_int) for name in ("width", "height", "offset", "format")],
        ("data", c.POINTER(c.c_ubyte)),
        *[(name, c.c_int) for name in ("order", "unit", "bit_order", "pad", "depth", "stride", "bits")],
    ]


def main(display: str, path: str, *area: str) -> int:
    """Write the file; 0 if that is done, 3 if the part does not lie inside of the window."""
    x = c.CDLL("libX11.so.6")
    x.XOpenDisplay.restype = c.c_void_p
    x.XDefaultRootWindow.restype = c.c_ulong
    x.XGetImage.restype = c.POINTER(_Image)
    opened = c.c_void_p(x.XOpenDisplay(display.encode()))
    if not opened:
        return 1
    root = c.c_ulong(x.XDefaultRootWindow(opened))
    found = _Attributes()
    x.XGetWindowAttributes(opened, root, c.byref(found))
    left, top, width, height = [int(number) for number in area] or [0, 0, found.width, found.height]
    if left < 0 or top < 0 or left + width > found.width or top + height > found.height:
        return 3
    image = x.XGetImage(opened, root, left, top, width, height, c.c_ulong(_ALL_PLANES), _Z_PIXMAP)
    if not image or image.contents.bits != 32:
        return 2
    size = image.contents.stride * height
    data = bytes(c.cast(image.contents.data, c.POINTER(c.c_ubyte * size)).contents)
    pixels = bytearray(3 * width * height)
    rows = b"".join([data[at : at + 4 * width] for at in range(0, size, image.contents.stride)])
    pixels[0::3], pixels[1::3], pixels[2::3] = rows[2::4], rows[1::4], rows[0::4]
    with open(path, "wb") as file:
        file.write(b"P6 %d %d 255\n" % (width, height) + pixels)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
