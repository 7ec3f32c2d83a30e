"""Servers: headers, serials, pieces, and messages that need a capability (2.1)."""

from __future__ import annotations

from typing import Final

from conformance import channels
from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.framing.server_steps import AFTER_FULL, LISTS, goes_on, let_begin, need_listed, opened
from conformance.cases.framing.steps import FULL, check_serials
from conformance.cases.mouse.steps import BUNCH, movement
from conformance.channels import COMMON
from conformance.client_wire import Ask, ClientWire
from conformance.expectation import at_least, at_most, check_value
from conformance.outcome import Blocked, Failure, NotApplicable
from conformance.talk import Talk
from spiceproto import capabilities as caps
from spiceproto import dispatch, framing
from spiceproto.channels import channel_type
from spiceproto.enums.base import WireEnum
from spiceproto.enums.capabilities import (
    DisplayCapability,
    InputsCapability,
    MainCapability,
    PlaybackCapability,
    RecordCapability,
)
from spiceproto.enums.link import ChannelType
from spiceproto.messages import inputs, main
from spiceproto.size_limits import named_limit

_FIRST_SERIAL: Final = (1).to_bytes(framing.MINI_HEADER_SIZE, "little")
"""How a full header begins; as a mini header it would be a MIGRATE without a body."""

_KINDS: Final = {True: "a mini header", False: "a full header"}

# -- the kind of header


@server_case("SPICE-FRAME-001/inputs-first-mini", "inputs", "announced", channel="inputs")
@server_case("SPICE-FRAME-001/inputs-first-full", "inputs", "not announced", channel="inputs", requires=AFTER_FULL)
@server_case("SPICE-FRAME-001/display-first-mini", "display", "announced", channel="display")
@server_case("SPICE-FRAME-001/display-first-full", "display", "not announced", channel="display", requires=AFTER_FULL)
@server_case("SPICE-FRAME-001/cursor-first-mini", "cursor", "announced", channel="cursor")
@server_case("SPICE-FRAME-001/cursor-first-full", "cursor", "not announced", channel="cursor", requires=AFTER_FULL)
def first_header(client: SuiteClient, table: str, mini_header: str) -> None:
    """The first message on another channel, behind the kind of header that follows from what both ends announced."""
    wire = _logged_in(client, table, mini_header)
    mini = caps.mini_header(wire.client, wire.announced())
    if _speaks(client, wire, table, mini):
        _check_first_header(wire, table, mini)
        return
    said = f"the server said nothing on {table}: {wire.state()}"
    if table != "display":
        raise Blocked(said, channels.shown_by("server", table, "INIT"))
    closed = wire.stream.ended
    wire.close()
    if closed and _speaks(client, _logged_in(client, table, mini_header), table, not mini):
        raise Failure(f"the server reads {_KINDS[mini]}", f"it closes {table} behind one, and not behind {_KINDS[not mini]}")
    raise NotApplicable(said)


def _speaks(client: SuiteClient, wire: ClientWire, table: str, mini_header: bool) -> bool:
    """Whether a server says anything once the client has said what it says first, behind this kind of header.

    A connection that ends inside the first header says nothing about its kind.
    """
    writer = framing.Writer(mini_header)
    for value in channels.greeting(table).client_says:
        wire.send(writer.frame(*dispatch.build(table, "client", value)), f"{type(value).__name__} behind {_KINDS[mini_header]}")
    size = framing.MINI_HEADER_SIZE if mini_header else framing.FULL_HEADER_SIZE
    received = wire.stream.received
    client.run(lambda: len(received) >= size or bool(wire.stream.ended), client.network.patience)
    return len(received) >= size or bool(received and not wire.stream.ended)


