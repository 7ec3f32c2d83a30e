"""Servers: order, link header, link message, link reply, time (spec/01-link.md, 1.1 to 1.4 and 1.8).

Most cases are a link message that is wrong in one place, and the answer to it. Where the same situation is among the
recordings of QEMU, the case has the tag ``probe:NAME`` of it.
"""

from __future__ import annotations

from typing import Any, Final

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake, InvalidMessage
from websockets.frames import Frame
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from conformance.as_client import COMMON, Answer, ClientWire, SuiteClient
from conformance.case import server_case
from conformance.outcome import Failure, NotApplicable
from conformance.talk import MESSAGE_SIZE, REPLY_SIZE, Talk, header, link_message, named
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.capabilities import CommonCapability, MainCapability
from spiceproto.enums.link import AuthMechanism, ChannelType, LinkErr
from spiceproto.link.structures import parse_header

MAIN: Final = ChannelType.MAIN
DISPLAY: Final = ChannelType.DISPLAY
INPUTS: Final = ChannelType.INPUTS
CURSOR: Final = ChannelType.CURSOR

LARGEST: Final = 4096
"""Bytes of the largest link message."""

ALL_ONES: Final = (1 << 32) - 1
_NAMED: Final = NONE.with_(MainCapability.NAME_AND_UUID)
_HALF_HEADER: Final = header(MESSAGE_SIZE)[:7]

_POOR: Final = ("SPICE-LINK-019/no-channel-words", "SPICE-LINK-020/neither-login", "SPICE-LINK-038/no-auth-selection")
"""What a server must do well before anything can be learnt from a client that announces nothing."""

_EVERY_CHANNEL: Final = ("SPICE-LINK-001/other-channels",)
"""Whether a whole session can be had at all."""

_WRONG_TICKET: Final = ("SPICE-LINK-048/one-byte-more",)
_NO_SESSION: Final = ("SPICE-LINK-031/display-of-no-session",)
"""Whether there is a refusal at all, behind which something can be looked for."""
_HANDSHAKE_SIZE: Final = 8192


# -- how servers answer


def _refused(client: SuiteClient, wire: ClientWire, error: LinkErr, *tolerated: LinkErr) -> None:
    """The link message is answered with ``error``, and the connection is closed. Some servers only close it."""
    answer = wire.answer()
    client.note(f"answered with: {answer}")
    if answer.kind == "closed":
        client.tolerate("closing without an answer")
        return
    if answer.kind == "reply" and answer.error in tolerated:
        client.tolerate(f"the error {named(LinkErr, answer.error or 0)} in place of {named(LinkErr, error)}")
    elif answer.kind != "reply" or answer.error != error:
        raise Failure(f"a link reply with the error {named(LinkErr, error)}", str(answer))
    wire.expect_closed(rest=True)


def _served(client: SuiteClient, common: Capabilities = COMMON, channel: Capabilities | None = None, **freedom: Any) -> Talk:
    """Main is linked whatever is odd about the link message, and a session begins that answers."""
    talk = client.main(common=common, channel=channel, **freedom)
    client.alive(talk)
    return talk


def _served_poor(client: SuiteClient, common: Capabilities, **freedom: Any) -> None:
    """As :func:`_served`, for a client that announces so little that some servers find it too old."""
    found = client.try_link(common=common, channel=NONE, **freedom)
    if isinstance(found, Answer):
        client.note(f"answered with: {found}")
        if found.kind == "reply" and found.error == LinkErr.VERSION_MISMATCH:
            client.tolerate("the error VERSION_MISMATCH for a client that announces little")
            return
        raise Failure("a link, as for any other client", str(found))
    found.expect("INIT")
    client.alive(found)


def _expect_logged_in(answer: Answer) -> None:
    if answer.kind != "result" or answer.error != LinkErr.OK:
        raise Failure("link result OK (0)", str(answer))


def _refused_channel(client: SuiteClient, error: LinkErr, channel_type: int, channel_id: int, connection_id: int, *,
                     silently: bool) -> None:  # fmt: skip
    """A channel is refused with ``error``, before the login or after; ``silently``: some servers only close."""
    answer = client.attempt(channel_type, channel_id, connection_id)
    client.note(f"answered with: {answer}")
    if answer.kind == "closed" and silently:
        client.tolerate("closing without an answer")
        return
    if answer.kind not in ("reply", "result") or answer.error != error:
        raise Failure(f"the error {named(LinkErr, error)} in the link reply or as the link result", str(answer))


def _waits(wire: ClientWire, why: str) -> None:
    """The server says nothing and does not close."""
    wire.expect_silence(why)
    if wire.stream.ended:
        raise Failure(f"the server waits: {why}", wire.state())


def _refusal(wire: ClientWire) -> tuple[bytes, bytes] | None:
    """Header and body of a refusal as they are; None if the server only closed."""
    wire.step("expect a link header and a link reply with an error")
    head = wire.take(16)
    if head is None:
        if wire.stream.ended and not wire.stream.received:
            return None
        raise Failure("a link header of 16 bytes", wire.state())
    if head[:4] != b"REDQ":
        raise Failure("a link header that begins with the letters REDQ", f"{head.hex()}")
    size = parse_header(head).size
    if not 4 <= size <= LARGEST:
        raise Failure("a link reply of 178 bytes", f"a header that announces {size} bytes")
    return head, wire.need(size, f"the {size} bytes of the link reply")


