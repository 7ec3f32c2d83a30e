"""Clients: which frames are shown, when and where (11.2, 11.3)."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.display.drawing import Box, box, clip, fill
from conformance.cases.display.screen import PICTURE
from conformance.cases.streams.screening import (
    FLOOR,
    HEIGHT,
    LEAD,
    OTHER,
    PLACE,
    SHOWN,
    STEP,
    STREAM,
    WIDTH,
    Frames,
    create,
    film,
    frame,
    picture,
    screen,
    wait,
)
from conformance.outcome import NotApplicable
from spiceproto.codecs import jpeg
from spiceproto.codecs.jpeg_stream import DHT
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.messages import display

_LONG_AFTER: Final = 50
"""Steps behind the time of a frame at which every client has shown it: two seconds."""

_LONG: Final = 60_000
"""Milliseconds that no case waits."""


@client_case(SHOWN, channel="display", tags=(PICTURE,))
def shown(server: SuiteServer) -> None:
    """Two frames, as large as their place: once the time of the second has come, it is shown."""
    film(server, lambda time: [create(), frame(picture(40, 90), time), frame(picture(200, 120), time + STEP)])


@client_case("SPICE-STREAM-015/not-before", channel="display", tags=(PICTURE,), requires=(SHOWN,))
def not_before(server: SuiteServer) -> None:
    """A frame whose time comes in a minute: it is not shown yet."""
    found, clock = screen(server)
    found.draw(create())
    found.send(frame(picture(40, 220), clock() + _LONG))
    found.expect_same("the time of the frame has not come", floor=FLOOR)


@client_case("SPICE-STREAM-012/around-zero", channel="display", tags=(PICTURE,), requires=(SHOWN, "SPICE-SYNC-011/back"))
def around_zero(server: SuiteServer) -> None:
    """The clock is just below 2^32 and the time of a frame has just passed it: the frame is shown."""
    start = 2**32 - LEAD // 2
    film(server, lambda time: [create(), frame(picture(40, 220), time)], start=start)


@client_case("SPICE-STREAM-022/create", channel="display", tags=(PICTURE,), requires=(SHOWN,))
def clipped(server: SuiteServer) -> None:
    """A stream is created with a clip of two rectangles: nothing is drawn outside of them."""
    two = clip((0, 0, 24, 30), (40, 20, 90, 90))
    film(server, lambda time: [create(clipped=two), frame(picture(40, 220), time)])


@client_case("SPICE-STREAM-022/again", channel="display", tags=(PICTURE,), requires=("SPICE-STREAM-022/create",))
def clipped_again(server: SuiteServer) -> None:
    """A stream is clipped before its first frame: the frame is drawn inside of the new clip."""
    later = display.StreamClip(STREAM, clip((16, 16, 40, 32)))
    film(server, lambda time: [create(), later, frame(picture(40, 220), time)])


@client_case("SPICE-STREAM-023/another-place", channel="display", tags=(PICTURE,), requires=(SHOWN,))
def another_place(server: SuiteServer) -> None:
    """STREAM_DATA_SIZED has a place of its own: the frame is drawn there."""
    _film_sized(server, lambda time: [create(), _sized(time, picture(40, 220), OTHER)])


@client_case("SPICE-STREAM-024/larger", 2, channel="display", tags=(PICTURE,), requires=(SHOWN,))
@client_case("SPICE-STREAM-024/smaller", 0.5, channel="display", tags=(PICTURE,), requires=(SHOWN,))
def scaled(server: SuiteServer, factor: float) -> None:
    """A frame so many times as large as its place: it is scaled."""
    size = int(WIDTH * factor), int(HEIGHT * factor)

    def frames(time: int) -> list[Any]:
        made = msgspec.structs.replace(create(), stream_width=size[0], stream_height=size[1])
        return [made, frame(picture(40, 220, *size), time)]

    film(server, frames)


def _without_tables(data: bytes) -> bytes:
    """The same frame, without its Huffman tables."""
    gone = [(part.start, part.end) for part in jpeg.segments(data) if part.marker == DHT]
    for start, end in reversed(gone):
        data = data[:start] + data[end:]
    return data


@client_case("SPICE-STREAM-026/second-frame", channel="display", tags=(PICTURE,), requires=(SHOWN,))
def without_tables(server: SuiteServer) -> None:
    """The second frame has no Huffman tables: it is shown."""

    def frames(time: int) -> list[Any]:
        return [create(), frame(picture(40, 220), time), frame(_without_tables(picture(220, 40)), time + STEP)]

    film(server, frames)


@client_case("SPICE-STREAM-023/then-its-own", channel="display", tags=(PICTURE,), requires=("SPICE-STREAM-023/another-place",))
def then_its_own(server: SuiteServer) -> None:
    """STREAM_DATA_SIZED with a place of its own, and STREAM_DATA behind it: that is drawn in the place of the stream."""

    def frames(time: int) -> list[Any]:
        return [create(), _sized(time, picture(40, 220), OTHER), frame(picture(220, 120), time + STEP)]

    _film_sized(server, frames)


@client_case(
    "SPICE-STREAM-023/another-size",
    channel="display",
    tags=(PICTURE,),
    requires=("SPICE-STREAM-023/another-place", "SPICE-STREAM-024/smaller"),
)
def another_size(server: SuiteServer) -> None:
    """STREAM_DATA_SIZED has half the size of its stream, and the place of that: it is scaled."""
    half = WIDTH // 2, HEIGHT // 2
    _film_sized(server, lambda time: [create(), _sized(time, picture(40, 220, *half), PLACE, *half)])


def _sized(time: int, data: bytes, where: Box, width: int = WIDTH, height: int = HEIGHT) -> display.StreamDataSized:
    header = display.StreamDataHeader(STREAM, time & 0xFFFFFFFF)
    return display.StreamDataSized(base=header, width=width, height=height, dest=box(*where), data=data)


def _film_sized(server: SuiteServer, frames: Frames) -> None:
    found, clock = screen(server)
    if not found.talk.client.has(DisplayCapability.SIZED_STREAM):
        raise NotApplicable("the client did not announce SIZED_STREAM")
    found.draw(*frames(clock() + LEAD))
    wait(server)
    found.expect_same("a frame has its own place", floor=FLOOR)


@client_case("SPICE-STREAM-024/made-from-more", channel="display", tags=(PICTURE,), requires=(SHOWN,))
def made_from_more(server: SuiteServer) -> None:
    """Frames were made from an area twice as large as their place: they are drawn in their place."""

    def frames(time: int) -> list[Any]:
        made = msgspec.structs.replace(create(), src_width=2 * WIDTH, src_height=2 * HEIGHT)
        return [made, frame(picture(40, 220), time)]

    film(server, frames)


@client_case("SPICE-STREAM-024/wider", channel="display", tags=(PICTURE,), requires=("SPICE-STREAM-024/smaller",))
def wider(server: SuiteServer) -> None:
    """The place of a stream is wider than its frames, and not as high: each side is scaled by itself."""
    film(server, lambda time: [create(where=(0, 8, 2 * WIDTH, 8 + HEIGHT // 2)), frame(picture(40, 220), time)])


@client_case("SPICE-STREAM-015/drawn-over", channel="display", tags=(PICTURE,), requires=(SHOWN,))
def drawn_over(server: SuiteServer) -> None:
    """Something is drawn over a frame long after its time: it stays."""
    found, clock = screen(server)
    found.draw(create(), frame(picture(40, 220), clock() + LEAD))
    wait(server, _LONG_AFTER)
    found.draw(fill((16, 16, 48, 32), 0x2040FF))
    found.expect_same("it was drawn behind the frame", floor=FLOOR)


@client_case("SPICE-STREAM-040/bottom-up", channel="display", tags=(PICTURE,), requires=(SHOWN,))
def bottom_up(server: SuiteServer) -> None:
    """A stream without TOP_DOWN: its frames are shown with the last row on top."""
    film(server, lambda time: [create(top_down=False), frame(picture(40, 220), time)])
