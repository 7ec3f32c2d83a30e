"""The inputs channel: movements and buttons (spec/04-mouse.md), keys and lock keys (spec/13-keyboard.md).

What a movement becomes, :class:`~reference_client.pointing.Pointing` knows. Here is when one may be sent: at most eight that
the server has not acknowledged (SPICE-MOUSE-020). What comes meanwhile adds up, and so nothing is lost when the window is
full (SPICE-MOUSE-021).

Keys that are down are remembered, and go up when the user leaves or the keyboard goes to another window (SPICE-KEY-016,
SPICE-KEY-017). A wish for lock keys is said when the user has it, and when the keyboard comes back; never because of what the
server answers (SPICE-KEY-022). A text is typed a character at a time: the keyboard of a guest has a small memory.
"""

from __future__ import annotations

from collections import deque
from typing import Any, ClassVar, Final

from reference_client.channels.base import ClientChannel, Handlers, Verbs
from reference_client.events import Event
from reference_client.host import Host
from reference_client.line import Line
from spiceproto.enums.capabilities import InputsCapability
from spiceproto.enums.inputs import KeyboardModifierFlags, MouseButton
from spiceproto.errors import LocalError
from spiceproto.messages import inputs
from spiceproto.scan_codes import LEFT_SHIFT, ScanCodes, release_code, scan_codes, typed, wire_code

__all__ = ["BUNCH", "TYPING", "WINDOW", "InputsChannel", "KeyModifiersChanged", "Typed", "mask_of"]

BUNCH: Final = 4
"""Movements that one MOUSE_MOTION_ACK stands for."""

WINDOW: Final = 2 * BUNCH
"""Movements that may be under way."""


TYPING: Final = 0.02
"""Seconds between two characters of a text."""


class Typed(Event, frozen=True, tag="typed"):
    """The last character of a text was typed."""

    characters: int


class KeyModifiersChanged(Event, frozen=True, tag="key-modifiers"):
    """The guest's lock keys are on or off."""

    modifiers: int


def mask_of(button: int) -> int:
    """The bit of a button in ``buttons_state``."""
    return 1 << button - 1 if MouseButton.LEFT <= button <= MouseButton.EXTRA else 0


