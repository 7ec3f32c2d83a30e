"""What a client did to a guest, as the devices tell it: for a log, or for a test that wants to look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from reference_server.guest.guest import Guest
from reference_server.guest.keyboard import Key, Modifiers
from reference_server.guest.pointer import Button, Motion, Position, Wheel

__all__ = ["INPUTS", "InputEvent", "Recorder", "on_input"]

InputEvent = Motion | Position | Button | Wheel | Key | Modifiers

INPUTS: Final = (Motion, Position, Button, Wheel, Key, Modifiers)
"""Classes of what a client does."""

_MOST: Final = 100_000
"""Events that are kept; a client can send more than anybody wants to read."""


def on_input(guest: Guest, told: Callable[[InputEvent], None]) -> None:
    """Call ``told`` from now on with everything that a client does."""
    guest.pointer.watch(told, *INPUTS)
    guest.keyboard.watch(told, *INPUTS)


class Recorder:
    """Keeps what clients do to ``guest`` in ``events``, oldest first; behind ``most`` events nothing more is kept."""

    def __init__(self, guest: Guest, *, most: int = _MOST) -> None:
        self.events: list[InputEvent] = []
        self._most = most
        on_input(guest, self._note)

    def take(self) -> list[InputEvent]:
        """What was done since the last call."""
        events, self.events = self.events, []
        return events

    def _note(self, event: InputEvent) -> None:
        if len(self.events) < self._most:
            self.events.append(event)
