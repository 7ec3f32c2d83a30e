"""The inputs channel: keys, movements, buttons (spec/04-mouse.md).

Movements are of the kind that the mouse mode wants. The client remembers where the pointer is (``at``) and how far it went
since it last said so, and makes of that a MOUSE_MOTION or a MOUSE_POSITION when it may send one: at most eight that the
server has not acknowledged. What comes meanwhile adds up, and so nothing is lost when the window is full or the mode changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Final

from reference_client import events
from reference_client.part import Part
from spiceproto.enums.capabilities import InputsCapability
from spiceproto.enums.inputs import MouseButton
from spiceproto.messages import inputs

if TYPE_CHECKING:
    from reference_client.client import Client
    from reference_client.member import Member

__all__ = ["BUNCH", "WINDOW", "Inputs", "mask_of", "release_code", "scan_codes", "wire_code"]

BUNCH: Final = 4
"""Movements that one MOUSE_MOTION_ACK stands for."""

WINDOW: Final = 2 * BUNCH
"""Movements that may be under way."""

_INT32: Final = 0x7FFFFFFF
_RELEASED: Final = 0x80
_PREFIXES: Final = (0xE0, 0xE1)


def mask_of(button: int) -> int:
    """The bit of a button in ``buttons_state``."""
    return 1 << button - 1 if MouseButton.LEFT <= button <= MouseButton.EXTRA else 0


def wire_code(code: int) -> int:
    """A scan code as the wire has it, first byte lowest, from any of the ways to write one.

    E0 1D is 0x1DE0 on the wire, 0xE01D where the first byte is written first, and 0x11D in spice-gtk.
    """
    if code >> 8 == 0xE0:
        return 0xE0 | (code & 0xFF) << 8
    if 0x100 <= code < 0x180:
        return 0xE0 | (code & 0x7F) << 8
    return code


def release_code(code: int) -> int:
    """Scan code of the release of a key, from that of its press: bit 7 of its last byte."""
    size = max((code.bit_length() + 7) // 8, 1)
    return code | _RELEASED << 8 * (size - 1)


def scan_codes(data: bytes) -> Iterator[tuple[int, bool]]:
    """The single codes in a row of scan codes, and whether each is a press."""
    code = at = 0
    for byte in data:
        code |= byte << 8 * at
        at += 1
        if byte in _PREFIXES and at == 1:
            continue
        yield code, not byte & _RELEASED
        code = at = 0
    if at:
        yield code, True


def _clamped(value: int) -> int:
    return max(-_INT32, min(_INT32, value))


class Inputs(Part):
    """``buttons`` are down, ``at`` is where the pointer is (x, y, display), ``unacknowledged`` movements are under way."""

    def __init__(self, client: Client, member: Member) -> None:
        super().__init__(client, member)
        self.buttons = 0
        self.at = (0, 0, 0)
        self.unacknowledged = 0
        self.key_modifiers = 0
        self.moved = False
        self._dx = 0
        self._dy = 0

    # -- movements

    def motion(self, dx: int, dy: int) -> None:
        """The pointing device moved."""
        x, y, display = self.at
        width, height = self.client.surface_size(display)
        self.at = (max(0, min(width - 1, x + dx)), max(0, min(height - 1, y + dy)), display)
        self._move(dx, dy)

    def position(self, x: int, y: int, display: int = 0) -> None:
        """The pointer is at ``x, y`` of a display."""
        x, y = max(0, min(0xFFFFFFFF, x)), max(0, min(0xFFFFFFFF, y))
        old_x, old_y, _ = self.at
        self.at = (x, y, display)
        self._move(x - old_x, y - old_y)

    def _move(self, dx: int, dy: int) -> None:
        self._dx += dx
        self._dy += dy
        self.moved = True
        self.flush()

    def flush(self) -> None:
        """Say where the pointer went, as far as the window allows."""
        while self.moved and self.unacknowledged < WINDOW:
            self.unacknowledged += 1
            self.send_movement()

    def send_movement(self) -> None:
        """One movement, of the kind that the mode wants."""
        if self.client.in_client_mode:
            self.moved, self._dx, self._dy = False, 0, 0
            self.send_position()
        else:
            dx, dy = _clamped(self._dx), _clamped(self._dy)
            self._dx -= dx
            self._dy -= dy
            self.moved = bool(self._dx or self._dy)
            self.send_motion(dx, dy)

    def send_motion(self, dx: int, dy: int) -> None:
        """MOUSE_MOTION."""
        self.send(inputs.MouseMotion(dx, dy, self.buttons))

    def send_position(self) -> None:
        """MOUSE_POSITION."""
        x, y, display = self.at
        self.send(inputs.MousePosition(x, y, self.buttons, display))

    def on_motion_ack(self, value: inputs.MouseMotionAck) -> None:
        """Four more movements came in."""
        self.unacknowledged = max(self.unacknowledged - BUNCH, 0)
        self.flush()

    # -- buttons

    def press(self, button: int) -> None:
        """A button goes down, where the pointer is now."""
        self.flush()
        self.buttons |= mask_of(button)
        self.send(inputs.MousePress(button, self.buttons))

    def release(self, button: int) -> None:
        """A button goes up."""
        self.flush()
        self.buttons &= ~mask_of(button)
        self.send(inputs.MouseRelease(button, self.buttons))

    def wheel(self, steps: int) -> None:
        """The wheel turns, away from the user for ``steps`` above 0."""
        button = MouseButton.UP if steps > 0 else MouseButton.DOWN
        for _ in range(abs(steps)):
            self.press(button)
            self.release(button)

    # -- keys

    def key(self, code: int, down: bool) -> None:
        """A key goes down or up; ``code`` is the scan code of its press, in any form that :func:`wire_code` knows."""
        code = wire_code(code)
        self.send(inputs.KeyDown(code) if down else inputs.KeyUp(release_code(code)))

    def scancode(self, data: bytes) -> None:
        """Scan codes as a keyboard gives them, in one message where the server takes that."""
        if self.client.server_has(self.member, InputsCapability.KEY_SCANCODE):
            self.send(inputs.KeyScancode(data))
            return
        for code, down in scan_codes(data):
            self.send(inputs.KeyDown(code) if down else inputs.KeyUp(code))

    def modifiers(self, flags: int) -> None:
        """Which lock keys should be on."""
        self.send(inputs.KeyModifiers(flags))

    def on_init(self, value: inputs.Init) -> None:
        """The channel's first message."""
        self._set_modifiers(int(value.keyboard_modifiers))

    def on_key_modifiers(self, value: inputs.KeyModifiers) -> None:
        """The guest's lock keys changed."""
        self._set_modifiers(int(value.modifiers))

    def _set_modifiers(self, flags: int) -> None:
        self.key_modifiers = flags
        self.client.tell(events.KeyModifiersChanged(flags))

    actions: ClassVar[Mapping[type, str]] = {
        inputs.Init: "on_init",
        inputs.KeyModifiers: "on_key_modifiers",
        inputs.MouseMotionAck: "on_motion_ack",
    }
