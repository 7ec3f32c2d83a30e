"""Clients: link header, link message, link reply (spec/01-link.md, 1.1 to 1.4)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import CHANNELS, COMMON, ServerWire, SuiteServer
from conformance.case import client_case
from conformance.talk import REPLY_SIZE, Failure, NotApplicable, error_name
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.capabilities import CommonCapability, InputsCapability
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.messages import common

_HEADER: Final = 16
_LEAST: Final = 18
_MOST: Final = 4096
_ONES: Final = 0xFFFFFFFF
_WORDS: Final = 1024

_WAITS: Final = ("SPICE-LINK-003/result-withheld",)
_NO_MECHANISM: Final = ("SPICE-LINK-037/without-selection",)
_NEITHER: Final = (*_NO_MECHANISM, "SPICE-FRAME-001/client-full-everywhere")
"""Cases that show by themselves that a client can do without a mechanism, and with full headers."""

_KNOWN_COMMON: Final = sum([1 << number for number in CommonCapability])
_MINI: Final = 1 << CommonCapability.MINI_HEADER
_WITHOUT_SASL: Final = _ONES & ~(1 << CommonCapability.AUTH_SASL)
"""Everything that a client may have to ignore: SASL is not that."""


def _asked(server: SuiteServer) -> ServerWire:
    """The first connection, with its link message read."""
    wire = server.accept()
    wire.link_message()
    return wire


def _all_links(server: SuiteServer) -> list[ServerWire]:
    """The links of an ordinary session: main, and what the client links besides."""
    talk = server.main()
    server.alive(talk)  # some clients ask for the list only when something has come behind INIT
    server.run(lambda: talk.count("ATTACH_CHANNELS") > 0)
    server.name_channels(talk, *CHANNELS)
    server.others()
    return [talk.wire for talk in server.talks.values() if isinstance(talk.wire, ServerWire)]


def _next_link(server: SuiteServer) -> ServerWire:
    """The link message of the next channel but main. Raises NotApplicable if the client links main only."""
    wire = server.another(server.target.start_time + server.network.patience)
    if wire is None:
        raise NotApplicable("the client links no channel but main")
    wire.link_message()
    return wire


def _nothing_follows(wire: ServerWire, what: str) -> None:
    """The client sends nothing more on this connection; whether it closes is its own affair."""
    wire.step(f"expect nothing: {what}")
    wire.silent()
    if wire.stream.received:
        data = bytes(wire.stream.received)
        raise Failure(f"no byte ({what})", f"{len(data)} bytes: {data[:16].hex()}")


# -- 1.1 order


@client_case("SPICE-LINK-001/whole-stage-of-a-client", channel="main")
def whole_stage(server: SuiteServer) -> None:
    """The link stage of main, and INIT: the client goes on."""
    talk = server.main()
    server.quiet()
    talk.expect_open("it was sent INIT")


@client_case("SPICE-LINK-001/reply-withheld", channel="main")
def reply_withheld(server: SuiteServer) -> None:
    """No link reply for a while: neither mechanism nor ticket comes before it."""
    wire = _asked(server)
    wire.expect_silence("the link reply has not come yet")
    wire.reply()
    server.goes_on(wire)


@client_case("SPICE-LINK-003/result-withheld", channel="main")
def result_withheld(server: SuiteServer) -> None:
    """No link result for a while: no message comes before it."""
    wire = _asked(server)
    wire.reply()
    wire.login()
    wire.expect_silence("the link result has not come yet")
    wire.result()
    server.begins(wire)


@client_case("SPICE-LINK-003/result-withheld-of-other-channels")
def other_results_withheld(server: SuiteServer) -> None:
    """The same on the channels behind main, where some clients speak first."""
    talk = server.session()
    wire = _next_link(server)
    for _ in range(4):
        wire.reply()
        wire.login()
        wire.expect_silence("the link result has not come yet")
        wire.result()
        server.serve(server.begun(wire))
        following = server.another()
        if following is None:
            break
        wire = following
        wire.link_message()
    server.alive(talk)


@client_case("SPICE-LINK-003/refused-login", 1, channel="main")
@client_case("SPICE-LINK-003/refused-login-invalid-magic", 2, channel="main")
@client_case("SPICE-LINK-003/refused-login-invalid-data", 3, channel="main")
@client_case("SPICE-LINK-003/refused-login-version", 4, channel="main")
@client_case("SPICE-LINK-003/refused-login-need-secured", 5, channel="main")
@client_case("SPICE-LINK-003/refused-login-need-unsecured", 6, channel="main")
@client_case("SPICE-LINK-003/refused-login-permission", 7, channel="main")
@client_case("SPICE-LINK-003/refused-login-connection-id", 8, channel="main")
@client_case("SPICE-LINK-003/refused-login-channel", 9, channel="main")
def refused_login(server: SuiteServer, error: int) -> None:
    """A link result with an error: no message follows it."""
    wire = _asked(server)
    wire.reply()
    wire.login()
    wire.result(error)
    _nothing_follows(wire, f"the link result was {error_name(error)}")
    wire.close()


@client_case("SPICE-LINK-004/one-byte-at-a-time", 1, channel="main")
@client_case("SPICE-LINK-004/three-bytes-at-a-time", 3, channel="main")
@client_case("SPICE-LINK-004/fifty-bytes-at-a-time", 50, channel="main")
def in_pieces(server: SuiteServer, size: int) -> None:
    """The whole stage in small pieces; messages come whole."""
    wire = _asked(server)
    usual, server.network.piece = server.network.piece, size
    wire.reply()
    wire.login()
    wire.result()
    server.network.piece = usual
    server.begins(wire)


@client_case("SPICE-LINK-004/cut-and-continued", channel="main", after=_WAITS)
def cut_and_continued(server: SuiteServer) -> None:
    """Half a link header, half a link reply, half a link result: the client waits for the other half."""
    wire = _asked(server)
    data = wire.make_reply()
    wire.send(data[:8], "half the link header")
    wire.expect_silence("half the link header")
    wire.send(data[8:100], "the rest of it, and half the link reply")
    wire.expect_silence("half the link reply")
    wire.send(data[100:], "the rest of it")
    wire.login()
    wire.send(bytes(2), "half a link result")
    wire.expect_silence("half the link result")
    wire.send(bytes(2), "the rest of it")
    server.begins(wire)


@client_case("SPICE-LINK-004/result-with-init", channel="main")
def result_with_init(server: SuiteServer) -> None:
    """The link result and INIT in one write: the client has seen INIT, and asks for the channels."""
    wire = _asked(server)
    wire.reply()
    wire.login()
    talk = server.begun(wire)
    wire.send(bytes(4) + talk.frame(server.init()), "link result OK and INIT in one")
    server.alive(talk)
    if not server.run(lambda: talk.count("ATTACH_CHANNELS") > 0):
        raise Failure("ATTACH_CHANNELS, because INIT has come", "none, though a PING behind it was answered")


@client_case("SPICE-LINK-004/result-with-ping")
def result_with_ping(server: SuiteServer) -> None:
    """The link result of a channel behind main and a PING in one write."""
    server.session()
    wire = _next_link(server)
    wire.reply()
    wire.login()
    talk = server.begun(wire)
    wire.send(bytes(4) + talk.frame(common.Ping(0xB41, 9, b"")), "link result OK and PING in one")
    talk.expect("PONG", where=lambda pong: pong.id == 0xB41, text="PONG 2881")
    server.serve(talk)
    server.alive(talk)


# -- 1.2 link header


@client_case("SPICE-LINK-005/link-header-of-a-client")
def header_of_client(server: SuiteServer) -> None:
    """Every link header of the client has REDQ and version 2."""
    for wire in _all_links(server):
        begin = wire.asked.raw[:8]
        if begin != b"REDQ\x02\0\0\0":
            raise Failure("a link header that begins with REDQ and the major version 2", begin.hex())


@client_case("SPICE-LINK-010/minor-version-of-a-client")
def minor_of_client(server: SuiteServer) -> None:
    """Every link header of the client has the minor version 2."""
    for wire in _all_links(server):
        minor = int.from_bytes(wire.asked.raw[8:12], "little")
        if minor != 2:
            raise Failure("the minor version 2", str(minor))


@client_case("SPICE-LINK-009/minor-version-0-in-the-reply", 0, channel="main")
@client_case("SPICE-LINK-009/minor-version-99-in-the-reply", 99, channel="main")
def minor_of_server(server: SuiteServer, minor: int) -> None:
    """A link reply with another minor version is as good as any."""
    wire = _asked(server)
    wire.reply(minor=minor)
    server.goes_on(wire)


@client_case("SPICE-LINK-013/reply-of-4096-bytes", channel="main", after=("SPICE-LINK-017/bytes-behind-the-words",))
def long_reply(server: SuiteServer) -> None:
    """A link reply of 4096 bytes is accepted."""
    wire = _asked(server)
    wire.reply(common_caps=(COMMON.common,), channel_caps=(), padding=bytes(_MOST - REPLY_SIZE - 4))
    server.goes_on(wire)


@client_case("SPICE-LINK-013/reply-of-4-gib", channel="main")
def endless_reply(server: SuiteServer) -> None:
    """A link header that announces 4294967280 bytes: the client closes."""
    wire = _asked(server)
    wire.reply(size=_ONES - 15)
    if not server.run(lambda: bool(wire.stream.ended)):
        raise Failure("the connection is closed after a link header that announces 4294967280 bytes", wire.state())


# -- 1.3 link message and capabilities


@client_case("SPICE-LINK-011/size-of-the-link-message")
def size_of_client(server: SuiteServer) -> None:
    """Every link message of the client has 18 to 4096 bytes."""
    for wire in _all_links(server):
        size = len(wire.asked.raw) - _HEADER
        if not _LEAST <= size <= _MOST:
            raise Failure(f"a link message of {_LEAST} to {_MOST} bytes", f"{size} bytes")


@client_case("SPICE-LINK-014/words-of-the-link-message", after=("SPICE-LINK-011/size-of-the-link-message",))
def words_of_client(server: SuiteServer) -> None:
    """Counts and offset of every link message of the client."""
    for wire in _all_links(server):
        message, size = wire.asked.message, len(wire.asked.raw) - _HEADER
        counts = (message.num_common_caps, message.num_channel_caps)
        if max(counts) > _WORDS:
            raise Failure(f"at most {_WORDS} capability words of a kind", f"{counts[0]} and {counts[1]}")
        if sum(counts) and not _LEAST <= message.caps_offset <= size - 4 * sum(counts):
            raise Failure(f"{sum(counts)} capability words inside of {size} bytes and behind the first 18",
                          f"they begin at {message.caps_offset}")  # fmt: skip


@client_case("SPICE-LINK-016/offset-0-without-words", 0, channel="main", after=("SPICE-LINK-019/no-words-in-the-reply",))
@client_case("SPICE-LINK-016/offset-4294967295-without-words", _ONES, channel="main",
             after=("SPICE-LINK-019/no-words-in-the-reply",))  # fmt: skip
def offset_without_words(server: SuiteServer, offset: int) -> None:
    """A link reply without capability words, and an offset that points nowhere."""
    wire = _asked(server)
    wire.reply(common=NONE, channel=NONE, offset=offset)
    server.goes_on(wire)


@client_case("SPICE-LINK-017/words-behind-a-gap", 4, channel="main")
@client_case("SPICE-LINK-017/words-at-an-odd-offset", 1, channel="main")
@client_case("SPICE-LINK-017/words-far-behind", 150, channel="main")
def gap_in_reply(server: SuiteServer, size: int) -> None:
    """Zero bytes between the link reply and its capability words: who does not skip them finds no capabilities."""
    wire = _asked(server)
    wire.reply(gap=bytes(size), offset=REPLY_SIZE + size)
    server.goes_on(wire)


@client_case("SPICE-LINK-017/bytes-behind-the-words", channel="main")
def padded_reply(server: SuiteServer) -> None:
    """A link reply with all-one bytes behind its capability words."""
    wire = _asked(server)
    wire.reply(common_caps=(COMMON.common,), channel_caps=(), padding=b"\xff" * 150)
    server.goes_on(wire)


@client_case("SPICE-LINK-018/one-word-of-each-kind", (COMMON.common,), (0,), channel="main")
@client_case("SPICE-LINK-018/two-common-words-and-one-of-the-channel", (COMMON.common, 0), (0,), channel="main")
@client_case("SPICE-LINK-018/bits-of-the-second-word", (_MINI, 0xF), (0,), channel="main",
             after=(*_NO_MECHANISM, "SPICE-LINK-019/ones-in-the-reply"))  # fmt: skip
@client_case("SPICE-LINK-018/bits-of-the-channel-word", (_MINI,), (0xF,), channel="main", after=_NO_MECHANISM)
def order_of_words(server: SuiteServer, common_words: tuple[int, ...], channel_words: tuple[int, ...]) -> None:
    """Words for all channels, then those of the channel: only bit 0 of the very first says that a mechanism is due."""
    wire = _asked(server)
    wire.reply(common=Capabilities(common_words[0], 0), common_caps=common_words, channel_caps=channel_words)
    server.goes_on(wire)


@client_case("SPICE-LINK-018/capability-32-is-none-of-the-channel", channel="inputs", needs=("act:scancode",),
             after=("SPICE-LINK-019/ones-in-the-reply", "SPICE-FRAME-005/client-without-scancodes-by-bytes"))  # fmt: skip
def no_scancodes(server: SuiteServer) -> None:
    """Two common words, of which the second looks like KEY_SCANCODE, and none of the channel: no KEY_SCANCODE comes."""
    server.session()
    wire = _next_link(server)
    for _ in CHANNELS:
        if wire.asked.channel == (ChannelType.INPUTS, 0):
            break
        server.serve(server.establish(wire))
        wire = _next_link(server)
    else:
        raise NotApplicable("the client links no inputs channel")
    wire.reply(common_caps=(COMMON.common, 1 << InputsCapability.KEY_SCANCODE), channel_caps=(0,), channel=NONE)
    wire.login()
    wire.result()
    talk = server.begun(wire)
    server.serve(talk)
    server.alive(talk)
    server.act("scancode", data="1e9e")
    server.alive(talk)
    if talk.count("KEY_SCANCODE"):
        raise Failure("no KEY_SCANCODE: bit 0 of the second common word is capability 32 of all channels", "it came")


@client_case("SPICE-LINK-018/words-of-a-client")
def order_of_words_of_client(server: SuiteServer) -> None:
    """The client's words for all channels say nothing that only means something on one channel."""
    bits = {wire.asked.channel: wire.asked.capabilities.common for wire in _all_links(server)}
    if len(bits) < 2:
        raise NotApplicable("the client links no channel but main")
    unknown = {found & ~_KNOWN_COMMON for found in bits.values()}
    if len(unknown) > 1:
        seen = ", ".join([f"{kind}:{number} {found:#x}" for (kind, number), found in bits.items()])
        raise Failure("the same common capabilities on all channels, in the first words", f"channel types with {seen}")


