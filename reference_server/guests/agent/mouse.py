"""The hand of an agent on the pointer: what MOUSE_STATE says, as movements and buttons."""

from __future__ import annotations

from typing import Final

from reference_server.guest import Pointer
from spiceproto.enums.agent import AgentButtonMask
from spiceproto.enums.inputs import MouseButton
from spiceproto.messages.agent import MouseState

__all__ = ["Hand"]

_BUTTONS: Final = {
    AgentButtonMask.LBUTTON: MouseButton.LEFT,
    AgentButtonMask.MBUTTON: MouseButton.MIDDLE,
    AgentButtonMask.RBUTTON: MouseButton.RIGHT,
    AgentButtonMask.SBUTTON: MouseButton.SIDE,
    AgentButtonMask.EBUTTON: MouseButton.EXTRA,
}
_WHEEL: Final = {AgentButtonMask.UBUTTON: -1, AgentButtonMask.DBUTTON: 1}


class Hand:
    """``held`` are the bits of AgentButtonMask that are down; ``place`` is x, y and display."""

    def __init__(self, pointer: Pointer) -> None:
        self.held = 0
        self.place: tuple[int, int, int] | None = None
        self._pointer = pointer

    def set(self, state: MouseState) -> None:
        """The pointer is there, and these buttons are down; bits of the wheel that come turn it."""
        buttons = int(state.buttons)
        place = (state.x, state.y, state.display_id)
        if place != self.place or buttons == self.held:
            self.place = place
            self._pointer.position(state.x, state.y, state.display_id, self.held >> 1)
        changed = buttons ^ self.held
        self.held = buttons
        for bit, button in _BUTTONS.items():
            if changed & bit:
                self._pointer.button(button, bool(buttons & bit))
        for bit, steps in _WHEEL.items():
            if changed & buttons & bit:
                self._pointer.wheel(steps)

    def release(self) -> None:
        """Let go of all buttons."""
        held, self.held = self.held, 0
        for bit, button in _BUTTONS.items():
            if held & bit:
                self._pointer.button(button, False)
