"""What the reference server decides in the link stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.link.policy import LinkPolicy
from spiceproto.link.sasl import SaslServer
from spiceproto.messages.link import LinkMess
from spiceproto.ticket import TicketKey

if TYPE_CHECKING:
    from reference_server.server import Server

__all__ = ["Policy"]


class Policy(LinkPolicy):
    """Decides by the options of a server, and by what it has now: its channels, sessions and password."""

    def __init__(self, server: Server) -> None:
        options = server.options
        super().__init__(
            {},
            password=options.password,
            expires=options.password_expires,
            sessions=server.sessions.keys(),
            migrations=server.migrations,
            secured=[channel_type(name) for name in options.secured],
            unsecured=[channel_type(name) for name in options.unsecured],
            sasl=self.login if options.sasl else None,
        )
        self.options = options
        self.server = server

    def login(self) -> SaslServer:
        """A SASL login of one link."""
        if self.options.sasl_login is not None:
            return self.options.sasl_login()
        # Who logs in by ticket needs none of it.
        from spiceproto.link import mechanisms

        return mechanisms.server(self.options.sasl_users, self.options.sasl_mechanisms)

    def ticket_key(self) -> TicketKey:
        if self.options.ticket_key is not None:
            return self.options.ticket_key()
        return super().ticket_key()

    def check_connection(self, message: LinkMess) -> LinkErr:
        """As it is for every server, and: a channel is linked once, and only after main."""
        if message.channel_type == ChannelType.MAIN:
            return super().check_connection(message)
        session = self.server.sessions.get(message.connection_id)
        if session is None:
            return LinkErr.BAD_CONNECTION_ID
        if (message.channel_type, message.channel_id) in session.members:
            return LinkErr.CHANNEL_NOT_AVAILABLE
        return LinkErr.OK


def channel_type(name: str) -> ChannelType:
    """The channel type with this name, in small letters. Raises ValueError."""
    try:
        return ChannelType[name.upper()]
    except KeyError:
        known = ", ".join(kind.name.lower() for kind in ChannelType)
        raise ValueError(f"no channel type {name!r}; there are {known}") from None