@client_case("SPICE-LINK-019/ones-in-the-reply", 32, 32, channel="main")
@client_case("SPICE-LINK-019/no-words-in-the-reply", 0, 0, channel="main", after=_NEITHER)
@client_case("SPICE-LINK-019/only-words-of-the-channel", 0, 32, channel="main",
             after=(*_NEITHER, "SPICE-LINK-019/ones-in-the-reply"))  # fmt: skip
def strange_words(server: SuiteServer, common_words: int, channel_words: int) -> None:
    """So many words of ones for all channels and for main: bits that mean nothing, and words that are missing."""
    wire = _asked(server)
    words = (_WITHOUT_SASL, *[_ONES] * 31)[:common_words]
    wire.reply(common=Capabilities(words[0] if words else 0, 0), common_caps=words, channel_caps=(_ONES,) * channel_words)
    server.goes_on(wire)


# -- 1.4 link reply


@client_case("SPICE-LINK-023/error-alone", channel="main")
def error_alone(server: SuiteServer) -> None:
    """A link reply of four bytes, NEED_SECURED: the client does not wait for more."""
    wire = _asked(server)
    wire.refuse(LinkErr.NEED_SECURED, short=True)
    server.step("expect the connection to be closed, or another one")
    if not server.run(lambda: bool(wire.stream.ended) or len(server.network.streams) > wire.number):
        raise Failure("the client closes, or connects again with TLS", wire.state())


