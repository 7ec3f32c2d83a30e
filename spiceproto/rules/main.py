"""The life of the main channel.

A link begins in ``linked``; one that names a running session belongs to a migration and begins in ``destination``.
Messages of every channel, of the agent, of the mouse and of a migration's source may come at any time after INIT:
they are ``*`` here and have machines of their own.
"""

from __future__ import annotations

from spiceproto.enums.capabilities import MainCapability
from spiceproto.machine import ANY, Announced, Begin, Forbidden, Machine, Rule, Scenario

__all__ = ["MACHINES", "MAIN", "SCENARIOS"]

_NAMED = Announced(client=(MainCapability.NAME_AND_UUID,))
_TOKENS = Announced(client=(MainCapability.AGENT_CONNECTED_TOKENS,))
_NO_TOKENS = Announced(client=(MainCapability.AGENT_CONNECTED_TOKENS,), negated=True)

_BEGUN = ("open", "asked", "listed")
_WAITING = ("destination", "destination-late")

MAIN = Machine(
    "main",
    doc="The main channel.",
    channels=("main",),
    states={
        "linked": "The channel is linked; `INIT` is due.",
        "open": "The session has begun; the client has not asked for the list of channels.",
        "asked": "The client has asked for the list.",
        "listed": "The server has listed its channels; more may follow.",
        "destination": "A link that names a running session: the server waits for the end of a migration.",
        "destination-late": "There the client has said something, or was told no: it is too late to ask.",
        "destination-asked": "The client has asked for a seamless migration.",
        "seamless": "The server has agreed to one.",
    },
    begins={"destination": Begin("destination"), "midway": None},
    rules=(
        Rule("linked", "server", "INIT", "open", "SPICE-MAIN-001"),
        Rule("open", "client", "ATTACH_CHANNELS", "asked", "SPICE-MAIN-006"),
        Rule("asked", "server", "CHANNELS_LIST", "listed", "SPICE-MAIN-012"),
        Rule("asked", "client", "ATTACH_CHANNELS", "asked", "SPICE-MAIN-012"),
        Rule("listed", "client", "ATTACH_CHANNELS", "listed", "SPICE-MAIN-012"),
        # An answer, or the announcement of a channel that was added.
        Rule("listed", "server", "CHANNELS_LIST", "listed", "SPICE-MAIN-014"),
        *[
            rule
            for state in _BEGUN
            for rule in (
                Rule(state, "server", "NAME", state, "SPICE-MAIN-008", when=_NAMED),
                Rule(state, "server", "UUID", state, "SPICE-MAIN-008", when=_NAMED),
                Rule(state, "server", "AGENT_CONNECTED", state, "SPICE-MAIN-010", when=_NO_TOKENS),
                Rule(state, "server", "AGENT_CONNECTED_TOKENS", state, "SPICE-MAIN-010", when=_TOKENS),
                Rule(state, "server", ANY, state, "SPICE-MAIN-001"),
                Rule(state, "client", ANY, state, "SPICE-MAIN-006"),
            )
        ],
        # -- at the destination of a migration
        Rule("destination", "client", "MIGRATE_DST_DO_SEAMLESS", "destination-asked", "SPICE-MAIN-024"),
        *[Rule(state, "client", "MIGRATE_END", "linked", "SPICE-MAIN-022") for state in _WAITING],
        *[Rule(state, "server", ANY, state, "SPICE-MAIN-022") for state in _WAITING],
        *[Rule(state, "client", ANY, "destination-late", "SPICE-MAIN-024") for state in _WAITING],
        Rule("destination-asked", "server", "MIGRATE_DST_SEAMLESS_ACK", "seamless", "SPICE-MAIN-023"),
        Rule("destination-asked", "server", "MIGRATE_DST_SEAMLESS_NACK", "destination-late", "SPICE-MAIN-023"),
        Rule("destination-asked", "server", ANY, "destination-asked", "SPICE-MAIN-023"),
        Rule("destination-asked", "client", ANY, "destination-asked", "SPICE-MAIN-023"),
        Rule("seamless", "client", "MIGRATE_DATA", "listed", "SPICE-MAIN-025"),
        Rule("seamless", "client", "MIGRATE_END", "linked", "SPICE-MAIN-022"),
        Rule("seamless", "server", ANY, "seamless", "SPICE-MAIN-022"),
        Rule("seamless", "client", ANY, "seamless", "SPICE-MAIN-022"),
        # The client's part at a source, and what it owes a destination later than it should.
        *[
            Rule(state, "client", message, state, "SPICE-MAIN-022")
            for state in _BEGUN
            for message in ("MIGRATE_DATA", "MIGRATE_END")
        ],
    ),
    forbidden=(
        Forbidden("server", "INIT", "SPICE-MAIN-002"),
        *[Forbidden("server", "INIT", "SPICE-MAIN-022", state=state, then="open") for state in _WAITING],
        Forbidden("server", "INIT", "SPICE-MAIN-022", state="destination-asked", then="open"),
        Forbidden("server", "INIT", "SPICE-MAIN-022", state="seamless", then="open"),
        Forbidden("server", "CHANNELS_LIST", "SPICE-MAIN-013"),
        Forbidden("server", "CHANNELS_LIST", "SPICE-MAIN-001", state="linked"),
        *[
            Forbidden("server", message, "SPICE-MAIN-001")
            for message in ("NAME", "UUID", "AGENT_CONNECTED", "AGENT_CONNECTED_TOKENS", ANY)
        ],
        Forbidden("server", "MIGRATE_DST_SEAMLESS_ACK", "SPICE-MAIN-023"),
        Forbidden("server", "MIGRATE_DST_SEAMLESS_NACK", "SPICE-MAIN-023"),
        Forbidden("client", "ATTACH_CHANNELS", "SPICE-MAIN-006"),
        Forbidden("client", "CLIENT_INFO", "SPICE-MAIN-007"),
        Forbidden("client", "QUALITY_INDICATOR", "SPICE-MAIN-007"),
        Forbidden("client", "MIGRATE_DST_DO_SEAMLESS", "SPICE-MAIN-024"),
        Forbidden("client", "MIGRATE_DATA", "SPICE-MAIN-025"),
        Forbidden("client", "MIGRATE_END", "SPICE-MAIN-025"),
        Forbidden("client", "MIGRATE_DATA", "SPICE-MAIN-006", state="linked"),
        Forbidden("client", "MIGRATE_END", "SPICE-MAIN-006", state="linked"),
        Forbidden("client", ANY, "SPICE-MAIN-006"),
    ),
)

MACHINES = (MAIN,)

SCENARIOS = (
    Scenario(
        "main",
        "A session begins",
        "main",
        (
            ("server", "INIT", "session id, mouse modes, agent, clock"),
            ("server", "NAME", "if the client announced NAME_AND_UUID"),
            ("server", "UUID", ""),
            ("client", "ATTACH_CHANNELS", ""),
            ("server", "CHANNELS_LIST", "all channels; the client links them"),
            ("server", "CHANNELS_LIST", "later: a channel that was added"),
        ),
    ),
)