@server_case("SPICE-FRAME-001/main-with-mini-header", "main", "announced", channel="main")
@server_case("SPICE-FRAME-001/main-without-mini-header", "main", "not announced", channel="main")
@server_case("SPICE-FRAME-001/inputs-with-mini-header", "inputs", "announced", channel="inputs")
@server_case("SPICE-FRAME-001/inputs-without-mini-header", "inputs", "not announced", channel="inputs")
@server_case("SPICE-FRAME-001/cursor-with-mini-header", "cursor", "announced", channel="cursor")
@server_case("SPICE-FRAME-001/cursor-without-mini-header", "cursor", "not announced", channel="cursor")
def headers(client: SuiteClient, table: str, mini_header: str) -> None:
    """The kind of header that follows from what both ends announced, in both directions."""
    wire = _logged_in(client, table, mini_header)
    client.awaits(table, "INIT")
    client.relies_on(*channels.headers_shown_by(table, mini_header == "announced"))
    _check_first_header(wire, table, caps.mini_header(wire.client, wire.announced()))
    talk = wire.talk()
    talk.expect("INIT")
    if table in ("main", "inputs"):
        goes_on(client, talk, "the server reads the same kind of header")


def _logged_in(client: SuiteClient, table: str, mini_header: str) -> ClientWire:
    """A channel whose link stage is over, and of which no message was read."""
    kind = channel_type(table)
    if kind != ChannelType.MAIN:
        client.relies_on("SPICE-LINK-014/every-channel")
        if kind != ChannelType.DISPLAY:  # that case itself speaks behind the link stage of a display
            client.relies_on(f"SPICE-LINK-003/first-bytes-on-{table}")
        need_listed(client, kind)
    bits = COMMON if mini_header == "announced" else FULL
    wire = client.ask(Ask(kind, capabilities=client.usual(kind, common=bits)))
    wire.reply()
    wire.log_in()
    wire.expect_logged_in()
    return wire


def _check_first_header(wire: ClientWire, table: str, mini_header: bool) -> None:
    """Read the header of the server's first message off the wire, and put it back. Raises Failure for the other kind."""
    rows = dispatch.rows(table, "server")
    kind = "a mini header (type, size)" if mini_header else "a full header (a small serial, type, size, sub-list)"
    wire.step(f"expect {kind}")
    data = wire.need(framing.MINI_HEADER_SIZE if mini_header else framing.FULL_HEADER_SIZE, kind)
    wire.stream.received[:0] = data
    at = 0 if mini_header else 8
    number, length = int.from_bytes(data[at : at + 2], "little"), int.from_bytes(data[at + 2 : at + 6], "little")
    limit = named_limit(table, "server", rows[number].name) if number in rows else None
    begins_with_serial = data == _FIRST_SERIAL if mini_header else not any(data[2:8])
    if limit is None or length > limit.size or begins_with_serial == mini_header:
        raise Failure(f"{kind} before the first message", f"bytes {data.hex(' ')}")


# -- serials


@server_case("SPICE-FRAME-002/main", channel="main", requires=AFTER_FULL)
def serials_of_main(client: SuiteClient) -> None:
    """The serials of main with full headers: INIT, and three lists."""
    client.relies_on(*LISTS)
    talk = opened(client, "main", common=FULL, read=False)
    talk.send(*[main.AttachChannels()] * 3)
    talk.expect_count("CHANNELS_LIST", at_least(3), why="three ATTACH_CHANNELS")
    check_serials(talk, talk.unread())


@server_case("SPICE-FRAME-002/inputs", channel="inputs", requires=AFTER_FULL)
def serials_of_inputs(client: SuiteClient) -> None:
    """The serials of inputs with full headers: INIT, and two acknowledgements."""
    keyboard = opened(client, "inputs", common=FULL, read=False)
    goes_on(client, keyboard)
    goes_on(client, keyboard)
    check_serials(keyboard, keyboard.unread())


@server_case("SPICE-FRAME-002/display", "display", channel="display", requires=AFTER_FULL)
@server_case("SPICE-FRAME-002/cursor", "cursor", channel="cursor", requires=AFTER_FULL)
def serials_of_pictures(client: SuiteClient, table: str) -> None:
    """The serials of what a channel of pictures begins with, with full headers, whatever that is."""
    talk = opened(client, table, common=FULL, read=False)
    let_begin(client, talk, until="MARK" if table == "display" else "INIT", within=client.network.patience)
    if talk.broken:
        raise Failure(f"messages on {talk.name} behind full headers", talk.broken)
    if not talk.inbox:
        raise NotApplicable(f"the server said nothing on {talk.name}: {talk.wire.state()}")
    check_serials(talk, talk.unread())


