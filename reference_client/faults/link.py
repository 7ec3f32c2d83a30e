"""Faults in link header, link message and link reply (spec/01-link.md, 1.1 to 1.4)."""

from __future__ import annotations

from typing import Any

from reference_client.client import Client
from reference_client.display import Display, init_message
from reference_client.faults.fault import fault, with_parts
from reference_client.member import Member
from spiceproto import capabilities as caps
from spiceproto.capabilities import Capabilities
from spiceproto.channel import Channel
from spiceproto.enums.link import AuthMechanism, ChannelType, LinkErr
from spiceproto.errors import RemoteError
from spiceproto.link.client import ClientLink
from spiceproto.link.events import Established
from spiceproto.link.exchange import HEADER_SIZE, REPLY_SIZE
from spiceproto.link.structures import build_mechanism, parse_error, parse_header, parse_reply
from spiceproto.messages import main
from spiceproto.messages.link import LinkAuthMechanism
from spiceproto.ticket import CIPHERTEXT_SIZE

__all__ = ["FAULTS"]

_TICKET = LinkAuthMechanism(AuthMechanism.SPICE)


class OtherLinkMessage(Client):
    """Sends a link message that :meth:`change` makes of the right one."""

    def change(self, data: bytearray) -> bytes:
        return bytes(data)

    def make_link(self, member: Member) -> ClientLink:
        link = super().make_link(member)
        link._out[:] = [self.change(bytearray(link._out[0]))]
        return link


def _resized(data: bytearray, size: int) -> bytes:
    """The link message with so many bytes, and a header that says so."""
    body = bytes(data[HEADER_SIZE:]).ljust(size, b"\0")[:size]
    return bytes(data[:12]) + size.to_bytes(4, "little") + body


# -- order


class _TicketFirst(ClientLink):
    def _ticket(self) -> None:
        out = len(self._out)
        super()._ticket()
        # The mechanism stands before the ticket, and is sent behind it.
        if out:
            self._out[out - 1], self._out[out] = self._out[out], self._out[out - 1]


class TicketBeforeMechanism(Client):
    """Sends the ticket before the mechanism."""

    link_class = _TicketFirst


class _SaidBefore(Display):
    def start(self) -> None:
        assert self.member.channel is not None
        if not self.member.channel.sent_serial:
            super().start()


class MessageBeforeResult(Client):
    """Sends INIT of a display channel together with the ticket, before the server has accepted it."""

    parts = with_parts(display=_SaidBefore)
    early: frozenset[Member] = frozenset()

    def _receive_link(self, member: Member, data: bytes) -> None:
        super()._receive_link(member, data)
        link = member.link
        if member.type != ChannelType.DISPLAY or member.state != "linking" or link is None or link._stage != "result":
            return
        if member not in self.early:
            self.early |= {member}
            mini = caps.mini_header(link._capabilities, link._server)
            self._put(member, Channel("client", "display", mini).send(init_message(self.options)))

    def make_channel(self, member: Member, link: Established) -> Channel:
        channel = super().make_channel(member, link)
        channel._writer.serial = int(member in self.early)
        return channel


class _WholeParts(ClientLink):
    def receive(self, data: bytes) -> list[Any]:
        if len(self._inbox) + len(data) < self._want:
            raise RemoteError("a part of the link stage comes in pieces")
        return super().receive(data)


class LinkInPiecesFails(Client):
    """Takes every read in the link stage for a whole part, and gives up if it is not."""

    link_class = _WholeParts


class DropsBytesBehindResult(Client):
    """Forgets messages that came in one read with the link result."""

    def _established(self, member: Member, link: Established) -> None:
        super()._established(member, _without_rest(link))


def _without_rest(link: Established) -> Established:
    return Established(
        link.message, link.client, link.server, link.mini_header, link.mechanism, link.client_offset, link.server_offset
    )


# -- header


class WrongMagic(OtherLinkMessage):
    """Begins its link header with other letters."""

    def change(self, data: bytearray) -> bytes:
        data[:4] = b"REDX"
        return bytes(data)


class WrongMajorVersion(OtherLinkMessage):
    """Says major version 1."""

    def change(self, data: bytearray) -> bytes:
        data[4] = 1
        return bytes(data)


class _Minor(ClientLink):
    def _header(self, data: bytes) -> None:
        if parse_header(data).minor_version != 2:
            raise RemoteError("another minor version")
        super()._header(data)


class LooksAtMinorVersion(Client):
    """Refuses a server whose minor version is not 2."""

    link_class = _Minor


class LinkMessageTooLong(OtherLinkMessage):
    """Pads its link message to 5000 bytes."""

    def change(self, data: bytearray) -> bytes:
        return _resized(data, 5000)


