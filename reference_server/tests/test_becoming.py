"""A server that is told to break a rule while it runs: it does what one does that was made so, and back."""

from __future__ import annotations

import pytest

from reference_server import FAULTS, Guest, Server
from reference_server.tests.memory import serve, small, ticket_key
from reference_server.tests.test_faults import NAMES, talk
from spiceproto.enums.link import ChannelType
from spiceproto.messages import main
from spiceproto.ticket import TicketKey
from spiceproto.transport import Action, Send

ANY_KEY = ("key-with-exponent-3", "twenty-keys-in-turn")
"""Faults that make keys of their own, which differ each time."""


def said(fault: str | None, key: TicketKey, become: type[Server] | None = None) -> dict[int, bytes]:
    """All that each connection was told in a conversation with a server that was made so, and became something else."""
    wire = serve(Guest(size=(8, 8)), fault=fault, unfinished_links=8, ticket_key=lambda: key)
    if become is not None:
        wire.server.become(become)
    told: dict[int, bytes] = {}
    take = wire.server.take_actions

    def taken() -> list[Action]:
        actions = take()
        for action in actions:
            if isinstance(action, Send):
                number = action.connection.number
                told[number] = told.get(number, b"") + bytes(action.data)
        return actions

    wire.server.take_actions = taken  # type: ignore[method-assign]
    talk(wire)
    return told


@pytest.mark.parametrize("fault", [name for name in NAMES if name not in ANY_KEY])
def test_it_says_what_one_says_that_was_made_so(fault: str) -> None:
    key = ticket_key()
    assert said(None, key, FAULTS.make(fault)) == said(fault, key)
    assert said(fault, key, Server) == said(None, key)


def test_faults_make_a_difference_there() -> None:
    key = ticket_key()
    usual = said(None, key)
    assert sum(said(None, key, FAULTS.make(name)) != usual for name in NAMES) > len(NAMES) // 10


def test_connections_that_are_there_keep_what_they_are() -> None:
    wire = serve(small(), multi_client=True)
    line, _ = wire.main()
    wire.server.set_password("sesame", expires=100)
    wire.server.become(FAULTS.make("init-twice"))
    line.send(main.AttachChannels())
    assert line.names() == ["ChannelsList"]
    assert wire.link(password="wrong").refused is not None, "the password is what it was"
    other, _ = wire.main(password="sesame")
    other.send(main.AttachChannels())
    assert "Init" in other.names()
    wire.server.become(Server)
    assert wire.link(ChannelType.INPUTS, password="sesame").refused is None
    third, _ = wire.main(password="sesame")
    third.send(main.AttachChannels())
    assert third.names() == ["ChannelsList"]


def test_what_all_share_changes_at_once() -> None:
    wire = serve(small())
    line, _ = wire.main()
    wire.server.become(FAULTS.make("always-client-mode"))
    assert line.names() == ["MouseModeMessage"]
    wire.server.become(Server)
    assert line.names() == ["MouseModeMessage"]


def test_an_agent_that_is_played_goes_and_comes() -> None:
    wire = serve(small())
    usual = wire.server.played_class(wire.server.guest)
    line, _ = wire.main()
    wire.server.become(FAULTS.make("agent-does-not-reply"))
    player = wire.server.guest.agent.player
    assert type(player).__name__ == "AgentDoesNotReply" and player is not usual
    assert [name for name in line.names() if name.startswith(("AgentC", "AgentDis"))] == [
        "AgentDisconnected",
        "AgentConnectedTokens",
    ]
    wire.server.become(Server)
    assert type(wire.server.guest.agent.player) is type(usual)
