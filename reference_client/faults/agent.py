"""Faults of the talk with the guest agent: pieces, announcements, what comes and goes, monitors (spec/14-agent.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from reference_client.agent import Agent, AgentMonitors
from reference_client.agent.talk import TOKENS
from reference_client.faults.agent_part import agent_fault
from spiceproto import limits
from spiceproto.agent import begins_message
from spiceproto.agent.monitors import Monitor
from spiceproto.agent.outbox import Outbox
from spiceproto.enums.agent import AgentMessageType, DisplayConfigFlags, MonitorsConfigFlags
from spiceproto.errors import LimitError, RemoteError
from spiceproto.messages import agent, main

# -- pieces


@agent_fault("header-in-parts", "SPICE-AGENT-005")
class HeaderInParts(Agent):
    """Sends the header of each agent message in two parts."""

    def send_pieces(self, pieces: list[bytes]) -> None:
        for piece in pieces:
            parts = [piece[:10], piece[10:]] if begins_message(piece) and self.tokens.take() else [piece]
            super().send_pieces(parts)


@agent_fault("bytes-behind-messages", "SPICE-AGENT-006")
class BytesBehindMessages(Agent):
    """Fills the last piece of each agent message up with zeros."""

    def send_pieces(self, pieces: list[bytes]) -> None:
        room = limits.AGENT_CHUNK
        super().send_pieces([piece if len(piece) == room else piece + bytes(min(4, room - len(piece))) for piece in pieces])


@agent_fault("agent-protocol-2", "SPICE-AGENT-007")
class AgentProtocol2(Agent):
    """Writes another protocol number into agent messages."""

    def send_pieces(self, pieces: list[bytes]) -> None:
        super().send_pieces([b"\2" + piece[1:] if begins_message(piece) else piece for piece in pieces])


@agent_fault("no-header-in-parts", "SPICE-AGENT-008", "SPICE-MIG-052")
class NoHeaderInParts(Agent):
    """Passes over an AGENT_DATA that is shorter than the header of a message."""

    def receive(self, data: bytes, now: float) -> None:
        if len(data) >= 20:
            super().receive(data, now)


@agent_fault("believes-any-size", "SPICE-AGENT-009")
class BelievesAnySize(Agent):
    """Ends the session, as it has no room for the size that an agent message announces."""

    def confused(self, error: RemoteError) -> None:
        if isinstance(error, LimitError):
            self.host.end("there is not so much memory", orderly=False)
        else:
            super().confused(error)


@agent_fault("half-an-announcement", "SPICE-AGENT-010")
class HalfAnAnnouncement(Agent):
    """Leaves out half of a field of ANNOUNCE_CAPABILITIES."""

    def put(self, type: int, body: bytes) -> None:
        super().put(type, body[:2] if type == AgentMessageType.ANNOUNCE_CAPABILITIES else body)


@agent_fault("no-unknown-agent-messages", "SPICE-AGENT-011")
class NoUnknownAgentMessages(Agent):
    """Ends the session for an agent message of an unknown type."""

    def unknown(self, type: int) -> None:
        self.host.end("the agent says what nobody knows", orderly=False)


@agent_fault("replies-like-an-agent", "SPICE-AGENT-012")
class RepliesLikeAnAgent(Agent):
    """Sends REPLY, which is the agent's."""

    def announced(self, value: agent.AnnounceCapabilities, now: float) -> None:
        super().announced(value, now)
        self.say(agent.Reply(AgentMessageType.ANNOUNCE_CAPABILITIES, 1))


@agent_fault("no-broken-agent-messages", "SPICE-AGENT-013")
class NoBrokenAgentMessages(Agent):
    """Ends the session for an agent message that lacks fields."""

    def malformed(self, type: int, error: RemoteError) -> None:
        self.host.end("the agent says what is no message", orderly=False)


@agent_fault("leaves-messages-unfinished", "SPICE-AGENT-014")
class LeavesMessagesUnfinished(Agent):
    """Does not send the rest of a message that was for an agent which has gone."""

    def gone(self) -> None:
        self.outbox = Outbox(self.tokens)
        super().gone()


# -- announcements


