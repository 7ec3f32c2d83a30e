"""Clients: link message and capabilities (1.3), in what they send and in the link reply that they get."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.link.client_steps import NO_MECHANISM, accepted, all_links, main_and_list, other_links
from conformance.channels import COMMON
from conformance.expectation import at_least, at_most, check_value, such
from conformance.outcome import NotApplicable
from conformance.server_wire import ServerWire
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.capabilities import CommonCapability, InputsCapability
from spiceproto.enums.link import ChannelType
from spiceproto.sizes import LINK_HEADER_SIZE, LINK_REPLY_SIZE

_LEAST: Final = 18
_MOST: Final = 4096
_WORDS: Final = 1024
_WORD: Final = 4
_ONES: Final = (1 << 32) - 1

_NEITHER: Final = (*NO_MECHANISM, "SPICE-FRAME-001/client-full-everywhere")
"""Cases that show by themselves that a client can do without a mechanism, and with full headers."""

_NO_WORDS: Final = ("SPICE-LINK-019/no-words-in-the-reply",)
_WORDS_OF_ONES: Final = ("SPICE-LINK-019/ones-in-the-reply",)

_KNOWN_COMMON: Final = sum([1 << number for number in CommonCapability])
_MINI: Final = 1 << CommonCapability.MINI_HEADER
_WITHOUT_SASL: Final = _ONES & ~(1 << CommonCapability.AUTH_SASL)
"""Everything that a client may have to ignore: SASL is not that."""


# -- the client's link message


def _size(wire: ServerWire) -> int:
    return len(wire.asked.raw) - LINK_HEADER_SIZE


@client_case("SPICE-LINK-011/size-of-the-link-message")
def size_of_client(server: SuiteServer) -> None:
    """Every link message of the client has 18 to 4096 bytes."""
    allowed = such(f"{_LEAST} to {_MOST}", lambda size: _LEAST <= size <= _MOST)
    for wire in all_links(server):
        check_value(f"link message for {wire.asked.name}", "bytes", _size(wire), allowed)


@client_case("SPICE-LINK-014/words-of-the-link-message", requires=("SPICE-LINK-011/size-of-the-link-message",))
def words_of_client(server: SuiteServer) -> None:
    """Counts and offset of every link message of the client."""
    for wire in all_links(server):
        what, message = f"link message for {wire.asked.name}", wire.asked.message
        words = message.num_common_caps + message.num_channel_caps
        check_value(what, "common capability words", message.num_common_caps, at_most(_WORDS))
        check_value(what, "capability words of the channel", message.num_channel_caps, at_most(_WORDS))
        if words:
            begin, room = message.caps_offset, _size(wire) - _WORD * words
            check_value(what, "offset of the capability words", begin, at_least(_LEAST), why="behind the fixed part")
            check_value(what, "offset of the capability words", begin, at_most(room), why=f"for {words} words inside")


@client_case("SPICE-LINK-018/words-of-a-client")
def order_of_words_of_client(server: SuiteServer) -> None:
    """The client's words for all channels say nothing that only means something on one channel."""
    unknown = {wire.asked.name: wire.asked.capabilities.common & ~_KNOWN_COMMON for wire in all_links(server)}
    if len(unknown) < 2:
        raise NotApplicable("the client links no channel but main")
    first, *others = unknown
    for name in others:
        same = f"those of {first} are for all channels"
        check_value(f"link message for {name}", "unknown common capabilities", unknown[name], unknown[first], why=same)


# -- the words of a link reply


@client_case("SPICE-LINK-016/offset-0-without-words", 0, channel="main", requires=_NO_WORDS)
@client_case("SPICE-LINK-016/offset-4294967295-without-words", _ONES, channel="main", requires=_NO_WORDS)
def offset_without_words(server: SuiteServer, offset: int) -> None:
    """A link reply without capability words, and an offset that points nowhere."""
    accepted(server, NONE, offset=offset)


