"""Faults in refusals, and in whom a session belongs to (spec/01-link.md, SPICE-LINK-024 to 036)."""

from __future__ import annotations

from reference_server.faults.fault import fault
from reference_server.line import Line
from reference_server.policy import Policy
from reference_server.server import Server
from reference_server.session import Session
from spiceproto.capabilities import Capabilities
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.messages.link import LinkMess
from spiceproto.transport import Connection


@fault(
    "keeps-refused-links-open",
    "SPICE-LINK-024",
    "SPICE-LINK-006",
    "SPICE-LINK-008",
    "SPICE-LINK-012",
    "SPICE-LINK-015",
    "SPICE-LINK-042",
)
class KeepsRefusedLinksOpen(Server):
    """Does not close after a refusal."""

    def hang_up(self, line: Line) -> None:
        pass


@fault("talks-after-a-refusal", "SPICE-LINK-024", "SPICE-LINK-003")
class TalksAfterARefusal(Server):
    """Sends four more bytes after a refusal."""

    def hang_up(self, line: Line) -> None:
        line.put(bytes(4))
        super().hang_up(line)


@fault("key-without-tls", "SPICE-LINK-025")
class KeyWithoutTls(Policy):
    """Lets clients link secured channels without TLS."""

    def admit(self, message: LinkMess, capabilities: Capabilities, secure: bool) -> LinkErr:
        return super().admit(message, capabilities, True)


@fault("wrong-error-for-absent-channels", "SPICE-LINK-029")
class WrongErrorForAbsentChannels(Policy):
    """Answers a channel that is not there with INVALID_DATA."""

    def admit(self, message: LinkMess, capabilities: Capabilities, secure: bool) -> LinkErr:
        found = super().admit(message, capabilities, secure)
        return LinkErr.INVALID_DATA if found == LinkErr.CHANNEL_NOT_AVAILABLE else found


@fault("any-display", "SPICE-LINK-029")
class AnyDisplay(Policy):
    """Has every display that a client asks for."""

    def admit(self, message: LinkMess, capabilities: Capabilities, secure: bool) -> LinkErr:
        found = super().admit(message, capabilities, secure)
        absent = found == LinkErr.CHANNEL_NOT_AVAILABLE and message.channel_type == ChannelType.DISPLAY
        return LinkErr.OK if absent else found

    def capabilities(self, message: LinkMess) -> Capabilities:
        return self.listing.announced(message.channel_type)


class _AnyId(Policy):
    def check_connection(self, message: LinkMess) -> LinkErr:
        found = super().check_connection(message)
        return LinkErr.OK if found == LinkErr.BAD_CONNECTION_ID and self.sessions else found


@fault("any-connection-id", "SPICE-LINK-031", "SPICE-MIG-028")
class AnyConnectionId(Server):
    """Takes a channel with a wrong connection id into a session that it has."""

    policy_class = _AnyId

    def find_session(self, message: LinkMess) -> Session:
        if message.channel_type != ChannelType.MAIN and message.connection_id not in self.sessions:
            return next(iter(self.sessions.values()))
        return super().find_session(message)


@fault("silent-takeover", "SPICE-LINK-036")
class SilentTakeover(Server):
    """Forgets the old session when another client has logged in, and leaves its connections open."""

    def take_over(self, session: Session) -> None:
        self.sessions.pop(session.id)
        for line in self.lines_of(session):
            self.forget(line, "forgotten")


@fault("takeover-before-the-login", "SPICE-LINK-036", "SPICE-MIG-028", "SPICE-ROBUST-001", "SPICE-ROBUST-003")
class TakeoverBeforeTheLogin(Server):
    """Ends the old session when a client asks for main, before it has logged in."""

    def receive(self, connection: Connection, data: bytes, now: float) -> None:
        super().receive(connection, data, now)
        line = self.lines.get(connection)
        message = line.link.message if line is not None and line.link is not None else None
        if message is not None and message.channel_type == ChannelType.MAIN and not self.options.multi_client:
            for session in list(self.sessions.values()):
                self.take_over(session)
