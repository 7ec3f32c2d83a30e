"""Faults in patience (spec/01-link.md, SPICE-LINK-063 and 064)."""

from __future__ import annotations

from reference_server.faults.fault import fault
from reference_server.line import Line
from reference_server.server import Server
from spiceproto.transport import Connection


@fault("waits-for-ever", "SPICE-LINK-063")
class WaitsForEver(Line):
    """Never gives up a link on which the client is silent."""

    def give_up_at(self, heard: float) -> float:
        return float("inf")


@fault("one-link-at-a-time", "SPICE-LINK-064")
class OneLinkAtATime(Server):
    """Does not listen to a client while the link of another one is not finished."""

    def receive(self, connection: Connection, data: bytes, now: float) -> None:
        unfinished = self.unfinished
        if self.lines.get(connection) in unfinished[1:]:
            return
        super().receive(connection, data, now)
