"""Faults of a guest that browses a folder of the client (spec/15-byte-channels.md, 15.3).

The chunks are the guest's; a channel that changes them on their way is a guest that does.
"""

from __future__ import annotations

from typing import Any

from reference_server.channels.port import WebdavChannel
from reference_server.faults.fault import fault
from spiceproto.messages.webdav import MuxChunk
from spiceproto.mux import Demultiplexer, multiplex


@fault("whole-chunks-only", "SPICE-VMC-028")
class WholeChunksOnly(WebdavChannel):
    """Drops DATA in which chunks do not begin and end."""

    def hear(self, data: bytes) -> None:
        parts = Demultiplexer()
        parts.receive(data)
        if not parts.pending:
            super().hear(data)


class _Chunks(WebdavChannel):
    """Changes chunks, one by one."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._said, self._heard = Demultiplexer(), Demultiplexer()
        self.used: set[int] = set()

    def said(self, chunk: MuxChunk) -> list[MuxChunk]:
        """What a chunk of the guest becomes."""
        return [chunk]

    def heard(self, chunk: MuxChunk) -> list[MuxChunk]:
        """What a chunk of the client becomes."""
        return [chunk]

    def write(self, data: bytes) -> None:
        for chunk in self._said.receive(data):
            self.used.add(chunk.client)
            for item in self.said(chunk):
                super().write(multiplex(item.client, item.data))

    def hear(self, data: bytes) -> None:
        for chunk in self._heard.receive(data):
            for item in self.heard(chunk):
                super().hear(multiplex(item.client, item.data))


@fault("end-of-connection-ignored", "SPICE-VMC-030")
class EndOfConnectionIgnored(_Chunks):
    """Takes a chunk without bytes for nothing."""

    def heard(self, chunk: MuxChunk) -> list[MuxChunk]:
        return [chunk] if chunk.data else []


@fault("end-of-all-connections", "SPICE-VMC-030")
class EndOfAllConnections(_Chunks):
    """Takes a chunk without bytes for the end of every connection."""

    def heard(self, chunk: MuxChunk) -> list[MuxChunk]:
        if chunk.data or chunk.client not in self.used:
            return [chunk]
        return [MuxChunk(number, b"") for number in sorted(self.used)]


@fault("one-number-for-all", "SPICE-VMC-038", "SPICE-VMC-028", "SPICE-VMC-030")
class OneNumberForAll(_Chunks):
    """Gives every connection the same number."""

    def said(self, chunk: MuxChunk) -> list[MuxChunk]:
        return [MuxChunk(1, chunk.data)]


@fault("unknown-number-fatal", "SPICE-VMC-039")
class UnknownNumberFatal(_Chunks):
    """Closes the channel for a chunk with a number that no connection has."""

    def heard(self, chunk: MuxChunk) -> list[MuxChunk]:
        if chunk.client not in self.used:
            self.line.drop("a number that no connection has")
            return []
        return [chunk]
