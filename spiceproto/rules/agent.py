"""What client and server send of the talk with the guest agent: when they may, and how much.

The server does not look into agent messages; it hands AGENT_DATA on, and only from a client that has said AGENT_START since
the agent came. Each AGENT_DATA takes a token. Tokens come with INIT, with AGENT_CONNECTED_TOKENS and with AGENT_TOKEN. An agent
that comes anew sets them anew, but what was under way was sent for the old ones: here they are added, so nobody is accused of
that.
"""

from __future__ import annotations

from spiceproto.machine import Begin, Counter, Expiry, Forbidden, Machine, Rule, Scenario

__all__ = ["AGENT", "AGENT_TOKENS", "MACHINES", "SCENARIOS"]

_UNDER_WAY, _SILENCE = 5.0, 10.0
"""Seconds after which a client has read that the agent is gone, unless it was silent for longer than the second number."""

_STATES = {
    "silent": "The client has not begun to talk to an agent.",
    "talking": "It has said `AGENT_START`.",
    "lost": "The agent is gone; data that is under way is no mistake.",
    "joined": "Where an observer begins that has not seen `INIT`: the client may have begun.",
}
_TALKING = ("talking", "lost", "joined")

AGENT = Machine(
    "agent",
    doc="What the client sends to the guest agent.",
    channels=("main",),
    carried=True,
    states=_STATES,
    begins={"destination": Begin("joined", past=False), "midway": Begin("joined", past=False)},
    rules=(
        *[Rule(state, "client", "AGENT_START", "talking", "SPICE-MAIN-031") for state in _STATES],
        *[Rule(state, "client", "AGENT_DATA", state, "SPICE-MAIN-031") for state in _TALKING],
        *[
            Rule(state, "server", "AGENT_DISCONNECTED", "silent" if state == "silent" else "lost", "SPICE-MAIN-001")
            for state in _STATES
        ],
    ),
    forbidden=(Forbidden("client", "AGENT_DATA", "SPICE-MAIN-031", state="silent"),),
    expiries=(Expiry("lost", _UNDER_WAY, "silent", "client", _SILENCE),),
    counters=(
        Counter(
            "agent data",
            raised=(("client", "AGENT_DATA"),),
            lowered=(),
            unit_from=("server", "INIT", "agent_tokens"),
            granted=(("server", "AGENT_CONNECTED_TOKENS", "num_tokens"), ("server", "AGENT_TOKEN", "num_tokens")),
            most=1,
            above="SPICE-MAIN-030",
            below="",
        ),
    ),
)

AGENT_TOKENS = Machine(
    "agent_tokens",
    doc="How much a server may send of what the guest agent says.",
    channels=("main",),
    carried=True,
    states={"open": "Every message is allowed for which there is a token."},
    begins={"destination": Begin(past=False)},
    rules=(
        Rule("open", "server", "AGENT_DATA", "open", "SPICE-AGENT-001"),
        Rule("open", "client", "AGENT_START", "open", "SPICE-AGENT-001"),
        Rule("open", "client", "AGENT_TOKEN", "open", "SPICE-AGENT-001"),
    ),
    counters=(
        Counter(
            "data of the agent",
            raised=(("server", "AGENT_DATA"),),
            lowered=(),
            granted=(("client", "AGENT_START", "num_tokens"), ("client", "AGENT_TOKEN", "num_tokens")),
            most=0,
            above="SPICE-AGENT-001",
            below="",
        ),
    ),
)

MACHINES = (AGENT, AGENT_TOKENS)

SCENARIOS = (
    Scenario(
        "agent",
        "An agent comes, goes and comes",
        "agent",
        (
            ("client", "AGENT_START", ""),
            ("client", "AGENT_DATA", ""),
            ("client", "AGENT_DATA", ""),
            ("client", "AGENT_DATA", ""),
            ("server", "AGENT_DISCONNECTED", ""),
            ("client", "AGENT_START", "for the new agent"),
            ("client", "AGENT_DATA", ""),
        ),
    ),
)
