"""Clients: headers, sizes, messages inside messages, acknowledgement, ping, waiting (spec/02-framing.md)."""

from __future__ import annotations

from itertools import pairwise
from struct import pack, pack_into
from typing import Any, Final

from conformance.as_server import CHANNELS, COMMON, SuiteServer
from conformance.case import client_case
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Message, Talk
from spiceproto import dispatch, framing
from spiceproto.capabilities import NONE
from spiceproto.enums.capabilities import CommonCapability, MainCapability
from spiceproto.enums.common import NotifySeverity, NotifyVisibility
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.enums.main import MouseMode
from spiceproto.messages import common, display, inputs, main
from spiceproto.size_limits import named_limit

_FULL: Final = NONE.with_(CommonCapability.PROTOCOL_AUTH_SELECTION, CommonCapability.AUTH_SPICE)
"""What a server announces that wants full headers."""

_AFTER_FULL: Final = ("SPICE-FRAME-001/client-full",)
_AFTER_WRITE: Final = ("SPICE-FRAME-004/client-two-in-one-write",)
_AFTER_SYNC: Final = ("SPICE-FRAME-019/three-windows-on-main",)
_AFTER_ACK: Final = ("SPICE-FRAME-020/1-on-main",)
_AFTER_LIST: Final = ("SPICE-FRAME-015/two-pings",)
_BOTH: Final = MouseMode.SERVER | MouseMode.CLIENT
_PADDING: Final = 256000
_TAIL: Final = b"\xa5" * 8
_NEEDING: Final = {
    "main": ("MIGRATE_END", "MIGRATE_DST_DO_SEAMLESS"),
    "inputs": ("KEY_SCANCODE",),
    "display": ("PREFERRED_COMPRESSION", "PREFERRED_VIDEO_CODEC_TYPE"),
}
"""What a client sends only to servers that announced a capability of the channel."""


# -- steps that several cases share


def _ping(number: int) -> common.Ping:
    return common.Ping(number, 1000 + number, b"")


def _pings(talk: Talk, first: int, count: int) -> None:
    """Pings, each answered before this returns."""
    for number in range(first, first + count):
        talk.send(_ping(number))
    if count:
        _pong(talk, first + count - 1)


def _pong(talk: Talk, number: int) -> None:
    """The answer to a ping with this id."""
    talk.expect("PONG", where=lambda value: value.id == number, text=f"PONG {number}")


def _in_order(talk: Talk, *numbers: int, why: str) -> None:
    """Answers to these pings, one after another and none twice."""
    found = [talk.expect("PONG", text=f"PONG {number}").id for number in numbers]
    if found != list(numbers):
        raise Failure(f"PONG {', PONG '.join(map(str, numbers))} ({why})", f"PONG {', PONG '.join(map(str, found))}")


def _until_pong(talk: Talk, number: int, why: str) -> list[Message]:
    """Everything that the client says up to the answer to a ping with this id."""
    found: list[Message] = []
    while not found or found[-1].name != "PONG" or found[-1].value is None or found[-1].value.id != number:
        found.append(talk.expect_message(text=f"the messages of the client up to PONG {number} ({why})"))
    return found


def _acks_came(server: SuiteServer, talk: Talk, count: int, why: str) -> None:
    """So many ACKs, or more."""
    server.run(lambda: talk.count("ACK") >= count or talk.closed)
    if talk.count("ACK") < count:
        raise Failure(f"ACK {count} on {talk.name} ({why})", f"{talk.count('ACK')} ACK")


def _acks_at_most(talk: Talk, count: int, why: str) -> None:
    """So many ACKs, or fewer."""
    if talk.count("ACK") > count:
        raise Failure(f"at most {count} ACK on {talk.name} ({why})", f"{talk.count('ACK')}")


def _goes_on_or_closes(server: SuiteServer, talk: Talk, why: str, tolerated: str) -> None:
    """The channel answers a ping, or the target closes it."""
    try:
        server.alive(talk, why)
    except Failure:
        if not _closed_in_order(server, talk):
            raise
        server.tolerate(tolerated)


def _closed_in_order(server: SuiteServer, talk: Talk) -> bool:
    """Whether the target closed the channel; a program that was killed by what it got did not. Raises Failure for that."""
    if not talk.wait_closed(server.network.quiet):
        return False
    server.run(lambda: bool(server.target.ended), server.network.quiet)
    if server.target.ended.startswith("exit status -"):
        raise Failure(f"{talk.name} goes on or is closed", f"peer process ended: {server.target.ended}")
    return True


def _serves_mini(talk: Talk) -> None:
    if not talk.mini_header:
        raise NotApplicable("the client did not announce MINI_HEADER")


# -- 2.1 headers


@client_case("SPICE-FRAME-001/client-mini", "mini", channel="main", first=True)
@client_case("SPICE-FRAME-001/client-full", "full", channel="main", first=True)
def header(server: SuiteServer, kind: str) -> None:
    """The first message on main, for a server that announced MINI_HEADER or did not: kind of header."""
    _right_headers(server.main(common=COMMON if kind == "mini" else _FULL))


@client_case("SPICE-FRAME-001/client-mini-everywhere", True, True)
@client_case("SPICE-FRAME-001/client-full-everywhere", False, False, after=_AFTER_FULL)
@client_case("SPICE-FRAME-001/client-mini-on-main-only", True, False, after=_AFTER_FULL)
@client_case("SPICE-FRAME-001/client-full-on-main-only", False, True, after=_AFTER_FULL)
def headers(server: SuiteServer, on_main: bool, on_others: bool) -> None:
    """Main and another channel, each with the headers that were announced for it: MINI_HEADER on main, on the other."""
    talk = server.main(common=COMMON if on_main else _FULL)
    server.listing(talk, *CHANNELS)
    wire = server.another(server.network.patience)
    if wire is None:
        raise NotApplicable("the target links nothing but main")
    wire.link_message()
    other = server.establish(wire, common=COMMON if on_others else _FULL)
    server.serve(other)
    server.lean("SPICE-FRAME-028/on-main")  # a client that has nothing to say of its own accord is asked by pings
    for each in (other, talk):
        each.drop()
        _right_headers(each)


