"""Clients: mouse modes (4.1)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import BOTH_MODES, SuiteServer
from conformance.case import client_case
from conformance.cases.mouse.pointer import expect_kind, opened
from conformance.expectation import check, one_of, other_than
from spiceproto.enums.main import MouseMode
from spiceproto.messages import main

_SERVER: Final = MouseMode.SERVER
_CLIENT: Final = MouseMode.CLIENT


@client_case(
    "SPICE-MOUSE-002/server-mode",
    _SERVER.value,
    _SERVER.value,
    also=("SPICE-MOUSE-012",),
    channel="inputs",
    needs=("act:motion",),
    requires=("SPICE-MOUSE-012/in-server-mode",),
)
@client_case(
    "SPICE-MOUSE-002/server-mode-of-two",
    _SERVER.value,
    3,
    also=("SPICE-MOUSE-012",),
    channel="inputs",
    needs=("act:motion",),
    requires=("SPICE-MOUSE-012/in-server-mode",),
)
@client_case(
    "SPICE-MOUSE-002/client-mode",
    _CLIENT.value,
    3,
    also=("SPICE-MOUSE-013",),
    channel="inputs",
    needs=("act:position",),
    requires=("SPICE-MOUSE-013/in-client-mode",),
)
def mode_of_init(server: SuiteServer, mode: int, supported: int) -> None:
    """INIT says the mode and no MOUSE_MODE ever comes: the client moves in that mode. Mode, supported modes."""
    pointer = opened(server, server.init(supported=supported, current=mode))
    expect_kind(server, pointer.acted(mode, 3), mode, fresh=True)
    server.alive(pointer.talk)


@client_case("SPICE-MOUSE-007/asks-for-a-mode", channel="main", needs=("act:mouse-mode",))
def asks_for_a_mode(server: SuiteServer) -> None:
    """The client is told to ask for one mode and the other: a request each, with one bit."""
    talk = server.session(init=server.init(current=_SERVER))
    for name, mode in (("client", _CLIENT), ("server", _SERVER)):
        server.alive(talk)
        server.act("mouse-mode", mode=name)
        asked = 0
        while asked != mode:
            # The client may have asked of its own accord, too.
            asked = int(talk.expect("MOUSE_MODE_REQUEST", text=f"MOUSE_MODE_REQUEST {mode.name} ({mode.value})").mode)
            if asked not in (_SERVER, _CLIENT):
                server.tolerate(f"a request for mode {asked}")
        talk.send(main.MouseModeMessage(BOTH_MODES, mode))


@client_case("SPICE-MOUSE-008/nothing-before-init", channel="main")
def no_request_before_init(server: SuiteServer) -> None:
    """INIT is late: until it comes the client asks for no mouse mode."""
    talk = server.asked().link()
    talk.expect_count("MOUSE_MODE_REQUEST", 0, why="INIT has not come yet", settle=True)
    talk.send(server.init())
    server.alive(talk)


@client_case("SPICE-MOUSE-011/both-supported", also=("SPICE-MOUSE-007",), channel="main")
def asks_for_client(server: SuiteServer) -> None:
    """In mode SERVER with both supported the client may ask for CLIENT; when it has got it, it asks no more."""
    talk = server.session(init=server.init(supported=BOTH_MODES, current=_SERVER))
    server.alive(talk)
    server.wait_quiet()
    server.note(f"the client asked {talk.count('MOUSE_MODE_REQUEST')} times")
    talk.send(main.MouseModeMessage(BOTH_MODES, _CLIENT))
    talk.drop()
    talk.send(main.MouseModeMessage(BOTH_MODES, _CLIENT))
    for message in server.so_far(talk, "MOUSE_MODE_REQUEST"):
        check("MOUSE_MODE_REQUEST", message.parsed, mode=other_than(_CLIENT), why="that is the mode")
    server.alive(talk)


@client_case("SPICE-MOUSE-011/only-server-supported", channel="main", requires=("SPICE-MOUSE-008/nothing-before-init",))
def asks_for_nothing(server: SuiteServer) -> None:
    """Where CLIENT is not supported, in INIT or since a MOUSE_MODE, the client does not ask for it of its own accord."""
    talk = server.session(init=server.init(supported=_SERVER, current=_SERVER))
    server.alive(talk)
    talk.send(main.MouseModeMessage(_SERVER, _SERVER))
    server.alive(talk)
    server.wait_quiet()
    for message in talk.unread("MOUSE_MODE_REQUEST"):
        check("MOUSE_MODE_REQUEST", message.parsed, mode=other_than(_CLIENT), why="nothing but SERVER is supported")


@client_case("SPICE-MOUSE-011/supported-later", also=("SPICE-MOUSE-007",), channel="main")
def asks_later(server: SuiteServer) -> None:
    """CLIENT becomes supported: the client may ask for it, and for nothing but one of both."""
    talk = server.session(init=server.init(supported=_SERVER, current=_SERVER))
    server.alive(talk)
    talk.send(main.MouseModeMessage(BOTH_MODES, _SERVER))
    found = server.so_far(talk, "MOUSE_MODE_REQUEST")
    for message in found:
        check("MOUSE_MODE_REQUEST", message.parsed, mode=one_of(_SERVER, _CLIENT))
    server.note(f"the client asked {len(found)} times")
    server.alive(talk)
