"""A migration as its source sees it: what is announced, what the client answers, and how it ends.

What a server says when a migration was called off or has ended may cross the client's answer; so answers are counted, and
who has an answer to give may give it whenever it comes. What rests on both servers is in :mod:`spiceproto.migration`.
"""

from __future__ import annotations

from typing import Final

from spiceproto.machine import EVERY, Counter, Drawing, Forbidden, Machine, Rule, Split

__all__ = ["ANSWERS", "MACHINES", "MIGRATION", "SCENARIOS"]

_BEGIN, _SEAMLESS = "main.MIGRATE_BEGIN", "main.MIGRATE_BEGIN_SEAMLESS"
_CANCEL, _END, _SWITCH = "main.MIGRATE_CANCEL", "main.MIGRATE_END", "main.MIGRATE_SWITCH_HOST"
_CONNECTED, _AS_SEAMLESS, _ERROR = "main.MIGRATE_CONNECTED", "main.MIGRATE_CONNECTED_SEAMLESS", "main.MIGRATE_CONNECT_ERROR"
_MIGRATE: Final = "*.MIGRATE"

_MANY: Final = 1 << 16
"""Announcements without an answer; that there is one at a time is the business of another table."""

_ANNOUNCED, _SENT, _OTHER_VERSION, _TWICE = "SPICE-MIG-001", "SPICE-MIG-007", "SPICE-MIG-002", "SPICE-MIG-006"
_ANSWER, _UNASKED, _UNAGREED = "SPICE-MIG-014", "SPICE-MIG-016", "SPICE-MIG-015"
_ENDED, _GONE, _CANCELLED = "SPICE-MIG-030", "SPICE-MIG-040", "SPICE-MIG-029"

_STATES: Final = {
    "settled": "No migration is under way.",
    "announced": "`MIGRATE_BEGIN` was sent; the client's answer is due.",
    "announced-seamless": "`MIGRATE_BEGIN_SEAMLESS` was sent; the client's answer is due.",
    "failed": "The client could not link the destination.",
    "connected": "The client has linked the destination.",
    "connected-seamless": "It has, and the destination knows the data of the source.",
    "handing-over": "The source gives up one channel after the other.",
    "ended": "The session begins anew at the destination.",
    "switched": "The client was sent away.",
}
_OPEN: Final = ("settled", "failed")
"""States in which a migration may be announced."""

_ALL_ANSWERS: Final = (_CONNECTED, _AS_SEAMLESS, _ERROR)
_LATE: Final = ("settled", "failed", "connected", "connected-seamless", "handing-over", "ended", "switched")

MIGRATION = Machine(
    "migration",
    doc="The migration of a session, at its source.",
    channels=EVERY,
    scope="session",
    states=_STATES,
    begins={"midway": None},
    rules=(
        *[Rule(state, "server", _BEGIN, "announced", _ANNOUNCED) for state in _OPEN],
        *[Rule(state, "server", f"{_SEAMLESS} known", "announced-seamless", _ANNOUNCED) for state in _OPEN],
        # -- the client's answer
        Rule("announced", "client", _CONNECTED, "connected", _ANSWER),
        Rule("announced-seamless", "client", _CONNECTED, "connected", _ANSWER),
        Rule("announced-seamless", "client", _AS_SEAMLESS, "connected-seamless", _ANSWER),
        *[Rule(state, "client", _ERROR, "failed", _ANSWER) for state in ("announced", "announced-seamless")],
        *[Rule(state, "client", message, state, _UNASKED) for state in _LATE for message in _ALL_ANSWERS],
        # -- the end
        Rule("connected", "server", _END, "ended", _ENDED),
        Rule("connected-seamless", "server", _MIGRATE, "handing-over", _GONE),
        Rule("handing-over", "server", _MIGRATE, "handing-over", _GONE),
        *[Rule(state, "server", _SWITCH, "switched", _SENT) for state in _STATES],
        *[
            Rule(state, "server", _CANCEL, "settled", _CANCELLED)
            for state in ("announced", "announced-seamless", "failed", "connected", "connected-seamless", "settled")
        ],
        # The answer to one that came late.
        *[Rule(state, "server", _CANCEL, state, "SPICE-MIG-057") for state in ("handing-over", "ended", "switched")],
    ),
    splits=(Split("server", _SEAMLESS, ("src_mig_version",), (((1,), "known"),), "unknown"),),
    forbidden=(
        Forbidden("server", _BEGIN, _TWICE, then="announced"),
        Forbidden("server", f"{_SEAMLESS} known", _TWICE, then="announced-seamless"),
        Forbidden("server", f"{_SEAMLESS} unknown", _OTHER_VERSION, then="announced-seamless"),
        Forbidden("server", _END, _ENDED, then="ended"),
        Forbidden("server", _MIGRATE, _GONE),
        Forbidden("client", _AS_SEAMLESS, _UNAGREED, then="connected-seamless"),
    ),
    drawings=(
        Drawing("Up to the client's answer", ("settled", "announced", "announced-seamless")),
        Drawing("Behind it", ("failed", "connected", "connected-seamless", "handing-over", "ended", "switched")),
    ),
)

_HERE: Final = tuple([message.partition(".")[2] for message in _ALL_ANSWERS])

ANSWERS = Machine(
    "answers",
    doc="What the client answers to the announcements of migrations.",
    channels=("main",),
    states={"open": "The only state: an answer may cross whatever the server says meanwhile, so they are counted."},
    begins={"midway": None},
    rules=(
        *[Rule("open", "server", message, "open", _ANNOUNCED) for message in ("MIGRATE_BEGIN", "MIGRATE_BEGIN_SEAMLESS")],
        *[Rule("open", "client", message, "open", _UNASKED) for message in _HERE],
    ),
    counters=(
        Counter(
            "announcements",
            raised=(("server", "MIGRATE_BEGIN"), ("server", "MIGRATE_BEGIN_SEAMLESS")),
            lowered=tuple([("client", message) for message in _HERE]),
            unit=1,
            most=_MANY,
            above=_TWICE,
            below=_UNASKED,
        ),
    ),
)

MACHINES = (MIGRATION, ANSWERS)
SCENARIOS = ()
