"""The guest: what it shows, and who is told."""

from __future__ import annotations

import numpy as np
import pytest

from reference_server.guest import Box, Guest, RecordingGuest, colour_chart


class Watching:
    """Remembers what it was told."""

    def __init__(self, guest: Guest) -> None:
        self.told: list[object] = []
        guest.watch(self)

    def pointer_changed(self) -> None:
        self.told.append("pointer")

    def agent_changed(self) -> None:
        self.told.append("agent")

    def locks_changed(self) -> None:
        self.told.append("locks")

    def drawn(self, display: int, box: Box) -> None:
        self.told.append((display, box))

    def resized(self, display: int) -> None:
        self.told.append(("resized", display))


def test_only_changes_are_told() -> None:
    guest = Guest(size=(32, 24))
    watching = Watching(guest)
    guest.set_pointer("relative")
    guest.set_agent(False)
    guest.set_locks(guest.locks)
    assert watching.told == []
    guest.set_pointer("absolute")
    guest.set_agent(True)
    guest.modifiers(0xFFFF)
    assert watching.told == ["pointer", "agent", "locks"] and guest.locks == 7
    with pytest.raises(ValueError, match="trackball"):
        guest.set_pointer("trackball")  # type: ignore[arg-type]


def test_drawing_is_cut_off_at_the_edges() -> None:
    guest = Guest(size=(32, 24))
    watching = Watching(guest)
    part = np.full((10, 10, 4), 7, np.uint8)
    guest.draw(-4, 20, part)
    guest.draw(40, 0, part)
    assert watching.told == [(0, Box(0, 20, 6, 24))]
    assert (guest.screen()[20:24, 0:6] == 7).all() and (guest.screen()[20:24, 6:] == colour_chart(32, 24)[20:24, 6:]).all()
    assert (guest.screen(1) == colour_chart(32, 24)).all()


def test_a_painted_picture_is_a_copy() -> None:
    guest = Guest(size=(4, 4))
    watching = Watching(guest)
    picture = np.zeros((4, 4, 4), np.uint8)
    guest.paint(picture)
    guest.paint(np.zeros((2, 3, 4), np.uint8))
    picture[:] = 9
    assert watching.told == [(0, Box(0, 0, 4, 4)), ("resized", 0)] and not guest.screen().any()
    with pytest.raises(ValueError, match="float64"):
        guest.paint(np.zeros((2, 3, 4)))  # type: ignore[arg-type]


def test_every_step_of_an_animation_changes_something() -> None:
    guest = RecordingGuest(size=(64, 48))
    before = guest.screen().copy()
    for _ in range(20):
        guest.animate(1)
        assert (guest.screen() != before).any()
        before = guest.screen().copy()
