"""Clients: several streams, streams on other surfaces, and their ends (11.1, 11.3)."""

from __future__ import annotations

from typing import Any, Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.display import drawing
from conformance.cases.display.drawing import Box, clip, copy, of_surface, stripes, surface
from conformance.cases.display.screen import PICTURE
from conformance.cases.streams.client_codecs import first_of
from conformance.cases.streams.screening import (
    FLOOR,
    HEIGHT,
    LEAD,
    OTHER,
    SHOWN,
    STEP,
    STREAM,
    WIDTH,
    create,
    encoded,
    film,
    frame,
    picture,
    screen,
    wait,
)
from spiceproto.messages import display

_SECOND: Final = STREAM + 1
_ASIDE: Final = 31
"""A surface that is not shown."""

_ENDS: Final = display.StreamDestroy(STREAM)
_ALL_END: Final = display.StreamDestroyAll()

_OFF_SCREEN: Final = "SPICE-DISPLAY-027/off-screen"
_NOT_BEFORE: Final = "SPICE-STREAM-015/not-before"
_HERE: Final[Box] = (0, 0, WIDTH, HEIGHT)
_APART: Final[Box] = (WIDTH, HEIGHT, 2 * WIDTH, 2 * HEIGHT)
"""Two places that do not meet."""


@client_case("SPICE-STREAM-038/places", channel="display", tags=(PICTURE,), requires=(SHOWN,))
def places(server: SuiteServer) -> None:
    """Two streams in two places, frame by frame: each is shown in its own."""

    def frames(time: int) -> list[Any]:
        begun: list[Any] = [create(where=_HERE), create(_SECOND, where=_APART)]
        for place in range(2):
            begun.append(frame(picture(40 + 90 * place, 220), time + place * STEP))
            begun.append(frame(picture(220, 140 - 90 * place), time + place * STEP, _SECOND))
        return begun

    film(server, frames)


@client_case("SPICE-STREAM-038/one-over-the-other", channel="display", tags=(PICTURE,), requires=("SPICE-STREAM-038/places",))
def one_over_the_other(server: SuiteServer) -> None:
    """Two streams in places that meet: of a pixel that both have the frame shows that was to be shown last."""

    def frames(time: int) -> list[Any]:
        both: list[Any] = [create(), create(_SECOND, where=OTHER)]
        return [*both, frame(picture(220, 140), time, _SECOND), frame(picture(40, 90), time + 2 * STEP)]

    film(server, frames)


@client_case(
    "SPICE-STREAM-038/clips",
    channel="display",
    tags=(PICTURE,),
    requires=("SPICE-STREAM-038/places", "SPICE-STREAM-022/create"),
)
def clips(server: SuiteServer) -> None:
    """One of two streams is clipped: the other one is not."""

    def frames(time: int) -> list[Any]:
        both: list[Any] = [create(where=_HERE), create(_SECOND, where=_APART)]
        clipped = display.StreamClip(STREAM, clip((8, 8, 24, 24)))
        return [*both, clipped, frame(picture(40, 90), time), frame(picture(220, 140), time, _SECOND)]

    film(server, frames)


@client_case("SPICE-STREAM-038/one-ends", channel="display", tags=(PICTURE,), requires=("SPICE-STREAM-038/places",))
def one_ends(server: SuiteServer) -> None:
    """One of two streams ends: frames of the other one are shown."""

    def frames(time: int) -> list[Any]:
        both: list[Any] = [create(where=_HERE), create(_SECOND, where=_APART)]
        return [*both, display.StreamDestroy(STREAM), frame(picture(220, 140), time, _SECOND)]

    film(server, frames)


@client_case("SPICE-STREAM-038/decoders", channel="display", tags=(PICTURE,), requires=("SPICE-STREAM-038/places",))
def decoders(server: SuiteServer) -> None:
    """Two streams of a codec whose frames build on each other, frame by frame: each builds on its own."""
    found, clock = screen(server)
    codec = first_of(server, found)
    one, other = encoded(codec, (40, 90), (40, 220)), encoded(codec, (140, 200), (60, 200))
    found.draw(create(where=_HERE, codec=codec), create(_SECOND, where=_APART, codec=codec))
    for place, (first, second) in enumerate(zip(one, other, strict=True)):
        time = clock() + LEAD + place * STEP
        found.draw(frame(first, time), frame(second, time, _SECOND))
    wait(server)
    found.expect_same("each stream has its own decoder", floor=FLOOR)


@client_case("SPICE-STREAM-039/second-surface", channel="display", tags=(PICTURE,), requires=(SHOWN, _OFF_SCREEN))
def second_surface(server: SuiteServer) -> None:
    """A stream on a surface that is not shown; that surface is copied to the screen: the frame is in it, and only there."""
    found, clock = screen(server)
    found.draw(surface(_ASIDE, drawing.WIDTH, drawing.HEIGHT), *stripes(_ASIDE))
    found.draw(create(surface=_ASIDE), frame(picture(40, 220), clock() + LEAD))
    wait(server)
    found.expect_same("the stream is on another surface", floor=FLOOR)
    found.draw(copy(of_surface(_ASIDE), (0, 0, drawing.WIDTH, drawing.HEIGHT)))
    found.expect_same("the frame is on its surface", floor=FLOOR)


@client_case("SPICE-STREAM-036/ended", _ENDS, channel="display", tags=(PICTURE,), requires=(_NOT_BEFORE,))
@client_case("SPICE-STREAM-036/all-ended", _ALL_END, channel="display", tags=(PICTURE,), requires=(_NOT_BEFORE,))
def destroyed(server: SuiteServer, end: Any) -> None:
    """A stream ends while a frame waits for its time: when that has come, the frame is not shown."""
    found, clock = screen(server)
    found.draw(create(), frame(picture(40, 90), clock() + LEAD))
    wait(server)
    found.send(frame(picture(220, 140), clock() + LEAD))
    found.draw(end)
    wait(server)
    found.expect_same("the stream ended before the time of the frame", floor=FLOOR)


@client_case("SPICE-STREAM-036/again", channel="display", tags=(PICTURE,), requires=("SPICE-STREAM-036/ended",))
def again(server: SuiteServer) -> None:
    """A stream ends while a frame waits, and another one with its number begins elsewhere: only the frame of that is shown."""
    found, clock = screen(server)
    found.draw(create(where=_HERE))
    found.send(frame(picture(220, 140), clock() + LEAD))
    found.draw(display.StreamDestroy(STREAM), create(where=_APART), frame(picture(40, 90), clock() + LEAD + STEP))
    wait(server)
    found.expect_same("the first stream ended before the time of its frame", floor=FLOOR)
