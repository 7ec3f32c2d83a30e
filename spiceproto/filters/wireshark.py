"""What those write who know Wireshark's display filters, and how it is said here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["NAMES", "said_here"]

NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "frame.number": "frame",
        "frame.time_relative": "time",
        "frame.time_epoch": "epoch",
        "tcp.stream": "connection",
        "spice.message_type": "type",
        "spice.message_size": "size",
        "spice.serial": "serial",
        "spice.channel_type": "channel",
        "spice.channel_id": "channel_id",
        "spice.image_type": "image.type",
        "spice.image_flags": "image.flags",
        "spice.image_id": "image.id",
        "spice.image_width": "image.width",
        "spice.image_height": "image.height",
        "spice.keyboard_key_code": "code",
    }
)
"""Wireshark's name to the name of a filter."""

_BELOW: Final = ("eth.", "ip.", "ipv6.", "tcp.")


def said_here(name: str) -> str:
    """What is to be written in the place of one of Wireshark's names; "" if it is none."""
    if name in NAMES:
        return NAMES[name]
    if name.startswith(_BELOW):
        return "connection, a number that decode names with its addresses"
    if name.startswith("spice."):
        return "a field by its name in the specification, without spice. (spiceproto decode --names lists them)"
    return ""
