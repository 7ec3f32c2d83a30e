"""How a session arrives at the destination of a migration: until it has, both ends have next to nothing to say there.

A session comes when its client says MIGRATE_END, or brings the state of the first of its channels.
"""

from __future__ import annotations

from typing import Final

from spiceproto.machine import EVERY, Begin, Forbidden, Machine, Rule

__all__ = ["ARRIVAL", "MACHINES", "SCENARIOS"]

_CLIENT, _SERVER = "SPICE-MIG-019", "SPICE-MIG-020"
_ASK, _ACK, _NACK = "main.MIGRATE_DST_DO_SEAMLESS", "main.MIGRATE_DST_SEAMLESS_ACK", "main.MIGRATE_DST_SEAMLESS_NACK"
_END, _DATA, _ANY = "main.MIGRATE_END", "*.MIGRATE_DATA", "*.*"
_GUEST: Final = ("main.MOUSE_MODE", "port.EVENT", "webdav.EVENT")
"""The guest of a seamless migration is there before its client, with a pointer of its own and with ports that it has open."""

_AHEAD: Final = ("*.SET_ACK", "*.PING", "inputs.INIT", "port.INIT", "webdav.INIT", _ACK, _NACK, *_GUEST)
"""What a server may say before."""

_AT_ONCE: Final = ("cursor.*", "playback.*", "record.*")
"""Channels without state that they could wait for: of a seamless migration they go on as soon as the guest is there."""

_OWED: Final = ("*.ACK_SYNC", "*.ACK", "*.PONG")
"""What a client owes for that, and may pay at once."""

ARRIVAL = Machine(
    "arrival",
    doc="A session at its server: whether it is there yet.",
    channels=EVERY,
    scope="session",
    states={
        "ahead": "Its client links channels ahead of a migration.",
        "here": "The session is at this server.",
    },
    begins={"whole": None, "destination": Begin(), "midway": None},
    rules=(
        *[Rule("ahead", "server", message, "ahead", _SERVER) for message in _AHEAD],
        *[Rule("ahead", "server", message, "ahead", _SERVER) for message in _AT_ONCE],
        *[Rule("ahead", "client", message, "ahead", _CLIENT) for message in (_ASK, *_OWED)],
        Rule("here", "server", "main.INIT", "here", _SERVER),
        Rule("ahead", "client", _END, "here", _SERVER),
        Rule("ahead", "client", _DATA, "here", _SERVER),
        *[Rule("here", "server", message, "here", _SERVER) for message in (*_AHEAD, *_AT_ONCE, _ANY)],
        *[Rule("here", "client", message, "here", _CLIENT) for message in (_ASK, *_OWED, _ANY)],
        *[Rule("here", "client", message, "here", _SERVER) for message in (_END, _DATA)],
    ),
    forbidden=(
        Forbidden("server", _ANY, _SERVER),
        # That of main is the business of another table; for such a server it is a session like any other.
        Forbidden("server", "main.INIT", "SPICE-MAIN-022", then="here"),
        Forbidden("client", _ANY, _CLIENT),
    ),
)

MACHINES = (ARRIVAL,)
SCENARIOS = ()
