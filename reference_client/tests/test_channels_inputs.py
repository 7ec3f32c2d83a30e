"""Movements, buttons and keys, as they arrive at the server."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_client import Client, Options
from reference_client.channels.inputs import TYPING, Typed
from reference_client.tests.scripted import CHANNELS, COMMON, ScriptedServer, session
from spiceproto.enums.link import ChannelType
from spiceproto.errors import LocalError
from spiceproto.messages import display, inputs, main
from spiceproto.messages.inputs import MouseMotion, MousePosition, MousePress, MouseRelease
from spiceproto.scan_codes import wire_code


def made(current: int = 1, **options: Any) -> ScriptedServer:
    return session(Client(Options(prefer_client_mode=False)), current=current, **options)


def act(server: ScriptedServer, verb: str, *values: Any) -> list[Any]:
    getattr(server.client.inputs, verb)(*values)
    server.run()
    return server.inputs.take()


def test_in_server_mode_positions_become_motions() -> None:
    server = made()
    assert act(server, "motion", 3, -1) == [MouseMotion(3, -1, 0)]
    assert act(server, "position", 10, 20) == [MouseMotion(7, 20, 0)]
    assert act(server, "position", 9, 25) == [MouseMotion(-1, 5, 0)]


def test_in_client_mode_motions_become_positions() -> None:
    server = made(current=2)
    assert act(server, "position", 10, 20, 0) == [MousePosition(x=10, y=20, buttons_state=0, display_id=0)]
    assert act(server, "motion", 5, -30) == [MousePosition(x=15, y=0, buttons_state=0, display_id=0)]
    assert act(server, "position", 1, 2, 3) == [MousePosition(x=1, y=2, buttons_state=0, display_id=3)]


def test_a_position_stays_on_the_surface() -> None:
    server = made(current=2)
    server.line(ChannelType.DISPLAY).send(display.SurfaceCreate(surface_id=0, width=640, height=480, format=32, flags=1))
    assert act(server, "motion", 10000, 10000) == [MousePosition(x=639, y=479, buttons_state=0, display_id=0)]


def test_the_ninth_movement_waits_and_nothing_is_lost() -> None:
    server = made()
    for _ in range(11):
        server.client.inputs.motion(2, 3)
    server.run()
    assert server.inputs.take() == [MouseMotion(2, 3, 0)] * 8
    server.inputs.send(inputs.MouseMotionAck())
    assert server.inputs.take() == [MouseMotion(6, 9, 0)]
    assert act(server, "motion", 1, 1) == [MouseMotion(1, 1, 0)]


def test_the_newest_position_is_kept_while_it_waits() -> None:
    server = made(current=2)
    for number in range(20):
        server.client.inputs.position(number, 0)
    server.run()
    assert len(server.inputs.take()) == 8
    server.inputs.send(inputs.MouseMotionAck())
    assert server.inputs.take() == [MousePosition(x=19, y=0, buttons_state=0, display_id=0)]


def test_acknowledgements_nobody_waits_for_do_no_harm() -> None:
    server = made()
    server.inputs.send(*[inputs.MouseMotionAck()] * 5)
    for _ in range(12):
        server.client.inputs.motion(1, 0)
    server.run()
    assert len(server.inputs.take()) == 8


@pytest.mark.parametrize(("before", "after"), [(1, 2), (2, 1)])
def test_what_waits_when_the_mode_changes_becomes_the_new_kind(before: int, after: int) -> None:
    server = made(current=before)
    for _ in range(10):
        server.client.inputs.motion(1, 1)
    server.run()
    server.inputs.take()
    server.main.send(main.MouseModeMessage(3, after))
    assert server.inputs.take() == []
    server.inputs.send(inputs.MouseMotionAck())
    assert server.inputs.take() == [
        MousePosition(x=10, y=10, buttons_state=0, display_id=0) if after == 2 else MouseMotion(2, 2, 0)
    ]


def test_sums_too_large_for_one_message_go_in_several() -> None:
    server = made()
    for _ in range(8):
        server.client.inputs.motion(1, 1)
    for _ in range(3):
        server.client.inputs.motion(0x7FFFFFFF, 0)
    server.run()
    server.inputs.take()
    server.inputs.send(inputs.MouseMotionAck())
    assert [value.dx for value in server.inputs.take()] == [0x7FFFFFFF] * 3


@settings(max_examples=100)
@given(steps=st.lists(st.one_of(st.none(), st.tuples(st.integers(-50, 50), st.integers(-50, 50))), max_size=60))
def test_motions_add_up_whatever_the_server_acknowledges(steps: list[tuple[int, int] | None]) -> None:
    server = made()
    for step in steps:
        if step is None:
            server.inputs.send(inputs.MouseMotionAck())
        else:
            server.client.inputs.motion(*step)
            server.run()
    for _ in range(20):
        server.inputs.send(inputs.MouseMotionAck())
    moves = [step for step in steps if step is not None]
    found = server.inputs.take()
    assert sum(value.dx for value in found) == sum(dx for dx, _ in moves)
    assert sum(value.dy for value in found) == sum(dy for _, dy in moves)


def test_buttons_state_names_the_buttons_after_the_event() -> None:
    server = made()
    assert act(server, "press", 1) == [MousePress(1, 1)]
    assert act(server, "press", 3) == [MousePress(3, 5)]
    assert act(server, "motion", 1, 1) == [MouseMotion(1, 1, 5)]
    assert act(server, "release", 1) == [MouseRelease(1, 4)]
    assert act(server, "release", 3) == [MouseRelease(3, 0)]
    assert act(server, "press", 7) == [MousePress(7, 64)]


def test_a_movement_that_waits_goes_before_a_button_where_the_window_allows() -> None:
    server = made()
    for _ in range(10):
        server.client.inputs.motion(1, 1)
    server.run()
    server.inputs.take()
    assert act(server, "press", 1) == [MousePress(1, 1)]
    server.inputs.send(inputs.MouseMotionAck())
    assert server.inputs.take() == [MouseMotion(2, 2, 1)]


@pytest.mark.parametrize(("steps", "button", "mask"), [(1, 4, 8), (2, 4, 8), (-1, 5, 16), (0, 0, 0)])
def test_the_wheel_is_pressed_and_released(steps: int, button: int, mask: int) -> None:
    assert act(made(), "wheel", steps) == [MousePress(button, mask), MouseRelease(button, 0)] * abs(steps)


@pytest.mark.parametrize("code", [0x1DE0, 0xE01D, 0x11D])
def test_a_code_with_a_prefix_may_be_written_in_three_ways(code: int) -> None:
    server = made()
    assert wire_code(code) == 0x1DE0
    assert act(server, "key", code, True) == [inputs.KeyDown(0x1DE0)]
    assert act(server, "key", code, False) == [inputs.KeyUp(0x9DE0)]


def test_keys() -> None:
    server = made()
    assert act(server, "key", 0x1E, True) + act(server, "key", 0x1E, False) == [inputs.KeyDown(0x1E), inputs.KeyUp(0x9E)]
    assert act(server, "modifiers", 4) == [inputs.KeyModifiers(4)]
    assert act(server, "scancode", b"\xe0\x4d\x1e") == [inputs.KeyScancode(b"\xe0\x4d\x1e")]
    assert act(server, "scancode", "1e9e") == [inputs.KeyScancode(b"\x1e\x9e")]
    for bad in ("xy", "", "1e00"):
        with pytest.raises(LocalError):
            server.client.inputs.scancode(bad)


def test_without_the_capability_scan_codes_become_keys() -> None:
    server = made(channels={**CHANNELS, (ChannelType.INPUTS, 0): COMMON})
    found = act(server, "scancode", b"\x1e\x9e\xe0\x4d\xe0\xcd")
    assert found == [inputs.KeyDown(0x1E), inputs.KeyUp(0x9E), inputs.KeyDown(0x4DE0), inputs.KeyUp(0xCDE0)]
    found = act(server, "scancode", "e11d45e19dc5")
    assert found == [inputs.KeyDown(0x451DE1), inputs.KeyUp(0xC59DE1)]


@pytest.mark.parametrize("code", [0xE11D45, 0x451DE1])
def test_pause(code: int) -> None:
    server = made()
    assert act(server, "key", code, True) + act(server, "key", code, False) == [
        inputs.KeyDown(0x451DE1),
        inputs.KeyUp(0xC59DE1),
    ]


def test_nothing_stays_down_when_the_keyboard_goes_or_the_user() -> None:
    server = made()
    for code in (0x1E, 0x11D, 0xE11D45, 0x2A):
        act(server, "key", code, True)
    act(server, "key", 0x2A, False)
    up = [inputs.KeyUp(0xC59DE1), inputs.KeyUp(0x9DE0), inputs.KeyUp(0x9E)]
    assert act(server, "focus", False) == up
    assert act(server, "focus", False) == [] == act(server, "focus", True)
    act(server, "scancode", b"\xe0")
    assert act(server, "scancode", b"\x48") == [inputs.KeyScancode(b"\x48")], "a code may come in two pieces"
    server.leave()
    assert server.inputs.take() == [inputs.KeyUp(0xC8E0)]


def test_a_wish_for_lock_keys_is_not_said_again_unless_the_keyboard_comes_back() -> None:
    server = made()
    assert act(server, "focus", True) == []
    assert act(server, "modifiers", 4) == [inputs.KeyModifiers(4)]
    server.inputs.send(*[inputs.KeyModifiers(0), inputs.KeyModifiers(0xFFFF), inputs.KeyModifiers(0)] * 3)
    assert server.inputs.take() == [] and server.client.state(0)["key_modifiers"] == 0
    assert act(server, "focus", True) == [inputs.KeyModifiers(4)]
    server.inputs.send(inputs.KeyModifiers(4))
    assert act(server, "focus", True) == []


def test_a_text_is_typed_a_character_at_a_time() -> None:
    server = made()
    assert act(server, "type", "aB\n") == [inputs.KeyScancode(b"\x1e\x9e")]
    server.inputs.send(inputs.KeyModifiers(4))
    server.wait(TYPING)
    assert server.inputs.take() == [inputs.KeyScancode(b"\x30\xb0")], "with Caps Lock a large letter needs no Shift"
    server.inputs.send(inputs.KeyModifiers(0))
    assert act(server, "type", "?") == [], "behind what is typed already"
    for data in (b"\x1c\x9c", b"\x2a\x35\xb5\xaa"):
        server.wait(TYPING)
        assert server.inputs.take() == [inputs.KeyScancode(data)]
    server.wait(TYPING)
    assert server.told(Typed) == [Typed(4)]
    with pytest.raises(LocalError):
        server.client.inputs.type("a\u00e4")
    assert server.inputs.take() == [] and server.client.inputs.deadline is None