# -- 1.1 order


@server_case("SPICE-LINK-001/whole-stage", also=("SPICE-MAIN-001",), channel="main", tags=("probe:good-main",))
def whole_stage(client: SuiteClient) -> None:
    """The link stage of main, with the target's own password, and INIT behind it."""
    client.main()


@server_case("SPICE-LINK-001/over-tls", channel="main", needs=("tls",))
def over_tls(client: SuiteClient) -> None:
    """The link stage of main over TLS is the same, ticket included."""
    talk = client.main(secure=True)
    client.alive(talk)


@server_case("SPICE-LINK-001/other-channels", channel="inputs", after=("SPICE-LINK-014/every-channel",))
def other_channels(client: SuiteClient) -> None:
    """The link stage of every first channel that is listed is that of main."""
    talk, listed = client.session()
    for kind in (DISPLAY, INPUTS, CURSOR):
        if (kind, 0) in listed:
            found = client.try_link(kind)
            if isinstance(found, Talk):
                if kind == DISPLAY:
                    client.greet_display(found)
            elif found.error != LinkErr.NEED_SECURED:
                raise Failure(f"the listed channel {kind.name.lower()}:0 is linked", str(found))
    client.alive(talk)


@server_case("SPICE-LINK-002/three-letters", channel="main", after=("SPICE-LINK-004/byte-by-byte",))
def three_letters(client: SuiteClient) -> None:
    """Three bytes of the header, and nothing more for a while: the server says nothing."""
    message = link_message(MAIN, common_caps=COMMON.common, channel_caps=_NAMED.channel)
    wire = client.connect()
    wire.send(message[:3], "the letters RED")
    _waits(wire, "the client has not sent four bytes yet")
    wire.send(message[3:], "the rest of the link header and the link message")
    wire.reply()


@server_case("SPICE-LINK-003/before-the-ticket", channel="main")
def before_the_ticket(client: SuiteClient) -> None:
    """All of the link stage but the last byte of the ticket: no message comes, and not the link result."""
    wire, reply = client.ticket_stage()
    wire.send(wire.encrypted(reply.pub_key)[:-1], "a ticket without its last byte")
    client.step("expect no message: the ticket is not whole yet")
    wire.silent()
    received = bytes(wire.stream.received)
    refused = bool(wire.stream.ended) and any(received[:4]) and (len(received) == 4 or received[:4] == b"REDQ")
    if received and not refused:  # a refusal is no message, whatever else is wrong with it
        raise Failure("no byte before the ticket is whole", f"{len(received)} bytes: {received[:16].hex()}")


@server_case("SPICE-LINK-003/first-bytes", MAIN, channel="main")
@server_case("SPICE-LINK-003/first-bytes-on-display", DISPLAY, channel="display", after=("SPICE-LINK-014/every-channel",))
@server_case("SPICE-LINK-003/first-bytes-on-inputs", INPUTS, channel="inputs", after=("SPICE-LINK-014/every-channel",))
@server_case("SPICE-LINK-003/first-bytes-on-cursor", CURSOR, channel="cursor", after=("SPICE-LINK-014/every-channel",))
def first_bytes(client: SuiteClient, channel_type: int) -> None:
    """What comes first behind the ticket is the link result."""
    if channel_type != MAIN:
        _, listed = client.session()
        if (channel_type, 0) not in listed:
            raise NotApplicable(f"the list of channels names no {ChannelType(channel_type).name.lower()}:0")
    wire, reply = client.ticket_stage(channel_type)
    wire.ticket(reply.pub_key)
    answer = wire.result()
    if answer.kind == "result" and answer.error in (LinkErr.BAD_CONNECTION_ID, LinkErr.CHANNEL_NOT_AVAILABLE):
        raise NotApplicable(f"a link result came first, and it was a refusal: {answer}")
    _expect_logged_in(answer)
    if channel_type == DISPLAY:
        client.greet_display(client.begun(wire, DISPLAY, 0, COMMON, client.announced(reply)))


@server_case("SPICE-LINK-003/after-a-wrong-ticket", channel="main", needs=("ticket",), after=_WRONG_TICKET)
def after_a_wrong_ticket(client: SuiteClient) -> None:
    """No byte follows the link result that refuses a ticket."""
    wire, reply = client.ticket_stage()
    wire.ticket(reply.pub_key, client.password + "x")
    wire.result()
    wire.expect_silence("the ticket was refused")


@server_case("SPICE-LINK-003/after-a-bad-connection-id", channel="display", after=_NO_SESSION)
def after_a_bad_connection_id(client: SuiteClient) -> None:
    """No byte follows the error for a display of no session."""
    client.main()
    _, wire = client.attempt_wire(DISPLAY, 0, client.bad_connection_id)
    wire.expect_silence("the display was refused")


