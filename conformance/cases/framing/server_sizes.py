"""Servers: sizes (2.3)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.framing.server_steps import (
    AFTER_FULL,
    AT_ANY_TIME,
    begun,
    goes_on,
    goes_on_or_closes,
    opened,
    rest_lives,
    whole_session,
)
from conformance.cases.framing.steps import FULL, bare_header, check_sizes, number_of, slug
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Talk
from spiceproto import dispatch
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.size_limits import SizeLimit, named_limit

_ONLY_ANNOUNCED: Final = ("MIGRATE_FLUSH_MARK", "MIGRATE_DST_DO_SEAMLESS", "AGENT_TOKEN")
"""Announced, and never sent whole, as what a server does with them is no matter of sizes: steps of a migration outside of one,
and tokens of a client that has not begun with the agent.
"""

_BUFFER: Final = 65536
"""Bytes up to which one limit for all messages of a channel is tolerated."""

_MUCH: Final = 1 << 20
"""Bytes from which a body is announced, and not sent on inputs."""

_ONE_LIMIT: Final = "one limit for all messages of the channel"


_ANNOUNCED: Final = {
    "STREAM_REPORT": DisplayCapability.STREAM_REPORT,
    "PREFERRED_COMPRESSION": DisplayCapability.PREF_COMPRESSION,
    "PREFERRED_VIDEO_CODEC_TYPE": DisplayCapability.PREF_VIDEO_CODEC_TYPE,
}
"""Messages on display that a server need not know, and what one announces that does."""

_UNKNOWN: Final = frozenset({"GL_DRAW_DONE"})
"""The same where no announcement tells: any of these may be a type that the server does not know."""


def _limit(table: str, name: str) -> SizeLimit:
    limit = named_limit(table, "client", name)
    assert limit is not None, "every message of a client has one"
    return limit


@server_case("SPICE-FRAME-012/what-channels-begin-with")
def sizes(client: SuiteClient) -> None:
    """No body of an ordinary session is larger than its type may have."""
    talks = whole_session(client)
    client.alive(talks[0])
    client.wait_quiet()
    for each in talks:
        check_sizes(each)
        if each.broken:
            raise Failure(f"messages on {each.name} whose sizes make sense", each.broken)


# -- one byte more than a type may have


def _announce(talk: Talk, name: str, size: int) -> None:
    """A header without its body: the channel is closed at once. Raises Failure."""
    number = number_of(talk.table, "client", name)
    within = talk.peer.patience_for_a_manner if size <= _BUFFER else None
    header = bare_header(talk, number, size)
    talk.send_bytes(header, f"the header of {name} (type {number}) with {size} bytes, and no body")
    try:
        talk.expect_closed(within, why=f"the header of {name}, which is type {number}, announces {size} bytes")
    except Failure:
        if size > _BUFFER:
            raise
        talk.peer.tolerate(
            f"{_ONE_LIMIT}: a header of {name} (type {number}) announced {size} bytes, and {talk.name} stays open"
        )


def _takes(client: SuiteClient, talk: Talk, name: str, size: int) -> bool:
    """Whether a whole message of one byte more than it may have is taken, as one limit for all has it. Raises Failure."""
    number = number_of(talk.table, "client", name)
    talk.send_raw(number, bytes(size + 1), text=f"{name} (type {number}) of {size + 1} bytes")
    if not goes_on_or_closes(client, talk, f"{name} of {size + 1} bytes"):
        return False
    if size >= _BUFFER:
        raise Failure(f"{talk.name} is closed: {name} may have {size} bytes", f"it took {size + 1} bytes, and goes on")
    client.tolerate(f"{_ONE_LIMIT}: it took {name} (type {number}) of {size + 1} bytes, and goes on")
    return True


def larger_on_main(client: SuiteClient, name: str, size: int) -> None:
    """One byte more than the type may have, on main: the whole message, and then its header alone."""
    if name not in _ONLY_ANNOUNCED and _takes(client, opened(client, "main"), name, size):
        return
    _announce(opened(client, "main"), name, size + 1)


def larger_on_inputs(client: SuiteClient, name: str, size: int) -> None:
    """One byte more than the type may have, on inputs: the whole message, and then its header alone."""
    whole = size < _MUCH and name not in _ONLY_ANNOUNCED
    if whole and _takes(client, opened(client, "inputs"), name, size):
        return
    keyboard = opened(client, "inputs")
    _announce(keyboard, name, size + 1)
    rest_lives(client, keyboard)


def larger_on_display(client: SuiteClient, name: str, size: int) -> None:
    """A header on display that announces one byte more than the type may have."""
    screen = begun(client, "display")
    needed = _ANNOUNCED.get(name)
    if needed is not None and not screen.server.has(needed):
        number = number_of("display", "client", name)
        raise NotApplicable(f"the server did not announce {needed.name}, and need not know type {number}")
    _announce(screen, name, size + 1)
    rest_lives(client, screen)


for _table, _larger in (("main", larger_on_main), ("inputs", larger_on_inputs), ("display", larger_on_display)):
    for _row in dispatch.rows(_table, "client").values():
        if _row.name in _UNKNOWN:
            continue
        _id = f"SPICE-FRAME-013/{_table}-{slug(_row.name)}"
        server_case(_id, _row.name, _limit(_table, _row.name).size, channel=_table)(_larger)


@server_case("SPICE-FRAME-013/main-huge", "main", "ATTACH_CHANNELS", 0xFFFFFFFF, channel="main")
@server_case("SPICE-FRAME-013/main-sign-bit", "main", "ATTACH_CHANNELS", 0x80000000, channel="main")
@server_case("SPICE-FRAME-013/inputs-huge", "inputs", "MOUSE_MOTION", 0xFFFFFFFF, channel="inputs")
@server_case("SPICE-FRAME-013/inputs-sign-bit", "inputs", "MOUSE_MOTION", 0x80000000, channel="inputs")
@server_case("SPICE-FRAME-013/display-huge", "display", "INIT", 0xFFFFFFFF, channel="display")
@server_case("SPICE-FRAME-013/cursor-huge", "cursor", "ACK", 0xFFFFFFFF, channel="cursor")
def huge(client: SuiteClient, table: str, name: str, size: int) -> None:
    """A header that announces two or four GiB."""
    talk = begun(client, table)
    _announce(talk, name, size)
    rest_lives(client, talk)


@server_case("SPICE-FRAME-013/main-huge-full-header", channel="main", requires=AFTER_FULL)
def huge_full_header(client: SuiteClient) -> None:
    """A full header that announces four GiB."""
    talk = opened(client, "main", common=FULL)
    _announce(talk, "ATTACH_CHANNELS", 0xFFFFFFFF)
    rest_lives(client, talk)


# -- as many bytes as a type may have


_LARGEST: Final = {
    "main": ("ATTACH_CHANNELS", "MOUSE_MODE_REQUEST", "PONG"),
    "inputs": ("MOUSE_MOTION", "KEY_MODIFIERS", "KEY_DOWN", "KEY_UP"),
}


def largest(client: SuiteClient, table: str, name: str) -> None:
    """The largest body that the type may have is taken."""
    client.relies_on(f"SPICE-FRAME-011/{table}-{slug(name)}")
    size = _limit(table, name).size
    number, body = dispatch.build(table, "client", AT_ANY_TIME[table, name])
    talk = opened(client, table)
    talk.send_raw(number, body.ljust(size, b"\0"), text=f"{name} of {size} bytes")
    goes_on(client, talk, f"{name} may have {size} bytes")


for _table, _names in _LARGEST.items():
    for _name in _names:
        server_case(f"SPICE-FRAME-013/{_table}-{slug(_name)}-largest", _table, _name, channel=_table)(largest)
