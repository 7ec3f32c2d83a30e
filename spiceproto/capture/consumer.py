"""Who is told what a capture holds, and in which words.

A :class:`Consumer` writes a report, draws pictures, or collects. A :class:`Reporter` is how those that cut bytes into
messages say what is wrong with them; it adds on which connection that was, and tells the consumer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import At, Diagnostic
from spiceproto.errors import RemoteError, SpiceError
from spiceproto.framing import Spans

if TYPE_CHECKING:
    from spiceproto.channel_state import State
    from spiceproto.usbredir import Packet
    from spiceproto.vsc import Inside
    from spiceproto.webdav import Chunk

__all__ = ["Consumer", "Emit", "Inner", "Reporter"]

Emit = Callable[[int, bytes, int, int, tuple[int, ...]], None]
"""Type, body, serial, time in ns since the epoch, frames."""

Inner: TypeAlias = "Packet | Chunk | Inside"
"""What byte channels carry."""


class Consumer(Protocol):
    """Takes what a capture holds, in the order in which it was sent."""

    def connection(self, conversation: Conversation) -> None:
        """The channel is known; called once, before anything else of this connection but problems."""

    def link(self, conversation: Conversation, item: Any, at: At) -> None:
        """A step of the link stage."""

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """The link stage is over; the function that takes the messages of one sender."""

    def agent(self, conversation: Conversation, at: At, table: str, type: int, body: bytes) -> None:
        """A whole agent message."""

    def carried(self, conversation: Conversation, at: At, item: Inner) -> None:
        """A whole usbredir packet, or chunk of a webdav channel, behind the message that ended it."""

    def state(self, conversation: Conversation, at: At, state: State) -> None:
        """The state of a channel, which goes to another server, in the MIGRATE_DATA that is next of this sender."""

    def problem(self, problem: Diagnostic) -> None:
        """Something is not as it should be."""

    def listed(self, conversation: Conversation, at: At, spans: Spans) -> None:
        """The next message of this sender has those before it inside: where their list, and they, stand in its body."""

    def unlisted(self, conversation: Conversation, at: At, type: int, size: int, error: RemoteError) -> None:
        """The messages inside one of ``size`` bytes cannot be found; there was a problem, too."""

    def unfinished(self, conversation: Conversation, at: At, type: int, size: int, have: int) -> None:
        """A message is not whole and will not be; there was a problem, too.

        Its header says ``type`` and ``size``, which are -1 where the header is not whole; ``have`` bytes of both came.
        """

    def closed(self, conversation: Conversation, at: At) -> None:
        """The connection ended."""


class Reporter(Protocol):
    """Takes what is wrong with the bytes of one connection."""

    def report(self, code: str, at: At, *, expected: str = "", actual: str = "") -> None:
        """One of :data:`~spiceproto.capture.diagnostics.KINDS`."""

    def failed(self, what: str, error: SpiceError, at: At) -> None:
        """Something could not be parsed."""

    def listed(self, spans: Spans, at: At) -> None:
        """Where the messages inside the next one stand in it."""

    def unlisted(self, type: int, size: int, error: RemoteError, at: At) -> None:
        """The messages inside one cannot be found."""

    def unfinished(self, type: int, size: int, have: int, at: At) -> None:
        """A message is not whole and will not be."""

    def undecoded(self, size: int) -> None:
        """So many bytes more that nobody could read."""

    def incomplete(self, size: int) -> None:
        """So many bytes more of messages that the end of a stream cut off."""
