"""The keys of a connection file that remote-viewer 11 has, and what becomes of those that this client does nothing with.

    OBEYED       what is done as the file says
    UNUSED       key to the reason why nothing is done with it
    unused       those of one file, with their reasons
    too_new      what a file asks of a viewer that this one is not

A group of another name is passed over, as remote-viewer does without oVirt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

__all__ = ["OBEYED", "UNUSED", "too_new", "unused"]

_VIEWER: Final = (11, 0)
"""The version of remote-viewer as which files are read."""

_WINDOW: Final = "there is no window"
_HOTKEY: Final = "there is no window that could take the keyboard"
_USB: Final = "--share-cd and --usbredir name the devices"
_CARD: Final = "--smartcard has the card"

OBEYED: Final = frozenset(
    {
        *("type", "host", "port", "tls-port", "unix-path", "username", "password", "proxy"),
        *("ca", "host-subject", "tls-ciphers", "secure-channels", "disable-channels"),
        *("color-depth", "disable-effects", "delete-this-file", "version", "newer-version-url"),
    }
)

UNUSED: Final[Mapping[str, str]] = {
    "title": _WINDOW,
    "fullscreen": _WINDOW,
    **dict.fromkeys(("toggle-fullscreen", "release-cursor", "zoom-in", "zoom-out", "zoom-reset", "secure-attention"), _HOTKEY),
    "smartcard-insert": f"{_HOTKEY}; the verb card does it",
    "smartcard-remove": f"{_HOTKEY}; the verb card does it",
    "usb-device-reset": _HOTKEY,
    "enable-smartcard": _CARD,
    "enable-usbredir": _USB,
    "enable-usb-autoshare": _USB,
    "usb-filter": _USB,
    "versions": "it is about builds for systems by name, and this is none",
}


def unused(keys: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Keys with which nothing is done, and why."""
    for key in keys:
        if key not in OBEYED:
            yield key, UNUSED.get(key, "remote-viewer has no such key")


def too_new(version: str) -> bool:
    """Whether a file wants a later remote-viewer. Versions are compared number by number, as far as they are numbers."""
    try:
        wanted = tuple([int(part) for part in version.partition("-")[0].split(".")])
    except ValueError:
        return False
    return wanted > _VIEWER
