"""What the tour shows on a display channel: an image of each kind, other ways to draw, a short stream, caches that end."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

from conformance.as_server import SuiteServer
from conformance.cases.display.drawing import (
    NO_CLIP,
    NO_MASK,
    Box,
    alpha_blend,
    base,
    box,
    copy,
    fill,
    surface,
    transparent,
)
from conformance.cases.streams.film import tell_time
from conformance.cases.tour.images import HEIGHT, WIDTH, images, of_surface, photograph, plain
from conformance.talk import Talk
from spiceproto.codecs import jpeg
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import ImageScaleMode, ResourceType, StreamFlags, VideoCodecType
from spiceproto.errors import LocalError
from spiceproto.messages import display
from spiceproto.messages.draw import Blackness, Invers, Whiteness
from spiceproto.messages.geometry import Point
from spiceproto.messages.image import Image

__all__ = ["show"]

_PRIMARY, _SECOND = 0, 1
_SCREEN: Final = (640, 480)
_COLUMNS: Final = _SCREEN[0] // WIDTH
_AREA: Final = (0, 0, WIDTH, HEIGHT)
_STREAM: Final = 3
_FRAMES: Final = 3
_FRAME: Final = 40
"""Milliseconds between two frames."""


def _place(number: int) -> Box:
    """Where the picture with this number stands: they fill the screen row by row, and begin again."""
    row, column = divmod(number % (_COLUMNS * (_SCREEN[1] // HEIGHT)), _COLUMNS)
    return column * WIDTH, row * HEIGHT, (column + 1) * WIDTH, (row + 1) * HEIGHT


def _copy(image: Image, number: int) -> display.DrawCopy:
    return copy(image, _place(number), mode=ImageScaleMode.INTERPOLATE)


def show(server: SuiteServer, talk: Talk) -> None:
    """All of it, once the client has said what it can keep."""
    if not talk.wait_count("INIT", within=server.network.patience):
        server.note(f"{talk.name} is shown nothing: the client did not say INIT")
        return
    init = next(message.parsed for message in talk.unread("INIT"))
    number = 0
    for number, (name, image) in enumerate(images(talk.client, init)):
        talk.send(_copy(image, number), text=f"DRAW_COPY: {name}")
    talk.send(*_other_ways(number + 1))
    talk.send(*_second_surface(number + 10))
    if talk.client.has(DisplayCapability.MONITORS_CONFIG):
        width, height = _SCREEN
        head = display.Head(monitor_id=0, surface_id=_PRIMARY, width=width, height=height, x=0, y=0, flags=0)
        talk.send(display.MonitorsConfig(1, (head,)))
    _film(server, talk)
    talk.send(
        display.InvalList((display.ResourceID(ResourceType.PIXMAP, plain().descriptor.id),)),
        display.InvalPalette(0x5EED),
        display.InvalAllPixmaps(()),
        display.InvalAllPalettes(),
    )
    server.alive(talk, "everything that it was shown is legal")


def _other_ways(number: int) -> list[Any]:
    """A brush, a part of the surface itself, black, white, the opposite, without one colour, half transparent."""
    source, places = plain(), [_place(number + more) for more in range(7)]
    return [
        fill(places[0], 0x204060),
        display.CopyBits(base(places[1]), Point(0, 0)),
        display.DrawBlackness(base(places[2]), Blackness(NO_MASK)),
        display.DrawWhiteness(base(places[3]), Whiteness(NO_MASK)),
        display.DrawInvers(base(places[4]), Invers(NO_MASK)),
        transparent(source, places[5], _AREA, 0xA00000, other=0xA00000),
        alpha_blend(source, places[6], _AREA, alpha=128),
    ]


def _second_surface(number: int) -> list[Any]:
    """A surface that is not shown, filled, drawn from, and gone."""
    return [
        surface(_SECOND, WIDTH, HEIGHT),
        fill(_place(0), 0x60C020, surface=_SECOND),
        _copy(of_surface(_SECOND), number),
        display.SurfaceDestroy(_SECOND),
    ]


def _film(server: SuiteServer, talk: Talk) -> None:
    """A stream of a few MJPEG frames, for a client that can have one."""
    if talk.client.has(DisplayCapability.MULTI_CODEC) and not talk.client.has(DisplayCapability.CODEC_MJPEG):
        return
    frame = b""
    with suppress(ImportError, LocalError):  # a library that is not installed
        frame = jpeg.encode(photograph())
    if not frame:
        return
    dest = box(*_place(2 * _COLUMNS))
    begin = display.StreamCreate(
        surface_id=_PRIMARY,
        id=_STREAM,
        flags=StreamFlags.TOP_DOWN,
        codec_type=VideoCodecType.MJPEG,
        stamp=0,
        stream_width=WIDTH,
        stream_height=HEIGHT,
        src_width=WIDTH,
        src_height=HEIGHT,
        dest=dest,
        clip=NO_CLIP,
    )
    now = tell_time(server)
    times = [display.StreamDataHeader(_STREAM, now + place * _FRAME) for place in range(_FRAMES)]
    talk.send(begin, *[display.StreamData(time, frame) for time in times])
    if talk.client.has(DisplayCapability.SIZED_STREAM):
        talk.send(display.StreamDataSized(base=times[-1], width=WIDTH, height=HEIGHT, dest=dest, data=frame))
    talk.send(display.StreamClip(_STREAM, NO_CLIP))
    server.alive(talk, "a stream is legal")
    talk.send(display.StreamDestroy(_STREAM), display.StreamDestroyAll())
