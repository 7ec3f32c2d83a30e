"""Faults of mouse mode and movements (spec/04-mouse.md)."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from reference_server.channels.base import Handler, Handlers
from reference_server.channels.inputs import InputsChannel
from reference_server.channels.main import MainChannel
from reference_server.faults.fault import fault
from reference_server.pointing import MouseModes
from spiceproto.enums.main import MouseMode
from spiceproto.messages import inputs, main

_BOTH = MouseMode.SERVER | MouseMode.CLIENT

# -- mode, SPICE-MOUSE-001 to 010


@fault("both-modes-at-once", "SPICE-MOUSE-001")
class BothModesAtOnce(MainChannel):
    """Names both modes as the current one in INIT, where both are supported."""

    def init(self, now: float) -> main.Init:
        init = super().init(now)
        return msgspec.structs.replace(init, current_mouse_mode=init.supported_mouse_modes)


@fault("server-mode-not-supported", "SPICE-MOUSE-001")
class ServerModeNotSupported(MainChannel):
    """Says in INIT that SERVER is not among the supported modes."""

    def init(self, now: float) -> main.Init:
        return msgspec.structs.replace(super().init(now), supported_mouse_modes=MouseMode.CLIENT)


@fault("no-mode", "SPICE-MOUSE-001")
class NoMode(MainChannel):
    """Has no current mode in INIT."""

    def init(self, now: float) -> main.Init:
        return msgspec.structs.replace(super().init(now), current_mouse_mode=MouseMode(0))


@fault("changes-the-mode-in-silence", "SPICE-MOUSE-003")
class ChangesTheModeInSilence(MouseModes):
    """Does not send MOUSE_MODE."""

    def announce(self) -> None:
        pass


@fault("new-support-in-silence", "SPICE-MOUSE-003")
class NewSupportInSilence(MouseModes):
    """Sends MOUSE_MODE when the mode changes, but not when the supported modes do."""

    def change(self, supported: MouseMode, mode: MouseMode) -> None:
        if mode == self.mode:
            self.supported = supported
        super().change(supported, mode)


@fault("grants-no-mode", "SPICE-MOUSE-005")
class GrantsNoMode(MouseModes):
    """Ignores every request for a mode."""

    def request(self, mode: int) -> None:
        pass


@fault("grants-no-mode-before-the-list", "SPICE-MOUSE-005")
class GrantsNoModeBeforeTheList(MainChannel):
    """Ignores a request for a mode from a client that has not asked for the list of channels."""

    handlers: ClassVar[Handlers] = {
        **MainChannel.handlers,
        main.MouseModeRequest: Handler(MainChannel._mouse_mode_request, ("listed",)),
    }


@fault("grants-any-mode", "SPICE-MOUSE-006", "SPICE-MOUSE-001")
class GrantsAnyMode(MouseModes):
    """Changes to any mode that a client asks for."""

    def request(self, mode: int) -> None:
        self.change(self.supported, MouseMode(mode))


@fault("takes-both-modes-for-client", "SPICE-MOUSE-006")
class TakesBothModesForClient(MouseModes):
    """Takes a request for both modes at once for one for CLIENT."""

    def request(self, mode: int) -> None:
        super().request(MouseMode.CLIENT if mode == MouseMode.SERVER | MouseMode.CLIENT else mode)


@fault("closes-for-a-bad-mode", "SPICE-MOUSE-006")
class ClosesForABadMode(MainChannel):
    """Ends the session of a client that asks for a mode which is not supported."""

    def handle(self, value: Any, now: float) -> None:
        if isinstance(value, main.MouseModeRequest) and int(value.mode) not in {*self.host.modes.supported}:
            self.line.drop("no such mode")
        else:
            super().handle(value, now)


@fault("keeps-an-unsupported-mode", "SPICE-MOUSE-009", "SPICE-MOUSE-001")
class KeepsAnUnsupportedMode(MouseModes):
    """Stays in mode CLIENT when that ceases to be supported."""

    def update(self, news: Any = None) -> None:
        self.change(self.find_supported(), self.mode)


@fault("leaves-client-mode-in-two-steps", "SPICE-MOUSE-009", "SPICE-MOUSE-001")
class LeavesClientModeInTwoSteps(MouseModes):
    """Says first that CLIENT is not supported any more, and then that SERVER is the mode."""

    def update(self, news: Any = None) -> None:
        self.change(self.find_supported(), self.mode)
        super().update()


@fault("never-client-mode", "SPICE-MOUSE-010", "SPICE-MIG-059")
class NeverClientMode(MouseModes):
    """Does not support CLIENT, whatever the guest has."""

    def find_supported(self) -> MouseMode:
        return MouseMode.SERVER


@fault("always-client-mode", "SPICE-MOUSE-010")
class AlwaysClientMode(MouseModes):
    """Supports CLIENT, whatever the guest has."""

    def find_supported(self) -> MouseMode:
        return _BOTH


# -- movements, SPICE-MOUSE-014 to 019


def _is_wrong(channel: InputsChannel, value: Any) -> bool:
    """Whether it is a movement of the kind that the mode does not want."""
    wanted = inputs.MouseMotion if channel.host.modes.mode == MouseMode.SERVER else inputs.MousePosition
    return isinstance(value, inputs.MouseMotion | inputs.MousePosition) and not isinstance(value, wanted)


@fault("closes-for-the-wrong-movement", "SPICE-MOUSE-014")
class ClosesForTheWrongMovement(InputsChannel):
    """Closes inputs because of a movement of the other kind."""

    def handle(self, value: Any, now: float) -> None:
        if _is_wrong(self, value):
            self.line.drop("the wrong kind of movement")
        else:
            super().handle(value, now)


@fault("does-not-count-the-wrong-movement", "SPICE-MOUSE-014", "SPICE-MOUSE-018")
class DoesNotCountTheWrongMovement(InputsChannel):
    """Ignores a movement of the other kind for the acknowledgement, too."""

    def handle(self, value: Any, now: float) -> None:
        if not _is_wrong(self, value):
            super().handle(value, now)


@fault("moves-for-a-position", "SPICE-MOUSE-014")
class MovesForAPosition(InputsChannel):
    """Moves the guest's mouse for a position in mode SERVER."""

    def handle(self, value: Any, now: float) -> None:
        if _is_wrong(self, value) and isinstance(value, inputs.MousePosition):
            self.host.guest.pointer.motion(1, 1, int(value.buttons_state))
        super().handle(value, now)


