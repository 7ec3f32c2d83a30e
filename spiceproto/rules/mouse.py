"""Mouse mode, and acknowledgement of movements.

The mode is announced on the main channel and movements come on the inputs channel, so messages have their channel in
front of their name here. The two connections can overtake each other: after a change the client may go on with the
old kind until it has heard of it, and its first movement of the new kind shows that it has. That is what the states
``...-announced`` are for. Who has answered a PING on main that was sent after CLIENT was announced has read that, and who has
then answered one on inputs has no older movement under way. Without such PINGs, it has not listened if it spoke all the while
and some seconds are over; of one that was silent meanwhile nothing is said, for it may have been stopped. (Of SERVER all this
is not said, for a program in use says now and then where the pointer was.) When the mode
changes again before that, nobody outside can tell any more what the client knows (``...-unsettled``); the movements that
follow settle nothing, and both kinds are let pass for the rest of the session. In ``server-fresh`` no position was sent yet.
A session that migrated begins in ``joined``: the mode is not known, unless INIT begins it anew.
"""

from __future__ import annotations

from spiceproto.machine import Begin, Counter, Drawing, Expiry, Forbidden, Machine, Receipt, Rule, Scenario, Sender, Split

__all__ = ["MACHINES", "MOTION", "MOUSE", "SCENARIOS"]

_MODES = (((1, 1), "SERVER"), ((3, 1), "SERVER"), ((3, 2), "CLIENT"))
"""Supported and current modes; bits above the two known ones are cut off."""

_UNDER_WAY, _SILENCE = 5.0, 3.0
"""Seconds after which a client has read what the server said, and what it sent before that has arrived: if it was never
silent for longer than the second number."""

_PINGS: tuple[tuple[tuple[Sender, str], tuple[Sender, str]], ...] = (
    (("server", "main.PING"), ("client", "main.PONG")),
    (("server", "inputs.PING"), ("client", "inputs.PONG")),
)

_INIT, _MODE, _REQUEST = "main.INIT", "main.MOUSE_MODE", "main.MOUSE_MODE_REQUEST"
_MOTION, _POSITION, _ACK = "inputs.MOUSE_MOTION", "inputs.MOUSE_POSITION", "inputs.MOUSE_MOTION_ACK"

_SETTLED = ("unknown", "server-fresh", "server", "client", "server-announced", "client-announced")
_UNSETTLED = ("server-unsettled", "client-unsettled", "joined")
_KNOWN = (*_SETTLED[1:], *_UNSETTLED)

