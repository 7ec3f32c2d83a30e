"""Clients: more than there is room for (20.6)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.streams.film import create, film, frame, picture, tell_time
from spiceproto.enums.cursor import CursorFlags, CursorType
from spiceproto.messages import cursor, display
from spiceproto.messages.geometry import Point16

_MANY: Final = 64
_ENOUGH: Final = 1200
"""Bytes of a shape of one pixel, whatever its type: its colours among them."""


@client_case("SPICE-ROBUST-007/64-streams", range(_MANY), channel="display")
@client_case("SPICE-ROBUST-007/number-64", (0, _MANY), channel="display")
def streams(server: SuiteServer, numbers: range | tuple[int, ...]) -> None:
    """Streams with these numbers, a frame on the first and on the last, and their end: the client goes on. Numbers."""
    talk = film(server)
    talk.send(*[create(number) for number in numbers])
    data, now = picture(), tell_time(server)
    talk.send(frame(data, now, numbers[0]), frame(data, now, numbers[-1]))
    server.alive(talk, "it may leave a stream out for which it has no room")
    talk.send(display.StreamDestroyAll())
    server.alive(talk)


@client_case("SPICE-ROBUST-010/0-by-0", 0, 0, channel="cursor")
@client_case("SPICE-ROBUST-010/0-by-8", 0, 8, channel="cursor")
@client_case("SPICE-ROBUST-010/8-by-0", 8, 0, channel="cursor")
@client_case("SPICE-ROBUST-010/1-by-1", 1, 1, channel="cursor")
def shapes(server: SuiteServer, width: int, height: int) -> None:
    """Shapes of each type with as many pixels as that, and the pointer moves: the client goes on. Width, height."""
    talk = server.session_on("cursor")
    for kind in CursorType:
        header = cursor.CursorHeader(unique=0, type=kind, width=width, height=height, hot_spot_x=0, hot_spot_y=0)
        shape = cursor.Cursor(CursorFlags(0), header, bytes(_ENOUGH))
        talk.send(cursor.Set(Point16(9, 9), 1, shape), cursor.Move(Point16(20, 20)))
        server.alive(talk, f"a shape of {kind.name}, {width} x {height}")
