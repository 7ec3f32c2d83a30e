"""What a client tells whoever sits in front of it.

Events come in the order in which things happened; :func:`as_json` is their form for logs and for the control protocol. Here
are those of every channel and of the session; what one channel alone tells is declared in its own file, as a subclass of
:class:`Event`, and listed nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from spiceproto.enums.link import LinkErr

if TYPE_CHECKING:
    from spiceproto.canvas.problem import Problem

__all__ = [
    "CLOSED",
    "LEFT",
    "ChannelClosed",
    "ChannelLinked",
    "ChannelRefused",
    "Ended",
    "Event",
    "KeyUnused",
    "MessageSkipped",
    "Migrated",
    "MigrationBegun",
    "MigrationCancelled",
    "MigrationConnected",
    "MigrationFailed",
    "NotDrawn",
    "Notified",
    "as_json",
]


CLOSED: Final = "the server closed the connection"
LEFT: Final = "the user left"
"""How :class:`Ended` calls the two ends of a session that nobody has spoiled."""


class Event(msgspec.Struct, frozen=True, tag_field="event"):
    """Something that happened. The ``tag`` of a subclass is its kind in JSON, under ``event``."""


class KeyUnused(Event, frozen=True, tag="file-key-unused"):
    """A connection file has a key with which nothing is done; ``text`` says why."""

    key: str
    text: str


class ChannelLinked(Event, frozen=True, tag="linked"):
    """A channel is there. ``secure`` says whether it has TLS, ``mechanism`` is the number of the login's mechanism."""

    channel: str
    id: int
    secure: bool
    mini_header: bool
    mechanism: int


class ChannelRefused(Event, frozen=True, tag="refused"):
    """A channel could not be had.

    * ``error``: what the server said; None if it said nothing, or nothing that makes sense
    * ``stage``: where: "connect", or a stage of the link
    * ``text``: why, for people
    """

    channel: str
    id: int
    error: LinkErr | int | None
    stage: str
    text: str


class ChannelClosed(Event, frozen=True, tag="closed"):
    """A channel that was linked is gone."""

    channel: str
    id: int
    text: str


class Notified(Event, frozen=True, tag="notify"):
    """The server has something to read for the user."""

    channel: str
    severity: int
    visibility: int
    what: int
    text: str


class MessageSkipped(Event, frozen=True, tag="skipped"):
    """A message that is not known, or that could not be parsed."""

    channel: str
    id: int
    type: int
    text: str


class NotDrawn(Event, frozen=True, tag="not-drawn"):
    """Something could not be drawn; what follows was drawn as if it had not been said. The first 1000 of a channel are told.

    * ``message``: the class of the message
    * ``code``: what kind of thing went wrong: :class:`spiceproto.canvas.problem.ProblemCode`
    * ``text``: for people
    """

    channel: str
    display: int
    message: str
    code: str
    text: str

    @classmethod
    def of(cls, problem: Problem, channel: str, display: int) -> NotDrawn:
        """What a canvas noted."""
        return cls(channel=channel, display=display, message=problem.message, code=problem.code.value, text=str(problem.error))


class MigrationBegun(Event, frozen=True, tag="migration"):
    """The guest will move: this destination is linked ahead. ``seamless`` says whether it is asked to take the session's state.

    * ``subject``: what the certificate there must say, "" for the host's name
    """

    host: str
    port: int
    tls_port: int
    subject: str
    seamless: bool


class MigrationConnected(Event, frozen=True, tag="migration-connected"):
    """The destination is linked; the session goes on at the source until the guest has moved."""

    seamless: bool


class Migrated(Event, frozen=True, tag="migrated"):
    """The session is at the destination: ``kind`` is seamless, semi-seamless or switch-host."""

    kind: str
    host: str
    port: int
    tls_port: int


class MigrationCancelled(Event, frozen=True, tag="migration-cancelled"):
    """The guest does not move; the session goes on where it is."""


class MigrationFailed(Event, frozen=True, tag="migration-failed"):
    """The destination can not be linked; the session goes on where it is, for as long as the guest is there."""

    text: str


class Ended(Event, frozen=True, tag="ended"):
    """The session is over, and all its channels with it.

    * ``orderly``: it had begun, and the user left, or the server closed main between two messages. A server that is killed
      looks like that, too. It broke where main was reset, cut within a message or given up because of what came on it, and
      where the server said DISCONNECTING with an error
    """

    orderly: bool
    text: str


def as_json(event: Event) -> dict[str, Any]:
    """An event as a JSON object; its kind is under ``event``."""
    found: dict[str, Any] = msgspec.to_builtins(event)
    return found
