"""What a main channel does for one client and the agent: both accounts of tokens, and what waits for them.

    AGENT_DATA of the client ──> receive ──> rules, filters ──> the agent; a token goes back when the agent has read it
    the agent ──> queue ──> AGENT_DATA, one token of the client each

A client speaks to an agent from its AGENT_START on; what it says before, or to one that is gone, is thrown
away (SPICE-AGENT-003). So is what is left of a message for one that is gone, whenever it comes (SPICE-AGENT-014).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import ClassVar, Final

from reference_server.agent_line import AgentLine, FromAgent
from reference_server.fragments import Fragments
from spiceproto import limits
from spiceproto.agent.pieces import begins_message
from spiceproto.agent.tokens import GivenTokens, Tokens
from spiceproto.errors import RemoteError
from spiceproto.messages import main

__all__ = ["AGENT_TOKENS", "AgentTalk"]

AGENT_TOKENS: Final = 100
"""AGENT_DATA messages that a client may have under way. libspice-server has 10; a file then takes more than twice the time."""

_BATCH: Final = 25
"""So many tokens are given back at once."""

_OWED: Final = 64
"""AGENT_DATA messages without a token that are taken all the same while the agent reads slowly: the client may be wrong by a
few, and nothing else bounds what waits."""

_ENOUGH: Final = 256 << 10
"""Bytes that wait for a client above which the agent is to say nothing more; and that go out before others have their turn."""


class AgentTalk:
    """One client's. ``send`` sends messages; ``may_send`` says whether what was sent has left.

    ``started``  whether the client speaks to the agent that there is
    ``given``    the client's tokens
    ``tokens``   ours
    """

    fragments_class: ClassVar[type[Fragments]] = Fragments

    def __init__(self, line: AgentLine, send: Callable[..., None], may_send: Callable[[], bool]) -> None:
        self.line = line
        self.given = GivenTokens(AGENT_TOKENS, _BATCH)
        self.tokens = Tokens()
        self.started = False
        self._send = send
        self._may_send = may_send
        self._owed = 0
        self._fragments = self.fragments_class()
        self._stale = False
        self._reset()

    def _reset(self) -> None:
        self.started = self._follows = self._passes = False
        self._queue: deque[bytes] = deque()
        self._queued = 0
        self._sent = 0

    # -- the agent comes and goes

    def connected(self) -> None:
        """There is another agent, or none: all begins anew, the client's tokens among it."""
        self.line.unwatch(self.hear)
        self._reset()
        self._stale = self._fragments.left > 0
        self._owed = 0
        self.tokens.set(0)
        self.given.set(AGENT_TOKENS)

    def end(self) -> None:
        """The client is gone."""
        self.line.unwatch(self.hear)
        self.line.leave(self)
        self._reset()

    # -- from the client

    def start(self, value: main.AgentStart) -> None:
        """AGENT_START: the client speaks from now on, and takes so many messages."""
        if not self.line.agent.present:
            return
        self.tokens.set(value.num_tokens)
        if not self.started:
            self.started = True
            self.line.start(self)
            self.line.watch(self.hear, FromAgent)

    def grant(self, value: main.AgentToken) -> None:
        """AGENT_TOKEN: the client takes so many more."""
        self.tokens.add(value.num_tokens)
        self.flush()

    def receive(self, data: bytes) -> None:
        """AGENT_DATA. Raises RemoteError for what no client may send."""
        if self._stale and self._rest(data):
            return
        if not self.started:
            if len(data) > limits.AGENT_CHUNK:
                raise RemoteError(
                    "a fragment is too long", path="data", expected=f"at most {limits.AGENT_CHUNK} bytes", actual=str(len(data))
                )
            return
        fragments = self._fragments
        counted = self.given.received()
        if not counted:
            self._owed += 1
            if self._owed > _OWED:
                raise RemoteError("the client has no token for AGENT_DATA", expected="to wait for AGENT_TOKEN")
        if fragments.receive(data):
            self._passes = self.line.begins(fragments.type, fragments.size)
        read = self._read if counted else self._read_owed
        if self._passes:
            self.line.write(self, data, last=not fragments.left, read=read)
        else:
            read()

    def _rest(self, data: bytes) -> bool:
        """Whether this is left of a message for an agent that is gone; a client that has dropped it begins with a header."""
        fragments = self._fragments
        if begins_message(data) or len(data) > fragments.left:
            self._fragments, self._stale = self.fragments_class(), False
            return False
        fragments.receive(data)
        self._stale = fragments.left > 0
        if self.started and self.given.received():
            self._read()
        return True

    def _read(self) -> None:
        count = self.given.done()
        if count:
            self._send(main.AgentToken(count))

    def _read_owed(self) -> None:
        self._owed -= 1

    # -- from the agent

    def hear(self, news: FromAgent) -> None:
        """The agent says something. What it began for another client is not for this one."""
        if not self._follows and not news.begins:
            return
        self._follows = True
        self._queue.append(news.data)
        self._queued += len(news.data)
        self.flush()
        if self._queued > _ENOUGH:
            self.line.slow_down(self, True)

    @property
    def waits_for_turn(self) -> bool:
        """Whether something could be sent now, but others are to have their turn before."""
        return bool(self._queue) and self.tokens.left > 0 and self._may_send()

    def turn(self) -> None:
        """Others had their turn."""
        self._sent = 0
        self.flush()

    def flush(self) -> None:
        """Send what there are tokens for, and room."""
        queue = self._queue
        while queue and self._sent < _ENOUGH and self._may_send() and self.tokens.take():
            data = queue.popleft()
            self._queued -= len(data)
            self._sent += len(data)
            self._send(main.AgentData(data))
        if self._queued <= _ENOUGH // 2:
            self.line.slow_down(self, False)
