"""Servers: the agent goes over with its guest, and a message of which half was said (19.5, 19.8)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.agent.steps import USUAL, AgentEnd, Device
from conformance.cases.migration.journey import (
    HANDS_OVER,
    SEAMLESS,
    SEMI_SEAMLESS,
    SWITCH_HOST,
    TAKES_ALONG,
    WITH_STATE,
    Journey,
    Kind,
    set_out,
)
from conformance.outcome import Blocked, Failure, NotApplicable
from conformance.talk import Talk
from spiceproto.agent.pieces import chunks
from spiceproto.agent.terms import mask, words_of
from spiceproto.enums.agent import AgentPort
from spiceproto.messages import agent, main

_ENDS: Final = ("SPICE-MIG-041/main",)
_UNKNOWN: Final = 99
"""A type that means nothing: whatever stands in it is handed on as it is."""
_BODY: Final = bytes(range(251)) * 20
"""For three pieces."""
_TOKENS: Final = 1000
_DEVICE: Final = (*WITH_STATE, "control:agent-device")


def _with_agent(client: SuiteClient, kind: Kind) -> Journey:
    """A session at the source whose guest has an agent, to which nothing was said. Raises NotApplicable if it has none."""
    journey = set_out(client, kind, (), agent=False)
    talk = journey.main
    if not client.init.agent_connected and client.target.meets("control:agent"):
        client.control("agent", True)
        talk.wait_count("AGENT_CONNECTED_TOKENS")
    if not client.init.agent_connected and not talk.count("AGENT_CONNECTED_TOKENS"):
        raise NotApplicable("the guest has no agent")
    return journey


def _talking(client: SuiteClient, kind: Kind = SEAMLESS) -> tuple[Journey, AgentEnd]:
    """The same, and the agent knows the client."""
    journey = _with_agent(client, kind)
    with client.preparing("a talk with the agent"):
        journey.start_agent()
        return journey, _greeted(client, journey.main)


def _greeted(client: SuiteClient, talk: Talk) -> AgentEnd:
    """The agent, which has been started, knows the client. Raises Failure."""
    end = AgentEnd(client, talk, USUAL, client=True)
    end.announce()
    end.expect("AnnounceCapabilities", why="the agent was asked")
    return end


@server_case("SPICE-MIG-059/switch-host-agent", SWITCH_HOST, channel="main", needs=HANDS_OVER)
@server_case("SPICE-MIG-059/semi-seamless-agent", SEMI_SEAMLESS, channel="main", needs=TAKES_ALONG)
@server_case("SPICE-MIG-059/seamless-agent", SEAMLESS, channel="main", needs=WITH_STATE)
def talks_on(client: SuiteClient, kind: Kind) -> None:
    """The agent of the guest answers at the destination, too. Kind."""
    journey, end = _talking(client, kind)
    _go(journey, end)
    if kind is SEAMLESS:
        end.announce()
        end.expect("AnnounceCapabilities", why="the agent was asked, at the destination")
        return
    there = journey.main_there
    if not journey.there.init.agent_connected and not there.wait_count("AGENT_CONNECTED_TOKENS"):
        raise Failure("an agent in INIT, or AGENT_CONNECTED_TOKENS: the guest has one", "neither")
    there.send(main.AgentStart(_TOKENS))
    _greeted(journey.there, there)


def _go(journey: Journey, end: AgentEnd) -> None:
    """The talk goes on at the destination."""
    end.wait(lambda: False, journey.client.network.quiet)
    journey.go()
    end.talk = journey.main_there
    end.heard.clear()
    end.raw.clear()


@server_case("SPICE-MIG-052/answered", channel="main", needs=WITH_STATE, requires=_ENDS)
def answered(client: SuiteClient) -> None:
    """Two of three pieces of a message are said at the source, the third at the destination: the agent hears what follows."""
    journey, end = _talking(client)
    first, second, third = chunks(_UNKNOWN, _BODY)
    end.pieces(first, second, text="the first two of three pieces")
    client.alive(journey.main)
    _go(journey, end)
    end.pieces(third, text="the last of three pieces")
    end.announce()
    end.expect("AnnounceCapabilities", why="the agent was asked, behind a whole message")


def _on_device(client: SuiteClient) -> tuple[Journey, AgentEnd, Device]:
    """The same, with the suite in the place of the agent."""
    device = Device(client)
    journey = set_out(client, SEAMLESS, ())
    talk = journey.main
    if not client.init.agent_connected and not talk.wait_count("AGENT_CONNECTED_TOKENS"):
        raise Blocked("the agent on the device is not announced", ("SPICE-MAIN-010/tokens-announced",))
    end = AgentEnd(client, talk, USUAL, client=True)
    with client.preparing("a talk with the agent"):
        journey.start_agent()
        end.announce()
        device.wait(lambda: bool(device.heard(AgentPort.CLIENT_PORT)))
        device.say(device.message(agent.AnnounceCapabilities(0, words_of(mask(USUAL)))))
        end.expect("AnnounceCapabilities", why="the agent has answered")
    return journey, end, device


@server_case("SPICE-MIG-052/to-the-agent", channel="main", needs=_DEVICE, requires=_ENDS)
def to_the_agent(client: SuiteClient) -> None:
    """Two of three pieces are said at the source, the third at the destination: the agent has one message, as it was said."""
    journey, end, device = _on_device(client)
    first, second, third = chunks(_UNKNOWN, _BODY)
    end.pieces(first, second, text="the first two of three pieces")
    client.alive(journey.main)
    _go(journey, end)
    end.pieces(third, text="the last of three pieces")
    device.wait(lambda: _UNKNOWN in [number for number, _ in device.heard(AgentPort.CLIENT_PORT)])
    found = [body for number, body in device.heard(AgentPort.CLIENT_PORT) if number == _UNKNOWN]
    if found != [_BODY]:
        sizes = ", ".join([f"{len(body)} bytes" for body in found]) or "nothing"
        raise Failure(f"the message as the client said it, {len(_BODY)} bytes", sizes)


@server_case("SPICE-MIG-052/from-the-agent", channel="main", needs=_DEVICE, requires=_ENDS)
def from_the_agent(client: SuiteClient) -> None:
    """An agent says the first half of a message at the source, the other at the destination: the client gets all of it."""
    journey, end, device = _on_device(client)
    stream = b"".join(chunks(_UNKNOWN, _BODY))
    half = len(stream) // 2
    before = journey.main.count("AGENT_DATA")
    device.say(stream[:half])
    end.wait(lambda: journey.main.count("AGENT_DATA") > before, client.network.patience)
    _go(journey, end)
    device.say(stream[half:])
    end.wait(lambda: bool(end.raw), client.network.patience)
    if end.raw != [(_UNKNOWN, _BODY)]:
        sizes = ", ".join([f"type {number}, {len(body)} bytes" for number, body in end.raw]) or "nothing"
        raise Failure(f"the message as the agent said it, {len(_BODY)} bytes", sizes)


@server_case("SPICE-MIG-048/agent-that-nobody-has-started", channel="main", needs=(*WITH_STATE, "expendable"), requires=_ENDS)
def without_start(client: SuiteClient) -> None:
    """The guest has an agent, and the client has not said AGENT_START: main has data all the same."""
    journey = _with_agent(client, SEAMLESS)
    journey.prepare()
    with client.preparing("the guest at the destination"):
        journey.finish()
    journey.data_of(journey.main)