@server_case("SPICE-FRAME-003/serials-that-are-waited-for", needs=("two-displays", "control:animate"))
def serials_named(client: SuiteClient) -> None:
    """Every serial that the server tells another channel to wait for is one that the named channel comes to."""
    with client.preparing("every display, linked"):
        talk, listed = client.session()
        displays = [item for item in sorted(listed) if item[0] == ChannelType.DISPLAY]
        talks = {(kind, number): client.channel(Ask(kind, number)) for kind, number in displays}
    client.control("animate", 8)
    client.wait_quiet()
    waits = [item for each in talks.values() for message in each.unread() for item in getattr(message.value, "wait_list", ())]
    if not waits:
        client.note("the server told no channel to wait for another")
    for item in waits:
        named = talks.get((int(item.channel_type), item.channel_id))
        if named is not None:
            sent = sum(1 for message in named.unread() if not message.inside)
            why = f"so many messages came on {named.name}"
            check_value("wait", "message_serial", item.message_serial, at_least(1))
            check_value("wait", "message_serial", item.message_serial, at_most(sent), why=why)
    client.alive(talk)


# -- pieces of any size


@server_case("SPICE-FRAME-004/pieces-of-one-byte", 1)
@server_case("SPICE-FRAME-004/pieces-of-three-bytes", 3)
@server_case("SPICE-FRAME-004/pieces-of-seven-bytes", 7)
def pieces(client: SuiteClient, size: int) -> None:
    """A session of which the server gets everything in small pieces."""
    client.relies_on("SPICE-LINK-004/byte-by-byte")
    client.network.piece = size
    keyboard = client.channel(Ask(ChannelType.INPUTS))
    goes_on(client, keyboard, f"sent in pieces of {size}")
    client.alive(client.main_talk, f"sent in pieces of {size}")


@server_case("SPICE-FRAME-004/main-many-at-once", channel="main")
def many_at_once(client: SuiteClient) -> None:
    """Three messages on main in one write."""
    client.relies_on(*LISTS)
    talk = opened(client, "main")
    talk.send_bytes(b"".join([talk.frame(main.AttachChannels()) for _ in range(3)]), "three ATTACH_CHANNELS in one write")
    talk.expect_count("CHANNELS_LIST", at_least(3), why="three ATTACH_CHANNELS")


@server_case("SPICE-FRAME-004/inputs-many-at-once", "mini headers", channel="inputs")
@server_case("SPICE-FRAME-004/inputs-many-at-once-full-headers", "full headers", channel="inputs", requires=AFTER_FULL)
def many_movements_at_once(client: SuiteClient, kind: str) -> None:
    """Eight movements and a key in one write."""
    keyboard = opened(client, "inputs", common=COMMON if kind == "mini headers" else FULL)
    data = _movements(client, keyboard, 2 * BUNCH)
    data += keyboard.frame(inputs.KeyDown(0x1E)) + keyboard.frame(inputs.KeyUp(0x9E))
    keyboard.send_bytes(data, "eight movements and a key in one write")
    keyboard.expect_count("MOUSE_MOTION_ACK", at_least(2), why="eight movements")


def _movements(client: SuiteClient, keyboard: Talk, count: int) -> bytes:
    return b"".join([keyboard.frame(movement(client.init.current_mouse_mode)) for _ in range(count)])


@server_case("SPICE-FRAME-004/one-and-a-half", channel="inputs")
def one_and_a_half(client: SuiteClient) -> None:
    """Movements, cut in the middle of a header and of a body; what is whole is handled before the rest comes."""
    keyboard = opened(client, "inputs")
    data = _movements(client, keyboard, 3 * BUNCH)
    size = len(data) // (3 * BUNCH)
    header, body = BUNCH * size + 3, 3 * BUNCH * size - 5
    keyboard.send_bytes(data[:header], "four movements and half a header")
    keyboard.expect_count("MOUSE_MOTION_ACK", at_least(1), why="four movements are whole")
    keyboard.send_bytes(data[header:body], "the rest of it, and the next up to half a body of the last")
    keyboard.expect_count("MOUSE_MOTION_ACK", at_least(2), why="eleven movements are whole")
    keyboard.send_bytes(data[body:], "the rest of that")
    keyboard.expect_count("MOUSE_MOTION_ACK", at_least(3), why="twelve movements")


