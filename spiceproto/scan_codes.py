"""Scan codes of keys (set 1): the ways in which people write them, the one in which the wire has them, names of the keys.

A code is one byte, or two with E0 or E1 before it; its last byte has bit 7 set for a release. The wire has them as a number
whose lowest byte is the first. A name is what stands on the key of an American keyboard at that place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

__all__ = ["KEYS", "key_name", "release_code", "scan_codes", "wire_code"]

_RELEASED: Final = 0x80
_PREFIXES: Final = (0xE0, 0xE1)

_PLAIN: Final = (
    "Esc 1 2 3 4 5 6 7 8 9 0 - = Backspace Tab Q W E R T Y U I O P [ ] Enter LeftCtrl A S D F G H J K L ; ' ` "
    "LeftShift \\ Z X C V B N M , . / RightShift KP* LeftAlt Space CapsLock F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 NumLock "
    "ScrollLock KP7 KP8 KP9 KP- KP4 KP5 KP6 KP+ KP1 KP2 KP3 KP0 KP. SysRq"
)
"""From 01 on, without a gap."""

KEYS: Final = {
    **dict(enumerate(_PLAIN.split(), 1)),
    0x56: "102nd",
    0x57: "F11",
    0x58: "F12",
    0x59: "KP=",
    **{0x64 + number: f"F{13 + number}" for number in range(11)},
    0x70: "Katakana",
    0x73: "Ro",
    0x76: "F24",
    0x79: "Henkan",
    0x7B: "Muhenkan",
    0x7D: "Yen",
    0x7E: "KP,",
    **{
        0xE0 | code << 8: name
        for code, name in {
            0x10: "PreviousTrack",
            0x19: "NextTrack",
            0x20: "Mute",
            0x21: "Calculator",
            0x22: "Play",
            0x24: "Stop",
            0x2A: "FakeShift",
            0x2E: "VolumeDown",
            0x30: "VolumeUp",
            0x32: "BrowserHome",
            0x36: "FakeRightShift",
            0x1C: "KPEnter",
            0x1D: "RightCtrl",
            0x35: "KP/",
            0x37: "Print",
            0x38: "RightAlt",
            0x46: "Break",
            0x47: "Home",
            0x48: "Up",
            0x49: "PageUp",
            0x4B: "Left",
            0x4D: "Right",
            0x4F: "End",
            0x50: "Down",
            0x51: "PageDown",
            0x52: "Insert",
            0x53: "Delete",
            0x5B: "LeftMeta",
            0x5C: "RightMeta",
            0x5D: "Menu",
            0x5E: "Power",
            0x5F: "Sleep",
            0x63: "Wake",
            0x65: "Search",
            0x66: "Favorites",
            0x67: "Refresh",
            0x68: "BrowserStop",
            0x69: "Forward",
            0x6A: "Back",
            0x6B: "Computer",
            0x6C: "Mail",
            0x6D: "Media",
        }.items()
    },
    0x1DE1: "Pause",
}
"""Scan code of a press, as the wire has it -> name of the key."""


def wire_code(code: int) -> int:
    """A scan code as the wire has it, first byte lowest, from any of the ways to write one.

    E0 1D is 0x1DE0 on the wire, 0xE01D where the first byte is written first, and 0x11D in spice-gtk.
    """
    if code >> 8 == 0xE0:
        return 0xE0 | (code & 0xFF) << 8
    if 0x100 <= code < 0x180:
        return 0xE0 | (code & 0x7F) << 8
    return code


def release_code(code: int) -> int:
    """Scan code of the release of a key, from that of its press: bit 7 of its last byte."""
    size = max((code.bit_length() + 7) // 8, 1)
    return code | _RELEASED << 8 * (size - 1)


def key_name(code: int) -> str:
    """Of the press or release of a key, as the wire has it; empty for one without a name."""
    last = 8 if code > 0xFF else 0
    return KEYS.get(code & ~(_RELEASED << last), "")


def scan_codes(data: bytes) -> Iterator[tuple[int, bool]]:
    """The single codes in a row of scan codes, and whether each is a press."""
    code = at = 0
    for byte in data:
        code |= byte << 8 * at
        at += 1
        if byte in _PREFIXES and at == 1:
            continue
        yield code, not byte & _RELEASED
        code = at = 0
    if at:
        yield code, True