@fault("obeys-the-wrong-movement", "SPICE-MOUSE-014", "SPICE-AGENT-019")
class ObeysTheWrongMovement(InputsChannel):
    """Moves the guest's pointer in either way, whatever the mode is."""

    def _move(self, value: inputs.MouseMotion, now: float) -> None:
        self.host.guest.pointer.motion(value.dx, value.dy, int(value.buttons_state))
        self.acknowledge()

    def _place(self, value: inputs.MousePosition, now: float) -> None:
        self.host.guest.pointer.position(value.x, value.y, value.display_id, int(value.buttons_state))
        self.acknowledge()

    handlers: ClassVar[Handlers] = InputsChannel.handlers | {
        inputs.MouseMotion: Handler(_move),
        inputs.MousePosition: Handler(_place),
    }


@fault("motion-ack-every-five", "SPICE-MOUSE-018")
class MotionAckEveryFive(InputsChannel):
    """Sends MOUSE_MOTION_ACK for every five movements."""

    movements = 5


@fault("motion-ack-never", "SPICE-MOUSE-018")
class MotionAckNever(InputsChannel):
    """Sends no MOUSE_MOTION_ACK."""

    def acknowledge(self) -> None:
        pass


@fault("kinds-counted-apart", "SPICE-MOUSE-018")
class KindsCountedApart(InputsChannel):
    """Counts motions and positions apart."""

    _positions = 0

    def _apart(self, value: inputs.MousePosition, now: float) -> None:
        motions, self.moved = self.moved, self._positions
        self._position(value, now)
        self._positions, self.moved = self.moved, motions

    handlers: ClassVar[Handlers] = InputsChannel.handlers | {inputs.MousePosition: Handler(_apart)}


@fault("motion-ack-every-three", "SPICE-MOUSE-019", "SPICE-MOUSE-018", "SPICE-MIG-051")
class MotionAckEveryThree(InputsChannel):
    """Sends MOUSE_MOTION_ACK for every three movements."""

    movements = 3
