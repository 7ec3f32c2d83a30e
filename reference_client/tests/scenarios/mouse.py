"""Faults in mouse mode, movements and buttons (spec/04-mouse.md)."""

from __future__ import annotations

from collections.abc import Callable

from reference_client.tests.conversations import Make, act, movements
from reference_client.tests.scripted import session
from spiceproto.messages import inputs, main


def _moves_at_once(make: Make) -> bool:
    server = session(make(prefer_client_mode=False))
    act(server, "motion", 1, 2)
    return len(movements(server)) == 1


def _motion_in_server_mode(make: Make) -> bool:
    server = session(make())
    act(server, "motion", 3, -1)
    act(server, "position", 10, 10)
    return [type(value) for value in movements(server)] == [inputs.MouseMotion] * 2


def _position_in_client_mode(make: Make) -> bool:
    server = session(make(), current=2)
    act(server, "motion", 3, 4)
    act(server, "position", 10, 20, 0)
    return movements(server) == [
        inputs.MousePosition(x=3, y=4, buttons_state=0, display_id=0),
        inputs.MousePosition(x=10, y=20, buttons_state=0, display_id=0),
    ]


def _does_not_go_back(make: Make) -> bool:
    server = session(make())
    act(server, "motion", 1, 1)
    server.main.send(main.MouseModeMessage(3, 2))
    for _ in range(3):
        act(server, "motion", 1, 1)
    return [type(value) for value in movements(server)] == [inputs.MouseMotion] + [inputs.MousePosition] * 3


def _motion_after_a_change(make: Make) -> bool:
    server = session(make(), current=2)
    act(server, "motion", 1, 1)
    server.main.send(main.MouseModeMessage(3, 1))
    act(server, "motion", 1, 1)
    return [type(value) for value in movements(server)] == [inputs.MousePosition, inputs.MouseMotion]


def _at_most_eight(make: Make) -> bool:
    server = session(make())
    for _ in range(20):
        act(server, "motion", 1, 2)
    return len(movements(server)) == 8


def _nothing_is_lost(make: Make) -> bool:
    server = session(make())
    for _ in range(20):
        act(server, "motion", 1, 2)
    server.inputs.send(inputs.MouseMotionAck())
    found = movements(server)
    return (sum(value.dx for value in found), sum(value.dy for value in found)) == (20, 40)


def _wheel_is_pressed_and_released(make: Make) -> bool:
    server = session(make())
    act(server, "wheel", -1)
    return [(type(value), value.button) for value in server.inputs.got] == [(inputs.MousePress, 5), (inputs.MouseRelease, 5)]


def _buttons_after_the_event(make: Make) -> bool:
    server = session(make())
    for verb, button in (("press", 1), ("press", 3), ("release", 1), ("release", 3)):
        act(server, verb, button)
    return [int(value.buttons_state) for value in server.inputs.got] == [1, 5, 4, 0]


def _four_for_one(make: Make) -> bool:
    server = session(make())
    for _ in range(10):
        act(server, "motion", 1, 2)
    server.inputs.send(inputs.MouseMotionAck())
    for _ in range(10):
        act(server, "motion", 1, 2)
    return len(movements(server)) == 12


def _first_byte_lowest(make: Make) -> bool:
    server = session(make())
    act(server, "key", 0x11D, True)
    act(server, "key", 0x11D, False)
    return server.inputs.got == [inputs.KeyDown(0x1DE0), inputs.KeyUp(0x9DE0)]


def _bytes_in_order(make: Make) -> bool:
    server = session(make())
    act(server, "scancode", "e04d")
    return server.inputs.got == [inputs.KeyScancode(b"\xe0\x4d")]


SCENARIOS: dict[str, Callable[[Make], bool]] = {
    "waits-for-mouse-mode": _moves_at_once,
    "position-in-server-mode": _motion_in_server_mode,
    "deaf-to-server-mode": _motion_after_a_change,
    "motion-in-client-mode": _position_in_client_mode,
    "old-kind-after-change": _does_not_go_back,
    "wrong-display-id": _position_in_client_mode,
    "ignores-motion-ack": _at_most_eight,
    "ack-frees-one": _four_for_one,
    "scan-code-backwards": _first_byte_lowest,
    "scan-codes-backwards": _bytes_in_order,
    "releases-like-presses": _first_byte_lowest,
    "loses-movements": _nothing_is_lost,
    "wheel-without-release": _wheel_is_pressed_and_released,
    "buttons-before-event": _buttons_after_the_event,
}
