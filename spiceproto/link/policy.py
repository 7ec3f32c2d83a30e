"""What a server decides in the link stage, apart from how it says so.

:class:`LinkPolicy` is a table of plain facts that covers most servers; override a method for anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.link.sasl import SaslServer
from spiceproto.messages.link import LinkMess
from spiceproto.ticket import TicketKey

__all__ = ["LinkPolicy"]


class LinkPolicy:
    """Decides about links.

    ``channels``    (channel type, id) of what can be connected, to what the server announces for it
    ``password``    of the ticket; None if every ticket is good
    ``expires``     time after which the password is refused, on the clock of ``now``; None for never
    ``sessions``    ids of running sessions, which channels other than main must name
    ``migrations``  ids of sessions that are about to come from another server, which main may name
    ``secured``     channel types that need TLS; ``unsecured`` those that must not have it
    ``sasl``        makes a login for one link; it is offered where the capabilities say so
    """

    def __init__(
        self,
        channels: Mapping[tuple[int, int], Capabilities] | Mapping[tuple[ChannelType, int], Capabilities],
        *,
        password: bytes | None = None,
        expires: float | None = None,
        sessions: Collection[int] = (),
        migrations: Collection[int] = (),
        secured: Collection[int] = (),
        unsecured: Collection[int] = (),
        sasl: Callable[[], SaslServer] | None = None,
    ) -> None:
        self.channels: dict[tuple[int, int], Capabilities] = {(kind, id): of for (kind, id), of in channels.items()}
        self.password = password
        self.expires = expires
        self.sessions = sessions
        self.migrations = migrations
        self.secured = secured
        self.unsecured = unsecured
        self.sasl = sasl

    def admit(self, message: LinkMess, capabilities: Capabilities, secure: bool) -> LinkErr:
        """The error of the link reply: whether the channel is there and may be used on this connection.

        ``secure`` says whether the connection has TLS.
        """
        if message.channel_type in self.secured and not secure:
            return LinkErr.NEED_SECURED
        if message.channel_type in self.unsecured and secure:
            return LinkErr.NEED_UNSECURED
        if self._key(message) not in self.channels:
            return LinkErr.CHANNEL_NOT_AVAILABLE
        return LinkErr.OK

    def capabilities(self, message: LinkMess) -> Capabilities:
        """What to announce for a channel that was admitted."""
        return self.channels.get(self._key(message), NONE)

    def ticket_key(self) -> TicketKey:
        """A key for one link, never for two."""
        return TicketKey.generate()

    def check_password(self, password: bytes | None, now: float) -> bool:
        """Whether the ticket is good; None for one that cannot be decrypted, which never is.

        The time is looked at here, for every channel: a main channel linked before the password expired stays, but a
        channel that comes later is refused.
        """
        if password is None:
            return False
        if self.password is None:
            return True
        if not self.password or (self.expires is not None and self.expires < now):
            return False
        # Only imported where a password is compared: decoding captures needs none of it.
        from hmac import compare_digest

        return compare_digest(password, self.password)

    def check_connection(self, message: LinkMess) -> LinkErr:
        """The link result of a client that has logged in."""
        if message.channel_type == ChannelType.MAIN:
            known = message.connection_id == 0 or message.connection_id in self.migrations
        else:
            known = message.connection_id in self.sessions or message.connection_id in self.migrations
        return LinkErr.OK if known else LinkErr.BAD_CONNECTION_ID

    @staticmethod
    def _key(message: LinkMess) -> tuple[int, int]:
        # There is one main channel; spice-server does not look at its id.
        return (message.channel_type, 0 if message.channel_type == ChannelType.MAIN else message.channel_id)