@agent_fault("monitors-first", "SPICE-AGENT-020")
class MonitorsFirst(Agent):
    """Sends MONITORS_CONFIG before it announces what it can do."""

    def begin(self) -> None:
        self.send(main.AgentStart(TOKENS))
        self.say(agent.MonitorsConfig(0, (agent.MonConfig(height=480, width=640, depth=32, x=0, y=0),)))
        self.say(self.terms.announce())


@agent_fault("asks-for-no-announcement", "SPICE-AGENT-021", "SPICE-AGENT-023")
class AsksForNoAnnouncement(Agent):
    """Announces what it can do, and does not ask what the agent can."""

    def begin(self) -> None:
        self.send(main.AgentStart(TOKENS))
        self.say(self.terms.announce(request=False))


@agent_fault("answers-no-announcement", "SPICE-AGENT-022")
class AnswersNoAnnouncement(Agent):
    """Does not announce what it can do when it is asked."""

    def answer(self, value: agent.AnnounceCapabilities) -> None:
        self.terms.receive(value)


@agent_fault("announces-unasked", "SPICE-AGENT-023")
class AnnouncesUnasked(Agent):
    """Announces what it can do once more, when nobody has asked."""

    def announced(self, value: agent.AnnounceCapabilities, now: float) -> None:
        super().announced(value, now)
        self.say(self.terms.announce(request=False))


@agent_fault("settings-for-anybody", "SPICE-AGENT-024")
class SettingsForAnybody(Agent):
    """Sends DISPLAY_CONFIG to agents that have not announced it."""

    def announced(self, value: agent.AnnounceCapabilities, now: float) -> None:
        super().announced(value, now)
        self.say(agent.DisplayConfig(DisplayConfigFlags.DISABLE_WALLPAPER, 0))


@agent_fault("no-words-are-all", "SPICE-AGENT-025", "SPICE-AGENT-024")
class NoWordsAreAll(Agent):
    """Takes an announcement without words for one of everything."""

    def answer(self, value: agent.AnnounceCapabilities) -> None:
        super().answer(value if value.caps else msgspec.structs.replace(value, caps=(0xFFFFFFFF,)))


@agent_fault("capabilities-add-up", "SPICE-AGENT-026", "SPICE-AGENT-028")
class CapabilitiesAddUp(Agent):
    """Takes what an agent has once announced as announced for ever."""

    def answer(self, value: agent.AnnounceCapabilities) -> None:
        before = self.terms.peer
        super().answer(value)
        self.terms.peer |= before


# -- the agent goes and comes


@agent_fault("greets-one-agent", "SPICE-AGENT-059")
class GreetsOneAgent(Agent):
    """Greets the first agent of a session, and no other."""

    greeted = False

    def begin(self) -> None:
        if not self.greeted:
            self.greeted = True
            super().begin()


@agent_fault("keeps-half-a-message", "SPICE-AGENT-060")
class KeepsHalfAMessage(Agent):
    """Takes what a new agent says for the rest of what the old one has begun."""

    def gone(self) -> None:
        reader = self.reader
        super().gone()
        self.reader = reader


# -- monitors


@agent_fault("monitors-of-no-size", "SPICE-AGENT-041")
class MonitorsOfNoSize(AgentMonitors):
    """Tells every agent of one monitor more, which is off."""

    def config(self, monitors: Sequence[Monitor]) -> agent.MonitorsConfig:
        found = super().config(monitors)
        off = agent.MonConfig(height=0, width=0, depth=0, x=0, y=0)
        return msgspec.structs.replace(found, monitors=(*found.monitors, off))


@agent_fault("monitors-in-millimetres", "SPICE-AGENT-042")
class MonitorsInMillimetres(AgentMonitors):
    """Tells every agent how large monitors are in millimetres."""

    def config(self, monitors: Sequence[Monitor]) -> agent.MonitorsConfig:
        found = super().config(monitors)
        sizes: tuple[Any, ...] = tuple([agent.MonitorMM(200, 300) for _ in found.monitors])
        return msgspec.structs.replace(
            found, flags=MonitorsConfigFlags(found.flags) | MonitorsConfigFlags.PHYSICAL_SIZE, physical_sizes=sizes
        )
