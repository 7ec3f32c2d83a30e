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
from collections.abc import Callable

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
    """

    def __init__(self) -> None:
        super().__init__()
        self.present = False
        self.slow = False
        self._held = False
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
        if self._held or self._unread:
            self._unread.append((chunk, read))
            return
        self._give(chunk, read)

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
        while self._unread and not self._held:
            self._give(*self._unread.popleft())

    def set_present(self, present: bool) -> None:
        """It comes, or goes; what it has not read is lost."""
        if present != self.present:
            self.present = present
            self._lives += 1
            self._unread.clear()
            self._held = self.slow = False
            self.tell(AgentChanged(present))