@client_case("SPICE-LINK-023/error-alone-beside-tls", channel="main", needs=("client-tls",), after=("SPICE-LINK-027/main",))
def error_alone_beside_tls(server: SuiteServer) -> None:
    """A link reply of four bytes, NEED_SECURED: the client connects again with TLS, as it does after a whole one."""
    wire = _asked(server)
    if wire.stream.secure:
        raise NotApplicable("the client connects with TLS at once")
    wire.refuse(LinkErr.NEED_SECURED, short=True)
    wire.close()
    wire = server.secured()
    wire.reply()
    server.goes_on(wire)


@client_case("SPICE-LINK-026/error", 1, channel="main")
@client_case("SPICE-LINK-026/invalid-magic", 2, channel="main")
@client_case("SPICE-LINK-026/invalid-data", 3, channel="main")
@client_case("SPICE-LINK-026/version-mismatch", 4, channel="main")
@client_case("SPICE-LINK-026/need-secured", 5, channel="main")
@client_case("SPICE-LINK-026/need-unsecured", 6, channel="main")
@client_case("SPICE-LINK-026/permission-denied", 7, channel="main")
@client_case("SPICE-LINK-026/bad-connection-id", 8, channel="main")
@client_case("SPICE-LINK-026/channel-not-available", 9, channel="main")
@client_case("SPICE-LINK-026/unknown-error", 99, channel="main")
def error_with_key(server: SuiteServer, error: int) -> None:
    """A link reply with an error, and for all that a key and capabilities: neither mechanism nor ticket follows."""
    wire = _asked(server)
    wire.reply(error=error)
    _nothing_follows(wire, f"the link reply had the error {error_name(error)}")
    wire.close()