def _right_headers(talk: Talk) -> None:
    """The next message can be read. A ping is sent, in case the client has nothing else to say."""
    kind = "mini headers, as both announced" if talk.mini_header else "full headers, as MINI_HEADER was not announced by both"
    wanted = f"a message on {talk.name} behind {kind}"
    talk.send(_ping(1))
    found = talk.expect_message(text=wanted)
    if found.value is None:
        raise Failure(wanted, f"{found.name}, {len(found.body)} bytes {found.error}".rstrip())


@client_case("SPICE-FRAME-002/client-on-main", "main", channel="main", after=_AFTER_FULL)
@client_case("SPICE-FRAME-002/client-on-inputs", "inputs", channel="inputs", after=_AFTER_FULL)
@client_case("SPICE-FRAME-002/client-on-display", "display", channel="display", after=_AFTER_FULL)
def serials(server: SuiteServer, table: str) -> None:
    """The serials of a channel with full headers: 1 and up, answers to messages inside others and acknowledgements too."""
    talk = server.on(table, common=_FULL)
    talk.send(common.SetAck(1, 2))
    for number in (1, 2, 3):
        talk.send(_ping(number))
    talk.send_list(_ping(4), _ping(5))
    talk.send(_ping(6))
    for serial, message in enumerate(_until_pong(talk, 6, "their serials"), 1):
        if message.serial != serial:
            raise Failure(f"serial {serial} in message {serial} of the client on {talk.name}, a {message.name}",
                          f"serial {message.serial}")  # fmt: skip


def _strange(talk: Talk, kind: str) -> None:
    """Messages of a kind that is easily miscounted."""
    if kind == "unknown":
        talk.send_raw(99, b"\1\2\3")
        talk.send_raw(250, b"")
    elif kind == "lists":
        talk.send_list(_ping(21), _ping(22), _ping(23))
        talk.send_list(_ping(24))
    else:
        _pings(talk, 21, 3)


@client_case("SPICE-FRAME-003/client-counts-messages", "messages", also=("SPICE-FRAME-034",), channel="inputs",
             after=("SPICE-FRAME-034/under-full-headers",))  # fmt: skip
@client_case("SPICE-FRAME-003/client-counts-unknown-messages", "unknown", also=("SPICE-FRAME-006",), channel="inputs",
             after=("SPICE-FRAME-034/under-full-headers", "SPICE-FRAME-006/250-on-main"))  # fmt: skip
@client_case("SPICE-FRAME-017/client-serials", "lists", also=("SPICE-FRAME-003",), channel="inputs",
             after=("SPICE-FRAME-003/client-counts-messages", *_AFTER_LIST))  # fmt: skip
def counted(server: SuiteServer, kind: str) -> None:
    """Inputs waits for a message of main under mini headers, whose serial both ends count; sent on main before."""
    talk, keyboard = server.inputs()
    _serves_mini(talk)
    _strange(talk, kind)
    server.alive(talk)
    serial = talk.sent_serial
    keyboard.send(common.WaitForChannels((common.ChannelWait(ChannelType.MAIN, 0, serial),)))
    server.alive(keyboard, f"it waited for message {serial} of main, which was handled")
    keyboard.send(common.WaitForChannels((common.ChannelWait(ChannelType.MAIN, 0, serial + 1),)))
    keyboard.send(_ping(2))
    keyboard.expect_none("PONG", why=f"message {serial + 1} of main was not sent")
    server.alive(talk)
    _pong(keyboard, 2)


@client_case("SPICE-FRAME-004/client-byte-by-byte", channel="main")
def byte_by_byte(server: SuiteServer) -> None:
    """A session whose bytes come one at a time, from the link reply on."""
    server.lean("SPICE-LINK-004/one-byte-at-a-time")
    server.network.piece = 1
    talk = server.session()
    server.others()
    for each in server.talks.values():
        server.alive(each)
    talk.expect_open()


@client_case("SPICE-FRAME-004/client-two-in-one-write", 2, channel="main")
@client_case("SPICE-FRAME-004/client-hundred-in-one-write", 100, channel="main")
def one_write(server: SuiteServer, count: int) -> None:
    """Pings in one write."""
    talk = server.main()
    data = b"".join([talk.frame(_ping(number)) for number in range(1, count + 1)])
    talk.send_bytes(data, f"{count} PINGs in one write")
    _in_order(talk, *range(1, count + 1), why="each of them is a message")


@client_case("SPICE-FRAME-004/client-result-and-init-in-one-write", channel="main",
             after=("SPICE-LINK-004/result-with-init",))  # fmt: skip
def with_result(server: SuiteServer) -> None:
    """The link result, INIT and a ping in one write."""
    wire = server.accept()
    wire.link_message()
    wire.reply()
    wire.login()
    talk = server.begun(wire)
    talk.send_bytes(bytes(4) + talk.frame(server.init()) + talk.frame(_ping(1)), "link result, INIT and PING in one write")
    _pong(talk, 1)


@client_case("SPICE-FRAME-004/client-cut-mini", "mini", channel="main")
@client_case("SPICE-FRAME-004/client-cut-full", "full", channel="main", after=_AFTER_FULL)
def cut(server: SuiteServer, header: str) -> None:
    """Pings cut inside a header, behind one, and inside a body, the next header in the same piece."""
    talk = server.main(common=COMMON if header == "mini" else _FULL)
    begin = framing.MINI_HEADER_SIZE if talk.mini_header else framing.FULL_HEADER_SIZE
    data = b"".join([talk.frame(_ping(number)) for number in (1, 2, 3)])
    size = len(data) // 3
    for start, end in pairwise((0, 3, size + begin + 5, len(data))):
        if start:
            server.quiet()
        talk.send_bytes(data[start:end], f"bytes {start} to {end} of three PINGs")
    _in_order(talk, 1, 2, 3, why="a message may come in pieces")


@client_case("SPICE-FRAME-005/client-without-scancodes", channel="inputs", needs=("act:key",))
def without_scancodes(server: SuiteServer) -> None:
    """A key, for a server that did not announce KEY_SCANCODE: KEY_DOWN and KEY_UP."""
    talk = server.main()
    server.listing(talk, *CHANNELS)
    keyboard = server.channel(ChannelType.INPUTS, channel=NONE)
    server.alive(keyboard)
    server.act("key", code=0x1E, down=True)
    _key(keyboard, "KEY_DOWN", 0x1E)
    server.act("key", code=0x1E, down=False)
    _key(keyboard, "KEY_UP", 0x9E)


