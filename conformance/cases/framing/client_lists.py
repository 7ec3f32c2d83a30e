"""Clients: messages inside messages (2.4)."""

from __future__ import annotations

from struct import pack
from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.framing.client_steps import (
    AFTER_ACK,
    AFTER_FULL,
    AFTER_LIST,
    AFTER_WRITE,
    closed_in_order,
    need_mini_header,
    opened,
    ping,
    pings,
    pongs,
)
from conformance.cases.framing.steps import FULL, frame_with_list
from conformance.expectation import check_value, other_than, such
from conformance.outcome import Failure
from conformance.talk import Talk
from spiceproto import dispatch, framing
from spiceproto.messages import common


def _list_of(*parts: bytes, offsets: tuple[int, ...] | None = None, count: int | None = None) -> bytes:
    """The body of a LIST whose list says what the case wants; offsets count from the first byte behind the list."""
    places, at = [], 0
    for part in parts:
        places.append(at)
        at += len(part)
    said = tuple(places) if offsets is None else offsets
    begin = 2 + 4 * len(said)
    entries = [begin + item & 0xFFFFFFFF for item in said]
    return pack(f"<H{len(said)}L", len(said) if count is None else count, *entries) + b"".join(parts)


def _part(number: int, *, size: int = 12, sent: int = 12) -> bytes:
    """A PING as it stands inside another message."""
    return pack("<HL", 4, size) + pack("<LQ", number, 1000 + number)[:sent]


# -- in which order they are handled


@client_case("SPICE-FRAME-015/two-pings", "main", channel="main")
@client_case("SPICE-FRAME-015/two-pings-on-inputs", "inputs", channel="inputs")
@client_case("SPICE-FRAME-015/two-pings-on-display", "display", channel="display")
def two_pings(server: SuiteServer, table: str) -> None:
    """LIST of two pings, and one behind it: on a channel."""
    talk = opened(server, table)
    talk.send_list(*pings(1, 2))
    talk.send(ping(3))
    talk.expect_all(*pongs(1, 2, 3), why="messages of a list are handled in its order")


@client_case("SPICE-FRAME-015/order-of-the-list", channel="main", requires=AFTER_LIST)
def list_order(server: SuiteServer) -> None:
    """A list that names the second of its messages first."""
    talk = opened(server)
    body = _list_of(_part(1), _part(2), _part(3), offsets=(18, 36, 0))
    talk.send_raw(framing.LIST, body, text="LIST of PING 2, PING 3, PING 1, whose bytes lie in another order")
    talk.expect_all(*pongs(2, 3, 1), why="the order of the list, not of the bytes")


@client_case("SPICE-FRAME-015/before-what-holds-them", channel="main", requires=AFTER_FULL)
def before_holder(server: SuiteServer) -> None:
    """PING 3 that holds PING 1 and PING 2, under full headers."""
    talk = opened(server, common=FULL)
    first, second, (number, body) = [dispatch.build("main", "server", each) for each in pings(1, 2, 3)]
    whole, at = framing.with_sub_messages(body, [first, second])
    talk.send_raw(number, whole, sub_list=at, text="PING 3, in which lie PING 1 and PING 2")
    talk.expect_all(*pongs(1, 2, 3), why="what lies inside is handled before what it lies in")


# -- what reaches out of the body


_OUTSIDE: Final[dict[str, bytes]] = {
    "count-65535": _list_of(_part(1), count=65535),
    "count-one-too-many": _list_of(_part(1), count=6),
    "offset-past-the-end": _list_of(_part(1), offsets=(19,)),
    "offset-of-4294967295": _list_of(_part(1), offsets=(-7,)),
    "offset-of-2147483648": _list_of(_part(1), offsets=(0x7FFFFFFA,)),
    "header-past-the-end": _list_of(_part(1), offsets=(15,)),
    "size-past-the-end": _list_of(_part(0xBAD, sent=4)),
    "size-of-4294967295": _list_of(_part(0xBAD, size=0xFFFFFFFF)),
    "second-past-the-end": _list_of(_part(1), _part(0xBAD, sent=4)),
    "one-byte": b"\1",
    "without-body": b"",
}
"""Bodies of LIST that are wrong; what lies inside may be handled (PING 1), what does not must not be (PING 2989)."""

