"""Servers: link message and capabilities (1.3).

Most cases are a link message that is odd in one place, and the answer to it. Where the same is among the recordings of QEMU,
the case has the tag ``probe:NAME`` of it.
"""

from __future__ import annotations

from typing import Final, Unpack

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.link.server_steps import ALL_ONES, LARGEST, POOR, first_channels, refused, served, served_poor
from conformance.channels import COMMON
from conformance.expectation import check_value
from conformance.wire_form import Freedom
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.capabilities import CommonCapability, MainCapability
from spiceproto.enums.link import LinkErr
from spiceproto.sizes import LINK_MESSAGE_SIZE

_NAMED: Final = COMMON.with_(MainCapability.NAME_AND_UUID)
_NEITHER: Final = COMMON.without(CommonCapability.AUTH_SPICE)
_MINI: Final = 1 << CommonCapability.MINI_HEADER
_SELECTION: Final = 1 << CommonCapability.PROTOCOL_AUTH_SELECTION
_BOTH_WORDS: Final = 8
"""Bytes of a common word and one of the channel."""

_WORD_OF_ONES: Final = ("SPICE-LINK-019/a-word-of-ones",)


# -- where the words lie


@server_case("SPICE-LINK-014/every-channel", channel="inputs")
def own_words(client: SuiteClient) -> None:
    """The capability words of the server, in the link reply of every first channel that is listed."""
    _, others = first_channels(client)
    for ask in others:
        wire = client.ask(ask)
        wire.announced()
        wire.close()


@server_case("SPICE-LINK-015/offset-0", 0, channel="main", tags=("probe:caps-offset-0",))
@server_case("SPICE-LINK-015/offset-17", LINK_MESSAGE_SIZE - 1, channel="main")
@server_case("SPICE-LINK-015/offset-4294967295", ALL_ONES, channel="main")
@server_case("SPICE-LINK-015/offset-4294967280", ALL_ONES - 15, channel="main", tags=("probe:caps-offset-huge",))
@server_case("SPICE-LINK-015/offset-behind-the-end", LINK_MESSAGE_SIZE + 8, channel="main")
@server_case("SPICE-LINK-015/last-word-past-the-end", LINK_MESSAGE_SIZE + 4, channel="main")
@server_case("SPICE-LINK-015/last-byte-past-the-end", LINK_MESSAGE_SIZE + 1, channel="main")
def words_elsewhere(client: SuiteClient, offset: int) -> None:
    """Two capability words are said to lie where they do not, or not as a whole."""
    wire = client.ask(channel_caps=(0,), offset=offset)
    refused(client, wire, LinkErr.INVALID_DATA, LinkErr.VERSION_MISMATCH)


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
    wire = client.ask(channel_caps=(0,), counts=(common, channel))
    refused(client, wire, LinkErr.INVALID_DATA, LinkErr.VERSION_MISMATCH)


@server_case("SPICE-LINK-016/offset-0", 0, channel="main", requires=POOR)
@server_case("SPICE-LINK-016/offset-4294967295", ALL_ONES, channel="main", requires=POOR)
def offset_of_nothing(client: SuiteClient, offset: int) -> None:
    """No capability words, and an offset without sense."""
    served_poor(client, NONE, offset=offset)


@server_case("SPICE-LINK-017/offset-19", 1, channel="main")
@server_case("SPICE-LINK-017/offset-118", 100, channel="main")
def gap(client: SuiteClient, size: int) -> None:
    """Zero bytes before the capability words: whoever reads the words there finds none."""
    served(client, offset=LINK_MESSAGE_SIZE + size, gap=bytes(size))


@server_case("SPICE-LINK-017/one-byte-behind", 1, channel="main")
@server_case(
    "SPICE-LINK-017/padded-to-4096",
    LARGEST - LINK_MESSAGE_SIZE - _BOTH_WORDS,
    channel="main",
    requires=("SPICE-LINK-012/size-4096",),
)
def padded(client: SuiteClient, size: int) -> None:
    """Bytes of ones behind the capability words."""
    served(client, channel_caps=(0,), padding=b"\xff" * size)