def _key(keyboard: Talk, name: str, code: int) -> None:
    found = keyboard.expect_message("KEY_DOWN", "KEY_UP", "KEY_SCANCODE")
    if found.name != name or found.value is None or found.value.code != code:
        raise Failure(f"{name} {code:#x} (the server did not announce KEY_SCANCODE)", f"{found.name} {found.body.hex()}")


@client_case("SPICE-FRAME-005/client-without-scancodes-by-bytes", channel="inputs", needs=("act:scancode",))
def without_scancode_bytes(server: SuiteServer) -> None:
    """Bytes of a keyboard, for a server that did not announce KEY_SCANCODE: KEY_DOWN and KEY_UP."""
    talk = server.main()
    server.listing(talk, *CHANNELS)
    keyboard = server.channel(ChannelType.INPUTS, channel=NONE)
    server.alive(keyboard)
    server.act("scancode", data="1e9e")
    _key(keyboard, "KEY_DOWN", 0x1E)
    _key(keyboard, "KEY_UP", 0x9E)


@client_case("SPICE-FRAME-005/client-without-channel-capabilities")
def without_capabilities(server: SuiteServer) -> None:
    """A server that announces no capability of any channel gets no message that needs one."""
    talk = server.main(channel=NONE)
    server.listing(talk, *CHANNELS)
    while (wire := server.another()) is not None:
        wire.link_message()
        server.serve(server.establish(wire, channel=NONE))
    for each in server.talks.values():
        server.alive(each)
        for name in _NEEDING.get(each.table, ()):
            if each.count(name):
                raise Failure(f"no {name} on {each.name}: the server announced no capability of the channel", "it came")


# -- 2.2 what a receiver does not understand


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
    talk = server.on(table)
    for size in (0, 12, 3000):
        talk.send_raw(number, bytes([size % 251]) * size)
    server.alive(talk, f"it skips type {number}")


@client_case("SPICE-FRAME-006/inside-a-list", channel="main", after=_AFTER_LIST)
def unknown_inside(server: SuiteServer) -> None:
    """A type that means nothing between two pings of a list."""
    talk = server.main()
    body = framing.list_body([dispatch.build("main", "server", _ping(1)), (250, b"\1\2\3"),
                              dispatch.build("main", "server", _ping(2))])  # fmt: skip
    talk.send_raw(framing.LIST, body, text="LIST of PING 1, type 250, PING 2")
    _in_order(talk, 1, 2, why="the message between them is skipped")


@client_case("SPICE-FRAME-007/eventful-session")
def known_types(server: SuiteServer) -> None:
    """A session in which much happens: every message of the client is one that the channel has."""
    talk = server.session()
    server.others()
    announced = talk.client
    talk.send(common.Notify(1, NotifySeverity.WARN, NotifyVisibility.HIGH, 0, b"careful", b"\0"))
    if announced.has(MainCapability.NAME_AND_UUID):
        talk.send(main.Name(b"guest\0"))
        talk.send(main.Uuid(bytes(range(16))))
    talk.send(main.MultiMediaTime(2000))
    talk.send(main.AgentConnectedTokens(10) if announced.has(MainCapability.AGENT_CONNECTED_TOKENS) else main.AgentConnected())
    server.alive(talk)
    talk.send(main.AgentDisconnected(LinkErr.OK))
    talk.send(main.MouseModeMessage(_BOTH, MouseMode.CLIENT))
    talk.send(main.MouseModeMessage(MouseMode.SERVER, MouseMode.SERVER))
    talk.send(main.MigrateCancel())
    for each in server.talks.values():
        each.send(common.SetAck(1, 2))
        if each.table == "inputs":
            each.send(inputs.KeyModifiers(7))
        server.alive(each)
    server.quiet()
    for each in server.talks.values():
        strange = [name for name in each.heard if name.startswith("type ")]
        if strange:
            raise Failure(f"messages that clients send on {each.table}", ", ".join(strange))


_SHORT: Final[dict[str, tuple[str, int, bytes]]] = {
    "inputs-init-without-body": ("inputs", 101, b""),
    "inputs-modifiers-of-one-byte": ("inputs", 102, b"\7"),
    "main-mouse-mode-of-three-bytes": ("main", 105, b"\3\0\1"),
    "main-list-of-4294967295-channels": ("main", 104, b"\xff\xff\xff\xff\5\0"),
    "main-list-of-2147483648-channels": ("main", 104, b"\0\0\0\x80\2\0"),
    "main-notify-with-a-text-of-4294967295": ("main", 7, bytes(20) + b"\xff\xff\xff\xffshort"),
    "main-notify-one-byte-short": ("main", 7, bytes(20) + b"\6\0\0\0short"),
    "main-set-ack-of-seven-bytes": ("main", 3, b"\1\0\0\0\1\0\0"),
    "main-ping-of-eleven-bytes": ("main", 4, b"\xee" * 11),
    "main-wait-for-255-without-one": ("main", 5, b"\xff"),
    "main-agent-disconnected-without-body": ("main", 108, b""),
    "display-mode-of-four-bytes": ("display", 101, b"\1\2\3\4"),
    "display-surface-of-two-bytes": ("display", 314, b"\0\0"),
    "cursor-init-of-three-bytes": ("cursor", 101, b"\0\0\0"),
}
"""Bodies that end before their last field: channel, type, body."""


def malformed(server: SuiteServer, which: str) -> None:
    """A body that ends before its last field, then a ping."""
    table, number, body = _SHORT[which]
    talk = server.on(table)
    server.alive(talk)
    row = dispatch.row(table, "server", number)
    name = row.name if row is not None else f"type {number}"
    answer = {"SET_ACK": "ACK_SYNC", "PING": "PONG"}.get(name, "")
    allowed = talk.count(answer) + int(answer == "PONG")  # the ping that looks is answered
    talk.send_raw(number, body, text=f"{name} with a body of {len(body)} bytes")
    _goes_on_or_closes(server, talk, f"it skips a {name} that it cannot parse", "closing the channel")
    if table != "main":
        server.alive(server.talks[ChannelType.MAIN, 0], f"only {table} had a {name} that cannot be parsed")
    if answer and talk.count(answer) > allowed:
        raise Failure(f"no {answer} to a {name} of {len(body)} bytes", "it came")


