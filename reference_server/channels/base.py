"""What all channels of a server have in common: what is done with which message, a clock, and whom they listen to.

A channel is one class in a file of its own and one row in :data:`reference_server.channels.CHANNELS`. It is made when the
client has logged in, and lives from :meth:`ServerChannel.start` to :meth:`ServerChannel.end`. Of the server it knows
:class:`reference_server.host.Host`, of the client its session, of the connection its line; never another channel.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import msgspec

from reference_server.host import Host
from reference_server.line import Line
from reference_server.session import Session
from reference_server.watched import Told, Watched
from spiceproto.capabilities import Capabilities
from spiceproto.channel import Channel
from spiceproto.enums.base import WireEnum
from spiceproto.link.events import Established

__all__ = ["Handler", "Handlers", "ServerChannel"]


class Handler(msgspec.Struct, frozen=True):
    """What is done with a message.

    * ``act``: called with the channel, the message and the time
    * ``states``: in which states of the channel; in others the message is accepted, and that is all. Empty for any state
    """

    act: Callable[[Any, Any, float], None]
    states: tuple[str, ...] = ()


Handlers = dict[type, Handler]
"""Class of a message to what is done with it."""


class ServerChannel:
    """One channel of one client.

    * ``handlers``: what is done with the messages of the client; one without a row is accepted, and that is all
    * ``messages_class``: the message layer of channels of this class, if it is not the server's
    * ``state``: the word that the rows of ``handlers`` go by
    * ``host``, ``line``, ``session``: server, connection and client
    * ``client``: what the client announced
    """

    handlers: ClassVar[Handlers] = {}
    messages_class: ClassVar[type[Channel] | None] = None

    def __init__(self, host: Host, line: Line, session: Session, established: Established) -> None:
        self.host = host
        self.line = line
        self.session = session
        self.client: Capabilities = established.client
        self.state = "linked"
        self._watched: list[tuple[Watched, Told]] = []

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} on {self.line.connection}>"

    @property
    def id(self) -> int:
        """The channel id."""
        return self.line.key[1]

    @property
    def messages(self) -> Channel:
        """The message layer."""
        return self.line.messages

    @property
    def deadline(self) -> float | None:
        """When :meth:`tick` is to be called next; None for never."""
        return None

    @property
    def few_messages(self) -> bool:
        """Whether clients send large messages here, as far as has been seen."""
        return False

    @property
    def full(self) -> bool:
        """Whether nothing more of the client's should be read for now."""
        return False

    def client_has(self, capability: WireEnum) -> bool:
        """Whether the client announced a capability of this channel (SPICE-FRAME-005)."""
        return self.client.has(capability)

    # -- what channels do

    def start(self, now: float) -> None:
        """The link stage is over."""

    def handle(self, value: Any, now: float) -> None:
        """A message of the client."""
        handler = self.handlers.get(type(value))
        if handler is not None and (not handler.states or self.state in handler.states):
            handler.act(self, value, now)

    def tick(self, now: float) -> None:
        """Time has passed."""

    def ready(self) -> None:
        """The client has acknowledged enough: what waited was sent, and more can be."""

    def end(self, now: float) -> None:
        """The channel is closed; nothing can be sent any more."""
        for watched, told in self._watched:
            watched.unwatch(told)

    # -- what channels need for it

    def send(self, *values: Any) -> None:
        """Send messages; those for which the client has to acknowledge others wait."""
        self.line.send(*values)

    def watch(self, watched: Watched, told: Told, *news: type) -> None:
        """Listen to something until the end."""
        told = self.host.guarded(self.line.connection, told)
        self._watched.append((watched, told))
        watched.watch(told, *news)
