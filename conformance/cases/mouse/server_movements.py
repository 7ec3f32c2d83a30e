"""Servers: movements of both kinds (4.2)."""

from __future__ import annotations

from typing import Any, Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.mouse.steps import BUNCH, in_mode, movement
from conformance.expectation import at_most, check_value
from conformance.outcome import Failure
from spiceproto.enums.inputs import MouseButton, MouseButtonMask
from spiceproto.enums.main import MouseMode
from spiceproto.messages import inputs

_OTHER: Final = {"SERVER": MouseMode.CLIENT, "CLIENT": MouseMode.SERVER}


@server_case("SPICE-MOUSE-014/positions-in-server-mode", "SERVER", channel="inputs")
@server_case("SPICE-MOUSE-014/motions-in-client-mode", "CLIENT", channel="inputs")
def other_kind(client: SuiteClient, mode: str) -> None:
    """Eight movements of the other kind: two acknowledgements, the channel stays, and so does the mode."""
    talk, keyboard = in_mode(client, MouseMode[mode])
    changes = talk.count("MOUSE_MODE")
    for number in (1, 2):
        keyboard.send(*[movement(_OTHER[mode])] * BUNCH)
        keyboard.expect_count("MOUSE_MOTION_ACK", number, why=f"{number * BUNCH} movements of the other kind")
    keyboard.expect_count("MOUSE_MOTION_ACK", 2, why="eight movements of the other kind", settle=True)
    keyboard.expect_open()
    client.alive(talk, "movements of the other kind are ignored")
    talk.expect_count("MOUSE_MODE", changes, why="movements change no mode")


@server_case("SPICE-MOUSE-014/positions-have-no-effect", "SERVER", channel="inputs", needs=("control:input-events",))
@server_case("SPICE-MOUSE-014/motions-have-no-effect", "CLIENT", channel="inputs", needs=("control:input-events",))
def no_effect(client: SuiteClient, mode: str) -> None:
    """One movement of the right kind, four of the other, and one of the right kind: the guest gets those two alone."""
    _, keyboard = in_mode(client, MouseMode[mode])
    right, wrong = ("motion", "position") if mode == "SERVER" else ("position", "motion")
    # What earlier cases did may still be on its way to the guest, and arrives before the first.
    keyboard.send(movement(MouseMode[mode]))
    before = _guest_gets(client, right) + _what_follows(client)
    keyboard.send(*[movement(_OTHER[mode])] * BUNCH)
    keyboard.expect_count("MOUSE_MOTION_ACK", 1, why="a movement, and four of the other kind")
    keyboard.send(movement(MouseMode[mode], 1))
    found = _guest_gets(client, right) + _what_follows(client)
    if wrong in found:
        raise Failure(f"the guest gets no {wrong} in mode {mode}", f"it got {', '.join(found)}")
    why = f"so many came of one {right}, and this is one more, with four movements of the other kind before it"
    check_value("", f"events in the guest, {right}", found.count(right), at_most(before.count(right)), why=why)


def _guest_gets(client: SuiteClient, kind: str) -> list[str]:
    """What the guest got up to an event of this kind. Raises Failure if there is none."""
    found: list[str] = []

    def arrived() -> bool:
        found.extend(_kinds(client.control("input-events")))
        return kind in found

    if not client.run(arrived):
        raise Failure(f"the guest gets a {kind}", f"it got {', '.join(found) or 'nothing'}")
    return found


def _what_follows(client: SuiteClient) -> list[str]:
    """What the guest gets in a short quiet time."""
    client.wait_quiet()
    return _kinds(client.control("input-events"))


def _kinds(events: Any) -> list[str]:
    """Names of what the guest got: from events with classes, or from lines that begin with a name."""
    if isinstance(events, str):
        return [line.split()[0].lower() for line in events.splitlines() if line.strip()]
    return [type(event).__name__.lower() for event in events if not getattr(event, "bell", False)]


@server_case("SPICE-MOUSE-014/other-kind-between-buttons", channel="inputs")
def other_kind_between_buttons(client: SuiteClient) -> None:
    """In mode SERVER: positions between a press and its release, as clients send them that do not know the mode."""
    talk, keyboard = in_mode(client, MouseMode.SERVER)
    position = inputs.MousePosition(x=0xFFFFFFFF, y=0xFFFFFFFF, buttons_state=MouseButtonMask.LEFT, display_id=255)
    keyboard.send(inputs.MousePress(MouseButton.LEFT, MouseButtonMask.LEFT))
    keyboard.send(*[position] * BUNCH)
    keyboard.send(inputs.MouseRelease(MouseButton.LEFT, 0))
    keyboard.expect_count("MOUSE_MOTION_ACK", 1, why="four positions")
    client.alive(talk)
