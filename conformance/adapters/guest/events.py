"""What a guest's keyboard and pointer did, read from the lines of its serial port.

Buttons are given as SPICE numbers them in ``MouseButtonMask``, y grows downwards, as in SPICE, and a wheel
turned up counts positive.
"""

from __future__ import annotations

from typing import Final

import msgspec

from spiceproto.enums.inputs import MouseButtonMask

__all__ = ["InputEvent", "KeyByte", "Motion", "Position", "parse_event"]

_FULL: Final = 0x7FFF
"""QEMU's largest absolute position; the VMware pointer doubles it."""

_BELL: Final = (8, 1, 0, 0)

_PS2_BUTTONS: Final = ((1, MouseButtonMask.LEFT), (2, MouseButtonMask.RIGHT), (4, MouseButtonMask.MIDDLE))
_PS2_MORE_BUTTONS: Final = ((16, MouseButtonMask.SIDE), (32, MouseButtonMask.EXTRA))
_VMWARE_BUTTONS: Final = ((0x20, MouseButtonMask.LEFT), (0x10, MouseButtonMask.RIGHT), (8, MouseButtonMask.MIDDLE))


class KeyByte(msgspec.Struct, frozen=True):
    """One byte from the PS/2 keyboard, scan code set 1."""

    byte: int


class Motion(msgspec.Struct, frozen=True):
    """One packet from the PS/2 mouse.

    ``bell``  it is most likely no movement: while the guest has the VMware pointer, that device sends a packet with dx 1
    beside each of its own events. Real motions come as packets then, too
    """

    dx: int
    dy: int
    wheel: int = 0
    buttons: MouseButtonMask = MouseButtonMask(0)
    bell: bool = False


class Position(msgspec.Struct, frozen=True):
    """One event of the VMware pointer: a place of 65536 in each direction."""

    x: int
    y: int
    wheel: int = 0
    buttons: MouseButtonMask = MouseButtonMask(0)

    def pixel(self, width: int, height: int) -> tuple[int, int]:
        """The place on a picture of this size."""
        return round(self.x / 2 * width / _FULL), round(self.y / 2 * height / _FULL)


InputEvent = KeyByte | Motion | Position


def _mask(bits: int, table: tuple[tuple[int, MouseButtonMask], ...]) -> MouseButtonMask:
    found = MouseButtonMask(0)
    for bit, button in table:
        if bits & bit:
            found |= button
    return found


def parse_event(line: str) -> InputEvent | None:
    """The event in a line of the guest, or None if the line is something else."""
    kind, _, rest = line.partition(" ")
    if kind not in ("K", "M", "m", "V"):
        return None
    try:
        words = [int(word, 16) for word in rest.split()]
    except ValueError:
        return None
    if kind == "K" and len(words) == 1:
        return KeyByte(words[0])
    if kind == "V" and len(words) == 4:
        buttons, x, y, wheel = words
        return Position(x, y, (1 << 32) - wheel if wheel >> 31 else -wheel, _mask(buttons, _VMWARE_BUTTONS))
    if kind in "Mm" and len(words) == 4:
        flags, dx, dy, last = words
        return Motion(
            dx - (256 if flags & 0x10 else 0),
            (256 if flags & 0x20 else 0) - dy,
            (16 if last & 8 else 0) - (last & 15),
            _mask(flags, _PS2_BUTTONS) | _mask(last, _PS2_MORE_BUTTONS),
            kind == "m" and (flags, dx, dy, last) == _BELL,
        )
    return None
