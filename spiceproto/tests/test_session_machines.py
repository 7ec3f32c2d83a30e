"""Which machines a session runs on which of its channels, and what they hear there: they say so themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from spiceproto import usbredir_packets
from spiceproto.channels import channel_type
from spiceproto.dispatch import rows
from spiceproto.enums.main import MouseMode
from spiceproto.machine import Coverage, Forbidden, Machine, Machines, Rule, Scope, Split, Verdict
from spiceproto.messages import common, display, inputs, main, smartcard, spicevmc, usbredir
from spiceproto.rules import MACHINES
from spiceproto.session import Session
from spiceproto.size_limits import CHANNELS
from spiceproto.tests.test_session import BOTH, DISPLAY, MAIN, broken, channels_list, init, started
from spiceproto.usbredir_device import interfaces

SCOPES: tuple[Scope, ...] = ("connection", "session")

POINTER = Machine(
    "pointer",
    channels=("cursor",),
    states={"hidden": "It can not be seen.", "shown": "It can."},
    begins={"destination": None},
    rules=(
        Rule("hidden", "server", "SET visible", "shown", "SPICE-X-001"),
        Rule("hidden", "server", "SET hidden", "hidden", "SPICE-X-001"),
        Rule("shown", "server", "HIDE", "hidden", "SPICE-X-001"),
    ),
    splits=(Split("server", "SET", ("visible",), (((0,), "hidden"),), "visible"),),
    forbidden=(
        Forbidden("server", "SET visible", "SPICE-X-002"),
        Forbidden("server", "SET hidden", "SPICE-X-002"),
        Forbidden("server", "HIDE", "SPICE-X-003"),
    ),
)

PAIRS = Machine(
    "pairs",
    channels=("cursor", "inputs"),
    scope="session",
    states={"even": "Nobody hides.", "odd": "One has hidden."},
    rules=(Rule("even", "server", "cursor.HIDE", "odd", "SPICE-X-004"),),
    forbidden=(Forbidden("server", "cursor.HIDE", "SPICE-X-005"),),
)


def test_a_machine_of_another_channel_is_run_there_and_nowhere_else() -> None:
    machines = Machines([POINTER, PAIRS])
    session = Session(machines=machines)
    cursor, display = session.link(4, 0, 0), session.link(2, 0, 0)
    assert set(cursor.held) == {"pointer", "pairs"} and set(display.held) == {"pairs"}
    assert session.reads_fields(cursor, "server", "SET") and not session.reads_fields(cursor, "server", "HIDE")
    assert not session.reads_fields(display, "server", "SET")
    session.message(cursor, "server", "SET", {"visible": 1})
    session.message(display, "server", "HIDE")
    session.message(cursor, "server", "HIDE")
    assert broken(session) == []
    session.message(cursor, "server", "HIDE")
    assert broken(session) == ["SPICE-X-003", "SPICE-X-005"]


def test_a_session_shares_what_is_of_a_session() -> None:
    session = Session(machines=Machines([POINTER, PAIRS]))
    first, second = session.link(4, 0, 0), session.link(4, 1, 0)
    for member in (first, second):
        session.message(member, "server", "SET", {"visible": 1})
        session.message(member, "server", "HIDE")
    assert broken(session) == ["SPICE-X-005"]


def test_a_machine_that_is_not_run_at_a_destination() -> None:
    machines = Machines([POINTER])
    for destination, wanted in ((False, ["SPICE-X-003"]), (True, [])):
        session = Session(machines=machines, destination=destination)
        session.message(session.link(4, 0, 0), "server", "HIDE")
        assert broken(session) == wanted


def test_what_a_session_keeps_of_messages_is_parsed() -> None:
    session, member = started()
    for name in ("INIT", "MOUSE_MODE", "CHANNELS_LIST", "PING"):
        assert session.reads_fields(member, "server", name)
    assert not session.reads_fields(member, "server", "NAME")


def test_coverage_of_a_session() -> None:
    coverage = {name: Coverage(machine) for name, machine in MACHINES.items()}
    session = Session(coverage=coverage)
    member = session.link(*MAIN, 0)
    session.message(member, "server", "INIT", init())
    session.message(member, "server", "CHANNELS_LIST", channels_list(DISPLAY))
    session.closed(session.link(*DISPLAY, 77))
    assert {rule.message for rule in coverage["channels"].used} == {"main.CHANNELS_LIST", "*.LINK", "*.CLOSE"}
    assert {rule.message for rule in coverage["mouse"].used} == {"main.INIT SERVER"}
    assert {rule.message for rule in coverage["main"].used} == {"INIT"}


_USB = (
    usbredir_packets.hello("test"),
    interfaces((0, 8, 6, 0x50)),
    usbredir.DeviceDisconnect(),
    usbredir.Reset(),
)
"""Packets that either machine of usbredir hears, each of the side that says such a thing."""

_DATA: Mapping[str, Any] = {
    "smartcard": smartcard.Data(2, 0, bytes(4)),
    "usbredir": spicevmc.Data(b"".join([usbredir_packets.packet(packet) for packet in _USB])),
}
"""DATA of a channel of which machines read what is inside."""


class Heard(Coverage):
    """Notes what was read, allowed or not."""

    def __init__(self, machine: Machine) -> None:
        super().__init__(machine)
        self.letters = set[str]()

    def note(self, verdict: Verdict) -> None:
        self.letters |= {verdict.letter} - {""}


@pytest.mark.parametrize("channel", sorted(CHANNELS))
def test_every_machine_hears_each_of_its_channels(channel: str) -> None:
    heard = {name: Heard(machine) for name, machine in MACHINES.items()}
    for destination in (False, True):
        session = Session(coverage=heard, destination=destination)
        member = session.link(channel_type(channel), 0, 0)
        for sender in ("server", "client"):
            for row in rows(channel, sender).values():
                session.message(member, sender, row.name, _example(channel, row.name))
        session.closed(member)
    about = {item.name for scope in SCOPES for item in MACHINES.covering(scope, channel) if item.covers(channel)}
    assert {name for name, item in heard.items() if item.letters} == about


def _example(channel: str, name: str) -> Any:
    """Fields that machines read, where a message without any is nothing to them."""
    values = {
        "INIT": init() if channel == "main" else None,
        "MOUSE_MODE": main.MouseModeMessage(BOTH, MouseMode.CLIENT),
        "CHANNELS_LIST": channels_list(DISPLAY),
        "KEY_DOWN": inputs.KeyDown(0x1E),
        "SET_ACK": common.SetAck(1, 5),
        "ACK_SYNC": common.AckSync(1),
        "PING": common.Ping(1, 1, b""),
        "PONG": common.Pong(1, 1),
        "DATA": _DATA.get(channel),
        "STREAM_ACTIVATE_REPORT": display.StreamActivateReport(stream_id=1, unique_id=1, max_window_size=5, timeout_ms=1000),
    }
    return values.get(name)
