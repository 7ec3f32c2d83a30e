"""Clients: streams that are not there, frames that are none, codecs that nobody knows (11.1, 11.2)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.display.drawing import NO_CLIP, box
from conformance.cases.streams.film import STREAM, create, film, frame, picture, tell_time
from conformance.outcome import NotApplicable
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import VideoCodecType
from spiceproto.messages import display

_NOBODY: Final = 23
_UNKNOWN: Final = max(VideoCodecType) + 94
_STEP: Final = 40

_NOWHERE: Final = {
    "STREAM_DATA": frame(bytes(8), 1000, _NOBODY),
    "STREAM_CLIP": display.StreamClip(_NOBODY, NO_CLIP),
    "STREAM_DESTROY": display.StreamDestroy(_NOBODY),
}


@client_case("SPICE-STREAM-008/data", "STREAM_DATA", channel="display")
@client_case("SPICE-STREAM-008/clip", "STREAM_CLIP", channel="display")
@client_case("SPICE-STREAM-008/destroy", "STREAM_DESTROY", channel="display")
def no_stream(server: SuiteServer, name: str) -> None:
    """A message of a stream that was never created: the client goes on."""
    talk = server.session_on("display")
    talk.expect("INIT")
    talk.send(_NOWHERE[name])
    server.alive(talk)


@client_case("SPICE-STREAM-008/sized", channel="display", requires=("SPICE-STREAM-008/data",))
def no_stream_sized(server: SuiteServer) -> None:
    """STREAM_DATA_SIZED of a stream that was never created: the client goes on."""
    talk = server.session_on("display")
    talk.expect("INIT")
    if not talk.client.has(DisplayCapability.SIZED_STREAM):
        raise NotApplicable("the client did not announce SIZED_STREAM")
    header = display.StreamDataHeader(_NOBODY, 1000)
    talk.send(display.StreamDataSized(base=header, width=8, height=8, dest=box(0, 0, 8, 8), data=bytes(8)))
    server.alive(talk)


@client_case("SPICE-STREAM-008/report", channel="display", requires=("SPICE-STREAM-008/data",))
def no_stream_reported(server: SuiteServer) -> None:
    """STREAM_ACTIVATE_REPORT of a stream that was never created: the client goes on."""
    talk = server.session_on("display")
    talk.expect("INIT")
    if not talk.client.has(DisplayCapability.STREAM_REPORT):
        raise NotApplicable("the client did not announce STREAM_REPORT")
    talk.send(display.StreamActivateReport(stream_id=_NOBODY, unique_id=1, max_window_size=5, timeout_ms=1000))
    server.alive(talk)


@client_case("SPICE-STREAM-008/ended", channel="display", requires=("SPICE-STREAM-008/data",))
def ended(server: SuiteServer) -> None:
    """A frame comes behind the end of its stream: the client goes on."""
    talk = film(server)
    data = picture()
    now = tell_time(server)
    talk.send(create(), frame(data, now), display.StreamDestroy(STREAM), frame(data, now + _STEP))
    server.alive(talk)


@client_case("SPICE-STREAM-009/again", channel="display")
def all_end(server: SuiteServer) -> None:
    """Two streams end with STREAM_DESTROY_ALL and begin again under their numbers: the client goes on."""
    talk = film(server)
    data = picture()
    for _ in range(2):
        now = tell_time(server)
        for number in (STREAM, STREAM + 1):
            talk.send(create(number), frame(data, now, number), frame(data, now + _STEP, number))
        talk.send(display.StreamDestroyAll())
    server.alive(talk)


@client_case("SPICE-STREAM-009/without-streams", channel="display")
def none_ends(server: SuiteServer) -> None:
    """STREAM_DESTROY_ALL where there is no stream: the client goes on."""
    talk = server.session_on("display")
    talk.expect("INIT")
    talk.send(display.StreamDestroyAll())
    server.alive(talk)


@client_case("SPICE-STREAM-010/no-picture", b"this is no picture", channel="display")
@client_case("SPICE-STREAM-010/empty", b"", channel="display")
@client_case("SPICE-STREAM-010/zeros", bytes(500), channel="display", requires=("SPICE-STREAM-010/no-picture",))
def broken(server: SuiteServer, data: bytes) -> None:
    """A frame is no picture, and the next one is: the client goes on."""
    _between(server, data)


@client_case("SPICE-STREAM-010/cut-short", channel="display", requires=("SPICE-STREAM-010/no-picture",))
def cut_short(server: SuiteServer) -> None:
    """A frame ends in the middle of its picture, and the next one is whole: the client goes on."""
    data = picture()
    _between(server, data[: len(data) // 2])


def _between(server: SuiteServer, broken: bytes) -> None:
    talk = film(server)
    data = picture()
    now = tell_time(server)
    talk.send(create())
    for place, each in enumerate((data, broken, data)):
        talk.send(frame(each, now + place * _STEP))
    server.alive(talk)
    talk.send(display.StreamDestroy(STREAM))
    server.alive(talk)


@client_case("SPICE-STREAM-011/unknown", channel="display")
def unknown_codec(server: SuiteServer) -> None:
    """A stream has a codec that there is none of, two frames and an end: the client goes on."""
    talk = film(server)
    now = tell_time(server)
    talk.send(create(codec=_UNKNOWN), frame(bytes(32), now), frame(bytes(32), now + _STEP))
    server.alive(talk)
    talk.send(display.StreamDestroy(STREAM))
    server.alive(talk)
