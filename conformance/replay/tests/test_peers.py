"""Recordings played to programs of others, which were made with other versions and guests."""

from __future__ import annotations

import pytest

from conformance.adapters.programs.andris import Andris
from conformance.adapters.programs.qemu import Qemu
from conformance.adapters.programs.spice_gtk import SpiceGtk
from conformance.adapters.tests.looks import need_adapters
from conformance.replay.recording import read
from conformance.replay.tests.played import ANDRIS, SEABIOS, against, facts


def test_what_qemu_was_recorded_to_say_it_says_again() -> None:
    need_adapters(Qemu)
    played, found = against(read(SEABIOS), "qemu:")
    # It has more devices than the one that was recorded, and another number of draw commands in the same time.
    assert {(kind, name) for kind, _, name, _ in facts(found)} <= {("differs", "CHANNELS_LIST"), ("differs", "LINK")}
    assert found.counts["same"] >= 10 and not played.unsaid and not played.absent


def test_what_andris_was_told_qemu_can_be_told() -> None:
    need_adapters(Qemu)
    played, found = against(read(ANDRIS), "qemu:")
    assert ("more", "main:0", "NAME", ()) in facts(found)
    assert {item.said.name for item in played.unsaid} <= {"AGENT_START", "AGENT_DATA"}


@pytest.mark.parametrize("capture", [SEABIOS, ANDRIS], ids=["seabios", "andris"])
def test_what_spice_gtk_was_recorded_to_say_it_says_again(capture: object) -> None:
    need_adapters(SpiceGtk)
    played, found = against(read(str(capture)), "spice-gtk:")
    # Which video it announces depends on the decoders that are installed, and the sizes of its caches on the memory.
    names = {(kind, name) for kind, _, name, _ in facts(found)}
    assert names <= {
        ("differs", "LINK"),
        ("differs", "INIT"),
        ("moved", "ATTACH_CHANNELS"),
        ("moved", "PONG"),
        ("moved", "AGENT_START"),
    }
    assert found.counts["same"] >= 5 and not played.unsaid and not played.absent


def test_andris_says_what_it_was_recorded_to_say() -> None:
    need_adapters(Andris)
    played, found = against(read(ANDRIS), "andris:")
    assert facts(found) == [] and found.counts["same"] >= 8
    assert (played.said, played.unsaid) == (6, [])
