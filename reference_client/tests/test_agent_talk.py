"""The talk with the agent: how it begins, what it costs, what breaks it off, and what is passed over."""

from __future__ import annotations

import pytest

from reference_client import Client, Options
from reference_client.agent.monitors import AgentReplied
from reference_client.agent.talk import CAPABILITIES, AgentAnnounced, AgentGone, AgentHere, AgentSkipped
from reference_client.tests.scripted import ScriptedServer
from reference_client.tests.scripted_agent import ALL, ScriptedAgent, agreed
from spiceproto import limits
from spiceproto.agent import HEADER_SIZE
from spiceproto.agent.terms import bits_of, mask
from spiceproto.enums.agent import AgentCapability, AgentMessageType, ClipboardType
from spiceproto.messages import agent, main

TEXT = int(ClipboardType.UTF8_TEXT)


def unmet(**init: int) -> ScriptedAgent:
    """A session that has begun, with an agent that the client has not heard of unless INIT says so."""
    server = ScriptedServer(Client(Options(prefer_client_mode=False)))
    values = {"session_id": 0x5E5510, "display_channels_hint": 1, "supported_mouse_modes": 3, "current_mouse_mode": 1}
    values |= {"agent_connected": 0, "agent_tokens": 0, "multi_media_time": 0, "ram_hint": 0} | init
    server.main.send(main.Init(**values))
    return ScriptedAgent(server, *ALL)


def test_an_agent_of_init_is_greeted_at_once() -> None:
    guest = unmet(agent_connected=1, agent_tokens=10)
    assert guest.take() == [agent.AnnounceCapabilities(1, (mask(CAPABILITIES),))]
    assert guest.rest == [main.AttachChannels(), main.AgentStart(0xFFFFFFFF)]
    assert guest.server.told(AgentHere) == [AgentHere(10)]


def test_an_agent_that_comes_later_is_greeted_then() -> None:
    guest = unmet()
    assert guest.take() == [] and guest.rest == [main.AttachChannels()]
    guest.connect(3)
    assert [value.request for value in guest.take()] == [1]
    assert guest.rest[1:] == [main.AgentStart(0xFFFFFFFF)]


def test_agent_connected_without_tokens_leaves_them_as_they_were() -> None:
    guest = unmet(agent_tokens=2)
    guest.server.main.send(main.AgentConnected())
    assert guest.server.told(AgentHere) == [AgentHere(2)]


def test_nothing_is_said_to_an_agent_that_the_user_does_not_want() -> None:
    server = ScriptedServer(Client(Options(agent=False)))
    server.init()
    guest = ScriptedAgent(server, *ALL)
    guest.connect()
    guest.announce(request=True)
    assert guest.take() == [] and main.AgentStart(0xFFFFFFFF) not in guest.rest


def test_capabilities_are_answered_once_when_they_are_asked_for() -> None:
    guest = unmet(agent_connected=1, agent_tokens=10)
    guest.take()
    guest.announce(request=True)
    assert guest.take() == [agent.AnnounceCapabilities(0, (mask(CAPABILITIES),))]
    guest.announce(request=False)
    assert guest.take() == []
    [first] = guest.server.told(AgentAnnounced)
    assert "clipboard_grab_serial" in first.capabilities and "display_config" in first.capabilities


@pytest.mark.parametrize("words", [(), (1 << AgentCapability.REPLY,), (0x21, 0xFFFFFFFF, 7)])
def test_any_number_of_words_is_taken(words: tuple[int, ...]) -> None:
    guest = unmet(agent_connected=1, agent_tokens=10)
    guest.take()
    guest.say(agent.AnnounceCapabilities(0, words))
    assert guest.server.client.main.agent.terms.peer == bits_of(words)


def test_a_piece_costs_a_token_and_the_rest_waits_for_more() -> None:
    guest = agreed(tokens=1)
    guest.take()
    guest.server.client.main.agent.clipboard.copy({TEXT: b"x" * 5000})
    guest.server.run()
    assert guest.take() == [], "the announcement had the only token"
    for count in (1, 2):
        guest.server.main.send(main.AgentToken(count))
    [grab] = guest.take()
    assert grab.types == (TEXT,)
    guest.say(agent.ClipboardRequestSelected(0, bytes(3), TEXT))
    assert guest.take() == [], "of three pieces, two have left"
    guest.server.main.send(main.AgentToken(1))
    [content] = guest.take()
    assert content.data == b"x" * 5000


