"""What :class:`spiceproto.channel.Channel` tells of the bytes that came."""

from __future__ import annotations

from typing import Any

import msgspec

from spiceproto import dispatch
from spiceproto.errors import RemoteError

__all__ = ["Event", "MalformedMessage", "MessageReceived", "StreamLost", "UnknownMessage"]


class MessageReceived(msgspec.Struct, frozen=True):
    """A message.

    * ``value``: its body, a value of :mod:`spiceproto.messages`
    * ``row``: which message it is
    * ``sender``: "client" or "server"
    * ``serial``: its number in its direction; of the message around it for a sub-message
    * ``size``: of its body; ``tail`` bytes of that are behind the last field, in no list of sub-messages, and mean nothing
    * ``offset``: of its header in the stream, or for a sub-message in the body around it
    * ``inside``: it is a sub-message
    """

    value: Any
    row: dispatch.Row
    sender: str
    serial: int
    size: int
    tail: int
    offset: int
    inside: bool = False


class UnknownMessage(msgspec.Struct, frozen=True):
    """A message whose type means nothing on this channel. A client ignores it; a server ends the connection."""

    type: int
    body: bytes
    sender: str
    serial: int
    offset: int
    inside: bool = False


class MalformedMessage(msgspec.Struct, frozen=True):
    """A message that cannot be parsed, or whose sub-messages cannot be found. A client and an observer go on.

    * ``error``: why
    * ``lists``: it is the sub-messages that cannot be found
    """

    type: int
    body: bytes
    sender: str
    serial: int
    offset: int
    error: RemoteError
    inside: bool = False
    lists: bool = False


class StreamLost(msgspec.Struct, frozen=True):
    """What an observer is told when it can not tell any more where the next message of a sender begins.

    * ``type``, ``size``, ``serial``: what the last header says, if it says too much; -1 where the stream ended
    * ``have``, ``wanted``: bytes of that message that came, and that it has with its header
    """

    sender: str
    error: RemoteError
    type: int = -1
    size: int = -1
    serial: int = -1
    have: int = 0
    wanted: int = 0


Event = MessageReceived | UnknownMessage | MalformedMessage | StreamLost
