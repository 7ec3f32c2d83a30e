"""A display channel: how it begins, the lives of its surfaces, and scanouts that are no pictures of the protocol.

Surfaces belong to one channel; two displays each have a surface 0. Pictures that are kept have tables of their own, in
:mod:`spiceproto.rules.caches`. How large things are no table says: see :mod:`spiceproto.extents`.
"""

from __future__ import annotations

from typing import Final

from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import SurfaceFlags
from spiceproto.image_places import DRAWN, PATHS
from spiceproto.machine import Announced, Begin, Counter, Forbidden, Keys, Machine, Place, Rule, Scenario, Split

__all__ = ["CHANGES", "DISPLAY", "MACHINES", "SCANOUT", "SCENARIOS", "SURFACES"]

_COMPRESSION: Final = Announced(server=(DisplayCapability.PREF_COMPRESSION,))
_CODECS: Final = Announced(server=(DisplayCapability.PREF_VIDEO_CODEC_TYPE,))

_LATER: Final = ("MIGRATE_DATA", "STREAM_REPORT", "GL_DRAW_DONE", "PREFERRED_COMPRESSION", "PREFERRED_VIDEO_CODEC_TYPE")
_LINKED: Final = ("linked", "arriving")

DISPLAY = Machine(
    "display",
    doc="The beginning of a display channel, and what its client asks for.",
    channels=("display",),
    states={
        "linked": "The channel is linked; the client's `INIT` is due.",
        "begun": "The client has said `INIT`.",
        "arriving": "At the destination of a migration: the client brings its state along, or says `INIT`.",
        "brought": "It has brought it along, and says no `INIT`.",
    },
    begins={"destination": Begin("arriving"), "midway": None},
    rules=(
        *[Rule(state, "client", "INIT", "begun", "SPICE-DISPLAY-001") for state in _LINKED],
        Rule("arriving", "client", "MIGRATE_DATA", "brought", "SPICE-DISPLAY-001"),
        Rule("brought", "client", "MIGRATE_DATA", "brought", "SPICE-DISPLAY-001"),
        Rule("begun", "client", "MIGRATE_DATA", "begun", "SPICE-DISPLAY-001"),
        *[
            rule
            for state in ("begun", "arriving", "brought")
            for rule in (
                Rule(state, "client", "STREAM_REPORT", state, "SPICE-DISPLAY-001"),
                Rule(state, "client", "GL_DRAW_DONE", state, "SPICE-DISPLAY-001"),
                Rule(state, "client", "PREFERRED_COMPRESSION", state, "SPICE-DISPLAY-012", when=_COMPRESSION),
                Rule(state, "client", "PREFERRED_VIDEO_CODEC_TYPE", state, "SPICE-DISPLAY-013", when=_CODECS),
            )
        ],
        Rule("linked", "server", "SURFACE_CREATE", "linked", "SPICE-DISPLAY-003", tolerated=True),
        Rule("begun", "server", "SURFACE_CREATE", "begun", "SPICE-DISPLAY-003"),
        *[Rule(state, "server", "SURFACE_CREATE", state, "SPICE-DISPLAY-003") for state in ("arriving", "brought")],
        *[
            Rule(state, "server", message, state, "SPICE-DISPLAY-011", tolerated=True)
            for state in (*_LINKED, "begun", "brought")
            for message in ("MODE", "RESET")
        ],
    ),
    forbidden=(
        Forbidden("client", "INIT", "SPICE-DISPLAY-002"),
        Forbidden("client", "INIT", "SPICE-MIG-045", state="brought"),
        *[
            Forbidden("client", message, "SPICE-DISPLAY-001")
            for message in (
                "MIGRATE_DATA",
                "STREAM_REPORT",
                "GL_DRAW_DONE",
                "PREFERRED_COMPRESSION",
                "PREFERRED_VIDEO_CODEC_TYPE",
            )
        ],
    ),
)

_THERE: Final = ("primary", "off-screen")

