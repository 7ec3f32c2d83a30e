"""What an end can do, as two sets of bits.

On the wire a set is a row of 32-bit words, bit ``n`` in word ``n // 32``; here it is one number, bit ``n`` for
capability ``n``. There are two sets in every link message: one that means the same on all channels, one whose meaning
depends on the channel type. Bits without a name are kept, and words that are not there are 0: whoever adds a capability
must not break those who do not know it.
"""

from __future__ import annotations

from struct import unpack_from

import msgspec

from spiceproto import limits
from spiceproto.enums import capabilities as enums
from spiceproto.enums.base import WireEnum, bit_names
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import ChannelType
from spiceproto.errors import LimitError, RemoteError

__all__ = ["CHANNEL_CAPABILITIES", "NONE", "Capabilities", "bits_of", "mini_header", "read", "words_of"]

CHANNEL_CAPABILITIES: dict[int, type[WireEnum]] = {
    ChannelType.MAIN: enums.MainCapability,
    ChannelType.DISPLAY: enums.DisplayCapability,
    ChannelType.INPUTS: enums.InputsCapability,
    ChannelType.PLAYBACK: enums.PlaybackCapability,
    ChannelType.RECORD: enums.RecordCapability,
    ChannelType.USBREDIR: enums.SpicevmcCapability,
    ChannelType.PORT: enums.SpicevmcCapability,
    ChannelType.WEBDAV: enums.SpicevmcCapability,
}
"""Channel type to the names of its bits; types without capabilities are absent."""


class Capabilities(msgspec.Struct, frozen=True, gc=False):
    """What one end announced for one channel.

    * ``common``: bits that mean the same on every channel
    * ``channel``: bits of the channel's type
    """

    common: int = 0
    channel: int = 0

    def has(self, capability: WireEnum) -> bool:
        """Whether this capability was announced; its class says in which of the two sets to look."""
        bits = self.common if type(capability) is CommonCapability else self.channel
        return bits >> capability.value & 1 == 1

    def with_(self, *capabilities: WireEnum) -> Capabilities:
        """These and ``capabilities``."""
        common, channel = self.common, self.channel
        for capability in capabilities:
            if type(capability) is CommonCapability:
                common |= 1 << capability.value
            else:
                channel |= 1 << capability.value
        return Capabilities(common, channel)

    def without(self, *capabilities: WireEnum) -> Capabilities:
        """These without ``capabilities``."""
        gone = NONE.with_(*capabilities)
        return Capabilities(self.common & ~gone.common, self.channel & ~gone.channel)

    def pack(self) -> tuple[int, int, bytes]:
        """Number of common words, number of channel words, and the words: what a link message carries."""
        common, channel = words_of(self.common), words_of(self.channel)
        return len(common), len(channel), b"".join([word.to_bytes(4, "little") for word in common + channel])

    def names(self, channel_type: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Names of the common and of the channel's bits; a bit without a name is its number."""
        return bit_names(CommonCapability, self.common), bit_names(CHANNEL_CAPABILITIES.get(channel_type), self.channel)


NONE = Capabilities()


def words_of(bits: int) -> tuple[int, ...]:
    """As few 32-bit words as hold ``bits``; none for 0."""
    return tuple([bits >> shift & 0xFFFFFFFF for shift in range(0, bits.bit_length(), 32)])


def bits_of(words: tuple[int, ...]) -> int:
    """The number that ``words`` stand for, first word lowest."""
    return int.from_bytes(b"".join([word.to_bytes(4, "little") for word in words]), "little")


def mini_header(client: Capabilities, server: Capabilities) -> bool:
    """Whether messages have 6-byte headers: if both announced it. (spice-server looks at the client's bit only,
    spice-gtk at the server's only; all of them always announce it.)"""
    return client.has(CommonCapability.MINI_HEADER) and server.has(CommonCapability.MINI_HEADER)


def read(body: bytes, fixed: int, common: int, channel: int, offset: int) -> Capabilities:
    """The sets inside a link message or link reply.

    ``fixed``            size of the structure before the words: the smallest offset they may stand at
    ``common, channel``  how many words of each
    ``offset``           where the words begin, from the first byte of ``body``; means nothing when there are none

    Raises RemoteError if the words are not inside ``body``, LimitError for more than 1024 of one kind.
    """
    for name, count in (("num_common_caps", common), ("num_channel_caps", channel)):
        if count > limits.CAPABILITY_WORDS:
            raise LimitError(
                "too many capability words", path=name, expected=f"at most {limits.CAPABILITY_WORDS}", actual=str(count)
            )
    count = common + channel
    if not count:
        return NONE
    if offset < fixed:
        raise RemoteError(
            "capability words begin inside the fixed part", path="caps_offset", expected=f"at least {fixed}", actual=str(offset)
        )
    if offset + 4 * count > len(body):
        raise RemoteError(
            "capability words end outside the message",
            path="caps_offset",
            expected=f"{count} words inside {len(body)} bytes",
            actual=f"offset {offset}",
        )
    words = unpack_from(f"<{count}L", body, offset)
    return Capabilities(bits_of(words[:common]), bits_of(words[common:]))
