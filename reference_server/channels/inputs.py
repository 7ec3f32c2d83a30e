"""The inputs channel: keys, movements, buttons, lock keys; and the acknowledgement of movements.

A movement of the kind that the mouse mode does not want has no effect, but counts: the client may have sent it before it
heard of the mode (SPICE-MOUSE-014). In client mode the agent moves the pointer, if there is one, and presses its buttons. What
is down when the channel goes away goes up.

A session that leaves for another server takes along what is down, and its movements without an acknowledgement; it says nothing
of them there (SPICE-MIG-050, SPICE-MIG-051). What a client says after the guest has gone, and before it has heard of that, is
passed on: there it comes before what the client says to the destination, which waits for it a little.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

import msgspec

from reference_server.channels import moving
from reference_server.channels.base import Handler, Handlers, ServerChannel
from reference_server.departure import Late
from reference_server.guest import LocksChanged
from reference_server.host import Host
from reference_server.line import Line
from reference_server.session import Notice, Session
from spiceproto import dispatch
from spiceproto.enums.common import NotifySeverity
from spiceproto.enums.inputs import MouseButton
from spiceproto.enums.main import MouseMode
from spiceproto.link.events import Established
from spiceproto.messages import inputs, migration
from spiceproto.scan_codes import ScanCodes

__all__ = ["InputsChannel"]

_WHEEL: Final = {MouseButton.UP: -1, MouseButton.DOWN: 1}
_BUTTONS: Final = frozenset(MouseButton) - {MouseButton.INVALID, *_WHEEL}


def _bit(button: int) -> int:
    """Of a button in the masks of this channel (:class:`spiceproto.enums.inputs.MouseButtonMask`)."""
    return 1 << button - 1


_LATE: Final = 2.0
"""Seconds for which the destination waits for what was said at the source."""

_WAITING: Final = 10_000
"""Messages that wait meanwhile."""


class Down(msgspec.Struct, frozen=True):
    """What a client holds down, where it has pointed (x, y, display), half a scan code; whether what it says too late comes."""

    keys: tuple[bytes, ...]
    buttons: tuple[int, ...]
    at: tuple[int, int, int]
    half: bytes
    late: bool


class InputsChannel(ServerChannel):
    """``held_keys`` and ``held_buttons`` are what the client holds down, ``moved`` its movements without an acknowledgement."""

    carried = migration.Inputs
    movements: ClassVar[int] = 4
    """So many of either kind are acknowledged together (SPICE-MOUSE-018)."""

    def __init__(self, host: Host, line: Line, session: Session, established: Established) -> None:
        super().__init__(host, line, session, established)
        self.held_keys: dict[bytes, None] = {}
        self.held_buttons: dict[int, None] = {}
        self._scan_codes = ScanCodes()
        self.moved = 0
        self._pointed_at = (0, 0, 0)
        self._early: list[Any] | None = None
        self._until = 0.0

    def start(self, now: float) -> None:
        self.send(inputs.Init(self.host.guest.keyboard.locks))
        self._begin()

    def _begin(self) -> None:
        self.watch(self.host.guest.keyboard, self._locks_changed, LocksChanged)
        if not self.line.connection.secure:
            text = "the inputs channel has no TLS, and others may read what is typed"
            self.session.tell(Notice(text, NotifySeverity.WARN))

    def _locks_changed(self, news: LocksChanged) -> None:
        self.send(inputs.KeyModifiers(news.locks))

    # -- migration

    def pack(self, now: float) -> migration.Inputs:
        self.host.pass_on(self.session.id, Late(self.line.key, None))
        return migration.Inputs(header=moving.header(migration.Inputs), motion_count=self.moved)

    def beside(self) -> Down:
        return Down(
            keys=tuple(self.held_keys),
            buttons=tuple(self.held_buttons),
            at=self._pointed_at,
            half=self._scan_codes.rest,
            late=self.host.passes_on,
        )

    def late(self, value: Any, now: float) -> None:
        """The guest is elsewhere, and gets it there."""
        self.host.pass_on(self.session.id, Late(self.line.key, dispatch.build("inputs", "client", value)))

    def go_on(self, data: migration.Inputs, now: float) -> None:
        self.begin_there()
        self.moved = data.motion_count % self.movements
        for _ in range(data.motion_count // self.movements):
            self.send(inputs.MouseMotionAck())
        down = self.brought(Down)
        if down is not None:
            self.held_keys = dict.fromkeys(down.keys)
            self.held_buttons = dict.fromkeys(down.buttons)
            self._scan_codes.rest = down.half
            self._pointed_at = down.at
            if down.late:
                self._early = []
                self._until = now + _LATE
                self.watch(self.session, self._late_comes, Late)
                for late in tuple(self.session.late):
                    self._late_comes(late)

    def begin_there(self) -> None:
        """The first message of a link is INIT, at a destination too (SPICE-INPUTS-001): the lock keys may be others by now."""
        self.send(inputs.Init(self.host.guest.keyboard.locks))
        self._begin()

    def _late_comes(self, news: Late) -> None:
        """Something that was said at the source, or that it was all: now it is the turn of what was said here."""
        now = self.host.now
        if news.key != self.line.key or self._early is None:
            return
        if news.message is not None:
            super().handle(dispatch.parse("inputs", "client", *news.message), now)
            return
        early, self._early = self._early, None
        for value in early:
            self.handle(value, now)

    def handle(self, value: Any, now: float) -> None:
        if self._early is None or self.line.left:
            super().handle(value, now)
        elif len(self._early) < _WAITING:
            self._early.append(value)

    @property
    def deadline(self) -> float | None:
        return None if self._early is None else self._until

    def tick(self, now: float) -> None:
        if self._early is not None and now >= self._until:
            self._late_comes(Late(self.line.key, None))

    def end(self, now: float) -> None:
        super().end(now)
        guest = self.host.guest
        self.release_keys()
        held, self.held_buttons = self.held_buttons, {}
        if self._through_agent:
            if held:
                self._tell_agent()
        else:
            for button in held:
                guest.pointer.button(button, False)

    # -- keys

    def release_keys(self) -> None:
        """What is down goes up (SPICE-KEY-014, SPICE-KEY-015)."""
        for code in self.held_keys:
            self.host.guest.keyboard.key(code, False)
        self.held_keys.clear()

    def _key(self, value: inputs.KeyDown | inputs.KeyUp, now: float) -> None:
        self.type(self.bytes_of(value))

    def bytes_of(self, value: inputs.KeyDown | inputs.KeyUp) -> bytes:
        """The scan code, the lowest byte first, up to the first that is zero (SPICE-KEY-001)."""
        code = value.code
        return code.to_bytes(1, "little") if 0 < code < 256 else code.to_bytes(4, "little").partition(b"\0")[0]

    def _key_scancode(self, value: inputs.KeyScancode, now: float) -> None:
        # No key has a zero byte; who sends one has taken it for the end of a code.
        self.type(value.data.replace(b"\0", b""))

    def type(self, data: bytes) -> None:
        """Hand scan codes to the guest, whatever pieces they come in (SPICE-KEY-006)."""
        for code, down in self._scan_codes.feed(data):
            self.hand_on(code, down)

    def hand_on(self, code: bytes, down: bool) -> None:
        """A key goes down, once more or for the first time, or up: ``code`` is the scan code of its press."""
        if down:
            self.held_keys[code] = None
        else:
            self.held_keys.pop(code, None)
        self.host.guest.keyboard.key(code, down)

    def _key_modifiers(self, value: inputs.KeyModifiers, now: float) -> None:
        self.wish(int(value.modifiers))

    def wish(self, locks: int) -> None:
        """A wish for lock keys (SPICE-KEY-020); other bits mean nothing (SPICE-KEY-024)."""
        self.host.guest.keyboard.modifiers(locks)

    # -- movements

    def _motion(self, value: inputs.MouseMotion, now: float) -> None:
        if self.host.modes.mode == MouseMode.SERVER:
            self.host.guest.pointer.motion(value.dx, value.dy, int(value.buttons_state))
        self.acknowledge()

    def _position(self, value: inputs.MousePosition, now: float) -> None:
        if self.host.modes.mode == MouseMode.CLIENT:
            if self.host.agent.points:
                self._pointed_at = (value.x, value.y, value.display_id)
                self._tell_agent()
            else:
                self.host.guest.pointer.position(value.x, value.y, value.display_id, int(value.buttons_state))
        self.acknowledge()

    def acknowledge(self) -> None:
        """Count a movement, and say so if it is the fourth (SPICE-MOUSE-018, SPICE-MOUSE-019)."""
        self.moved += 1
        if self.moved >= self.movements:
            self.moved = 0
            self.send(inputs.MouseMotionAck())

    # -- buttons

    def _press(self, value: inputs.MousePress, now: float) -> None:
        if value.button in _WHEEL:
            # What follows is the release of a button that is no button.
            if self._through_agent:
                self._tell_agent(_bit(value.button))
                self._tell_agent()
            else:
                self.host.guest.pointer.wheel(_WHEEL[MouseButton(value.button)])
        elif value.button in _BUTTONS:
            self.held_buttons[int(value.button)] = None
            self._button(value.button, True)

    def _release(self, value: inputs.MouseRelease, now: float) -> None:
        if value.button in _BUTTONS:
            self.held_buttons.pop(int(value.button), None)
            self._button(value.button, False)

    def _button(self, button: int, down: bool) -> None:
        if self._through_agent:
            self._tell_agent()
        else:
            self.host.guest.pointer.button(button, down)

    # -- the agent

    @property
    def _through_agent(self) -> bool:
        return self.host.modes.mode == MouseMode.CLIENT and self.host.agent.points

    def _tell_agent(self, wheel: int = 0) -> None:
        """Where the pointer is, and which buttons are down."""
        x, y, display = self._pointed_at
        buttons = sum([_bit(button) for button in self.held_buttons])
        self.host.agent.point(x, y, buttons | wheel, display)

    handlers: ClassVar[Handlers] = {
        inputs.KeyDown: Handler(_key),
        inputs.KeyUp: Handler(_key),
        inputs.KeyScancode: Handler(_key_scancode),
        inputs.KeyModifiers: Handler(_key_modifiers),
        inputs.MouseMotion: Handler(_motion),
        inputs.MousePosition: Handler(_position),
        inputs.MousePress: Handler(_press),
        inputs.MouseRelease: Handler(_release),
    }
