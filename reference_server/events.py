"""What a server tells of its connections, for a log."""

from __future__ import annotations

import msgspec

from spiceproto.transport import Connection

__all__ = ["Ended", "Event", "Linked", "Turned"]


class Linked(msgspec.Struct, frozen=True):
    """A client has linked a channel."""

    connection: Connection
    channel_type: int
    channel_id: int
    session: int


class Turned(msgspec.Struct, frozen=True):
    """A link stage that led to nothing. ``error`` is what the client was told, None if it was told nothing."""

    connection: Connection
    error: int | None
    stage: str
    text: str


class Ended(msgspec.Struct, frozen=True):
    """A channel is no more."""

    connection: Connection
    channel_type: int
    channel_id: int
    text: str


Event = Linked | Turned | Ended