@client_case("SPICE-LINK-017/words-behind-a-gap", 4, channel="main")
@client_case("SPICE-LINK-017/words-at-an-odd-offset", 1, channel="main")
@client_case("SPICE-LINK-017/words-far-behind", 150, channel="main")
def gap_in_reply(server: SuiteServer, size: int) -> None:
    """Zero bytes between the link reply and its capability words: who does not skip them finds no capabilities."""
    accepted(server, gap=bytes(size), offset=LINK_REPLY_SIZE + size)


@client_case("SPICE-LINK-017/bytes-behind-the-words", channel="main")
def padded_reply(server: SuiteServer) -> None:
    """A link reply with all-one bytes behind its capability words."""
    accepted(server, common_caps=(COMMON.common,), channel_caps=(), padding=b"\xff" * 150)


@client_case("SPICE-LINK-018/one-word-of-each-kind", (COMMON.common,), (0,), channel="main")
@client_case("SPICE-LINK-018/two-common-words-and-one-of-the-channel", (COMMON.common, 0), (0,), channel="main")
@client_case(
    "SPICE-LINK-018/bits-of-the-second-word", (_MINI, 0xF), (0,), channel="main", requires=(*NO_MECHANISM, *_WORDS_OF_ONES)
)
@client_case("SPICE-LINK-018/bits-of-the-channel-word", (_MINI,), (0xF,), channel="main", requires=NO_MECHANISM)
def order_of_words(server: SuiteServer, common_words: tuple[int, ...], channel_words: tuple[int, ...]) -> None:
    """Words for all channels, then those of the channel: only bit 0 of the very first says that a mechanism is due."""
    accepted(server, Capabilities(common_words[0], 0), common_caps=common_words, channel_caps=channel_words)


@client_case(
    "SPICE-LINK-018/capability-32-is-none-of-the-channel",
    channel="inputs",
    needs=("act:scancode",),
    requires=(*_WORDS_OF_ONES, "SPICE-FRAME-005/client-without-scancodes-by-bytes"),
)
def no_scancodes(server: SuiteServer) -> None:
    """Two common words, of which the second looks like KEY_SCANCODE, and none of the channel: no KEY_SCANCODE comes."""
    main_and_list(server)
    wire = _inputs(server)
    wire.reply(COMMON, common_caps=(COMMON.common, 1 << InputsCapability.KEY_SCANCODE), channel_caps=(0,))
    wire.login()
    wire.result()
    talk = wire.talk()
    server.greet(talk)
    server.alive(talk)
    server.act("scancode", data="1e9e")
    server.alive(talk)
    talk.expect_count("KEY_SCANCODE", 0, why="bit 0 of the second common word is capability 32 of all channels")


def _inputs(server: SuiteServer) -> ServerWire:
    """The link message of inputs; what the client links before is served. Raises NotApplicable if it links no inputs."""
    for wire in other_links(server, patient=True):
        if wire.asked.channel == (ChannelType.INPUTS, 0):
            return wire
        server.greet(wire.link())
    raise NotApplicable("the client links no inputs channel")


@client_case("SPICE-LINK-019/ones-in-the-reply", 32, 32, channel="main")
@client_case("SPICE-LINK-019/no-words-in-the-reply", 0, 0, channel="main", requires=_NEITHER)
@client_case("SPICE-LINK-019/only-words-of-the-channel", 0, 32, channel="main", requires=(*_NEITHER, *_WORDS_OF_ONES))
def strange_words(server: SuiteServer, common_words: int, channel_words: int) -> None:
    """So many words of ones for all channels and for main: bits that mean nothing, and words that are missing."""
    words = (_WITHOUT_SASL, *[_ONES] * 31)[:common_words]
    announced = Capabilities(words[0] if words else 0, 0)
    accepted(server, announced, common_caps=words, channel_caps=(_ONES,) * channel_words)
