"""Faults in the order of the link stage (spec/01-link.md, 1.1)."""

from __future__ import annotations

from typing import Any

import msgspec

from reference_client.channels.display import init_message
from reference_client.faults.fault import fault
from reference_client.line import Line
from spiceproto import capabilities as caps
from spiceproto.channel import Channel
from spiceproto.enums.link import AuthMechanism, ChannelType
from spiceproto.errors import RemoteError
from spiceproto.link.client import ClientLink
from spiceproto.link.events import Established
from spiceproto.link.structures_built import build_mechanism
from spiceproto.messages import display
from spiceproto.messages.link import LinkAuthMechanism


@fault("ticket-before-mechanism", "SPICE-LINK-001", "SPICE-LINK-037", "SPICE-LINK-039", "SPICE-FRAME-001")
class TicketBeforeMechanism(ClientLink):
    """Sends the ticket before the mechanism."""

    def answer_key(self) -> None:
        out = len(self.unsent)
        super().answer_key()
        # The mechanism stands before the ticket, and is sent behind it.
        if out:
            self.unsent[out - 1], self.unsent[out] = self.unsent[out], self.unsent[out - 1]


@fault("mechanism-with-the-link-message", "SPICE-LINK-001", "SPICE-LINK-037")
class MechanismWithTheLinkMessage(ClientLink):
    """Sends the mechanism of an inputs channel with the link message, before the link reply."""

    def __init__(self, channel_type: int, *arguments: Any, **named: Any) -> None:
        super().__init__(channel_type, *arguments, **named)
        if channel_type == ChannelType.INPUTS:
            self.send(build_mechanism(LinkAuthMechanism(AuthMechanism.SPICE)))

    def answer_key(self) -> None:
        if self.message.channel_type == ChannelType.INPUTS:
            self.unsent.clear()
        super().answer_key()


@fault("message-before-result", "SPICE-LINK-003", "SPICE-LINK-037", "SPICE-MIG-019", "SPICE-MIG-044")
class MessageBeforeResult(Line):
    """Sends INIT of a display channel together with the ticket, before the server has accepted it."""

    early = False

    def receive_link(self, data: bytes, now: float) -> None:
        super().receive_link(data, now)
        link = self.link
        if self.type != ChannelType.DISPLAY or self.state != "linking" or link is None or link.stage != "result":
            return
        if not self.early:
            self.early = True
            mini = caps.mini_header(link.capabilities, link.server)
            self.put(Channel("client", "display", mini).send(init_message(self.owner.options)))

    def make_messages(self, link: Established) -> Channel:
        messages = super().make_messages(link)
        messages.writer.serial = int(self.early)
        return messages

    def send(self, *values: object) -> None:
        super().send(*[value for value in values if not (self.early and isinstance(value, display.Init))])


@fault("link-in-pieces-fails", "SPICE-LINK-004")
class LinkInPiecesFails(ClientLink):
    """Takes every read in the link stage for a whole part, and gives up if it is not."""

    def receive(self, data: bytes) -> list[Any]:
        if len(self.inbox) + len(data) < self.wanted:
            raise RemoteError("a part of the link stage comes in pieces")
        return super().receive(data)


@fault("drops-bytes-behind-result", "SPICE-LINK-004")
class DropsBytesBehindResult(Line):
    """Forgets messages that came in one read with the link result."""

    def established(self, link: Established, now: float) -> None:
        super().established(msgspec.structs.replace(link, client_rest=b"", server_rest=b""), now)
