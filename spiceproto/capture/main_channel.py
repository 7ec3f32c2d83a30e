"""What messages of a main channel mean for the rest of a capture: which session this is, which channels there are, what the
agent says.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Protocol

from spiceproto import dispatch
from spiceproto.agent import JOINED, table
from spiceproto.capture.consumer import Consumer, Reporter
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import At
from spiceproto.capture.lane import Hook
from spiceproto.capture.outcomes import Outcomes
from spiceproto.capture.sessions import Sessions
from spiceproto.channels import channel_name
from spiceproto.errors import RemoteError

if TYPE_CHECKING:
    from spiceproto.capture.agent_talk import AgentTalk

__all__ = ["MainChannel"]


class _Owner(Protocol):
    """What is needed of the decoder: see :class:`spiceproto.capture.spice.Owner`."""

    consumer: Consumer
    sessions: Sessions
    outcomes: Outcomes


class MainChannel:
    """Hears the messages of a connection that is a main channel; of any other there is nothing to hear."""

    def __init__(self, owner: _Owner, conversation: Conversation, reporter: Reporter) -> None:
        self._owner = owner
        self._conversation = conversation
        self._reporter = reporter
        self._joined = False
        self._lost: dict[str, At] = {}
        self._agent: AgentTalk | None = None

    def join(self) -> None:
        """The capture begins in the middle of it."""
        self._joined = True

    @property
    def agent_table(self) -> str:
        """That of the messages which client and agent exchange."""
        if self._agent is not None:
            return self._agent.table
        return "agent" if not self._joined else table(JOINED, JOINED)

    def go_on(self, source: MainChannel | None) -> None:
        """Messages of the agent that began at another server, ``source``, end here; None where that was not seen."""
        if source is None or source._joined:
            self._joined = True
        if source is not None and source._agent is not None and self._agent is None:
            self._agent, source._agent = source._agent, None
            self._agent.go_on(self._conversation, self._reporter)

    def lose(self, at: At) -> None:
        """Bytes of a side are missing."""
        if self._agent is None:
            self._lost[at.sender] = at
        else:
            self._agent.lose(at)

    def closed(self, at: At, ends: Collection[str]) -> None:
        """Nothing more will come; ``ends`` are the sides whose last byte was seen."""
        if self._agent is not None:
            self._agent.closed(at, ends)

    def hooks(self, sender: str) -> Mapping[int, Hook]:
        """Message number to what has to be noted about it."""
        if self._conversation.table != "main":
            return {}
        by_name = {"AGENT_DATA": self._agent_data}
        if sender == "server":
            by_name |= {"INIT": self._main_init, "CHANNELS_LIST": self._channels_list}
        return {row.number: by_name[row.name] for row in dispatch.rows("main", sender).values() if row.name in by_name}

    def _main_init(self, body: bytes, at: At) -> None:
        conversation = self._conversation
        if conversation.session is not None and len(body) >= 4:
            number = int.from_bytes(body[:4], "little")
            self._owner.sessions.identify(conversation.session, conversation.connection.server, number)

    def _channels_list(self, body: bytes, at: At) -> None:
        row = next(row for row in dispatch.rows("main", "server").values() if row.name == "CHANNELS_LIST")
        try:
            channels = row.parse(body).channels
        except RemoteError:  # whoever prints it says so
            return
        places = [f"{channel_name(int(channel.type))}:{channel.id}" for channel in channels]
        self._owner.outcomes.listed(self._conversation, places, at.time_ns)

    def _agent_data(self, body: bytes, at: At) -> None:
        if self._agent is None:
            from spiceproto.capture.agent_talk import AgentTalk  # not at import: many captures have no agent

            self._agent = AgentTalk(self._owner.consumer, self._conversation, self._reporter, joined=self._joined)
            for lost in self._lost.values():
                self._agent.lose(lost)
        self._agent.data(body, at)
