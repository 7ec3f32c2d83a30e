"""Faults in reading and writing capability words (spec/01-link.md, SPICE-LINK-014 to 020)."""

from __future__ import annotations

from typing import Final

from reference_server.faults.fault import fault
from reference_server.faults.link.words import u32
from reference_server.policy import Policy
from spiceproto import capabilities as caps
from spiceproto.capabilities import Capabilities
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.errors import RemoteError
from spiceproto.link.server import ServerLink
from spiceproto.link.structures import parse_message
from spiceproto.messages.link import LinkMess
from spiceproto.sizes import (
    LINK_HEADER_SIZE,
    LINK_MESSAGE_SIZE,
    LINK_REPLY_SIZE,
)

_MAGIC: Final = b"REDQ"

_WORDS_OFFSET: Final = LINK_HEADER_SIZE + LINK_REPLY_SIZE - 4
"""Where a link reply says where its capability words begin."""


@fault("capability-words-outside", "SPICE-LINK-014")
class CapabilityWordsOutside(ServerLink):
    """Says in the link reply of a cursor channel that its capability words begin behind its end."""

    def send(self, data: bytes) -> None:
        cursor = self.message is not None and self.message.channel_type == ChannelType.CURSOR
        if cursor and len(data) > _WORDS_OFFSET + 4 and data.startswith(_MAGIC):
            data = data[:_WORDS_OFFSET] + u32(len(data)) + data[_WORDS_OFFSET + 4 :]
        super().send(data)


@fault("any-capability-words", "SPICE-LINK-015")
class AnyCapabilityWords(ServerLink):
    """Takes capability words that lie outside of the link message for none."""

    def on_link_message(self, data: bytes) -> None:
        message = parse_message(data)
        try:
            caps.read(data, LINK_MESSAGE_SIZE, message.num_common_caps, message.num_channel_caps, message.caps_offset)
        except RemoteError:
            data = data[:6] + bytes(12)
        super().on_link_message(data)


class _Picky(ServerLink):
    """Refuses what does not please it."""

    def wrong(self, message: LinkMess, size: int) -> bool:
        raise NotImplementedError

    def on_link_message(self, data: bytes) -> None:
        if self.wrong(parse_message(data), len(data)):
            self.answer_error(LinkErr.INVALID_DATA, "not as it likes it")
        else:
            super().on_link_message(data)


def _words(message: LinkMess) -> int:
    return message.num_common_caps + message.num_channel_caps


@fault("looks-at-the-offset-of-no-words", "SPICE-LINK-016")
class LooksAtTheOffsetOfNoWords(_Picky):
    """Refuses an offset other than 18 even where there are no capability words."""

    def wrong(self, message: LinkMess, size: int) -> bool:
        return not _words(message) and message.caps_offset != LINK_MESSAGE_SIZE


@fault("wants-capability-words-at-18", "SPICE-LINK-017")
class WantsCapabilityWordsAt18(_Picky):
    """Refuses capability words that do not follow the fixed part at once."""

    def wrong(self, message: LinkMess, size: int) -> bool:
        return bool(_words(message)) and message.caps_offset > LINK_MESSAGE_SIZE


@fault("wants-nothing-behind-the-words", "SPICE-LINK-017")
class WantsNothingBehindTheWords(_Picky):
    """Refuses bytes behind the capability words."""

    def wrong(self, message: LinkMess, size: int) -> bool:
        return bool(_words(message)) and size > message.caps_offset + 4 * _words(message)


@fault("takes-one-common-word", "SPICE-LINK-018", "SPICE-MAIN-008")
class TakesOneCommonWord(ServerLink):
    """Takes the second word for the channel's, however many there are for all channels."""

    def on_link_message(self, data: bytes) -> None:
        message = parse_message(data)
        if message.num_common_caps > 1:
            others = min(_words(message) - 1, 0xFFFFFFFF)
            data = data[:6] + u32(1) + u32(others) + data[14:]
        super().on_link_message(data)


@fault("refuses-unknown-capabilities", "SPICE-LINK-019")
class RefusesUnknownCapabilities(Policy):
    """Refuses a client that announces a capability without a name."""

    def admit(self, message: LinkMess, capabilities: Capabilities, secure: bool) -> LinkErr:
        known = caps.NONE.with_(*CommonCapability).common
        return LinkErr.INVALID_DATA if capabilities.common & ~known else super().admit(message, capabilities, secure)


@fault("wants-a-word-for-main", "SPICE-LINK-019")
class WantsAWordForMain(_Picky):
    """Refuses a main channel without a capability word of its own."""

    def wrong(self, message: LinkMess, size: int) -> bool:
        return message.channel_type == ChannelType.MAIN and not message.num_channel_caps


@fault("wants-the-ticket-announced", "SPICE-LINK-020")
class WantsTheTicketAnnounced(Policy):
    """Refuses a client that did not announce AUTH_SPICE."""

    def admit(self, message: LinkMess, capabilities: Capabilities, secure: bool) -> LinkErr:
        if not capabilities.has(CommonCapability.AUTH_SPICE):
            return LinkErr.PERMISSION_DENIED
        return super().admit(message, capabilities, secure)
