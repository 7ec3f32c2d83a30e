"""Clients: more than there is room for (20.6)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.streams.film import create, film, frame, picture, tell_time
from spiceproto.messages import display

_MANY: Final = 64


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
