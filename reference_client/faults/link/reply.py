"""Faults with refusals, and in what a link message names (spec/01-link.md, 1.4)."""

from __future__ import annotations

from reference_client.client import Client
from reference_client.faults.fault import fault
from reference_client.faults.link.asked import OtherLinkMessage
from reference_client.line import Line
from spiceproto.enums.link import AuthMechanism, ChannelType, LinkErr
from spiceproto.errors import RemoteError
from spiceproto.link.client import ClientLink
from spiceproto.link.structures import parse_error
from spiceproto.link.structures_built import build_mechanism
from spiceproto.messages.link import LinkAuthMechanism
from spiceproto.sizes import LINK_REPLY_SIZE, TICKET_SIZE


@fault("demands-whole-refusal", "SPICE-LINK-023", "SPICE-LINK-027")
class DemandsWholeRefusal(ClientLink):
    """Does not understand a refusal of which only the error is there."""

    def on_reply(self, data: bytes) -> None:
        if len(data) < LINK_REPLY_SIZE:
            raise RemoteError("the link reply is too short")
        super().on_reply(data)


@fault("ticket-after-error", "SPICE-LINK-026")
class TicketAfterError(ClientLink):
    """Sends mechanism and ticket although the link reply was an error."""

    def on_reply(self, data: bytes) -> None:
        if parse_error(data[:4]).error != LinkErr.OK:
            self.send(build_mechanism(LinkAuthMechanism(AuthMechanism.SPICE)) + bytes(TICKET_SIZE))
        super().on_reply(data)


@fault("gives-up-tls", "SPICE-LINK-028")
class GivesUpTls(Client):
    """Connects again without TLS when a server says NEED_UNSECURED."""

    def refused(self, line: Line, error: LinkErr | int | None, stage: str, text: str) -> None:
        if error == LinkErr.NEED_UNSECURED and line.connection.secure:
            self._open(line.type, line.id, False)
        else:
            super().refused(line, error, stage, text)


@fault("wrong-connection-id", "SPICE-LINK-030")
class WrongConnectionId(Line):
    """Names another session than its own for the channels behind main."""

    def connection_id(self) -> int:
        return super().connection_id() ^ (self.type != ChannelType.MAIN)


@fault("main-names-a-session", "SPICE-LINK-032", "SPICE-MIG-008", "SPICE-MIG-010")
class MainNamesASession(Line):
    """Names a session for the main channel, as if it came from a migration."""

    def connection_id(self) -> int:
        return 0x5EED if self.type == ChannelType.MAIN else super().connection_id()


@fault("main-id-five", "SPICE-LINK-034", "SPICE-MIG-008", "SPICE-MIG-010")
class MainIdFive(OtherLinkMessage):
    """Names channel id 5 for the main channel."""

    def change(self, data: bytearray) -> bytes:
        if data[20] == ChannelType.MAIN:
            data[21] = 5
        return bytes(data)
