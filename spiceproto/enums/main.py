"""Numbers of the main channel."""

from __future__ import annotations

from spiceproto.enums.base import WireFlags


class MouseMode(WireFlags):
    """Who moves the pointer (SPICE_MOUSE_MODE_*)."""

    SERVER = 1
    """The guest moves the pointer: the client sends movements."""
    CLIENT = 2
    """The client moves the pointer: it sends positions."""