class LinkMessageTooShort(OtherLinkMessage):
    """Sends a link message of 17 bytes."""

    def change(self, data: bytearray) -> bytes:
        return _resized(data, 17)


class _ShortReplies(ClientLink):
    def _header(self, data: bytes) -> None:
        if parse_header(data).size > 512:
            raise RemoteError("a long link reply")
        super()._header(data)


class RefusesLongReply(Client):
    """Refuses a link reply of more than 512 bytes."""

    link_class = _ShortReplies


class _AnyReply(ClientLink):
    def _header(self, data: bytes) -> None:
        self._expect("reply", parse_header(data).size, self._reply)


class WaitsForAnyReplySize(Client):
    """Waits for a link reply however long it is said to be."""

    link_class = _AnyReply


# -- capabilities


class CapabilitiesOutside(OtherLinkMessage):
    """Says that its capability words begin where its link message has ended."""

    def change(self, data: bytearray) -> bytes:
        data[30:34] = len(data).to_bytes(4, "little")
        return bytes(data)


class _Caps(ClientLink):
    """Reads the link reply with :meth:`look` first."""

    def look(self, data: bytes, reply: Any) -> None:
        """Raise RemoteError for what is wrongly refused."""

    def _reply(self, data: bytes) -> None:
        if len(data) >= REPLY_SIZE and parse_error(data[:4]).error == LinkErr.OK:
            self.look(data, parse_reply(data))
        super()._reply(data)


class _AnyOffset(_Caps):
    def look(self, data: bytes, reply: Any) -> None:
        if not REPLY_SIZE <= reply.caps_offset <= len(data):
            raise RemoteError("a bad offset")


class LooksAtOffsetWithoutWords(Client):
    """Refuses a bad offset of capability words although there are none."""

    link_class = _AnyOffset


class _Tight(_Caps):
    def look(self, data: bytes, reply: Any) -> None:
        words = reply.num_common_caps + reply.num_channel_caps
        if words and (reply.caps_offset != REPLY_SIZE or len(data) != REPLY_SIZE + 4 * words):
            raise RemoteError("bytes around the capability words")


class CapabilitiesMustBeTight(Client):
    """Refuses a link reply with bytes before or behind its capability words."""

    link_class = _Tight


class _OneCommonWord(_Caps):
    def _choose(self) -> None:
        super()._choose()
        if self._channel_bits is not None:
            self._server = Capabilities(self._server.common, self._channel_bits)

    def look(self, data: bytes, reply: Any) -> None:
        self._channel_bits = None
        if reply.num_common_caps > 1 and reply.num_channel_caps:
            at = reply.caps_offset + 4
            self._channel_bits = int.from_bytes(data[at : at + 4 * reply.num_channel_caps], "little")

    _channel_bits: int | None = None


class AssumesOneCommonWord(Client):
    """Takes the second capability word for the first one of the channel, however many common ones there are."""

    link_class = _OneCommonWord


class _KnownBits(_Caps):
    def look(self, data: bytes, reply: Any) -> None:
        found = caps.read(data, REPLY_SIZE, reply.num_common_caps, reply.num_channel_caps, reply.caps_offset)
        if found.common >> 4 or found.channel >> 16:
            raise RemoteError("an unknown capability")


class UnknownCapabilityFatal(Client):
    """Refuses a server with a capability that it does not know."""

    link_class = _KnownBits


class _SomeWords(_Caps):
    def look(self, data: bytes, reply: Any) -> None:
        if not reply.num_common_caps:
            raise RemoteError("no capability words")


class DemandsCapabilityWords(Client):
    """Refuses a server that announces nothing."""

    link_class = _SomeWords


# -- refusals, channels


class _WholeRefusals(ClientLink):
    def _reply(self, data: bytes) -> None:
        if len(data) < REPLY_SIZE:
            raise RemoteError("the link reply is too short")
        super()._reply(data)


class DemandsWholeRefusal(Client):
    """Does not understand a refusal of which only the error is there."""

    link_class = _WholeRefusals


class _Insists(ClientLink):
    def _reply(self, data: bytes) -> None:
        if parse_error(data[:4]).error != LinkErr.OK:
            self._send(build_mechanism(_TICKET) + bytes(CIPHERTEXT_SIZE))
        super()._reply(data)


class TicketAfterError(Client):
    """Sends mechanism and ticket although the link reply was an error."""

    link_class = _Insists