@server_case("SPICE-LINK-004/byte-by-byte", channel="main", tags=("probe:byte-by-byte",))
def byte_by_byte(client: SuiteClient) -> None:
    """The whole stage, a byte at a time."""
    message = link_message(MAIN, common_caps=COMMON.common, channel_caps=_NAMED.channel)
    wire = client.connect()
    wire.send_apart(message, "link header and link message, byte by byte")
    reply = wire.reply()
    server = client.announced(reply)
    if server.has(CommonCapability.AUTH_SASL) and not server.has(CommonCapability.AUTH_SPICE):
        raise NotApplicable("the server announced AUTH_SASL and no ticket")
    login = wire.encrypted(reply.pub_key)
    if server.has(CommonCapability.PROTOCOL_AUTH_SELECTION):
        login = AuthMechanism.SPICE.to_bytes(4, "little") + login
    wire.send_apart(login, "mechanism and ticket, byte by byte")
    _expect_logged_in(wire.result())
    talk = client.begun(wire, MAIN, 0, COMMON, server, channel=_NAMED)
    talk.expect("INIT")
    client.alive(talk)


@server_case("SPICE-LINK-004/in-one-write", channel="main")
def in_one_write(client: SuiteClient) -> None:
    """Link header, link message and mechanism in one write: all that needs no answer."""
    before = client.begin()
    server = client.announced(before.reply())
    before.close()
    if not server.has(CommonCapability.PROTOCOL_AUTH_SELECTION) or not server.has(CommonCapability.AUTH_SPICE):
        raise NotApplicable(f"the server announced common capabilities {server.common:#x}: no mechanism, or no ticket")
    message = link_message(MAIN, common_caps=COMMON.common, channel_caps=_NAMED.channel)
    wire = client.connect()
    wire.send(message + AuthMechanism.SPICE.to_bytes(4, "little"), "link header, link message and mechanism in one write")
    wire.ticket(wire.reply().pub_key)
    _expect_logged_in(wire.result())
    client.begun(wire, MAIN, 0, COMMON, server, channel=_NAMED).expect("INIT")


# -- 1.2 link header


@server_case("SPICE-LINK-005/in-a-link-reply", channel="main")
def header_of_a_link_reply(client: SuiteClient) -> None:
    """The header before a link reply: REDQ, major version 2."""
    _expect_header(client, client.begin())


@server_case("SPICE-LINK-005/in-a-refusal", 17, 2, channel="main")
@server_case("SPICE-LINK-005/in-a-refusal-of-version-1", MESSAGE_SIZE, 1, channel="main")
@server_case("SPICE-LINK-005/in-a-refusal-of-version-3", MESSAGE_SIZE, 3, channel="main")
def header_of_a_refusal(client: SuiteClient, size: int, major: int) -> None:
    """The header before a link reply with an error has the server's version, whatever size and version the client had."""
    wire = client.connect()
    wire.send(header(size, major=major), f"a link header of version {major}, {size} bytes to follow")
    wire.send(link_message(MAIN)[16:], "a link message")
    _expect_header(client, wire)


def _expect_header(client: SuiteClient, wire: ClientWire) -> None:
    found = _refusal(wire)
    if found is None:
        client.tolerate("closing without an answer")
        return
    major = parse_header(found[0]).major_version
    if major != 2:
        raise Failure("a link header of major version 2", f"major version {major}")


@server_case("SPICE-LINK-006/zero-bytes", b"\0\0\0\0", channel="main")
@server_case("SPICE-LINK-006/small-letters", b"redq", channel="main", tags=("probe:lowercase-magic",))
@server_case("SPICE-LINK-006/another-letter", b"REDX", channel="main", tags=("probe:bad-magic",))
@server_case("SPICE-LINK-006/letters-turned-round", b"QDER", channel="main")
def other_letters(client: SuiteClient, magic: bytes) -> None:
    """A link header that begins with something else, and is right otherwise."""
    _refused(client, client.begin(magic=magic), LinkErr.INVALID_MAGIC)


@server_case("SPICE-LINK-007/web-socket", "binary", channel="main", needs=("raw-stream",))
@server_case("SPICE-LINK-007/unknown-sub-protocol", "chat", channel="main", needs=("raw-stream",))
def web_socket(client: SuiteClient, sub_protocol: str) -> None:
    """A WebSocket request: either the link stage goes on in frames, or it is refused as any wrong header is."""
    wire = client.connect()
    protocol = ClientProtocol(parse_uri("ws://localhost/"), subprotocols=[Subprotocol(sub_protocol)], max_size=None)
    protocol.send_request(protocol.connect())
    wire.send(b"".join(protocol.data_to_send()), f"a WebSocket request for the sub-protocol {sub_protocol}")
    wire.step("expect a handshake, or a refusal")
    if not _handshake(wire, protocol):
        answer = wire.answer()
        client.note(f"answered with: {answer}")
        if answer.kind != "closed" and not answer.error:
            raise Failure("a completed handshake, or a link reply with the error INVALID_MAGIC (2)", str(answer))
        return
    client.note(f"the handshake was completed, sub-protocol {protocol.subprotocol}")
    protocol.send_binary(link_message(MAIN, common_caps=COMMON.common))
    wire.send(b"".join(protocol.data_to_send()), "link header and link message in a binary frame")
    wire.step("expect a link reply in frames")
    found = bytearray()

    def replied() -> bool:
        _feed(wire, protocol)
        for event in protocol.events_received():
            if isinstance(event, Frame):
                found.extend(event.data)
        return len(found) >= 16 + REPLY_SIZE or bool(wire.stream.ended)

    client.run(replied)
    if len(found) < 16 + REPLY_SIZE or found[:4] != b"REDQ" or any(found[16:20]):
        raise Failure("link header and link reply without an error in frames", f"{len(found)} bytes: {bytes(found[:20]).hex()}")


