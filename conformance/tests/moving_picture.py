"""A window whose picture changes: smooth colours that move, so many times, one each 1/20 second; the last stays.

    python moving_picture.py :DISPLAY COUNT

It is a program of its own, since Xlib ends the process when the display goes away. It prints "moved" behind the last picture.
"""

from __future__ import annotations

import ctypes as c
import sys
import time

import numpy as np
from numpy.typing import NDArray

_SIDE = 256
_PERIOD = 0.05
_DEPTH = 24
_Z_PIXMAP = 2


def _picture(number: int) -> NDArray[np.uint32]:
    """``uint32 (h, w)`` 0x00RRGGBB."""
    rows, columns = np.mgrid[0:_SIDE, 0:_SIDE]
    waves = [
        128 + 100 * np.sin((columns * across + rows * down + 12 * number) / 40) for across, down in ((1, 0), (0, 1), (1, 1))
    ]
    red, green, blue = [wave.astype(np.uint32) for wave in waves]
    pixels: NDArray[np.uint32] = red << np.uint32(16) | green << np.uint32(8) | blue
    return pixels


def main(display: str, count: str) -> int:
    """Show them, and stay."""
    x = c.CDLL("libX11.so.6")
    for name in ("XOpenDisplay", "XCreateImage", "XDefaultVisual", "XDefaultGC"):
        getattr(x, name).restype = c.c_void_p
    for name in ("XDefaultRootWindow", "XCreateSimpleWindow"):
        getattr(x, name).restype = c.c_ulong
    opened = c.c_void_p(x.XOpenDisplay(display.encode()))
    if not opened:
        return 1
    root = c.c_ulong(x.XDefaultRootWindow(opened))
    window = c.c_ulong(x.XCreateSimpleWindow(opened, root, 0, 0, _SIDE, _SIDE, 0, 0, 0))
    x.XMapWindow(opened, window)
    x.XSync(opened, 0)
    context, visual = c.c_void_p(x.XDefaultGC(opened, 0)), c.c_void_p(x.XDefaultVisual(opened, 0))
    pixels = np.zeros((_SIDE, _SIDE), np.uint32)
    data = pixels.ctypes.data_as(c.c_void_p)
    image = c.c_void_p(x.XCreateImage(opened, visual, _DEPTH, _Z_PIXMAP, 0, data, _SIDE, _SIDE, 32, 0))
    for number in range(int(count)):
        pixels[:] = _picture(number)
        x.XPutImage(opened, window, context, image, 0, 0, 0, 0, _SIDE, _SIDE)
        x.XSync(opened, 0)
        time.sleep(_PERIOD)
    print("moved", flush=True)
    sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
