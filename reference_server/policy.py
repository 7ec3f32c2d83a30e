"""What the reference server decides in the link stage."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from reference_server.listing import Listing
from reference_server.options import Options
from reference_server.session import Session
from spiceproto.channels import channel_types
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.link.policy import LinkPolicy
from spiceproto.link.sasl import SaslServer
from spiceproto.messages.link import LinkMess
from spiceproto.ticket import TicketKey

__all__ = ["Policy"]


class Policy(LinkPolicy):
    """Decides by the options of a server, and by what it has now: its channels and its ``running`` sessions by id.

    ``here``      whether the guest is: without it no session begins
    ``make_key``  where the key of a link comes from, for a shell that has some
    """

    def __init__(self, options: Options, listing: Listing, running: Mapping[int, Session], migrations: Collection[int]) -> None:
        super().__init__(
            {},
            password=options.password,
            expires=options.password_expires,
            sessions=running.keys(),
            migrations=migrations,
            secured=channel_types(options.secured),
            unsecured=channel_types(options.unsecured),
            sasl=self.login if options.sasl else None,
        )
        self.channels = listing.channels
        self.options = options
        self.listing = listing
        self.running = running
        self.here = True
        self.make_key: Callable[[], TicketKey] = options.ticket_key or TicketKey.generate

    def login(self) -> SaslServer:
        """A SASL login of one link."""
        if self.options.sasl_login is not None:
            return self.options.sasl_login()
        # Who logs in by ticket needs none of it.
        from spiceproto.link import mechanisms

        return mechanisms.server(self.options.sasl_users, self.options.sasl_mechanisms)

    def ticket_key(self) -> TicketKey:
        return self.make_key()

    def check_connection(self, message: LinkMess) -> LinkErr:
        """As it is for every server, and: a channel is linked once, and only after main (SPICE-LINK-031). Without the guest,
        sessions that come from another server are all that there is.
        """
        if message.channel_type == ChannelType.MAIN:
            known = super().check_connection(message)
            return LinkErr.ERROR if known == LinkErr.OK and not self.here and not message.connection_id else known
        session = self.running.get(message.connection_id)
        if session is None:
            return LinkErr.BAD_CONNECTION_ID
        if not self.here and not session.arriving:
            return LinkErr.ERROR
        if (message.channel_type, message.channel_id) in session.linked:
            return LinkErr.CHANNEL_NOT_AVAILABLE
        return LinkErr.OK
