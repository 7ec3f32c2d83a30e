"""Numbers of the main channel."""

from __future__ import annotations

from spiceproto.enums.base import WireFlags


class MouseMode(WireFlags):
    """Who draws and owns the pointer (SPICE_MOUSE_MODE_*)."""

    SERVER = 1
    CLIENT = 2
