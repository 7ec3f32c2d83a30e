"""Servers: headers, sizes, messages inside messages, acknowledgement, ping, leaving (spec/02-framing.md).

Main shows that it has dealt with what was sent by answering ATTACH_CHANNELS, inputs by acknowledging movements. After a
channel was closed, as a sentence demands, a case asks whether the rest of the session lives.
"""

from __future__ import annotations

from struct import pack
from typing import Any, Final

from conformance.as_client import COMMON, ClientWire, SuiteClient
from conformance.case import server_case
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Talk
from spiceproto import capabilities as caps
from spiceproto import dispatch, framing
from spiceproto.capabilities import NONE
from spiceproto.enums.base import WireEnum
from spiceproto.enums.capabilities import (
    CommonCapability,
    DisplayCapability,
    InputsCapability,
    MainCapability,
    PlaybackCapability,
    RecordCapability,
)
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.enums.main import MouseMode
from spiceproto.errors import RemoteError
from spiceproto.messages import common, display, inputs, main
from spiceproto.size_limits import named_limit

_FULL_HEADERS: Final = COMMON.without(CommonCapability.MINI_HEADER)
_FULL_HEADERS_WORK: Final = ("SPICE-FRAME-001/main-without-mini-header",)
_BUNCH: Final = 4
"""Movements for one acknowledgement."""

_PATTERN: Final = 0x0123456789ABCDEF
_MUCH: Final = 1 << 20


# -- what many cases share


def _number(table: str, name: str) -> int:
    """Number of a message of clients."""
    return next(number for number, row in dispatch.rows(table, "client").items() if row.name == name)


_ANSWERS: Final = {"MOUSE_MOTION_ACK": ("SPICE-MOUSE-018/eight-at-once",), "CHANNELS_LIST": ("SPICE-MAIN-012/asked-twice",)}
"""Answers by which a case sees that the server goes on, and the cases without which they say nothing."""


def _wait_for(client: SuiteClient, talk: Talk, name: str, count: int) -> None:
    """``count`` messages of this name have come in all; they stay in the inbox."""
    client.lean(*_ANSWERS.get(name, ()))
    client.step(f"{talk.name}: wait for {count} {name}", talk.wire.number)
    client.run(lambda: talk.heard.get(name, 0) >= count or talk.closed or bool(talk.broken))
    if talk.count(name) < count:
        state = talk.broken or ("the channel was closed" if talk.closed else "the channel is open")
        raise Failure(f"{count} {name} on {talk.name}", f"{talk.count(name)}; {state}")


def _need_listed(client: SuiteClient, listed: set[tuple[int, int]], kind: ChannelType) -> None:
    if kind == ChannelType.CURSOR:
        client.lean("SPICE-MAIN-018/cursor-before-display")
    if (kind, 0) not in listed:
        raise NotApplicable(f"the list of channels has no {kind.name.lower()}")


def _link_other(client: SuiteClient, kind: ChannelType, **more: Any) -> Talk:
    """A channel other than main, of a session whose list names it; on display the client's INIT was sent."""
    _need_listed(client, client.session()[1], kind)
    return client.display(**more) if kind == ChannelType.DISPLAY else client.link(kind, **more)


def _screen(client: SuiteClient) -> Talk:
    """A display that has begun: libspice-server 0.15.1 crashes now and then if the channel ends before that."""
    screen = _link_other(client, ChannelType.DISPLAY)
    client.run(lambda: bool(screen.heard.get("MARK")) or screen.closed, client.network.quiet)
    return screen


def _main_of(client: SuiteClient) -> Talk:
    assert client.main_talk is not None
    return client.main_talk


def _acknowledged(client: SuiteClient, keyboard: Talk, why: str) -> None:
    """Four movements and their acknowledgement: inputs has dealt with all that was sent to it before."""
    client.lean(*_ANSWERS["MOUSE_MOTION_ACK"])
    before = keyboard.count("MOUSE_MOTION_ACK")
    client.move(keyboard, _BUNCH)
    client.run(lambda: keyboard.heard.get("MOUSE_MOTION_ACK", 0) > before or keyboard.closed)
    if keyboard.count("MOUSE_MOTION_ACK") <= before:
        state = "the channel was closed" if keyboard.closed else f"none for {client.network.patience:g} s"
        raise Failure(f"MOUSE_MOTION_ACK for four movements ({why})", state)


def _goes_on_or_closes(client: SuiteClient, talk: Talk, what: str) -> bool:
    """Whether the server goes on after something it may also close the channel for. Raises Failure if it does neither."""
    answer = "CHANNELS_LIST" if talk.table == "main" else "MOUSE_MOTION_ACK"
    client.lean(*_ANSWERS[answer])
    before = talk.count(answer)
    if talk.table == "main":
        talk.send(main.AttachChannels(), text="ATTACH_CHANNELS, to see whether the server goes on")
    else:
        client.move(talk, _BUNCH)
    client.run(lambda: talk.closed or talk.heard.get(answer, 0) > before)
    if talk.closed:
        return False
    if talk.count(answer) == before:
        raise Failure(f"{what}: the server goes on, or closes {talk.name}", f"neither for {client.network.patience:g} s")
    return True


# -- 2.1 headers


def _first_header(wire: ClientWire, table: str, mini_header: bool) -> None:
    """Read the header of the server's first message off the wire, and put it back. Raises Failure for the other kind."""
    names = {number: row.name for number, row in dispatch.rows(table, "server").items()}
    kind = "a mini header (type, size)" if mini_header else "a full header (a small serial, type, size, sub-list)"
    wire.step(f"expect {kind}")
    data = wire.need(framing.MINI_HEADER_SIZE if mini_header else framing.FULL_HEADER_SIZE, kind)
    wire.stream.received[:0] = data
    at = 0 if mini_header else 8
    number, length = int.from_bytes(data[at : at + 2], "little"), int.from_bytes(data[at + 2 : at + 6], "little")
    limit = named_limit(table, "server", names[number]) if number in names else None
    if limit is None or length > limit.size or (not mini_header and any(data[2:8])):
        raise Failure(f"{kind} before the first message", f"bytes {data.hex(' ')}")


