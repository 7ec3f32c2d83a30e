"""Clients: INIT, and what else is said in the life of a session (3.1)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.main.client_steps import DISPLAY, INPUTS, asked_anew, linked_ids, whole_session
from conformance.expectation import check_value
from conformance.outcome import NotApplicable
from spiceproto.enums.capabilities import MainCapability
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.messages import main

_END: Final = 1 << 32
"""The multimedia clock goes on from 0 here."""

_NAMES: Final[dict[str, tuple[bytes, ...]]] = {
    "with-a-zero-byte": (b"guest\0",),
    "without-a-zero-byte": (b"guest",),
    "empty": (b"",),
    "only-a-zero-byte": (b"\0",),
    "no-utf-8": (b"\xff\xfe\xc3",),
    "twice": (b"guest\0", b"other"),
    "60000-bytes": (b"n" * 60000,),
}


@client_case("SPICE-MAIN-005/hint-of-1", 1, 1, channel="main")
@client_case("SPICE-MAIN-005/hint-of-0", 0, 1, channel="main", requires=("SPICE-MAIN-005/hint-of-1",))
@client_case("SPICE-MAIN-005/hint-of-4", 4, 1, channel="main", requires=("SPICE-MAIN-005/hint-of-1",))
@client_case("SPICE-MAIN-005/hint-of-200", 200, 1, channel="main", requires=("SPICE-MAIN-005/hint-of-1",))
@client_case("SPICE-MAIN-005/hint-of-2-and-two-displays", 2, 2, channel="main")
@client_case(
    "SPICE-MAIN-005/hint-of-1-and-two-displays", 1, 2, channel="main", requires=("SPICE-MAIN-005/hint-of-2-and-two-displays",)
)
def hint(server: SuiteServer, number: int, displays: int) -> None:
    """As many displays as the list names are linked, whatever the hint says: hint, displays in the list."""
    talk = server.main(init=server.init(hint=number))
    server.list_channels(talk, *[(ChannelType.DISPLAY, id) for id in range(displays)], INPUTS)
    # A client that links fewer displays whatever the hint says has its reasons, and is not judged.
    for id in range(displays):
        server.linked(ChannelType.DISPLAY, id)
    server.link_others()
    found, why = linked_ids(server, ChannelType.DISPLAY), f"the list names them, and the hint says {number}"
    check_value("session", "ids of the displays that are linked", found, list(range(displays)), why=why)
    server.alive(talk)


@client_case("SPICE-MAIN-006/nothing-before-init", channel="main")
def before_init(server: SuiteServer) -> None:
    """INIT is late: until it comes the client says nothing, and then it goes on."""
    talk = asked_anew(server).link()
    server.wait_quiet()
    heard = ", ".join(talk.heard) or talk.broken
    check_value("client", "messages before INIT", heard or "none", "none")
    talk.expect_open("it waits for INIT")
    talk.send(server.init())
    server.alive(talk)


@client_case("SPICE-MAIN-007/ordinary-session", channel="main")
def obsolete(server: SuiteServer) -> None:
    """A session with all channels and a change of the mouse mode: no message that no client sends any more, or yet."""
    talk, _ = whole_session(server)
    talk.send(main.MouseModeMessage(MouseMode.SERVER, MouseMode.SERVER))
    server.alive(talk)
    for message in ("CLIENT_INFO", "QUALITY_INDICATOR"):
        talk.expect_count(message, 0)


@client_case("SPICE-MAIN-009/with-a-zero-byte", "with-a-zero-byte", channel="main")
@client_case("SPICE-MAIN-009/without-a-zero-byte", "without-a-zero-byte", channel="main")
@client_case("SPICE-MAIN-009/empty", "empty", channel="main")
@client_case("SPICE-MAIN-009/only-a-zero-byte", "only-a-zero-byte", channel="main")
@client_case("SPICE-MAIN-009/no-utf-8", "no-utf-8", channel="main")
@client_case("SPICE-MAIN-009/twice", "twice", channel="main")
@client_case("SPICE-MAIN-009/60000-bytes", "60000-bytes", channel="main")
def name(server: SuiteServer, which: str) -> None:
    """A NAME, then a ping."""
    talk = server.main()
    if not talk.client.has(MainCapability.NAME_AND_UUID):
        raise NotApplicable("the client did not announce NAME_AND_UUID")
    talk.send(*[main.Name(text) for text in _NAMES[which]])
    talk.send(main.Uuid(bytes(range(16))))
    server.alive(talk, f"NAME was {which.replace('-', ' ')}")
    talk.expect_open()


@client_case("SPICE-MAIN-011/starts-before-the-end", channel="main")
def clock(server: SuiteServer) -> None:
    """A clock that starts 50 ms before 2^32, passes it, and is set on both sides of it."""
    talk = server.main(init=server.init(clock=_END - 50))
    server.link_others()
    server.alive(talk)
    server.wait(0.1)
    server.alive(talk, "its clock has passed 2^32")
    talk.send(*[main.MultiMediaTime(time) for time in (60, _END - 1, 0, _END // 2, 70)])
    server.alive(talk, "the server set the clock across 2^32")
    talk.expect_open()


@client_case("SPICE-MAIN-011/set-across-the-end", channel="display")
def clock_of_a_session(server: SuiteServer) -> None:
    """A session whose clock is set to the last millisecond and goes on from 0, display and all."""
    talk = server.session(DISPLAY, init=server.init(clock=_END - 1))
    picture = server.talks[DISPLAY]
    for time in (_END - 1, 5):
        talk.send(main.MultiMediaTime(time))
        server.wait(0.01)
        server.alive(talk)
        server.alive(picture, "the clock of main has passed 2^32")