@client_case("SPICE-LINK-026/other-channel")
def error_for_another_channel(server: SuiteServer) -> None:
    """A channel behind main is not available: neither mechanism nor ticket follows for it."""
    server.session()
    wire = _next_link(server)
    wire.reply(error=LinkErr.CHANNEL_NOT_AVAILABLE)
    _nothing_follows(wire, f"the link reply had the error {error_name(LinkErr.CHANNEL_NOT_AVAILABLE)}")
    wire.close()


@client_case("SPICE-LINK-027/main", channel="main", needs=("client-tls",))
def need_secured(server: SuiteServer) -> None:
    """NEED_SECURED on the plain port: the client connects to the TLS port, and the session begins there."""
    wire = _asked(server)
    if wire.stream.secure:
        raise NotApplicable("the client connects with TLS at once")
    wire.refuse(LinkErr.NEED_SECURED)
    wire.close()
    wire = server.secured()
    wire.reply()
    server.goes_on(wire)


@client_case("SPICE-LINK-027/one-channel", needs=("client-tls",))
def need_secured_for_one(server: SuiteServer) -> None:
    """Main without TLS, and NEED_SECURED for a channel behind it: that one comes again with TLS."""
    talk = server.session()
    if talk.stream.secure:
        raise NotApplicable("the client connects with TLS at once")
    wanted = None
    for _ in range(8):
        wire = server.another(server.target.start_time + server.network.patience)
        if wire is None:
            break
        asked = wire.link_message()
        if wanted is None:
            wanted = asked.channel
        if asked.channel != wanted:
            server.serve(server.establish(wire))
        elif wire.stream.secure:
            server.serve(server.establish(wire))
            server.alive(talk)
            return
        else:
            wire.refuse(LinkErr.NEED_SECURED)
            wire.close()
    if wanted is None:
        raise NotApplicable("the client links no channel but main")
    raise Failure(f"another connection for channel type {wanted[0]}, with TLS, after NEED_SECURED (5)", "none with TLS")


