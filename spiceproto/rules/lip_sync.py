"""Who sets the multimedia clock of a client: main, or the sound that plays.

Main and playback are two connections and can overtake each other. libspice-server says MULTI_MEDIA_TIME when sound ends, and
that may come before STOP. So no message is out of place here; whether the times themselves fit together is seen in
:mod:`spiceproto.lip_sync`.
"""

from __future__ import annotations

from typing import Final

from spiceproto.machine import Begin, Forbidden, Machine, Rule, Scenario

__all__ = ["LIP_SYNC", "MACHINES", "SCENARIOS"]

_INIT, _TIME = "main.INIT", "main.MULTI_MEDIA_TIME"
_START, _STOP, _LATENCY = "playback.START", "playback.STOP", "playback.LATENCY"
_ALL: Final = ("unset", "main", "sound", "joined")

LIP_SYNC = Machine(
    "lip-sync",
    doc="What the multimedia clock of a client goes by.",
    channels=("main", "playback"),
    scope="session",
    carried=True,
    states={
        "unset": "The server has not said what the clock shows.",
        "main": "The clock shows what main has said last, and runs on by itself.",
        "sound": "Sound plays: the clock shows the time of what is heard.",
        "joined": "Where an observer begins that has not seen the beginning: sound may play, or not.",
    },
    begins={"midway": Begin("joined", past=False)},
    rules=(
        Rule("unset", "server", _INIT, "main", "SPICE-MAIN-001"),
        Rule("joined", "server", _INIT, "main", "SPICE-MAIN-001"),
        # At the destination of a migration there is no INIT.
        Rule("unset", "server", _TIME, "main", "SPICE-SYNC-005"),
        *[Rule(state, "server", _TIME, state, "SPICE-SYNC-005") for state in ("main", "sound", "joined")],
        *[Rule(state, "server", _START, "sound", "SPICE-SOUND-003") for state in _ALL],
        *[Rule(state, "server", _STOP, "main", "SPICE-SOUND-004") for state in ("main", "sound", "joined")],
        Rule("unset", "server", _STOP, "unset", "SPICE-SOUND-004"),
        *[Rule(state, "server", _LATENCY, state, "SPICE-SYNC-007") for state in _ALL],
    ),
    forbidden=(
        # A second INIT is the business of the main machine.
        Forbidden("server", _INIT, "SPICE-MAIN-002"),
    ),
)

MACHINES = (LIP_SYNC,)

SCENARIOS = (
    Scenario(
        "lip-sync",
        "A film with sound",
        "lip-sync",
        (
            ("server", _INIT, "the clock of the server, less 400 ms"),
            ("server", _START, "the clock of the server"),
            ("server", _LATENCY, "frames need 600 ms: so long sound is held back"),
            ("server", _STOP, ""),
            ("server", _TIME, "the clock of the server, less 400 ms"),
        ),
    ),
)
