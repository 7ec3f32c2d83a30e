"""Scan codes as a client sends them, to keycodes of an X server whose keyboard is evdev's, as all are that Linux has today.

A keycode is the number of the key in Linux (``linux/input-event-codes.h``) and 8. Without E0 that number is the scan code
itself for the keys of the first keyboards; for others there is a table.
"""

from __future__ import annotations

from typing import Final

__all__ = ["keycode"]

_FIRST: Final = 8
"""Keycodes below it are none."""

_SAME: Final = {*range(0x01, 0x54), 0x56, 0x57, 0x58}
"""Scan codes that Linux has as numbers of keys."""

_OTHER: Final = {0x54: 99, 0x59: 117, 0x70: 93, 0x73: 89, 0x76: 194, 0x79: 92, 0x7B: 94, 0x7D: 124, 0x7E: 121}
_OTHER_FUNCTION_KEYS: Final = {0x64 + number: 183 + number for number in range(11)}

_BEHIND_E0: Final = {
    0x10: 165,  # previous track
    0x19: 163,  # next track
    0x1C: 96,  # Enter of the keypad
    0x1D: 97,  # right Ctrl
    0x20: 113,  # mute
    0x21: 140,  # calculator
    0x22: 164,  # play
    0x24: 166,  # stop
    0x2E: 114,  # volume down
    0x30: 115,  # volume up
    0x32: 172,  # home page
    0x35: 98,  # / of the keypad
    0x37: 99,  # Print
    0x38: 100,  # right Alt
    0x46: 119,  # Break, which is Pause with Ctrl
    0x47: 102,  # Home
    0x48: 103,  # up
    0x49: 104,  # Page Up
    0x4B: 105,  # left
    0x4D: 106,  # right
    0x4F: 107,  # End
    0x50: 108,  # down
    0x51: 109,  # Page Down
    0x52: 110,  # Insert
    0x53: 111,  # Delete
    0x5B: 125,  # left Meta
    0x5C: 126,  # right Meta
    0x5D: 127,  # Menu
    0x5E: 116,  # power
    0x5F: 142,  # sleep
    0x63: 143,  # wake
    0x65: 217,  # search
    0x66: 156,  # favourites
    0x67: 173,  # refresh
    0x68: 128,  # stop
    0x69: 159,  # forward
    0x6A: 158,  # back
    0x6B: 157,  # computer
    0x6C: 155,  # mail
    0x6D: 226,  # media
}

_PAUSE: Final = 119


def keycode(code: bytes) -> int | None:
    """Of the scan code of a press; None for a key that X does not have, or that keyboards only pretend to press."""
    if code[:1] == b"\xe1":
        number: int | None = _PAUSE
    elif code[:1] == b"\xe0":
        number = _BEHIND_E0.get(int.from_bytes(code[1:], "little"))
    else:
        scan = int.from_bytes(code, "little")
        number = scan if scan in _SAME else (_OTHER | _OTHER_FUNCTION_KEYS).get(scan)
    return None if number is None or number + _FIRST > 255 else number + _FIRST
