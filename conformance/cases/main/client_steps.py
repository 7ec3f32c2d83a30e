"""Steps that cases about main share where the target is a client."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.expectation import Wanted, holds, such
from conformance.outcome import Failure, NotApplicable
from conformance.server_wire import ServerWire
from conformance.talk import Talk
from spiceproto.enums.link import ChannelType

__all__ = ["CURSOR", "DISPLAY", "INPUTS", "asked_anew", "expect_no_link", "linked_ids", "others_of", "whole_session"]

DISPLAY: Final = (ChannelType.DISPLAY, 0)
INPUTS: Final = (ChannelType.INPUTS, 0)
CURSOR: Final = (ChannelType.CURSOR, 0)

_ANY: Final = such("any channel", lambda name: True)


def asked_anew(server: SuiteServer) -> ServerWire:
    """The link message of main in a new session. Raises NotApplicable if it names one that runs."""
    wire = server.asked()
    if number := wire.asked.message.connection_id:
        raise NotApplicable(f"main is linked with connection id {number:#x}, as at the destination of a migration")
    return wire


def whole_session(server: SuiteServer) -> tuple[Talk, list[Talk]]:
    """Main of a session, and all other channels that the target links in it."""
    with server.preparing("a session with all its channels"):
        talk = server.session()
        server.link_others()
    return talk, others_of(server, talk)


def others_of(server: SuiteServer, talk: Talk) -> list[Talk]:
    """Every channel that is linked but this one."""
    return [other for other in server.talking if other is not talk]


def linked_ids(server: SuiteServer, channel_type: int) -> list[int]:
    """Ids of the channels of a type that the target has linked."""
    return sorted({asked.channel[1] for asked in server.links if asked.channel[0] == channel_type})


def expect_no_link(server: SuiteServer, which: str | Wanted = _ANY, *, after: int, why: str) -> None:
    """No channel with such a name, as in "inputs:0", is linked up to the end of a short quiet time. Raises Failure.

    ``after``: the links of the session that came before, and do not count.
    """
    server.step("expect no such link")
    server.link_others()
    for asked in server.links[after:]:
        if holds(asked.name, which):
            raise Failure(f"no link of {asked.name} ({why})", "one")
