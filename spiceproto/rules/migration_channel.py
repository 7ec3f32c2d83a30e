"""How a channel leaves its server in a seamless migration.

Channels with state that a client can not have from anywhere else take it along: the source asks for a mark behind which the
client says nothing more, and hands over the state. The others just stop.
"""

from __future__ import annotations

from typing import Final

from spiceproto.machine import ANY, Forbidden, Machine, Rule, Scenario, Split

__all__ = ["LEAVING", "MACHINES", "SCENARIOS", "STOPPING"]

_FLAGS, _SILENCE, _MARK, _DATA = "SPICE-MIG-041", "SPICE-MIG-042", "SPICE-MIG-043", "SPICE-MIG-054"
_BOTH: Final = 3

LEAVING = Machine(
    "leaving",
    doc="A channel that takes its state along.",
    channels=("main", "display", "inputs", "smartcard", "usbredir", "port", "webdav"),
    states={
        "here": "The channel is at this server.",
        "asked": "The source has said `MIGRATE`; the client's `MIGRATE_FLUSH_MARK` is due.",
        "marked": "The client has said it, and says nothing more; the source's `MIGRATE_DATA` is due.",
        "left": "The source has said it, and says nothing more.",
    },
    begins={"midway": None},
    rules=(
        Rule("here", "server", "MIGRATE both", "asked", _FLAGS),
        Rule("here", "server", ANY, "here", _SILENCE),
        Rule("here", "client", ANY, "here", _MARK),
        Rule("asked", "client", ANY, "asked", _MARK),
        Rule("asked", "client", "MIGRATE_FLUSH_MARK", "marked", _MARK),
        Rule("marked", "server", "MIGRATE_DATA", "left", _DATA),
        *[Rule(state, "client", "ACK", state, _MARK) for state in ("here", "asked", "marked", "left")],
    ),
    splits=(Split("server", "MIGRATE", ("flags",), (((_BOTH,), "both"),), "less", masks=(_BOTH,)),),
    forbidden=(
        Forbidden("server", "MIGRATE less", _FLAGS, state="here", then="asked"),
        Forbidden("server", "MIGRATE both", _SILENCE),
        Forbidden("server", "MIGRATE less", _SILENCE),
        Forbidden("server", ANY, _SILENCE),
        Forbidden("server", "MIGRATE_DATA", _DATA),
        Forbidden("server", "MIGRATE_DATA", _DATA, state="asked", then="left"),
        Forbidden("server", "MIGRATE_DATA", _SILENCE, state="left"),
        Forbidden("client", "MIGRATE_FLUSH_MARK", _MARK),
        Forbidden("client", ANY, _MARK),
    ),
)

STOPPING = Machine(
    "stopping",
    doc="A channel that has nothing to take along.",
    channels=("cursor", "playback", "record"),
    states={"here": "The channel is at this server.", "left": "The source has said `MIGRATE`, and says nothing more."},
    begins={"midway": None},
    rules=(
        Rule("here", "server", "MIGRATE none", "left", _FLAGS),
        Rule("here", "server", ANY, "here", _SILENCE),
        Rule("here", "server", "PING", "here", _SILENCE),
        # libspice-server asks whether the client is still there.
        Rule("left", "server", "PING", "left", _SILENCE, tolerated=True),
    ),
    splits=(Split("server", "MIGRATE", ("flags",), (((0,), "none"),), "more", masks=(_BOTH,)),),
    forbidden=(
        Forbidden("server", "MIGRATE more", _FLAGS, state="here", then="left"),
        Forbidden("server", "MIGRATE none", _SILENCE),
        Forbidden("server", "MIGRATE more", _SILENCE),
        Forbidden("server", "MIGRATE_DATA", _DATA),
        Forbidden("server", ANY, _SILENCE),
        Forbidden("client", "MIGRATE_FLUSH_MARK", _MARK),
    ),
)

MACHINES = (LEAVING, STOPPING)

SCENARIOS = (
    Scenario(
        "leaving",
        "A channel takes its state along",
        "leaving",
        (
            ("server", "MIGRATE both", "NEED_FLUSH and NEED_DATA_TRANSFER"),
            ("client", "*", "what it had sent before it read that"),
            ("client", "MIGRATE_FLUSH_MARK", ""),
            ("server", "MIGRATE_DATA", "to be sent to the destination"),
            ("client", "ACK", "for what the source has sent"),
        ),
    ),
)
