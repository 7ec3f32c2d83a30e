"""Steps that cases about main share where the target is a server."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from conformance.as_client import SuiteClient
from conformance.cases.mouse.steps import BUNCH, move
from conformance.channels import LISTED, greeting
from conformance.client_wire import Ask
from conformance.expectation import at_least, check_value
from conformance.naming import channel_names
from conformance.outcome import NotApplicable
from conformance.talk import Talk
from spiceproto import dispatch
from spiceproto.enums.capabilities import MainCapability
from spiceproto.enums.link import ChannelType

__all__ = [
    "OTHERS",
    "Listed",
    "begun",
    "check_names",
    "close_with_main",
    "go_on",
    "link_all",
    "need_announced",
    "whole_session",
]

OTHERS: Final = (ChannelType.DISPLAY, ChannelType.INPUTS, ChannelType.CURSOR)
"""Types of the channels that are linked behind main, if a list names them."""

Listed = Collection[tuple[int, int]]
"""Type and id of the channels that a list names."""


# -- what a server has


def need_announced(talk: Talk, capability: MainCapability) -> None:
    """Raises NotApplicable if the server did not announce it on main."""
    if not talk.server.has(capability):
        raise NotApplicable(f"the server announced {talk.server.channel:#x} on main, without {capability.name}")


def check_names(listed: Listed, *wanted: tuple[int, int], why: str) -> None:
    """A list names all of these channels, and others or not. Raises Failure."""
    check_value(
        "CHANNELS_LIST", "channels that it leaves out", channel_names(set(wanted).difference(listed)), "nothing", why=why
    )


# -- the other channels of a session


def link_all(client: SuiteClient, listed: Listed, kinds: Iterable[ChannelType] = OTHERS) -> list[Talk]:
    """The first channels of these types, as far as they are listed, linked in this order, once they have begun."""
    linked = [client.channel(Ask(kind), wait=False) for kind in kinds if (kind, 0) in listed]
    if not linked:
        raise client.not_listed(listed, *LISTED)
    begun(client, linked)
    return linked


def begun(client: SuiteClient, others: Iterable[Talk]) -> None:
    """Give each channel a short time to begin: libspice-server 0.15.1 crashes now and then if a display ends before that."""
    for other in others:
        row = greeting(other.table)
        said = [dispatch.row_of(other.table, "server", value).name for value in row.server_says]
        if last := row.kept_until or "".join(said[-1:]):
            other.wait_count(last, within=client.network.quiet)


def whole_session(client: SuiteClient, *needed: ChannelType) -> tuple[Talk, list[Talk]]:
    """Main of a new session, and all other channels of it, which are open.

    Raises NotApplicable if one that is needed is not listed.
    """
    with client.preparing("a session with all its channels"):
        talk, listed = client.session()
        client.need_listed(listed, *[(kind, 0) for kind in needed])
        others = link_all(client, listed)
        for other in others:
            other.expect_open("nothing has happened yet")
        return talk, others


def go_on(client: SuiteClient, talk: Talk, others: Iterable[Talk]) -> None:
    """Main answers, and the other channels have begun and are open. Raises Failure."""
    client.relies_on("SPICE-MOUSE-018/eight-at-once")
    for other in others:
        if other.table in ("inputs", "cursor"):
            other.expect_count("INIT", at_least(1))
        if other.table == "inputs":
            move(client, other, BUNCH)
            other.expect("MOUSE_MOTION_ACK")
    client.alive(talk)
    for other in others:
        other.expect_open()


def close_with_main(others: Iterable[Talk]) -> None:
    """The server closes every one of these channels. Raises Failure."""
    for other in others:
        other.expect_closed(why="main is closed")
