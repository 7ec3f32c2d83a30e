"""Clients: what a receiver does not understand (2.2)."""

from __future__ import annotations

from typing import Any, Final

from conformance.as_server import BOTH_MODES, SuiteServer
from conformance.case import client_case
from conformance.cases.framing.client_steps import (
    AFTER_LIST,
    AFTER_SYNC,
    goes_on_or_closes,
    notice,
    opened,
    ping,
    pings,
    pongs,
    waiting_for,
)
from conformance.cases.framing.steps import TAIL, number_of, send_longer
from conformance.cases.mouse.pointer import BUNCH, WINDOW, in_mode
from conformance.channels import LISTED
from conformance.expectation import at_most, check, check_value, such
from conformance.outcome import NotApplicable
from spiceproto import dispatch, framing
from spiceproto.enums.capabilities import MainCapability
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.enums.main import MouseMode
from spiceproto.messages import common, display, inputs, main

# -- types that mean nothing


@client_case("SPICE-FRAME-006/99-on-main", "main", 99, channel="main")
@client_case("SPICE-FRAME-006/250-on-main", "main", 250, channel="main")
@client_case("SPICE-FRAME-006/65535-on-main", "main", 65535, channel="main")
@client_case("SPICE-FRAME-006/99-on-inputs", "inputs", 99, channel="inputs")
@client_case("SPICE-FRAME-006/250-on-inputs", "inputs", 250, channel="inputs")
@client_case("SPICE-FRAME-006/99-on-display", "display", 99, channel="display")
@client_case("SPICE-FRAME-006/250-on-display", "display", 250, channel="display")
@client_case("SPICE-FRAME-006/99-on-cursor", "cursor", 99, channel="cursor")
@client_case("SPICE-FRAME-006/250-on-cursor", "cursor", 250, channel="cursor")
def unknown(server: SuiteServer, table: str, number: int) -> None:
    """A type that means nothing, without a body, with one of 12 bytes and with one of 3000: channel, type."""
    talk = opened(server, table)
    for size in (0, 12, 3000):
        talk.send_raw(number, bytes([size % 251]) * size)
    server.alive(talk, f"it skips type {number}")


@client_case("SPICE-FRAME-006/inside-a-list", channel="main", requires=AFTER_LIST)
def unknown_inside(server: SuiteServer) -> None:
    """A type that means nothing between two pings of a list."""
    talk = opened(server)
    first, second = [dispatch.build("main", "server", each) for each in pings(1, 2)]
    body = framing.list_body([first, (250, b"\1\2\3"), second])
    talk.send_raw(framing.LIST, body, text="LIST of PING 1, type 250, PING 2")
    talk.expect_all(*pongs(1, 2), why="the message between them is skipped")


@client_case("SPICE-FRAME-007/eventful-session")
def known_types(server: SuiteServer) -> None:
    """A session in which much happens: every message of the client is one that the channel has."""
    with server.preparing("every channel, linked"):
        talk = server.session()
        server.link_others()
    talk.send(notice(b"careful", b"\0"))
    if talk.client.has(MainCapability.NAME_AND_UUID):
        talk.send(main.Name(b"guest\0"), main.Uuid(bytes(range(16))))
    tokens = talk.client.has(MainCapability.AGENT_CONNECTED_TOKENS)
    talk.send(main.MultiMediaTime(2000), main.AgentConnectedTokens(10) if tokens else main.AgentConnected())
    server.alive(talk)
    talk.send(
        main.AgentDisconnected(LinkErr.OK),
        main.MouseModeMessage(BOTH_MODES, MouseMode.CLIENT),
        main.MouseModeMessage(MouseMode.SERVER, MouseMode.SERVER),
        main.MigrateCancel(),
    )
    for each in server.talking:
        each.send(common.SetAck(1, 2))
        if each.table == "inputs":
            each.send(inputs.KeyModifiers(7))
        server.alive(each)
    server.wait_quiet()
    for each in server.talking:
        strange = [name for name in each.heard if name.startswith("type ")]
        check_value("", f"messages of the client that mean nothing on {each.table}", strange, [])


# -- bodies that are too short