@client_case("SPICE-LINK-028/main", channel="main", needs=("client-tls",))
def need_unsecured(server: SuiteServer) -> None:
    """NEED_UNSECURED on a TLS connection: no ticket follows in clear."""
    wire = server.over_tls()
    wire.refuse(LinkErr.NEED_UNSECURED)
    wire.close()
    _stays_secured(server)


@client_case("SPICE-LINK-028/other-channel", needs=("client-tls",))
def need_unsecured_for_one(server: SuiteServer) -> None:
    """A session over TLS, and NEED_UNSECURED for a channel behind main: no ticket follows in clear."""
    wire = server.over_tls()
    talk = server.establish(wire)
    talk.send(server.init())
    server.listing(talk, *CHANNELS)
    for _ in range(2 * len(CHANNELS)):
        wire = _next_link(server)
        if wire.stream.secure:
            break
        wire.refuse(LinkErr.NEED_SECURED)
        wire.close()
    else:
        raise NotApplicable("no channel but main comes with TLS")
    wire.refuse(LinkErr.NEED_UNSECURED)
    wire.close()
    _stays_secured(server)


def _stays_secured(server: SuiteServer) -> None:
    """After NEED_UNSECURED, what still comes without TLS gets a key and must not use it."""
    for _ in range(4):
        wire = server.another()
        if wire is None:
            return
        wire.link_message()
        if wire.stream.secure:
            wire.refuse(LinkErr.NEED_UNSECURED)
        else:
            wire.reply()
            _nothing_follows(wire, "NEED_UNSECURED (6) on a TLS connection is no reason to send a ticket without TLS")
        wire.close()


