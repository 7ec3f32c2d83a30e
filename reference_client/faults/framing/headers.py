"""Faults in headers (spec/02-framing.md, 2.1)."""

from __future__ import annotations

from typing import Any

from reference_client.faults.fault import fault
from reference_client.line import Line
from reference_client.waiting import Waiting
from spiceproto.channel import Channel
from spiceproto.link.events import Established
from spiceproto.messages import common


@fault("full-header-always", "SPICE-FRAME-001", "SPICE-FRAME-007", "SPICE-FRAME-029", "SPICE-FRAME-041")
class FullHeaderAlways(Channel):
    """Sends full headers although both ends announced mini headers."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.writer.mini = False


@fault("full-header-on-cursor", "SPICE-FRAME-001", "SPICE-FRAME-041")
class FullHeaderOnCursor(Channel):
    """Sends full headers on cursor although both ends announced mini headers."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.writer.mini = self.writer.mini and self.table != "cursor"


@fault("mini-header-always", "SPICE-FRAME-001")
class MiniHeaderAlways(Line):
    """Uses mini headers whatever the server has announced."""

    def make_messages(self, link: Established) -> Channel:
        return self.owner.channel_class("client", self.name, True)


@fault("serials-from-zero", "SPICE-FRAME-002")
class SerialsFromZero(Channel):
    """Counts its messages from 0 in full headers."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.writer.serial = -1


@fault("no-count-under-mini-headers", "SPICE-FRAME-003", "SPICE-FRAME-034", "SPICE-CACHE-019")
class NoCountUnderMiniHeaders(Waiting):
    """Does not count the server's messages where headers do not number them, and so never waits long enough."""

    def handled(self, waiting: Line, channel_type: int, channel_id: int) -> int | None:
        line = self.lines.get((channel_type, channel_id))
        mini = line is not None and line.messages is not None and line.messages.writer.mini
        return None if mini else super().handled(waiting, channel_type, channel_id)


@fault("counts-set-ack-twice", "SPICE-FRAME-003")
class CountsSetAckTwice(Channel):
    """Counts a SET_ACK twice where headers do not number messages."""

    def note(self, value: Any) -> None:
        super().note(value)
        reader = self.readers["server"]
        if isinstance(value, common.SetAck) and reader.mini:
            reader.serial += 1


@fault("one-message-a-read", "SPICE-FRAME-004")
class OneMessageARead(Channel):
    """Handles the first message of every read and forgets the others."""

    def receive(self, data: bytes, now: float = 0.0, *, sender: str = "") -> None:
        before = len(self.queue)
        super().receive(data, now, sender=sender)
        whole = 0
        for at, part in enumerate(list(self.queue)):
            whole += at >= before and not getattr(part, "inside", False)
            if whole > 1:
                self.queue.pop()


@fault("messages-in-pieces-lost", "SPICE-FRAME-004", "SPICE-ROBUST-004")
class MessagesInPiecesLost(Channel):
    """Forgets the beginning of a message whose end comes in another read."""

    def receive(self, data: bytes, now: float = 0.0, *, sender: str = "") -> None:
        super().receive(data, now, sender=sender)
        reader = self.readers["server"]
        if reader.pending:
            reader.forget()
