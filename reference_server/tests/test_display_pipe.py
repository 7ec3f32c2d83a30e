"""What waits for a slow client, and what of it nobody would see any more."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_server.channels.display import DisplayChannel
from reference_server.channels.display.pipe import Pipe
from reference_server.guest.command import covered, is_inside, sources
from reference_server.guest.image import NO_CLIP, NO_MASK, put, surface_image
from reference_server.guests.gallery.areas import masks, pattern, solid
from reference_server.guests.gallery.pictures import icon, photo, words
from reference_server.guests.gallery.tile import rect
from reference_server.tests.memory import serve, small
from reference_server.tests.viewer import Viewer, differs
from spiceproto.enums.display import ClipType, Ropd, SurfaceFlags, SurfaceFmt
from spiceproto.messages import display
from spiceproto.messages.draw import Blackness, Clip, ClipRects, DisplayBase, Fill, Invers, QMask
from spiceproto.messages.geometry import Point, Rect

BOX = rect(10, 10, 20, 20)


def fill(box: Rect = BOX, *, surface: int = 0, **more: Any) -> display.DrawFill:
    parts: dict[str, Any] = {"brush": solid(0xFF), "rop_descriptor": Ropd.OP_PUT, "mask": NO_MASK} | more
    return display.DrawFill(DisplayBase(surface, box, parts.pop("clip", NO_CLIP)), Fill(**parts))


def invers(box: Rect = BOX, mask: QMask = NO_MASK) -> display.DrawInvers:
    return display.DrawInvers(DisplayBase(0, box, NO_CLIP), Invers(mask))


def left(*commands: Any) -> list[Any]:
    """What is left of them, in order."""
    pipe = Pipe()
    for command in commands:
        pipe.add(command)
    found = []
    while len(pipe):
        found.append(pipe.take().command)
    assert pipe.size == 0
    return found


COVERING = {
    "fill": fill(),
    "larger": fill(rect(0, 0, 64, 64)),
    "copy": put(words(photo(20, 20)), 10, 10),
    "black": display.DrawBlackness(DisplayBase(0, BOX, NO_CLIP), Blackness(NO_MASK)),
}
NOT_COVERING = {
    "smaller": fill(rect(10, 10, 20, 19)),
    "elsewhere": fill(rect(11, 10, 20, 20)),
    "another-surface": fill(surface=3),
    "rop": fill(rop_descriptor=Ropd.OP_XOR),
    "pattern": fill(brush=pattern(icon(1))),
    "mask": fill(mask=masks()[0]),
    "clip": fill(clip=Clip(ClipType.RECTS, ClipRects((BOX,)))),
    "inverts": invers(),
    "same-surface": put(surface_image(0, 20, 20), 10, 10),
    "part-of-the-image": msgspec.structs.replace(
        put(words(photo(20, 20)), 10, 10),
        data=msgspec.structs.replace(put(words(photo(20, 20)), 10, 10).data, src_area=rect(1, 0, 20, 20)),
    ),
    "copy-bits": display.CopyBits(DisplayBase(0, BOX, NO_CLIP), Point(0, 0)),
}


@pytest.mark.parametrize("name", COVERING)
def test_what_is_covered_is_dropped(name: str) -> None:
    assert left(fill(), invers(rect(12, 12, 3, 3)), COVERING[name]) == [COVERING[name]]


@pytest.mark.parametrize("name", NOT_COVERING)
def test_what_shines_through_is_kept(name: str) -> None:
    assert left(fill(), NOT_COVERING[name]) == [fill(), NOT_COVERING[name]]


def test_what_is_needed_in_between_is_kept() -> None:
    moved = display.CopyBits(DisplayBase(0, rect(40, 40, 5, 5), NO_CLIP), Point(12, 12))
    below, above = fill(brush=solid(1)), fill(brush=solid(2))
    assert left(below, moved, fill(brush=solid(3)), above) == [below, moved, above]
    other = put(surface_image(0, 5, 5), 0, 0, 7)
    assert left(below, other, above) == [below, other, above]
    assert left(below, display.SurfaceDestroy(0), above) == [below, display.SurfaceDestroy(0), above]
    assert left(below, fill(surface=7), above) == [fill(surface=7), above]


def one_by_one(commands: list[Any]) -> list[Any]:
    """What is left, as the sentence says it: who covers a box looks back until something is taken from the surface."""
    kept: list[Any] = []
    for command in commands:
        box = covered(command)
        for earlier in list(reversed(kept)):
            if box is None or command.base.surface_id in sources(earlier):
                break
            if earlier.base.surface_id == command.base.surface_id and is_inside(earlier.base.box, box):
                kept = [item for item in kept if item is not earlier]
        kept.append(command)
    return kept


@given(st.lists(st.tuples(st.integers(0, 4), *[st.integers(-70, 200)] * 2, *[st.integers(1, 150)] * 2), max_size=60))
def test_many_commands_as_one_by_one(drawn: list[tuple[int, int, int, int, int]]) -> None:
    made: list[Any] = []
    for kind, x, y, width, height in drawn:
        box = rect(x, y, width, height)
        if kind < 3:
            made.append(fill(box, surface=kind))
        elif kind == 3:
            made.append(invers(box))
        else:
            made.append(display.CopyBits(DisplayBase(0, box, NO_CLIP), Point(0, 0)))
    assert [id(command) for command in left(*made)] == [id(command) for command in one_by_one(made)]


def stalled(**options: Any) -> tuple[Any, Viewer, DisplayChannel]:
    """A guest, a client that has begun and then stops, and its channel."""
    guest = small()
    wire = serve(guest, **options)
    wire.main()
    viewer = Viewer(wire)
    viewer.look()
    channel = wire.server.lines[viewer.line.connection].channel
    assert isinstance(channel, DisplayChannel)
    return guest, viewer, channel


def test_what_waits_is_bounded_and_becomes_a_picture() -> None:
    guest, viewer, channel = stalled()
    screen = guest.screens[0]
    surface = display.SurfaceCreate(surface_id=4, width=9, height=9, format=SurfaceFmt._32_ARGB, flags=SurfaceFlags(0))
    screen.push(surface)
    viewer.look()
    longest = 0
    for turn in range(3000):
        screen.push(invers(rect(turn % 30, turn % 20, 30, 20)))
        longest = max(longest, len(channel.pipe))
        if turn == 1000:
            screen.push(display.SurfaceDestroy(4))
            screen.push(msgspec.structs.replace(surface, surface_id=5))
            screen.push(fill(rect(0, 0, 9, 9), surface=5))
    assert 900 < longest <= 1001
    assert differs(viewer, screen) == []
    assert viewer.canvas.surfaces.keys() == {0, 5}
    assert viewer.names["DrawInvers"] < 2000


def test_bytes_that_wait_are_bounded() -> None:
    guest, viewer, channel = stalled(queue=100_000)
    for turn in range(100):
        guest.screens[0].push(put(words(photo(40, 40, turn)), turn % 20, 0))
        assert channel.pipe.size < 100_000 + 40 * 40 * 4 + 1000
    assert differs(viewer, guest.screens[0]) == []


def test_new_pictures_take_the_place_of_old_ones() -> None:
    guest, viewer, channel = stalled()
    for turn in range(500):
        guest.screens[0].paint(np.full((48, 64, 4), turn & 255, np.uint8))
    assert len(channel.pipe) == 1
    assert differs(viewer, guest.screens[0]) == []


def test_another_size_while_the_client_is_slow() -> None:
    guest, viewer, _ = stalled()
    for side in range(10, 90):
        guest.screens[0].resize(side, side)
        guest.screens[0].animate()
    assert differs(viewer, guest.screens[0]) == []
