"""A program on the public interface of libspice-server, through ctypes: a display, a keyboard, a mouse, and perhaps a tablet.

    python libspice_driver.py

It is asked in JSON lines (:mod:`conformance.adapters.control_lines`) and knows

    start            port, tls_port, folder (of its certificates), password; 0 and "" for none
    set-password     password
    expire-password  seconds
    pointer          kind: absolute or relative
    animate          count: rectangles that are filled, at once
    picture          path of a PPM file
    lock-keys        flags: lamps of the keyboard that are lit from now on
    input-events     what keyboard and pointers did since the last time, as lines
    quit

The library runs in two threads. Its core asks for timers and for descriptors to be watched, which the loop here serves; its
display has a thread of its own, which takes commands.
"""

from __future__ import annotations

import ctypes as c
import itertools
import json
import os
import select
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

LIBRARY = "libspice-server.so.1"
WIDTH, HEIGHT = 640, 480
READ, WRITE = 1, 2

lib = c.CDLL(LIBRARY)


def structure(name: str, *fields: tuple[str, Any], packed: bool = False) -> Any:
    """A structure of C."""
    return type(name, (c.Structure,), ({"_pack_": 1} if packed else {}) | {"_fields_": list(fields)})


POINTER = c.c_void_p
Base = structure("Base", ("type", c.c_char_p), ("description", c.c_char_p), ("major", c.c_uint32), ("minor", c.c_uint32))
Instance = structure("Instance", ("interface", POINTER), ("id_or_state", POINTER), ("state", POINTER))
"""Of any interface: a display has a number before its state."""

InitInfo = structure(
    "InitInfo",
    ("groups", c.c_uint32),
    ("slots", c.c_uint32),
    ("generation_bits", c.c_uint8),
    ("id_bits", c.c_uint8),
    ("ram_size", c.c_uint32),
    ("internal_group", c.c_uint8),
    ("surfaces", c.c_uint32),
)
Slot = structure(
    "Slot",
    ("group", c.c_uint32),
    ("id", c.c_uint32),
    ("generation", c.c_uint32),
    ("start", c.c_size_t),
    ("end", c.c_size_t),
    ("delta", c.c_uint64),
    ("ram_size", c.c_uint32),
)
Surface = structure(
    "Surface",
    ("width", c.c_uint32),
    ("height", c.c_uint32),
    ("stride", c.c_int32),
    ("format", c.c_uint32),
    ("position", c.c_uint32),
    ("mouse_mode", c.c_uint32),
    ("flags", c.c_uint32),
    ("type", c.c_uint32),
    ("memory", c.c_uint64),
    ("group", c.c_uint32),
)
Command = structure(
    "Command",
    ("data", c.c_uint64),
    ("type", c.c_uint32),
    ("padding", c.c_uint32),
    ("group", c.c_uint32),
    ("flags", c.c_uint32),
    packed=True,
)
Released = structure("Released", ("number", c.POINTER(c.c_uint64)), ("group", c.c_uint32))
Rectangle = structure("Rectangle", *((name, c.c_int32) for name in ("top", "left", "bottom", "right")), packed=True)


def drawing(name: str, *body: tuple[str, Any]) -> Any:
    """A drawing command: what all of them begin with, and the fields of one of them."""
    head: list[tuple[str, Any]] = [("number", c.c_uint64), ("surface", c.c_uint32), ("effect", c.c_uint8)]
    head += [("type", c.c_uint8), ("self_bitmap", c.c_uint8), ("self_area", Rectangle), ("box", Rectangle)]
    head += [("clip_type", c.c_uint32), ("clip", c.c_uint64), ("time", c.c_uint32)]
    head += [("rests_on", c.c_int32 * 3), ("rests_on_areas", Rectangle * 3)]
    return structure(name, *head, *body, packed=True)


Fill = drawing(
    "Fill",
    ("brush_type", c.c_uint32),
    ("color", c.c_uint32),
    ("pattern", c.c_uint8 * 12),
    ("rop", c.c_uint16),
    ("mask", c.c_uint8 * 44),
)
"""A rectangle to be filled, as long as the longest of the drawing commands."""

DRAW, DRAW_FILL, OPAQUE, SOLID, PUT = 1, 1, 1, 1, 8
FORMAT_32 = 32
NOTHING = (c.c_int32 * 3)(-1, -1, -1)
"""What a command rests on that takes no pixels from surfaces."""