@server_case("SPICE-LINK-006/get-request", channel="main", needs=("raw-stream",))
def not_a_handshake(client: SuiteClient) -> None:
    """A request of a web browser that asks for no WebSocket: the answer to a wrong header."""
    wire = client.connect()
    wire.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "GET / without an upgrade")
    _refused(client, wire, LinkErr.INVALID_MAGIC)


def _handshake(wire: ClientWire, protocol: ClientProtocol) -> bool:
    """Whether the server answers with HTTP; the bytes of anything else are left where they are."""
    received, stream = wire.stream.received, wire.stream
    wire.peer.run(lambda: len(received) >= 4 or bool(stream.ended))
    if received[:4] != b"HTTP":
        return False
    wire.peer.run(lambda: b"\r\n\r\n" in received or bool(stream.ended) or len(received) > _HANDSHAKE_SIZE)
    line = bytes(received).partition(b"\r\n")[0].decode("ascii", "replace")
    _feed(wire, protocol)
    if protocol.state.name != "OPEN":
        raise Failure("a completed handshake, or a link reply with the error INVALID_MAGIC (2)", f"{line!r}")
    return True


def _feed(wire: ClientWire, protocol: ClientProtocol) -> None:
    data = bytes(wire.stream.received)
    wire.stream.received.clear()
    if data:
        try:
            protocol.receive_data(data)
        except (InvalidHandshake, InvalidMessage) as error:
            raise Failure("frames of a WebSocket", str(error)) from None


@server_case("SPICE-LINK-008/version-0", 0, channel="main")
@server_case("SPICE-LINK-008/version-1", 1, channel="main", tags=("probe:major-1",))
@server_case("SPICE-LINK-008/version-3", 3, channel="main", tags=("probe:major-3",))
@server_case("SPICE-LINK-008/version-2-big-endian", 2 << 24, channel="main")
def other_version(client: SuiteClient, major: int) -> None:
    """Another major version."""
    _refused(client, client.begin(major=major), LinkErr.VERSION_MISMATCH)


@server_case("SPICE-LINK-009/minor-0", 0, channel="main", tags=("probe:minor-0",))
@server_case("SPICE-LINK-009/minor-99", 99, channel="main", tags=("probe:minor-99",))
@server_case("SPICE-LINK-009/minor-all-ones", ALL_ONES, channel="main")
def other_minor(client: SuiteClient, minor: int) -> None:
    """Another minor version makes no difference."""
    _served(client, minor=minor)


@server_case("SPICE-LINK-012/size-0", 0, channel="main", tags=("probe:size-0",))
@server_case("SPICE-LINK-012/size-17", 17, channel="main", tags=("probe:size-17",))
@server_case("SPICE-LINK-012/size-4097", LARGEST + 1, channel="main", tags=("probe:size-4097",))
@server_case("SPICE-LINK-012/size-2147483648", 1 << 31, channel="main")
@server_case("SPICE-LINK-012/size-4294967295", ALL_ONES, channel="main", tags=("probe:size-huge",))
def wrong_size(client: SuiteClient, size: int) -> None:
    """A link header with a size out of bounds, and nothing behind it."""
    wire = client.connect()
    wire.send(header(size), f"a link header that announces {size} bytes")
    _refused(client, wire, LinkErr.INVALID_DATA)


@server_case("SPICE-LINK-012/size-18", channel="main", after=_POOR)
def smallest(client: SuiteClient) -> None:
    """The smallest link message, without any capability word."""
    _served_poor(client, NONE)


@server_case("SPICE-LINK-012/size-4096", channel="main", tags=("probe:size-4096-padded",),
             after=("SPICE-LINK-017/one-byte-behind",))  # fmt: skip
def largest(client: SuiteClient) -> None:
    """The largest link message, most of it padding."""
    _served(client, channel_caps=(0,), padding=bytes(LARGEST - MESSAGE_SIZE - 8))


# -- 1.3 link message and capabilities


@server_case("SPICE-LINK-014/every-channel", channel="inputs")
def own_words(client: SuiteClient) -> None:
    """The capability words of the server, in the link reply of every first channel that is listed."""
    _, listed = client.session()
    for kind in (DISPLAY, INPUTS, CURSOR):
        if (kind, 0) in listed:
            wire = client.begin(kind)
            client.announced(wire.reply())
            wire.close()


@server_case("SPICE-LINK-015/offset-0", 0, channel="main", tags=("probe:caps-offset-0",))
@server_case("SPICE-LINK-015/offset-17", MESSAGE_SIZE - 1, channel="main")
@server_case("SPICE-LINK-015/offset-4294967295", ALL_ONES, channel="main")
@server_case("SPICE-LINK-015/offset-4294967280", ALL_ONES - 15, channel="main", tags=("probe:caps-offset-huge",))
@server_case("SPICE-LINK-015/offset-behind-the-end", MESSAGE_SIZE + 8, channel="main")
@server_case("SPICE-LINK-015/last-word-past-the-end", MESSAGE_SIZE + 4, channel="main")
@server_case("SPICE-LINK-015/last-byte-past-the-end", MESSAGE_SIZE + 1, channel="main")
def words_elsewhere(client: SuiteClient, offset: int) -> None:
    """Two capability words are said to lie where they do not, or not as a whole."""
    wire = client.begin(channel_caps=(0,), offset=offset)
    _refused(client, wire, LinkErr.INVALID_DATA, LinkErr.VERSION_MISMATCH)


