"""The keys of a client that are down.

PRESS and RELEASE are no messages: :mod:`spiceproto.keys` makes them of the bytes in KEY_DOWN, KEY_UP and KEY_SCANCODE. What
a server does with keys cannot be seen on the wire; cases ask the guest.
"""

from __future__ import annotations

from spiceproto.machine import PRESS, RELEASE, Begin, Forbidden, Keys, Machine, Place, Rule, Scenario

__all__ = ["KEYS", "MACHINES", "SCENARIOS"]

KEYS = Machine(
    "keys",
    doc="The keys of a client, by the scan code of their press as a number, first byte lowest.",
    channels=("inputs",),
    carried=True,
    states={"up": "It is not down, as far as the client has said.", "down": "The client has said that it went down."},
    # What went down at the source of a migration is down at its destination.
    begins={"destination": Begin(past=False), "midway": Begin(past=False)},
    rules=(
        Rule("up", "client", PRESS, "down", "SPICE-KEY-013"),
        Rule("down", "client", PRESS, "down", "SPICE-KEY-013"),
        Rule("down", "client", RELEASE, "up", "SPICE-KEY-013"),
    ),
    forbidden=(Forbidden("client", RELEASE, "SPICE-KEY-013"),),
    keys=Keys("key", ("key",), (Place("client", PRESS, ("key",)), Place("client", RELEASE, ("key",))), alive=("down",)),
)

MACHINES = (KEYS,)

SCENARIOS = (
    Scenario(
        "keys",
        "A key repeats",
        "keys",
        (
            ("client", PRESS, "KEY_DOWN 1e"),
            ("client", PRESS, "KEY_DOWN 1e, for the user holds it down"),
            ("client", RELEASE, "KEY_UP 9e"),
        ),
    ),
)