# -- messages that need a capability


@server_case("SPICE-FRAME-005/main-without-name-and-uuid", "NAME_AND_UUID", channel="main")
@server_case("SPICE-FRAME-005/main-without-tokens", "AGENT_CONNECTED_TOKENS", channel="main")
@server_case("SPICE-FRAME-005/main-without-semi-seamless", "SEMI_SEAMLESS_MIGRATE", channel="main")
@server_case("SPICE-FRAME-005/main-without-seamless", "SEAMLESS_MIGRATE", channel="main")
def main_without_one(client: SuiteClient, missing: str) -> None:
    """Main for a client that announced everything but one capability."""
    talk = opened(client, "main", capabilities=COMMON.with_(*MainCapability).without(MainCapability[missing]))
    client.alive(talk)
    _check_wanted(talk)


@server_case("SPICE-FRAME-005/main-nothing-announced", channel="main", requires=("SPICE-LINK-019/no-channel-words",))
def main_with_none(client: SuiteClient) -> None:
    """Main for a client that announced nothing for it."""
    talk = opened(client, "main", capabilities=COMMON)
    client.alive(talk)
    _check_wanted(talk)


@server_case("SPICE-FRAME-005/display-nothing-announced", "nothing", channel="display")
@server_case("SPICE-FRAME-005/display-without-monitors-config", "STREAM_REPORT", channel="display")
def display_without_one(client: SuiteClient, announced: str) -> None:
    """What a display begins with, for a client that announced only this for it."""
    bits = COMMON if announced == "nothing" else COMMON.with_(DisplayCapability[announced])
    screen = opened(client, "display", capabilities=bits)
    client.wait_quiet()
    _check_wanted(screen)


_SOME: Final[dict[ChannelType, tuple[WireEnum, ...]]] = {
    ChannelType.INPUTS: tuple(InputsCapability),
    ChannelType.PLAYBACK: tuple(PlaybackCapability),
    ChannelType.RECORD: tuple(RecordCapability),
}


@server_case("SPICE-FRAME-005/other-channels-nothing-announced")
def others_without_any(client: SuiteClient) -> None:
    """What every other channel begins with, for a client that announced nothing for it, and then one thing alone."""
    client.relies_on("SPICE-MAIN-020/inputs")
    with client.preparing("a session"):
        talk, listed = client.session()
    for kind, some in _SOME.items():
        if (kind, 0) in listed:
            for bits in (COMMON, *[COMMON.with_(one) for one in some]):
                other = client.link(Ask(kind, capabilities=bits))
                let_begin(client, other)
                _check_wanted(other)
                other.close()
                client.alive(talk)


@server_case("SPICE-FRAME-005/agent-appears-without-tokens", also=("SPICE-MAIN-010",), channel="main", needs=("control:agent",))
def agent_without_tokens(client: SuiteClient) -> None:
    """An agent appears for a client without AGENT_CONNECTED_TOKENS: AGENT_CONNECTED comes in its place."""
    client.relies_on("SPICE-MAIN-010/tokens-not-announced")
    client.control("agent", False)
    talk = opened(client, "main", capabilities=COMMON.with_(MainCapability.NAME_AND_UUID))
    client.control("agent", True)
    client.alive(talk)
    _check_wanted(talk)
    talk.expect_count("AGENT_CONNECTED", at_least(1), why="an agent is there now")


def _check_wanted(talk: Talk) -> None:
    """No message came that needs a capability that the client has not announced, or must not have. Raises Failure."""
    from spiceproto.schema import rows

    talk.peer.pump_all()
    found = [
        row.name
        for row in rows(talk.table, "server").values()
        if row.name in talk.heard
        and (
            (row.capability is not None and not talk.client.has(row.capability))
            or (row.absent is not None and talk.client.has(row.absent))
        )
    ]
    why = f"the client announced {talk.client.channel:#x} on {talk.table}"
    check_value("", f"messages on {talk.name} that need another capability", found, [], why=why)
