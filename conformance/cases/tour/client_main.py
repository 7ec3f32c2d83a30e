"""What the tour says on main: clocks, names, something to read, and an agent that comes and goes."""

from __future__ import annotations

from typing import Final

from conformance.as_server import BOTH_MODES, SuiteServer
from conformance.talk import Talk
from spiceproto import agent, dispatch
from spiceproto.enums.agent import AgentCapability, AgentMessageType
from spiceproto.enums.capabilities import MainCapability
from spiceproto.enums.common import NotifySeverity, NotifyVisibility
from spiceproto.enums.link import LinkErr
from spiceproto.enums.main import MouseMode
from spiceproto.messages import common, main
from spiceproto.messages.agent import AnnounceCapabilities

__all__ = ["tell", "tell_modes"]

_TOKENS: Final = 10
_CAN: Final = 1 << AgentCapability.MONITORS_CONFIG | 1 << AgentCapability.REPLY


def tell(server: SuiteServer, talk: Talk) -> None:
    """What a server may tell at any time, then the agent."""
    talk.send(main.MultiMediaTime(int(server.init().multi_media_time)))
    if talk.client.has(MainCapability.NAME_AND_UUID):
        talk.send(main.Name(b"the tour\0"), main.Uuid(bytes(range(16))))
    talk.send(
        common.Notify(
            time_stamp=0,
            severity=NotifySeverity.INFO,
            visibilty=NotifyVisibility.LOW,
            what=0,
            message=b"the tour begins",
            terminator=b"\0",
        )
    )
    _agent(server, talk)


def _agent(server: SuiteServer, talk: Talk) -> None:
    tokens = talk.client.has(MainCapability.AGENT_CONNECTED_TOKENS)
    talk.send(main.AgentConnectedTokens(_TOKENS) if tokens else main.AgentConnected())
    if talk.wait_count("AGENT_START", within=server.network.quiet):
        _, body = dispatch.build("agent", "server", AnnounceCapabilities(0, (_CAN,)))
        talk.send(*[main.AgentData(piece) for piece in agent.chunks(AgentMessageType.ANNOUNCE_CAPABILITIES, body)])
    server.alive(talk)
    talk.send(main.AgentDisconnected(LinkErr.OK))


def tell_modes(talk: Talk) -> None:
    """One mouse mode, then the other."""
    for mode in (MouseMode.CLIENT, MouseMode.SERVER):
        talk.send(main.MouseModeMessage(BOTH_MODES, mode))
