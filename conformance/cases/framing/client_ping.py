"""Clients: ping (2.6)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.framing.client_steps import opened, pinged, pings
from conformance.expectation import check_value
from spiceproto.messages import common

_PADDING: Final = 256000


@client_case(
    "SPICE-FRAME-028/on-main",
    "main",
    also=("SPICE-FRAME-029",),
    channel="main",
    unconditional=True,
    requires=("SPICE-FRAME-001/client-mini",),
)
@client_case("SPICE-FRAME-028/on-inputs", "inputs", also=("SPICE-FRAME-029",), channel="inputs")
@client_case("SPICE-FRAME-028/on-display", "display", also=("SPICE-FRAME-029",), channel="display")
@client_case("SPICE-FRAME-028/on-cursor", "cursor", also=("SPICE-FRAME-029",), channel="cursor")
def answered(server: SuiteServer, table: str) -> None:
    """One ping, then ten at once: on a channel."""
    talk = opened(server, table)
    pinged(talk, 1)
    at_once = list(range(2, 12))
    talk.send(*pings(*at_once))
    check_value("PONG", "ids", sorted([talk.expect("PONG").id for _ in at_once]), at_once, why="each is answered once")
    server.alive(talk)
    talk.expect_count("PONG", 12, why="12 PINGs")


@client_case("SPICE-FRAME-029/extreme-numbers", channel="main")
def extreme_numbers(server: SuiteServer) -> None:
    """The least and the largest id and time stamp, the same id again, and the same ping twice."""
    talk = opened(server)
    for number, stamp in ((0, 0), (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF), (0x80000000, 1 << 63), (7, 1), (7, 2), (7, 2)):
        talk.send(common.Ping(number, stamp, b""))
        talk.expect("PONG", id=number, timestamp=stamp)


@client_case("SPICE-FRAME-030/256-bytes", 256, channel="main")
@client_case("SPICE-FRAME-030/256000-bytes", _PADDING, channel="main", requires=("SPICE-FRAME-031/256000-bytes",))
def no_padding(server: SuiteServer, size: int) -> None:
    """A ping with padding is answered by twelve bytes: bytes of padding."""
    talk = opened(server)
    talk.send(common.Ping(9, 99, b"\x5a" * size), text=f"PING with {size} bytes of padding")
    found = talk.expect_message("PONG", why=f"to a PING with {size} bytes of padding")
    check_value("PONG", "bytes", len(found.body), 12, why="id and time stamp")


@client_case("SPICE-FRAME-031/256000-bytes", channel="main")
def padding(server: SuiteServer) -> None:
    """A ping with 256000 bytes of padding is answered, and the next one too."""
    talk = opened(server)
    talk.send(common.Ping(9, 99, b"\x5a" * _PADDING), text=f"PING with {_PADDING} bytes of padding")
    talk.wait_for("PONG", id=9)
    server.alive(talk)
