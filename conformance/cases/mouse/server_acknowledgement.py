"""Servers: acknowledgement of movements (4.3)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.mouse.steps import BUNCH, ask_for, in_mode, move, movement
from conformance.client_wire import Ask
from spiceproto.enums.inputs import MouseButton, MouseButtonMask
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.messages import inputs

_INPUTS: Final = Ask(ChannelType.INPUTS)


@server_case("SPICE-MOUSE-018/eight-motions", "SERVER", channel="inputs")
@server_case("SPICE-MOUSE-018/eight-positions", "CLIENT", channel="inputs")
def eight(client: SuiteClient, mode: str) -> None:
    """Four movements and four more, of the kind that the mode asks for."""
    _, keyboard = in_mode(client, MouseMode[mode])
    for number in (1, 2):
        move(client, keyboard, BUNCH, mode=MouseMode[mode])
        keyboard.expect_count("MOUSE_MOTION_ACK", number, why=f"{number * BUNCH} movements")
    keyboard.expect_count("MOUSE_MOTION_ACK", 2, why="eight movements", settle=True)
    keyboard.expect_open()


@server_case("SPICE-MOUSE-018/eight-at-once", channel="inputs")
def eight_at_once(client: SuiteClient) -> None:
    """Eight movements before the first acknowledgement."""
    keyboard = client.channel(_INPUTS)
    move(client, keyboard, 2 * BUNCH)
    keyboard.expect_count("MOUSE_MOTION_ACK", 2, why="eight movements", settle=True)
    keyboard.expect_open()


@server_case("SPICE-MOUSE-018/four-of-each", channel="inputs")
def four_of_each(client: SuiteClient) -> None:
    """Two motions, a change of the mode, four positions, a change, two motions: they count together."""
    talk, keyboard = in_mode(client, MouseMode.CLIENT)
    ask_for(client, talk, MouseMode.SERVER)
    move(client, keyboard, 2, mode=MouseMode.SERVER)
    ask_for(client, talk, MouseMode.CLIENT)
    move(client, keyboard, 2, mode=MouseMode.CLIENT)
    keyboard.expect_count("MOUSE_MOTION_ACK", 1, why="two motions and two positions")
    move(client, keyboard, 2, mode=MouseMode.CLIENT)
    ask_for(client, talk, MouseMode.SERVER)
    move(client, keyboard, 2, mode=MouseMode.SERVER)
    keyboard.expect_count("MOUSE_MOTION_ACK", 2, why="four motions and four positions", settle=True)
    keyboard.expect_open()


@server_case("SPICE-MOUSE-018/mixed-in-one-mode", channel="inputs")
def mixed_in_one_mode(client: SuiteClient) -> None:
    """A motion and a position by turns, whatever the mode is: they count together."""
    client.relies_on("SPICE-MOUSE-014/positions-in-server-mode", "SPICE-MOUSE-014/motions-in-client-mode")
    keyboard = client.channel(_INPUTS)
    for number in (1, 2):
        keyboard.send(*[movement(MouseMode.SERVER), movement(MouseMode.CLIENT)] * (BUNCH // 2))
        keyboard.expect_count("MOUSE_MOTION_ACK", number, why=f"{number * BUNCH // 2} motions and as many positions")


@server_case("SPICE-MOUSE-018/forty", 40, channel="inputs")
@server_case("SPICE-MOUSE-018/two-hundred", 200, channel="inputs", requires=("SPICE-MOUSE-018/forty",))
def many(client: SuiteClient, count: int) -> None:
    """So many movements, four at a time: an acknowledgement for each four."""
    keyboard = client.channel(_INPUTS)
    for number in range(1, count // BUNCH + 1):
        move(client, keyboard, BUNCH)
        keyboard.expect_count("MOUSE_MOTION_ACK", number, why=f"{number * BUNCH} movements")


@server_case("SPICE-MOUSE-019/three", channel="inputs")
def three(client: SuiteClient) -> None:
    """Three movements bring nothing, a fourth brings one acknowledgement."""
    keyboard = client.channel(_INPUTS)
    move(client, keyboard, 3)
    keyboard.expect_count("MOUSE_MOTION_ACK", 0, why="three movements", settle=True)
    keyboard.expect_open()
    move(client, keyboard, 1)
    keyboard.expect_count("MOUSE_MOTION_ACK", 1, why="four movements")


@server_case("SPICE-MOUSE-019/seven", channel="inputs")
def seven(client: SuiteClient) -> None:
    """Seven movements bring one acknowledgement."""
    keyboard = client.channel(_INPUTS)
    move(client, keyboard, 7)
    keyboard.expect_count("MOUSE_MOTION_ACK", 1, why="seven movements", settle=True)
    keyboard.expect_open()


@server_case("SPICE-MOUSE-019/only-movements-count", channel="inputs")
def only_movements_count(client: SuiteClient) -> None:
    """Buttons, keys and lock keys are no movements: three movements and eight of them bring nothing."""
    keyboard = client.channel(_INPUTS)
    move(client, keyboard, 3)
    for _ in range(2):
        keyboard.send(inputs.MousePress(MouseButton.LEFT, MouseButtonMask.LEFT))
        keyboard.send(inputs.MouseRelease(MouseButton.LEFT, 0))
        keyboard.send(inputs.KeyDown(0x1E))
        keyboard.send(inputs.KeyUp(0x9E))
    keyboard.expect_count("MOUSE_MOTION_ACK", 0, why="three movements, buttons and keys", settle=True)
    keyboard.expect_open()
    move(client, keyboard, 1)
    keyboard.expect_count("MOUSE_MOTION_ACK", 1, why="four movements")


@server_case("SPICE-MOUSE-019/counted-for-each-channel", channel="inputs")
def counted_anew(client: SuiteClient) -> None:
    """Three movements, and the channel is closed and linked again: its count begins at nothing."""
    client.relies_on("SPICE-MAIN-020/inputs")
    keyboard = client.channel(_INPUTS)
    move(client, keyboard, 3)
    keyboard.close()
    client.alive(client.main_talk)
    again = client.channel(_INPUTS)
    move(client, again, 1)
    again.expect_count("MOUSE_MOTION_ACK", 0, why="one movement on a new channel", settle=True)
    again.expect_open()
    move(client, again, 3)
    again.expect_count("MOUSE_MOTION_ACK", 1, why="four movements on a new channel")
