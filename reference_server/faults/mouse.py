"""Faults of mouse mode and movements (chapter 4)."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from reference_server.faults.fault import fault
from reference_server.inputs import InputsMember
from reference_server.main import MainMember
from reference_server.member import Handlers, Member
from reference_server.server import Server
from spiceproto.enums.main import MouseMode
from spiceproto.messages import inputs, main

_BOTH = MouseMode.SERVER | MouseMode.CLIENT

# -- mode, SPICE-MOUSE-001 to 010


@fault("both-modes-at-once", "SPICE-MOUSE-001")
class BothModesAtOnce(MainMember):
    """Names both modes as the current one in INIT, where both are supported."""

    def init(self, now: float) -> main.Init:
        init = super().init(now)
        return msgspec.structs.replace(init, current_mouse_mode=init.supported_mouse_modes)


@fault("server-mode-not-supported", "SPICE-MOUSE-001")
class ServerModeNotSupported(MainMember):
    """Says in INIT that SERVER is not among the supported modes."""

    def init(self, now: float) -> main.Init:
        return msgspec.structs.replace(super().init(now), supported_mouse_modes=MouseMode.CLIENT)


@fault("no-mode", "SPICE-MOUSE-001")
class NoMode(MainMember):
    """Has no current mode in INIT."""

    def init(self, now: float) -> main.Init:
        return msgspec.structs.replace(super().init(now), current_mouse_mode=MouseMode(0))


@fault("changes-the-mode-in-silence", "SPICE-MOUSE-003")
class ChangesTheModeInSilence(Server):
    """Does not send MOUSE_MODE."""

    def announce_modes(self) -> None:
        pass


@fault("new-support-in-silence", "SPICE-MOUSE-003")
class NewSupportInSilence(Server):
    """Sends MOUSE_MODE when the mode changes, but not when the supported modes do."""

    def set_modes(self, supported: MouseMode, mode: MouseMode) -> None:
        if mode == self.mouse_mode:
            self.supported_modes = supported
        super().set_modes(supported, mode)


@fault("grants-no-mode", "SPICE-MOUSE-005")
class GrantsNoMode(Server):
    """Ignores every request for a mode."""

    def request_mouse_mode(self, mode: int) -> None:
        pass


@fault("grants-any-mode", "SPICE-MOUSE-006", "SPICE-MOUSE-001")
class GrantsAnyMode(Server):
    """Changes to any mode that a client asks for."""

    def request_mouse_mode(self, mode: int) -> None:
        self.set_modes(self.supported_modes, MouseMode(mode))


@fault("closes-for-a-bad-mode", "SPICE-MOUSE-006")
class ClosesForABadMode(Server):
    """Ends the session of a client that asks for a mode which is not supported."""

    def handle(self, member: Member, value: Any) -> None:
        if isinstance(value, main.MouseModeRequest) and int(value.mode) not in {*self.supported_modes}:
            self.drop(member, "no such mode")
        else:
            super().handle(member, value)


@fault("keeps-an-unsupported-mode", "SPICE-MOUSE-009", "SPICE-MOUSE-001")
class KeepsAnUnsupportedMode(Server):
    """Stays in mode CLIENT when that ceases to be supported."""

    def update_modes(self) -> None:
        self.set_modes(self.find_supported_modes(), self.mouse_mode)


@fault("leaves-client-mode-in-two-steps", "SPICE-MOUSE-009", "SPICE-MOUSE-001")
class LeavesClientModeInTwoSteps(Server):
    """Says first that CLIENT is not supported any more, and then that SERVER is the mode."""

    def update_modes(self) -> None:
        self.set_modes(self.find_supported_modes(), self.mouse_mode)
        super().update_modes()


@fault("never-client-mode", "SPICE-MOUSE-010")
class NeverClientMode(Server):
    """Does not support CLIENT, whatever the guest has."""

    def find_supported_modes(self) -> MouseMode:
        return MouseMode.SERVER


@fault("always-client-mode", "SPICE-MOUSE-010")
class AlwaysClientMode(Server):
    """Supports CLIENT, whatever the guest has."""

    def find_supported_modes(self) -> MouseMode:
        return _BOTH


# -- movements, SPICE-MOUSE-014 to 019


def _is_wrong(member: Member, value: Any) -> bool:
    """Whether it is a movement of the kind that the mode does not want."""
    wanted = inputs.MouseMotion if member.server.mouse_mode == MouseMode.SERVER else inputs.MousePosition
    return isinstance(value, inputs.MouseMotion | inputs.MousePosition) and not isinstance(value, wanted)


@fault("closes-for-the-wrong-movement", "SPICE-MOUSE-014")
class ClosesForTheWrongMovement(Server):
    """Closes inputs because of a movement of the other kind."""

    def handle(self, member: Member, value: Any) -> None:
        if _is_wrong(member, value):
            self.drop(member, "the wrong kind of movement")
        else:
            super().handle(member, value)


@fault("does-not-count-the-wrong-movement", "SPICE-MOUSE-014", "SPICE-MOUSE-018")
class DoesNotCountTheWrongMovement(Server):
    """Ignores a movement of the other kind for the acknowledgement, too."""

    def handle(self, member: Member, value: Any) -> None:
        if not _is_wrong(member, value):
            super().handle(member, value)


@fault("obeys-the-wrong-movement", "SPICE-MOUSE-014")
class ObeysTheWrongMovement(InputsMember):
    """Moves the guest's pointer in either way, whatever the mode is."""

    def _move(self, value: inputs.MouseMotion, now: float) -> None:
        self.server.guest.motion(value.dx, value.dy, int(value.buttons_state))
        self.acknowledge()

    def _place(self, value: inputs.MousePosition, now: float) -> None:
        self.server.guest.position(value.x, value.y, value.display_id, int(value.buttons_state))
        self.acknowledge()

    handlers: ClassVar[Handlers] = InputsMember.handlers | {inputs.MouseMotion: _move, inputs.MousePosition: _place}


@fault("motion-ack-every-five", "SPICE-MOUSE-018")
class MotionAckEveryFive(Server):
    """Sends MOUSE_MOTION_ACK for every five movements."""

    movements = 5


@fault("motion-ack-never", "SPICE-MOUSE-018")
class MotionAckNever(InputsMember):
    """Sends no MOUSE_MOTION_ACK."""

    def acknowledge(self) -> None:
        pass


@fault("kinds-counted-apart", "SPICE-MOUSE-018")
class KindsCountedApart(InputsMember):
    """Counts motions and positions apart."""

    _positions = 0

    def _apart(self, value: inputs.MousePosition, now: float) -> None:
        motions, self._movements = self._movements, self._positions
        self._position(value, now)
        self._positions, self._movements = self._movements, motions

    handlers: ClassVar[Handlers] = InputsMember.handlers | {inputs.MousePosition: _apart}


@fault("motion-ack-every-three", "SPICE-MOUSE-019", "SPICE-MOUSE-018")
class MotionAckEveryThree(Server):
    """Sends MOUSE_MOTION_ACK for every three movements."""

    movements = 3
