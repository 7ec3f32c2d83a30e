"""Scan codes of keys (set 1): the ways in which people write them, the one in which the wire has them, names of the keys.

A code is one byte, two behind E0, or three behind E1, which Pause alone has. Its last byte has bit 7 set for a release, and in
the three bytes of Pause the second has it too. The wire has them as a number whose lowest byte is the first. A name is what
stands on the key of an American keyboard at that place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from spiceproto.errors import LocalError

__all__ = ["KEYS", "LEFT_SHIFT", "PAUSE", "ScanCodes", "key_name", "release_code", "scan_codes", "typed", "wire_code"]

_RELEASED: Final = 0x80

_LONGER: Final = {0xE0: 2, 0xE1: 3}
"""First byte of a scan code to how many it has, where that is not 1."""

PAUSE: Final = 0x451DE1
"""The one code of three bytes."""

_PAUSE_RELEASED: Final = 0x808000

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
    0x1DE1: "Pause",  # without its last byte, where a message has no more
    PAUSE: "Pause",
}
"""Scan code of a press, as the wire has it -> name of the key."""


def wire_code(code: int) -> int:
    """A scan code as the wire has it, first byte lowest, from any of the ways to write one.

    E0 1D is 0x1DE0 on the wire, 0xE01D where the first byte is written first, and 0x11D in spice-gtk. E1 1D 45 is 0x451DE1,
    or 0xE11D45.
    """
    if code >> 8 == 0xE0:
        return 0xE0 | (code & 0xFF) << 8
    if code >> 16 == 0xE1:
        return int.from_bytes(code.to_bytes(3, "big"), "little")
    if 0x100 <= code < 0x180:
        return 0xE0 | (code & 0x7F) << 8
    return code


def release_code(code: int) -> int:
    """Scan code of the release of a key, from that of its press: bit 7 of its last byte, and of the second of Pause too."""
    if code == PAUSE:
        return PAUSE | _PAUSE_RELEASED
    size = max((code.bit_length() + 7) // 8, 1)
    return code | _RELEASED << 8 * (size - 1)


def key_name(code: int) -> str:
    """Of the press or release of a key, as the wire has it; empty for one without a name."""
    if code | _PAUSE_RELEASED == PAUSE | _PAUSE_RELEASED:
        return KEYS[PAUSE]
    last = 8 if code > 0xFF else 0
    return KEYS.get(code & ~(_RELEASED << last), "")


_ONE_BYTE: Final = {
    bytes((code,)): [(bytes((code & ~_RELEASED,)), code < _RELEASED)] for code in range(256) if code not in _LONGER
}
"""What comes of scan codes of one byte, which most keys have."""


class ScanCodes:
    """Makes keys of a stream of scan codes, whatever pieces they come in. ``rest`` is the beginning of one."""

    def __init__(self) -> None:
        self.rest = b""

    def feed(self, data: bytes) -> list[tuple[bytes, bool]]:
        """Scan codes of presses, and whether the key went down."""
        if not self.rest and (key := _ONE_BYTE.get(data)) is not None:
            return key
        found = []
        for byte in data:
            self.rest += bytes((byte,))
            if len(self.rest) < _LONGER.get(self.rest[0], 1):
                continue
            code, self.rest = self.rest, b""
            last = code[-1]
            if len(code) == 3:
                code = bytes((code[0], code[1] & ~_RELEASED, last))
            found.append((code[:-1] + bytes((last & ~_RELEASED,)), not last & _RELEASED))
        return found


def scan_codes(data: bytes) -> Iterator[tuple[int, bool]]:
    """The single codes in a row of scan codes, and whether each is a press."""
    start = 0
    while start < len(data):
        code = data[start : start + _LONGER.get(data[start], 1)]
        start += len(code)
        bare = len(code) == 1 and code[0] in _LONGER
        yield int.from_bytes(code, "little"), bare or not code[-1] & _RELEASED


LEFT_SHIFT: Final = 0x2A

_SHIFTED: Final = dict(zip('!@#$%^&*()_+{}|:"~<>?', "1234567890-=[]\\;'`,./", strict=True))
"""What stands above on a key, to what stands below."""

_NAMED: Final = {" ": "Space", "\n": "Enter", "\t": "Tab"}


def _american() -> Iterator[tuple[str, tuple[int, bool]]]:
    places = {name: code for code, name in reversed(KEYS.items())}
    for name, code in places.items():
        if len(name) == 1:
            yield name.lower(), (code, False)
            if name.isalpha():
                yield name, (code, True)
    for character, below in _SHIFTED.items():
        yield character, (places[below], True)
    for character, name in _NAMED.items():
        yield character, (places[name], False)


_TYPED: Final = dict(_american())


def typed(character: str) -> tuple[int, bool]:
    """The key of a character on an American keyboard, and whether Shift goes with it.

    Letters are those of a keyboard without Caps Lock. Raises LocalError for what stands on no key.
    """
    found = _TYPED.get(character)
    if found is None:
        expected = "what stands on a key of an American keyboard, a space, a tab or the end of a line"
        raise LocalError("no key has this character", expected=expected, actual=repr(character))
    return found
