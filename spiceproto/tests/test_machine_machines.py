"""Machines together: whom a message concerns, and how they begin."""

from __future__ import annotations

import pytest

from spiceproto.enums.capabilities import MainCapability
from spiceproto.errors import SchemaError
from spiceproto.machine import Announced, Lives, Machine, Machines, Rule, Run, begin
from spiceproto.rules import MACHINES, SCENARIOS, framing, mouse

SOME = Machines([MACHINES[name] for name in ("common", "ping", "acknowledgement", "main", "channels", "mouse", "motion")])
"""Those that are known here; others may come, about the same channels."""


def test_a_mapping_of_names() -> None:
    machines = Machines([framing.PING, mouse.MOUSE])
    assert list(machines) == ["ping", "mouse"] and len(machines) == 2 and machines["mouse"] is mouse.MOUSE
    with pytest.raises(SchemaError, match="one name"):
        Machines([framing.PING, framing.PING])


def test_files_of_rules_are_found() -> None:
    assert set(MACHINES) >= {"link", "common", "ping", "acknowledgement", "main", "channels", "mouse", "motion"}
    assert {scenario.machine for scenario in SCENARIOS.values()} <= set(MACHINES)


def test_whom_a_message_concerns() -> None:
    common = (("common", "INIT"), ("acknowledgement", "INIT"))
    assert SOME.concerned("main", "server", "INIT") == (*common, ("main", "INIT"), ("mouse", "main.INIT"))
    assert SOME.concerned("cursor", "server", "INIT") == common
    assert SOME.concerned("display", "client", "LINK") == (("channels", "display.LINK"),)
    assert ("motion", "MOUSE_MOTION_ACK") in SOME.concerned("inputs", "server", "MOUSE_MOTION_ACK")


def test_whom_machines_cover() -> None:
    assert [item.name for item in MACHINES.covering("link")] == ["link"]
    assert {item.name for item in MACHINES.covering("session")} >= {"channels", "mouse"}
    assert {item.name for item in MACHINES.covering("connection", "inputs")} >= {"common", "ping", "acknowledgement", "motion"}
    assert MACHINES.covering("connection", "inputs") != MACHINES.covering("connection", "main")


def test_whose_fields_matter() -> None:
    for channel, sender, message, wanted in (
        ("cursor", "server", "SET_ACK", True),
        ("cursor", "server", "SET", False),
        ("main", "server", "INIT", True),
        ("main", "server", "CHANNELS_LIST", True),
        ("main", "server", "NAME", False),
        ("inputs", "client", "MOUSE_MOTION", False),
    ):
        assert SOME.reads_fields(channel, sender, message) == wanted, message


def test_whose_capabilities_a_machine_judges() -> None:
    assert SOME.has_condition("main", "server", "NAME") and not SOME.has_condition("main", "server", "INIT")
    assert not SOME.has_condition("main", "client", "NAME") and not SOME.has_condition("display", "server", "NAME")
    able = Announced(client=(MainCapability.NAME_AND_UUID,))
    rules = tuple(Rule("open", "server", f"X {word}", "open", "R", when=able) for word in ("newest", "older"))
    with pytest.raises(SchemaError):
        Machine("words", channels=("main",), states={"open": "The only one."}, rules=rules)


def test_how_they_begin() -> None:
    for machine in MACHINES.values():
        held = begin(machine)
        if machine.begins["whole"] is None:
            assert held is None and machine.begins["destination"] is not None
        elif isinstance(held, Run):
            assert (held.state, held.whole) == (machine.initial, True)
        else:
            assert isinstance(held, Lives) and held.rest == machine.initial
    found = begin(MACHINES["motion"], "destination", now=5.0)
    assert isinstance(found, Run) and (found.state, found.whole, found.since) == ("open", False, 5.0)
    joined = begin(MACHINES["acknowledgement"], "midway")
    assert isinstance(joined, Run) and (joined.state, joined.whole) == ("joined", False)
    assert begin(MACHINES["main"], "midway") is None
