"""What a channel is for: one object for each linked channel.

The message layer answers SET_ACK, PING and WAIT_FOR_CHANNELS for every channel. A part takes what is left, and lives with
whatever it does not know: a message without a row in ``actions`` is accepted and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from reference_client import events
from spiceproto.messages import common

if TYPE_CHECKING:
    from reference_client.client import Client
    from reference_client.member import Member

__all__ = ["Part", "text_of"]


def text_of(data: bytes) -> str:
    """Text for people, up to its first zero byte if there is one."""
    return data.partition(b"\0")[0].decode("utf-8", "replace")


class Part:
    """A channel without a purpose of its own here. Subclasses add rows to ``actions``."""

    actions: ClassVar[Mapping[type, str]] = MappingProxyType({})
    """Class of a message to the name of the method that takes it."""

    def __init__(self, client: Client, member: Member) -> None:
        self.client = client
        self.member = member

    def start(self) -> None:
        """The link is done; what the client says first is said here."""

    def handle(self, value: Any) -> None:
        """A message of the server."""
        kind = type(value)
        if kind is common.Notify:
            self.notified(value)
            return
        action = self.actions.get(kind)
        if action is not None:
            getattr(self, action)(value)

    def notified(self, value: common.Notify) -> None:
        """Something to read; on any channel, at any time."""
        severity, visibility, what = int(value.severity), int(value.visibilty), int(value.what)
        self.client.tell(events.Notified(self.member.name, severity, visibility, what, text_of(value.message)))

    def send(self, value: Any) -> None:
        """A message for the server."""
        self.client.send(self.member, value)
