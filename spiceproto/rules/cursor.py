"""A cursor channel: how it begins, and the shapes that the client keeps.

The client has no message of its own there. INIT empties the cache of shapes, and may bring one itself.
"""

from __future__ import annotations

from typing import Final

from spiceproto.enums.cursor import CursorFlags
from spiceproto.machine import Begin, Forbidden, Keys, Machine, Place, Rule, Scenario, Split

__all__ = ["CURSOR", "MACHINES", "SCENARIOS", "SHAPES"]

_LATER: Final = ("RESET", "SET", "MOVE", "HIDE", "TRAIL", "INVAL_ONE", "INVAL_ALL")

CURSOR = Machine(
    "cursor",
    doc="The beginning of a cursor channel.",
    channels=("cursor",),
    carried=True,
    states={"linked": "The channel is linked; the server's `INIT` is due.", "open": "`INIT` was sent."},
    # At the destination of a migration that takes the channel along there is no second INIT.
    begins={"destination": None, "midway": None},
    rules=(
        Rule("linked", "server", "INIT", "open", "SPICE-MAIN-029"),
        Rule("open", "server", "INIT", "open", "SPICE-CURSOR-001"),
        *[Rule("open", "server", message, "open", "SPICE-MAIN-029") for message in _LATER],
    ),
    forbidden=tuple([Forbidden("server", message, "SPICE-MAIN-029") for message in _LATER]),
)

_FLAGS: Final = int(CursorFlags.NONE | CursorFlags.CACHE_ME | CursorFlags.FROM_CACHE)

SHAPES = Machine(
    "shapes",
    doc="The shapes in the client's cache, by `unique` of their header.",
    channels=("cursor",),
    carried=True,
    states={"absent": "The client has not kept it.", "kept": "The client has it."},
    begins={"destination": Begin(past=False)},
    rules=(
        *[Rule(state, "server", "INIT", "absent", "SPICE-CURSOR-006") for state in ("absent", "kept")],
        *[Rule(state, "server", "RESET", "absent", "SPICE-CURSOR-006") for state in ("absent", "kept")],
        *[Rule(state, "server", "INVAL_ALL", "absent", "SPICE-CURSOR-006") for state in ("absent", "kept")],
        Rule("absent", "server", "SHAPE once", "absent", "SPICE-CURSOR-006"),
        Rule("kept", "server", "SHAPE once", "kept", "SPICE-CURSOR-006"),
        Rule("absent", "server", "SHAPE kept", "kept", "SPICE-CURSOR-006"),
        Rule("kept", "server", "SHAPE kept", "kept", "SPICE-CURSOR-007", tolerated=True),
        Rule("kept", "server", "SHAPE again", "kept", "SPICE-CURSOR-006"),
        Rule("kept", "server", "INVAL_ONE", "absent", "SPICE-CURSOR-008"),
        Rule("absent", "server", "INVAL_ONE", "absent", "SPICE-CURSOR-008", tolerated=True),
    ),
    splits=(
        Split(
            "server",
            "SHAPE",
            ("flags",),
            (((int(CursorFlags.CACHE_ME),), "kept"), ((int(CursorFlags.FROM_CACHE),), "again")),
            "once",
            masks=(_FLAGS,),
        ),
    ),
    forbidden=(Forbidden("server", "SHAPE again", "SPICE-CURSOR-006"),),
    keys=Keys(
        "shape",
        ("unique",),
        (
            Place("server", "INIT", all=True),
            Place("server", "INIT", ("header.unique",), at="cursor", letter="SHAPE"),
            Place("server", "SET", ("header.unique",), at="cursor", letter="SHAPE"),
            Place("server", "RESET", all=True),
            Place("server", "INVAL_ALL", all=True),
            Place("server", "INVAL_ONE", ("id",)),
        ),
        alive=("kept",),
        most=512,
        above="SPICE-CURSOR-009",
    ),
)

MACHINES = (CURSOR, SHAPES)

SCENARIOS = (
    Scenario(
        "cursor",
        "A cursor channel begins",
        "cursor",
        (
            ("server", "INIT", "place, trail, visible or not, and a shape"),
            ("server", "SET", "another shape"),
            ("server", "MOVE", "mouse mode SERVER"),
            ("server", "HIDE", ""),
        ),
    ),
    Scenario(
        "shapes",
        "A shape is kept, shown again and dropped",
        "shapes",
        (
            ("server", "SHAPE kept", "header and pixels"),
            ("server", "SHAPE again", "the header alone"),
            ("server", "INVAL_ONE", ""),
        ),
    ),
)