class GivesUpTls(Client):
    """Connects again without TLS when a server says NEED_UNSECURED."""

    def refused(self, member: Member, error: LinkErr | int | None, stage: str, text: str) -> None:
        if error == LinkErr.NEED_UNSECURED and member.connection.secure:
            self._open(member.type, member.id, False)
            return
        super().refused(member, error, stage, text)


class WrongConnectionId(Client):
    """Names another session than its own for the channels behind main."""

    def connection_id(self, member: Member) -> int:
        found = super().connection_id(member)
        return found ^ 1 if member.type != ChannelType.MAIN else found


class MainNamesASession(Client):
    """Names a session for the main channel, as if it came from a migration."""

    def connection_id(self, member: Member) -> int:
        return 0x5EED if member.type == ChannelType.MAIN else super().connection_id(member)


class MainIdFive(OtherLinkMessage):
    """Names channel id 5 for the main channel."""

    def change(self, data: bytearray) -> bytes:
        if data[20] == ChannelType.MAIN:
            data[21] = 5
        return bytes(data)


# -- mechanism


class _Unasked(ClientLink):
    def _ticket(self) -> None:
        if not self._out:
            self._send(build_mechanism(_TICKET))
        super()._ticket()


class MechanismUnasked(Client):
    """Sends a mechanism to a server that does not expect one."""

    link_class = _Unasked


class _NoMechanism(ClientLink):
    def _ticket(self) -> None:
        self._out.clear()
        super()._ticket()


class MechanismLeftOut(Client):
    """Sends no mechanism although both ends announced the selection."""

    link_class = _NoMechanism


class _Sasl(ClientLink):
    def _ticket(self) -> None:
        if self._out:
            self._out[:] = [build_mechanism(LinkAuthMechanism(AuthMechanism.SASL))]
        super()._ticket()


class MechanismNotAnnounced(Client):
    """Says SASL to a server that has not announced it, and sends a ticket."""

    link_class = _Sasl


class SeamlessWithoutWaiting(MainNamesASession):
    """Behaves as at the destination of a migration, and does not wait for the answer to MIGRATE_DST_DO_SEAMLESS."""

    def _established(self, member: Member, link: Established) -> None:
        super()._established(member, link)
        if member.type == ChannelType.MAIN:
            self.send(member, main.MigrateDstDoSeamless(1))
            self.send(member, main.MigrateEnd())


FAULTS = (
    fault("ticket-before-mechanism", "LINK-001 LINK-037 LINK-039 FRAME-001", TicketBeforeMechanism),
    fault("message-before-result", "LINK-003 LINK-037", MessageBeforeResult),
    fault("link-in-pieces-fails", "LINK-004", LinkInPiecesFails),
    fault("drops-bytes-behind-result", "LINK-004", DropsBytesBehindResult),
    fault("wrong-magic", "LINK-005", WrongMagic),
    fault("wrong-major-version", "LINK-005", WrongMajorVersion),
    fault("looks-at-minor-version", "LINK-009", LooksAtMinorVersion),
    fault("link-message-too-long", "LINK-011", LinkMessageTooLong),
    fault("link-message-too-short", "LINK-011", LinkMessageTooShort),
    fault("refuses-long-reply", "LINK-013", RefusesLongReply),
    fault("waits-for-any-reply-size", "LINK-013", WaitsForAnyReplySize),
    fault("capabilities-outside", "LINK-014 LINK-037 FRAME-001 FRAME-007", CapabilitiesOutside),
    fault("looks-at-offset-without-words", "LINK-016", LooksAtOffsetWithoutWords),
    fault("capabilities-must-be-tight", "LINK-017", CapabilitiesMustBeTight),
    fault("assumes-one-common-word", "LINK-018 FRAME-005", AssumesOneCommonWord),
    fault("unknown-capability-fatal", "LINK-019", UnknownCapabilityFatal),
    fault("demands-capability-words", "LINK-019", DemandsCapabilityWords),
    fault("demands-whole-refusal", "LINK-023 LINK-027", DemandsWholeRefusal),
    fault("ticket-after-error", "LINK-026", TicketAfterError),
    fault("gives-up-tls", "LINK-028", GivesUpTls),
    fault("wrong-connection-id", "LINK-030", WrongConnectionId),
    fault("main-names-a-session", "LINK-032", MainNamesASession),
    fault("main-id-five", "LINK-034", MainIdFive),
    fault("mechanism-unasked", "LINK-037", MechanismUnasked),
    fault("mechanism-left-out", "LINK-037 LINK-001 LINK-039 FRAME-001", MechanismLeftOut),
    fault("mechanism-not-announced", "LINK-039", MechanismNotAnnounced),
    fault("seamless-without-waiting", "MAIN-025 LINK-032 FRAME-005", SeamlessWithoutWaiting),
)