@server_case("SPICE-FRAME-001/main-with-mini-header", "main", "announced", channel="main")
@server_case("SPICE-FRAME-001/main-without-mini-header", "main", "not announced", channel="main")
@server_case("SPICE-FRAME-001/inputs-with-mini-header", "inputs", "announced", channel="inputs")
@server_case("SPICE-FRAME-001/inputs-without-mini-header", "inputs", "not announced", channel="inputs")
@server_case("SPICE-FRAME-001/cursor-with-mini-header", "cursor", "announced", channel="cursor")
@server_case("SPICE-FRAME-001/cursor-without-mini-header", "cursor", "not announced", channel="cursor")
def headers(client: SuiteClient, table: str, mini_header: str) -> None:
    """The kind of header that follows from what both ends announced, in both directions."""
    bits = COMMON if mini_header == "announced" else _FULL_HEADERS
    kind = ChannelType[table.upper()]
    if kind != ChannelType.MAIN:
        _need_listed(client, client.session()[1], kind)
    wire = client.begin(kind, common=bits)
    server = client.login(wire, wire.reply(), bits)
    found = wire.result()
    if found.kind != "result" or found.error != LinkErr.OK:
        raise Failure("link result OK (0)", str(found))
    _first_header(wire, table, caps.mini_header(bits, server))
    talk = client.begun(wire, kind, 0, bits, server)
    first = talk.expect("INIT")
    if kind == ChannelType.MAIN:
        client.session_id = first.session_id
        client.alive(talk, "the server reads the same kind of header")
    elif kind == ChannelType.INPUTS:
        _acknowledged(client, talk, "the server reads the same kind of header")


def _check_serials(talk: Talk) -> None:
    found = [message.serial for message in talk.inbox if not message.inside]
    if found != list(range(1, len(found) + 1)):
        raise Failure("serials 1, 2, 3 ... of the server's messages", f"{', '.join(map(str, found[:12]))}")


@server_case("SPICE-FRAME-002/main", channel="main", after=_FULL_HEADERS_WORK)
def serials_of_main(client: SuiteClient) -> None:
    """The serials of main with full headers: INIT, and three lists."""
    talk = client.link(common=_FULL_HEADERS)
    _wait_for(client, talk, "INIT", 1)
    for _ in range(3):
        talk.send(main.AttachChannels())
    _wait_for(client, talk, "CHANNELS_LIST", 3)
    _check_serials(talk)


@server_case("SPICE-FRAME-002/inputs", channel="inputs", after=_FULL_HEADERS_WORK)
def serials_of_inputs(client: SuiteClient) -> None:
    """The serials of inputs with full headers: INIT, and two acknowledgements."""
    keyboard = _link_other(client, ChannelType.INPUTS, common=_FULL_HEADERS)
    for number in (1, 2):
        client.move(keyboard, _BUNCH)
        _wait_for(client, keyboard, "MOUSE_MOTION_ACK", number)
    _check_serials(keyboard)


@server_case("SPICE-FRAME-002/display", "display", channel="display", after=_FULL_HEADERS_WORK)
@server_case("SPICE-FRAME-002/cursor", "cursor", channel="cursor", after=_FULL_HEADERS_WORK)
def serials_of_pictures(client: SuiteClient, table: str) -> None:
    """The serials of what a channel of pictures begins with, with full headers."""
    talk = _link_other(client, ChannelType[table.upper()], common=_FULL_HEADERS)
    last = "MARK" if table == "display" else "INIT"
    client.run(lambda: bool(talk.heard.get(last)) or talk.closed or bool(talk.broken), 4 * client.network.quiet)
    if len(talk.inbox) < 2:
        raise Failure(f"two messages on {talk.name} or more", talk.broken or f"{len(talk.inbox)}; {talk.wire.state()}")
    _check_serials(talk)


@server_case("SPICE-FRAME-003/serials-that-are-waited-for", needs=("two-displays", "control:animate"))
def serials_named(client: SuiteClient) -> None:
    """Every serial that the server tells another channel to wait for is one that the named channel comes to."""
    talk, listed = client.session()
    displays = [number for kind, number in sorted(listed) if kind == ChannelType.DISPLAY]
    talks = {(int(ChannelType.DISPLAY), number): client.display(number) for number in displays}
    client.control("animate", 8)
    client.quiet()
    waits = [item for other in talks.values() for message in other.inbox for item in getattr(message.value, "wait_list", ())]
    if not waits:
        client.note("the server told no channel to wait for another")
    for item in waits:
        named = talks.get((int(item.channel_type), item.channel_id))
        if named is None:
            continue
        sent = sum(1 for message in named.inbox if not message.inside)
        if not 0 < item.message_serial <= sent:
            raise Failure(f"a serial of 1 to {sent}, so many messages came on {named.name}", str(item.message_serial))
    client.alive(talk)


@server_case("SPICE-FRAME-004/pieces-of-one-byte", 1)
@server_case("SPICE-FRAME-004/pieces-of-three-bytes", 3)
@server_case("SPICE-FRAME-004/pieces-of-seven-bytes", 7)
def pieces(client: SuiteClient, size: int) -> None:
    """A session of which the server gets everything in small pieces."""
    client.lean("SPICE-LINK-004/byte-by-byte")
    client.network.piece = size
    keyboard = client.inputs()
    _acknowledged(client, keyboard, f"sent in pieces of {size}")
    client.alive(_main_of(client), f"sent in pieces of {size}")


