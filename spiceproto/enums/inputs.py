"""Numbers of the inputs channel."""

from __future__ import annotations

from spiceproto.enums.base import WireEnum, WireFlags


class KeyboardModifierFlags(WireFlags):
    """Lock keys (SPICE_KEYBOARD_MODIFIER_FLAGS_*)."""

    SCROLL_LOCK = 1
    NUM_LOCK = 2
    CAPS_LOCK = 4


class MouseButton(WireEnum):
    """The button that was pressed or released (SPICE_MOUSE_BUTTON_*)."""

    INVALID = 0
    LEFT = 1
    MIDDLE = 2
    RIGHT = 3
    UP = 4
    """The wheel, away from the user."""
    DOWN = 5
    """The wheel, towards the user."""
    SIDE = 6
    EXTRA = 7


class MouseButtonMask(WireFlags):
    """Buttons that are down (SPICE_MOUSE_BUTTON_MASK_*)."""

    LEFT = 1
    MIDDLE = 2
    RIGHT = 4
    UP = 8
    """The wheel, away from the user."""
    DOWN = 16
    """The wheel, towards the user."""
    SIDE = 32
    EXTRA = 64
