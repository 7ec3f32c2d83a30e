"""libspice-server for ``bench_server.py``: a program on its public interface, on what the suite has of it.

    python server_libspice.py PORT COMPRESSION COMMANDS PIXELS

All commands are made before anything is measured. While frames are shown, Python does one thing: it hands the library the next
command, which takes 0.6 µs. Keys and movements go to a function of C that does nothing.
"""

from __future__ import annotations

import ctypes as c
import mmap
import os
import sys
from typing import Any

import numpy as np
from server_frames import COMMAND, COPY, HEIGHT, WIDTH

from conformance.adapters import libspice_driver as driver
from conformance.adapters.libspice_driver import POINTER, Interface, Rectangle, drawing, lib, structure

COMPRESSIONS = ("off", "auto_glz", "auto_lz", "quic", "glz", "lz", "lz4")
"""By the library's numbers, which begin with 1."""

DRAW_COPY, DRAW_COPY_BITS = 3, 4
BITMAP, DIRECT, TOP_DOWN, NO_VIDEO = 0, 1, 4, 1

Draw = drawing("Draw", ("body", c.c_uint8 * 80))
Copy = structure(
    "Copy",
    ("image", c.c_uint64),
    ("area", Rectangle),
    ("rop", c.c_uint16),
    ("scale_mode", c.c_uint8),
    ("mask", c.c_uint8 * 17),
    packed=True,
)
Image = structure(
    "Image",
    ("number", c.c_uint64),
    ("type", c.c_uint8),
    ("flags", c.c_uint8),
    ("width", c.c_uint32),
    ("height", c.c_uint32),
    ("format", c.c_uint8),
    ("bitmap_flags", c.c_uint8),
    ("x", c.c_uint32),
    ("y", c.c_uint32),
    ("stride", c.c_uint32),
    ("palette", c.c_uint64),
    ("data", c.c_uint64),
    packed=True,
)
FORMAT_32BIT = 8


class Display(driver.Display):
    """Shows the commands of a file."""

    width, height = WIDTH, HEIGHT
    memory = 64 << 20

    def __init__(self, records: Any, pixels: int) -> None:
        super().__init__()
        self._images: list[Any] = []
        self._made = [self._draw(number, record, pixels) for number, record in enumerate(records)]
        self._next_one = self._end = 0
        self._known = False
        # What is shown stays in memory, so nothing is to be done when the library gives it back.
        self.interface.record.f6 = c.cast(c.CDLL(None).labs, type(self.interface.record.f6))

    def _draw(self, number: int, record: Any, pixels: int) -> Any:
        left, top, width, height = (int(record[name]) for name in ("left", "top", "width", "height"))
        is_copy = record["kind"] == COPY
        draw = Draw(
            number=number + 1,
            effect=driver.OPAQUE,
            type=DRAW_COPY if is_copy else DRAW_COPY_BITS,
            box=Rectangle(top, left, top + height, left + width),
            rests_on=driver.NOTHING,
        )
        if is_copy:
            image = Image(
                number=number + 1,
                type=BITMAP,
                width=width,
                height=height,
                format=FORMAT_32BIT,
                bitmap_flags=DIRECT | TOP_DOWN,
                x=width,
                y=height,
                stride=4 * width,
                data=pixels + int(record["offset"]),
            )
            self._images.append(image)
            body = Copy(image=c.addressof(image), area=Rectangle(0, 0, height, width), rop=driver.PUT)
        else:
            body = structure("Point", ("x", c.c_int32), ("y", c.c_int32))(int(record["from_left"]), int(record["from_top"]))
        c.memmove(c.addressof(draw) + Draw.body.offset, c.addressof(body), c.sizeof(body))
        return driver.Command(c.addressof(draw), driver.DRAW, 0, 0, 0), draw

    def _next(self, display: int, command: Any) -> int:
        if not self._known:
            # Python makes a thread that it does not know known for each call, and forgets it after: seven microseconds.
            self._known = True
            c.pythonapi.PyGILState_Ensure()
        if self._next_one >= self._end:
            return 0
        command[0] = self._made[self._next_one][0]
        self._next_one += 1
        return 1

    def _is_empty(self, display: int) -> int:
        return int(self._next_one >= self._end)

    def show(self, server: int) -> None:
        self.interface.record.f5 = type(self.interface.record.f5)(self._is_empty)
        self._kept[0] = self.interface.record.f5
        super().show(server)

    def frame(self, first: int, count: int) -> None:
        """Show the next frame."""
        self._next_one, self._end = first, first + count
        lib.spice_qxl_wakeup(c.byref(self.interface.instance))


def _deaf(interface: Interface) -> None:
    """Have a function of C that does nothing in place of those that are called."""
    nothing = c.CDLL(None).labs
    for name, _ in interface.record._fields_[1:]:
        setattr(interface.record, name, c.cast(nothing, type(getattr(interface.record, name))))


def main() -> None:
    port, compression, commands, pixels = sys.argv[1:]
    with open(pixels, "rb") as file:
        shared = mmap.mmap(file.fileno(), 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE)
    program = driver.Program()
    program.display = display = Display(np.fromfile(commands, COMMAND), c.addressof(c.c_char.from_buffer(shared)))
    _deaf(program.mouse)
    _deaf(program.keyboard)
    server = POINTER(program.server)
    lib.spice_server_set_image_compression(server, COMPRESSIONS.index(compression) + 1)
    lib.spice_server_set_streaming_video(server, NO_VIDEO)
    program.start(int(port))
    print("listening", flush=True)
    for line in program.loop.lines(sys.stdin.fileno()):
        first, count = line.split()
        display.frame(int(first), int(count))
    os._exit(0)  # the library has no end of its own


if __name__ == "__main__":
    main()