_NOTHING_ASKED: Final = "what lies outside of a body is nothing that was asked"


def outside(server: SuiteServer, which: str) -> None:
    """A list, or a message in it, that reaches out of the body of LIST; two pings lie behind."""
    talk = opened(server)
    talk.wire.spoil(_NOTHING_ASKED)
    bad = talk.frame_raw(framing.LIST, _OUTSIDE[which])
    _refused(server, talk, bad, f"LIST ({which.replace('-', ' ')})")


for _slug in _OUTSIDE:
    client_case(f"SPICE-FRAME-016/client-{_slug}", _slug, channel="main", requires=AFTER_WRITE)(outside)


@client_case("SPICE-FRAME-016/client-sub-list-past-the-end", 1 << 16, channel="main", requires=(*AFTER_FULL, *AFTER_WRITE))
@client_case("SPICE-FRAME-016/client-sub-list-at-the-end", 12, channel="main", requires=(*AFTER_FULL, *AFTER_WRITE))
@client_case("SPICE-FRAME-016/client-sub-list-of-4294967295", 0xFFFFFFFF, channel="main", requires=(*AFTER_FULL, *AFTER_WRITE))
def sub_list_outside(server: SuiteServer, offset: int) -> None:
    """A full header whose sub-list lies outside of the body, at an offset."""
    talk = opened(server, common=FULL)
    talk.wire.spoil(_NOTHING_ASKED)
    bad = frame_with_list(talk, *dispatch.build("main", "server", ping(1)), offset)
    _refused(server, talk, bad, f"PING 1 with its sub-list at {offset}")


def _refused(server: SuiteServer, talk: Talk, bad: bytes, what: str) -> None:
    """Behind something bad two pings are answered, or the channel is closed; of the pings in it only PING 1 may be.

    All in one write, so that there is something behind the body for whoever reads on. Raises Failure.
    """
    server.awaits(talk.table, "PONG")
    talk.send_bytes(bad + talk.frame(ping(2)) + talk.frame(ping(3)), f"{what}, PING 2 and PING 3 in one write")

    def answered() -> list[int]:
        return [message.parsed.id for message in talk.unread("PONG")]

    server.run(lambda: talk.closed or 3 in answered())
    found = answered()
    if 3 not in found and not closed_in_order(server, talk):
        raise Failure(f"PONG 2 and PONG 3 behind {what}, or {talk.name} is closed", f"PONG {found}; it is open")
    inside = such("1 at most once, 2 and 3", lambda ids: set(ids) <= {1, 2, 3} and ids.count(1) <= 1)
    check_value("PONG", "ids", found, inside, why="nothing but what lies inside the body is answered")


# -- they are one message with what holds them


@client_case("SPICE-FRAME-017/client-one-ack-for-a-list", channel="main", requires=(*AFTER_LIST, *AFTER_ACK))
def one_ack(server: SuiteServer) -> None:
    """Three LISTs of three pings each under a window of 1: three ACKs."""
    talk = opened(server)
    talk.send(common.SetAck(1, 1))
    for first in (1, 4, 7):
        talk.send_list(*pings(*range(first, first + 3)))
        talk.wait_for("PONG", id=first + 2)
    talk.expect_count("ACK", 3, why="a window of 1 and three LISTs of three messages, each of which is one message")
    server.alive(talk)
    talk.expect_count("ACK", 4, why="a window of 1, three LISTs and a ping")


@client_case("SPICE-FRAME-018/client-sends-no-list", channel="main", requires=AFTER_LIST)
def no_lists(server: SuiteServer) -> None:
    """Answers to what came in a LIST, under mini headers: messages of their own."""
    talk = opened(server)
    need_mini_header(talk)
    talk.send_list(common.SetAck(1, 4), *pings(1, 2, 3))
    talk.send(ping(4))
    for message in talk.up_to("PONG", id=4):
        check_value("message", "type", message.number, other_than(framing.LIST), why="a client has no LIST")