for _slug, _which in _SHORT.items():
    client_case(f"SPICE-FRAME-010/{_slug}", _slug, channel=_which[0])(malformed)


_TAILED: Final[dict[str, tuple[str, Any]]] = {
    "notify": ("main", common.Notify(1, NotifySeverity.INFO, NotifyVisibility.LOW, 0, b"hello", b"")),
    "wait-for-none": ("main", common.WaitForChannels(())),
    "mouse-mode": ("main", main.MouseModeMessage(_BOTH, MouseMode.SERVER)),
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
    talk = server.on(table)
    _with_tail(talk, value)
    server.alive(talk, "it ignores eight bytes behind the last field")
    talk.expect_open()


for _slug, (_table, _value) in _TAILED.items():
    client_case(f"SPICE-FRAME-011/client-{_slug}", _slug, channel=_table)(tail)


def _with_tail(talk: Talk, value: Any) -> None:
    number, body = dispatch.build(talk.table, "server", value)
    row = dispatch.row(talk.table, "server", number)
    talk.send_raw(number, body + _TAIL, text=f"{row.name if row else number} with eight more bytes")


@client_case("SPICE-FRAME-011/client-main-init", channel="main", after=("SPICE-LINK-030/session-id",))
def init_with_tail(server: SuiteServer) -> None:
    """INIT with eight more bytes: the client asks for the channels and links them with the id of the session."""
    wire = server.accept()
    wire.link_message()
    talk = server.establish(wire)
    _with_tail(talk, server.init())
    server.listing(talk, *CHANNELS)
    other = server.another(server.network.patience)
    if other is None:
        raise NotApplicable("the target links nothing but main")
    found = other.link_message().message.connection_id
    if found != server.session_id:
        raise Failure(f"connection id {server.session_id:#x} of INIT in the next link message", f"{found:#x}")


@client_case("SPICE-FRAME-011/client-channels-list", channel="main")
def list_with_tail(server: SuiteServer) -> None:
    """CHANNELS_LIST of two channels with eight more bytes, which would be four more channels."""
    talk = server.main()
    server.attached(talk)
    two = main.ChannelsList((main.ChannelId(ChannelType.DISPLAY, 0), main.ChannelId(ChannelType.INPUTS, 0)))
    number, named = dispatch.build("main", "server", two)
    talk.send_raw(number, named + bytes([ChannelType.CURSOR, 0]) * 4, text="CHANNELS_LIST of two, with eight more bytes")
    server.channel(ChannelType.INPUTS)
    server.others()
    if (ChannelType.CURSOR, 0) in server.talks:
        raise Failure("links of display:0 and inputs:0, which the list has named", "one of cursor:0 too")


@client_case("SPICE-FRAME-011/client-set-ack", channel="main", after=_AFTER_SYNC)
def set_ack_with_tail(server: SuiteServer) -> None:
    """SET_ACK with eight more bytes is answered."""
    talk = server.main()
    _with_tail(talk, common.SetAck(5, 0))
    talk.expect("ACK_SYNC", where=lambda value: value.generation == 5, text="ACK_SYNC 5")


@client_case("SPICE-FRAME-011/client-list", channel="main", after=_AFTER_LIST)
def inside_with_tail(server: SuiteServer) -> None:
    """LIST with eight more bytes behind its messages."""
    talk = server.main()
    body = framing.list_body([dispatch.build("main", "server", _ping(number)) for number in (1, 2)])
    talk.send_raw(framing.LIST, body + _TAIL, text="LIST of two PINGs, with eight more bytes")
    _in_order(talk, 1, 2, why="bytes behind the list mean nothing")


@client_case("SPICE-FRAME-011/client-wait-for-channels", channel="inputs", after=("SPICE-FRAME-003/client-counts-messages",))
def wait_with_tail(server: SuiteServer) -> None:
    """WAIT_FOR_CHANNELS for one message, with eight more bytes, holds the channel back until that was handled."""
    talk, keyboard = server.inputs()
    server.alive(talk)
    _with_tail(keyboard, common.WaitForChannels((common.ChannelWait(ChannelType.MAIN, 0, talk.sent_serial + 1),)))
    keyboard.send(_ping(2))
    keyboard.expect_none("PONG", why="it waits for a message of main")
    server.alive(talk)
    _pong(keyboard, 2)


@client_case("SPICE-FRAME-011/client-motion-ack", channel="inputs", needs=("act:motion",))
def motion_ack_with_tail(server: SuiteServer) -> None:
    """MOUSE_MOTION_ACK with eight more bytes frees four movements all the same."""
    talk, mouse = server.inputs(init=server.init(supported=MouseMode.SERVER))
    talk.send(main.MouseModeMessage(_BOTH, MouseMode.SERVER))
    server.alive(talk)
    server.alive(mouse)
    for _ in range(8):
        server.act("motion", dx=1, dy=1)
    if not server.run(lambda: mouse.count("MOUSE_MOTION") + mouse.count("MOUSE_POSITION") >= 8):
        raise Failure("eight movements", f"{mouse.count('MOUSE_MOTION')} MOUSE_MOTION")
    for _ in range(2):
        _with_tail(mouse, inputs.MouseMotionAck())
    server.alive(mouse, "it ignores eight bytes behind MOUSE_MOTION_ACK")
    mouse.drop()
    server.act("motion", dx=1, dy=1)
    mouse.expect("MOUSE_MOTION", "MOUSE_POSITION", text="a movement, now that eight are acknowledged")


# -- 2.3 sizes


@client_case("SPICE-FRAME-012/client-sizes", channel="main")
def sizes(server: SuiteServer) -> None:
    """Every message of the client on its channels has a body that its type may have."""
    server.session(init=server.init(current=MouseMode.SERVER))
    server.others()
    for each in server.talks.values():
        each.send(common.SetAck(1, 1))
        each.send(_ping(9))
        for message in _until_pong(each, 9, "their sizes"):
            limit = named_limit(each.table, "client", message.name)
            if limit is not None and len(message.body) > limit.size:
                raise Failure(f"{message.name} on {each.name} of at most {limit.size} bytes", f"{len(message.body)} bytes")


@client_case("SPICE-FRAME-014/ping-of-4294967295", "main", 4, "mini", channel="main")
@client_case("SPICE-FRAME-014/unknown-of-4294967295", "main", 250, "mini", channel="main")
@client_case("SPICE-FRAME-014/inputs-of-4294967295", "inputs", 101, "mini", channel="inputs")
@client_case("SPICE-FRAME-014/full-header-of-4294967295", "main", 4, "full", channel="main",
             after=_AFTER_FULL)  # fmt: skip
def oversize(server: SuiteServer, table: str, number: int, header: str) -> None:
    """A header that announces 4294967295 bytes, and some of them: channel, type, kind of header."""
    talk = server.on(table, common=COMMON if header == "mini" else _FULL)
    server.alive(talk)
    size = 0xFFFFFFFF
    data = pack("<HL", number, size) if talk.mini_header else pack("<QHLL", talk.sent_serial + 1, number, size, 0)
    talk.send_bytes(data, f"a header: type {number}, {size} bytes")
    before = talk.count("PONG")
    talk.send(_ping(1), text="PING, which is a part of that body")
    closed = talk.wait_closed(server.network.quiet * 2)
    if talk.count("PONG") > before:
        raise Failure(f"{talk.name} is closed at a header that announces {size} bytes", "PONG to what is a part of that body")
    if not closed or not _closed_in_order(server, talk):
        server.tolerate("waiting for the announced bytes")


# -- 2.4 messages inside messages


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


@client_case("SPICE-FRAME-015/two-pings", "main", channel="main")
@client_case("SPICE-FRAME-015/two-pings-on-inputs", "inputs", channel="inputs")
@client_case("SPICE-FRAME-015/two-pings-on-display", "display", channel="display")
def two_pings(server: SuiteServer, table: str) -> None:
    """LIST of two pings, and one behind it: on a channel."""
    talk = server.on(table)
    talk.send_list(_ping(1), _ping(2))
    talk.send(_ping(3))
    _in_order(talk, 1, 2, 3, why="messages of a list are handled in its order")


@client_case("SPICE-FRAME-015/order-of-the-list", channel="main", after=_AFTER_LIST)
def list_order(server: SuiteServer) -> None:
    """A list that names the second of its messages first."""
    talk = server.main()
    body = _list_of(_part(1), _part(2), _part(3), offsets=(18, 36, 0))
    talk.send_raw(framing.LIST, body, text="LIST of PING 2, PING 3, PING 1, whose bytes lie in another order")
    _in_order(talk, 2, 3, 1, why="the order of the list, not of the bytes")


@client_case("SPICE-FRAME-015/before-what-holds-them", channel="main", after=_AFTER_FULL)
def before_holder(server: SuiteServer) -> None:
    """PING 3 that holds PING 1 and PING 2, under full headers."""
    talk = server.main(common=_FULL)
    number, body = dispatch.build("main", "server", _ping(3))
    inside = [dispatch.build("main", "server", _ping(which)) for which in (1, 2)]
    whole, at = framing.with_sub_messages(body, inside)
    talk.send_raw(number, whole, sub_list=at, text="PING 3, in which lie PING 1 and PING 2")
    _in_order(talk, 1, 2, 3, why="what lies inside is handled before what it lies in")


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


def outside(server: SuiteServer, which: str) -> None:
    """A list, or a message in it, that reaches out of the body of LIST; two pings lie behind."""
    talk = server.main()
    talk.wire.spoil("what lies outside of a body is nothing that was asked")
    data = talk.frame_raw(framing.LIST, _OUTSIDE[which]) + talk.frame(_ping(2)) + talk.frame(_ping(3))
    # In one write, so that there is something behind the body for whoever reads on.
    talk.send_bytes(data, f"LIST ({which.replace('-', ' ')}), PING 2 and PING 3 in one write")
    _refused(server, talk)


for _slug in _OUTSIDE:
    client_case(f"SPICE-FRAME-016/client-{_slug}", _slug, channel="main", after=_AFTER_WRITE)(outside)


def _refused(server: SuiteServer, talk: Talk) -> None:
    """PONG 2 and PONG 3, or the channel is closed; of the pings before them only the good one may be answered."""
    found: list[int] = []
    try:
        while found[-1:] != [3]:
            found.append(talk.expect("PONG", text="PONG 2 and PONG 3 behind a list that has to be refused").id)
    except Failure:
        if not _closed_in_order(server, talk):
            raise
    if set(found) - {1, 2, 3} or found.count(1) > 1:
        raise Failure("answers to nothing but what lies inside the body", f"PONG {', PONG '.join(map(str, found))}")


@client_case("SPICE-FRAME-016/client-sub-list-past-the-end", 1 << 16, channel="main",
             after=(*_AFTER_FULL, *_AFTER_WRITE))  # fmt: skip
@client_case("SPICE-FRAME-016/client-sub-list-at-the-end", 12, channel="main",
             after=(*_AFTER_FULL, *_AFTER_WRITE))  # fmt: skip
@client_case("SPICE-FRAME-016/client-sub-list-of-4294967295", 0xFFFFFFFF, channel="main",
             after=(*_AFTER_FULL, *_AFTER_WRITE))  # fmt: skip
def sub_list_outside(server: SuiteServer, offset: int) -> None:
    """A full header whose sub-list lies outside of the body, at an offset."""
    talk = server.main(common=_FULL)
    talk.wire.spoil("what lies outside of a body is nothing that was asked")
    bad = bytearray(talk.frame(_ping(1)))
    pack_into("<L", bad, 14, offset)
    talk.send_bytes(bytes(bad) + talk.frame(_ping(2)) + talk.frame(_ping(3)),
                    f"PING 1 with its sub-list at {offset}, PING 2 and PING 3 in one write")  # fmt: skip
    _refused(server, talk)


@client_case("SPICE-FRAME-017/client-one-ack-for-a-list", channel="main", after=(*_AFTER_LIST, *_AFTER_ACK))
def one_ack(server: SuiteServer) -> None:
    """Three LISTs of three pings each under a window of 1: three ACKs."""
    talk = server.main()
    talk.send(common.SetAck(1, 1))
    for first in (1, 4, 7):
        talk.send_list(*[_ping(number) for number in range(first, first + 3)])
        _pong(talk, first + 2)
    why = "a window of 1 and three LISTs of three messages, each of which is one message"
    _acks_came(server, talk, 3, why)
    _acks_at_most(talk, 3, why)
    server.alive(talk)
    _acks_came(server, talk, 4, "a window of 1, three LISTs and a ping")
    _acks_at_most(talk, 4, "a window of 1, three LISTs and a ping")


@client_case("SPICE-FRAME-018/client-sends-no-list", channel="main", after=_AFTER_LIST)
def no_lists(server: SuiteServer) -> None:
    """Answers to what came in a LIST, under mini headers: messages of their own, and nothing inside them."""
    talk = server.main()
    _serves_mini(talk)
    talk.send_list(common.SetAck(1, 4), _ping(1), _ping(2), _ping(3))
    talk.send(_ping(4))
    whole = {"PONG": 12, "ACK_SYNC": 4, "ACK": 0}
    for message in _until_pong(talk, 4, "each by itself"):
        if message.number == framing.LIST:
            raise Failure("no message inside another: a client has no LIST", f"type {framing.LIST}, {len(message.body)} bytes")
        if len(message.body) != whole.get(message.name, len(message.body)):
            raise Failure(f"{message.name} of {whole[message.name]} bytes, with nothing inside", f"{len(message.body)} bytes")


# -- 2.5 acknowledgement


@client_case("SPICE-FRAME-019/three-windows-on-main", "main", also=("SPICE-FRAME-027",), channel="main")
@client_case("SPICE-FRAME-019/three-windows-on-inputs", "inputs", also=("SPICE-FRAME-027",), channel="inputs")
@client_case("SPICE-FRAME-019/three-windows-on-display", "display", also=("SPICE-FRAME-027",), channel="display")
@client_case("SPICE-FRAME-019/three-windows-on-cursor", "cursor", also=("SPICE-FRAME-027",), channel="cursor")
def three_windows(server: SuiteServer, table: str) -> None:
    """Three windows one after another, each answered before the next, and three at once: on a channel."""
    talk = server.on(table)
    for generation, window in ((1, 10), (2, 5), (7, 0)):
        talk.send(common.SetAck(generation, window))
        found = talk.expect("ACK_SYNC").generation
        if found != generation:
            raise Failure(f"ACK_SYNC {generation}", f"ACK_SYNC {found}")
    wanted = [0xFFFFFFFF, 0, 3]
    for generation in wanted:
        talk.send(common.SetAck(generation, 30))
    got = [talk.expect("ACK_SYNC", text=f"ACK_SYNC {generation}").generation for generation in wanted]
    if got != wanted:
        raise Failure(f"ACK_SYNC {wanted} in this order", f"{got}")
    server.alive(talk)
    if talk.count("ACK_SYNC") != 6:
        raise Failure("six ACK_SYNC for six SET_ACK", f"{talk.count('ACK_SYNC')}")


_WINDOWS: Final = {
    "1-on-main": ("main", 1),
    "2-on-main": ("main", 2),
    "20-on-main": ("main", 20),
    "2-on-inputs": ("inputs", 2),
    "1-on-display": ("display", 1),
    "20-on-display": ("display", 20),
    "2-on-cursor": ("cursor", 2),
}
"""Channels and windows."""


def acks_when_due(server: SuiteServer, which: str) -> None:
    """Pings under a window, counted from the one behind SET_ACK: each window of them earns an ACK."""
    table, size = _WINDOWS[which]
    talk = server.on(table)
    talk.send(common.SetAck(5, size))
    for turn in (1, 2, 3):
        _pings(talk, (turn - 1) * size + 1, size)
        _acks_came(server, talk, turn, f"{turn * size} messages since SET_ACK with a window of {size}")


def acks_not_sooner(server: SuiteServer, which: str) -> None:
    """Pings under a window, counted from the one behind SET_ACK: no ACK comes before a window of them is full."""
    table, size = _WINDOWS[which]
    talk = server.on(table)
    talk.send(common.SetAck(5, size))
    for turn in range(3):
        _pings(talk, turn * size + 1, size - 1)
        _acks_at_most(talk, turn, f"{(turn + 1) * size - 1} messages since SET_ACK with a window of {size}")
        _pings(talk, (turn + 1) * size, 1)
    server.alive(talk)
    _acks_at_most(talk, (3 * size + 1) // size, f"{3 * size + 1} messages since SET_ACK with a window of {size}")


for _slug, (_table, _size) in _WINDOWS.items():
    client_case(f"SPICE-FRAME-020/{_slug}", _slug, channel=_table)(acks_when_due)
    client_case(f"SPICE-FRAME-021/{_slug}", _slug, channel=_table)(acks_not_sooner)


@client_case("SPICE-FRAME-020/counts-unknown-messages", channel="main", after=("SPICE-FRAME-006/250-on-main",))
def window_of_unknown(server: SuiteServer) -> None:
    """Messages that the client does not know count under a window of 2."""
    talk = server.main()
    talk.send(common.SetAck(5, 2))
    for _ in range(3):
        talk.send_raw(250, b"?")
    _pings(talk, 1, 1)
    _acks_came(server, talk, 2, "three messages of type 250 and a ping since SET_ACK with a window of 2")


@client_case("SPICE-FRAME-021/counts-anew", channel="main")
def window_anew(server: SuiteServer) -> None:
    """A window of 4 in the middle of one of 3: what came before counts no more."""
    talk = server.main()
    talk.send(common.SetAck(5, 3))
    _pings(talk, 1, 1)
    talk.send(common.SetAck(6, 4))
    _pings(talk, 2, 3)
    _acks_at_most(talk, 0, "one message under a window of 3, then three under a window of 4")
    _pings(talk, 5, 1)
    server.alive(talk)
    _acks_at_most(talk, 1, "one message under a window of 3, then five under a window of 4")


@client_case("SPICE-FRAME-021/window-of-0", channel="main", after=_AFTER_SYNC)
def no_window(server: SuiteServer) -> None:
    """Thirty pings after a window of 1 was replaced by one of 0."""
    talk = server.main()
    talk.send(common.SetAck(1, 1))
    talk.send(common.SetAck(2, 0))
    talk.expect("ACK_SYNC", where=lambda value: value.generation == 2, text="ACK_SYNC 2")
    before = talk.count("ACK")
    _pings(talk, 1, 30)
    _acks_at_most(talk, before, "none more while the window is 0")


@client_case("SPICE-FRAME-022/set-ack-counts", channel="main", after=(*_AFTER_SYNC, *_AFTER_ACK))
def set_ack_counts(server: SuiteServer) -> None:
    """A window of 1, then one of 0: the SET_ACK that ends the window earns an ACK."""
    talk = server.main()
    talk.send(common.SetAck(1, 1))
    talk.expect("ACK_SYNC")
    talk.send(common.SetAck(2, 0))
    found = talk.expect_message("ACK", "ACK_SYNC").name
    if found != "ACK":
        raise Failure("ACK for the SET_ACK that ends a window of 1, then ACK_SYNC 2", f"{found} first")
    talk.expect("ACK_SYNC")


@client_case("SPICE-FRAME-023/ack-before-pong", channel="main", after=(*_AFTER_SYNC, *_AFTER_ACK))
def ack_first(server: SuiteServer) -> None:
    """A window of 1 and a ping: ACK, then PONG."""
    talk = server.main()
    talk.send(common.SetAck(1, 1))
    talk.expect("ACK_SYNC")
    talk.send(_ping(1))
    found = talk.expect_message("ACK", "PONG").name
    if found != "ACK":
        raise Failure("ACK before PONG: it is sent before the message is handled", f"{found} first")


@client_case("SPICE-FRAME-026/no-ack-on-main", "main", channel="main")
@client_case("SPICE-FRAME-026/no-ack-on-inputs", "inputs", channel="inputs")
@client_case("SPICE-FRAME-026/no-ack-on-display", "display", channel="display")
def no_ack(server: SuiteServer, table: str) -> None:
    """Fifty pings on a channel without any SET_ACK."""
    talk = server.on(table)
    _pings(talk, 1, 50)
    if talk.count("ACK"):
        server.tolerate(f"{talk.count('ACK')} ACK before any SET_ACK")


@client_case("SPICE-FRAME-027/no-other-generation", channel="main", after=("SPICE-FRAME-001/client-mini",))
def no_other_generation(server: SuiteServer) -> None:
    """Whatever the client says in ACK_SYNC, a SET_ACK has said it before, and as often."""
    talk = server.main()
    server.alive(talk)
    if talk.count("ACK_SYNC"):
        raise Failure("no ACK_SYNC before any SET_ACK", f"{talk.count('ACK_SYNC')}")
    generations = [4, 0x80000000, 4, 9]
    for generation in generations:
        talk.send(common.SetAck(generation, 3))
    talk.send(_ping(1))
    for message in _until_pong(talk, 1, "ACK_SYNC among them"):
        if message.name != "ACK_SYNC" or message.value is None:
            continue
        if message.value.generation not in generations:
            raise Failure(f"ACK_SYNC with a generation of {generations}, each once", f"ACK_SYNC {message.value.generation}")
        generations.remove(message.value.generation)


# -- 2.6 ping


@client_case("SPICE-FRAME-028/on-main", "main", also=("SPICE-FRAME-029",), channel="main", first=True,
             after=("SPICE-FRAME-001/client-mini",))  # fmt: skip
@client_case("SPICE-FRAME-028/on-inputs", "inputs", also=("SPICE-FRAME-029",), channel="inputs")
@client_case("SPICE-FRAME-028/on-display", "display", also=("SPICE-FRAME-029",), channel="display")
@client_case("SPICE-FRAME-028/on-cursor", "cursor", also=("SPICE-FRAME-029",), channel="cursor")
def pings(server: SuiteServer, table: str) -> None:
    """One ping, then ten at once: on a channel."""
    talk = server.on(table)
    _pings(talk, 1, 1)
    for number in range(2, 12):
        talk.send(_ping(number))
    found = sorted(talk.expect("PONG", text="ten PONGs").id for _ in range(10))
    if found != list(range(2, 12)):
        raise Failure("PONG 2 to PONG 11, each once", f"{found}")
    server.alive(talk)
    if talk.count("PONG") != 12:
        raise Failure("12 PONGs for 12 PINGs", f"{talk.count('PONG')}")


@client_case("SPICE-FRAME-029/extreme-numbers", channel="main")
def extreme_pings(server: SuiteServer) -> None:
    """The least and the largest id and time stamp, the same id again, and the same ping twice."""
    talk = server.main()
    for number, stamp in ((0, 0), (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF), (0x80000000, 1 << 63), (7, 1), (7, 2), (7, 2)):
        talk.send(common.Ping(number, stamp, b""))
        found = talk.expect("PONG", text=f"PONG with id {number} and time stamp {stamp}")
        if (found.id, found.timestamp) != (number, stamp):
            raise Failure(f"PONG with id {number} and time stamp {stamp}", f"id {found.id}, time stamp {found.timestamp}")


@client_case("SPICE-FRAME-030/256-bytes", 256, channel="main")
@client_case("SPICE-FRAME-030/256000-bytes", _PADDING, channel="main", after=("SPICE-FRAME-031/256000-bytes",))
def no_padding(server: SuiteServer, size: int) -> None:
    """A ping with padding is answered by twelve bytes: bytes of padding."""
    talk = server.main()
    talk.send(common.Ping(9, 99, b"\x5a" * size), text=f"PING with {size} bytes of padding")
    found = talk.expect_message("PONG", text=f"PONG 9, to a PING with {size} bytes of padding")
    if len(found.body) != 12:
        raise Failure("PONG of 12 bytes: id and time stamp", f"{len(found.body)} bytes: {found.body[:24].hex()}")


@client_case("SPICE-FRAME-031/256000-bytes", channel="main")
def padding(server: SuiteServer) -> None:
    """A ping with 256000 bytes of padding is answered, and the next one too."""
    talk = server.main()
    talk.send(common.Ping(9, 99, b"\x5a" * _PADDING), text=f"PING with {_PADDING} bytes of padding")
    _pong(talk, 9)
    server.alive(talk)


# -- 2.7 waiting, notices and leaving


def _wait(*named: tuple[int, int, int]) -> common.WaitForChannels:
    return common.WaitForChannels(tuple([common.ChannelWait(kind, id, serial) for kind, id, serial in named]))


@client_case("SPICE-FRAME-034/inputs-for-main", "inputs", "main", channel="inputs")
@client_case("SPICE-FRAME-034/main-for-inputs", "main", "inputs", channel="main")
@client_case("SPICE-FRAME-034/cursor-for-display", "cursor", "display", channel="cursor")
@client_case("SPICE-FRAME-034/display-for-inputs", "display", "inputs", channel="display")
@client_case("SPICE-FRAME-034/under-full-headers", "inputs", "main", True, channel="inputs", after=_AFTER_FULL)
def waiting(server: SuiteServer, table: str, other: str, full: bool = False) -> None:
    """A channel waits for a message that is sent a little later on another: channel, the other, full headers."""
    header = _FULL if full else COMMON
    server.session(*[(ChannelType[name.upper()], 0) for name in (table, other) if name != "main"], common=header)
    talk, named = (server.talks[ChannelType[name.upper()], 0] for name in (table, other))
    server.alive(named)
    talk.send(_wait((ChannelType[other.upper()], 0, named.sent_serial + 1)))
    talk.send(_ping(2))
    talk.send(_ping(3))
    talk.expect_none("PONG", why=f"message {named.sent_serial + 1} of {named.name} was not sent")
    server.alive(named, f"{talk.name} waits, and not this channel")
    _in_order(talk, 2, 3, why=f"{named.name} has handled the message")


@client_case("SPICE-FRAME-034/for-two-channels", channel="inputs")
def waiting_for_two(server: SuiteServer) -> None:
    """Inputs waits for messages of main and display, which come one after the other."""
    talk = server.session((ChannelType.INPUTS, 0), (ChannelType.DISPLAY, 0))
    waits, picture = server.talks[ChannelType.INPUTS, 0], server.talks[ChannelType.DISPLAY, 0]
    server.alive(talk)
    server.alive(picture)
    waits.send(_wait((ChannelType.MAIN, 0, talk.sent_serial + 1), (ChannelType.DISPLAY, 0, picture.sent_serial + 1)))
    waits.send(_ping(2))
    server.alive(picture)
    waits.expect_none("PONG", why="of two channels it has to wait for, only one has handled its message")
    server.alive(talk)
    _pong(waits, 2)


@client_case("SPICE-FRAME-034/handled-before", channel="inputs")
def waiting_for_the_past(server: SuiteServer) -> None:
    """Inputs waits for the first and the last message that main has handled."""
    talk, keyboard = server.inputs()
    server.alive(talk)
    keyboard.send(_wait((ChannelType.MAIN, 0, 1), (ChannelType.MAIN, 0, talk.sent_serial)))
    server.alive(keyboard, "it waited for what main has handled")


@client_case("SPICE-FRAME-035/display-99", ChannelType.DISPLAY, 99, channel="main")
@client_case("SPICE-FRAME-035/type-99", 99, 0, channel="main")
@client_case("SPICE-FRAME-035/listed-never", ChannelType.RECORD, 0, channel="main")
def waiting_for_nobody(server: SuiteServer, kind: int, id: int) -> None:
    """A wait for a channel that is not there, then a ping: its type, its id."""
    talk = server.main()
    server.listing(talk, (ChannelType.INPUTS, 0))
    talk.send(_wait((kind, id, 5)))
    server.alive(talk, f"there is no channel of type {kind} with id {id} to wait for")


@client_case("SPICE-FRAME-035/closed", channel="main",
             after=("SPICE-FRAME-034/main-for-inputs", "SPICE-MAIN-020/client-loses-inputs"))  # fmt: skip
def waiting_for_the_dead(server: SuiteServer) -> None:
    """A wait for a channel that was closed, and one during which the channel is closed."""
    talk, keyboard = server.inputs()
    server.alive(talk)
    talk.send(_wait((ChannelType.INPUTS, 0, keyboard.sent_serial + 5)))
    talk.send(_ping(1))
    talk.expect_none("PONG", why="inputs has not handled the message")
    keyboard.close()
    _pong(talk, 1)
    talk.send(_wait((ChannelType.INPUTS, 0, keyboard.sent_serial + 5)))
    server.alive(talk, "inputs is not there any more")


_NOTICES: Final[dict[str, tuple[bytes, bytes]]] = {
    "with-a-zero-byte": (b"The connection is not secure", b"\0"),
    "without-a-zero-byte": (b"The connection is not secure", b""),
    "no-text": (b"", b"\0"),
    "no-text-and-no-zero-byte": (b"", b""),
    "zero-byte-counted": (b"The connection is not secure\0", b""),
    "no-utf-8": (b"\xff\xfe not a text of UTF-8 \xc3", b""),
    "60000-bytes": (b"x" * 60000, b""),
}
"""Texts of NOTIFY, and what stands behind them."""


def notice(server: SuiteServer, which: str) -> None:
    """NOTIFY with a text, then a ping."""
    text, terminator = _NOTICES[which]
    talk = server.main()
    talk.send(common.Notify(1, NotifySeverity.WARN, NotifyVisibility.HIGH, 0, text, terminator))
    server.alive(talk, f"NOTIFY has {len(text)} bytes of text and {len(terminator)} behind them")
    talk.expect_open()


for _slug in _NOTICES:
    client_case(f"SPICE-FRAME-036/{_slug}", _slug, channel="main")(notice)


@client_case("SPICE-FRAME-037/client-leaves", needs=("act:disconnect",))
def leaving(server: SuiteServer) -> None:
    """The client is told to leave: no message behind DISCONNECTING, and the channel is closed."""
    server.session()
    server.others()
    server.act("disconnect")
    for each in server.talks.values():
        each.expect_closed(why="the client leaves")
    for each in server.talks.values():
        names = [message.name for message in each.inbox]
        if "DISCONNECTING" in names and names[-1] != "DISCONNECTING":
            behind = names[names.index("DISCONNECTING") + 1 :]
            raise Failure(f"nothing behind DISCONNECTING on {each.name}", ", ".join(behind))
