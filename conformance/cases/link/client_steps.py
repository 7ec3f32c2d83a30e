"""Steps that cases about the link stage of clients share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Unpack

from conformance.as_server import SuiteServer
from conformance.channels import LISTED
from conformance.expectation import check_value
from conformance.naming import error_name
from conformance.outcome import NotApplicable
from conformance.server_wire import ServerWire
from conformance.talk import Talk
from conformance.wire_form import Freedom
from spiceproto.capabilities import Capabilities
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.messages import common as common_messages
from spiceproto.sizes import LINK_RESULT_SIZE

__all__ = [
    "NO_MECHANISM",
    "WAITS",
    "accepted",
    "all_links",
    "announcing",
    "goes_on",
    "in_clear",
    "main_and_list",
    "next_link",
    "other_links",
    "tempted",
]

WAITS: Final = ("SPICE-LINK-003/result-withheld",)
"""Whether a client waits at all before it speaks."""

NO_MECHANISM: Final = ("SPICE-LINK-037/without-selection",)
"""Whether a client can log in without a mechanism."""

_MOST_LINKS: Final = 8
"""Links behind main that are looked at, however often a client comes again."""

_TEMPTATION: Final = common_messages.Ping(0xBAD, 9, b"")


# -- what a client links


def all_links(server: SuiteServer) -> list[ServerWire]:
    """The links of an ordinary session: main, and what the client links besides."""
    with server.preparing("a session, and what the client links in it"):
        talk = server.main()
        server.alive(talk)  # some clients ask for the list only when something has come behind INIT
        server.run(lambda: talk.count("ATTACH_CHANNELS") > 0)
        server.name_channels(talk, *LISTED)
        server.link_others()
    return [talk.wire for talk in server.talking if isinstance(talk.wire, ServerWire)]


def main_and_list(server: SuiteServer, *, common: Capabilities | None = None) -> Talk:
    """Main of a session, for a case about the links behind it: the channels are listed, and none is linked yet."""
    with server.preparing("main, and a list of channels"):
        return server.session(common=common)


def other_links(server: SuiteServer, *, patient: bool = False) -> Iterator[ServerWire]:
    """One link after the other of channels but main, their link messages read, until none comes in a short quiet time.

    As long as the loop over them goes on, the suite serves none of them by itself.

    ``patient``: each is waited for as long as the first, as a client needs it that connects once more. Raises
    NotApplicable if there is none at all.
    """
    patience = server.target.start_time + server.network.patience
    with server.taking():
        for number in range(_MOST_LINKS):
            wire = server.next_asked(patience if patient or not number else None)
            if wire is None and not number:
                raise NotApplicable("the client links no channel but main")
            if wire is None:
                return
            yield wire


def next_link(server: SuiteServer) -> ServerWire:
    """The link message of the next channel but main; those behind it are served. Raises NotApplicable if there is none."""
    wire = server.next_asked(server.target.start_time + server.network.patience)
    if wire is None:
        raise NotApplicable("the client links no channel but main")
    return wire


def announcing(server: SuiteServer, capability: CommonCapability) -> ServerWire:
    """Main, its link message read, of a client that announces this. Raises NotApplicable for another client."""
    wire = server.asked()
    if not wire.asked.capabilities.has(capability):
        raise NotApplicable(f"the client does not announce {capability.name}")
    return wire


def in_clear(server: SuiteServer) -> ServerWire:
    """Main, its link message read, on a connection without TLS. Raises NotApplicable for a client that always has TLS."""
    wire = server.asked()
    if wire.stream.secure:
        raise NotApplicable("the client connects with TLS at once")
    return wire


# -- whether it takes what it is answered


def goes_on(server: SuiteServer, wire: ServerWire) -> None:
    """An ordinary link reply, and the client logs in: main begins. Raises Failure."""
    wire.reply()
    wire.conclude()
    server.init_and_ping(wire)


def accepted(server: SuiteServer, capabilities: Capabilities | None = None, **freedom: Unpack[Freedom]) -> None:
    """A link reply that is odd, and that the client has to take as it takes any: it logs in, and main begins.

    Raises Failure.
    """
    wire = server.asked()
    wire.reply(capabilities, **freedom)
    wire.conclude()
    server.init_and_ping(wire)


def tempted(server: SuiteServer, wire: ServerWire, error: int, why: str) -> None:
    """A link result, INIT and a PING behind a login: no message is an answer. Raises Failure."""
    talk = wire.talk()
    result = int(error).to_bytes(LINK_RESULT_SIZE, "little")
    wire.send(result + talk.frame(server.init()) + talk.frame(_TEMPTATION), f"link result {error_name(error)}, INIT and PING")
    wire.step("expect no message")
    server.run(lambda: bool(talk.heard) or talk.closed, server.network.quiet)
    check_value("", f"messages on {talk.name}", ", ".join(talk.heard) or "none", "none", why=why)
    wire.close()