@client_case("SPICE-LINK-030/session-id", 0x0C0FFEE1)
@client_case("SPICE-LINK-030/session-id-2", 2)
@client_case("SPICE-LINK-030/session-id-2147483648", 0x80000000)
@client_case("SPICE-LINK-030/session-id-4294967295", _ONES)
def session_id(server: SuiteServer, number: int) -> None:
    """Every channel but main names the id that INIT brought."""
    server.session_id = number
    links = [wire for wire in _all_links(server) if wire.asked.channel[0] != ChannelType.MAIN]
    if not links:
        raise NotApplicable("the client links no channel but main")
    for wire in links:
        found = wire.asked.message.connection_id
        if found != number:
            raise Failure(f"connection id {number} for channel type {wire.asked.channel[0]}", str(found))


@client_case("SPICE-LINK-032/second-attempt", channel="main", needs=("client-tls",), after=("SPICE-LINK-027/main",))
def connection_id_of_second_attempt(server: SuiteServer) -> None:
    """Main that comes again with TLS names connection id 0 as well."""
    _main_id(server.over_tls())


@client_case("SPICE-LINK-032/new-session", channel="main")
def connection_id_of_second_session(server: SuiteServer) -> None:
    """A session that follows another one begins with connection id 0."""
    talk = server.main()
    server.alive(talk)
    talk.close()
    server.invite_again()
    _main_id(_asked(server))


def _main_id(wire: ServerWire) -> None:
    if wire.asked.channel[0] != ChannelType.MAIN:
        raise Failure("a link message for main", f"channel type {wire.asked.channel[0]}")
    if wire.asked.message.connection_id:
        raise Failure("connection id 0 for main", str(wire.asked.message.connection_id))


@client_case("SPICE-LINK-032/connection-id-of-main", channel="main", also=("SPICE-LINK-030",))
def connection_id_of_main(server: SuiteServer) -> None:
    """The link message of main names connection id 0."""
    _main_id(_asked(server))


@client_case("SPICE-LINK-034/channel-id-of-main", channel="main")
def channel_id_of_main(server: SuiteServer) -> None:
    """The link message of main names channel id 0."""
    wire = _asked(server)
    if wire.asked.message.channel_id:
        raise Failure("channel id 0 for main", str(wire.asked.message.channel_id))