@server_case("SPICE-FRAME-004/main-many-at-once", channel="main")
def many_at_once(client: SuiteClient) -> None:
    """Three messages on main in one write."""
    talk = client.main()
    talk.send_bytes(b"".join([talk.frame(main.AttachChannels()) for _ in range(3)]), "three ATTACH_CHANNELS in one write")
    _wait_for(client, talk, "CHANNELS_LIST", 3)


@server_case("SPICE-FRAME-004/inputs-many-at-once", "mini headers", channel="inputs")
@server_case("SPICE-FRAME-004/inputs-many-at-once-full-headers", "full headers", channel="inputs", after=_FULL_HEADERS_WORK)
def many_movements_at_once(client: SuiteClient, kind: str) -> None:
    """Eight movements and a key in one write."""
    keyboard = client.inputs(common=COMMON if kind == "mini headers" else _FULL_HEADERS)
    data = _movement_bytes(client, keyboard, 2 * _BUNCH)
    data += keyboard.frame(inputs.KeyDown(0x1E)) + keyboard.frame(inputs.KeyUp(0x9E))
    keyboard.send_bytes(data, "eight movements and a key in one write")
    _wait_for(client, keyboard, "MOUSE_MOTION_ACK", 2)


def _movement_bytes(client: SuiteClient, keyboard: Talk, count: int) -> bytes:
    absolute = client.init.current_mouse_mode == MouseMode.CLIENT
    value = inputs.MousePosition(10, 20, 0, 0) if absolute else inputs.MouseMotion(1, -1, 0)
    return b"".join([keyboard.frame(value) for _ in range(count)])


@server_case("SPICE-FRAME-004/one-and-a-half", channel="inputs")
def one_and_a_half(client: SuiteClient) -> None:
    """Movements, cut in the middle of a header and of a body; what is whole is handled before the rest comes."""
    keyboard = client.inputs()
    data = _movement_bytes(client, keyboard, 3 * _BUNCH)
    size = len(data) // (3 * _BUNCH)
    header, body = _BUNCH * size + 3, 3 * _BUNCH * size - 5
    keyboard.send_bytes(data[:header], "four movements and half a header")
    _wait_for(client, keyboard, "MOUSE_MOTION_ACK", 1)
    keyboard.send_bytes(data[header:body], "the rest of it, and the next up to half a body of the last")
    _wait_for(client, keyboard, "MOUSE_MOTION_ACK", 2)
    keyboard.send_bytes(data[body:], "the rest of that")
    _wait_for(client, keyboard, "MOUSE_MOTION_ACK", 3)


def _unwanted(talk: Talk) -> list[str]:
    """Messages that came and need a capability that the client has not announced, or must not have."""
    from spiceproto.schema import rows

    found = []
    for row in rows(talk.table, "server").values():
        needed, absent = row.capability, row.absent
        if row.name in talk.heard and (
            (needed is not None and not talk.client.has(needed)) or (absent is not None and talk.client.has(absent))
        ):
            found.append(row.name)
    return found


def _check_wanted(talk: Talk) -> None:
    talk.peer.settled()
    found = _unwanted(talk)
    if found:
        bits = f"the client announced {talk.client.channel:#x} on {talk.table}"
        raise Failure("no message that needs a capability which was not announced", f"{', '.join(found)}; {bits}")


@server_case("SPICE-FRAME-005/main-without-name-and-uuid", "NAME_AND_UUID", channel="main")
@server_case("SPICE-FRAME-005/main-without-tokens", "AGENT_CONNECTED_TOKENS", channel="main")
@server_case("SPICE-FRAME-005/main-without-semi-seamless", "SEMI_SEAMLESS_MIGRATE", channel="main")
@server_case("SPICE-FRAME-005/main-without-seamless", "SEAMLESS_MIGRATE", channel="main")
def main_without_one(client: SuiteClient, missing: str) -> None:
    """Main for a client that announced everything but one capability."""
    talk = client.main(channel=NONE.with_(*MainCapability).without(MainCapability[missing]))
    client.alive(talk)
    _check_wanted(talk)


@server_case("SPICE-FRAME-005/main-nothing-announced", channel="main", after=("SPICE-LINK-019/no-channel-words",))
def main_with_none(client: SuiteClient) -> None:
    """Main for a client that announced nothing for it."""
    talk = client.main(channel=NONE)
    client.alive(talk)
    _check_wanted(talk)


@server_case("SPICE-FRAME-005/display-nothing-announced", "nothing", channel="display")
@server_case("SPICE-FRAME-005/display-without-monitors-config", "STREAM_REPORT", channel="display")
def display_without_one(client: SuiteClient, announced: str) -> None:
    """What a display begins with, for a client that announced only this for it."""
    bits = NONE if announced == "nothing" else NONE.with_(DisplayCapability[announced])
    screen = _link_other(client, ChannelType.DISPLAY, channel=bits)
    client.quiet()
    _check_wanted(screen)


_SOME: Final[dict[ChannelType, tuple[WireEnum, ...]]] = {
    ChannelType.INPUTS: tuple(InputsCapability),
    ChannelType.PLAYBACK: tuple(PlaybackCapability),
    ChannelType.RECORD: tuple(RecordCapability),
}


@server_case("SPICE-FRAME-005/other-channels-nothing-announced")
def others_without_any(client: SuiteClient) -> None:
    """What every other channel begins with, for a client that announced nothing for it, and then one thing alone."""
    client.lean("SPICE-MAIN-020/inputs")
    talk, listed = client.session()
    for kind, some in _SOME.items():
        if (kind, 0) in listed:
            for bits in (NONE, *[NONE.with_(one) for one in some]):
                other = client.link(kind, channel=bits)
                client.run(lambda other=other: bool(other.inbox) or other.closed, client.network.quiet)  # type: ignore[misc]
                _check_wanted(other)
                other.close()
                client.alive(talk)


