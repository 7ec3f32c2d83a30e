"""The faults: their names and sentences, that every rule of a server has one, and that none does more harm than it should."""

from __future__ import annotations

import contextlib
import re
from typing import Any

import pytest

from reference_server import FAULTS, Guest
from reference_server.tests.memory import Line, Wire, serve
from spiceproto.derive import chapters, sentences
from spiceproto.enums.link import ChannelType
from spiceproto.errors import LocalError, RemoteError
from spiceproto.fault import Fault
from spiceproto.messages import common, inputs, main

NAMES = sorted(FAULTS)

_CODED = "a server that codes otherwise sends another picture, and so breaks SPICE-IMAGE-007; faults of clients break it"
_CODECS = (
    *range(2, 6),
    *range(8, 14),
    *range(15, 29),
    32,
    33,
    *range(35, 40),
    *range(41, 47),
    48,
    50,
    51,
    52,
    53,
    55,
    60,
    61,
    62,
)

NOT_BREAKABLE = {
    **dict.fromkeys([f"SPICE-CODEC-{number:03}" for number in (*_CODECS, 69)], _CODED),
    **dict.fromkeys([f"SPICE-IMAGE-{number:03}" for number in range(15, 19)], _CODED),
    "SPICE-FRAME-003": "only WAIT_FOR_CHANNELS shows how a server counts, and none is sent yet",
}
"""Sentences of servers that no fault of a server can break."""


@pytest.fixture(scope="module")
def found() -> dict[str, sentences.Sentence]:
    if not list(chapters.SPEC.glob("[0-9][0-9]-*.md")):
        pytest.skip("the chapters are in a checkout only")
    return sentences.read(chapters.SPEC)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
def test_declaration(fault: Fault, found: dict[str, sentences.Sentence]) -> None:
    assert FAULTS[fault.name] is fault
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", fault.name)
    assert fault.breaks[0] == fault.requirement and len(set(fault.breaks)) == len(fault.breaks)
    assert fault.title.endswith(".") and len(fault.title) < 110
    for id in fault.breaks:
        assert found[id].role in ("server", "both"), id
    assert found[fault.requirement].level in ("MUST", "SHOULD")


def test_every_rule_of_a_server_has_a_fault(found: dict[str, sentences.Sentence]) -> None:
    wanted = {item.id for item in found.values() if item.level == "MUST" and item.role in ("server", "both")}
    broken = {fault.requirement for fault in FAULTS.values()}
    unbound = sentences.parse_reasons((chapters.SPEC / "unbound.md").read_text())
    assert wanted - broken - set(unbound) == set(NOT_BREAKABLE)


def test_an_unknown_fault() -> None:
    with pytest.raises(LocalError, match="no-such-fault"):
        serve(fault="no-such-fault")


def answers(line: Line) -> list[Any]:
    """What came, as far as a client understands it."""
    with contextlib.suppress(RemoteError):
        return line.read()
    return []


def talk(wire: Wire) -> None:
    """What a client does that cares for nothing that comes back."""
    guest = wire.server.guest
    line = wire.link()
    if line.channel is None:
        return
    wire.session_id = next((value.session_id for value in answers(line) if isinstance(value, main.Init)), 0)
    members = [wire.link(kind) for kind in (ChannelType.INPUTS, ChannelType.DISPLAY, ChannelType.CURSOR)]
    keys = members[0]
    line.send(main.AttachChannels(), main.MouseModeRequest(2), main.MouseModeRequest(3), common.Pong(5, 5))
    if keys.channel is not None and not keys.closed:
        keys.send(
            *[inputs.MouseMotion(1, 1, 0), inputs.MousePosition(x=1, y=1, buttons_state=0, display_id=0), inputs.KeyDown(0x1E)]
            * 3
        )
    guest.pointer.set_kind("absolute")
    guest.agent.set_present(True)
    guest.screens[0].animate(3)
    guest.pointer.set_kind("relative")
    wire.server.set_password("other")
    wire.server.add_channel(ChannelType.DISPLAY, 1)
    for each in (line, *members):
        if not each.closed:
            each.write(b"\xfa\x00\x03\x00\x00\x00abc" + b"\xff" * 40)
    wire.wait(100)
    wire.server.shutdown()
    wire.collect()


@pytest.mark.parametrize("fault", NAMES)
@pytest.mark.parametrize("piece", (0, 1), ids=("at-once", "byte-by-byte"))
def test_a_faulty_server_raises_nothing(fault: str, piece: int) -> None:
    """A suite has to find its fault on the wire."""
    wire = serve(Guest(size=(8, 8)), fault=fault, piece=piece, unfinished_links=8)
    talk(wire)
    for data in (b"GET / HTTP/1.1\r\n\r\n", b"\0" * 64, b"REDQ" + b"\xff" * 64):
        line = wire.connect()
        if not line.closed:
            line.write(data)
    wire.wait(500)
