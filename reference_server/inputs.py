"""The inputs channel: keys, movements, buttons, lock keys; and the acknowledgement of movements.

A movement of the kind that the mouse mode does not want has no effect, but counts: the client may have sent it before it
heard of the mode. What is down when the channel goes away goes up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from reference_server.member import Handlers, Member, Session
from spiceproto.enums.inputs import MouseButton
from spiceproto.enums.main import MouseMode
from spiceproto.link.events import Established
from spiceproto.messages import inputs
from spiceproto.transport import Connection

if TYPE_CHECKING:
    from reference_server.server import Server

__all__ = ["MOVEMENTS", "InputsMember", "Keyboard"]

MOVEMENTS: Final = 4
"""Movements of either kind for one MOUSE_MOTION_ACK."""

_WHEEL: Final = {MouseButton.UP: -1, MouseButton.DOWN: 1}
_BUTTONS: Final = frozenset(MouseButton) - {MouseButton.INVALID, *_WHEEL}

_LONGER: Final = {0xE0: 2, 0xE1: 3}
"""First byte of a scan code to its length, where that is not 1."""

_BREAK: Final = 0x80


class Keyboard:
    """Makes keys of a stream of scan codes (set 1), whatever pieces they come in.

    A scan code is one byte; two behind 0xe0, three behind 0xe1. Its last byte has the highest bit set for a release.
    """

    def __init__(self) -> None:
        self._code = b""

    def feed(self, data: bytes) -> list[tuple[bytes, bool]]:
        """Scan codes of presses, and whether the key went down."""
        found = []
        for byte in data:
            self._code += bytes([byte])
            if len(self._code) < _LONGER.get(self._code[0], 1):
                continue
            code, self._code = self._code, b""
            found.append((code[:-1] + bytes([code[-1] & ~_BREAK]), not code[-1] & _BREAK))
        return found


class InputsMember(Member):
    """``held_keys`` and ``held_buttons`` are what the client holds down."""

    table = "inputs"

    def __init__(self, server: Server, connection: Connection, session: Session, established: Established) -> None:
        super().__init__(server, connection, session, established)
        self.held_keys: dict[bytes, None] = {}
        self.held_buttons: dict[int, None] = {}
        self._keyboard = Keyboard()
        self._movements = 0

    def begin(self, now: float) -> None:
        self.send(inputs.Init(self.server.guest.locks))

    def locks(self) -> inputs.KeyModifiers:
        """KEY_MODIFIERS as it is now."""
        return inputs.KeyModifiers(self.server.guest.locks)

    def ended(self) -> None:
        guest = self.server.guest
        for code in self.held_keys:
            guest.key(code, False)
        for button in self.held_buttons:
            guest.button(button, False)
        self.held_keys.clear()
        self.held_buttons.clear()

    # -- keys

    def _key(self, value: inputs.KeyDown | inputs.KeyUp, now: float) -> None:
        # A zero byte ends the code.
        self.type(value.code.to_bytes(4, "little").partition(b"\0")[0])

    def _key_scancode(self, value: inputs.KeyScancode, now: float) -> None:
        self.type(value.data)

    def type(self, data: bytes) -> None:
        """Hand scan codes to the guest."""
        for code, down in self._keyboard.feed(data):
            if down:
                self.held_keys[code] = None
            else:
                self.held_keys.pop(code, None)
            self.server.guest.key(code, down)

    def _key_modifiers(self, value: inputs.KeyModifiers, now: float) -> None:
        self.server.guest.modifiers(int(value.modifiers))

    # -- movements

    def _motion(self, value: inputs.MouseMotion, now: float) -> None:
        if self.server.mouse_mode == MouseMode.SERVER:
            self.server.guest.motion(value.dx, value.dy, int(value.buttons_state))
        self.acknowledge()

    def _position(self, value: inputs.MousePosition, now: float) -> None:
        if self.server.mouse_mode == MouseMode.CLIENT:
            self.server.guest.position(value.x, value.y, value.display_id, int(value.buttons_state))
        self.acknowledge()

    def acknowledge(self) -> None:
        """Count a movement, and say so if it is the fourth."""
        self._movements += 1
        if self._movements >= self.server.movements:
            self._movements = 0
            self.send(inputs.MouseMotionAck())

    # -- buttons

    def _press(self, value: inputs.MousePress, now: float) -> None:
        if value.button in _WHEEL:
            # What follows is the release of a button that is no button.
            self.server.guest.wheel(_WHEEL[MouseButton(value.button)])
        elif value.button in _BUTTONS:
            self.held_buttons[int(value.button)] = None
            self.server.guest.button(value.button, True)

    def _release(self, value: inputs.MouseRelease, now: float) -> None:
        if value.button in _BUTTONS:
            self.held_buttons.pop(int(value.button), None)
            self.server.guest.button(value.button, False)

    handlers: ClassVar[Handlers] = {
        inputs.KeyDown: _key,
        inputs.KeyUp: _key,
        inputs.KeyScancode: _key_scancode,
        inputs.KeyModifiers: _key_modifiers,
        inputs.MouseMotion: _motion,
        inputs.MousePosition: _position,
        inputs.MousePress: _press,
        inputs.MouseRelease: _release,
    }