@server_case("SPICE-FRAME-005/agent-appears-without-tokens", also=("SPICE-MAIN-010",), channel="main", needs=("control:agent",))
def agent_without_tokens(client: SuiteClient) -> None:
    """An agent appears for a client without AGENT_CONNECTED_TOKENS: AGENT_CONNECTED comes in its place."""
    client.control("agent", False)
    talk = client.main(channel=NONE.with_(MainCapability.NAME_AND_UUID))
    client.control("agent", True)
    client.alive(talk)
    _check_wanted(talk)
    if not talk.count("AGENT_CONNECTED"):
        raise Failure("AGENT_CONNECTED", "nothing that says that an agent is there")


# -- 2.2 what a receiver does not understand


@server_case("SPICE-FRAME-008/main-200", 200, channel="main")
@server_case("SPICE-FRAME-008/main-250", 250, channel="main")
def unknown_on_main(client: SuiteClient, number: int) -> None:
    """A type that nobody knows, on main; after a close a new session is served."""
    talk, _ = client.session()
    talk.send_raw(number, bytes(16))
    if not _goes_on_or_closes(client, talk, f"type {number} of 16 bytes"):
        client.main()


@server_case("SPICE-FRAME-008/inputs-200", 200, channel="inputs")
@server_case("SPICE-FRAME-008/inputs-250", 250, channel="inputs")
def unknown_on_inputs(client: SuiteClient, number: int) -> None:
    """A type that nobody knows, on inputs; the session goes on in either case."""
    keyboard = client.inputs()
    keyboard.send_raw(number, bytes(16))
    _goes_on_or_closes(client, keyboard, f"type {number} of 16 bytes")
    client.alive(_main_of(client), "not more than the channel is closed")


def _short_of_main(client: SuiteClient, name: str, size: int) -> None:
    """A body on main that is shorter than its fields; then a new session."""
    talk, _ = client.session()
    talk.send_raw(_number("main", name), bytes(size), text=f"{name} of {size} bytes")
    talk.expect_closed(why=f"{name} of {size} bytes")
    client.main()


def _short_of_inputs(client: SuiteClient, name: str, size: int) -> None:
    """A body on inputs that is shorter than its fields; the session goes on."""
    keyboard = client.inputs()
    keyboard.send_raw(_number("inputs", name), bytes(size), text=f"{name} of {size} bytes")
    keyboard.expect_closed(why=f"{name} of {size} bytes")
    client.alive(_main_of(client), "not more than the channel is closed")


def _slug(name: str) -> str:
    return name.lower().replace("_", "-")


for _name, _size in (("MOUSE_MODE_REQUEST", 1), ("MOUSE_MODE_REQUEST", 0), ("AGENT_START", 3), ("PONG", 11)):
    server_case(f"SPICE-FRAME-009/main-{_slug(_name)}-{_size}", _name, _size, channel="main")(_short_of_main)

for _name, _size in (("MOUSE_MOTION", 9), ("MOUSE_MOTION", 0), ("MOUSE_POSITION", 10), ("MOUSE_PRESS", 2),
                     ("MOUSE_RELEASE", 2), ("KEY_DOWN", 3), ("KEY_UP", 3), ("KEY_MODIFIERS", 1), ("PONG", 11)):  # fmt: skip
    server_case(f"SPICE-FRAME-009/inputs-{_slug(_name)}-{_size}", _name, _size, channel="inputs")(_short_of_inputs)


_TAIL: Final = bytes(range(0xF0, 0xF8))

_MESSAGES: Final[dict[str, tuple[Any, ...]]] = {
    "main": (main.AttachChannels(), main.MouseModeRequest(MouseMode.SERVER), main.AgentStart(1), common.Pong(1, _PATTERN)),
    "inputs": (
        inputs.KeyDown(0x1E), inputs.KeyUp(0x9E), inputs.KeyModifiers(0), inputs.MouseMotion(1, 1, 0),
        inputs.MousePosition(1, 1, 0, 0), inputs.MousePress(1, 1), inputs.MouseRelease(1, 0),
    ),
}  # fmt: skip
"""Those that a client may send at any time, and whose last field does not take the rest of the body."""

_HARMLESS: Final = {
    ("main", "PONG"): ("SPICE-FRAME-032/not-asked-for-on-main",),
    ("main", "MOUSE_MODE_REQUEST"): ("SPICE-MOUSE-004/current-mode",),
    ("inputs", "MOUSE_POSITION"): ("SPICE-MOUSE-014/positions-in-server-mode",),
    ("inputs", "MOUSE_MOTION"): ("SPICE-MOUSE-014/motions-in-client-mode",),
}
"""Cases that show that the server lives with such a message when it is as long as it should be."""

_BY_NAME: Final = {
    (table, dispatch.row_of(table, "client", value).name): value for table, values in _MESSAGES.items() for value in values
}


def _longer(talk: Talk, value: Any) -> None:
    number, body = dispatch.build(talk.table, "client", value)
    name = dispatch.row_of(talk.table, "client", value).name
    talk.send_raw(number, body + _TAIL, text=f"{name} with eight more bytes")


def _longer_on_main(client: SuiteClient, name: str) -> None:
    """A message on main with eight bytes behind its last field."""
    client.lean(*_HARMLESS.get(("main", name), ()))
    talk, _ = client.session()
    _longer(talk, _BY_NAME["main", name])
    client.alive(talk, "bytes behind the last field are ignored")
    if name == "ATTACH_CHANNELS":
        _wait_for(client, talk, "CHANNELS_LIST", 3)


