"""Faults of a server that others suffer from (spec/20-robustness.md)."""

from __future__ import annotations

from typing import Any, Final

from reference_server.faults.fault import fault
from reference_server.line import Line
from reference_server.server import Server
from spiceproto.messages import main
from spiceproto.transport import Connection

_ONES: Final = 0xFFFFFFFF


def _half(line: Line) -> bool:
    """Whether a part of a message has come."""
    return line.open and line.session is not None and bool(line.messages.readers["client"].pending)


@fault("half-a-message-ends-all", "SPICE-ROBUST-001")
class HalfAMessageEndsAll(Server):
    """Ends all sessions when a client closes a channel inside a message."""

    def closed(self, connection: Connection, now: float) -> None:
        line = self.lines.get(connection)
        half = line is not None and _half(line)
        super().closed(connection, now)
        if half:
            self.shutdown()


@fault("reads-a-message-to-its-end", "SPICE-ROBUST-003")
class ReadsAMessageToItsEnd(Server):
    """Looks at no other connection while a message has not come whole."""

    def receive(self, connection: Connection, data: bytes, now: float) -> None:
        later: list[tuple[Connection, bytes]] = self.__dict__.setdefault("_later", [])
        if any(_half(line) for at, line in self.lines.items() if at is not connection):
            later.append((connection, data))
            return
        super().receive(connection, data, now)
        while later and not any(map(_half, self.lines.values())):
            super().receive(*later.pop(0), now)


@fault("too-many-tokens-end-all", "SPICE-ROBUST-005")
class TooManyTokensEndAll(Line):
    """Ends all sessions when a client gives more tokens than can be counted."""

    def handle(self, value: Any, now: float) -> None:
        if isinstance(value, main.AgentToken) and value.num_tokens == _ONES and isinstance(self.owner, Server):
            self.owner.shutdown()
        else:
            super().handle(value, now)
