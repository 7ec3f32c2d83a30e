"""Faults of what an agent says of itself, and of its messages (14.2, 14.4, 14.6)."""

from __future__ import annotations

from typing import Any

from reference_server.faults.fault import fault
from reference_server.guests.agent import PlayedAgent
from spiceproto.enums.agent import AgentCapability, AgentMessageType, ClipboardType
from spiceproto.messages import agent


@fault("agent-reply-too-short", "SPICE-AGENT-010")
class AgentReplyTooShort(PlayedAgent):
    """Leaves the result out of REPLY."""

    def reply(self, type: int, done: bool) -> None:
        self.put(AgentMessageType.REPLY, int(type).to_bytes(4, "little"))


@fault("agent-sends-what-is-the-client-s", "SPICE-AGENT-012")
class AgentSendsWhatIsTheClients(PlayedAgent):
    """Sends MAX_CLIPBOARD behind its announcement."""

    def announced(self, value: agent.AnnounceCapabilities) -> None:
        super().announced(value)
        if value.request:
            self.put(AgentMessageType.MAX_CLIPBOARD, (1 << 20).to_bytes(4, "little"))


@fault("agent-sends-what-is-the-server-s", "SPICE-AGENT-012")
class AgentSendsWhatIsTheServers(PlayedAgent):
    """Sends MOUSE_STATE behind its announcement."""

    def announced(self, value: agent.AnnounceCapabilities) -> None:
        super().announced(value)
        if value.request:
            self.put(AgentMessageType.MOUSE_STATE, bytes(13))


@fault("agent-answers-no-announcement", "SPICE-AGENT-022")
class AgentAnswersNoAnnouncement(PlayedAgent):
    """Does not answer an announcement that asks for an answer."""

    def say(self, value: Any) -> None:
        if not isinstance(value, agent.AnnounceCapabilities) or value.request:
            super().say(value)


@fault("agent-answers-one-announcement", "SPICE-AGENT-022")
class AgentAnswersOneAnnouncement(PlayedAgent):
    """Answers the first announcement that asks for an answer, and no other."""

    answered = False

    def say(self, value: Any) -> None:
        if isinstance(value, agent.AnnounceCapabilities) and not value.request:
            if self.answered:
                return
            self.answered = True
        super().say(value)


@fault("agent-announces-unasked", "SPICE-AGENT-023")
class AgentAnnouncesUnasked(PlayedAgent):
    """Answers each announcement twice."""

    def say(self, value: Any) -> None:
        super().say(value)
        if isinstance(value, agent.AnnounceCapabilities) and not value.request:
            super().say(value)


@fault("agent-grabs-unannounced", "SPICE-AGENT-024")
class AgentGrabsUnannounced(PlayedAgent):
    """Sends CLIPBOARD_GRAB to a client that has announced no clipboard."""

    def announced(self, value: agent.AnnounceCapabilities) -> None:
        super().announced(value)
        if not self.terms.peer_has(AgentCapability.CLIPBOARD_BY_DEMAND):
            self.put(AgentMessageType.CLIPBOARD_GRAB, int(ClipboardType.UTF8_TEXT).to_bytes(4, "little"))


@fault("agent-speaks-before-it-announces", "SPICE-AGENT-027")
class AgentSpeaksBeforeItAnnounces(PlayedAgent):
    """Says what it has done before it says what it can do."""

    def announced(self, value: agent.AnnounceCapabilities) -> None:
        if value.request:
            self.reply(AgentMessageType.MONITORS_CONFIG, True)
        super().announced(value)


@fault("agent-does-not-reply", "SPICE-AGENT-043")
class AgentDoesNotReply(PlayedAgent):
    """Does not answer MONITORS_CONFIG."""

    def reply(self, type: int, done: bool) -> None:
        if type != AgentMessageType.MONITORS_CONFIG:
            super().reply(type, done)


@fault("agent-replies-to-one-monitor", "SPICE-AGENT-043")
class AgentRepliesToOneMonitor(PlayedAgent):
    """Answers MONITORS_CONFIG only if it has one monitor."""

    def set_monitors(self, value: agent.MonitorsConfig) -> None:
        if len(value.monitors) == 1:
            super().set_monitors(value)
        else:
            self.monitors.set(value)
