"""Sound: when the server plays, and when the client may be heard.

On a playback channel only the server speaks. On a record channel the server asks for sound and the client sends it; what the
client sent before it read STOP is under way, and no mistake: who has answered a PING that was sent behind STOP has read it,
and so has whoever went on for some seconds.
"""

from __future__ import annotations

from typing import Final

from spiceproto.machine import Begin, Expiry, Forbidden, Machine, Receipt, Rule, Scenario

__all__ = ["MACHINES", "PLAYBACK", "RECORD", "SCENARIOS"]

_LISTENS: Final = ("asked", "named", "marked", "heard")
_MIGRATED: Final = "SPICE-MIG-058"

_UNDER_WAY, _SILENCE = 5.0, 3.0
"""Seconds after which a client has read STOP, if it was never silent for longer than the second number."""

PLAYBACK = Machine(
    "playback",
    doc="Sound of the guest on one playback channel.",
    channels=("playback",),
    carried=True,
    states={
        "linked": "The channel is linked; how sound is encoded was not said.",
        "silent": "The encoding is known, and nothing plays.",
        "playing": "Sound plays: `DATA` may come.",
        "joined": "Where an observer begins that has not seen the beginning: sound may play, or not.",
    },
    # At the destination of a seamless migration the mode is that of the source.
    begins={"midway": Begin("joined", past=False), "destination": Begin("joined", past=False)},
    rules=(
        Rule("linked", "server", "MODE", "silent", "SPICE-SOUND-001"),
        Rule("silent", "server", "MODE", "silent", "SPICE-SOUND-001"),
        Rule("playing", "server", "MODE", "playing", "SPICE-SOUND-001"),
        Rule("joined", "server", "MODE", "joined", "SPICE-SOUND-001"),
        Rule("silent", "server", "START", "playing", "SPICE-SOUND-003"),
        Rule("joined", "server", "START", "playing", "SPICE-SOUND-003"),
        Rule("playing", "server", "DATA", "playing", "SPICE-SOUND-002"),
        Rule("joined", "server", "DATA", "playing", "SPICE-SOUND-002"),
        Rule("playing", "server", "STOP", "silent", "SPICE-SOUND-004"),
        Rule("joined", "server", "STOP", "silent", "SPICE-SOUND-004"),
        *[Rule(state, "server", "MIGRATE", state, _MIGRATED) for state in ("linked", "silent", "joined")],
    ),
    forbidden=(
        Forbidden("server", "START", "SPICE-SOUND-001", state="linked", then="playing"),
        Forbidden("server", "START", "SPICE-SOUND-003"),
        Forbidden("server", "DATA", "SPICE-SOUND-002"),
        Forbidden("server", "STOP", "SPICE-SOUND-004"),
        Forbidden("server", "MIGRATE", _MIGRATED, then="silent"),
    ),
)

RECORD = Machine(
    "record",
    doc="Sound for the guest on one record channel.",
    channels=("record",),
    carried=True,
    states={
        "silent": "The guest does not listen.",
        "asked": "The guest listens; the client's `MODE` and `START_MARK` are due.",
        "named": "The client has said how it encodes; its `START_MARK` is due.",
        "marked": "The client has said when its sound begins; its `MODE` is due.",
        "heard": "The client may be heard.",
        "stopped": "The guest listens no more; what the client had sent by then is under way.",
        "joined": "Where an observer begins that has not seen the beginning: the guest may listen, or not.",
    },
    begins={"midway": Begin("joined", past=False)},
    rules=(
        *[Rule(state, "server", "START", "asked", "SPICE-SOUND-011") for state in ("silent", "stopped", "joined")],
        *[Rule(state, "server", "STOP", "stopped", "SPICE-SOUND-012") for state in (*_LISTENS, "joined")],
        *[Rule(state, "server", "MIGRATE", state, _MIGRATED) for state in ("silent", "stopped", "joined")],
        Rule("asked", "client", "MODE", "named", "SPICE-SOUND-014"),
        Rule("named", "client", "MODE", "named", "SPICE-SOUND-014"),
        Rule("marked", "client", "MODE", "heard", "SPICE-SOUND-014"),
        Rule("heard", "client", "MODE", "heard", "SPICE-SOUND-014"),
        Rule("asked", "client", "START_MARK", "marked", "SPICE-SOUND-014"),
        Rule("named", "client", "START_MARK", "heard", "SPICE-SOUND-014"),
        Rule("heard", "client", "DATA", "heard", "SPICE-SOUND-013"),
        *[Rule("stopped", "client", name, "stopped", "SPICE-SOUND-013") for name in ("MODE", "START_MARK", "DATA")],
        *[Rule("joined", "client", name, "joined", "SPICE-SOUND-013") for name in ("MODE", "START_MARK", "DATA")],
        # How it encodes a client may say at any time.
        Rule("silent", "client", "MODE", "silent", "SPICE-SOUND-013"),
    ),
    forbidden=(
        Forbidden("server", "START", "SPICE-SOUND-011"),
        Forbidden("server", "STOP", "SPICE-SOUND-012"),
        Forbidden("server", "MIGRATE", _MIGRATED, then="stopped"),
        Forbidden("client", "START_MARK", "SPICE-SOUND-013", state="silent"),
        Forbidden("client", "DATA", "SPICE-SOUND-013", state="silent"),
        Forbidden("client", "START_MARK", "SPICE-SOUND-014"),
        Forbidden("client", "DATA", "SPICE-SOUND-014"),
    ),
    expiries=(Expiry("stopped", _UNDER_WAY, "silent", "client", _SILENCE),),
    receipts=(Receipt("stopped", "silent", ((("server", "PING"), ("client", "PONG")),), ("id", "timestamp")),),
)

MACHINES = (PLAYBACK, RECORD)

SCENARIOS = (
    Scenario(
        "playback",
        "The guest plays a sound",
        "playback",
        (
            ("server", "MODE", "OPUS, or RAW to a client that has not announced it"),
            ("server", "START", "two sound channels of 48000 samples a second"),
            ("server", "DATA", "10 ms of sound, again and again"),
            ("server", "STOP", ""),
        ),
    ),
    Scenario(
        "record",
        "The guest listens",
        "record",
        (
            ("server", "START", "what it wants to hear"),
            ("client", "MODE", "how it is encoded"),
            ("client", "START_MARK", "when it begins"),
            ("client", "DATA", "10 ms of sound, again and again"),
            ("server", "STOP", ""),
        ),
    ),
)
