"""What browsers call the keys of a keyboard (``code`` of a KeyboardEvent), to the scan codes of their presses.

The names say where a key lies, not what stands on it. Source: UI Events KeyboardEvent code Values, sections 3.1 to 3.6, and the
scan codes of set 1 there; those of the Korean and Japanese keys are as QEMU has them, because those of the keyboards look like
releases.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from spiceproto.errors import LocalError
from spiceproto.scan_codes import wire_code

__all__ = ["BREAK", "KEY_CODES", "key_code"]

_ROWS: Final = {
    0x01: "Escape Digit1 Digit2 Digit3 Digit4 Digit5 Digit6 Digit7 Digit8 Digit9 Digit0 Minus Equal Backspace Tab",
    0x10: "KeyQ KeyW KeyE KeyR KeyT KeyY KeyU KeyI KeyO KeyP BracketLeft BracketRight Enter ControlLeft",
    0x1E: "KeyA KeyS KeyD KeyF KeyG KeyH KeyJ KeyK KeyL Semicolon Quote Backquote ShiftLeft Backslash",
    0x2C: "KeyZ KeyX KeyC KeyV KeyB KeyN KeyM Comma Period Slash ShiftRight NumpadMultiply AltLeft Space CapsLock",
    0x3B: "F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 NumLock ScrollLock",
    0x47: "Numpad7 Numpad8 Numpad9 NumpadSubtract Numpad4 Numpad5 Numpad6 NumpadAdd",
    0x4F: "Numpad1 Numpad2 Numpad3 Numpad0 NumpadDecimal",
    0x56: "IntlBackslash F11 F12 NumpadEqual",
    0x64: "F13 F14 F15 F16 F17 F18 F19 F20 F21 F22 F23",
    0x70: "KanaMode Lang2 Lang1 IntlRo",
    0x76: "F24 Lang4 Lang3 Convert",
    0x7B: "NonConvert",
    0x7D: "IntlYen NumpadComma",
    0xE008: "Undo",
    0xE00A: "Paste",
    0xE010: "MediaTrackPrevious",
    0xE017: "Cut Copy MediaTrackNext",
    0xE01C: "NumpadEnter ControlRight",
    0xE020: "AudioVolumeMute LaunchApp2 MediaPlayPause",
    0xE024: "MediaStop",
    0xE02C: "Eject",
    0xE02E: "AudioVolumeDown",
    0xE030: "AudioVolumeUp",
    0xE032: "BrowserHome",
    0xE035: "NumpadDivide",
    0xE037: "PrintScreen AltRight",
    0xE03B: "Help",
    0xE047: "Home ArrowUp PageUp",
    0xE04B: "ArrowLeft",
    0xE04D: "ArrowRight",
    0xE04F: "End ArrowDown PageDown Insert Delete",
    0xE05B: "MetaLeft MetaRight ContextMenu Power Sleep",
    0xE063: "WakeUp",
    0xE065: "BrowserSearch BrowserFavorites BrowserRefresh BrowserStop BrowserForward BrowserBack",
    0xE06B: "LaunchApp1 LaunchMail MediaSelect",
    0xE11D45: "Pause",
}
"""First scan code of keys that have one behind the other."""

_OTHER_NAMES: Final = {
    "OSLeft": "MetaLeft",
    "OSRight": "MetaRight",
    "VolumeMute": "AudioVolumeMute",
    "VolumeDown": "AudioVolumeDown",
    "VolumeUp": "AudioVolumeUp",
    "Lang5": "F24",  # Zenkaku/Hankaku, which has the same scan code
}
"""What older browsers say, to what newer ones do."""


def _all() -> Iterator[tuple[str, int]]:
    for first, names in _ROWS.items():
        for number, name in enumerate(names.split()):
            yield name, wire_code(first + number)


KEY_CODES: Final = dict(_all())
KEY_CODES.update({name: KEY_CODES[newer] for name, newer in _OTHER_NAMES.items()})
"""Name to scan code, as the wire has it."""

BREAK: Final = wire_code(0xE046)
"""What Pause says while Ctrl is down."""


def key_code(name: str) -> int:
    """Raises LocalError for a key that no keyboard of a PC has."""
    found = KEY_CODES.get(name)
    if found is None:
        raise LocalError("no key of this name", expected="code of a KeyboardEvent", actual=repr(name[:40]))
    return found