# -- what the words say


@server_case("SPICE-LINK-018/one-word-of-each", (COMMON.common,), (_NAMED.channel,), True, channel="main")
@server_case("SPICE-LINK-018/two-common-words", (COMMON.common, 0), (_NAMED.channel,), True, channel="main")
@server_case(
    "SPICE-LINK-018/two-common-words-and-none",
    (COMMON.common, ALL_ONES),
    (),
    False,
    channel="main",
    requires=(*_WORD_OF_ONES, "SPICE-LINK-019/no-channel-words"),
)
@server_case("SPICE-LINK-018/two-channel-words", (COMMON.common,), (0, ALL_ONES), False, channel="main", requires=_WORD_OF_ONES)
def order_of_words(client: SuiteClient, common: tuple[int, ...], channel: tuple[int, ...], named: bool) -> None:
    """Common words come before those of the channel: the header is as announced, and NAME or UUID come if they may."""
    client.relies_on("SPICE-MAIN-008/not-announced")
    names = _names(client, _NAMED)
    client.note("the server has a name or UUID to tell" if names else "the server has neither a name nor a UUID to tell")
    found = _names(client, _NAMED if named else COMMON, common_caps=common, channel_caps=channel)
    why = f"{len(common)} common words, {len(channel)} of main, {'with' if named else 'without'} NAME_AND_UUID"
    check_value("", "NAME or UUID comes", found, names and named, why=why)


def _names(client: SuiteClient, capabilities: Capabilities, **words: Unpack[Freedom]) -> bool:
    """Whether the server tells its name, or its UUID, at the beginning of a session."""
    talk = served(client, capabilities, **words)
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
    served(client, common_caps=(first, *more), channel_caps=(0, *more))


@server_case("SPICE-LINK-019/as-many-words-as-fit", channel="main", requires=("SPICE-LINK-012/size-4096",))
def full_of_words(client: SuiteClient) -> None:
    """A link message of 4096 bytes that is full of capability words, most of them of zeros."""
    words, rest = divmod(LARGEST - LINK_MESSAGE_SIZE, 4)
    served(client, channel_caps=(0,) * (words - 1), padding=bytes(rest))


@server_case("SPICE-LINK-019/no-channel-words", channel="main")
def no_channel_words(client: SuiteClient) -> None:
    """A common word and none of the channel: no channel capability."""
    served(client, COMMON, channel_caps=())


@server_case("SPICE-LINK-019/no-words", channel="main", requires=POOR)
def no_words(client: SuiteClient) -> None:
    """No capability words at all are capabilities of 0: full headers, and no mechanism."""
    served_poor(client, NONE)


@server_case("SPICE-LINK-020/neither-login", _NEITHER.common, channel="main")
@server_case("SPICE-LINK-020/sasl-and-no-ticket", _NEITHER.with_(CommonCapability.AUTH_SASL).common, channel="main")
def login_not_announced(client: SuiteClient, common: int) -> None:
    """A client that does not announce AUTH_SPICE logs in with a ticket."""
    served(client, client.usual(common=Capabilities(common)))


@server_case("SPICE-LINK-021/no-words", 0, channel="main", tags=("probe:no-caps-at-all",), requires=POOR)
@server_case(
    "SPICE-LINK-021/only-mini-header", _MINI, channel="main", requires=POOR, tags=("probe:good-main-no-auth-selection",)
)
@server_case(
    "SPICE-LINK-021/only-auth-selection", _SELECTION, channel="main", requires=POOR, tags=("probe:good-main-full-header",)
)
def poor_client(client: SuiteClient, common: int) -> None:
    """A client that announces next to nothing: no mechanism and full headers, as far as it announced neither."""
    served_poor(client, Capabilities(common, 0))