SURFACES = Machine(
    "surfaces",
    doc="The surfaces of one display channel.",
    channels=("display",),
    carried=True,
    states={
        "absent": "There is no such surface.",
        "primary": "It is there, and it is what the display shows.",
        "off-screen": "It is there to draw on and to draw from.",
    },
    # What there was at the source of a migration is there at its destination.
    begins={"destination": Begin(past=False)},
    rules=(
        Rule("absent", "server", "SURFACE_CREATE primary", "primary", "SPICE-DISPLAY-004"),
        Rule("absent", "server", "SURFACE_CREATE off-screen", "off-screen", "SPICE-DISPLAY-004"),
        *[
            rule
            for state in _THERE
            for rule in (
                Rule(state, "server", "DRAW", state, "SPICE-DISPLAY-007"),
                Rule(state, "server", "SOURCE", state, "SPICE-DISPLAY-008"),
                Rule(state, "server", "HEAD", state, "SPICE-MONITOR-002"),
                Rule(state, "server", "SURFACE_DESTROY", "absent", "SPICE-DISPLAY-009"),
            )
        ],
        Rule("primary", "server", "MARK", "primary", "SPICE-DISPLAY-010"),
        *[Rule(state, "server", "MODE", "primary", "SPICE-DISPLAY-011", tolerated=True) for state in ("absent", *_THERE)],
    ),
    splits=(
        Split(
            "server",
            "SURFACE_CREATE",
            ("flags",),
            (((int(SurfaceFlags.PRIMARY),), "primary"),),
            "off-screen",
            masks=(int(SurfaceFlags.PRIMARY),),
        ),
    ),
    forbidden=(
        Forbidden("server", "SURFACE_CREATE primary", "SPICE-DISPLAY-004", then="primary"),
        Forbidden("server", "SURFACE_CREATE off-screen", "SPICE-DISPLAY-004", then="off-screen"),
        Forbidden("server", "DRAW", "SPICE-DISPLAY-007"),
        Forbidden("server", "SOURCE", "SPICE-DISPLAY-008"),
        Forbidden("server", "HEAD", "SPICE-MONITOR-002"),
        Forbidden("server", "SURFACE_DESTROY", "SPICE-DISPLAY-009"),
        Forbidden("server", "MARK", "SPICE-DISPLAY-010"),
    ),
    keys=Keys(
        "surface",
        ("surface_id",),
        (
            Place("server", "SURFACE_CREATE", ("surface_id",)),
            Place("server", "SURFACE_DESTROY", ("surface_id",)),
            *[Place("server", message, ("base.surface_id",), letter="DRAW") for message in DRAWN],
            Place("server", "STREAM_CREATE", ("surface_id",), letter="DRAW"),
            *[
                Place("server", message, ("surface_id",), at=f"{path}.surface", letter="SOURCE")
                for message, paths in PATHS.items()
                for path in paths
            ],
            Place("server", "MONITORS_CONFIG", ("surface_id",), at="heads", letter="HEAD"),
            Place("server", "MARK", life=(0,)),
            Place("server", "MODE", life=(0,)),
        ),
        alive=("primary",),
        most=1,
        above="SPICE-DISPLAY-005",
    ),
)

SCANOUT = Machine(
    "scanout",
    doc="Screens whose pixels stay in a buffer of the graphics card.",
    channels=("display",),
    carried=True,
    states={
        "none": "The server has named no buffer.",
        "buffer": "The screen is a buffer, and what changes in it is announced.",
    },
    begins={"destination": Begin("buffer", past=False), "midway": Begin("buffer", past=False)},
    rules=(
        *[
            Rule(state, "server", message, "buffer", "SPICE-DISPLAY-014")
            for state in ("none", "buffer")
            for message in ("GL_SCANOUT_UNIX", "GL_SCANOUT2_UNIX")
        ],
        Rule("buffer", "server", "GL_DRAW", "buffer", "SPICE-DISPLAY-014"),
    ),
    forbidden=(Forbidden("server", "GL_DRAW", "SPICE-DISPLAY-014"),),
)

CHANGES = Machine(
    "changes",
    doc="Changes of a buffer, which the client has to read before the guest goes on.",
    channels=("display",),
    carried=True,
    states={"open": "The only state: what counts is whether a change is under way."},
    begins={"destination": Begin(past=False)},
    rules=(
        Rule("open", "server", "GL_DRAW", "open", "SPICE-DISPLAY-016"),
        Rule("open", "client", "GL_DRAW_DONE", "open", "SPICE-DISPLAY-015"),
    ),
    counters=(
        Counter(
            "changes",
            raised=(("server", "GL_DRAW"),),
            lowered=(("client", "GL_DRAW_DONE"),),
            unit=1,
            most=1,
            above="SPICE-DISPLAY-016",
            below="SPICE-DISPLAY-015",
        ),
    ),
)

MACHINES = (DISPLAY, SURFACES, SCANOUT, CHANGES)

SCENARIOS = (
    Scenario(
        "display",
        "A display channel begins",
        "display",
        (
            ("client", "INIT", "caches: their ids and sizes"),
            ("server", "SURFACE_CREATE", "surface 0, PRIMARY; then pictures, MONITORS_CONFIG, MARK"),
            ("client", "PREFERRED_COMPRESSION", "if the server announced it, at any time"),
        ),
    ),
    Scenario(
        "surfaces",
        "A screen changes its size",
        "surfaces",
        (
            ("server", "SURFACE_CREATE primary", "640 x 480"),
            ("server", "DRAW", "what the screen shows"),
            ("server", "MARK", "a client may show it"),
            ("server", "SURFACE_DESTROY", ""),
            ("server", "SURFACE_CREATE primary", "800 x 600"),
            ("server", "MARK", ""),
            ("server", "DRAW", ""),
        ),
        values={"surface_id": 0},
    ),
    Scenario(
        "scanout",
        "A buffer is handed over",
        "scanout",
        (
            ("server", "GL_SCANOUT_UNIX", "with a file descriptor beside it"),
            ("server", "GL_DRAW", ""),
        ),
    ),
    Scenario(
        "changes",
        "A buffer changes twice",
        "changes",
        (
            ("server", "GL_DRAW", ""),
            ("client", "GL_DRAW_DONE", ""),
            ("server", "GL_DRAW", ""),
            ("client", "GL_DRAW_DONE", ""),
        ),
    ),
)