def test_pieces_are_full_and_their_header_is_whole() -> None:
    guest = agreed()
    guest.server.client.main.agent.clipboard.copy({TEXT: b"x" * 100_000})
    guest.say(agent.ClipboardRequestSelected(0, bytes(3), TEXT))
    guest.take()
    sizes = [len(piece) for piece in guest.data]
    assert max(sizes) == limits.AGENT_CHUNK
    whole = HEADER_SIZE + 8 + 100_000
    assert sizes[-49:] == [limits.AGENT_CHUNK] * (whole // limits.AGENT_CHUNK) + [whole % limits.AGENT_CHUNK]


@pytest.mark.parametrize("piece", [1, 7, 2048])
def test_messages_of_the_agent_may_come_in_any_pieces(piece: int) -> None:
    guest = agreed()
    body = b"".join(number.to_bytes(4, "little") for number in (2, 1))
    whole = b"".join(number.to_bytes(4, "little") for number in (1, 3, 0, 0, 8)) + body
    guest.server.main.send(*[main.AgentData(whole[at : at + piece]) for at in range(0, len(whole), piece)])
    assert guest.server.told(AgentReplied) == [AgentReplied("MONITORS_CONFIG", True)]


def test_what_means_nothing_is_passed_over() -> None:
    guest = agreed()
    guest.say_raw(77, b"whatever")
    guest.say_raw(AgentMessageType.CLIPBOARD_REQUEST, b"1")
    guest.say_raw(AgentMessageType.MOUSE_STATE, bytes(13))
    assert [event.type for event in guest.server.told(AgentSkipped)] == [77, AgentMessageType.CLIPBOARD_REQUEST]
    guest.take()
    guest.announce(request=True)
    assert len([value for value in guest.take() if isinstance(value, agent.AnnounceCapabilities)]) == 1


@pytest.mark.parametrize(
    "piece",
    [
        (2).to_bytes(4, "little") + bytes(16),
        b"".join(number.to_bytes(4, "little") for number in (1, 4, 0, 0, 0xFFFFFFFF)),
    ],
    ids=["another protocol", "4 GiB"],
)
def test_a_stream_that_can_not_be_followed_is_followed_again_from_the_next_message(piece: bytes) -> None:
    guest = agreed()
    guest.take()
    guest.server.main.send(main.AgentData(piece))
    assert [event.type for event in guest.server.told(AgentSkipped)] == [0]
    guest.announce(request=True)
    assert [value.request for value in guest.take() if isinstance(value, agent.AnnounceCapabilities)] == [0]


def test_nothing_of_one_agent_is_left_for_the_next() -> None:
    guest = agreed(tokens=3)
    guest.take()
    mine = guest.server.client.main.agent
    mine.clipboard.copy({TEXT: b"x" * 100_000})
    guest.server.run()
    guest.take()
    guest.say(agent.ClipboardRequestSelected(0, bytes(3), TEXT))
    assert mine.outbox.waiting, "what is copied is too much for the tokens"
    guest.server.main.send(main.AgentData(bytes(10)))  # half a header
    guest.take()
    guest.disconnect()
    assert guest.server.told(AgentGone) and not mine.terms.peer
    guest.server.main.send(main.AgentToken(100))
    guest.data.clear()
    assert guest.take() == [] and not guest.data
    guest.connect()
    assert guest.take() == [agent.AnnounceCapabilities(1, (mask(CAPABILITIES),))]
    assert len(guest.data) > 1, "a message that had begun to leave was finished first"
    guest.announce()
    [grab] = [value for value in guest.take() if isinstance(value, agent.ClipboardGrabSelectedSerial)]
    assert (grab.serial, grab.types) == (0, (TEXT,)), "it is offered anew, and serials begin anew"


def test_an_agent_that_comes_while_one_is_there_is_another_one() -> None:
    guest = agreed()
    guest.take()
    guest.connect(5)
    assert [value.request for value in guest.take()] == [1]
    assert guest.server.told(AgentGone) and guest.server.told(AgentHere)[-1] == AgentHere(5)


def test_data_without_an_agent_is_passed_over() -> None:
    guest = agreed()
    guest.disconnect()
    guest.take()
    guest.announce(request=True)
    guest.disconnect()
    assert guest.take() == [] and len(guest.server.told(AgentGone)) == 1


def test_much_is_sent_by_parts_so_that_others_have_their_turn() -> None:
    guest = agreed()
    guest.take()
    content = bytes(3 << 20)
    mine = guest.server.client.main.agent
    mine.clipboard.copy({TEXT: content})
    guest.server.run()
    guest.take()
    guest.say(agent.ClipboardRequestSelected(0, bytes(3), TEXT))
    assert guest.take() == []
    while not (found := guest.take()):
        assert guest.server.client.deadline == guest.server.now
        guest.server.wait(0)
    assert found[0].data == content and guest.server.client.deadline is None


def test_the_state_says_whether_there_is_an_agent() -> None:
    guest = agreed()
    state = guest.server.client.state(0.0)
    assert (state["agent"], state["agent_capabilities"]) == (True, True)
    guest.disconnect()
    assert guest.server.client.state(0.0)["agent"] is False