MOUSE = Machine(
    "mouse",
    doc="The mouse mode of a session, and what movements tell of the client's view of it.",
    channels=("main", "inputs"),
    scope="session",
    carried=True,
    states={
        "unknown": "`INIT` has not come; there is no mode.",
        "server-fresh": "Mode `SERVER`, and no position was sent yet: one is let pass.",
        "server": "Mode `SERVER`, and the client has shown that it knows.",
        "client": "Mode `CLIENT`, and the client has shown that it knows.",
        "server-announced": "The mode has become `SERVER`; positions that are under way are no mistake.",
        "client-announced": "The mode has become `CLIENT`; movements that are under way are no mistake.",
        "server-unsettled": "Mode `SERVER`, and nobody can tell what the client knows of it: both kinds are let pass.",
        "client-unsettled": "Mode `CLIENT`, and nobody can tell what the client knows of it: both kinds are let pass.",
        "joined": "Where an observer begins that has not seen `INIT`: the mode is not known, and both kinds are let pass.",
    },
    begins={"destination": Begin("joined"), "midway": Begin("joined", past=False)},
    rules=(
        Rule("unknown", "server", f"{_INIT} SERVER", "server-fresh", "SPICE-MOUSE-002"),
        Rule("unknown", "server", f"{_INIT} CLIENT", "client", "SPICE-MOUSE-002"),
        Rule("joined", "server", f"{_INIT} SERVER", "server-fresh", "SPICE-MOUSE-002"),
        Rule("joined", "server", f"{_INIT} CLIENT", "client", "SPICE-MOUSE-002"),
        # -- the server changes the mode, or what is supported
        Rule("joined", "server", f"{_MODE} SERVER", "server-unsettled", "SPICE-MOUSE-003"),
        Rule("joined", "server", f"{_MODE} CLIENT", "client-unsettled", "SPICE-MOUSE-003"),
        Rule("server-fresh", "server", f"{_MODE} SERVER", "server-fresh", "SPICE-MOUSE-003"),
        Rule("server-fresh", "server", f"{_MODE} CLIENT", "client-announced", "SPICE-MOUSE-003"),
        Rule("server", "server", f"{_MODE} SERVER", "server", "SPICE-MOUSE-003"),
        Rule("server", "server", f"{_MODE} CLIENT", "client-announced", "SPICE-MOUSE-003"),
        Rule("client", "server", f"{_MODE} CLIENT", "client", "SPICE-MOUSE-004", tolerated=True),
        Rule("client", "server", f"{_MODE} SERVER", "server-announced", "SPICE-MOUSE-003"),
        Rule("client-announced", "server", f"{_MODE} CLIENT", "client-announced", "SPICE-MOUSE-004", tolerated=True),
        Rule("client-announced", "server", f"{_MODE} SERVER", "server-unsettled", "SPICE-MOUSE-003"),
        Rule("server-announced", "server", f"{_MODE} SERVER", "server-announced", "SPICE-MOUSE-003"),
        Rule("server-announced", "server", f"{_MODE} CLIENT", "client-unsettled", "SPICE-MOUSE-003"),
        Rule("server-unsettled", "server", f"{_MODE} SERVER", "server-unsettled", "SPICE-MOUSE-003"),
        Rule("server-unsettled", "server", f"{_MODE} CLIENT", "client-unsettled", "SPICE-MOUSE-003"),
        Rule("client-unsettled", "server", f"{_MODE} CLIENT", "client-unsettled", "SPICE-MOUSE-004", tolerated=True),
        Rule("client-unsettled", "server", f"{_MODE} SERVER", "server-unsettled", "SPICE-MOUSE-003"),
        # -- the client asks
        *[
            rule
            for state in _KNOWN
            for rule in (
                Rule(state, "client", f"{_REQUEST} SERVER", state, "SPICE-MOUSE-005"),
                Rule(state, "client", f"{_REQUEST} CLIENT", state, "SPICE-MOUSE-005"),
                Rule(state, "client", f"{_REQUEST} other", state, "SPICE-MOUSE-007", tolerated=True),
            )
        ],
        # -- the client moves
        Rule("server-fresh", "client", _MOTION, "server-fresh", "SPICE-MOUSE-012"),
        # spice-gtk 0.42 says once that the pointer is at 0, 0, with its first button or after the first acknowledgement.
        Rule("server-fresh", "client", _POSITION, "server", "SPICE-MOUSE-012", tolerated=True),
        Rule("server", "client", _MOTION, "server", "SPICE-MOUSE-012"),
        Rule("client", "client", _POSITION, "client", "SPICE-MOUSE-013"),
        Rule("server-announced", "client", _POSITION, "server-announced", "SPICE-MOUSE-015"),
        Rule("server-announced", "client", _MOTION, "server", "SPICE-MOUSE-012"),
        Rule("client-announced", "client", _MOTION, "client-announced", "SPICE-MOUSE-015"),
        Rule("client-announced", "client", _POSITION, "client", "SPICE-MOUSE-013"),
        *[Rule(state, "client", message, state, "SPICE-MOUSE-015") for state in _UNSETTLED for message in (_MOTION, _POSITION)],
    ),
    expiries=(Expiry("client-announced", _UNDER_WAY, "client", "client", _SILENCE),),
    receipts=(Receipt("client-announced", "client", _PINGS, ("id", "timestamp")),),
    splits=(
        Split("server", _INIT, ("supported_mouse_modes", "current_mouse_mode"), _MODES, "invalid", masks=(3, 0xFFFFFFFF)),
        Split("server", _MODE, ("supported_modes", "current_mode"), _MODES, "invalid", masks=(3, 0xFFFF)),
        Split("client", _REQUEST, ("mode",), (((1,), "SERVER"), ((2,), "CLIENT")), "other"),
    ),
    forbidden=(
        Forbidden("server", f"{_INIT} invalid", "SPICE-MOUSE-001", then="joined"),
        # A second INIT is the business of the main machine; its mode counts.
        Forbidden("server", f"{_INIT} SERVER", "SPICE-MAIN-002", then="server-unsettled"),
        Forbidden("server", f"{_INIT} CLIENT", "SPICE-MAIN-002", then="client-unsettled"),
        Forbidden("server", f"{_MODE} invalid", "SPICE-MOUSE-001"),
        Forbidden("server", f"{_MODE} SERVER", "SPICE-MAIN-001", state="unknown"),
        Forbidden("server", f"{_MODE} CLIENT", "SPICE-MAIN-001", state="unknown"),
        Forbidden("client", f"{_REQUEST} SERVER", "SPICE-MOUSE-008"),
        Forbidden("client", f"{_REQUEST} CLIENT", "SPICE-MOUSE-008"),
        Forbidden("client", f"{_REQUEST} other", "SPICE-MOUSE-008"),
        Forbidden("client", _POSITION, "SPICE-MOUSE-012"),
        Forbidden("client", _MOTION, "SPICE-MOUSE-013"),
    ),
    drawings=(
        Drawing("One change at a time", _SETTLED),
        Drawing("Changes that overtook each other, and sessions that began unseen", _UNSETTLED),
    ),
)