@server_case("SPICE-LINK-015/common-words-1025", 1025, 0, channel="main")
@server_case("SPICE-LINK-015/channel-words-1025", 0, 1025, channel="main")
@server_case("SPICE-LINK-015/common-words-2-to-30", 1 << 30, 1, channel="main", tags=("probe:caps-count-huge",))
@server_case("SPICE-LINK-015/channel-words-2-to-30", 1, 1 << 30, channel="main")
@server_case("SPICE-LINK-015/words-4294967295", ALL_ONES, ALL_ONES, channel="main")
@server_case("SPICE-LINK-015/sum-wraps", ALL_ONES, 1, channel="main")
@server_case("SPICE-LINK-015/common-words-past-the-end", 5, 1, channel="main", tags=("probe:caps-count-beyond-end",))
@server_case("SPICE-LINK-015/one-channel-word-past-the-end", 1, 2, channel="main")
def too_many_words(client: SuiteClient, common: int, channel: int) -> None:
    """More capability words are announced than there are, or than there may be."""
    wire = client.begin(channel_caps=(0,), counts=(common, channel))
    _refused(client, wire, LinkErr.INVALID_DATA, LinkErr.VERSION_MISMATCH)


@server_case("SPICE-LINK-016/offset-0", 0, channel="main", after=_POOR)
@server_case("SPICE-LINK-016/offset-4294967295", ALL_ONES, channel="main", after=_POOR)
def offset_of_nothing(client: SuiteClient, offset: int) -> None:
    """No capability words, and an offset without sense."""
    _served_poor(client, NONE, offset=offset)


@server_case("SPICE-LINK-017/offset-19", 1, channel="main")
@server_case("SPICE-LINK-017/offset-118", 100, channel="main")
def gap(client: SuiteClient, size: int) -> None:
    """Zero bytes before the capability words: whoever reads the words there finds none."""
    _served(client, offset=MESSAGE_SIZE + size, gap=bytes(size))


@server_case("SPICE-LINK-017/one-byte-behind", 1, channel="main")
@server_case("SPICE-LINK-017/padded-to-4096", LARGEST - MESSAGE_SIZE - 8, channel="main", after=("SPICE-LINK-012/size-4096",))
def padded(client: SuiteClient, size: int) -> None:
    """Bytes of ones behind the capability words."""
    _served(client, channel_caps=(0,), padding=b"\xff" * size)


@server_case("SPICE-LINK-018/one-word-of-each", (COMMON.common,), (_NAMED.channel,), True, channel="main")
@server_case("SPICE-LINK-018/two-common-words", (COMMON.common, 0), (_NAMED.channel,), True, channel="main")
@server_case("SPICE-LINK-018/two-common-words-and-none", (COMMON.common, ALL_ONES), (), False, channel="main",
             after=("SPICE-LINK-019/a-word-of-ones", "SPICE-LINK-019/no-channel-words"))  # fmt: skip
@server_case("SPICE-LINK-018/two-channel-words", (COMMON.common,), (0, ALL_ONES), False, channel="main",
             after=("SPICE-LINK-019/a-word-of-ones",))  # fmt: skip
def order_of_words(client: SuiteClient, common: tuple[int, ...], channel: tuple[int, ...], named: bool) -> None:
    """Common words come before those of the channel: the header is as announced, and NAME or UUID come if they may."""
    client.lean("SPICE-MAIN-008/not-announced")
    names = _names(client, channel=_NAMED)
    client.note("the server has a name or UUID to tell" if names else "the server has neither a name nor a UUID to tell")
    found = _names(client, channel=_NAMED if named else NONE, common_caps=common, channel_caps=channel)
    if found != (names and named):
        wanted = "NAME or UUID, for a client with NAME_AND_UUID" if named else "neither NAME nor UUID, without NAME_AND_UUID"
        raise Failure(f"{wanted} ({len(common)} common words, {len(channel)} of main)", "it came" if found else "none came")


def _names(client: SuiteClient, **words: Any) -> bool:
    """Whether the server tells its name, or its UUID, at the beginning of a session."""
    talk = _served(client, **words)
    found = talk.count("NAME") + talk.count("UUID") > 0
    talk.close()
    return found


@server_case("SPICE-LINK-019/all-bits", ALL_ONES, 1, channel="main")
@server_case("SPICE-LINK-019/a-word-of-ones", COMMON.common, 2, channel="main")
@server_case("SPICE-LINK-019/words-of-ones", ALL_ONES, 32, channel="main")
@server_case("SPICE-LINK-019/known-bits-and-words-of-ones", COMMON.common, 32, channel="main")
def unknown_capabilities(client: SuiteClient, first: int, number: int) -> None:
    """Words of each kind with capabilities that nobody knows: the first common word, and how many there are of each kind."""
    more = (ALL_ONES,) * (number - 1)
    _served(client, common_caps=(first, *more), channel_caps=(0, *more))


@server_case("SPICE-LINK-019/as-many-words-as-fit", channel="main", after=("SPICE-LINK-012/size-4096",))
def full_of_words(client: SuiteClient) -> None:
    """A link message of 4096 bytes that is full of capability words, most of them of zeros."""
    words = (LARGEST - MESSAGE_SIZE) // 4
    rest = LARGEST - MESSAGE_SIZE - 4 * words
    _served(client, channel_caps=(0,) * (words - 1), padding=bytes(rest))


