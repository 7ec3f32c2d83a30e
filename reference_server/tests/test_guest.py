"""The guest's devices: only changes are told, and drawing stays inside."""

from __future__ import annotations

import numpy as np
import pytest

from reference_server.guest import (
    AgentChanged,
    AgentChunk,
    AgentSaid,
    Box,
    Drawn,
    Guest,
    Key,
    LocksChanged,
    Modifiers,
    PointerChanged,
    Resized,
    colour_chart,
)
from reference_server.watched import Watched
from spiceproto.enums.inputs import KeyboardModifierFlags


def heard(device: Watched) -> list[object]:
    """A list that grows with what a device tells."""
    told: list[object] = []
    device.watch(told.append)
    return told


def test_the_pointer_tells_changes() -> None:
    pointer = Guest().pointer
    told = heard(pointer)
    pointer.set_kind("relative")
    assert told == []
    pointer.set_kind("absolute")
    assert told == [PointerChanged("absolute")] and pointer.kind == "absolute"
    with pytest.raises(ValueError, match="trackball"):
        pointer.set_kind("trackball")  # type: ignore[arg-type]


def test_the_agent_tells_changes_and_what_clients_say() -> None:
    agent = Guest().agent
    told = heard(agent)
    agent.set_present(False)
    agent.set_present(True)
    agent.deliver(1, b"data")
    agent.say(2, b"answer")
    assert told == [AgentChanged(True), AgentChunk(1, b"data"), AgentSaid(2, b"answer")] and agent.present


def test_the_keyboard_tells_keys_and_locks() -> None:
    keyboard = Guest().keyboard
    told = heard(keyboard)
    keyboard.set_locks(keyboard.locks)
    keyboard.modifiers(0xFFFF)
    keyboard.key(b"\x3a", True)
    keyboard.key(b"\x3a", True)
    keyboard.key(b"\x3a", False)
    keyboard.key(b"\x1e", True)
    num_and_scroll = KeyboardModifierFlags.NUM_LOCK | KeyboardModifierFlags.SCROLL_LOCK
    assert told == [
        Modifiers(0xFFFF),
        *[Key(code, down) for code in ("46", "45", "3a") for down in (True, False)],
        LocksChanged(KeyboardModifierFlags(7)),
        Key("3a", True),
        LocksChanged(num_and_scroll),
        Key("3a", True),
        Key("3a", False),
        Key("1e", True),
    ]


def test_drawing_is_cut_off_at_the_edges() -> None:
    guest = Guest(size=(32, 24))
    screen = guest.screens[0]
    told = heard(screen)
    part = np.full((10, 10, 4), 7, np.uint8)
    screen.draw(-4, 20, part)
    screen.draw(40, 0, part)
    assert told == [Drawn(Box(left=0, top=20, right=6, bottom=24))]
    assert (screen.picture[20:24, 0:6] == 7).all()
    assert (screen.picture[20:24, 6:] == colour_chart(32, 24)[20:24, 6:]).all()
    assert (guest.screens[1].picture == colour_chart(32, 24)).all()


def test_a_painted_picture_is_a_copy() -> None:
    screen = Guest(size=(4, 4)).screens[0]
    told = heard(screen)
    picture = np.zeros((4, 4, 4), np.uint8)
    screen.paint(picture)
    screen.paint(np.zeros((2, 3, 4), np.uint8))
    picture[:] = 9
    assert told == [Drawn(Box(left=0, top=0, right=4, bottom=4)), Resized()] and not screen.picture.any()
    with pytest.raises(ValueError, match="float64"):
        screen.paint(np.zeros((2, 3, 4)))  # type: ignore[arg-type]


def test_every_step_of_an_animation_changes_something() -> None:
    screen = Guest(size=(64, 48)).screens[0]
    before = screen.picture.copy()
    for _ in range(20):
        screen.animate()
        assert (screen.picture != before).any()
        before = screen.picture.copy()
