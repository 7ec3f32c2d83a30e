"""Faults of a client that can be led astray (spec/20-robustness.md)."""

from __future__ import annotations

from typing import Any, Final

from reference_client.channels import CursorChannel
from reference_client.client import Client
from reference_client.faults.fault import fault
from reference_client.faults.video import Strict
from reference_client.line import Line
from spiceproto.channel import Event, MalformedMessage
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.messages import cursor, display
from spiceproto.transport import Connection

_ROOM: Final = 64
_STREAM_CLIP: Final = 124


def _half(line: Line) -> bool:
    """Whether a part of a message has come."""
    return line.state == "linked" and line.messages is not None and bool(line.messages.readers["server"].pending)


@fault("lost-link-ends-the-session", "SPICE-ROBUST-002")
class LostLinkEndsTheSession(Client):
    """Ends the session when the server closes another channel than main in its link stage."""

    def refused(self, line: Line, error: LinkErr | int | None, stage: str, text: str) -> None:
        super().refused(line, error, stage, text)
        if line.type != ChannelType.MAIN and error is None and stage != "connect" and not line.ahead:
            self.end(text, orderly=False)


@fault("reads-one-message-at-a-time", "SPICE-ROBUST-004")
class ReadsOneMessageAtATime(Client):
    """Looks at no other connection while a message has not come whole."""

    def receive(self, connection: Connection, data: bytes, now: float) -> None:
        later: list[tuple[Connection, bytes]] = self.__dict__.setdefault("_later", [])
        if any(_half(line) for line in self.lines.values() if line.connection is not connection):
            later.append((connection, data))
            return
        super().receive(connection, data, now)
        while later and not any(map(_half, self.lines.values())):
            super().receive(*later.pop(0), now)


@fault("wrong-count-ends-the-session", "SPICE-ROBUST-006")
class WrongCountEndsTheSession(Line):
    """Ends the session when a clip of a stream says more rectangles than it has."""

    def handle(self, event: Event, now: float) -> None:
        if isinstance(event, MalformedMessage) and (self.type, event.type) == (ChannelType.DISPLAY, _STREAM_CLIP):
            self.owner.end("a clip that is not whole", orderly=False)
        else:
            super().handle(event, now)


@fault("room-for-64-streams", "SPICE-ROBUST-007")
class RoomFor64Streams(Strict):
    """Ends the session when a stream has a number above 63."""

    def hates(self, value: Any) -> bool:
        return isinstance(value, display.StreamCreate) and value.id >= _ROOM


@fault("shape-without-pixels-ends-the-session", "SPICE-ROBUST-010")
class ShapeWithoutPixelsEndsTheSession(CursorChannel):
    """Ends the session when a shape of the pointer has no pixels."""

    def handle(self, value: Any, now: float) -> None:
        shape = value.cursor.header if isinstance(value, cursor.Set) else None
        if shape is not None and not shape.width * shape.height:
            self.host.end("a pointer of no size", orderly=False)
        else:
            super().handle(value, now)