@server_case("SPICE-LINK-019/no-channel-words", channel="main")
def no_channel_words(client: SuiteClient) -> None:
    """A common word and none of the channel: no channel capability."""
    _served(client, channel=NONE, channel_caps=())


@server_case("SPICE-LINK-019/no-words", channel="main", after=_POOR)
def no_words(client: SuiteClient) -> None:
    """No capability words at all are capabilities of 0: full headers, and no mechanism."""
    _served_poor(client, NONE)


_NEITHER: Final = COMMON.without(CommonCapability.AUTH_SPICE)


@server_case("SPICE-LINK-020/neither-login", _NEITHER.common, channel="main")
@server_case("SPICE-LINK-020/sasl-and-no-ticket", _NEITHER.with_(CommonCapability.AUTH_SASL).common, channel="main")
def login_not_announced(client: SuiteClient, common: int) -> None:
    """A client that does not announce AUTH_SPICE logs in with a ticket."""
    _served(client, common=Capabilities(common, 0))


@server_case("SPICE-LINK-021/no-words", 0, channel="main", tags=("probe:no-caps-at-all",), after=_POOR)
@server_case("SPICE-LINK-021/only-mini-header", 1 << CommonCapability.MINI_HEADER, channel="main", after=_POOR,
             tags=("probe:good-main-no-auth-selection",))  # fmt: skip
@server_case("SPICE-LINK-021/only-auth-selection", 1 << CommonCapability.PROTOCOL_AUTH_SELECTION, channel="main",
             after=_POOR, tags=("probe:good-main-full-header",))  # fmt: skip
def poor_client(client: SuiteClient, common: int) -> None:
    """A client that announces next to nothing: no mechanism and full headers, as far as it announced neither."""
    _served_poor(client, Capabilities(common, 0))


# -- 1.4 link reply


@server_case("SPICE-LINK-022/version-1", 1, MESSAGE_SIZE, channel="main", after=("SPICE-LINK-008/version-1",))
@server_case("SPICE-LINK-022/size-17", 2, 17, channel="main", after=("SPICE-LINK-012/size-17",))
def whole_refusal(client: SuiteClient, major: int, size: int) -> None:
    """A refusal is a link reply of 178 bytes with nothing but the error in it."""
    wire = client.connect()
    wire.send(header(size, major=major) + link_message(MAIN)[16:], f"a link message of version {major} and size {size}")
    found = _refusal(wire)
    if found is None:
        client.tolerate("closing without an answer")
        return
    _, body = found
    if len(body) == 4:
        client.tolerate("a body that ends with the error")
    elif len(body) != REPLY_SIZE:
        raise Failure(f"a link reply of {REPLY_SIZE} bytes", f"{len(body)} bytes")
    elif any(body[4:]):
        at = 4 + next(index for index, byte in enumerate(body[4:]) if byte)
        raise Failure("zeros behind the error", f"{body[at]:#04x} at byte {at} of the link reply")


@server_case("SPICE-LINK-024/after-a-link-reply", channel="main", after=("SPICE-LINK-008/version-3",))
def after_a_refusal(client: SuiteClient) -> None:
    """Version 3, then a link message without a mistake: the connection is closed, and nothing answers the second."""
    wire = client.begin(major=3)
    answer = wire.answer()
    if answer.kind == "closed":
        client.tolerate("closing without an answer")
        return
    if answer.kind != "reply" or answer.error == LinkErr.OK:
        raise Failure("a link reply with an error", str(answer))
    wire.send(link_message(MAIN, common_caps=COMMON.common), "link header and link message, as they should have been")
    wire.expect_closed()


@server_case("SPICE-LINK-024/after-a-link-result", channel="main", needs=("ticket",), after=_WRONG_TICKET)
def second_try(client: SuiteClient) -> None:
    """A wrong ticket and then the right one on the same connection: it is closed, and the second is not looked at."""
    wire, reply = client.ticket_stage()
    wire.send(wire.encrypted(reply.pub_key, client.password + "x") + wire.encrypted(reply.pub_key),
              "a wrong ticket and the right one behind it")  # fmt: skip
    wire.result()
    wire.expect_closed()


@server_case("SPICE-LINK-024/after-a-bad-connection-id", channel="display", after=_NO_SESSION)
def after_no_session(client: SuiteClient) -> None:
    """A display of no session: the connection is closed behind the error, and the display's first message is not answered."""
    client.main()
    _, wire = client.attempt_wire(DISPLAY, 0, client.bad_connection_id)
    wire.send(bytes(20), "bytes as if the channel were linked")
    wire.expect_closed()


@server_case("SPICE-LINK-025/tls-only-channel", channel="inputs", needs=("secured-inputs", "plain"))
def tls_only(client: SuiteClient) -> None:
    """The inputs channel, which demands TLS, without it."""
    talk, listed = client.session()
    if (INPUTS, 0) not in listed:
        raise NotApplicable("the list of channels has no inputs")
    wire = client.begin(INPUTS, secure=False)
    answer = wire.answer()
    if answer.kind != "reply" or answer.error != LinkErr.NEED_SECURED:
        raise Failure("a link reply with the error NEED_SECURED (5)", str(answer))
    client.alive(talk, "a refused channel does not end it")


