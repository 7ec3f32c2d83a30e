"""What a browser calls the keys of a keyboard: scan codes of set 1 to ``code`` and ``keyCode`` of keyboard events."""

from __future__ import annotations

from typing import Final

__all__ = ["browser_key"]

_ROWS: Final = (
    (0x01, (("Escape", 27),)),
    (0x02, tuple([(f"Digit{digit}", ord(digit)) for digit in "1234567890"])),
    (0x0C, (("Minus", 189), ("Equal", 187), ("Backspace", 8), ("Tab", 9))),
    (0x10, tuple([(f"Key{letter}", ord(letter)) for letter in "QWERTYUIOP"])),
    (0x1A, (("BracketLeft", 219), ("BracketRight", 221), ("Enter", 13), ("ControlLeft", 17))),
    (0x1E, tuple([(f"Key{letter}", ord(letter)) for letter in "ASDFGHJKL"])),
    (0x27, (("Semicolon", 186), ("Quote", 222), ("Backquote", 192), ("ShiftLeft", 16), ("Backslash", 220))),
    (0x2C, tuple([(f"Key{letter}", ord(letter)) for letter in "ZXCVBNM"])),
    (0x33, (("Comma", 188), ("Period", 190), ("Slash", 191), ("ShiftRight", 16))),
    (0x37, (("NumpadMultiply", 106), ("AltLeft", 18), ("Space", 32), ("CapsLock", 20))),
    (0x3B, tuple([(f"F{number}", 111 + number) for number in range(1, 11)])),
    (0x45, (("NumLock", 144), ("ScrollLock", 145))),
    (0x47, (("Numpad7", 103), ("Numpad8", 104), ("Numpad9", 105), ("NumpadSubtract", 109))),
    (0x4B, (("Numpad4", 100), ("Numpad5", 101), ("Numpad6", 102), ("NumpadAdd", 107))),
    (0x4F, (("Numpad1", 97), ("Numpad2", 98), ("Numpad3", 99), ("Numpad0", 96), ("NumpadDecimal", 110))),
    (0x56, (("IntlBackslash", 226), ("F11", 122), ("F12", 123))),
    (0xE01C, (("NumpadEnter", 13), ("ControlRight", 17))),
    (0xE035, (("NumpadDivide", 111),)),
    (0xE038, (("AltRight", 18),)),
    (0xE047, (("Home", 36), ("ArrowUp", 38), ("PageUp", 33))),
    (0xE04B, (("ArrowLeft", 37),)),
    (0xE04D, (("ArrowRight", 39),)),
    (0xE04F, (("End", 35), ("ArrowDown", 40), ("PageDown", 34), ("Insert", 45), ("Delete", 46))),
    (0xE05B, (("MetaLeft", 91), ("MetaRight", 92), ("ContextMenu", 93))),
)
"""First scan code of keys that lie beside each other, and what they are called."""

_KEYS: Final = {first + number: key for first, keys in _ROWS for number, key in enumerate(keys)}


_PAUSE: Final = (0xE11D45, ("Pause", 19))


def browser_key(code: int) -> tuple[str, int] | None:
    """What is said of the key with this scan code, E0 as 0xE0.. or as 0x1..; None if browsers have none."""
    if code == _PAUSE[0]:
        return _PAUSE[1]
    return _KEYS.get(0xE000 | code & 0x7F if code >> 8 == 1 else code)
