"""Clients: codecs whose frames build on those before (11.2, 11.3)."""

from __future__ import annotations

from typing import Any, Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.display.screen import PICTURE, Screen
from conformance.cases.streams.screening import (
    FLOOR,
    LEAD,
    SHOWN,
    STEP,
    STREAM,
    can_have,
    create,
    encoded,
    frame,
    screen,
    wait,
)
from conformance.outcome import NotApplicable
from spiceproto.enums.display import VideoCodecType
from spiceproto.messages import display

__all__ = ["OTHERS", "first_of"]

OTHERS: Final = (VideoCodecType.VP8, VideoCodecType.H264, VideoCodecType.VP9, VideoCodecType.H265)
"""All but MJPEG; what more clients have comes first."""

_GREYS: Final = ((40, 220), (140, 220), (140, 60))


def first_of(server: SuiteServer, found: Screen) -> VideoCodecType:
    """The first of them that the client announced, and decodes. Raises NotApplicable for none."""
    for codec in OTHERS:
        if can_have(found, codec):
            server.relies_on(f"SPICE-STREAM-041/{codec.name.lower()}")
            return codec
    raise NotApplicable("the client announced no codec but MJPEG")


def _again(codec: VideoCodecType, time: int) -> list[Any]:
    """The stream ends, and another one begins in its place, with frames from this time on."""
    frames = encoded(codec, *_GREYS)
    shown = [frame(data, time + place * STEP) for place, data in enumerate(frames)]
    return [display.StreamDestroy(STREAM), create(codec=codec), *shown]


@client_case("SPICE-STREAM-041/h265", VideoCodecType.H265, channel="display", tags=(PICTURE,), requires=(SHOWN,))
@client_case("SPICE-STREAM-041/vp9", VideoCodecType.VP9, channel="display", tags=(PICTURE,), requires=(SHOWN,))
@client_case("SPICE-STREAM-041/h264", VideoCodecType.H264, channel="display", tags=(PICTURE,), requires=(SHOWN,))
@client_case("SPICE-STREAM-041/vp8", VideoCodecType.VP8, channel="display", tags=(PICTURE,), requires=(SHOWN,))
def each_codec(server: SuiteServer, codec: VideoCodecType) -> None:
    """A stream of a codec that the client announced, a frame that needs no other and two that build on it: all are shown."""
    found, clock = screen(server)
    if not can_have(found, codec):
        raise NotApplicable(f"the client did not announce CODEC_{codec.name}")
    frames = encoded(codec, *_GREYS)
    found.draw(create(codec=codec), *[frame(data, clock() + LEAD + place * STEP) for place, data in enumerate(frames)])
    wait(server)
    found.expect_same("the time of all frames has come", floor=FLOOR)


@client_case("SPICE-STREAM-040/another-codec", channel="display", tags=(PICTURE,), requires=("SPICE-STREAM-040/bottom-up",))
def bottom_up(server: SuiteServer) -> None:
    """A stream without TOP_DOWN of another codec than MJPEG: its frames are shown with the last row on top."""
    found, clock = screen(server)
    codec = first_of(server, found)
    (data,) = encoded(codec, (40, 220))
    found.draw(create(codec=codec, top_down=False), frame(data, clock() + LEAD))
    wait(server)
    found.expect_same("the bottom row comes first", floor=FLOOR)


@client_case("SPICE-STREAM-037/next-in-time", channel="display", tags=(PICTURE,), requires=(SHOWN,))
def late(server: SuiteServer) -> None:
    """A frame comes late, and one that builds on it in time: that is shown as it should be."""
    found, clock = screen(server)
    codec = first_of(server, found)
    first, second, third = encoded(codec, (40, 220), (140, 90), (140, 90))
    found.draw(create(codec=codec), frame(first, clock() + LEAD))
    wait(server)
    found.draw(frame(second, clock() - STEP), frame(third, clock() + LEAD))
    wait(server)
    found.expect_same("the last frame builds on one that came late", floor=FLOOR)


@client_case("SPICE-STREAM-010/another-codec", channel="display", tags=(PICTURE,), requires=("SPICE-STREAM-010/no-picture",))
def broken(server: SuiteServer) -> None:
    """Frames of another codec than MJPEG are empty, zeros and cut short; a stream that begins then is shown."""
    found, clock = screen(server)
    codec = first_of(server, found)
    first, second, *_ = encoded(codec, *_GREYS)
    time = clock() + LEAD
    found.draw(create(codec=codec))
    for place, data in enumerate((first, b"", bytes(200), second[: len(second) // 2])):
        found.send(frame(data, time + place * STEP))
    found.draw(*_again(codec, time + 4 * STEP))
    wait(server, 8)
    found.expect_same("broken frames are nothing", floor=FLOOR)


@client_case("SPICE-STREAM-010/no-key-frame", channel="display", tags=(PICTURE,), requires=("SPICE-STREAM-010/another-codec",))
def no_key_frame(server: SuiteServer) -> None:
    """A stream begins with a frame that builds on another one, which never came; a stream that begins then is shown."""
    found, clock = screen(server)
    codec = first_of(server, found)
    _, second, *_ = encoded(codec, *_GREYS)
    found.draw(create(codec=codec))
    found.send(frame(second, clock() + LEAD))
    found.draw(*_again(codec, clock() + LEAD + STEP))
    wait(server)
    found.expect_same("frames that build on nothing are nothing", floor=FLOOR)