def _longer_on_inputs(client: SuiteClient, name: str) -> None:
    """A message on inputs with eight bytes behind its last field; movements with them are counted."""
    client.lean(*_HARMLESS.get(("inputs", name), ()))
    keyboard = client.inputs()
    moves = name in ("MOUSE_MOTION", "MOUSE_POSITION")
    for _ in range(_BUNCH if moves else 1):
        _longer(keyboard, _BY_NAME["inputs", name])
    if moves:
        _wait_for(client, keyboard, "MOUSE_MOTION_ACK", 1)
    _acknowledged(client, keyboard, "bytes behind the last field are ignored")


for _table, _name in _BY_NAME:
    _longer_on = _longer_on_main if _table == "main" else _longer_on_inputs
    server_case(f"SPICE-FRAME-011/{_table}-{_slug(_name)}", _name, channel=_table)(_longer_on)


@server_case("SPICE-FRAME-011/display-init", channel="display")
def longer_display_init(client: SuiteClient) -> None:
    """INIT, ACK_SYNC and ACK of display with eight bytes behind their last field: the channel begins as always."""
    _need_listed(client, client.session()[1], ChannelType.DISPLAY)
    screen = client.link(ChannelType.DISPLAY, answers=False)
    _longer(screen, display.Init(1, _MUCH, 1, _MUCH))
    first = screen.expect_message()
    if first.name == "SET_ACK":
        _longer(screen, common.AckSync(first.value.generation))
        _longer(screen, common.Ack())
    client.quiet()
    screen.expect_open("bytes behind the last field are ignored")


# -- 2.3 sizes


@server_case("SPICE-FRAME-012/what-channels-begin-with")
def sizes(client: SuiteClient) -> None:
    """No body of an ordinary session is larger than its type may have."""
    talk, listed = client.session()
    talks = [talk]
    for kind in (ChannelType.INPUTS, ChannelType.DISPLAY, ChannelType.CURSOR):
        if (kind, 0) in listed:
            talks.append(client.display() if kind == ChannelType.DISPLAY else client.link(kind))
            client.run(lambda: bool(talks[-1].inbox) or talks[-1].closed, client.network.quiet)
    client.alive(talk)
    client.quiet()
    for other in talks:
        for name, size in other.sizes.items():
            limit = named_limit(other.table, "server", name)
            if limit is not None and size > limit.size:
                raise Failure(f"{name} of at most {limit.size} bytes", f"{size} bytes on {other.name}")
        if other.broken:
            raise Failure(f"messages on {other.name} whose sizes make sense", other.broken)


def _header(talk: Talk, number: int, size: int) -> bytes:
    """A header of the channel's kind that announces a body of this size."""
    return pack("<HL", number, size) if talk.mini_header else _full_header(1, number, size, 0)


def _full_header(serial: int, number: int, size: int, sub_list: int) -> bytes:
    return pack("<QHLL", serial, number, size, sub_list)


_ONLY_ANNOUNCED: Final = ("MIGRATE_FLUSH_MARK", "MIGRATE_DST_DO_SEAMLESS")
"""Steps of a migration: outside of one they are announced, and never sent whole."""


_REFUSED_ANYWAY: Final = ("CLIENT_INFO", "QUALITY_INDICATOR", "AGENT_DATA", "MIGRATE_DATA", "DISCONNECTING", *_ONLY_ANNOUNCED)
"""Many servers close the channel for these once they are whole: what it was closed for shows in how soon it was."""


_BUFFER: Final = 65536
"""Bytes up to which one limit for all messages of a channel is tolerated."""

_ONE_LIMIT: Final = "one limit for all messages of the channel"


def _announce(talk: Talk, name: str, size: int) -> None:
    """A header without its body: the channel is closed at once."""
    soon = 2 * talk.peer.network.quiet if name in _REFUSED_ANYWAY or talk.table == "display" else None
    talk.send_bytes(_header(talk, _number(talk.table, name), size), f"the header of {name} with {size} bytes, and no body")
    try:
        talk.expect_closed(soon, why=f"the header of {name} announces {size} bytes")
    except Failure:
        if size > _BUFFER:
            raise
        talk.peer.tolerate(_ONE_LIMIT)


def _took_more(client: SuiteClient, table: str, name: str, size: int) -> None:
    if size >= _BUFFER:
        raise Failure(f"{table} is closed: {name} may have {size} bytes", f"it took {size + 1} bytes, and goes on")
    client.tolerate(_ONE_LIMIT)


def _larger_on_main(client: SuiteClient, name: str, size: int) -> None:
    """One byte more than the type may have, on main: the whole message, and then its header alone."""
    if name not in _ONLY_ANNOUNCED:
        talk, _ = client.session()
        talk.send_raw(_number("main", name), bytes(size + 1), text=f"{name} of {size + 1} bytes")
        if _goes_on_or_closes(client, talk, f"{name} of {size + 1} bytes"):
            _took_more(client, "main", name, size)
            return
    talk, _ = client.session()
    _announce(talk, name, size + 1)


def _larger_on_inputs(client: SuiteClient, name: str, size: int) -> None:
    """One byte more than the type may have, on inputs: the whole message, and then its header alone."""
    if size < _MUCH and name not in _ONLY_ANNOUNCED:
        keyboard = client.inputs()
        keyboard.send_raw(_number("inputs", name), bytes(size + 1), text=f"{name} of {size + 1} bytes")
        if _goes_on_or_closes(client, keyboard, f"{name} of {size + 1} bytes"):
            _took_more(client, "inputs", name, size)
            return
    keyboard = client.inputs()
    _announce(keyboard, name, size + 1)
    client.alive(_main_of(client), "not more than the channel is closed")


