"""Faults of mouse mode, movements and buttons (spec/04-mouse.md)."""

from __future__ import annotations

from reference_client.client import Client
from reference_client.faults.fault import fault, with_parts
from reference_client.inputs import Inputs, mask_of
from reference_client.main import Main
from spiceproto.enums.inputs import MouseButton
from spiceproto.enums.main import MouseMode
from spiceproto.messages import inputs, main

__all__ = ["FAULTS"]


class _Patient(Inputs):
    def flush(self) -> None:
        main_part = self.client.main
        if isinstance(main_part, _ModeHeard) and main_part.heard:
            super().flush()


class _ModeHeard(Main):
    heard = False

    def on_mouse_mode(self, value: main.MouseModeMessage) -> None:
        self.heard = True
        super().on_mouse_mode(value)


class WaitsForMouseMode(Client):
    """Does not take the mouse mode from INIT: sends no movement before MOUSE_MODE."""

    parts = with_parts(main=_ModeHeard, inputs=_Patient)


class _AsksAtOnce(Main):
    def start(self) -> None:
        self.request_mouse_mode(MouseMode.CLIENT)


class ModeRequestBeforeInit(Client):
    """Asks for a mouse mode before INIT."""

    parts = with_parts(main=_AsksAtOnce)


class _OnlyPositions(Inputs):
    def send_motion(self, dx: int, dy: int) -> None:
        self.send_position()


class PositionInServerMode(Client):
    """Sends positions whatever the mode is, and never a motion."""

    parts = with_parts(inputs=_OnlyPositions)


class _OnlyMotions(Inputs):
    def send_movement(self) -> None:
        dx, dy = self._dx, self._dy
        self.moved, self._dx, self._dy = False, 0, 0
        self.send_motion(dx, dy)


class MotionInClientMode(Client):
    """Sends motions whatever the mode is, and never a position."""

    parts = with_parts(inputs=_OnlyMotions)


class _Relapse(Inputs):
    """The second movement after a change is of the old kind."""

    since_change = 0
    mode_seen: bool | None = None

    def send_movement(self) -> None:
        mode = self.client.in_client_mode
        if self.mode_seen is None:
            self.mode_seen, self.since_change = mode, 2
        elif self.mode_seen != mode:
            self.mode_seen, self.since_change = mode, 0
        self.since_change += 1
        super().send_movement()

    def send_motion(self, dx: int, dy: int) -> None:
        if self.since_change == 2:
            super().send_position()
        else:
            super().send_motion(dx, dy)

    def send_position(self) -> None:
        if self.since_change == 2:
            super().send_motion(1, 1)
        else:
            super().send_position()


class OldKindAfterChange(Client):
    """Goes back to the old kind of movement once more after it has sent the new one."""

    parts = with_parts(inputs=_Relapse)


class _NextDisplay(Inputs):
    def send_position(self) -> None:
        x, y, display = self.at
        self.send(inputs.MousePosition(x, y, self.buttons, display + 1 & 0xFF))


class WrongDisplayId(Client):
    """Says that positions are on the display after the right one."""

    parts = with_parts(inputs=_NextDisplay)


class _NoWindow(Inputs):
    def flush(self) -> None:
        self.unacknowledged = 0
        super().flush()


class IgnoresMotionAck(Client):
    """Sends movements without waiting for MOUSE_MOTION_ACK."""

    parts = with_parts(inputs=_NoWindow)


class _Forgetful(Inputs):
    def flush(self) -> None:
        super().flush()
        self.moved, self._dx, self._dy = False, 0, 0


class LosesMovements(Client):
    """Forgets movements for which the window has no room."""

    parts = with_parts(inputs=_Forgetful)


class _HalfWheel(Inputs):
    def wheel(self, steps: int) -> None:
        for _ in range(abs(steps)):
            self.send(inputs.MousePress(MouseButton.UP if steps > 0 else MouseButton.DOWN, self.buttons))


class WheelWithoutRelease(Client):
    """Sends steps of the wheel as MOUSE_PRESS alone."""

    parts = with_parts(inputs=_HalfWheel)


class _Before(Inputs):
    def press(self, button: int) -> None:
        before = self.buttons
        self.flush()
        self.send(inputs.MousePress(button, before))
        self.buttons |= mask_of(button)

    def release(self, button: int) -> None:
        before = self.buttons
        self.flush()
        self.send(inputs.MouseRelease(button, before))
        self.buttons &= ~mask_of(button)


class ButtonsBeforeEvent(Client):
    """Says in MOUSE_PRESS and MOUSE_RELEASE which buttons were down before."""

    parts = with_parts(inputs=_Before)


FAULTS = (
    fault("waits-for-mouse-mode", "MOUSE-002", WaitsForMouseMode),
    fault("mode-request-before-init", "MOUSE-008 MAIN-006", ModeRequestBeforeInit),
    fault("position-in-server-mode", "MOUSE-012 MOUSE-015", PositionInServerMode),
    fault("motion-in-client-mode", "MOUSE-013 MOUSE-015", MotionInClientMode),
    fault("old-kind-after-change", "MOUSE-015 MOUSE-012 MOUSE-013", OldKindAfterChange),
    fault("wrong-display-id", "MOUSE-016", WrongDisplayId),
    fault("ignores-motion-ack", "MOUSE-020", IgnoresMotionAck),
    fault("loses-movements", "MOUSE-021", LosesMovements),
    fault("wheel-without-release", "MOUSE-022", WheelWithoutRelease),
    fault("buttons-before-event", "MOUSE-023", ButtonsBeforeEvent),
)
