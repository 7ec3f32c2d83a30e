"""One channel of the session, from the wish to have it until it is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from spiceproto.capabilities import NONE, Capabilities
from spiceproto.channel import Channel
from spiceproto.enums.link import ChannelType
from spiceproto.link.client import ClientLink
from spiceproto.transport import Connection

if TYPE_CHECKING:
    from reference_client.part import Part

__all__ = ["Member", "State", "table_of"]

State = Literal["opening", "linking", "linked", "closed"]


def table_of(channel_type: int) -> str:
    """Name of a channel type; its number for one without a name."""
    try:
        return ChannelType(channel_type).name.lower()
    except ValueError:
        return str(channel_type)


class Member:
    """A channel and its connection.

    ``state``     opening, linking, linked, closed
    ``link``      from the connection on; ``channel`` and ``part`` from the link on
    ``server``    what the server announced for it
    ``deadline``  when the state must have changed; None once linked
    ``held``      answers wait, because it is not the client's turn yet
    ``silent``    DISCONNECTING was sent, and nothing follows it
    """

    __slots__ = ("channel", "connection", "deadline", "held", "id", "link", "part", "server", "silent", "state", "type",
                 "waiting_bytes")  # fmt: skip

    def __init__(self, channel_type: int, channel_id: int, connection: Connection, deadline: float) -> None:
        self.type = channel_type
        self.id = channel_id
        self.connection = connection
        self.deadline: float | None = deadline
        self.state: State = "opening"
        self.link: ClientLink | None = None
        self.channel: Channel | None = None
        self.part: Part | None = None
        self.server: Capabilities = NONE
        self.held = False
        self.silent = False
        self.waiting_bytes = 0

    @property
    def name(self) -> str:
        """Name of the channel type."""
        return table_of(self.type)

    def __repr__(self) -> str:
        return f"<{self.name}:{self.id} {self.state}>"
