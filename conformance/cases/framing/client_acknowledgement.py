"""Clients: acknowledgement (2.5)."""

from __future__ import annotations

from collections import Counter
from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.framing.client_steps import AFTER_ACK, AFTER_SYNC, opened, ping, pinged
from conformance.expectation import at_least, at_most, check_value, says, such
from spiceproto.messages import common

# -- ACK_SYNC


@client_case("SPICE-FRAME-019/three-windows-on-main", "main", also=("SPICE-FRAME-027",), channel="main")
@client_case("SPICE-FRAME-019/three-windows-on-inputs", "inputs", also=("SPICE-FRAME-027",), channel="inputs")
@client_case("SPICE-FRAME-019/three-windows-on-display", "display", also=("SPICE-FRAME-027",), channel="display")
@client_case("SPICE-FRAME-019/three-windows-on-cursor", "cursor", also=("SPICE-FRAME-027",), channel="cursor")
def three_windows(server: SuiteServer, table: str) -> None:
    """Three windows one after another, each answered before the next, and three at once: on a channel."""
    talk = opened(server, table)
    for generation, window in ((1, 10), (2, 5), (7, 0)):
        talk.send(common.SetAck(generation, window))
        talk.expect("ACK_SYNC", generation=generation)
    at_once = (0xFFFFFFFF, 0, 3)
    talk.send(*[common.SetAck(generation, 30) for generation in at_once])
    talk.expect_all(*[says("ACK_SYNC", generation=generation) for generation in at_once])
    server.alive(talk)
    talk.expect_count("ACK_SYNC", 6, why="six SET_ACK")


@client_case("SPICE-FRAME-027/no-other-generation", channel="main", requires=("SPICE-FRAME-001/client-mini",))
def no_other_generation(server: SuiteServer) -> None:
    """Whatever the client says in ACK_SYNC, a SET_ACK has said it before, and as often."""
    talk = opened(server, answering=True)
    talk.expect_count("ACK_SYNC", 0, why="there was no SET_ACK")
    generations = (4, 0x80000000, 4, 9)
    talk.send(*[common.SetAck(generation, 3) for generation in generations], ping(1))
    syncs = [message.value for message in talk.up_to("PONG", id=1) if message.name == "ACK_SYNC"]
    said = [value.generation for value in syncs if value is not None]
    told = such(f"among {generations}, each once", lambda found: not Counter(found) - Counter(generations))
    check_value("ACK_SYNC", "generations", said, told)


# -- ACK


_WINDOWS: Final = {
    "1-on-main": ("main", 1),
    "2-on-main": ("main", 2),
    "20-on-main": ("main", 20),
    "2-on-inputs": ("inputs", 2),
    "1-on-display": ("display", 1),
    "20-on-display": ("display", 20),
    "2-on-cursor": ("cursor", 2),
}
"""Channels and windows."""


def acks_when_due(server: SuiteServer, which: str) -> None:
    """Pings under a window, counted from the one behind SET_ACK: each window of them earns an ACK."""
    table, size = _WINDOWS[which]
    talk = opened(server, table)
    talk.send(common.SetAck(5, size))
    for turn in range(3):
        pinged(talk, size, first=turn * size + 1)
        talk.expect_count("ACK", at_least(turn + 1), why=_since(size, (turn + 1) * size))


def acks_not_sooner(server: SuiteServer, which: str) -> None:
    """Pings under a window, counted from the one behind SET_ACK: no ACK comes before a window of them is full."""
    table, size = _WINDOWS[which]
    talk = opened(server, table)
    talk.send(common.SetAck(5, size))
    for turn in range(3):
        pinged(talk, size - 1, first=turn * size + 1)
        talk.expect_count("ACK", at_most(turn), why=_since(size, (turn + 1) * size - 1))
        pinged(talk, 1, first=(turn + 1) * size)
    server.alive(talk)
    talk.expect_count("ACK", at_most((3 * size + 1) // size), why=_since(size, 3 * size + 1))


def _since(window: int, count: int) -> str:
    return f"{count} messages since SET_ACK with a window of {window}"


for _slug, (_table, _size) in _WINDOWS.items():
    client_case(f"SPICE-FRAME-020/{_slug}", _slug, channel=_table)(acks_when_due)
    client_case(f"SPICE-FRAME-021/{_slug}", _slug, channel=_table)(acks_not_sooner)


@client_case("SPICE-FRAME-020/counts-unknown-messages", channel="main", requires=("SPICE-FRAME-006/250-on-main",))
def window_of_unknown(server: SuiteServer) -> None:
    """Messages that the client does not know count under a window of 2."""
    talk = opened(server)
    talk.send(common.SetAck(5, 2))
    for _ in range(3):
        talk.send_raw(250, b"?")
    pinged(talk, 1)
    talk.expect_count("ACK", at_least(2), why="three messages of type 250 and a ping since SET_ACK with a window of 2")


@client_case("SPICE-FRAME-021/counts-anew", channel="main")
def window_anew(server: SuiteServer) -> None:
    """A window of 4 in the middle of one of 3: what came before counts no more."""
    talk = opened(server)
    talk.send(common.SetAck(5, 3))
    pinged(talk, 1)
    talk.send(common.SetAck(6, 4))
    pinged(talk, 3, first=2)
    talk.expect_count("ACK", 0, why="one message under a window of 3, then three under a window of 4")
    pinged(talk, 1, first=5)
    server.alive(talk)
    talk.expect_count("ACK", at_most(1), why="one message under a window of 3, then five under a window of 4")


@client_case("SPICE-FRAME-021/window-of-0", channel="main", requires=AFTER_SYNC)
def no_window(server: SuiteServer) -> None:
    """Thirty pings after a window of 1 was replaced by one of 0."""
    talk = opened(server)
    talk.send(common.SetAck(1, 1), common.SetAck(2, 0))
    talk.wait_for("ACK_SYNC", generation=2)
    before = talk.count("ACK")
    pinged(talk, 30)
    talk.expect_count("ACK", before, why="none more while the window is 0")


@client_case("SPICE-FRAME-022/set-ack-counts", channel="main", requires=(*AFTER_SYNC, *AFTER_ACK))
def set_ack_counts(server: SuiteServer) -> None:
    """A window of 1, then one of 0: the SET_ACK that ends the window earns an ACK."""
    talk = opened(server)
    talk.send(common.SetAck(1, 1))
    talk.expect("ACK_SYNC")
    talk.send(common.SetAck(2, 0))
    talk.expect_all(says("ACK"), says("ACK_SYNC"), why="the SET_ACK that ends a window of 1 is acknowledged, and then obeyed")


@client_case("SPICE-FRAME-023/ack-before-pong", channel="main", requires=(*AFTER_SYNC, *AFTER_ACK))
def ack_first(server: SuiteServer) -> None:
    """A window of 1 and a ping: ACK, then PONG."""
    talk = opened(server)
    talk.send(common.SetAck(1, 1))
    talk.expect("ACK_SYNC")
    talk.send(ping(1))
    talk.expect_all(says("ACK"), says("PONG"), why="ACK is sent before the message is handled")


@client_case("SPICE-FRAME-026/no-ack-on-main", "main", channel="main")
@client_case("SPICE-FRAME-026/no-ack-on-inputs", "inputs", channel="inputs")
@client_case("SPICE-FRAME-026/no-ack-on-display", "display", channel="display")
def no_ack(server: SuiteServer, table: str) -> None:
    """Fifty pings on a channel without any SET_ACK."""
    talk = opened(server, table)
    pinged(talk, 50)
    if count := talk.count("ACK"):
        server.tolerate(f"{count} ACK before any SET_ACK")
