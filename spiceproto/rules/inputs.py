"""How an inputs channel begins: the server's INIT is first, and the client need not wait for it.

Mouse mode and movements have machines of their own, in :mod:`spiceproto.rules.mouse`.
"""

from __future__ import annotations

from spiceproto.machine import ANY, Forbidden, Machine, Rule, Scenario

__all__ = ["INPUTS", "MACHINES", "SCENARIOS"]

INPUTS = Machine(
    "inputs",
    doc="The beginning of an inputs channel.",
    channels=("inputs",),
    states={
        "linked": "The channel is linked; the server's `INIT` is due.",
        "open": "`INIT` was sent.",
    },
    begins={"midway": None},
    rules=(
        Rule("linked", "server", "INIT", "open", "SPICE-INPUTS-001"),
        # Nobody sends it again; who gets it has the state of the lock keys once more.
        Rule("open", "server", "INIT", "open", "SPICE-INPUTS-001"),
        Rule("open", "server", ANY, "open", "SPICE-INPUTS-001"),
    ),
    forbidden=(Forbidden("server", ANY, "SPICE-INPUTS-001"),),
)

MACHINES = (INPUTS,)

SCENARIOS = (
    Scenario(
        "inputs",
        "An inputs channel begins",
        "inputs",
        (
            ("server", "INIT", "lock keys"),
            ("server", "*", ""),
        ),
    ),
)
