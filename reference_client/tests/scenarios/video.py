"""Faults of video streams (spec/11-streams.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from reference_client.tests.conversations import Make, alive
from reference_client.tests.scripted import session
from spiceproto.canvas.display import Display
from spiceproto.codecs import jpeg, video
from spiceproto.enums.display import ClipType, StreamFlags, SurfaceFlags, SurfaceFmt, VideoCodecType
from spiceproto.enums.link import ChannelType
from spiceproto.messages import display
from spiceproto.messages.draw import Clip, ClipRects
from spiceproto.messages.geometry import Rect

_BOX = Rect(top=0, left=0, bottom=8, right=8)


def _create(
    number: int, codec: VideoCodecType = VideoCodecType.MJPEG, *, flags: StreamFlags = StreamFlags.TOP_DOWN
) -> display.StreamCreate:
    return display.StreamCreate(
        surface_id=0,
        id=number,
        flags=flags,
        codec_type=codec,
        stamp=0,
        stream_width=8,
        stream_height=8,
        src_width=8,
        src_height=8,
        dest=_BOX,
        clip=Clip(ClipType.NONE),
    )


def _frame(number: int, data: bytes, time: int = 0) -> display.StreamData:
    return display.StreamData(display.StreamDataHeader(number, time), data)


def _goes_on(*values: Any) -> Callable[[Make], bool]:
    def scenario(make: Make) -> bool:
        server = session(make())
        server.line(ChannelType.DISPLAY).send(*values)
        return alive(server)

    return scenario


def _says_init_alone(make: Make) -> bool:
    return [type(value) for value in session(make()).line(ChannelType.DISPLAY).got] == [display.Init]


def _jpeg(side: int = 8, grey: int = 200) -> bytes:
    return jpeg.encode(np.full((side, side), grey * 0x10101, np.uint32))


def _vp8(*greys: int) -> list[bytes]:
    """Frames of greys around these: nothing that is the same twice is cheap to say anew."""
    encoder = video.encoder(VideoCodecType.VP8, 32, 32)
    grain = np.random.default_rng(1).integers(0, 40, (32, 32)).astype(np.uint32)
    return [encoder.encode((grain + grey) * np.uint32(0x10101)) for grey in greys]


def _striped() -> bytes:
    pixels = np.zeros((8, 8), np.uint32)
    pixels[:4] = 0xC0C0C0
    return jpeg.encode(pixels)


def _without_tables(data: bytes) -> bytes:
    for part in reversed([part for part in jpeg.segments(data) if part.marker == jpeg.DHT]):
        data = data[: part.start] + data[part.end :]
    return data


def _shows(*values: Any, clock: int = 1000) -> Callable[[Make], bool]:
    """Whether the client shows what the canvas draws, once the time of all frames has come."""

    def scenario(make: Make) -> bool:
        server = session(make(canvas=True), clock=clock)
        canvas = Display()
        for value in (_SCREEN, *values):
            server.line(ChannelType.DISPLAY).send(value)
            canvas.draw(value)
        assert not canvas.problems, canvas.problems[0].error
        server.wait(2.0)
        return alive(server) and np.array_equal(server.client.displays[0].picture(), canvas.picture())

    return scenario


def _late(make: Make) -> bool:
    """Of three frames the second comes late, and the third builds on it."""
    first, second, third = _vp8(40, 200, 200)
    server = session(make(canvas=True), clock=1000)
    line = server.line(ChannelType.DISPLAY)
    line.send(_SCREEN, _create(1, VideoCodecType.VP8), _frame(1, first, 1000))
    server.wait(1.0)
    line.send(_frame(1, second, 1500), _frame(1, third, 2000))
    return alive(server) and bool(server.client.displays[0].picture()[0, 0, 0] > 150)


def _shows_nothing_of(*values: Any) -> Callable[[Make], bool]:
    """Whether the client shows what it did before, also when the time of all frames has come."""

    def scenario(make: Make) -> bool:
        server = session(make(canvas=True), clock=1000)
        server.line(ChannelType.DISPLAY).send(_SCREEN, *values)
        server.wait(2.0)
        return alive(server) and not server.client.displays[0].picture().any()

    return scenario


_SCREEN = display.SurfaceCreate(surface_id=0, width=32, height=32, format=SurfaceFmt._32_xRGB, flags=SurfaceFlags.PRIMARY)
_ASIDE = display.SurfaceCreate(surface_id=5, width=32, height=32, format=SurfaceFmt._32_xRGB, flags=SurfaceFlags(0))
_THERE = Rect(top=16, left=16, bottom=24, right=24)
_TWO = (_create(1), msgspec.structs.replace(_create(2), dest=_THERE))
_FILM, _NIGHT = _vp8(40, 40, 90), _vp8(200, 200, 160)

_SIZED = display.StreamDataSized(
    base=display.StreamDataHeader(1, 1500),
    width=8,
    height=8,
    dest=Rect(top=16, left=16, bottom=24, right=24),
    data=_jpeg(),
)
_CLIP = Clip(ClipType.RECTS, ClipRects((Rect(top=0, left=0, bottom=4, right=4),)))

SCENARIOS: dict[str, Callable[[Make], bool]] = {
    "unasked-report": _says_init_alone,
    "frame-of-no-stream-fatal": _goes_on(_frame(1, b"")),
    "clip-of-no-stream-fatal": _goes_on(display.StreamClip(1, Clip(ClipType.NONE))),
    "end-of-all-forgotten": _goes_on(_create(1), display.StreamDestroyAll(), _create(1)),
    "broken-frame-fatal": _goes_on(_create(1), _frame(1, b"no picture")),
    "times-without-a-sign": _shows(_create(1), _frame(1, _jpeg(), 100), clock=2**32 - 100),
    "clip-of-streams-ignored": _shows(
        msgspec.structs.replace(_create(1), clip=_CLIP), _frame(1, _jpeg(), 1500), display.StreamClip(1, _CLIP)
    ),
    "place-of-frames-ignored": _shows(_create(1), _SIZED),
    "frames-outlive-their-stream": _shows_nothing_of(_create(1), _frame(1, _jpeg(), 1500), display.StreamDestroy(1)),
    "frames-not-scaled": _shows(_create(1), _frame(1, _jpeg(16), 1500)),
    "late-frames-not-decoded": _late,
    "one-decoder-for-all": _shows(
        _create(1, VideoCodecType.VP8),
        msgspec.structs.replace(_create(2, VideoCodecType.VP8), dest=_THERE),
        *[_frame(number, film[place], 1500 + place) for place in range(3) for number, film in ((1, _FILM), (2, _NIGHT))],
    ),
    "last-place-for-all": _shows(*_TWO, _frame(1, _jpeg(), 1500), _frame(2, _jpeg(grey=90), 1500)),
    "end-of-one-for-all": _shows(*_TWO, display.StreamDestroy(1), _frame(2, _jpeg(), 1500)),
    "streams-on-the-screen": _shows(_ASIDE, msgspec.structs.replace(_create(1), surface_id=5), _frame(1, _jpeg(), 1500)),
    "rows-always-from-the-top": _shows(_create(1, flags=StreamFlags(0)), _frame(1, _striped(), 1500)),
    "source-size-taken": _shows(msgspec.structs.replace(_create(1), src_width=16, src_height=16), _frame(1, _jpeg(), 1500)),
    "first-frame-alone": _shows(
        _create(1, VideoCodecType.VP8), *[_frame(1, data, 1500 + place) for place, data in enumerate(_FILM)]
    ),
    "tables-of-frames-forgotten": _shows(
        _create(1), _frame(1, _jpeg(), 1500), _frame(1, _without_tables(_jpeg(grey=90)), 1600)
    ),
}
