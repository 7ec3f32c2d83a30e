"""Clients: buttons and the wheel (4.4)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.mouse.pointer import in_mode, used
from conformance.expectation import check, says
from spiceproto.enums.inputs import MouseButton, MouseButtonMask
from spiceproto.enums.main import MouseMode

_LEFT, _RIGHT, _MIDDLE = MouseButtonMask.LEFT, MouseButtonMask.RIGHT, MouseButtonMask.MIDDLE
_IN_TURN: Final = (
    ("press", MouseButton.LEFT, _LEFT),
    ("press", MouseButton.RIGHT, _LEFT | _RIGHT),
    ("release", MouseButton.LEFT, _RIGHT),
    ("press", MouseButton.MIDDLE, _RIGHT | _MIDDLE),
    ("release", MouseButton.RIGHT, _MIDDLE),
    ("release", MouseButton.MIDDLE, MouseButtonMask(0)),
)
"""What is done, to which button, and what is down after it."""


@client_case("SPICE-MOUSE-022/one-step-up", 1, MouseButton.UP.value, channel="inputs", needs=("act:wheel",))
@client_case("SPICE-MOUSE-022/one-step-down", -1, MouseButton.DOWN.value, channel="inputs", needs=("act:wheel",))
@client_case("SPICE-MOUSE-022/three-steps-down", -3, MouseButton.DOWN.value, channel="inputs", needs=("act:wheel",))
def wheel(server: SuiteServer, steps: int, button: int) -> None:
    """The wheel: a press and a release for each step, of UP (4) away from the user, else of DOWN (5). Steps, button."""
    mouse = used(server).mouse
    presses, releases = mouse.count("MOUSE_PRESS"), mouse.count("MOUSE_RELEASE")
    server.act("wheel", steps=steps)
    mouse.expect_all(*[says("MOUSE_PRESS", button=button), says("MOUSE_RELEASE", button=button)] * abs(steps))
    server.alive(mouse)
    mouse.expect_count("MOUSE_PRESS", abs(steps), after=presses)
    mouse.expect_count("MOUSE_RELEASE", abs(steps), after=releases)


@client_case("SPICE-MOUSE-023/in-turn", channel="inputs", needs=("act:press", "act:release"))
def buttons(server: SuiteServer) -> None:
    """Buttons pressed and released in turn: each message names those that are down after it."""
    mouse = used(server).mouse
    for verb, button, down in _IN_TURN:
        server.act(verb, button=button.value)
        mouse.expect("MOUSE_PRESS", "MOUSE_RELEASE", button=button, buttons_state=down)


@client_case("SPICE-MOUSE-023/side-buttons", channel="inputs", needs=("act:press", "act:release"))
def side_buttons(server: SuiteServer) -> None:
    """The two buttons at the side, whose bits are 0x20 and 0x40."""
    mouse = used(server).mouse
    for button, mask in ((MouseButton.SIDE, MouseButtonMask.SIDE), (MouseButton.EXTRA, MouseButtonMask.EXTRA)):
        for verb, down in (("press", mask), ("release", MouseButtonMask(0))):
            server.act(verb, button=button.value)
            mouse.expect(f"MOUSE_{verb.upper()}", button=button, buttons_state=down)


@client_case(
    "SPICE-MOUSE-023/in-motions", MouseMode.SERVER.value, channel="inputs", needs=("act:motion", "act:press", "act:release")
)
@client_case(
    "SPICE-MOUSE-023/in-positions", MouseMode.CLIENT.value, channel="inputs", needs=("act:position", "act:press", "act:release")
)
def buttons_in_movements(server: SuiteServer, mode: int) -> None:
    """Movements while buttons are down name them: mode."""
    pointer = in_mode(server, mode)
    for number, (verb, button, down) in enumerate(_IN_TURN):
        server.act(verb, button=button.value)
        moved = pointer.acted(mode, first=number)
        if moved[-1].value.buttons_state != down:
            # That may have been one from before the button, and the answer to a ping may overtake the next.
            moved += pointer.gather(1)
        check(moved[-1].name, moved[-1].value, buttons_state=down, why=f"after a {verb} of {button.name}")
