"""Servers: messages inside messages (2.4)."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.framing.server_steps import AFTER_FULL, LISTS, PATTERN, opened, rest_lives, whole_session
from conformance.cases.framing.steps import FULL, frame_with_list, number_of
from conformance.expectation import check_value
from conformance.outcome import NotApplicable
from conformance.talk import Message, Talk
from spiceproto import dispatch, framing
from spiceproto.errors import RemoteError
from spiceproto.messages import main

# -- what reaches out of the body


_PONG: Final = number_of("main", "client", "PONG")
_PONG_BODY: Final = (1).to_bytes(4, "little") + PATTERN.to_bytes(8, "little")
_INNER: Final = number_of("main", "client", "ATTACH_CHANNELS").to_bytes(2, "little") + bytes(4)
"""A whole message that would be answered."""

_INNER_LONG: Final = _INNER[:2] + (100).to_bytes(4, "little")
"""The same with a body that does not end inside any of the cases' bodies."""

_OUTSIDE: Final = {
    "count-of-65535": (_PONG_BODY + _INNER + b"\xff\xff\x0c\0\0\0", 18),
    "offset-past-the-end": (_PONG_BODY + b"\1\0\x30\0\0\0", 12),
    "offset-at-the-end": (_PONG_BODY + b"\1\0\x12\0\0\0", 12),
    "offset-of-ones": (_PONG_BODY + b"\1\0\xff\xff\xff\xff", 12),
    "size-past-the-end": (_PONG_BODY + _INNER_LONG + b"\1\0\x0c\0\0\0", 18),
    "list-past-the-end": (_PONG_BODY, 100),
    "list-at-the-end": (_PONG_BODY, 11),
}
"""A body, and where its list begins. 0x30 leads to the first whole message in the body of the message that follows."""


def outside(client: SuiteClient, which: str) -> None:
    """A list, or a message in it, that is not inside the body: not handled, whether or not main is closed."""
    client.relies_on("SPICE-MAIN-013/nobody-asked", *LISTS)
    body, offset = _OUTSIDE[which]
    talk = opened(client, "main", common=FULL)
    data = frame_with_list(talk, _PONG, body, offset) + talk.frame_raw(_PONG, _PONG_BODY + _INNER * 4)
    talk.send_bytes(data, f"PONG of {len(body)} bytes with a list at {offset}, and another PONG")
    talk.send(main.AttachChannels())
    client.run(lambda: talk.closed or talk.count("CHANNELS_LIST") > 0)
    if talk.closed and not talk.count("CHANNELS_LIST"):
        rest_lives(client, talk)
        return
    # What was inside would have been answered first.
    talk.expect_count("CHANNELS_LIST", 1, why="one ATTACH_CHANNELS came that is in no list")
    client.alive(talk)
    talk.expect_count("CHANNELS_LIST", 2, why="two ATTACH_CHANNELS came that are in no list")


for _which in _OUTSIDE:
    server_case(f"SPICE-FRAME-016/{_which}", _which, channel="main", requires=AFTER_FULL)(outside)


# -- they are one message with what holds them


@server_case("SPICE-FRAME-017/serials-around-messages-inside", requires=AFTER_FULL, slow=12.0)
def serials_around_lists(client: SuiteClient) -> None:
    """The serials of a session with full headers, which go on by 1 behind a message that holds others."""
    talks = whole_session(client, common=FULL)
    if client.target.meets("control:animate"):
        client.control("animate", 4)
    client.step("let pass 12 s, in which servers ping")
    client.run(lambda: talks[0].closed, 12.0)
    if not any(message.inside for each in talks for message in each.unread()):
        client.note("no message came inside another")
    for each in talks:
        _check_behind_lists(each)


def _check_behind_lists(talk: Talk) -> None:
    """The serial rises by 1 from a message that holds others to the one behind it. Raises Failure."""
    holders = {message.serial for message in talk.unread() if message.inside}
    serials = [message.serial for message in talk.unread() if not message.inside]
    for before, behind in pairwise(serials):
        if before in holders:
            check_value("", f"serial on {talk.name} behind a message that holds others", behind, before + 1)


@server_case("SPICE-FRAME-018/no-list-behind-the-fields")
def nothing_behind_the_fields(client: SuiteClient) -> None:
    """Under mini headers no message of an ordinary session has a list of others behind its fields."""
    talks = whole_session(client)
    if not talks[0].mini_header:
        raise NotApplicable(f"the server announced {talks[0].server.common:#x}, without MINI_HEADER")
    client.wait_quiet()
    for each in talks:
        for message in each.unread():
            what = f"{message.name} on {each.name}"
            check_value(what, "number of messages behind the fields", _behind_the_fields(each, message), 0)


_MUCH: Final = 1 << 20
"""Bytes of a body that is too large to look for lists in it."""


def _behind_the_fields(talk: Talk, message: Message) -> int:
    """How many messages the list names that stands behind the last field of a message; 0 if none does."""
    body, row = message.body, dispatch.row(talk.table, "server", message.number)
    if row is None or message.number == framing.LIST or len(body) > _MUCH:
        return 0
    tails = [len(body)]
    try:
        row.parse(body, tails.append)
    except RemoteError:
        return 0
    for at in range(tails[-1], len(body) - 5):
        try:
            parts = framing.sub_messages(body, at)
        except RemoteError:
            continue
        if parts and all(start >= tails[-1] for _, _, start in parts):
            return len(parts)
    return 0
