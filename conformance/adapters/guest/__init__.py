"""The guest that QEMU runs under test: ``guest.asm`` is its source, ``guest.img`` the disk it starts from.

It needs no operating system and is ready a tenth of a second after QEMU starts. The head of ``guest.asm`` says which
commands it takes over its serial line and what it says on its own; :class:`Guest` is the other end of that line.
"""

from conformance.adapters.guest.events import InputEvent, KeyByte, Motion, Position, parse_event
from conformance.adapters.guest.line import IMAGE, Guest, write_disk
from conformance.adapters.guest.mode import BITS, Mode, read_mode

__all__ = [
    "BITS",
    "IMAGE",
    "Guest",
    "InputEvent",
    "KeyByte",
    "Mode",
    "Motion",
    "Position",
    "parse_event",
    "read_mode",
    "write_disk",
]