class Interface:
    """What a program offers the library: a record that begins with type and version, and goes on with functions."""

    def __init__(
        self, type: bytes, major: int, minor: int, functions: list[tuple[Any, list[Any], Callable[..., Any] | None]]
    ) -> None:
        kinds = [c.CFUNCTYPE(result, *arguments) for result, arguments, _ in functions]
        record = structure("Record", ("base", Base), *((f"f{at}", kind) for at, kind in enumerate(kinds)))
        made = [kind(function) if function else kind() for kind, (_, _, function) in zip(kinds, functions, strict=True)]
        self.record = record(Base(type, b"conformance suite", major, minor), *made)
        self.instance = Instance(c.addressof(self.record), None, None)

    def add(self, server: int) -> None:
        """Offer it."""
        if lib.spice_server_add_interface(POINTER(server), c.byref(self.instance)):
            raise OSError("the library does not take an interface")

    def remove(self) -> None:
        """Take it away."""
        lib.spice_server_remove_interface(c.byref(self.instance))


class Loop:
    """Timers and watched descriptors of the core, by number."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._timers: dict[int, tuple[Any, int, float | None]] = {}
        self._watches: dict[int, tuple[int, int, Any, int]] = {}
        function = c.CFUNCTYPE(None, POINTER)
        watcher = c.CFUNCTYPE(None, c.c_int, c.c_int, POINTER)
        self.interface = Interface(
            b"core",
            1,
            3,
            [
                (POINTER, [function, POINTER], self._timer_add),
                (None, [POINTER, c.c_uint32], self._timer_start),
                (None, [POINTER], self._timer_cancel),
                (None, [POINTER], lambda number: self._timers.pop(number, None) and None),
                (POINTER, [c.c_int, c.c_int, watcher, POINTER], self._watch_add),
                (None, [POINTER, c.c_int], self._watch_mask),
                (None, [POINTER], lambda number: self._watches.pop(number, None) and None),
                (None, [c.c_int, POINTER], lambda event, info: None),
            ],
        )

    def _timer_add(self, function: Any, opaque: int) -> int:
        number = next(self._numbers)
        self._timers[number] = (function, opaque, None)
        return number

    def _timer_start(self, number: int, milliseconds: int) -> None:
        function, opaque, _ = self._timers[number]
        self._timers[number] = (function, opaque, time.monotonic() + milliseconds / 1000)

    def _timer_cancel(self, number: int) -> None:
        function, opaque, _ = self._timers[number]
        self._timers[number] = (function, opaque, None)

    def _watch_add(self, fd: int, mask: int, function: Any, opaque: int) -> int:
        number = next(self._numbers)
        self._watches[number] = (fd, mask, function, opaque)
        return number

    def _watch_mask(self, number: int, mask: int) -> None:
        fd, _, function, opaque = self._watches[number]
        self._watches[number] = (fd, mask, function, opaque)

    # -- for descriptors of our own

    def watch(self, fd: int, mask: int, function: Callable[[int, int, int], None]) -> int:
        """Call ``function(fd, event, 0)`` when a descriptor can be read or written; the number of the watch."""
        return self._watch_add(fd, mask, function, 0)

    def mask(self, number: int, mask: int) -> None:
        """What to wait for from now on."""
        self._watch_mask(number, mask)

    def unwatch(self, number: int) -> None:
        """Wait no more."""
        self._watches.pop(number, None)

    def turn(self, more: int) -> bool:
        """Wait for what comes next, and hand it on; whether the descriptor ``more`` can be read."""
        due = [at for _, _, at in self._timers.values() if at is not None]
        wait = max(min(due) - time.monotonic(), 0.0) if due else None
        poll = select.poll()
        masks: dict[int, int] = {more: select.POLLIN}
        for fd, mask, _, _ in self._watches.values():
            masks[fd] = masks.get(fd, 0) | (select.POLLIN if mask & READ else 0) | (select.POLLOUT if mask & WRITE else 0)
        for fd, mask in masks.items():
            poll.register(fd, mask)
        ready = dict(poll.poll(None if wait is None else wait * 1000 + 1))
        for number, (fd, mask, function, opaque) in list(self._watches.items()):
            found = ready.get(fd, 0)
            event = (READ if found & ~select.POLLOUT else 0) | (WRITE if found & ~select.POLLIN else 0)
            if event & mask and number in self._watches:
                function(fd, event & mask, opaque)
        for number, (function, opaque, at) in list(self._timers.items()):
            if at is not None and at <= time.monotonic() and self._timers.get(number, (0, 0, None))[2] == at:
                self._timer_cancel(number)
                function(opaque)
        return more in ready

    def lines(self, fd: int) -> Iterator[bytes]:
        """Serve the library, and say the lines that come at a descriptor, until its end."""
        buffer = b""
        while True:
            if not self.turn(fd):
                continue
            data = os.read(fd, 65536)
            if not data:
                return
            *lines, buffer = (buffer + data).split(b"\n")
            yield from lines


class Display:
    """A picture of one colour, on which rectangles are filled."""

    width, height = WIDTH, HEIGHT
    memory = 16 << 20
    """What the display says that it has."""

    def __init__(self) -> None:
        self._commands: deque[Any] = deque()
        self._kept: dict[int, Any] = {}
        self._numbers = itertools.count(1)
        size = self.width * self.height
        self._pixels = (c.c_uint32 * size).from_buffer_copy(bytes((0x40, 0x30, 0x20, 0)) * size)
        a_display, an_int = [POINTER], c.c_int
        self.interface = Interface(
            b"qxl",
            3,
            3,
            [
                (None, a_display, lambda display: None),
                (None, [POINTER, an_int], lambda display, level: None),
                (None, [POINTER, c.c_uint32], None),
                (None, [POINTER, c.POINTER(InitInfo)], self._init_info),
                (an_int, [POINTER, c.POINTER(Command)], self._next),
                (an_int, a_display, lambda display: int(not self._commands)),
                (None, [POINTER, Released], self._released),
                (an_int, [POINTER, POINTER], lambda display, command: 0),
                (an_int, a_display, lambda display: 1),
                (None, [POINTER, c.c_uint32], lambda display, number: None),
                (an_int, a_display, lambda display: 0),
                (None, [POINTER, c.c_uint64], lambda display, cookie: None),
                (None, [POINTER, c.c_uint32, POINTER, c.c_uint32], lambda display, surface, areas, count: None),
                (None, [POINTER, c.c_uint8, POINTER], lambda display, there, capabilities: None),
                (an_int, [POINTER, POINTER], lambda display, monitors: 0),
            ],
        )

    def _init_info(self, display: int, info: Any) -> None:
        info[0] = InitInfo(1, 1, 8, 8, self.memory, 0, 64)

    def _next(self, display: int, command: Any) -> int:
        if not self._commands:
            return 0
        fill = self._commands.popleft()
        command[0] = Command(c.addressof(fill), DRAW, 0, 0, 0)
        return 1

    def _released(self, display: int, released: Any) -> None:
        self._kept.pop(released.number[0], None)

    def show(self, server: int) -> None:
        """Let clients see it."""
        self.interface.add(server)
        instance = c.byref(self.interface.instance)
        lib.spice_qxl_add_memslot(instance, c.byref(Slot(0, 0, 0, 0, (1 << 64) - 1, 0, 0)))
        surface = Surface(
            width=self.width,
            height=self.height,
            stride=4 * self.width,
            format=FORMAT_32,
            mouse_mode=1,
            memory=c.addressof(self._pixels),
        )
        lib.spice_qxl_create_primary_surface(instance, 0, c.byref(surface))

    def animate(self, count: int) -> None:
        """Fill so many rectangles, each at another place than the one before."""
        for _ in range(count):
            number = next(self._numbers)
            left, top = 24 * number % (self.width - 32), 16 * number % (self.height - 32)
            fill = self._kept[number] = Fill(
                number=number,
                effect=OPAQUE,
                type=DRAW_FILL,
                box=Rectangle(top, left, top + 32, left + 32),
                rests_on=NOTHING,
                brush_type=SOLID,
                color=number * 0x10305 & 0xFFFFFF,
                rop=PUT,
            )
            self._commands.append(fill)
        lib.spice_qxl_wakeup(c.byref(self.interface.instance))

    def write(self, path: str) -> None:
        """What it shows now: the library draws into its memory what it has kept back."""
        area = Rectangle(0, 0, self.height, self.width)
        lib.spice_qxl_update_area(c.byref(self.interface.instance), 0, c.byref(area), None, 0, 0)
        pixels, colours = bytes(self._pixels), bytearray(3 * self.width * self.height)
        colours[0::3], colours[1::3], colours[2::3] = pixels[2::4], pixels[1::4], pixels[0::4]
        with open(path, "wb") as file:
            file.write(b"P6 %d %d 255\n" % (self.width, self.height) + colours)


class Program:
    """The server, and what it is asked."""

    def __init__(self) -> None:
        lib.spice_server_new.restype = POINTER
        self.server = lib.spice_server_new()
        self.loop = Loop()
        self.display = Display()
        self.events: list[str] = []
        self.password = b""
        self.lamps = 0
        an_int, a_mask = c.c_int, c.c_uint32
        self.keyboard = Interface(
            b"keyboard",
            1,
            1,
            [
                (None, [POINTER, c.c_uint8], lambda it, byte: self._did(f"key {byte:#x}")),
                (c.c_uint8, [POINTER], lambda it: self.lamps),
            ],
        )
        self.mouse = Interface(
            b"mouse",
            1,
            1,
            [
                (
                    None,
                    [POINTER, an_int, an_int, an_int, a_mask],
                    lambda it, x, y, z, mask: self._did(f"motion {x} {y} {z} {mask}"),
                ),
                (None, [POINTER, a_mask], lambda it, mask: self._did(f"buttons {mask}")),
            ],
        )
        self.tablet = Interface(
            b"tablet",
            1,
            1,
            [
                (None, [POINTER, an_int, an_int], lambda it, width, height: None),
                (None, [POINTER, an_int, an_int, a_mask], lambda it, x, y, mask: self._did(f"position {x} {y} {mask}")),
                (None, [POINTER, an_int, a_mask], lambda it, steps, mask: self._did(f"wheel {steps} {mask}")),
                (None, [POINTER, a_mask], lambda it, mask: self._did(f"buttons {mask}")),
            ],
        )
        self.absolute = False

    def _did(self, what: str) -> None:
        self.events.append(what)

    # -- what it is asked

    def start(self, port: int, tls_port: int = 0, folder: str = "", password: str = "") -> None:
        server = POINTER(self.server)
        lib.spice_server_set_addr(server, b"127.0.0.1", 1)
        lib.spice_server_set_port(server, port)
        if tls_port:
            ca, certificate, key = (os.fsencode(f"{folder}/{name}.pem") for name in ("ca-cert", "server-cert", "server-key"))
            if lib.spice_server_set_tls(server, tls_port, ca, certificate, key, None, None, None):
                raise OSError("the library does not take the certificates")
        if password:
            self.set_password(password)
        else:
            lib.spice_server_set_noauth(server)
        lib.spice_server_set_name(server, b"libspice-server")
        if lib.spice_server_init(server, c.byref(self.loop.interface.record)):
            raise OSError("the library does not start")
        self.display.show(self.server)
        self.keyboard.add(self.server)
        self.mouse.add(self.server)
        lib.spice_server_vm_start(server)

    def set_password(self, password: str) -> None:
        self.password = password.encode()
        lib.spice_server_set_ticket(POINTER(self.server), self.password, 0, 0, 0)

    def expire_password(self, seconds: float) -> None:
        # The library counts whole seconds, and takes 0 for ever; without a password nobody gets in.
        lib.spice_server_set_ticket(POINTER(self.server), self.password if seconds >= 1 else None, max(int(seconds), 1), 0, 0)

    def pointer(self, kind: str) -> None:
        if (kind == "absolute") != self.absolute:
            self.absolute = kind == "absolute"
            if self.absolute:
                self.tablet.add(self.server)
            else:
                self.tablet.remove()

    def animate(self, count: int) -> None:
        self.display.animate(count)

    def picture(self, path: str) -> None:
        self.display.write(path)

    def lock_keys(self, flags: int) -> None:
        self.lamps = flags
        lib.spice_server_kbd_leds(c.byref(self.keyboard.instance), flags)

    def input_events(self) -> dict[str, str]:
        found, self.events = "\n".join(self.events), []
        return {"lines": found}

    def run(self) -> None:
        """Until it is told to quit, or nobody can tell it any more."""
        for line in self.loop.lines(sys.stdin.fileno()):
            question = json.loads(line)
            verb = question.pop("do")
            if verb == "quit":
                return
            try:
                answer = {"answer": "ok", **(getattr(self, verb.replace("-", "_"))(**question) or {})}
            except OSError as error:
                answer = {"answer": "error", "text": str(error)}
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    Program().run()