def _larger_on_display(client: SuiteClient, name: str, size: int) -> None:
    """A header on display that announces one byte more than the type may have."""
    _announce(_screen(client), name, size + 1)
    client.alive(_main_of(client), "not more than the channel is closed")


for _table, _run in (("main", _larger_on_main), ("inputs", _larger_on_inputs), ("display", _larger_on_display)):
    for _row in dispatch.rows(_table, "client").values():
        _limit = named_limit(_table, "client", _row.name)
        assert _limit is not None
        server_case(f"SPICE-FRAME-013/{_table}-{_slug(_row.name)}", _row.name, _limit.size, channel=_table)(_run)


@server_case("SPICE-FRAME-013/main-huge", "main", "ATTACH_CHANNELS", 0xFFFFFFFF, channel="main")
@server_case("SPICE-FRAME-013/main-sign-bit", "main", "ATTACH_CHANNELS", 0x80000000, channel="main")
@server_case("SPICE-FRAME-013/inputs-huge", "inputs", "MOUSE_MOTION", 0xFFFFFFFF, channel="inputs")
@server_case("SPICE-FRAME-013/inputs-sign-bit", "inputs", "MOUSE_MOTION", 0x80000000, channel="inputs")
@server_case("SPICE-FRAME-013/display-huge", "display", "INIT", 0xFFFFFFFF, channel="display")
@server_case("SPICE-FRAME-013/cursor-huge", "cursor", "ACK", 0xFFFFFFFF, channel="cursor")
def huge(client: SuiteClient, table: str, name: str, size: int) -> None:
    """A header that announces two or four GiB."""
    if table == "main":
        _announce(client.main(), name, size)
        client.main()
        return
    _announce(_screen(client) if table == "display" else _link_other(client, ChannelType[table.upper()]), name, size)
    client.alive(_main_of(client), "not more than the channel is closed")


@server_case("SPICE-FRAME-013/main-huge-full-header", channel="main", after=_FULL_HEADERS_WORK)
def huge_full_header(client: SuiteClient) -> None:
    """A full header that announces four GiB."""
    _announce(client.main(common=_FULL_HEADERS), "ATTACH_CHANNELS", 0xFFFFFFFF)
    client.main()


_LARGEST: Final = {
    "main": ("ATTACH_CHANNELS", "MOUSE_MODE_REQUEST", "PONG"),
    "inputs": ("MOUSE_MOTION", "KEY_MODIFIERS", "KEY_DOWN", "KEY_UP"),
}


def _largest(client: SuiteClient, table: str, name: str) -> None:
    """The largest body that the type may have is taken."""
    limit = named_limit(table, "client", name)
    assert limit is not None
    client.lean(f"SPICE-FRAME-011/{table}-{_slug(name)}")
    number, body = dispatch.build(table, "client", _BY_NAME[table, name])
    keyboard = client.inputs() if table == "inputs" else None
    talk = keyboard or client.session()[0]
    talk.send_raw(number, body.ljust(limit.size, b"\0"), text=f"{name} of {limit.size} bytes")
    if keyboard is None:
        client.alive(talk, f"{name} may have {limit.size} bytes")
    else:
        client.move(keyboard, _BUNCH)
        _wait_for(client, keyboard, "MOUSE_MOTION_ACK", 1)


for _table, _names in _LARGEST.items():
    for _name in _names:
        server_case(f"SPICE-FRAME-013/{_table}-{_slug(_name)}-largest", _table, _name, channel=_table)(_largest)


# -- 2.4 messages inside messages

_PONG: Final = _number("main", "PONG")
_PONG_BODY: Final = (1).to_bytes(4, "little") + _PATTERN.to_bytes(8, "little")
_INNER: Final = _number("main", "ATTACH_CHANNELS").to_bytes(2, "little") + bytes(4)
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


def _list_outside(client: SuiteClient, which: str) -> None:
    """A list, or a message in it, that is not inside the body: not handled, whether or not main is closed."""
    client.lean("SPICE-MAIN-013/nobody-asked", *_ANSWERS["CHANNELS_LIST"])
    body, sub_list = _OUTSIDE[which]
    talk = client.main(common=_FULL_HEADERS)
    follows = _PONG_BODY + _INNER * 4
    data = _full_header(1, _PONG, len(body), sub_list) + body + _full_header(2, _PONG, len(follows), 0) + follows
    talk.send_bytes(data, f"PONG of {len(body)} bytes with a list at {sub_list}, and another PONG")
    talk.send_bytes(_full_header(3, int.from_bytes(_INNER[:2], "little"), 0, 0), "ATTACH_CHANNELS")
    client.run(lambda: talk.closed or talk.heard.get("CHANNELS_LIST", 0) > 0)
    if talk.closed and not talk.count("CHANNELS_LIST"):
        client.main()
        return
    # What was inside would have been answered first.
    client.settled()
    if talk.count("CHANNELS_LIST") != 1:
        raise Failure("one CHANNELS_LIST, for the ATTACH_CHANNELS outside of the list, or main is closed",
                      f"{talk.count('CHANNELS_LIST')} CHANNELS_LIST")  # fmt: skip
    client.alive(talk)
    if talk.count("CHANNELS_LIST") != 2:
        raise Failure("two CHANNELS_LIST for two ATTACH_CHANNELS outside of the list", str(talk.count("CHANNELS_LIST")))


for _name in _OUTSIDE:
    server_case(f"SPICE-FRAME-016/{_name}", _name, channel="main", after=_FULL_HEADERS_WORK)(_list_outside)


def _check_behind_lists(talk: Talk) -> None:
    """The serial rises by 1 from a message that holds others to the one behind it. Raises Failure."""
    holder = 0
    inside = False
    for message in talk.inbox:
        if message.inside:
            inside = True
            continue
        if holder and message.serial != holder + 1:
            raise Failure(f"serial {holder + 1} on {talk.name}, behind a message with serial {holder} that holds others",
                          str(message.serial))  # fmt: skip
        holder, inside = message.serial if inside else 0, False


