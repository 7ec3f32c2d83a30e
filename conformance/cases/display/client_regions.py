"""Clients: where is drawn: order, clips, boxes and masks (7.5)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.display.drawing import (
    HEIGHT,
    NO_MASK,
    NOTHING,
    WIDTH,
    base,
    bits,
    clip,
    copy,
    fill,
    mask,
    of_surface,
    opaque,
    patch,
    picture,
    rop3,
    solid,
    stripes,
    surface,
)
from conformance.cases.display.screen import PICTURE, RESTS, Screen, scene
from conformance.outcome import Failure
from spiceproto import dispatch
from spiceproto.enums.display import MaskFlags, Ropd
from spiceproto.messages import display
from spiceproto.messages.draw import Blackness, QMask, Whiteness
from spiceproto.messages.geometry import Point

_INVERS: Final = MaskFlags.INVERS
_ALL: Final = (0, 0, WIDTH, HEIGHT)
_MOST: Final = 1 << 20
_LONG: Final = 60.0

_CLIPPED: Final = (*RESTS, "SPICE-DISPLAY-018/inside-of-a-clip")
_MASKED: Final = (*RESTS, "SPICE-DISPLAY-024/fill", "SPICE-DISPLAY-024/inverted")


@scene("SPICE-DISPLAY-017/one-after-the-other")
def one_after_the_other() -> list[Any]:
    """Boxes that lie on each other, and a part that is moved between them."""
    return [
        fill((4, 4, 60, 50), 0x2040A0),
        fill((20, 10, 80, 40), 0xC08020),
        display.CopyBits(base((60, 0, 96, 30)), Point(10, 20)),
        fill((10, 30, 30, 62), 0x00FFFF, Ropd.OP_XOR),
        fill((24, 34, 50, 44), 0x102030),
    ]


# -- where nothing is drawn


@scene("SPICE-DISPLAY-018/beyond-the-edges")
def beyond_the_edges() -> list[Any]:
    """Boxes that reach beyond each edge of the surface, or lie behind it."""
    corners = [(-20, -10, 12, 9), (90, 60, 140, 99), (-5, 58, 7, 70), (88, -3, 100, 5)]
    outside = [(-20, -20, 0, 0), (96, 0, 120, 64), (0, 64, 96, 90), (-(1 << 31), -(1 << 31), 0, 0)]
    return [fill(where, 0xFFFFFF) for where in corners + outside]


@scene("SPICE-DISPLAY-018/inside-of-a-clip")
def inside_of_a_clip() -> list[Any]:
    """Boxes with a clip that cuts them, one that lies beside them, and one that is larger."""
    return [
        fill((10, 10, 70, 50), 0xFFFFFF, clip=clip((20, 20, 30, 60), (40, 0, 50, 30))),
        fill((10, 52, 70, 60), 0xFF0000, clip=clip((72, 0, 96, 64))),
        fill((76, 8, 90, 20), 0x00FF00, clip=clip((-100, -100, 500, 500))),
    ]


@scene("SPICE-DISPLAY-018/images-beyond-the-edges")
def images_beyond_the_edges() -> list[Any]:
    """Images of which a part would be outside of the surface."""
    image = picture(patch(30, 20))
    return [copy(image, (left, top, left + 30, top + 20)) for left, top in ((-13, -7), (80, 50), (-3, 55), (84, -11))]


@scene("SPICE-DISPLAY-019/boxes")
def empty_boxes() -> list[Any]:
    """Boxes whose right edge is at the left one or before it, whose bottom edge is at the top one or above it."""
    places = [(10, 10, 10, 40), (40, 10, 20, 40), (10, 30, 50, 30), (10, 50, 50, 20), (60, 50, 30, 20)]
    return [fill(where, 0xFFFFFF) for where in places]


@scene("SPICE-DISPLAY-019/rectangles-of-a-clip", rests=_CLIPPED)
def empty_rectangles() -> list[Any]:
    """A clip with such rectangles among others."""
    return [fill(_ALL, 0xFFFFFF, clip=clip((40, 10, 20, 40), (50, 5, 60, 15), (30, 30, 30, 60), (70, 50, 90, 20)))]


@scene("SPICE-DISPLAY-020/that-overlap", rests=_CLIPPED)
def rectangles_that_overlap() -> list[Any]:
    """XOR through rectangles that lie on each other: every pixel once."""
    parts = clip((10, 10, 50, 40), (30, 20, 80, 60), (10, 10, 50, 40), (0, 35, 96, 38))
    return [fill(_ALL, 0xFFFFFF, Ropd.OP_XOR, clip=parts)]


@scene("SPICE-DISPLAY-020/none", rests=_CLIPPED)
def no_rectangles() -> list[Any]:
    """A clip without a rectangle: nothing is drawn."""
    return [fill(_ALL, 0xFFFFFF, clip=clip())]


@client_case("SPICE-DISPLAY-020/as-many-as-1048576", channel="display", tags=(PICTURE,))
def many_rectangles(server: SuiteServer) -> None:
    """A clip of 2^20 rectangles, each a pixel: the client goes on, however long it takes."""
    screen = Screen(server, rests=_CLIPPED)
    screen.draw(*stripes())
    rows, columns = np.mgrid[0:HEIGHT:2, 0:WIDTH:2].reshape(2, -1)
    once = np.column_stack([rows, columns, rows + 1, columns + 1]).astype("<i4")
    value = fill(_ALL, 0xFFFFFF, clip=clip((0, 0, 1, 1)))
    number, body = dispatch.build("display", "server", value)
    # Values of so many rectangles would take longer to make than to draw.
    one = struct.pack("<I4i", 1, 0, 0, 1, 1)
    many = struct.pack("<I", _MOST) + once[np.arange(_MOST) % len(once)].tobytes()
    screen.send_raw(number, body.replace(one, many, 1), text="DRAW_FILL with 2^20 rectangles")
    same = clip(*[(int(x), int(y), int(x) + 1, int(y) + 1) for y, x in zip(rows, columns, strict=True)])
    screen.draw_unsent(fill(_ALL, 0xFFFFFF, clip=same))
    screen.survives("a clip may have as many rectangles as fit into a message", within=_LONG)


# -- from where, and on what


@scene("SPICE-DISPLAY-021/copies-of-itself")
def copies_of_itself() -> list[Any]:
    """The surface as the source of what is drawn on it, moved by a few pixels in each direction."""
    image = picture(patch(40, 30))
    found: list[Any] = [copy(image, (20, 15, 60, 45))]
    for left, top in ((23, 15), (17, 15), (20, 18), (20, 11), (26, 20), (12, 9)):
        found.append(copy(of_surface(0), (left, top, left + 40, top + 30), (20, 15, 60, 45)))
    return found


@scene("SPICE-DISPLAY-021/moved")
def moved_over_itself() -> list[Any]:
    """COPY_BITS to places that overlap the source."""
    image = picture(patch(40, 30))
    found: list[Any] = [copy(image, (20, 15, 60, 45))]
    for left, top in ((23, 15), (17, 15), (20, 18), (20, 11), (26, 20), (12, 9)):
        found.append(display.CopyBits(base((left, top, left + 40, top + 30)), Point(20, 15)))
    return found


@scene("SPICE-DISPLAY-057/from-elsewhere", rests=_CLIPPED)
def moved() -> list[Any]:
    """COPY_BITS from one place to another, and through a clip."""
    image = picture(patch(30, 20))
    return [
        copy(image, (2, 2, 32, 22)),
        display.CopyBits(base((50, 30, 80, 50)), Point(2, 2)),
        display.CopyBits(base((40, 4, 60, 20), clip(*[(40, 4, 46, 9), (50, 10, 58, 20)])), Point(2, 2)),
    ]


@scene("SPICE-DISPLAY-057/from-outside")
def moved_from_outside() -> list[Any]:
    """COPY_BITS of which a part, or all, would come from outside of the surface."""
    return [
        copy(picture(patch(8, 8)), (0, 0, 8, 8)),
        display.CopyBits(base((10, 10, 50, 40)), Point(80, 50)),
        display.CopyBits(base((50, 10, 90, 40)), Point(-20, -15)),
        display.CopyBits(base((0, 45, 40, 60)), Point(200, 10)),
    ]


def _unknown(name: str) -> list[Any]:
    where, wrong = (10, 10, 50, 40), 77
    source = copy(of_surface(wrong), where)
    made: dict[str, list[Any]] = {
        "fill": [fill(where, 0xFFFFFF, surface=wrong)],
        "copy": [copy(picture(patch(40, 30)), where, surface=wrong)],
        "copy-bits": [display.CopyBits(base(where, surface=wrong), Point(0, 0))],
        "source": [source],
        "source-destroyed": [surface(wrong, 40, 30), display.SurfaceDestroy(wrong), source],
    }
    return made[name]


@client_case("SPICE-DISPLAY-022/fill", "fill", channel="display", tags=(PICTURE,))
@client_case("SPICE-DISPLAY-022/copy", "copy", channel="display", tags=(PICTURE,))
@client_case("SPICE-DISPLAY-022/copy-bits", "copy-bits", channel="display", tags=(PICTURE,))
@client_case("SPICE-DISPLAY-022/source", "source", channel="display", tags=(PICTURE,))
@client_case("SPICE-DISPLAY-022/source-destroyed", "source-destroyed", channel="display", tags=(PICTURE,))
def unknown_surface(server: SuiteServer, name: str) -> None:
    """A surface that is not there is drawn on, or from: the client leaves it out and goes on."""
    screen = Screen(server)
    screen.draw(*stripes())
    screen.send(*_unknown(name))
    screen.draw(fill((60, 10, 80, 30), 0x204060))
    screen.survives("it leaves out what is about a surface that is not there")


@client_case("SPICE-DISPLAY-023/2-to-the-32-and-more", 65536, 65537, channel="display", tags=(PICTURE,))
@client_case("SPICE-DISPLAY-023/widest", 0xFFFFFFFF, 1, channel="display", tags=(PICTURE,))
@client_case("SPICE-DISPLAY-023/largest", 0xFFFFFFFF, 0xFFFFFFFF, channel="display", tags=(PICTURE,))
def surface_too_large(server: SuiteServer, width: int, height: int) -> None:
    """A surface whose pixels are more than 32 bits can count, and what is drawn on it and from it: left out, or all there."""
    screen = Screen(server)
    screen.draw(*stripes())
    screen.send(surface(5, width, height), fill((0, 0, 20, 20), 0xFFFFFF, surface=5))
    screen.send(fill((WIDTH, HEIGHT, width & 0x7FFFFFFF, height & 0x7FFFFFFF), 0xFFFFFF, surface=5))
    screen.send(copy(of_surface(5), (20, 20, 50, 50)))
    screen.draw(fill((60, 10, 80, 30), 0x204060))
    try:
        screen.survives("a surface that it can not hold is left out")
    except Failure:
        if screen.talk.closed or height == 1:
            raise
        # Who has so much memory may show it.
        screen.draw_unsent(fill((20, 20, 50, 50), 0), fill((20, 20, 40, 40), 0xFFFFFF))
        screen.survives("a surface that it can hold is all there")


# -- masks


def _masked(name: str, mask: QMask) -> Any:
    where = (10, 8, 70, 50)
    source = picture(patch(60, 42))
    area = (0, 0, 60, 42)
    makers: dict[str, Callable[[], Any]] = {
        "fill": lambda: fill(where, 0xFF8040, mask=mask),
        "copy": lambda: copy(source, where, mask=mask),
        "blackness": lambda: display.DrawBlackness(base(where), Blackness(mask)),
        "whiteness": lambda: display.DrawWhiteness(base(where), Whiteness(mask)),
        "opaque": lambda: opaque(source, where, area, solid(0x00F0F0), Ropd.OP_XOR, mask=mask),
        "rop3": lambda: rop3(source, where, area, solid(0x00F0F0), 0x96, mask=mask),
    }
    return makers[name]()


@scene("SPICE-DISPLAY-024/fill", "fill")
@scene("SPICE-DISPLAY-024/copy", "copy")
@scene("SPICE-DISPLAY-024/blackness", "blackness")
@scene("SPICE-DISPLAY-024/whiteness", "whiteness")
@scene("SPICE-DISPLAY-024/opaque", "opaque")
@scene("SPICE-DISPLAY-024/rop3", "rop3")
def masked(name: str) -> list[Any]:
    """A mask that begins in its middle, as large as the box needs."""
    return [_masked(name, mask(bits(80, 60), 7, 5))]


@scene("SPICE-DISPLAY-024/inverted", "fill")
@scene("SPICE-DISPLAY-024/inverted-copy", "copy")
def masked_inverted(name: str) -> list[Any]:
    """The same mask with INVERS."""
    return [_masked(name, mask(bits(80, 60), 7, 5, flags=_INVERS))]


@scene("SPICE-DISPLAY-025/smaller", 0, rests=_MASKED)
@scene("SPICE-DISPLAY-025/smaller-inverted", int(_INVERS), rests=_MASKED)
def small_mask(flags: int) -> list[Any]:
    """A mask that is smaller than the box, and one that begins before its first pixel."""
    return [
        fill((10, 8, 70, 30), 0xFF8040, mask=mask(bits(20, 12), flags=flags)),
        fill((10, 32, 70, 60), 0xFF8040, mask=mask(bits(20, 12), -8, -6, flags=flags)),
    ]


@scene("SPICE-DISPLAY-026/with-flags")
def mask_without_image() -> list[Any]:
    """No image of a mask, and INVERS and a position all the same."""
    none = QMask(_INVERS, Point(33, 44))
    return [fill((10, 8, 70, 30), 0xFF8040, mask=none), fill((10, 32, 70, 60), 0x40FF80, mask=NO_MASK)]


@scene("SPICE-DISPLAY-044/solid", rests=RESTS[:0])
def solid_brush() -> list[Any]:
    """Boxes of one colour."""
    return [
        fill((8, 8, 40, 40), 0x204060),
        fill((30, 20, 70, 60), 0xE01070),
        fill((95, 63, 96, 64), 0x00FF00),
        fill(NOTHING, 0xFFFFFF),
    ]
