"""``python -m spiceproto.tests.canvas_fuzz.stand_in [MISTAKE]``: our own canvas as the other one, right or wrong on purpose.

It speaks what :mod:`spiceproto.tests.canvas_fuzz.program` describes, so that a test can see what the comparison finds:

    inverted    DRAW_INVERS sets all bits
    ends        the process ends at DRAW_INVERS, with a word about it
    silent      it does not answer DRAW_INVERS
    memory      DRAW_INVERS leaves what malloc was told to fill memory with
    refuses     DRAW_INVERS is not taken
"""

from __future__ import annotations

import os
import struct
import sys
import time
from typing import Final

import numpy as np

from spiceproto import dispatch
from spiceproto.canvas.display import Display
from spiceproto.canvas.surface import LAYOUTS

__all__ = ["MISTAKES", "main"]

DRAW_INVERS: Final = 308
MISTAKES: Final = ("inverted", "ends", "silent", "memory", "refuses")


def _taken(display: Display, number: int, body: bytes, mistake: str) -> int:
    value = dispatch.parse("display", "server", number, body)
    if number == DRAW_INVERS and mistake:
        if mistake == "ends":
            print("assertion failed: nobody inverts", file=sys.stderr, flush=True)
            os.abort()
        if mistake == "silent":
            time.sleep(3600)
        if mistake == "refuses":
            return 3
        pixels = display.surfaces[value.base.surface_id].pixels
        ones = display.surfaces[value.base.surface_id].layout.ones
        pixels[...] = ones if mistake == "inverted" else int(os.environ["MALLOC_PERTURB_"]) & ones
        return 0
    display.draw(value)
    return 0


def main(mistake: str = "") -> None:
    """Answer until nobody asks any more."""
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    display = Display()
    while letter := requests.read(1):
        if letter == b"Z":
            display = Display()
            continue
        if letter == b"M":
            number, size = struct.unpack("<HI", requests.read(6))
            answers.write(bytes([_taken(display, number, requests.read(size), mistake)]))
        else:
            id, size = struct.unpack("<II", requests.read(8))
            surface = display.surfaces[id]
            rows = np.zeros((surface.height, 4 * surface.width), np.uint8)
            bits = LAYOUTS[surface.format].bits
            if letter == b"W":
                rows = np.frombuffer(requests.read(size), np.uint8).reshape(rows.shape)
                if bits == 1:
                    surface.pixels[...] = np.unpackbits(rows, axis=1, count=surface.width, bitorder="little")
                else:
                    found = np.ascontiguousarray(rows[:, : surface.width * bits // 8])
                    surface.pixels[...] = found.view(surface.pixels.dtype)
                continue
            packed = np.packbits(surface.pixels, axis=1, bitorder="little") if bits == 1 else surface.pixels.view(np.uint8)
            rows[:, : packed.shape[1]] = packed
            answers.write(rows.tobytes())
        answers.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
