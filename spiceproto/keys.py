"""Whether KEY_DOWN and KEY_UP have scan codes as a keyboard gives them.

A scan code is one byte, or more behind E0 or E1; its last byte has bit 7 set for a release. Zero bytes behind it are room.
What stands in KEY_SCANCODE is a row of codes that may be cut anywhere, and is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from spiceproto.finding import Finding

__all__ = ["REQUIREMENTS", "judge"]

_ORDER, _RELEASE = "SPICE-MOUSE-025", "SPICE-MOUSE-026"

REQUIREMENTS: Final = {
    _ORDER: "is about the bytes of one field",
    _RELEASE: "is about the bits of one field",
}
"""Sentences that are judged here, and why no machine can."""

_PREFIXES: Final = (0xE0, 0xE1)
_RELEASED: Final = 0x80


def judge(channel: tuple[int, int], name: str, value: Any, now: float) -> Iterator[Finding]:
    """What is wrong with a message of a client on an inputs channel."""
    if name not in ("KEY_DOWN", "KEY_UP") or value is None:
        return
    data = int(value.code).to_bytes(4, "little").rstrip(b"\0")
    if not data:
        return  # that there is no code is found elsewhere
    found = data.hex(" ")
    if len(data) > 1 and data[-1] in _PREFIXES:
        text = f"{name} with a prefix behind its scan code"
        yield Finding(_ORDER, "client", channel, text, f"{data[-1]:02x} first", found, now)
    elif bool(data[-1] & _RELEASED) != (name == "KEY_UP") and data[-1] not in _PREFIXES:
        text = f"{name} with the scan code of a {'press' if name == 'KEY_UP' else 'release'}"
        wanted = f"bit 7 of the last byte {'set' if name == 'KEY_UP' else 'clear'}"
        yield Finding(_RELEASE, "client", channel, text, wanted, found, now)
