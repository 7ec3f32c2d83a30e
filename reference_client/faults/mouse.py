"""Faults of mouse mode, movements and buttons (spec/04-mouse.md)."""

from __future__ import annotations

from typing import Any, ClassVar

from reference_client.channels import InputsChannel, MainChannel
from reference_client.channels.base import Handlers
from reference_client.channels.inputs import mask_of
from reference_client.faults.fault import fault
from reference_client.pointing import Pointing
from spiceproto.enums.inputs import MouseButton
from spiceproto.enums.main import MouseMode
from spiceproto.messages import inputs, main
from spiceproto.scan_codes import wire_code


@fault("waits-for-mouse-mode", "SPICE-MOUSE-002")
class WaitsForMouseMode(Pointing):
    """Does not take the mouse mode from INIT: sends no movement before MOUSE_MODE."""

    heard = 0

    def set_modes(self, supported: int, mode: int) -> None:
        self.heard += 1
        super().set_modes(supported, mode)

    @property
    def moved(self) -> bool:
        # The first time was INIT.
        return self.heard > 1 and super().moved


@fault("mode-request-before-init", "SPICE-MOUSE-008", "SPICE-MAIN-006")
class ModeRequestBeforeInit(MainChannel):
    """Asks for a mouse mode before INIT."""

    def start(self, now: float) -> None:
        self.send(main.MouseModeRequest(MouseMode.CLIENT))


@fault("position-in-server-mode", "SPICE-MOUSE-012", "SPICE-MOUSE-015")
class PositionInServerMode(InputsChannel):
    """Sends positions whatever the mode is, and never a motion."""

    def send_motion(self, dx: int, dy: int) -> None:
        self.send_position()


@fault("deaf-to-server-mode", "SPICE-MOUSE-012")
class DeafToServerMode(MainChannel):
    """Stays in mode CLIENT when MOUSE_MODE says SERVER."""

    def on_mouse_mode(self, value: main.MouseModeMessage, now: float) -> None:
        if value.current_mode != MouseMode.SERVER or not self.host.pointing.in_client_mode:
            super().on_mouse_mode(value, now)

    handlers: ClassVar[Handlers] = {**MainChannel.handlers, main.MouseModeMessage: on_mouse_mode}


@fault("motion-in-client-mode", "SPICE-MOUSE-013", "SPICE-MOUSE-015")
class MotionInClientMode(InputsChannel):
    """Sends motions whatever the mode is, and never a position."""

    def send_movement(self) -> None:
        self.send_motion(*self.host.pointing.take_motion())


@fault("old-kind-after-change", "SPICE-MOUSE-015", "SPICE-MOUSE-012", "SPICE-MOUSE-013")
class OldKindAfterChange(InputsChannel):
    """Goes back to the old kind of movement once more after it has sent the new one."""

    since_change = 0
    mode_seen: bool | None = None

    def send_movement(self) -> None:
        # The second movement after a change is of the old kind.
        mode = self.host.pointing.in_client_mode
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


@fault("wrong-display-id", "SPICE-MOUSE-016")
class WrongDisplayId(InputsChannel):
    """Says that positions are on the display after the right one."""

    def send_position(self) -> None:
        x, y, display = self.host.pointing.at
        self.send(inputs.MousePosition(x=x, y=y, buttons_state=self.buttons, display_id=display + 1 & 0xFF))


@fault("ignores-motion-ack", "SPICE-MOUSE-020")
class IgnoresMotionAck(InputsChannel):
    """Sends movements without waiting for MOUSE_MOTION_ACK."""

    def flush(self) -> None:
        self.unacknowledged = 0
        super().flush()


@fault("loses-movements", "SPICE-MOUSE-021")
class LosesMovements(InputsChannel):
    """Forgets movements for which the window has no room."""

    def flush(self) -> None:
        super().flush()
        self.host.pointing.settle()


@fault("wheel-without-release", "SPICE-MOUSE-022")
class WheelWithoutRelease(InputsChannel):
    """Sends steps of the wheel as MOUSE_PRESS alone."""

    def wheel(self, steps: int) -> None:
        for _ in range(abs(steps)):
            self.send(inputs.MousePress(MouseButton.UP if steps > 0 else MouseButton.DOWN, self.buttons))


@fault("buttons-before-event", "SPICE-MOUSE-023")
class ButtonsBeforeEvent(InputsChannel):
    """Says in MOUSE_PRESS and MOUSE_RELEASE which buttons were down before."""

    def press(self, button: int = MouseButton.LEFT) -> None:
        before = self.buttons
        self.flush()
        self.send(inputs.MousePress(button, before))
        self.buttons |= mask_of(button)

    def release(self, button: int = MouseButton.LEFT) -> None:
        before = self.buttons
        self.flush()
        self.send(inputs.MouseRelease(button, before))
        self.buttons &= ~mask_of(button)


@fault("ack-frees-one", "SPICE-MOUSE-024")
class AckFreesOne(InputsChannel):
    """Takes MOUSE_MOTION_ACK for one movement."""

    def on_motion_ack(self, value: inputs.MouseMotionAck, now: float) -> None:
        self.unacknowledged = max(self.unacknowledged - 1, 0)
        self.flush()

    handlers: ClassVar[Handlers] = {**InputsChannel.handlers, inputs.MouseMotionAck: on_motion_ack}


@fault("scan-code-backwards", "SPICE-MOUSE-025")
class ScanCodeBackwards(InputsChannel):
    """Sends the bytes of a scan code with the last one lowest."""

    def send(self, *values: Any) -> None:
        super().send(*[self._backwards(value) for value in values])

    @staticmethod
    def _backwards(value: Any) -> Any:
        if not isinstance(value, inputs.KeyDown | inputs.KeyUp):
            return value
        code = value.code.to_bytes(4, "little").rstrip(b"\0")
        return type(value)(int.from_bytes(code, "big"))


@fault("scan-codes-backwards", "SPICE-MOUSE-025")
class ScanCodesBackwards(InputsChannel):
    """Sends the bytes of KEY_SCANCODE with the last one first."""

    def send(self, *values: Any) -> None:
        super().send(*[inputs.KeyScancode(bytes(v.data)[::-1]) if isinstance(v, inputs.KeyScancode) else v for v in values])


@fault("releases-like-presses", "SPICE-MOUSE-026")
class ReleasesLikePresses(InputsChannel):
    """Sends the scan code of the press when a key goes up."""

    def key(self, code: int, down: bool = True) -> None:
        if down:
            super().key(code)
        else:
            self.send(inputs.KeyUp(wire_code(code)))
