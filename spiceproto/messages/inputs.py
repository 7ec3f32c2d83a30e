"""Values of inputs. Made from spiceproto/schema/inputs.py by ``python -m spiceproto.derive``; do not edit."""

from __future__ import annotations

import msgspec

from spiceproto.enums.inputs import KeyboardModifierFlags, MouseButton, MouseButtonMask


class Init(msgspec.Struct, frozen=True, gc=False):
    """First message of the channel.

    * ``keyboard_modifiers`` uint16: Lock keys that are on
    """

    keyboard_modifiers: KeyboardModifierFlags | int


class KeyModifiers(msgspec.Struct, frozen=True, gc=False):
    """From the server the state of the guest's lock keys, from the client the state it would like.

    * ``modifiers`` uint16: Lock keys that are on, or should be
    """

    modifiers: KeyboardModifierFlags | int


class MouseMotionAck(msgspec.Struct, frozen=True, gc=False):
    """Four more of MOUSE_MOTION and MOUSE_POSITION came in."""


class KeyDown(msgspec.Struct, frozen=True, gc=False):
    """A key went down.

    * ``code`` uint32: Scan code of the press, first byte lowest
    """

    code: int


class KeyUp(msgspec.Struct, frozen=True, gc=False):
    """A key went up.

    * ``code`` uint32: Scan code of the release, first byte lowest
    """

    code: int


class KeyScancode(msgspec.Struct, frozen=True, gc=False):
    """Keys went down or up.

    * ``data`` bytes: Scan codes, any number of presses and releases
    """

    data: bytes


class MouseMotion(msgspec.Struct, frozen=True, gc=False):
    """The mouse was moved, in SERVER mouse mode.

    * ``dx`` int32: To the right (pixel)
    * ``dy`` int32: Downwards (pixel)
    * ``buttons_state`` uint16: Buttons that are down
    """

    dx: int
    dy: int
    buttons_state: MouseButtonMask | int


class MousePosition(msgspec.Struct, frozen=True, gc=False):
    """The pointer is somewhere else, in CLIENT mouse mode.

    * ``x`` uint32: Position from the left edge (pixel)
    * ``y`` uint32: Position from the top edge (pixel)
    * ``buttons_state`` uint16: Buttons that are down
    * ``display_id`` uint8: Which display channel, or which of the heads on one
    """

    x: int
    y: int
    buttons_state: MouseButtonMask | int
    display_id: int


class MousePress(msgspec.Struct, frozen=True, gc=False):
    """A button went down.

    * ``button`` uint8: The button; the wheel is UP and DOWN
    * ``buttons_state`` uint16: Buttons that are down
    """

    button: MouseButton | int
    buttons_state: MouseButtonMask | int


class MouseRelease(msgspec.Struct, frozen=True, gc=False):
    """A button went up.

    * ``button`` uint8: The button; the wheel is UP and DOWN
    * ``buttons_state`` uint16: Buttons that are down
    """

    button: MouseButton | int
    buttons_state: MouseButtonMask | int
