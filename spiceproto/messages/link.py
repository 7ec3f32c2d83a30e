"""Values of link. Made from spiceproto/schema/link.py by ``python -m spiceproto.derive``; do not edit."""

from __future__ import annotations

import msgspec

from spiceproto.enums.link import AuthMechanism, ChannelType, LinkErr


class LinkHeader(msgspec.Struct, frozen=True, gc=False):
    """Stands before the link message and before the link reply.

    * ``magic`` uint32: The letters REDQ
    * ``major_version`` uint32: 2
    * ``minor_version`` uint32: 2; not looked at
    * ``size`` uint32: Bytes that follow (byte)
    """

    magic: int
    major_version: int
    minor_version: int
    size: int


class LinkMess(msgspec.Struct, frozen=True, gc=False):
    """The client says which channel it wants and what it can do.

    * ``connection_id`` uint32: 0 for a new session's main channel, otherwise the id that main INIT brought
    * ``channel_type`` uint8: What to connect
    * ``channel_id`` uint8: Which of several
    * ``num_common_caps`` uint32: Capability words for all channels
    * ``num_channel_caps`` uint32: Capability words for this channel type
    * ``caps_offset`` uint32: Where the words begin, from the first byte of this structure (byte)
    * ``caps`` bytes: Common words, then channel words, usually at once
    """

    connection_id: int
    channel_type: ChannelType | int
    channel_id: int
    num_common_caps: int
    num_channel_caps: int
    caps_offset: int
    caps: bytes


class LinkReply(msgspec.Struct, frozen=True, gc=False):
    """The server's answer.

    * ``error`` uint32: OK, or why not
    * ``pub_key`` 162 bytes: RSA-1024 key for the ticket, DER SubjectPublicKeyInfo; zero with SASL
    * ``num_common_caps`` uint32: Capability words for all channels
    * ``num_channel_caps`` uint32: Capability words for this channel type
    * ``caps_offset`` uint32: Where the words begin, from the first byte of this structure (byte)
    * ``caps`` bytes: Common words, then channel words, usually at once
    """

    error: LinkErr | int
    pub_key: bytes
    num_common_caps: int
    num_channel_caps: int
    caps_offset: int
    caps: bytes


class LinkError(msgspec.Struct, frozen=True, gc=False):
    """A refusal; servers send the whole LinkReply, NEED_SECURED answers of some carry only this.

    * ``error`` uint32: Why not
    """

    error: LinkErr | int


class LinkAuthMechanism(msgspec.Struct, frozen=True, gc=False):
    """Sent if both sides announced AUTH_SELECTION.

    * ``auth_mechanism`` uint32: How the client logs in
    """

    auth_mechanism: AuthMechanism | int


class LinkEncryptedTicket(msgspec.Struct, frozen=True, gc=False):
    """The ticket.

    * ``encrypted_data`` 128 bytes: RSA-OAEP (SHA-1) of the password and a zero byte
    """

    encrypted_data: bytes


class LinkResult(msgspec.Struct, frozen=True, gc=False):
    """Ends the link stage.

    * ``error`` uint32: OK, or why not
    """

    error: LinkErr | int


class SaslMechanismList(msgspec.Struct, frozen=True, gc=False):
    """The server's SASL mechanisms.

    * ``mechanisms`` bytes: Names with commas between them
    """

    mechanisms: bytes

    @property
    def length(self) -> int:
        """Length of ``mechanisms``."""
        return len(self.mechanisms)


class SaslStart(msgspec.Struct, frozen=True, gc=False):
    """The client chooses and begins.

    * ``mechanism`` bytes: The chosen mechanism
    * ``data`` bytes: The first response
    """

    mechanism: bytes
    data: bytes

    @property
    def mechanism_length(self) -> int:
        """Length of ``mechanism``."""
        return len(self.mechanism)

    @property
    def length(self) -> int:
        """Length of ``data``."""
        return len(self.data)


class SaslChallenge(msgspec.Struct, frozen=True, gc=False):
    """A step of the server.

    * ``data`` bytes: The challenge
    * ``complete`` uint8: 1 when the server is content
    """

    data: bytes
    complete: int

    @property
    def length(self) -> int:
        """Length of ``data``."""
        return len(self.data)


class SaslResponse(msgspec.Struct, frozen=True, gc=False):
    """A step of the client.

    * ``data`` bytes: The response
    """

    data: bytes

    @property
    def length(self) -> int:
        """Length of ``data``."""
        return len(self.data)


class DataHeader(msgspec.Struct, frozen=True, gc=False):
    """Stands before every message unless both sides announced MINI_HEADER.

    * ``serial`` uint64: Number of the message, from 1, per direction
    * ``type`` uint16: Which message
    * ``size`` uint32: Bytes that follow (byte)
    * ``sub_list`` uint32: Where a sub-message list begins, from the first byte of the body; 0 for none (byte)
    """

    serial: int
    type: int
    size: int
    sub_list: int


class MiniDataHeader(msgspec.Struct, frozen=True, gc=False):
    """Stands before every message if both sides announced MINI_HEADER.

    * ``type`` uint16: Which message
    * ``size`` uint32: Bytes that follow (byte)
    """

    type: int
    size: int


class SubMessageList(msgspec.Struct, frozen=True, gc=False):
    """Messages inside the body of another; they are handled before it.

    * ``sub_messages`` uint32s: Where each begins, from the first byte of the body
    """

    sub_messages: tuple[int, ...]

    @property
    def size(self) -> int:
        """Length of ``sub_messages``."""
        return len(self.sub_messages)


class SubMessage(msgspec.Struct, frozen=True, gc=False):
    """Stands before every sub-message.

    * ``type`` uint16: Which message
    * ``size`` uint32: Bytes that follow (byte)
    """

    type: int
    size: int
