"""The agent's port: a serial line between the server and a program inside the guest, on which chunks go both ways.

    agent.deliver(port, data)    the server says something           AgentChunk
    agent.say(port, data)        the program says something          AgentSaid
    agent.hold(), go_on()        the program reads nothing for now, and reads again
    agent.slow_down(), speed_up()  the server wants nothing for now   AgentSlowed

Chunks of port 1 are pieces of what a client and the agent say to each other, those of port 2 of what the server itself says
(:class:`spiceproto.enums.agent.AgentPort`). What is not read yet waits here, and is gone when the program is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from reference_server.watched import Watched

__all__ = ["Agent", "AgentChanged", "AgentChunk", "AgentSaid", "AgentSlowed"]


class AgentChanged(msgspec.Struct, frozen=True):
    """The agent came or went."""

    present: bool


class AgentChunk(msgspec.Struct, frozen=True):
    """A chunk for the agent: ``data`` of the stream ``port``."""

    port: int
    data: bytes


class AgentSaid(msgspec.Struct, frozen=True):
    """A chunk of the agent: ``data`` of the stream ``port``."""

    port: int
    data: bytes


class AgentSlowed(msgspec.Struct, frozen=True):
    """The server wants nothing more of the agent for now, or again."""

    slow: bool


class Agent(Watched):
    """``present`` says whether it is there. Tells :class:`AgentChanged`, :class:`AgentChunk`, :class:`AgentSaid` and
    :class:`AgentSlowed`.

    ``slow``  whether the server wants nothing for now
    ``player``  what plays it, if that is a program of this server; None for what is somewhere else
    ``outside`` whether it is another program, which stays behind when the guest moves
    """

    def __init__(self) -> None:
        super().__init__()
        self.present = False
        self.slow = False
        self.player: Any = None
        self.outside = False
        self._held = False
        self._stands_still = False
        self._lives = 0
        self._unread: deque[tuple[AgentChunk, Callable[[], None] | None]] = deque()

    # -- the server's half

    @property
    def unread(self) -> int:
        """Chunks that the agent has not read."""
        return len(self._unread)

    def deliver(self, port: int, data: bytes, read: Callable[[], None] | None = None) -> None:
        """A chunk for the agent; ``read`` is called once it was read. Without an agent it is lost."""
        if not self.present:
            return
        chunk = AgentChunk(port, data)
        if self._held or self._stands_still or self._unread:
            self._unread.append((chunk, read))
            return
        self._give(chunk, read)

    def stand_still(self, still: bool = True) -> None:
        """The guest stands still, and reads nothing; or, with False, goes on."""
        self._stands_still = still
        self._read()

    def unread_of(self, port: int) -> tuple[bytes, ...]:
        """The chunks of a port that the agent has not read."""
        return tuple([chunk.data for chunk, _ in self._unread if chunk.port == port])

    def drop(self, port: int) -> None:
        """Whoever said it is gone: the chunks of this port that the agent has not read are not for it any more."""
        self._unread = deque([item for item in self._unread if item[0].port != port])

    def _give(self, chunk: AgentChunk, read: Callable[[], None] | None) -> None:
        life = self._lives
        self.tell(chunk)
        if read is not None and life == self._lives:
            read()

    def slow_down(self, slow: bool = True) -> None:
        """Want nothing more for now; or, with False, again."""
        if slow != self.slow:
            self.slow = slow
            self.tell(AgentSlowed(slow))

    # -- the guest's half

    def say(self, port: int, data: bytes) -> None:
        """A chunk of the agent; comes only while it is there."""
        if self.present:
            self.tell(AgentSaid(port, data))

    def hold(self) -> None:
        """Read nothing more until :meth:`go_on`."""
        self._held = True

    def go_on(self) -> None:
        """Read what has waited, and what comes."""
        self._held = False
        self._read()

    def _read(self) -> None:
        while self._unread and not (self._held or self._stands_still):
            self._give(*self._unread.popleft())

    def set_present(self, present: bool) -> None:
        """It comes, or goes; what it has not read is lost."""
        if present != self.present:
            self.present = present
            self._lives += 1
            self._unread.clear()
            self._held = self.slow = False
            if not present:
                self.player = None
            self.tell(AgentChanged(present))

    def arrive(self, present: bool, unread: Iterable[tuple[int, bytes]]) -> None:
        """The guest comes from another server, where it was there or not, and had not read these chunks; nobody is told."""
        self.present = present
        self._lives += 1
        self._unread = deque([(AgentChunk(port, data), None) for port, data in unread] if present else [])
        self._held = self.slow = False
