"""Webdav channels: a folder of the client for the guest (spec/15-byte-channels.md, 15.3).

The stream is cut into chunks, each of one connection of the guest; behind each stands HTTP, if a folder is shared
(:mod:`reference_client.sharing`). Without one a connection is ended at once, and the guest can tell that there is nothing.
Answers are taken out in turns, as fast as they leave, so that a large file holds up neither memory nor other connections.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reference_client.channels.port import NamedPort
from reference_client.host import Host
from reference_client.line import Line
from spiceproto.messages.webdav import MuxChunk
from spiceproto.mux import Demultiplexer, multiplex

if TYPE_CHECKING:
    from reference_client.sharing import Visit

__all__ = ["WebdavChannel"]

CONNECTIONS: Final = 256
"""Most connections at a time; more are refused."""

_PIECE: Final = 1 << 15
"""Bytes of one connection before others have their turn."""

_TURN: Final = 1 << 20
"""Bytes after which the session has its turn."""


class WebdavChannel(NamedPort):
    """``visits`` are the connections of the guest by their numbers."""

    def __init__(self, host: Host, line: Line) -> None:
        super().__init__(host, line)
        self.visits: dict[int, Visit] = {}
        self.parts = Demultiplexer()

    def moved(self) -> None:
        """A port that is closed has no connections, and no beginning of a chunk (SPICE-VMC-035)."""
        if not self.opened:
            self.forget()

    def forget(self) -> None:
        """Nothing of what came goes on."""
        self.parts.forget()
        while self.visits:
            self.visits.popitem()[1].close()
        self.deadline = None

    def end(self, now: float) -> None:
        """The channel is closed."""
        self.forget()

    def take(self, data: bytes) -> None:
        """Chunks, or parts of them."""
        for chunk in self.parts.receive(data):
            self.chunk(chunk)
        self.go_on()

    def chunk(self, chunk: MuxChunk) -> None:
        """One chunk of the guest."""
        number, share = chunk.client, self.host.options.share
        visit = self.visits.get(number)
        if not chunk.data:
            if visit is not None:
                del self.visits[number]
                visit.close()
            return
        if visit is None:
            if share is None or not number or len(self.visits) >= CONNECTIONS:
                self.answer(number, b"")
                return
            visit = self.visits[number] = share()
        visit.receive(bytes(chunk.data))

    def answer(self, number: int, data: bytes) -> None:
        """Bytes of a connection for the guest, or its end."""
        self.write(multiplex(number, data))

    def go_on(self) -> None:
        """Answer as much as leaves soon, each connection in turn."""
        left = _TURN
        moved = True
        while moved and left > 0 and self.room:
            moved = False
            for number, visit in list(self.visits.items()):
                data = visit.pull(_PIECE)
                if data:
                    moved = True
                    left -= len(data)
                    self.answer(number, data)
                if visit.over:
                    del self.visits[number]
                    self.answer(number, b"")
        self.deadline = self.host.now if moved and self.room else None

    def hold(self, held: bool, now: float) -> None:
        """What was answered is out, or waits."""
        if not held:
            self.go_on()

    def tick(self, now: float) -> None:
        """The session has had its turn."""
        if self.deadline is not None:
            self.go_on()
