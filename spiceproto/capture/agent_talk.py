"""What client and guest agent say to each other in the AGENT_DATA of a main channel."""

from __future__ import annotations

from collections.abc import Collection

from spiceproto.agent import JOINED, AgentReader, begins_message, table
from spiceproto.capture.consumer import Consumer, Reporter
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import At
from spiceproto.enums.agent import AgentMessageType
from spiceproto.errors import RemoteError

__all__ = ["AgentTalk"]


class AgentTalk:
    """Both directions. ``joined``: the capture begins in the middle of it."""

    def __init__(self, consumer: Consumer, conversation: Conversation, reporter: Reporter, *, joined: bool) -> None:
        self._consumer = consumer
        self._conversation = conversation
        self._reporter = reporter
        self._readers = {"client": AgentReader(), "server": AgentReader()}
        self._bits = dict.fromkeys(self._readers, JOINED if joined else 0)
        self._joining = dict.fromkeys(self._readers, False) if joined else {}

    @property
    def table(self) -> str:
        """That of these messages, as far as it is known."""
        return table(self._bits["client"], self._bits["server"])

    def go_on(self, conversation: Conversation, reporter: Reporter) -> None:
        """The session is at another server, and the messages that are under way end on another connection."""
        self._conversation, self._reporter = conversation, reporter

    def lose(self, at: At) -> None:
        """Bytes of a side are missing."""
        if self._readers[at.sender].lose():
            self._reporter.report("agent-message-lost", at)

    def closed(self, at: At, ends: Collection[str]) -> None:
        """Nothing more will come; ``ends`` are the sides whose last byte was seen."""
        for sender, reader in self._readers.items():
            here, size = At(sender, at.time_ns, at.frame), f"{reader.pending} bytes"
            if reader.pending and sender in ends:
                self._reporter.report("agent-message-incomplete", here, actual=size)
            elif reader.pending:
                self._reporter.report("agent-message-not-seen", here, actual=size)

    def data(self, body: bytes, at: At) -> None:
        """One AGENT_DATA."""
        sender = at.sender
        if sender in self._joining:
            if not begins_message(body):
                if not self._joining[sender]:
                    self._joining[sender] = True
                    self._reporter.report("agent-message-begun", at)
                return
            del self._joining[sender]
        try:
            for number, _, content in self._readers[sender].receive(body):
                self._message(number, content, at)
        except RemoteError as error:
            self._readers[sender] = AgentReader()
            self._reporter.failed("agent", error, at)

    def _message(self, number: int, content: bytes, at: At) -> None:
        found = self.table
        if number == AgentMessageType.ANNOUNCE_CAPABILITIES:
            words = content[4 : len(content) & ~3]
            self._bits[at.sender] = int.from_bytes(words, "little")
        self._consumer.agent(self._conversation, at, found, number, content)
