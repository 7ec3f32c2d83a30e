"""One channel of a session: what it says first, what it does with messages, and what waits to be sent.

    Session   the channels that belong together, and their main channel
    Member    one of them; a subclass for each channel type

A member knows no other than its own bytes. What goes out passes :meth:`reference_server.server.Server.send`, what comes
in :meth:`reference_server.server.Server.handle`, so that either can be watched, or broken, in one place.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from spiceproto.capabilities import Capabilities
from spiceproto.enums.base import WireEnum
from spiceproto.link.events import Established
from spiceproto.transport import Connection

if TYPE_CHECKING:
    from reference_server.main import MainMember
    from reference_server.server import Server

__all__ = ["Handlers", "Member", "Session"]

Handlers = dict[type, Callable[[Any, Any, float], None]]
"""Class of a message to what is done with it: ``(member, value, now)``."""


class Session:
    """A client. ``members`` are its channels by type and id, main among them."""

    def __init__(self, id: int) -> None:
        self.id = id
        self.members: dict[tuple[int, int], Member] = {}
        self.main: MainMember | None = None
        self.heard = 0.0
        """When the client last sent a message on any of its channels."""

    def __repr__(self) -> str:
        return f"<session {self.id:#x}, {len(self.members)} channels>"


class Member:
    """One channel, linked. ``table`` names its messages; ``handlers`` is what is done with those of the client."""

    table: ClassVar[str] = ""
    handlers: ClassVar[Handlers] = {}

    def __init__(self, server: Server, connection: Connection, session: Session, established: Established) -> None:
        self.server = server
        self.connection = connection
        self.session = session
        self.key: tuple[int, int] = (int(established.message.channel_type), established.message.channel_id)
        self.client: Capabilities = established.client
        self.announced: Capabilities = established.server
        self.channel = server.make_channel(self.table, established)
        self.open = True
        self._waiting: deque[Any] = deque()
        self._waiting_size = 0

    def __repr__(self) -> str:
        return f"<{self.table} {self.key[1]} on {self.connection}>"

    @property
    def deadline(self) -> float | None:
        """When :meth:`tick` is to be called next."""
        return None

    def client_has(self, capability: WireEnum) -> bool:
        """Whether the client announced a capability of this channel."""
        return self.client.has(capability)

    # -- what subclasses do

    def begin(self, now: float) -> None:
        """The link stage is over."""

    def tick(self, now: float) -> None:
        """Time has passed."""

    def handle(self, value: Any, now: float) -> None:
        """A message of the client. One without a handler is accepted, and that is all."""
        handler = self.handlers.get(type(value))
        if handler is not None:
            handler(self, value, now)

    def ended(self) -> None:
        """The channel is gone; nothing can be sent any more."""

    # -- sending

    def send(self, *values: Any) -> None:
        """Send messages, or keep them until the client has acknowledged others."""
        for value in values:
            if not self.open:
                return
            if self._waiting or self.channel.blocked:
                self._keep(value)
            else:
                self.server.send(self, value)

    def flush(self) -> None:
        """Send what waited, as far as the client has acknowledged."""
        while self._waiting and self.open and not self.channel.blocked:
            value = self._waiting.popleft()
            self._waiting_size -= _weight(value)
            self.server.send(self, value)

    @property
    def waiting(self) -> int:
        """Messages that wait."""
        return len(self._waiting)

    def _keep(self, value: Any) -> None:
        self._waiting.append(value)
        self._waiting_size += _weight(value)
        if self._waiting_size > self.server.options.queue:
            self.server.drop(self, "the client does not acknowledge")


_ANY_MESSAGE = 256
"""Bytes that a message is taken for which carries no picture."""


def _weight(value: Any) -> int:
    """About how much memory a message holds while it waits."""
    picture = getattr(getattr(value, "data", None), "src_bitmap", None)
    bitmap = getattr(picture, "bitmap", None)
    return _ANY_MESSAGE + (len(bitmap.data) if bitmap is not None else 0)
