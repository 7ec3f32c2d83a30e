"""What every channel has, whatever it carries: leaving, acknowledgement windows, pings.

Three machines, because none of the three knows of the others. Messages inside others count for none of the numbers.
"""

from __future__ import annotations

from spiceproto.machine import ANY, EVERY, Begin, Counter, Echo, Forbidden, Machine, Rule, Scenario

__all__ = ["ACKNOWLEDGEMENT", "COMMON", "MACHINES", "PING", "SCENARIOS"]

COMMON = Machine(
    "common",
    doc="One channel until an end says that it leaves.",
    channels=EVERY,
    states={
        "open": "Both ends are there.",
        "server-leaves": "The server has said that it leaves and sends nothing more.",
        "client-leaves": "The client has said that it leaves and sends nothing more.",
        "over": "Both have said so.",
    },
    rules=(
        Rule("open", "server", ANY, "open", "SPICE-FRAME-037"),
        Rule("open", "client", ANY, "open", "SPICE-FRAME-037"),
        Rule("open", "server", "DISCONNECTING", "server-leaves", "SPICE-FRAME-037"),
        Rule("open", "client", "DISCONNECTING", "client-leaves", "SPICE-FRAME-037"),
        Rule("server-leaves", "client", ANY, "server-leaves", "SPICE-FRAME-037"),
        Rule("server-leaves", "client", "DISCONNECTING", "over", "SPICE-FRAME-037"),
        Rule("client-leaves", "server", ANY, "client-leaves", "SPICE-FRAME-037"),
        Rule("client-leaves", "server", "DISCONNECTING", "over", "SPICE-FRAME-037"),
    ),
    final=("over",),
    forbidden=(
        Forbidden("server", ANY, "SPICE-FRAME-037"),
        Forbidden("client", ANY, "SPICE-FRAME-037"),
        Forbidden("server", "DISCONNECTING", "SPICE-FRAME-037"),
        Forbidden("client", "DISCONNECTING", "SPICE-FRAME-037"),
        Forbidden("server", "BASE_LAST", "SPICE-FRAME-038"),
    ),
)

ACKNOWLEDGEMENT = Machine(
    "acknowledgement",
    doc="The acknowledgement window of one channel.",
    channels=EVERY,
    states={
        "free": "The server has not asked for acknowledgements.",
        "asked": "A `SET_ACK` is under way: the client may not have heard of the newest window.",
        "agreed": "The client has confirmed the newest `SET_ACK`; its acknowledgements count.",
        "joined": "Where an observer begins that came later than the first `SET_ACK`.",
    },
    begins={"midway": Begin("joined", past=False)},
    rules=(
        Rule("free", "server", "SET_ACK", "asked", "SPICE-FRAME-019"),
        Rule("free", "client", "ACK", "free", "SPICE-FRAME-026", tolerated=True),
        Rule("asked", "server", "SET_ACK", "asked", "SPICE-FRAME-019"),
        # Earned under the window before; the server does not count it any more.
        Rule("asked", "client", "ACK", "asked", "SPICE-FRAME-024"),
        Rule("asked", "client", "ACK_SYNC older", "asked", "SPICE-FRAME-019"),
        Rule("asked", "client", "ACK_SYNC newest", "agreed", "SPICE-FRAME-019"),
        Rule("agreed", "server", "SET_ACK", "asked", "SPICE-FRAME-019"),
        Rule("agreed", "client", "ACK", "agreed", "SPICE-FRAME-020"),
        Rule("joined", "server", "SET_ACK", "asked", "SPICE-FRAME-019"),
        Rule("joined", "client", "ACK", "joined", "SPICE-FRAME-020"),
        Rule("joined", "client", "ACK_SYNC unasked", "joined", "SPICE-FRAME-019"),
    ),
    forbidden=(
        Forbidden("client", "ACK_SYNC older", "SPICE-FRAME-027"),
        Forbidden("client", "ACK_SYNC newest", "SPICE-FRAME-027"),
        Forbidden("client", "ACK_SYNC unasked", "SPICE-FRAME-027"),
    ),
    echoes=(
        Echo(
            "generation",
            ("server", "SET_ACK"),
            ("client", "ACK_SYNC"),
            ("generation",),
            "SPICE-FRAME-027",
            letters=True,
        ),
    ),
    counters=(
        Counter(
            "window",
            raised=(("server", ANY),),
            lowered=(("client", "ACK"),),
            unit_from=("server", "SET_ACK", "window"),
            states=("agreed",),
            most=2,
            more=1,
            above="SPICE-FRAME-025",
            below="SPICE-FRAME-021",
        ),
    ),
)

PING = Machine(
    "ping",
    doc="Pings of one channel.",
    channels=EVERY,
    states={"open": "The only state: a ping may come at any time."},
    rules=(
        Rule("open", "server", "PING", "open", "SPICE-FRAME-028"),
        Rule("open", "client", "PONG", "open", "SPICE-FRAME-028"),
    ),
    echoes=(Echo("ping", ("server", "PING"), ("client", "PONG"), ("id", "timestamp"), "SPICE-FRAME-029"),),
)

MACHINES = (COMMON, PING, ACKNOWLEDGEMENT)

SCENARIOS = (
    Scenario(
        "acknowledgement",
        "A window of two messages",
        "acknowledgement",
        (
            ("server", "SET_ACK", "generation 1, window 2"),
            ("server", "*", ""),
            ("client", "ACK_SYNC newest", "generation 1"),
            ("server", "*", "the second one"),
            ("client", "ACK", ""),
            ("server", "*", ""),
            ("server", "*", ""),
            ("client", "ACK", ""),
        ),
        values={"window": 2},
    ),
    Scenario(
        "ping",
        "Two pings under way",
        "ping",
        (
            ("server", "PING", "id 1, time stamp, padding"),
            ("server", "PING", "id 2"),
            ("client", "PONG", "id 1, the same time stamp, no padding"),
            ("client", "PONG", "id 2"),
        ),
    ),
)
