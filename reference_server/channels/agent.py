"""What a main channel does for one client and the agent: both accounts of tokens, and what waits for them.

    AGENT_DATA of the client ──> receive ──> rules, filters ──> the agent; a token goes back when the agent has read it
    the agent ──> queue ──> AGENT_DATA, one token of the client each

A client speaks to an agent from its AGENT_START on; what it says before, or to one that is gone, is thrown
away (SPICE-AGENT-003). So is what is left of a message for one that is gone, whenever it comes (SPICE-AGENT-014).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import ClassVar, Final

from reference_server.agent_line import AgentLine, FromAgent
from reference_server.channels import moving
from reference_server.fragments import Fragments
from spiceproto import limits
from spiceproto.agent import device
from spiceproto.agent.pieces import begins_message
from spiceproto.agent.tokens import GivenTokens, Tokens
from spiceproto.enums.agent import AgentPort
from spiceproto.errors import RemoteError
from spiceproto.messages import main, migration

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
        self._frozen = False
        self._fragments = self.fragments_class()
        self._stale = False
        self._reset()

    def _reset(self) -> None:
        self.started = self._follows = self._passes = False
        self._queue: deque[bytes] = deque()
        self._queued = 0
        self._sent = 0
        self._early: list[bytes] = []

    # -- the session comes and goes

    def freeze(self) -> tuple[bytes, ...]:
        """Say nothing more here; what waits for the client."""
        self._frozen = True
        return tuple(self._queue)

    def thaw(self) -> None:
        """Go on here after all."""
        self._frozen = False
        self.flush()

    def pack(self, header: migration.MigrateDataHeader) -> migration.Main:
        """What the destination has to know (SPICE-MIG-052): both accounts, the half of a message, and what the agent has not
        read; tokens that are owed the client are those that it does not have and that nothing holds.
        """
        agent, pieces = self.line.agent, self.line.pieces
        chunks = agent.unread_of(AgentPort.CLIENT_PORT) if self.started else ()
        return migration.Main(
            header=header,
            agent_base=moving.device(
                connected=agent.present,
                given=self.given.left,
                tokens=self.tokens.left,
                unread=b"".join([device.wrap(AgentPort.CLIENT_PORT, chunk) for chunk in chunks]),
                held=len(chunks),
            ),
            client_agent_started=int(self.started),
            agent2client_chunk_header_size=0,
            agent2client_chunk_header=migration.ChunkHeader(port=0, size=0),
            agent2client_msg_header_done=int(pieces.left > 0),
            agent2client_msg_header_ptr=pieces.half_header or None,
            agent2client_msg_remaining=pieces.left,
            agent2client_msg_filter_result=0,
            client2agent_msg_remaining=self._fragments.left,
            client2agent_msg_filter_result=int(self._fragments.left > 0 and not self._passes),
        )

    def go_on(self, data: migration.Main, queue: Iterable[bytes]) -> None:
        """Go on where the source was. Raises RemoteError for what it can not have said."""
        base = data.agent_base
        chunks = list(device.ChunkReader().receive(base.write_data_ptr or b""))
        read = [chunk for port, chunk in chunks if port == AgentPort.CLIENT_PORT]
        if len(read) != len(chunks) or sum(map(len, read)) + device.CHUNK_HEADER_SIZE * len(read) != base.write_size:
            raise RemoteError("this is nothing that a client has said to the agent", path="agent_base.write_data_ptr")
        early = self._early
        self.forget_early()
        if not data.client_agent_started:
            return
        given = min(base.num_client_tokens, AGENT_TOKENS)
        self.given.resume(given, max(AGENT_TOKENS - given - len(read), 0))
        self.start(main.AgentStart(base.num_send_tokens))
        self._follows = True
        self._fragments.left = data.client2agent_msg_remaining
        self._passes = not data.client2agent_msg_filter_result
        if self.line.filtered:
            # Nobody knows any more what these are pieces of.
            read = []
        self.line.go_on(self, read, self._read, under_way=self._fragments.left > 0 and self._passes)
        self._queue.extend((*queue, *early))
        self._queued = sum(map(len, self._queue))
        self.flush()

    def hear_early(self, news: FromAgent) -> None:
        """The agent says something to a client that is still on its way here."""
        self._early.append(news.data)
        if sum(map(len, self._early)) > _ENOUGH:
            self.line.slow_down(self, True)

    def forget_early(self) -> None:
        """The client is here, and nothing of that waits any more."""
        self._early = []
        self.line.slow_down(self, False)

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
        self.forget_early()
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
        return bool(self._queue) and not self._frozen and self.tokens.left > 0 and self._may_send()

    def turn(self) -> None:
        """Others had their turn."""
        self._sent = 0
        self.flush()

    def flush(self) -> None:
        """Send what there are tokens for, and room."""
        queue = self._queue
        while queue and not self._frozen and self._sent < _ENOUGH and self._may_send() and self.tokens.take():
            data = queue.popleft()
            self._queued -= len(data)
            self._sent += len(data)
            self._send(main.AgentData(data))
        if self._queued <= _ENOUGH // 2:
            self.line.slow_down(self, False)