_SHORT: Final[dict[str, tuple[str, str, bytes]]] = {
    "inputs-init-without-body": ("inputs", "INIT", b""),
    "inputs-modifiers-of-one-byte": ("inputs", "KEY_MODIFIERS", b"\7"),
    "main-mouse-mode-of-three-bytes": ("main", "MOUSE_MODE", b"\3\0\1"),
    "main-list-of-4294967295-channels": ("main", "CHANNELS_LIST", b"\xff\xff\xff\xff\5\0"),
    "main-list-of-2147483648-channels": ("main", "CHANNELS_LIST", b"\0\0\0\x80\2\0"),
    "main-notify-with-a-text-of-4294967295": ("main", "NOTIFY", bytes(20) + b"\xff\xff\xff\xffshort"),
    "main-notify-one-byte-short": ("main", "NOTIFY", bytes(20) + b"\6\0\0\0short"),
    "main-set-ack-of-seven-bytes": ("main", "SET_ACK", b"\1\0\0\0\1\0\0"),
    "main-ping-of-eleven-bytes": ("main", "PING", b"\xee" * 11),
    "main-wait-for-255-without-one": ("main", "WAIT_FOR_CHANNELS", b"\xff"),
    "main-agent-disconnected-without-body": ("main", "AGENT_DISCONNECTED", b""),
    "display-mode-of-four-bytes": ("display", "MODE", b"\1\2\3\4"),
    "display-surface-of-two-bytes": ("display", "SURFACE_CREATE", b"\0\0"),
    "cursor-init-of-three-bytes": ("cursor", "INIT", b"\0\0\0"),
}
"""Bodies that end before their last field: channel, message, body."""

_ANSWERS: Final = {"SET_ACK": "ACK_SYNC", "PING": "PONG"}


def malformed(server: SuiteServer, which: str) -> None:
    """A body that ends before its last field, then a ping."""
    table, name, body = _SHORT[which]
    talk = opened(server, table, answering=True)
    answer = _ANSWERS.get(name, "")
    before = talk.count(answer)
    talk.send_raw(number_of(table, "server", name), body, text=f"{name} with a body of {len(body)} bytes")
    goes_on_or_closes(server, talk, f"it skips a {name} that it cannot parse", tolerated="closing the channel")
    if table != "main":
        server.alive(server.main_talk, f"only {table} had a {name} that cannot be parsed")
    if answer:
        asked = int(answer == "PONG")  # by the ping that looks whether it goes on
        talk.expect_count(answer, at_most(asked), after=before, why=f"a {name} of {len(body)} bytes has no answer")


for _slug, _which in _SHORT.items():
    client_case(f"SPICE-FRAME-010/{_slug}", _slug, channel=_which[0])(malformed)


# -- bodies that are too long


_TAILED: Final[dict[str, tuple[str, Any]]] = {
    "notify": ("main", notice(b"hello")),
    "wait-for-none": ("main", common.WaitForChannels(())),
    "mouse-mode": ("main", main.MouseModeMessage(BOTH_MODES, MouseMode.SERVER)),
    "multi-media-time": ("main", main.MultiMediaTime(2000)),
    "agent-disconnected": ("main", main.AgentDisconnected(LinkErr.OK)),
    "migrate-cancel": ("main", main.MigrateCancel()),
    "inputs-init": ("inputs", inputs.Init(0)),
    "key-modifiers": ("inputs", inputs.KeyModifiers(7)),
    "mark": ("display", display.Mark()),
}
"""Messages that a client answers in no way: channel, value."""


def tail(server: SuiteServer, which: str) -> None:
    """Eight more bytes behind the last field of a message that has no answer, then a ping."""
    table, value = _TAILED[which]
    talk = opened(server, table)
    send_longer(talk, value)
    server.alive(talk, "it ignores eight bytes behind the last field")
    talk.expect_open()


for _slug, (_table, _value) in _TAILED.items():
    client_case(f"SPICE-FRAME-011/client-{_slug}", _slug, channel=_table)(tail)


