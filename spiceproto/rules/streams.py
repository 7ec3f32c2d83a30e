"""Video streams of a display channel: their lives, and the reports that the server asks for.

A report may be under way when its stream ends, so what was asked for stays asked for. What no table compares, the times
of frames first of all, is in :mod:`spiceproto.video`.
"""

from __future__ import annotations

from typing import Final

from spiceproto.machine import Begin, Forbidden, Keys, Machine, Place, Rule, Scenario, Split

__all__ = ["MACHINES", "NO_STREAM", "REPORTS", "SCENARIOS", "STREAMS"]

NO_STREAM: Final = (0, 0xFFFFFFFF)
"""``num_frames`` and ``num_drops`` of a report that says: there is no such stream here."""

_USES: Final = ("STREAM_DATA", "STREAM_DATA_SIZED", "STREAM_CLIP")

STREAMS = Machine(
    "streams",
    doc="The video streams of one display channel.",
    channels=("display",),
    carried=True,
    states={"absent": "There is no such stream.", "there": "It was created: frames may come."},
    begins={"destination": Begin(past=False)},
    rules=(
        Rule("absent", "server", "STREAM_CREATE", "there", "SPICE-STREAM-001"),
        *[Rule("there", "server", message, "there", "SPICE-STREAM-002") for message in _USES],
        Rule("there", "server", "STREAM_ACTIVATE_REPORT", "there", "SPICE-STREAM-003"),
        Rule("there", "server", "STREAM_DESTROY", "absent", "SPICE-STREAM-004"),
        *[Rule(state, "server", "STREAM_DESTROY_ALL", "absent", "SPICE-STREAM-005") for state in ("absent", "there")],
        Rule("absent", "server", "MIGRATE", "absent", "SPICE-MIG-047"),
    ),
    forbidden=(
        Forbidden("server", "STREAM_CREATE", "SPICE-STREAM-001"),
        *[Forbidden("server", message, "SPICE-STREAM-002") for message in _USES],
        Forbidden("server", "STREAM_ACTIVATE_REPORT", "SPICE-STREAM-003"),
        Forbidden("server", "STREAM_DESTROY", "SPICE-STREAM-004"),
        Forbidden("server", "MIGRATE", "SPICE-MIG-047", then="absent"),
    ),
    keys=Keys(
        "stream",
        ("id",),
        (
            Place("server", "STREAM_CREATE", ("id",)),
            Place("server", "STREAM_CLIP", ("id",)),
            Place("server", "STREAM_DATA", ("base.id",)),
            Place("server", "STREAM_DATA_SIZED", ("base.id",)),
            Place("server", "STREAM_ACTIVATE_REPORT", ("stream_id",)),
            Place("server", "STREAM_DESTROY", ("id",)),
            Place("server", "STREAM_DESTROY_ALL", all=True),
            Place("server", "MIGRATE", all=True),
        ),
    ),
)

REPORTS = Machine(
    "reports",
    doc="Reports on the streams of one display channel, by the number with which the server asked for them.",
    channels=("display",),
    carried=True,
    states={"unasked": "The server has not asked for it.", "asked": "The client may report."},
    begins={"destination": Begin(past=False)},
    rules=(
        *[Rule(state, "server", "STREAM_ACTIVATE_REPORT", "asked", "SPICE-STREAM-003") for state in ("unasked", "asked")],
        Rule("asked", "client", "STREAM_REPORT usual", "asked", "SPICE-STREAM-006"),
        *[Rule(state, "client", "STREAM_REPORT none", state, "SPICE-STREAM-018") for state in ("unasked", "asked")],
    ),
    splits=(Split("client", "STREAM_REPORT", ("num_frames", "num_drops"), ((NO_STREAM, "none"),), "usual"),),
    forbidden=(Forbidden("client", "STREAM_REPORT usual", "SPICE-STREAM-006"),),
    keys=Keys(
        "report",
        ("stream_id", "unique_id"),
        (
            Place("server", "STREAM_ACTIVATE_REPORT", ("stream_id", "unique_id")),
            Place("client", "STREAM_REPORT", ("stream_id", "unique_id")),
        ),
    ),
)

MACHINES = (STREAMS, REPORTS)

SCENARIOS = (
    Scenario(
        "streams",
        "A stream from its first frame to its last",
        "streams",
        (
            ("server", "STREAM_CREATE", "codec, size, where to draw"),
            ("server", "STREAM_ACTIVATE_REPORT", "if the client announced STREAM_REPORT"),
            ("server", "STREAM_DATA", "a frame, and when to show it"),
            ("server", "STREAM_CLIP", "a window moves in front of it"),
            ("server", "STREAM_DATA", ""),
            ("server", "STREAM_DESTROY", "then the area as a picture, without loss"),
        ),
    ),
    Scenario(
        "reports",
        "The client says how it fares",
        "reports",
        (
            ("server", "STREAM_ACTIVATE_REPORT", "5 frames or 1000 ms for each report"),
            ("client", "STREAM_REPORT usual", "frames that came, and that were dropped"),
            ("client", "STREAM_REPORT usual", ""),
        ),
    ),
)
