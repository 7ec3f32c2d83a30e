"""Faults in the order of the link stage (spec/01-link.md, SPICE-LINK-001 to 004)."""

from __future__ import annotations

from typing import Final

from reference_server.faults.fault import fault
from reference_server.faults.link.words import u32
from reference_server.line import Line
from reference_server.server import Server
from spiceproto.capabilities import Capabilities
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import AuthMechanism, ChannelType, LinkErr
from spiceproto.link.events import Established, Event
from spiceproto.link.sasl import join_mechanisms
from spiceproto.link.server import ServerLink
from spiceproto.link.structures_built import build_result
from spiceproto.messages.link import LinkResult
from spiceproto.transport import Connection

_MAGIC: Final = b"REDQ"

_OK: Final = build_result(LinkResult(LinkErr.OK))


@fault("link-reply-twice", "SPICE-LINK-001")
class LinkReplyTwice(ServerLink):
    """Sends the link reply twice."""

    def reply(self, announced: Capabilities) -> None:
        super().reply(announced)
        self.send(self.unsent[-1])


@fault("greets-first", "SPICE-LINK-002", "SPICE-LINK-001")
class GreetsFirst(Server):
    """Sends the letters REDQ as soon as a client has connected, and leaves them out later."""

    def accept(self, now: float, *, secure: bool = False) -> Connection:
        connection = super().accept(now, secure=secure)
        super().outgoing(self.lines[connection], _MAGIC)
        return connection

    def outgoing(self, line: Line, data: bytes) -> None:
        super().outgoing(line, data.removeprefix(_MAGIC) if line.link is not None else data)


class _WithoutResult(ServerLink):
    def log_in(self) -> None:
        super().log_in()
        if not self.closing and self.message is not None and self.message.channel_type == ChannelType.CURSOR:
            self.unsent.pop()


@fault("messages-before-the-result", "SPICE-LINK-003", "SPICE-LINK-001")
class MessagesBeforeTheResult(Server):
    """Sends the first messages of a cursor channel before its link result."""

    link_class = _WithoutResult

    def linked(self, line: Line, event: Established) -> None:
        super().linked(line, event)
        if event.message.channel_type == ChannelType.CURSOR:
            line.put(_OK)


@fault("link-stage-in-whole-pieces", "SPICE-LINK-004", "SPICE-LINK-002")
class LinkStageInWholePieces(ServerLink):
    """Refuses a part of the link stage that does not come in one piece."""

    def receive(self, data: bytes, now: float = 0.0) -> list[Event]:
        if not self.finished and len(data) < self.wanted:
            self.answer_error(LinkErr.INVALID_DATA, "half of something")
            return self.take_events()
        return super().receive(data, now)


@fault("forgets-a-ticket-that-comes-early", "SPICE-LINK-004")
class ForgetsAnEarlyTicket(ServerLink):
    """Forgets a ticket that came together with the mechanism."""

    def on_mechanism(self, data: bytes) -> None:
        super().on_mechanism(data)
        self.inbox.take(len(self.inbox))


@fault("mechanism-before-the-reply", "SPICE-LINK-001")
class MechanismBeforeTheReply(ServerLink):
    """Sends a mechanism before its link reply."""

    def reply(self, announced: Capabilities) -> None:
        self.send(u32(AuthMechanism.SPICE))
        super().reply(announced)


@fault("sasl-list-before-the-reply", "SPICE-LINK-001")
class SaslListBeforeTheReply(ServerLink):
    """Sends its list of SASL mechanisms before its link reply."""

    def reply(self, announced: Capabilities) -> None:
        names = join_mechanisms(["PLAIN"])
        self.send(u32(len(names)) + names)
        super().reply(announced)


@fault("result-with-the-reply", "SPICE-LINK-001")
class ResultWithTheReply(ServerLink):
    """Sends the link result with its link reply, before the ticket."""

    def reply(self, announced: Capabilities) -> None:
        super().reply(announced)
        self.send(_OK)


@fault("mechanism-then-reply", "SPICE-LINK-001")
class MechanismThenReply(ServerLink):
    """Waits for the mechanism before it sends its link reply."""

    def reply(self, announced: Capabilities) -> None:
        if announced.has(CommonCapability.PROTOCOL_AUTH_SELECTION):
            self.expect("mechanism", 4, lambda data: self._late_reply(announced, data))
        else:
            super().reply(announced)

    def _late_reply(self, announced: Capabilities, data: bytes) -> None:
        super().reply(announced)
        if not self.finished:
            self.on_mechanism(data)