@client_case("SPICE-FRAME-011/client-main-init", channel="main", requires=("SPICE-LINK-030/session-id",))
def init_with_tail(server: SuiteServer) -> None:
    """INIT with eight more bytes: the client asks for the channels and links them with the id of the session."""
    with server.preparing("a link of main"):
        talk = server.asked().link()
    send_longer(talk, server.init())
    server.list_channels(talk, *LISTED)
    other = server.next_asked(server.network.patience)
    if other is None:
        raise NotApplicable("the target links nothing but main")
    check("link message", other.asked.message, connection_id=server.session_id, why="INIT has said it")


@client_case("SPICE-FRAME-011/client-channels-list", channel="main")
def list_with_tail(server: SuiteServer) -> None:
    """CHANNELS_LIST of two channels with eight more bytes, which would be four more channels."""
    talk = opened(server)
    server.asked_for_channels(talk)
    two = main.ChannelsList((main.ChannelId(ChannelType.DISPLAY, 0), main.ChannelId(ChannelType.INPUTS, 0)))
    number, named = dispatch.build("main", "server", two)
    talk.send_raw(number, named + bytes([ChannelType.CURSOR, 0]) * 4, text="CHANNELS_LIST of two, with eight more bytes")
    server.linked(ChannelType.INPUTS)
    server.link_others()
    found = [each.name for each in server.talking]
    check_value(
        "session", "channels", found, such("no cursor:0, which the list does not name", lambda all: "cursor:0" not in all)
    )


@client_case("SPICE-FRAME-011/client-set-ack", channel="main", requires=AFTER_SYNC)
def set_ack_with_tail(server: SuiteServer) -> None:
    """SET_ACK with eight more bytes is answered."""
    talk = opened(server)
    send_longer(talk, common.SetAck(5, 0))
    talk.wait_for("ACK_SYNC", generation=5)


@client_case("SPICE-FRAME-011/client-list", channel="main", requires=AFTER_LIST)
def inside_with_tail(server: SuiteServer) -> None:
    """LIST with eight more bytes behind its messages."""
    talk = opened(server)
    body = framing.list_body([dispatch.build("main", "server", each) for each in pings(1, 2)])
    talk.send_raw(framing.LIST, body + TAIL, text="LIST of two PINGs, with eight more bytes")
    talk.expect_all(*pongs(1, 2), why="bytes behind the list mean nothing")


@client_case("SPICE-FRAME-011/client-wait-for-channels", channel="inputs", requires=("SPICE-FRAME-003/client-counts-messages",))
def wait_with_tail(server: SuiteServer) -> None:
    """WAIT_FOR_CHANNELS for one message, with eight more bytes, holds the channel back until that was handled."""
    keyboard = opened(server, "inputs")
    talk = server.main_talk
    server.alive(talk)
    before = keyboard.count("PONG")
    send_longer(keyboard, waiting_for((ChannelType.MAIN, 0, talk.sent_serial + 1)))
    keyboard.send(ping(2))
    keyboard.expect_none("PONG", after=before, why="it waits for a message of main")
    server.alive(talk)
    keyboard.wait_for("PONG", id=2)


@client_case("SPICE-FRAME-011/client-motion-ack", channel="inputs", needs=("act:motion",))
def motion_ack_with_tail(server: SuiteServer) -> None:
    """MOUSE_MOTION_ACK with eight more bytes frees four movements all the same."""
    with server.preparing("movements without an acknowledgement"):
        pointer = in_mode(server, MouseMode.SERVER)
        # A client may add up what comes close together, and may have fewer than eight under way.
        for number in range(WINDOW):
            pointer.act(MouseMode.SERVER, number)
            pointer.gather(1)
    if pointer.open < BUNCH:
        raise NotApplicable(f"the client has {pointer.open} movements under way: there is nothing to acknowledge")
    under_way = pointer.open
    for _ in range(under_way // BUNCH):
        send_longer(pointer.mouse, inputs.MouseMotionAck())
    server.alive(pointer.mouse, "it ignores eight bytes behind MOUSE_MOTION_ACK")
    pointer.act(MouseMode.SERVER, WINDOW)
    why = f"{under_way // BUNCH * BUNCH} of {under_way} before it are acknowledged"
    pointer.mouse.expect("MOUSE_MOTION", "MOUSE_POSITION", why=why)
