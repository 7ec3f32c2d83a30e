"""Servers: what a receiver does not understand (2.2)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.framing.server_steps import (
    AT_ANY_TIME,
    LISTS,
    begun,
    goes_on,
    goes_on_or_closes,
    let_begin,
    need_listed,
    opened,
    rest_lives,
)
from conformance.cases.framing.steps import number_of, send_longer, slug
from conformance.cases.mouse.steps import BUNCH
from conformance.channels import greeting
from conformance.client_wire import Ask
from conformance.expectation import at_least
from conformance.talk import Talk
from spiceproto.enums.link import ChannelType
from spiceproto.messages import common

# -- types that mean nothing


@server_case("SPICE-FRAME-008/main-200", 200, channel="main")
@server_case("SPICE-FRAME-008/main-250", 250, channel="main")
def unknown_on_main(client: SuiteClient, number: int) -> None:
    """A type that nobody knows, on main; after a close a new session is served."""
    talk = opened(client, "main")
    talk.send_raw(number, bytes(16))
    if not goes_on_or_closes(client, talk, f"type {number} of 16 bytes"):
        rest_lives(client, talk)


@server_case("SPICE-FRAME-008/inputs-200", 200, channel="inputs")
@server_case("SPICE-FRAME-008/inputs-250", 250, channel="inputs")
def unknown_on_inputs(client: SuiteClient, number: int) -> None:
    """A type that nobody knows, on inputs; the session goes on in either case."""
    keyboard = opened(client, "inputs")
    keyboard.send_raw(number, bytes(16))
    goes_on_or_closes(client, keyboard, f"type {number} of 16 bytes")
    rest_lives(client, keyboard)


# -- bodies that are too short


def short_of_main(client: SuiteClient, name: str, size: int) -> None:
    """A body on main that is shorter than its fields; then a new session."""
    _short(client, opened(client, "main"), name, size)


def short_of_inputs(client: SuiteClient, name: str, size: int) -> None:
    """A body on inputs that is shorter than its fields; the session goes on."""
    _short(client, opened(client, "inputs"), name, size)


def short_of_pictures(client: SuiteClient, table: str, name: str, size: int) -> None:
    """A body on a channel of pictures that is shorter than its fields; the session goes on."""
    _short(client, begun(client, table), name, size)


def short_of_a_new_display(client: SuiteClient, size: int) -> None:
    """The first INIT of a display is shorter than its fields; the session goes on."""
    need_listed(client, ChannelType.DISPLAY)
    with client.preparing("display, linked"):
        screen = client.link(Ask(ChannelType.DISPLAY))
    _short(client, screen, "INIT", size)


def _short(client: SuiteClient, talk: Talk, name: str, size: int) -> None:
    talk.send_raw(number_of(talk.table, "client", name), bytes(size), text=f"{name} of {size} bytes")
    talk.expect_closed(why=f"{name} of {size} bytes")
    rest_lives(client, talk)


for _name, _size in (("MOUSE_MODE_REQUEST", 1), ("MOUSE_MODE_REQUEST", 0), ("AGENT_START", 3), ("PONG", 11)):
    server_case(f"SPICE-FRAME-009/main-{slug(_name)}-{_size}", _name, _size, channel="main")(short_of_main)

for _name, _size in (
    ("MOUSE_MOTION", 9),
    ("MOUSE_MOTION", 0),
    ("MOUSE_POSITION", 10),
    ("MOUSE_PRESS", 2),
    ("MOUSE_RELEASE", 2),
    ("KEY_DOWN", 3),
    ("KEY_UP", 3),
    ("KEY_MODIFIERS", 1),
    ("PONG", 11),
):
    server_case(f"SPICE-FRAME-009/inputs-{slug(_name)}-{_size}", _name, _size, channel="inputs")(short_of_inputs)


for _table, _name, _size in (
    ("display", "PONG", 11),
    ("display", "ACK_SYNC", 3),
    ("cursor", "PONG", 11),
    ("cursor", "ACK_SYNC", 3),
):
    server_case(f"SPICE-FRAME-009/{_table}-{slug(_name)}-{_size}", _table, _name, _size, channel=_table)(short_of_pictures)

for _size in (13, 0):
    _id = f"SPICE-FRAME-009/display-init-{_size}"
    server_case(_id, _size, channel="display", needs=("early-loss",))(short_of_a_new_display)


# -- bodies that are too long


_IGNORED: Final = "bytes behind the last field are ignored"

_HARMLESS: Final = {
    ("main", "ATTACH_CHANNELS"): LISTS,
    ("main", "PONG"): ("SPICE-FRAME-032/not-asked-for-on-main",),
    ("main", "MOUSE_MODE_REQUEST"): ("SPICE-MOUSE-004/current-mode",),
    ("inputs", "MOUSE_POSITION"): ("SPICE-MOUSE-014/positions-in-server-mode",),
    ("inputs", "MOUSE_MOTION"): ("SPICE-MOUSE-014/motions-in-client-mode",),
}
"""Cases that show that the server lives with such a message when it is as long as it should be."""


def longer_on_main(client: SuiteClient, name: str) -> None:
    """A message on main with eight bytes behind its last field."""
    client.relies_on(*_HARMLESS.get(("main", name), ()))
    talk = opened(client, "main")
    send_longer(talk, AT_ANY_TIME["main", name])
    client.alive(talk, _IGNORED)
    if name == "ATTACH_CHANNELS":
        talk.expect_count("CHANNELS_LIST", at_least(2), why=_IGNORED)


def longer_on_inputs(client: SuiteClient, name: str) -> None:
    """A message on inputs with eight bytes behind its last field; movements with them are counted."""
    client.relies_on(*_HARMLESS.get(("inputs", name), ()))
    keyboard = opened(client, "inputs")
    moves = name in ("MOUSE_MOTION", "MOUSE_POSITION")
    for _ in range(BUNCH if moves else 1):
        send_longer(keyboard, AT_ANY_TIME["inputs", name])
    if moves:
        keyboard.expect_count("MOUSE_MOTION_ACK", at_least(1), why=f"four movements; {_IGNORED}")
    goes_on(client, keyboard, _IGNORED)


for _table, _name in AT_ANY_TIME:
    _longer = longer_on_main if _table == "main" else longer_on_inputs
    server_case(f"SPICE-FRAME-011/{_table}-{slug(_name)}", _name, channel=_table)(_longer)


@server_case("SPICE-FRAME-011/display-init", channel="display")
def longer_display_init(client: SuiteClient) -> None:
    """INIT, ACK_SYNC and ACK of display with eight bytes behind their last field: the channel begins as always."""
    need_listed(client, ChannelType.DISPLAY)
    with client.preparing("display, linked"):
        screen = client.link(Ask(ChannelType.DISPLAY, answers=False))
    for value in greeting("display").client_says:
        send_longer(screen, value)
    let_begin(client, screen)
    for asked in screen.unread("SET_ACK"):
        send_longer(screen, common.AckSync(asked.parsed.generation))
        send_longer(screen, common.Ack())
    client.wait_quiet()
    screen.expect_open(_IGNORED)