@server_case("SPICE-FRAME-017/serials-around-messages-inside", after=_FULL_HEADERS_WORK, slow=12.0)
def serials_around_lists(client: SuiteClient) -> None:
    """The serials of a session with full headers, which go on by 1 behind a message that holds others."""
    talk = client.link(common=_FULL_HEADERS)
    _wait_for(client, talk, "INIT", 1)
    talk.send(main.AttachChannels())
    _wait_for(client, talk, "CHANNELS_LIST", 1)
    values = [message.value for message in talk.inbox]
    client.session_id = next((value.session_id for value in values if isinstance(value, main.Init)), 0)
    listed = {(int(item.type), item.id) for value in values if isinstance(value, main.ChannelsList) for item in value.channels}
    talks = [talk]
    for kind in (ChannelType.DISPLAY, ChannelType.CURSOR):
        if (kind, 0) in listed:
            talks.append(client.link(kind, common=_FULL_HEADERS))
            if kind == ChannelType.DISPLAY:
                client.greet_display(talks[-1])
    if client.target.meets("control:animate"):
        client.control("animate", 4)
    client.step("let pass 12 s, in which servers ping")
    client.run(lambda: talk.closed, 12.0)
    if not any(message.inside for other in talks for message in other.inbox):
        client.note("no message came inside another")
    for other in talks:
        _check_behind_lists(other)


def _hidden_list(talk: Talk, number: int, body: bytes) -> bool:
    """Whether what stands behind the last field of a message is a list of messages."""
    row = dispatch.row(talk.table, "server", number)
    if row is None or number == framing.LIST or len(body) > _MUCH:
        return False
    tails = [len(body)]
    try:
        row.parse(body, tails.append)
    except RemoteError:
        return False
    for at in range(tails[-1], len(body) - 5):
        try:
            parts = framing.sub_messages(body, at)
        except RemoteError:
            continue
        if parts and all(start >= tails[-1] for _, _, start in parts):
            return True
    return False


@server_case("SPICE-FRAME-018/no-list-behind-the-fields")
def nothing_behind_the_fields(client: SuiteClient) -> None:
    """Under mini headers no message of an ordinary session has a list of others behind its fields."""
    talk = client.main()
    if not talk.mini_header:
        raise NotApplicable(f"the server announced {talk.server.common:#x}, without MINI_HEADER")
    # Nothing is taken from the inbox: what came before the list is looked at, too.
    talk.send(main.AttachChannels())
    client.run(lambda: talk.count("CHANNELS_LIST") > 0)
    lists = [message.value for message in talk.inbox if message.name == "CHANNELS_LIST" and message.value is not None]
    listed = {(int(item.type), item.id) for value in lists for item in value.channels}
    talks = [talk]
    for kind in (ChannelType.INPUTS, ChannelType.DISPLAY, ChannelType.CURSOR):
        if (kind, 0) in listed:
            talks.append(client.display() if kind == ChannelType.DISPLAY else client.link(kind))
    client.quiet()
    for other in talks:
        for message in other.inbox:
            if _hidden_list(other, message.number, message.body):
                raise Failure(f"{message.name} on {other.name} without messages behind its fields",
                              f"{len(message.body)} bytes, and a list at their end")  # fmt: skip


# -- 2.5 acknowledgement

_PICTURES: Final = 120
_DRAWING: Final = 8.0


def _under_window(client: SuiteClient, shift: int | None) -> tuple[Talk, common.SetAck]:
    """A display whose guest draws more than the window allows, for a client whose ACKs are missing or do not count.

    ``shift`` is added to the generation of ACK_SYNC; None sends no ACK_SYNC. Unless it is 0 there are ACKs.
    """
    if shift != 0:
        client.lean("SPICE-FRAME-025/no-acks")
    talk, listed = client.session()
    _need_listed(client, listed, ChannelType.DISPLAY)
    screen = client.display(answers=False)
    asked: common.SetAck = screen.expect("SET_ACK")
    earlier = sum(screen.heard.values()) - len(screen.inbox)
    if not asked.window:
        raise NotApplicable("the window of SET_ACK is 0")
    if shift is not None:
        screen.send(common.AckSync(asked.generation + shift & 0xFFFFFFFF))
    if shift != 0:
        for _ in range(4):
            screen.send(common.Ack(), text="ACK that does not count")
    client.control("animate", _PICTURES)
    most = 2 * asked.window + 1
    client.step(f"display:0: expect no more than {most} messages", screen.wire.number)
    client.run(lambda: sum(screen.heard.values()) - earlier > most or screen.closed, _DRAWING)
    screen.expect_open()
    sent = sum(screen.heard.values()) - earlier
    if sent > most:
        raise Failure(f"at most {most} messages after a SET_ACK with a window of {asked.window}", f"{sent} of them")
    client.alive(talk)
    return screen, asked


def _resumes(client: SuiteClient, screen: Talk, asked: common.SetAck) -> None:
    """It was the window that kept the server silent: acknowledgements bring more."""
    before = sum(screen.heard.values())
    for _ in range(2):
        screen.send(common.Ack())
    client.run(lambda: sum(screen.heard.values()) > before or screen.closed)
    if sum(screen.heard.values()) <= before:
        raise Failure(f"more messages once {2 * asked.window} were acknowledged", f"none for {client.network.patience:g} s")