class InputsChannel(ClientChannel):
    """One inputs channel.

    ``buttons``         those that are down
    ``unacknowledged``  movements that are under way
    ``keys``            scan codes of the keys that are down, as the wire has them, in the order in which they went down
    ``key_modifiers``   lock keys of the guest that are on
    ``wished``          lock keys that its user wants to be on; None for no wish
    """

    def __init__(self, host: Host, line: Line) -> None:
        super().__init__(host, line)
        self.buttons = 0
        self.unacknowledged = 0
        self.keys: dict[int, None] = {}
        self.key_modifiers = 0
        self.wished: int | None = None
        self._codes = ScanCodes()
        self._text: deque[tuple[str, int, bool]] = deque()
        self._characters = 0

    def start(self, now: float) -> None:
        """Movements that wait follow the mode from now on."""
        self.host.pointing.follow(self.flush)

    def end(self, now: float) -> None:
        self.host.pointing.unfollow(self.flush)

    def inherit(self, before: ClientChannel) -> None:
        """What is down is down, and the text that is typed goes on."""
        if isinstance(before, InputsChannel):
            self.buttons, self.keys, self.wished = before.buttons, before.keys, before.wished
            self._codes, self._text, self._characters = before._codes, before._text, before._characters
            self.deadline = before.deadline

    # -- movements

    def motion(self, dx: int, dy: int) -> None:
        """The pointing device moved, right and down."""
        self.host.pointing.move(dx, dy)
        self.flush()

    def position(self, x: int, y: int, display: int = 0) -> None:
        """The pointer is at ``x, y`` of a display."""
        self.host.pointing.place(x, y, display)
        self.flush()

    def flush(self) -> None:
        """Say where the pointer went, as far as the window allows."""
        while self.host.pointing.moved and self.unacknowledged < WINDOW:
            self.unacknowledged += 1
            self.send_movement()

    def send_movement(self) -> None:
        """One movement, of the kind that the mode wants (SPICE-MOUSE-015)."""
        pointing = self.host.pointing
        if pointing.in_client_mode:
            pointing.settle()
            self.send_position()
        else:
            self.send_motion(*pointing.take_motion())

    def send_motion(self, dx: int, dy: int) -> None:
        """MOUSE_MOTION."""
        self.send(inputs.MouseMotion(dx, dy, self.buttons))

    def send_position(self) -> None:
        """MOUSE_POSITION (SPICE-MOUSE-016)."""
        x, y, display = self.host.pointing.at
        self.send(inputs.MousePosition(x=x, y=y, buttons_state=self.buttons, display_id=display))

    def on_motion_ack(self, value: inputs.MouseMotionAck, now: float) -> None:
        """Four more movements came in."""
        self.unacknowledged = max(self.unacknowledged - BUNCH, 0)
        self.flush()

    # -- buttons

    def press(self, button: int = MouseButton.LEFT) -> None:
        """A button goes down, where the pointer is now; ``buttons_state`` is what is down then (SPICE-MOUSE-023)."""
        self.flush()
        self.buttons |= mask_of(button)
        self.send(inputs.MousePress(button, self.buttons))

    def release(self, button: int = MouseButton.LEFT) -> None:
        """A button goes up."""
        self.flush()
        self.buttons &= ~mask_of(button)
        self.send(inputs.MouseRelease(button, self.buttons))

    def wheel(self, steps: int) -> None:
        """The wheel turns, away from the user for ``steps`` above 0: each step is a press and a release (SPICE-MOUSE-022)."""
        button = MouseButton.UP if steps > 0 else MouseButton.DOWN
        for _ in range(abs(steps)):
            self.press(button)
            self.release(button)

    # -- keys

    def key(self, code: int, down: bool = True) -> None:
        """A key goes down or up; ``code`` is the scan code of its press: 0x1E, or 0x11D or 0xE01D for E0 1D."""
        code = wire_code(code)
        self._note(code, down)
        self.send(inputs.KeyDown(code) if down else inputs.KeyUp(release_code(code)))

    def scancode(self, data: bytes | str) -> None:
        """Scan codes as a keyboard gives them, in one message where the server takes that (SPICE-FRAME-005).

        A str has hexadecimal digits. Raises LocalError for a bad one, for no byte and for a zero byte.
        """
        if isinstance(data, str):
            try:
                data = bytes.fromhex(data)
            except ValueError:
                raise LocalError("not scan codes", expected="hexadecimal digits", actual=repr(data[:40])) from None
        if not data or 0 in data:
            raise LocalError("not scan codes", expected="bytes, and none of them zero", actual=data[:20].hex(" ") or "no byte")
        self.send_codes(data)

    def send_codes(self, data: bytes) -> None:
        """Scan codes, by the messages that the server knows."""
        for pressed, down in self._codes.feed(data):
            self._note(int.from_bytes(pressed, "little"), down)
        if self.server_has(InputsCapability.KEY_SCANCODE):
            self.send(inputs.KeyScancode(data))
            return
        for code, down in scan_codes(data):
            self.send(inputs.KeyDown(code) if down else inputs.KeyUp(code))

    def _note(self, code: int, down: bool) -> None:
        if down:
            self.keys[code] = None
        else:
            self.keys.pop(code, None)

    def release_keys(self) -> None:
        """What is down goes up, the last first."""
        while self.keys:
            code, _ = self.keys.popitem()
            self.send(inputs.KeyUp(release_code(code)))

    def focus(self, here: bool) -> None:
        """The keyboard is the client's, or somebody else's: then nothing stays down (SPICE-KEY-017)."""
        if not here:
            self.release_keys()
        elif self.wished is not None and self.wished != self.key_modifiers:
            self.send_wish(self.wished)

    def leave(self, now: float) -> None:
        """The user leaves: nothing stays down (SPICE-KEY-016)."""
        self.release_keys()

    def type(self, text: str) -> None:
        """Type a text as on an American keyboard, a character every 20 ms; :class:`Typed` says when it is done.

        Raises LocalError for a character that is on no key, and nothing is typed then.
        """
        found = [(character, *typed(character)) for character in text]
        if not self._text:
            self._characters = 0
            self.deadline = self.host.now
        self._text += found
        self._characters += len(found)
        self.tick(self.host.now)

    def tick(self, now: float) -> None:
        """The next character is due, or what tells that there is none."""
        if self.deadline is None or now < self.deadline:
            return
        if not self._text:
            self.deadline = None
            self.host.tell(Typed(self._characters))
            return
        character, code, shift = self._text.popleft()
        caps = self.key_modifiers & KeyboardModifierFlags.CAPS_LOCK and character.isalpha()
        data = bytes((code, code | 0x80))
        self.send_codes(bytes((LEFT_SHIFT, *data, LEFT_SHIFT | 0x80)) if shift != bool(caps) else data)
        self.deadline = now + TYPING

    # -- lock keys

    def modifiers(self, flags: int) -> None:
        """Which lock keys should be on: all of them together (SPICE-KEY-025)."""
        self.wished = flags
        self.send_wish(flags)

    def send_wish(self, flags: int) -> None:
        """KEY_MODIFIERS."""
        self.send(inputs.KeyModifiers(flags))

    def state(self, now: float) -> dict[str, Any]:
        return {"key_modifiers": self.key_modifiers}

    def on_init(self, value: inputs.Init, now: float) -> None:
        """The channel's first message."""
        self._set_modifiers(int(value.keyboard_modifiers))

    def on_key_modifiers(self, value: inputs.KeyModifiers, now: float) -> None:
        """The guest's lock keys changed."""
        self._set_modifiers(int(value.modifiers))

    def _set_modifiers(self, flags: int) -> None:
        self.key_modifiers = flags
        self.host.tell(KeyModifiersChanged(flags))

    handlers: ClassVar[Handlers] = {
        inputs.Init: on_init,
        inputs.KeyModifiers: on_key_modifiers,
        inputs.MouseMotionAck: on_motion_ack,
    }
    verbs: ClassVar[Verbs] = {
        "motion": motion,
        "position": position,
        "press": press,
        "release": release,
        "wheel": wheel,
        "key": key,
        "scancode": scancode,
        "modifiers": modifiers,
        "focus": focus,
        "type": type,
    }