@server_case("SPICE-LINK-025/with-tls", channel="inputs", needs=("secured-inputs", "tls"))
def tls_as_demanded(client: SuiteClient) -> None:
    """The inputs channel, which demands TLS, with it."""
    _, listed = client.session()
    if (INPUTS, 0) not in listed:
        raise NotApplicable("the list of channels has no inputs")
    client.link(INPUTS, secure=True).expect("INIT")


@server_case("SPICE-LINK-025/no-key", channel="inputs", needs=("secured-inputs", "plain"),
             after=("SPICE-LINK-025/tls-only-channel",))  # fmt: skip
def no_key_without_tls(client: SuiteClient) -> None:
    """Where NEED_SECURED is answered, there is no key and no capability in the link reply."""
    client.main()
    wire = client.begin(INPUTS, secure=False)
    found = _refusal(wire)
    if found is not None and any(found[1][4:]):
        raise Failure("nothing but the error in the link reply", f"{len(found[1])} bytes, among them {found[1][4:20].hex()}")


@server_case("SPICE-LINK-029/type-0", 0, 0, tags=("probe:channel-type-0",))
@server_case("SPICE-LINK-029/type-7", 7, 0)
@server_case("SPICE-LINK-029/type-99", 99, 0, tags=("probe:channel-type-99",))
@server_case("SPICE-LINK-029/type-200", 200, 0)
@server_case("SPICE-LINK-029/display-77", DISPLAY, 77, channel="display", tags=("probe:display-id-77",))
@server_case("SPICE-LINK-029/inputs-255", INPUTS, 255, channel="inputs")
def no_such_channel(client: SuiteClient, channel_type: int, channel_id: int) -> None:
    """A channel that the list does not name; the session goes on."""
    talk, listed = client.session()
    if (channel_type, channel_id) in listed:
        raise NotApplicable(f"the list of channels names type {int(channel_type)}, id {channel_id}")
    _refused_channel(client, LinkErr.CHANNEL_NOT_AVAILABLE, channel_type, channel_id, client.session_id, silently=True)
    client.alive(talk, "a channel that is not there does not end it")


@server_case("SPICE-LINK-031/display-of-session-0", DISPLAY, 0, channel="display",
             tags=("probe:display-with-connection-id-0",))  # fmt: skip
@server_case("SPICE-LINK-031/display-of-no-session", DISPLAY, None, channel="display",
             tags=("probe:display-wrong-connection-id",))  # fmt: skip
@server_case("SPICE-LINK-031/inputs-of-session-0", INPUTS, 0, channel="inputs")
@server_case("SPICE-LINK-031/inputs-of-no-session", INPUTS, None, channel="inputs")
def no_such_session(client: SuiteClient, channel_type: int, connection_id: int | None) -> None:
    """A channel that names another session id than that of the running session; the session goes on."""
    talk, listed = client.session()
    if (channel_type, 0) not in listed:
        raise NotApplicable(f"the list of channels names no {ChannelType(channel_type).name.lower()}:0")
    wanted = client.bad_connection_id if connection_id is None else connection_id
    _refused_channel(client, LinkErr.BAD_CONNECTION_ID, channel_type, 0, wanted, silently=False)
    client.alive(talk, "somebody else's mistake does not end it")


@server_case("SPICE-LINK-031/before-any-session", channel="display")
def before_any_session(client: SuiteClient) -> None:
    """A display while there is no session of ours."""
    _refused_channel(client, LinkErr.BAD_CONNECTION_ID, DISPLAY, 0, client.bad_connection_id, silently=False)


@server_case("SPICE-LINK-031/a-session-that-is-over", channel="inputs", needs=("one-session",))
def session_that_is_over(client: SuiteClient) -> None:
    """The id of a session that another client has ended names no session any more."""
    _, listed = client.session()
    if (INPUTS, 0) not in listed:
        raise NotApplicable("the list of channels names no inputs:0")
    old = client.session_id
    talk = client.main()
    if client.session_id == old:
        raise Failure("another session id for another session", f"{old:#010x} again")
    _refused_channel(client, LinkErr.BAD_CONNECTION_ID, INPUTS, 0, old, silently=False)
    client.alive(talk)


@server_case("SPICE-LINK-033/invented-connection-id", channel="main", tags=("probe:main-with-connection-id",))
def invented_connection_id(client: SuiteClient) -> None:
    """Main with a connection id of which no migration has told the server."""
    wire = client.begin(MAIN, 0, client.bad_connection_id)
    wire.spoil("they take the connection id for that of a migration")
    found = client.conclude(wire)
    if isinstance(found, Answer):
        client.note(f"answered with: {found}")
        if found.kind not in ("reply", "result") or found.error != LinkErr.BAD_CONNECTION_ID:
            raise Failure("the error BAD_CONNECTION_ID (8) in the link reply or as the link result", str(found))
        return
    client.run(lambda: found.closed or found.count("INIT") > 0, client.network.quiet)
    if found.count("INIT"):
        client.tolerate("beginning a new session")
    elif not found.closed and not found.heard:
        client.tolerate("accepting the link and then sending nothing")
    else:
        heard = ", ".join(found.heard) or "nothing"
        raise Failure("the error BAD_CONNECTION_ID (8)", f"link result OK, then {heard}{' and the end' * found.closed}")


