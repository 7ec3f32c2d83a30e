"""A guest agent in memory for tests, behind a scripted server: it says what a test has it say, and keeps what it is told."""

from __future__ import annotations

from typing import Any

from reference_client import Client, Options
from reference_client.tests.scripted import LISTED, ScriptedServer
from spiceproto.agent import AgentReader, talk
from spiceproto.agent.pieces import pieces
from spiceproto.agent.terms import Terms, mask
from spiceproto.enums.agent import AgentCapability
from spiceproto.enums.link import ChannelType
from spiceproto.messages import agent, display, main

__all__ = ["ALL", "MANY", "ScriptedAgent", "agreed", "with_display"]

MANY = 1 << 20
"""Tokens that do not run out."""

ALL = (
    AgentCapability.MOUSE_STATE,
    AgentCapability.MONITORS_CONFIG,
    AgentCapability.REPLY,
    AgentCapability.DISPLAY_CONFIG,
    AgentCapability.CLIPBOARD_BY_DEMAND,
    AgentCapability.CLIPBOARD_SELECTION,
    AgentCapability.SPARSE_MONITORS_CONFIG,
    AgentCapability.GUEST_LINEEND_LF,
    AgentCapability.MAX_CLIPBOARD,
    AgentCapability.AUDIO_VOLUME_SYNC,
    AgentCapability.MONITORS_CONFIG_POSITION,
    AgentCapability.CLIPBOARD_GRAB_SERIAL,
)
"""What spice-vdagent has, and positions."""


class ScriptedAgent:
    """The agent of a server's guest; ``terms`` are its own. ``data`` came in AGENT_DATA, ``rest`` is what else came on main."""

    def __init__(self, server: ScriptedServer, *capabilities: int) -> None:
        self.server = server
        self.terms = Terms(mask(capabilities), client=False)
        self.data: list[bytes] = []
        self.rest: list[Any] = []
        self._reader = AgentReader()
        self._late = False

    def connect(self, tokens: int = MANY) -> None:
        """It is there; the client's tokens begin anew. What the client has begun to say to the one before is not for it."""
        self.take()
        self._late = self._reader.pending > 0
        self.terms.reset()
        self.server.main.send(main.AgentConnectedTokens(tokens))

    def disconnect(self) -> None:
        """It is gone."""
        self.server.main.send(main.AgentDisconnected(0))

    def announce(self, *, request: bool = False) -> None:
        """What it can do."""
        self.say(self.terms.announce(request=request))

    def say(self, *values: Any) -> None:
        """Messages for the client."""
        for value in values:
            self.say_raw(*talk.build(self.terms, value))

    def say_raw(self, type: int, body: bytes) -> None:
        self.server.main.send(*[main.AgentData(piece) for piece in pieces(type, body)])

    def take(self) -> list[Any]:
        """What the client has said to it since the last time."""
        found: list[Any] = []
        for value in self.server.main.take():
            if not isinstance(value, main.AgentData):
                self.rest.append(value)
                continue
            self.data.append(value.data)
            for type, _, body in self._reader.receive(value.data):
                if self._late:
                    self._late = False
                    continue
                said = talk.parse(self.terms, type, body)
                if isinstance(said, agent.AnnounceCapabilities):
                    self.terms.receive(said)
                found.append(said)
        return found


def agreed(client: Client | None = None, *capabilities: int, tokens: int = MANY) -> ScriptedAgent:
    """A session whose agent has told what it can do, and was told; what the client says from then on is to be taken."""
    server = ScriptedServer(client or Client(Options()))
    server.init()
    found = ScriptedAgent(server, *(capabilities or ALL))
    found.connect(tokens)
    found.take()
    found.announce()
    return found


def with_display(agent: ScriptedAgent, width: int = 640, height: int = 480) -> None:
    """A display channel, which shows something."""
    agent.server.listing(*LISTED)
    agent.server.line(ChannelType.DISPLAY).send(
        display.SurfaceCreate(surface_id=0, width=width, height=height, format=32, flags=1)
    )
