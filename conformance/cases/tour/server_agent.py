"""What the tour says to the agent of the guest: that it is there, what it can do, and that more may come."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.talk import Talk
from spiceproto import agent, dispatch
from spiceproto.enums.agent import AgentCapability, AgentMessageType
from spiceproto.messages import main
from spiceproto.messages.agent import AnnounceCapabilities

__all__ = ["talk_to_agent"]

_TOKENS: Final = 10
_MEANS_NOTHING: Final = 99
_MOST: Final = 100
_CONNECTED: Final = ("AGENT_CONNECTED", "AGENT_CONNECTED_TOKENS")
_CAN: Final = 1 << AgentCapability.MONITORS_CONFIG | 1 << AgentCapability.CLIPBOARD_BY_DEMAND


def talk_to_agent(client: SuiteClient, talk: Talk) -> None:
    """If there is an agent, or one can be made to come, it is talked to; one that was made to come goes again."""
    summoned = False
    if not client.init.agent_connected and not _heard(talk):
        if not client.target.meets("control:agent"):
            return
        client.control("agent", True)
        client.run(lambda: _heard(talk) > 0 or talk.closed, client.network.quiet)
        if not _heard(talk):
            return
        summoned = True
    _announce(client, talk)
    if summoned:
        client.control("agent", False)
        talk.wait_count("AGENT_DISCONNECTED", within=client.network.quiet)


def _heard(talk: Talk) -> int:
    return sum(talk.count(name) for name in _CONNECTED)


def _announce(client: SuiteClient, talk: Talk) -> None:
    """AGENT_START, what the suite can do, and a token for each piece that comes back."""
    talk.send(main.AgentStart(_TOKENS))
    _, body = dispatch.build("agent", "client", AnnounceCapabilities(1, (_CAN,)))
    talk.send(*[main.AgentData(piece) for piece in agent.chunks(AgentMessageType.ANNOUNCE_CAPABILITIES, body)])
    if talk.wait_count("AGENT_DATA", within=client.network.quiet):
        talk.send(main.AgentToken(talk.count("AGENT_DATA")))
    # Tokens need not come back one by one: with the half of them a server has something to give.
    pieces = agent.chunks(_MEANS_NOTHING, b"")
    talk.send(*[main.AgentData(pieces[0])] * min(client.init.agent_tokens // 2, _MOST), text="AGENT_DATA that means nothing")
    talk.wait_count("AGENT_TOKEN", within=client.network.quiet)
