"""``python program.py LIBRARY``: what runs in the process of the field's canvas. It knows the library and the pipe.

A request on standard input is a letter and what belongs to it; an answer on standard output has the size that the request
calls for. Numbers are little endian.

    Z                                   forget everything                                  nothing
    M type:u16 size:u32 body            take a message                                     u8: 0 if it was carried out
    R id:u32 size:u32                   the pixels of a surface, 4 * width bytes a row     the bytes
    W id:u32 size:u32 bytes             write them                                         nothing

It is started by its path and imports nothing of the project, so that it is there in a moment after each end.
"""

import ctypes
import struct
import sys
from typing import Any


def library(path: str) -> Any:
    """The shared library that ``field_canvas.c`` became."""
    found = ctypes.CDLL(path)
    found.field_canvas_message.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t]
    found.field_canvas_pixels.argtypes = [ctypes.c_uint32]
    found.field_canvas_pixels.restype = ctypes.c_void_p
    return found


def main(path: str) -> None:
    """Answer until nobody asks any more."""
    canvas = library(path)
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    while letter := requests.read(1):
        if letter == b"Z":
            canvas.field_canvas_reset()
        elif letter == b"M":
            number, size = struct.unpack("<HI", requests.read(6))
            answers.write(bytes([canvas.field_canvas_message(number, requests.read(size), size)]))
            answers.flush()
        elif letter == b"R":
            id, size = struct.unpack("<II", requests.read(8))
            answers.write(ctypes.string_at(canvas.field_canvas_pixels(id), size))
            answers.flush()
        elif letter == b"W":
            id, size = struct.unpack("<II", requests.read(8))
            ctypes.memmove(canvas.field_canvas_pixels(id), requests.read(size), size)
        else:
            sys.exit(f"unknown request {letter!r}")


if __name__ == "__main__":
    main(sys.argv[1])
