"""A video stream on the screen of a client, whose picture is compared: what cases about shown frames send.

Frames are greys in blocks of 8 pixels, so that all decoders come to nearly the same. They are sent :data:`LEAD` ms before their
time: a client drops those that come late.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from conformance.as_server import SuiteServer
from conformance.cases.display.drawing import NO_CLIP, Box, box, stripes
from conformance.cases.display.screen import RESTS, Screen
from conformance.likeness import Likeness
from conformance.outcome import NotApplicable
from spiceproto.codecs import jpeg, video
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import StreamFlags, VideoCodecType
from spiceproto.errors import LocalError
from spiceproto.messages import display, main

__all__ = [
    "FLOOR",
    "HEIGHT",
    "LEAD",
    "OTHER",
    "PLACE",
    "SHOWN",
    "STEP",
    "STREAM",
    "WIDTH",
    "Clock",
    "Frames",
    "blocks",
    "can_have",
    "create",
    "encoded",
    "film",
    "frame",
    "picture",
    "screen",
    "wait",
]

FLOOR: Final = Likeness(30.0, 0.9)
"""Decoders differ by a step or two."""

STREAM: Final = 7
WIDTH, HEIGHT = 48, 32
PLACE: Final[Box] = (8, 8, 8 + WIDTH, 8 + HEIGHT)
OTHER: Final[Box] = (40, 24, 40 + WIDTH, 24 + HEIGHT)
LEAD: Final = 500
"""Milliseconds that a frame is sent before its time: it has to come in time."""
STEP: Final = 40

_GRAIN: Final = 20
"""How many steps of grey; greys leave so much room."""

SHOWN: Final = "SPICE-STREAM-015/shown"
"""On which all others rest."""

Clock = Callable[[], int]
"""What a multimedia clock shows now, in ms."""

Frames = Callable[[int], list[Any]]
"""From the time of the first frame to what is drawn."""


def blocks(first: int, second: int, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint32]:
    """One grey in the upper left and lower right, another elsewhere: ``uint32 (h, w)``."""
    rows, columns = np.mgrid[0:height, 0:width]
    upper = (rows < height // 2) == (columns < width // 2)
    return np.where(upper, first * 0x10101, second * 0x10101).astype(np.uint32)


def picture(first: int, second: int, width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """A frame of MJPEG with such blocks. Raises NotApplicable where none can be made."""
    try:
        return jpeg.encode(blocks(first, second, width, height))
    except (ImportError, LocalError) as error:
        raise NotApplicable(f"no frame can be made: {error}") from None


def encoded(codec: VideoCodecType, *greys: tuple[int, int]) -> list[bytes]:
    """Frames of another codec, the first of which needs no other. Raises NotApplicable where none can be made.

    They have the same grain, which is not cheap to say again: encoders take it from the frame before.
    """
    grain = np.random.default_rng(1).integers(-_GRAIN, _GRAIN, (HEIGHT, WIDTH)) * 0x10101
    try:
        encoder = video.encoder(codec, WIDTH, HEIGHT)
        return [encoder.encode((blocks(*each) + grain).astype(np.uint32)) for each in greys]
    except (ImportError, LocalError) as error:
        raise NotApplicable(f"no frame can be made: {error}") from None


def create(
    number: int = STREAM,
    *,
    where: Box = PLACE,
    clipped: Any = NO_CLIP,
    codec: VideoCodecType = VideoCodecType.MJPEG,
    surface: int = 0,
    top_down: bool = True,
) -> display.StreamCreate:
    """STREAM_CREATE of frames of the usual size."""
    return display.StreamCreate(
        surface_id=surface,
        id=number,
        flags=StreamFlags.TOP_DOWN if top_down else StreamFlags(0),
        codec_type=codec,
        stamp=0,
        stream_width=WIDTH,
        stream_height=HEIGHT,
        src_width=WIDTH,
        src_height=HEIGHT,
        dest=box(*where),
        clip=clipped,
    )


def frame(data: bytes, time: int, number: int = STREAM) -> display.StreamData:
    """A frame that is to be shown then."""
    return display.StreamData(display.StreamDataHeader(number, time & 0xFFFFFFFF), data)


def can_have(found: Screen, codec: VideoCodecType) -> bool:
    """Whether the client announced a codec that is not MJPEG."""
    announced = found.talk.client
    return announced.has(DisplayCapability.MULTI_CODEC) and announced.has(DisplayCapability[f"CODEC_{codec.name}"])


def screen(server: SuiteServer, start: int | None = None) -> tuple[Screen, Clock]:
    """Stripes on a screen, and the client's multimedia clock. Raises NotApplicable for a client without MJPEG.

    The clock is set to ``start``, or else once more to what it shows by INIT; it runs while the client's answer is under way.
    """
    began = server.now
    found = Screen(server, rests=RESTS)
    announced = found.talk.client
    if announced.has(DisplayCapability.MULTI_CODEC) and not announced.has(DisplayCapability.CODEC_MJPEG):
        raise NotApplicable("the client announced MULTI_CODEC, without CODEC_MJPEG")
    found.draw(*stripes())
    before = server.now
    server.alive(server.main_talk)
    passes = _milliseconds(server.now - before)
    if start is None:
        start = int(server.init().multi_media_time) + _milliseconds(server.now - began) + passes
    told, shown = server.now, start - passes
    server.main_talk.send(main.MultiMediaTime(shown))
    server.alive(server.main_talk, why="it has read the time")
    return found, lambda: shown + _milliseconds(server.now - told)


def _milliseconds(seconds: float) -> int:
    return round(1000 * seconds)


def wait(server: SuiteServer, steps: int = 4) -> None:
    """Until the time of all frames has come, of which the last has so many steps."""
    server.run(lambda: False, (LEAD + steps * STEP) / 1000)


def film(server: SuiteServer, frames: Frames, *, start: int | None = None) -> None:
    """What these frames come to is shown."""
    found, clock = screen(server, start)
    found.draw(*frames(clock() + LEAD))
    wait(server)
    found.expect_same("the time of all frames has come", floor=FLOOR)
