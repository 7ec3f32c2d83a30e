"""What every channel of a client is: what it says first, what it does with messages, and what its user may wish.

The message layer answers SET_ACK, PING and WAIT_FOR_CHANNELS for every channel. A channel takes what is left, and lives with
whatever it does not know: a message without a row in ``handlers`` is accepted and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

from reference_client import events
from reference_client.host import Host
from reference_client.line import Handled, Line
from spiceproto.enums.base import WireEnum
from spiceproto.messages import common

__all__ = ["ClientChannel", "Handlers", "Verbs", "text_of"]

Handlers = Mapping[type, Callable[[Any, Any, float], None]]
"""Class of a message to the method that takes it: ``(channel, value, now)``."""

Verbs = Mapping[str, Callable[..., Any]]
"""Verb of :mod:`spiceproto.controls` to the method that does it; its values are the method's arguments, and what it gives
back is the answer."""


def text_of(data: bytes) -> str:
    """Text for people, up to its first zero byte if there is one."""
    return data.partition(b"\0")[0].decode("utf-8", "replace")


class ClientChannel:
    """A channel without a purpose of its own; subclasses add rows to ``handlers`` and ``verbs``.

    ``host``      the session
    ``line``      its connection, which is linked
    ``deadline``  when :meth:`tick` is to be called; None for never
    ``settled``   whether the server can do without the channel. A user who leaves before it is waits for it a while
    """

    settled: bool = True
    handlers: ClassVar[Handlers] = MappingProxyType({})
    verbs: ClassVar[Verbs] = MappingProxyType({})

    def __init__(self, host: Host, line: Line) -> None:
        self.host = host
        self.line = line
        self.deadline: float | None = None

    @property
    def id(self) -> int:
        """The channel's id."""
        return self.line.id

    def start(self, now: float) -> None:
        """The link is done; what the client says first is said here."""

    def inherit(self, before: ClientChannel) -> None:
        """The session has gone to another server, where the channel is new: what the user has said to the old one holds."""

    def handle(self, value: Any, now: float) -> None:
        """A message of the server."""
        kind = type(value)
        if kind is common.Notify:
            self.notified(value)
            return
        handler = self.handlers.get(kind)
        if handler is not None:
            # By its name: whoever overrides the method need not write the table again.
            getattr(self, handler.__name__)(value, now)

    @property
    def waits(self) -> bool:
        """Whether it can not go on before others have: then nothing more should come."""
        return False

    @property
    def behind(self) -> int | None:
        """Number of the first message that it has taken and not handled; None for none."""
        return None

    def proceed(self, handled: Handled, now: float) -> bool:
        """Others have gone on: go on if that is possible, and say whether it was."""
        return False

    def tick(self, now: float) -> None:
        """Time has passed."""

    def hold(self, held: bool, now: float) -> None:
        """The way to the server is full, and what can wait should; or there is room again."""

    @classmethod
    def chosen(cls, linked: Sequence[ClientChannel], values: Mapping[str, Any]) -> ClientChannel | None:
        """Which of these a verb with these values is about."""
        return next(iter(linked), None)

    def leave(self, now: float) -> None:
        """The user leaves; what is said before the connection is closed is said here."""

    def end(self, now: float) -> None:
        """The connection is closed."""

    def state(self, now: float) -> dict[str, Any]:
        """What the channel knows of the session, by name, in values that JSON has."""
        return {}

    def notified(self, value: common.Notify) -> None:
        """Something to read; on any channel, at any time."""
        self.host.tell(
            events.Notified(
                channel=self.line.name,
                severity=int(value.severity),
                visibility=int(value.visibilty),
                what=int(value.what),
                text=text_of(value.message),
            )
        )

    def send(self, *values: Any) -> None:
        """Messages for the server."""
        self.line.send(*values)

    def server_has(self, capability: WireEnum) -> bool:
        """Whether the server announced a capability of this channel."""
        return self.line.server.has(capability)
