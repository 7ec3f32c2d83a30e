"""What a decoded capture is handed to, and in which words.

A :class:`Consumer` writes a report, draws pictures, or collects. Everything it is told comes in the order in which it was
sent; what is wrong comes as a :class:`Problem`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from spiceproto.enums.link import ChannelType

if TYPE_CHECKING:
    from spiceproto.capture.conversation import Conversation
    from spiceproto.capture.sessions import Sessions

__all__ = ["CHANNELS", "Consumer", "Emit", "Owner", "Problem", "channel_name"]

CHANNELS = tuple(str(kind.name).lower() for kind in ChannelType)
"""Names of the channel types, the one with number 1 first."""

Emit = Callable[[int, bytes, int, int, tuple[int, ...]], None]
"""Type, body, serial, time in ns since the epoch, frames."""


def channel_name(number: int) -> str:
    """Name of a channel type; ``channel-77`` for a number that has none."""
    return CHANNELS[number - 1] if 1 <= number <= len(CHANNELS) else f"channel-{number}"


class Problem:
    """Something that is not as it should be: ``severity`` is error, warning or note."""

    __slots__ = (
        "actual",
        "code",
        "conversation",
        "expected",
        "frame",
        "number",
        "sender",
        "severity",
        "text",
        "time_ns",
        "where",
    )

    def __init__(
        self,
        severity: str,
        code: str,
        text: str,
        *,
        conversation: Conversation | None = None,
        sender: str = "",
        time_ns: int = 0,
        frame: int = 0,
        number: int = 0,
        where: str = "",
        expected: str = "",
        actual: str = "",
    ) -> None:
        self.severity = severity
        self.code = code
        self.text = text
        self.conversation = conversation
        self.sender = sender
        self.time_ns = time_ns
        self.frame = frame
        self.number = number
        self.where = where
        self.expected = expected
        self.actual = actual


class Consumer(Protocol):
    """Takes what a capture holds, in the order in which it was sent."""

    def connection(self, conversation: Conversation) -> None:
        """The channel is known; called once, before anything else of this connection but problems."""

    def link(self, conversation: Conversation, item: Any, time_ns: int, frame: int) -> None:
        """A step of the link stage."""

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """The link stage is over; the function that takes the messages of one sender."""

    def agent(
        self, conversation: Conversation, sender: str, table: str, type: int, body: bytes, time_ns: int, frame: int
    ) -> None:
        """A whole agent message."""

    def problem(self, problem: Problem) -> None:
        """Something is not as it should be."""

    def closed(self, conversation: Conversation, time_ns: int, frame: int) -> None:
        """The connection ended."""


class Owner(Protocol):
    """What a conversation needs of the capture it is in."""

    consumer: Consumer
    sessions: Sessions
    undecoded: int
    incomplete: int
    """Bytes of messages that the end of a stream cut off."""
    number: int
    """Of the message handed on last."""
