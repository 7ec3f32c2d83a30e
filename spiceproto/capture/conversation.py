"""What is known of one SPICE connection of a capture, for those who are told what was said on it."""

from __future__ import annotations

from spiceproto.capabilities import Capabilities
from spiceproto.capture.layers import Connection
from spiceproto.capture.sessions import Gathered

__all__ = ["Conversation"]


class Conversation:
    """One connection. Attributes are settled once ``connection`` of the consumer was called.

    * ``connection``: the transport: addresses, layers, the number that reports give it
    * ``channel``: "main", "display", ...; "channel-77" for a number that means none; "" where nobody said, or can say
    * ``channel_id``: which channel of that type
    * ``table``: the message table of that channel
    * ``connection_id``: the session that the client named in its link message
    * ``session``: the session this connection belongs to, or None
    * ``client_capabilities``, ``server_capabilities``: what both announced, None before the link stage is over
    * ``copy_of``: the conversation that this is another view of, under other addresses; None usually
    * ``mini_header``: messages have the short header
    """

    __slots__ = (
        "channel",
        "channel_id",
        "client_capabilities",
        "connection",
        "connection_id",
        "copy_of",
        "mini_header",
        "server_capabilities",
        "session",
        "table",
    )

    @property
    def seen_ends(self) -> tuple[str, ...]:
        """Sides of which the capture has everything up to their end: nobody can say so where it lacks the beginning."""
        if not self.connection.syn_seen:
            return ()
        return tuple([side for side in self.connection.ends if side not in self.connection.missing])

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.channel = ""
        self.channel_id = 0
        self.table = ""
        self.connection_id = 0
        self.copy_of: Conversation | None = None
        self.session: Gathered | None = None
        self.client_capabilities: Capabilities | None = None
        self.server_capabilities: Capabilities | None = None
        self.mini_header = True

    @property
    def place(self) -> str:
        """The channel as lines of reports call it: ``display:1``."""
        return f"{self.channel}:{self.channel_id}" if self.channel else "unknown"