@server_case("SPICE-LINK-035/main-1", 1, channel="main", tags=("probe:main-id-1",))
@server_case("SPICE-LINK-035/main-5", 5, channel="main")
def other_main_id(client: SuiteClient, channel_id: int) -> None:
    """Main with a channel id that is not 0: a session as any other, or there is no such channel."""
    found = client.try_link(MAIN, channel_id)
    if isinstance(found, Answer):
        client.note(f"answered with: {found}")
        if found.kind == "closed":
            client.tolerate("closing without an answer")
        elif found.kind not in ("reply", "result") or found.error != LinkErr.CHANNEL_NOT_AVAILABLE:
            raise Failure("a session, or the error CHANNEL_NOT_AVAILABLE (9)", str(found))
        return
    found.expect("INIT")
    client.alive(found)


def _whole_session(client: SuiteClient) -> list[Talk]:
    """Main and every first channel that is listed, each with what a client says first on it."""
    talk, listed = client.session()
    talks = [talk]
    for kind in (DISPLAY, CURSOR, INPUTS):
        if (kind, 0) in listed:
            talks.append(client.display() if kind == DISPLAY else client.link(kind))
    return talks


@server_case("SPICE-LINK-036/wrong-ticket", channel="main", needs=("one-session", "ticket"),
             after=_WRONG_TICKET + _EVERY_CHANNEL)  # fmt: skip
def takeover_with_a_wrong_ticket(client: SuiteClient) -> None:
    """A second client with a wrong ticket does the first session no harm."""
    talks = _whole_session(client)
    client.attempt(password=client.password + "x")
    client.alive(talks[0], "nobody else has logged in")
    for talk in talks:
        talk.expect_open("nobody else has logged in")


@server_case("SPICE-LINK-036/before-the-ticket", channel="main", needs=("one-session",), after=_EVERY_CHANNEL)
def takeover_before_the_ticket(client: SuiteClient) -> None:
    """A second client ends the first session when it has logged in, and not when it has only asked for main."""
    talks = _whole_session(client)
    wire, reply = client.ticket_stage()
    client.alive(talks[0], "the second client has not logged in")
    for talk in talks:
        talk.expect_open("the second client has not logged in")
    wire.ticket(reply.pub_key)
    _expect_logged_in(wire.result())
    for talk in talks:
        talk.expect_closed(why="a new main link has logged in")


@server_case("SPICE-LINK-036/all-channels", channel="main", needs=("one-session",), after=_EVERY_CHANNEL)
def takeover(client: SuiteClient) -> None:
    """A second client ends the first session with all its channels, and is served."""
    talks = _whole_session(client)
    new = client.main()
    for talk in talks:
        talk.expect_closed(why="a new main link has logged in")
    client.alive(new)


# -- 1.8 time


@server_case("SPICE-LINK-063/silence", channel="main", slow=64.0, after=("SPICE-LINK-064/half-a-header",))
def silence(client: SuiteClient) -> None:
    """Connections on which the client falls silent, each after another part of the link stage."""
    message = link_message(MAIN, common_caps=COMMON.common)
    wires = {"nothing": client.connect()}
    for what, data in (("half a header", _HALF_HEADER), ("the header", message[:16]), ("half a link message", message[:25])):
        wires[what] = client.connect()
        wires[what].send(data, what)
    wires["the link message"] = client.begin()
    wires["the link message"].reply()
    wires["half a ticket"], reply = client.ticket_stage()
    wires["half a ticket"].send(wires["half a ticket"].encrypted(reply.pub_key)[:64], "half a ticket")
    client.step("expect every connection to be closed 60 s later")
    client.run(lambda: all(wire.stream.ended for wire in wires.values()), 63.0)
    left = [what for what, wire in wires.items() if not wire.stream.ended]
    if left:
        raise Failure("a link is closed on which the client is silent for 60 s", f"open after 63 s: after {', '.join(left)}")


@server_case("SPICE-LINK-064/half-a-header", channel="main", tags=("probe:half-header-1.5s",), after=_EVERY_CHANNEL)
def half_a_header(client: SuiteClient) -> None:
    """Seven bytes on one connection, a whole session on others."""
    client.connect().send(_HALF_HEADER, "seven bytes of a link header")
    talk = _whole_session(client)[0]
    client.alive(talk)


@server_case("SPICE-LINK-064/half-a-ticket", channel="main", after=_EVERY_CHANNEL)
def half_a_ticket(client: SuiteClient) -> None:
    """A link that wants only the end of its ticket, and a whole session on others."""
    wire, reply = client.ticket_stage()
    wire.send(wire.encrypted(reply.pub_key)[:-1], "a ticket without its last byte")
    talk = _whole_session(client)[0]
    client.alive(talk)


@server_case("SPICE-LINK-064/ten-links", 10, None, channel="main")
@server_case("SPICE-LINK-064/two-hundred-links", 200, False, channel="main", needs=("plain",))
def many_links(client: SuiteClient, number: int, secure: bool | None) -> None:
    """Links that are not finished, and a session beside them. Two hundred are made without TLS, which would take its time."""
    client.step(f"open {number} connections, and send 7 bytes on each")
    for _ in range(number):
        client.connect(secure=secure).send(_HALF_HEADER)
    client.alive(client.main())
