"""Faults on the cursor channel (spec/09-cursor.md)."""

from __future__ import annotations

from collections.abc import Callable

from reference_client.tests.conversations import Make, alive
from reference_client.tests.scripted import session
from spiceproto.enums.cursor import CursorFlags, CursorType
from spiceproto.enums.link import ChannelType
from spiceproto.messages import cursor
from spiceproto.messages.geometry import Point16


def _goes_on(make: Make) -> bool:
    """Everything that a client has to live with."""
    server = session(make())
    header = cursor.CursorHeader(unique=7, type=CursorType.ALPHA, width=8, height=8, hot_spot_x=0, hot_spot_y=0)
    none = CursorFlags.NONE
    shapes = [(none, None, b""), (none, None, bytes(17)), (CursorFlags.FROM_CACHE, header, b""), (CursorFlags(0), header, b"1")]
    server.line(ChannelType.CURSOR).send(
        cursor.Trail(5, 40),
        *[cursor.Set(Point16(0, 0), 1, cursor.Cursor(*shape)) for shape in shapes],
        cursor.InvalOne(7),
    )
    return alive(server)


SCENARIOS: dict[str, Callable[[Make], bool]] = {
    "trail-fatal": _goes_on,
    "cursor-without-header-fatal": _goes_on,
    "cursor-with-header-fatal": _goes_on,
    "unknown-shape-fatal": _goes_on,
    "short-shape-fatal": _goes_on,
    "unknown-shape-drop-fatal": _goes_on,
}
