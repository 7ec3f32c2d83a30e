"""Clients: headers, serials, pieces, and messages that need a capability (2.1)."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.framing.client_steps import (
    AFTER_FULL,
    AFTER_LIST,
    need_mini_header,
    opened,
    ping,
    pinged,
    pings,
    pongs,
    waiting_for,
)
from conformance.cases.framing.steps import FULL, check_serials
from conformance.channels import COMMON, LISTED
from conformance.expectation import says
from conformance.outcome import Blocked, Failure, NotApplicable
from conformance.talk import Talk
from spiceproto import framing
from spiceproto.enums.link import ChannelType
from spiceproto.messages import common

_HEADERS: Final = {"mini": COMMON, "full": FULL}
"""Kind of header to what a server announces that wants it."""

_NEEDING: Final = {
    "main": ("MIGRATE_END", "MIGRATE_DST_DO_SEAMLESS"),
    "inputs": ("KEY_SCANCODE",),
    "display": ("PREFERRED_COMPRESSION", "PREFERRED_VIDEO_CODEC_TYPE"),
}
"""What a client sends only to servers that announced a capability of the channel."""

_NO_SCANCODES: Final = "the server did not announce KEY_SCANCODE"


# -- the kind of header


@client_case("SPICE-FRAME-001/client-mini", "mini", channel="main", unconditional=True)
@client_case("SPICE-FRAME-001/client-full", "full", channel="main", unconditional=True)
def header(server: SuiteServer, kind: str) -> None:
    """The first message on main, for a server that announced MINI_HEADER or did not: kind of header."""
    _right_headers(server.main(capabilities=server.usual(common=_HEADERS[kind])))


@client_case("SPICE-FRAME-001/client-mini-everywhere", True, True)
@client_case("SPICE-FRAME-001/client-full-everywhere", False, False, requires=AFTER_FULL)
@client_case("SPICE-FRAME-001/client-mini-on-main-only", True, False, requires=AFTER_FULL)
@client_case("SPICE-FRAME-001/client-full-on-main-only", False, True, requires=AFTER_FULL)
def headers(server: SuiteServer, on_main: bool, on_others: bool) -> None:
    """Main and another channel, each with the headers that were announced for it: MINI_HEADER on main, on the other."""
    talk = server.main(capabilities=server.usual(common=COMMON if on_main else FULL))
    server.common = COMMON if on_others else FULL
    server.list_channels(talk, *LISTED)
    wire = server.next_asked(server.network.patience)
    if wire is None:
        raise NotApplicable("the target links nothing but main")
    other = wire.link(wire.usual(common=server.common))
    server.greet(other)
    for each in (other, talk):
        each.drop()
        _right_headers(each)


@client_case("SPICE-FRAME-001/client-mini-on-inputs", "mini", "inputs", channel="inputs")
@client_case("SPICE-FRAME-001/client-full-on-inputs", "full", "inputs", channel="inputs", requires=AFTER_FULL)
@client_case("SPICE-FRAME-001/client-mini-on-display", "mini", "display", channel="display")
@client_case("SPICE-FRAME-001/client-full-on-display", "full", "display", channel="display", requires=AFTER_FULL)
@client_case("SPICE-FRAME-001/client-mini-on-cursor", "mini", "cursor", channel="cursor")
@client_case("SPICE-FRAME-001/client-full-on-cursor", "full", "cursor", channel="cursor", requires=AFTER_FULL)
def header_on(server: SuiteServer, kind: str, table: str) -> None:
    """The first message on another channel than main: kind of header, channel."""
    _right_headers(opened(server, table, common=_HEADERS[kind]))


def _right_headers(talk: Talk) -> None:
    """The next message can be read. A ping is sent, in case the client has nothing else to say.

    Raises Failure; where the client says nothing at all on another channel than main, headers are not what it lacks, and
    Blocked is raised.
    """
    kind = "mini headers, as both announced" if talk.mini_header else "full headers, as MINI_HEADER was not announced by both"
    wanted = f"a message on {talk.name} behind {kind}"
    talk.send(ping(1))
    if talk.table != "main" and not talk.peer.run(lambda: talk.begun or talk.closed):
        raise Blocked(f"the client says nothing on {talk.name}", (f"SPICE-FRAME-028/on-{talk.table}",))
    found = talk.expect_message(text=wanted)
    if found.value is None:
        if found.error and found.body:
            _ = found.parsed  # a full header, read as a mini header, announces no body
        raise Failure(wanted, f"{found.name}, {len(found.body)} bytes {found.error}".rstrip())


# -- serials


@client_case("SPICE-FRAME-002/client-on-main", "main", channel="main", requires=AFTER_FULL)
@client_case("SPICE-FRAME-002/client-on-inputs", "inputs", channel="inputs", requires=AFTER_FULL)
@client_case("SPICE-FRAME-002/client-on-display", "display", channel="display", requires=AFTER_FULL)
def serials(server: SuiteServer, table: str) -> None:
    """The serials of a channel with full headers: 1 and up, answers to messages inside others and acknowledgements too."""
    talk = opened(server, table, common=FULL)
    talk.send(common.SetAck(1, 2), *pings(1, 2, 3))
    talk.send_list(*pings(4, 5))
    talk.send(ping(6))
    check_serials(talk, talk.up_to("PONG", id=6))


@client_case(
    "SPICE-FRAME-003/client-counts-messages",
    "messages",
    also=("SPICE-FRAME-034",),
    channel="inputs",
    requires=("SPICE-FRAME-034/under-full-headers",),
)
@client_case(
    "SPICE-FRAME-003/client-counts-set-ack",
    "set-ack",
    also=("SPICE-FRAME-034",),
    channel="inputs",
    requires=("SPICE-FRAME-003/client-counts-messages",),
)
@client_case(
    "SPICE-FRAME-003/client-counts-unknown-messages",
    "unknown",
    also=("SPICE-FRAME-006",),
    channel="inputs",
    requires=("SPICE-FRAME-034/under-full-headers", "SPICE-FRAME-006/250-on-main"),
)
@client_case(
    "SPICE-FRAME-017/client-serials",
    "lists",
    also=("SPICE-FRAME-003",),
    channel="inputs",
    requires=("SPICE-FRAME-003/client-counts-messages", *AFTER_LIST),
)
def counted(server: SuiteServer, kind: str) -> None:
    """Inputs waits for a message of main under mini headers, whose serial both ends count; sent on main before."""
    keyboard = opened(server, "inputs")
    talk = server.main_talk
    need_mini_header(talk)
    if kind == "unknown":
        talk.send_raw(99, b"\1\2\3")
        talk.send_raw(250, b"")
    elif kind == "set-ack":
        talk.send(common.SetAck(1, 0), common.SetAck(2, 0))
    elif kind == "lists":
        talk.send_list(*pings(21, 22, 23))
        talk.send_list(ping(24))
    else:
        pinged(talk, 3)
    server.alive(talk)
    serial = talk.sent_serial
    keyboard.send(waiting_for((ChannelType.MAIN, 0, serial)))
    server.alive(keyboard, f"it waited for message {serial} of main, which was handled")
    before = keyboard.count("PONG")
    keyboard.send(waiting_for((ChannelType.MAIN, 0, serial + 1)), ping(2))
    keyboard.expect_none("PONG", after=before, why=f"message {serial + 1} of main was not sent")
    server.alive(talk)
    keyboard.wait_for("PONG", id=2)


# -- pieces of any size


@client_case("SPICE-FRAME-004/client-byte-by-byte", channel="main")
def byte_by_byte(server: SuiteServer) -> None:
    """A session whose bytes come one at a time, from the link reply on."""
    server.relies_on("SPICE-LINK-004/one-byte-at-a-time")
    server.network.piece = 1
    talk = server.session()
    server.link_others()
    for each in server.talking:
        server.alive(each)
    talk.expect_open()


@client_case("SPICE-FRAME-004/client-two-in-one-write", 2, channel="main")
@client_case("SPICE-FRAME-004/client-hundred-in-one-write", 100, channel="main")
def one_write(server: SuiteServer, count: int) -> None:
    """Pings in one write."""
    talk = opened(server)
    numbers = range(1, count + 1)
    talk.send_bytes(b"".join([talk.frame(each) for each in pings(*numbers)]), f"{count} PINGs in one write")
    talk.expect_all(*pongs(*numbers), why="each of them is a message")


@client_case(
    "SPICE-FRAME-004/client-result-and-init-in-one-write", channel="main", requires=("SPICE-LINK-004/result-with-init",)
)
def with_result(server: SuiteServer) -> None:
    """The link result, INIT and a ping in one write."""
    with server.preparing("a link of main up to its result"):
        wire = server.asked()
        wire.reply()
        wire.login()
    talk = wire.talk()
    talk.send_bytes(bytes(4) + talk.frame(server.init()) + talk.frame(ping(1)), "link result, INIT and PING in one write")
    talk.wait_for("PONG", id=1)


@client_case("SPICE-FRAME-004/client-cut-mini", "mini", channel="main")
@client_case("SPICE-FRAME-004/client-cut-full", "full", channel="main", requires=AFTER_FULL)
def cut(server: SuiteServer, header: str) -> None:
    """Pings cut inside a header, behind one, and inside a body, the next header in the same piece."""
    talk = opened(server, common=_HEADERS[header])
    begin = framing.MINI_HEADER_SIZE if talk.mini_header else framing.FULL_HEADER_SIZE
    data = b"".join([talk.frame(each) for each in pings(1, 2, 3)])
    size = len(data) // 3
    for start, end in pairwise((0, 3, size + begin + 5, len(data))):
        if start:
            server.wait_quiet()
        talk.send_bytes(data[start:end], f"bytes {start} to {end} of three PINGs")
    talk.expect_all(*pongs(1, 2, 3), why="a message may come in pieces")


# -- messages that need a capability


@client_case(
    "SPICE-FRAME-005/client-without-scancodes",
    channel="inputs",
    needs=("act:key",),
    requires=("SPICE-MOUSE-026/down-and-up",),
)
def without_scancodes(server: SuiteServer) -> None:
    """A key, for a server that did not announce KEY_SCANCODE: KEY_DOWN and KEY_UP."""
    keyboard = _without_scancodes(server)
    server.act("key", code=0x1E, down=True)
    keyboard.expect("KEY_DOWN", code=0x1E, why=_NO_SCANCODES)
    server.act("key", code=0x1E, down=False)
    keyboard.expect("KEY_UP", code=0x9E, why=_NO_SCANCODES)
    keyboard.expect_count("KEY_SCANCODE", 0, why=_NO_SCANCODES)


@client_case("SPICE-FRAME-005/client-without-scancodes-by-bytes", channel="inputs", needs=("act:scancode",))
def without_scancode_bytes(server: SuiteServer) -> None:
    """Bytes of a keyboard, for a server that did not announce KEY_SCANCODE: KEY_DOWN and KEY_UP."""
    keyboard = _without_scancodes(server)
    server.act("scancode", data="1e9e")
    keyboard.expect_all(says("KEY_DOWN", code=0x1E), says("KEY_UP", code=0x9E), why=_NO_SCANCODES)
    keyboard.expect_count("KEY_SCANCODE", 0, why=_NO_SCANCODES)


def _without_scancodes(server: SuiteServer) -> Talk:
    """Inputs of a server that did not announce KEY_SCANCODE."""
    with server.preparing("inputs, linked"):
        talk = server.main()
        server.list_channels(talk, *LISTED)
        keyboard = server.linked(ChannelType.INPUTS, capabilities=COMMON)
        server.alive(keyboard)
        return keyboard


@client_case("SPICE-FRAME-005/client-without-channel-capabilities")
def without_capabilities(server: SuiteServer) -> None:
    """A server that announces no capability of any channel gets no message that needs one."""
    with server.preparing("every channel, linked"):
        talk = server.main(capabilities=COMMON)
        server.list_channels(talk, *LISTED)
        server.link_others(COMMON)
        for each in server.talking:
            server.alive(each)
    for each in server.talking:
        for name in _NEEDING.get(each.table, ()):
            each.expect_count(name, 0, why="the server announced no capability of the channel")