@server_case("SPICE-FRAME-024/acks-before-the-sync", None, channel="display", needs=("control:animate",), slow=_DRAWING)
@server_case("SPICE-FRAME-024/acks-after-another-sync", 7, channel="display", needs=("control:animate",), slow=_DRAWING)
def acks_before_the_sync(client: SuiteClient, shift: int | None) -> None:
    """ACK before the ACK_SYNC of this generation: the server falls silent; it goes on after ACK_SYNC and ACK."""
    screen, asked = _under_window(client, shift)
    screen.send(common.AckSync(asked.generation))
    _resumes(client, screen, asked)


@server_case("SPICE-FRAME-025/no-acks", channel="display", needs=("control:animate",), slow=_DRAWING)
def no_acks(client: SuiteClient) -> None:
    """ACK_SYNC and no ACK: two windows and one message come, and more after ACK."""
    screen, asked = _under_window(client, 0)
    _resumes(client, screen, asked)


@server_case("SPICE-FRAME-024/ack-that-nobody-asked-for", channel="inputs")
def ack_on_inputs(client: SuiteClient) -> None:
    """An ACK on inputs before any SET_ACK: it is not counted, and the server lives with it (see SPICE-FRAME-026)."""
    keyboard = client.inputs()
    keyboard.send(common.Ack())
    _acknowledged(client, keyboard, "an ACK that nobody asked for is harmless")


# -- 2.6 ping


@server_case("SPICE-FRAME-032/not-asked-for-on-main", channel="main")
def unasked_on_main(client: SuiteClient) -> None:
    """A PONG on main that answers no PING."""
    talk = client.main()
    talk.send(common.Pong(0xFFFFFFFE, _PATTERN))
    client.alive(talk, "a PONG that was not asked for is ignored")


@server_case("SPICE-FRAME-032/not-asked-for-on-inputs", channel="inputs")
def unasked_on_inputs(client: SuiteClient) -> None:
    """A PONG on inputs that answers no PING."""
    keyboard = client.inputs()
    keyboard.send(common.Pong(0xFFFFFFFE, _PATTERN))
    _acknowledged(client, keyboard, "a PONG that was not asked for is ignored")


def _ping(client: SuiteClient, talk: Talk, within: float) -> common.Ping:
    """A PING of the server, the first that stands in the inbox. Raises NotApplicable if it sends none."""
    client.step(f"{talk.name}: wait for a PING", talk.wire.number)
    client.run(lambda: bool(talk.heard.get("PING")) or talk.closed, within)
    if not talk.count("PING"):
        raise NotApplicable(f"the server sent no PING for {within:g} s")
    found: common.Ping = talk.expect("PING")
    return found


@server_case("SPICE-FRAME-032/twice", "the same", channel="main")
@server_case("SPICE-FRAME-032/other-time-stamp", "another time stamp", channel="main")
def twice(client: SuiteClient, changed: str) -> None:
    """A PING that is answered twice, the second time as it was or with another time stamp."""
    talk = client.main(answers=False)
    within = 12.0 if client.network.virtual else 4 * client.network.quiet
    ping = _ping(client, talk, within)
    talk.send(common.Pong(ping.id, ping.timestamp))
    talk.send(common.Pong(ping.id, ping.timestamp ^ (changed == "another time stamp")))
    client.alive(talk, "a PONG that was not asked for is ignored")


_SILENCE: Final = 30.0
_GRACE: Final = 0.5
"""Between what the client has sent and what the server knows of it."""


@server_case("SPICE-FRAME-033/silence-after-a-ping", channel="main", slow=40.0)
def silence(client: SuiteClient) -> None:
    """A client that answers no PING and says nothing: the session does not end before 30 seconds."""
    talk, _ = client.session(answers=False)
    client.step("say nothing for 40 s")
    began = client.now
    client.run(lambda: talk.closed, _SILENCE + 10)
    silent = client.now - began
    if talk.closed and silent < _SILENCE - _GRACE:
        raise Failure("a session that lasts 30 seconds of silence", f"main was {talk.stream.ended} after {silent:.1f} s")
    client.note("the server ended the session" if talk.closed else "the server did not end the session")


@server_case("SPICE-FRAME-033/no-pong-but-other-messages", channel="main", slow=60.0)
def silence_broken(client: SuiteClient) -> None:
    """A client that answers no PING and asks for the list every ten seconds: the session goes on."""
    talk, _ = client.session(answers=False)
    for _unused in range(6):
        client.step("wait 10 s")
        client.run(lambda: talk.closed, 10.0)
        client.alive(talk, "the client is not silent")


@server_case("SPICE-FRAME-033/pongs-and-nothing-else", channel="main", slow=70.0)
def only_pongs(client: SuiteClient) -> None:
    """A client that answers every PING and says nothing else: the session goes on."""
    talk, _ = client.session()
    client.step("answer pings for 70 s")
    client.run(lambda: talk.closed, 70.0)
    talk.expect_open("the client answers")
    client.alive(talk)


# -- 2.7 leaving


@server_case("SPICE-FRAME-037/shutdown", needs=("control:shutdown",), also=("SPICE-MAIN-019",))
def shutdown(client: SuiteClient) -> None:
    """The server ends the session in order: nothing follows DISCONNECTING, and every channel is closed."""
    talk, listed = client.session()
    talks = [talk]
    for kind in (ChannelType.INPUTS, ChannelType.DISPLAY, ChannelType.CURSOR):
        if (kind, 0) in listed:
            talks.append(client.display() if kind == ChannelType.DISPLAY else client.link(kind))
    client.quiet()
    for other in talks:
        other.drop()
    client.control("shutdown")
    for other in talks:
        other.expect_closed(why="the server has left")
        names = [message.name for message in other.inbox]
        if "DISCONNECTING" in names[:-1]:
            after = names[names.index("DISCONNECTING") + 1 :]
            raise Failure(f"nothing on {other.name} behind DISCONNECTING", ", ".join(after))