MOTION = Machine(
    "motion",
    doc="Movements on one inputs channel.",
    channels=("inputs",),
    carried=True,
    states={"open": "The only state: what counts is how many movements are under way."},
    # The rest of four movements migrates with the channel.
    begins={"destination": Begin(past=False)},
    rules=(
        Rule("open", "client", "MOUSE_MOTION", "open", "SPICE-MOUSE-020"),
        Rule("open", "client", "MOUSE_POSITION", "open", "SPICE-MOUSE-020"),
        Rule("open", "server", "MOUSE_MOTION_ACK", "open", "SPICE-MOUSE-018"),
    ),
    counters=(
        Counter(
            "movements",
            raised=(("client", "MOUSE_MOTION"), ("client", "MOUSE_POSITION")),
            lowered=(("server", "MOUSE_MOTION_ACK"),),
            unit=4,
            most=2,
            above="SPICE-MOUSE-020",
            below="SPICE-MOUSE-019",
        ),
    ),
)

MACHINES = (MOUSE, MOTION)

SCENARIOS = (
    Scenario(
        "mouse",
        "The mode changes twice",
        "mouse",
        (
            ("server", "main.INIT SERVER", "both modes supported"),
            ("client", "inputs.MOUSE_MOTION", ""),
            ("client", "main.MOUSE_MODE_REQUEST CLIENT", ""),
            ("server", "main.MOUSE_MODE CLIENT", ""),
            ("client", "inputs.MOUSE_MOTION", "sent before it heard of the change"),
            ("client", "inputs.MOUSE_POSITION", ""),
            ("server", "main.MOUSE_MODE SERVER", "the guest gave up its tablet"),
            ("client", "inputs.MOUSE_MOTION", ""),
        ),
    ),
    Scenario(
        "motion",
        "Eight movements",
        "motion",
        (
            ("client", "MOUSE_MOTION", ""),
            ("client", "MOUSE_MOTION", ""),
            ("client", "MOUSE_MOTION", ""),
            ("client", "MOUSE_POSITION", ""),
            ("server", "MOUSE_MOTION_ACK", "for four of either kind"),
            ("client", "MOUSE_POSITION", ""),
            ("client", "MOUSE_POSITION", ""),
            ("client", "MOUSE_POSITION", ""),
            ("client", "MOUSE_POSITION", ""),
            ("server", "MOUSE_MOTION_ACK", ""),
        ),
    ),
)
