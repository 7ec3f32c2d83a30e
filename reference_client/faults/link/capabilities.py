"""Faults with capabilities (spec/01-link.md, 1.3)."""

from __future__ import annotations

from typing import Any

from reference_client.faults.fault import fault
from reference_client.faults.link.asked import OtherLinkMessage
from spiceproto import capabilities as caps
from spiceproto.capabilities import Capabilities
from spiceproto.enums.link import LinkErr
from spiceproto.errors import RemoteError
from spiceproto.link.client import ClientLink
from spiceproto.link.structures import parse_error, parse_reply
from spiceproto.sizes import LINK_REPLY_SIZE


@fault("capabilities-outside", "SPICE-LINK-014", "SPICE-LINK-037", "SPICE-FRAME-001", "SPICE-FRAME-007", "SPICE-MIG-019")
class CapabilitiesOutside(OtherLinkMessage):
    """Says that its capability words begin where its link message has ended."""

    def change(self, data: bytearray) -> bytes:
        data[30:34] = len(data).to_bytes(4, "little")
        return bytes(data)


class Particular(ClientLink):
    """Looks at a link reply with :meth:`look` first."""

    def look(self, data: bytes, reply: Any) -> None:
        """Raise RemoteError for what is wrongly refused."""

    def on_reply(self, data: bytes) -> None:
        if len(data) >= LINK_REPLY_SIZE and parse_error(data[:4]).error == LinkErr.OK:
            self.look(data, parse_reply(data))
        super().on_reply(data)


@fault("looks-at-offset-without-words", "SPICE-LINK-016")
class LooksAtOffsetWithoutWords(Particular):
    """Refuses a bad offset of capability words although there are none."""

    def look(self, data: bytes, reply: Any) -> None:
        if not LINK_REPLY_SIZE <= reply.caps_offset <= len(data):
            raise RemoteError("a bad offset")


@fault("capabilities-must-be-tight", "SPICE-LINK-017")
class CapabilitiesMustBeTight(Particular):
    """Refuses a link reply with bytes before or behind its capability words."""

    def look(self, data: bytes, reply: Any) -> None:
        words = reply.num_common_caps + reply.num_channel_caps
        if words and (reply.caps_offset != LINK_REPLY_SIZE or len(data) != LINK_REPLY_SIZE + 4 * words):
            raise RemoteError("bytes around the capability words")


@fault("assumes-one-common-word", "SPICE-LINK-018", "SPICE-FRAME-005")
class AssumesOneCommonWord(Particular):
    """Takes the second capability word for the first one of the channel, however many common ones there are."""

    _channel_bits: int | None = None

    def choose(self) -> None:
        super().choose()
        if self._channel_bits is not None:
            self.server = Capabilities(self.server.common, self._channel_bits)

    def look(self, data: bytes, reply: Any) -> None:
        self._channel_bits = None
        if reply.num_common_caps > 1 and reply.num_channel_caps:
            at = reply.caps_offset + 4
            self._channel_bits = int.from_bytes(data[at : at + 4 * reply.num_channel_caps], "little")


@fault("unknown-capability-fatal", "SPICE-LINK-019")
class UnknownCapabilityFatal(Particular):
    """Refuses a server with a capability that it does not know."""

    def look(self, data: bytes, reply: Any) -> None:
        found = caps.read(data, LINK_REPLY_SIZE, reply.num_common_caps, reply.num_channel_caps, reply.caps_offset)
        if found.common >> 4 or found.channel >> 16:
            raise RemoteError("an unknown capability")


@fault("demands-capability-words", "SPICE-LINK-019")
class DemandsCapabilityWords(Particular):
    """Refuses a server that announces nothing."""

    def look(self, data: bytes, reply: Any) -> None:
        if not reply.num_common_caps:
            raise RemoteError("no capability words")
