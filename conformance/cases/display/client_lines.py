"""Clients: lines, text and composite (7.7 to 7.9)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.display.drawing import (
    NOTHING,
    Box,
    base,
    box,
    clip,
    fill,
    of_surface,
    patch,
    pattern,
    picture,
    segment,
    solid,
    stripes,
    surface,
)
from conformance.cases.display.screen import PICTURE, RESTS, Screen, scene
from conformance.outcome import NotApplicable
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import CompositeFlags, LineFlags, PathFlags, Ropd, StringFlags, SurfaceFmt
from spiceproto.enums.image import BitmapFmt
from spiceproto.messages import display
from spiceproto.messages.draw import (
    Brush,
    Clip,
    Composite,
    LineAttr,
    Path,
    PathSegment,
    RasterGlyphA1,
    RasterGlyphA4,
    String,
    Stroke,
    Text,
)
from spiceproto.messages.geometry import Point, Point16, PointFix, Transform
from spiceproto.messages.image import Image

_ALL: Final = (0, 0, 96, 64)
_BEGIN, _END, _CLOSE, _BEZIER = PathFlags.BEGIN, PathFlags.END, PathFlags.CLOSE, PathFlags.BEZIER
_WHOLE: Final = _BEGIN | _END
_PLAIN: Final = LineAttr(LineFlags(0))

_PIECES: Final = (*RESTS, "SPICE-DISPLAY-059/pieces-that-meet")
_DASHED: Final = (*RESTS, "SPICE-DISPLAY-062/dashes")
_GLYPHS: Final = (*RESTS, "SPICE-DISPLAY-066/bottom-row-first")


def _line(*points: tuple[float, float], flags: int = _WHOLE) -> PathSegment:
    return segment(flags, *points)


def _stroke(
    *segments: PathSegment,
    attr: LineAttr = _PLAIN,
    brush: Brush | int = 0xFFFFFF,
    rop: int = Ropd.OP_XOR,
    clip: Clip | None = None,
) -> Any:
    paint = solid(brush) if isinstance(brush, int) else brush
    data = Stroke(path=Path(segments), attr=attr, brush=paint, fore_mode=rop, back_mode=Ropd.OP_PUT)
    where = base(_ALL) if clip is None else base(_ALL, clip)
    return display.DrawStroke(where, data)


def _style(*lengths: float, gap: bool = False) -> LineAttr:
    flags = LineFlags.STYLED | (LineFlags.START_WITH_GAP if gap else 0)
    return LineAttr(LineFlags(flags), tuple([round(length * 16) for length in lengths]))


def _star(x: int, y: int, reach: int) -> list[PathSegment]:
    """Lines from a point in sixteen directions."""
    sides = [(reach, part) for part in range(-reach, reach + 1, max(reach // 4, 1))]
    ends = sides + [(-a, b) for a, b in sides] + [(b, a) for a, b in sides] + [(b, -a) for a, b in sides]
    return [_line((x, y), (x + dx, y + dy)) for dx, dy in ends]


# -- lines


@scene("SPICE-DISPLAY-058/parts-of-pixels", rests=_PIECES)
def parts_of_pixels() -> list[Any]:
    """Points in sixteenths of a pixel, halves among them, also outside of the surface."""
    parts = [_line((2 + part / 16, 4 + 3 * part), (40 - part / 16, 4 + 3 * part + part / 16)) for part in range(16)]
    return [_stroke(*parts), _stroke(_line((-3.5, -2.5), (60.5, 40.5)), _line((50.5, -7.5), (90.5, 70.5)))]


@scene("SPICE-DISPLAY-059/pieces-that-meet")
def pieces_that_meet() -> list[Any]:
    """A way of several pieces with XOR, closed and open: it crosses itself, and points are used twice."""
    return [
        _stroke(_line((5, 5), (40, 5), (40, 30), (5, 30), flags=_WHOLE | _CLOSE)),
        _stroke(_line((50, 10), (90, 50), (90, 10), (50, 50), (70, 5), (50, 10))),
        _stroke(_line((5, 40), (30, 40), (5, 40)), _line((10, 50), (10, 50)), _line((12, 50), (13, 50))),
    ]


@scene("SPICE-DISPLAY-060/all-directions", rests=(*_PIECES, "SPICE-DISPLAY-018/inside-of-a-clip"))
def directions() -> list[Any]:
    """Lines in all directions, also through a clip."""
    return [
        _stroke(*_star(30, 32, 24), brush=0x00FF00, rop=Ropd.OP_PUT),
        _stroke(*_star(70, 32, 21), brush=0x4060A0),
        _stroke(*_star(60, 30, 40), clip=clip((40, 20, 60, 30), (70, 40, 90, 60))),
    ]


@scene("SPICE-DISPLAY-060/there-and-back", rests=_PIECES)
def there_and_back() -> list[Any]:
    """Each line in both directions with XOR: but for its ends it is gone."""
    ends = [(20, 0), (20, 4), (20, 7), (20, 10), (20, 15), (13, 20), (5, 20), (0, 20), (-6, 20)]
    found = []
    for dx, dy in ends:
        found += [_line((40, 30), (40 + dx, 30 + dy)), _line((40 + dx, 30 + dy), (40, 30))]
        found += [_line((40, 30), (40 - dx, 30 - dy)), _line((40 - dx, 30 - dy), (40, 30))]
    return [_stroke(*found)]


@scene("SPICE-DISPLAY-061/curves", rests=_PIECES)
def curves() -> list[Any]:
    """Curves: flat, round, with a loop, several in one segment, and behind a straight piece."""
    flags = _BEGIN | _END | _BEZIER
    return [
        _stroke(segment(flags, (5, 30), (20, 0), (40, 0), (45, 30))),
        _stroke(segment(flags, (50, 10), (95, 60), (50, 60), (90, 8)), brush=0x60A0C0),
        _stroke(segment(flags, (5, 50), (20, 50), (30, 50.5), (45, 50))),
        _stroke(segment(flags, (4, 60), (10, 40), (20, 40), (26, 60), (36, 62), (40, 40), (48, 60))),
        _stroke(segment(_BEGIN, (60, 62), (70, 55)), segment(_END | _BEZIER, (75, 40), (90, 40), (94, 62))),
    ]


@scene("SPICE-DISPLAY-062/dashes")
def dashes() -> list[Any]:
    """Dashes and gaps on level and steep lines, with an operation that shows pixels that are drawn twice."""
    return [
        _stroke(_line((4, 5), (90, 5)), attr=_style(5, 3)),
        _stroke(_line((4, 10), (90, 10)), attr=_style(1, 1)),
        _stroke(_line((6, 15), (6, 62)), attr=_style(7, 2, 1, 2)),
        _stroke(_line((10, 15), (80, 15), (80, 60), (10, 60), flags=_WHOLE | _CLOSE), attr=_style(6, 4)),
    ]


@scene("SPICE-DISPLAY-063/over-corners-and-figures", rests=_DASHED)
def styles_go_on() -> list[Any]:
    """Lengths with parts of a pixel, figures of several pieces and two figures; styles that begin with a gap."""
    return [
        _stroke(_line((4, 5), (33, 5), (33, 34), (62, 34)), _line((4, 12), (30, 12)), attr=_style(4.4, 3.5)),
        _stroke(_line((40, 5), (90, 5), (90, 30)), attr=_style(6, 3, gap=True)),
        _stroke(_line((4, 50), (90, 50)), attr=_style(3, 5, 9, 2, gap=True)),
    ]


@scene("SPICE-DISPLAY-064/slanted", rests=_DASHED)
def slanted_dashes() -> list[Any]:
    """Dashes on lines that are neither level nor steep."""
    return [
        _stroke(_line((4, 5), (90, 40)), attr=_style(9, 4)),
        _stroke(_line((90, 50), (10, 20)), attr=_style(5, 5)),
        _stroke(_line((50, 62), (62, 3)), attr=_style(12, 3)),
    ]


@client_case("SPICE-DISPLAY-065/lengths-of-0", "zero", channel="display", tags=(PICTURE,))
@client_case("SPICE-DISPLAY-065/far-away", "far", channel="display", tags=(PICTURE,))
def without_end(server: SuiteServer, which: str) -> None:
    """A line that would never end, drawn or dashed: the client goes on."""
    screen = Screen(server)
    screen.draw(*stripes())
    far = PathSegment(PathFlags(_WHOLE), (PointFix(16, 160), PointFix(0x7FFFFFF0, 160)))
    made = {
        "zero": _stroke(_line((4, 5), (90, 40)), attr=_style(0, 0)),
        "far": _stroke(far),
    }
    # What is drawn of it is up to the client; where that is, is filled.
    screen.send(made[which])
    screen.draw(fill(_ALL, 0x204060))
    screen.survives("no line takes for ever")


# -- text


def _glyph(kind: type[Any], x: int, y: int, coverage: Any) -> Any:
    """A glyph of these rows, the top one first."""
    height, width = coverage.shape
    rows = coverage[::-1]
    if kind is RasterGlyphA1:
        data = np.packbits(rows > 7, axis=1)
    else:
        even = np.pad(rows, ((0, 0), (0, width % 2)))
        data = (even[:, ::2] << 4 | even[:, 1::2]).astype(np.uint8)
    return kind(render_pos=Point(x, y), glyph_origin=Point(1, -2), width=width, height=height, data=data.tobytes())


def _letter(width: int, height: int, seed: int = 0) -> Any:
    rows, columns = np.mgrid[0:height, 0:width]
    return ((columns * 3 + rows * 5 + seed) % 16).astype(np.uint8)


def _text(
    kind: type[Any],
    *places: tuple[int, int],
    fore: Brush | int = 0x102030,
    back: Brush | int = 0xE0E0D0,
    area: Box = NOTHING,
    surface: int = 0,
) -> Any:
    flags = StringFlags.RASTER_A1 if kind is RasterGlyphA1 else StringFlags.RASTER_A4
    glyphs = tuple([_glyph(kind, x, y, _letter(13, 11, place)) for place, (x, y) in enumerate(places)])
    data = Text(
        str=String(flags, glyphs),
        back_area=box(*area),
        fore_brush=solid(fore) if isinstance(fore, int) else fore,
        back_brush=solid(back) if isinstance(back, int) else back,
        fore_mode=Ropd.OP_PUT,
        back_mode=Ropd.OP_PUT,
    )
    return display.DrawText(base(_ALL, surface=surface), data)


_A1, _A4 = RasterGlyphA1, RasterGlyphA4
_ROW: Final = ((5, 20), (21, 20), (40, 24), (60, 18))


@scene("SPICE-DISPLAY-066/bottom-row-first")
def bottom_row_first() -> list[Any]:
    """Glyphs of bits: the first row of the data is the bottom one."""
    return [_text(_A1, *_ROW, fore=0xFF0000)]


@scene("SPICE-DISPLAY-067/bits", 1, rests=_GLYPHS)
@scene("SPICE-DISPLAY-067/half-bytes", 4, rests=_GLYPHS)
def coverage(size: int) -> list[Any]:
    """Glyphs of one bit a pixel, and of four, in several colours."""
    kind = _A1 if size == 1 else _A4
    return [_text(kind, *_ROW, fore=0xFFFFFF), _text(kind, *[(x, y + 20) for x, y in _ROW], fore=0x00FF00)]


@scene("SPICE-DISPLAY-068/behind-glyphs", rests=_GLYPHS)
def background() -> list[Any]:
    """A background behind the glyphs, of a colour and of a pattern."""
    return [
        _text(_A1, *_ROW, area=(2, 10, 90, 34), back=0x3050FF),
        _text(_A1, *[(x, y + 26) for x, y in _ROW], area=(-4, 38, 50, 80), back=pattern(picture(patch(5, 4)), 2, 1)),
    ]


@scene("SPICE-DISPLAY-069/glyphs-that-overlap", rests=_GLYPHS)
def glyphs_that_overlap() -> list[Any]:
    """Glyphs of bits that lie on each other."""
    return [_text(_A1, (10, 20), (15, 22), (19, 18), (60, 40), (60, 40), fore=0xFF8000)]


@scene("SPICE-DISPLAY-070/half-covered", rests=(*_GLYPHS, "SPICE-DISPLAY-067/half-bytes"))
def half_covered() -> list[Any]:
    """Glyphs of four bits over stripes, with several colours and a pattern."""
    rows = [(0xFFFFFF, 14), (0x000000, 28), (0x40A0F0, 42)]
    found = [_text(_A4, *[(x, y) for x, _ in _ROW], fore=colour) for colour, y in rows]
    return [*found, _text(_A4, (5, 56), (40, 56), fore=pattern(picture(patch(6, 5))))]


@scene("SPICE-DISPLAY-071/two-patterns", rests=(*_GLYPHS, "SPICE-DISPLAY-068/behind-glyphs"))
def patterns_of_text() -> list[Any]:
    """Patterns as fore and back brush: one counts from the glyphs, the other from the surface."""
    fore = pattern(picture(patch(6, 5)), 2, 1)
    back = pattern(picture(patch(7, 4, seed=50)), 3, 2)
    return [
        _text(_A1, (13, 22), (31, 25), (70, 19), fore=fore, back=back, area=(9, 8, 90, 30)),
        _text(_A1, (17, 47), (36, 49), fore=fore),
    ]


# -- composite


_HAS_MASK, _BY_CHANNEL = CompositeFlags.HAS_MASK, CompositeFlags.COMPONENT_ALPHA
_TRANSFORMED: Final = CompositeFlags.HAS_SRC_TRANSFORM


def _with_alpha(width: int, height: int, seed: int = 0) -> Image:
    """Colours that are multiplied by alpha already."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.uint32)
    alpha = (rows * 23 + columns * 17 + seed) % 256
    colours = patch(width, height, seed=seed)
    found = alpha << 24
    for shift in (16, 8, 0):
        found = found | ((colours >> shift & 255) * alpha // 255) << shift
    return picture(found.astype(np.uint32), format=BitmapFmt.RGBA)


def _composite(
    where: Box,
    flags: int,
    source: Image,
    mask: Image | None = None,
    transform: Transform | None = None,
    origin: tuple[int, int] = (0, 0),
    surface: int = 0,
) -> Any:
    flags |= (_HAS_MASK if mask is not None else 0) | (_TRANSFORMED if transform is not None else 0)
    data = Composite(
        flags=CompositeFlags(flags),
        src_bitmap=source,
        mask_bitmap=mask,
        src_transform=transform,
        mask_transform=None,
        src_origin=Point16(*origin),
        mask_origin=Point16(0, 0),
    )
    return display.DrawComposite(base(where, surface=surface), data)


def _fixed(number: float) -> int:
    return round(number * 65536) & 0xFFFFFFFF


def _matrix(*numbers: float) -> Transform:
    t00, t01, t02, t10, t11, t12 = [_fixed(number) for number in numbers]
    return Transform(t00=t00, t01=t01, t02=t02, t10=t10, t11=t11, t12=t12)


def _composites(server: SuiteServer, *values: Any) -> None:
    screen = Screen(server)
    if not screen.talk.client.has(DisplayCapability.COMPOSITE):
        raise NotApplicable("the client did not announce COMPOSITE")
    screen.draw(*stripes())
    screen.draw(*values)
    screen.expect_same()


@client_case("SPICE-DISPLAY-073/operators", channel="display", tags=(PICTURE,))
def operators(server: SuiteServer) -> None:
    """The operators of Porter and Duff, with a mask and without, on a surface with alpha."""
    found: list[Any] = [surface(3, 96, 64, SurfaceFmt._32_ARGB), fill(_ALL, 0x80102030, surface=3)]
    for place in range(24):
        x, y = place % 8 * 12, place // 8 * 21
        where = (x, y, x + 12, y + 21)
        mask = None if place < 12 else _with_alpha(12, 21, 99)
        found.append(_composite(where, 1, _with_alpha(12, 21, 44), surface=3))
        found.append(_composite(where, place % 12 + 1, _with_alpha(12, 21), mask, surface=3))
    _composites(server, *found, _composite(_ALL, 3, of_surface(3)))


@client_case("SPICE-DISPLAY-073/mask-by-channel", channel="display", tags=(PICTURE,))
def by_channel(server: SuiteServer) -> None:
    """A mask whose channels are masks of their own."""
    _composites(server, _composite((10, 10, 80, 50), 3 | _BY_CHANNEL, _with_alpha(70, 40), _with_alpha(70, 40, 7)))


@client_case("SPICE-DISPLAY-074/turned-and-moved", channel="display", tags=(PICTURE,))
def transformed(server: SuiteServer) -> None:
    """Transformations with numbers below 0: mirrored, turned, moved to the left."""
    image = _with_alpha(30, 20)
    _composites(
        server,
        _composite((5, 5, 35, 25), 3, image, transform=_matrix(-1, 0, 30, 0, 1, 0)),
        _composite((40, 5, 60, 35), 3, image, transform=_matrix(0, 1, 0, -1, 0, 20)),
        _composite((65, 5, 95, 40), 3, image, transform=_matrix(0.5, 0, -3, 0, 0.5, -2)),
    )


@client_case("SPICE-DISPLAY-075/none", 0, channel="display", tags=(PICTURE,))
@client_case("SPICE-DISPLAY-075/copies", 1, channel="display", tags=(PICTURE,))
@client_case("SPICE-DISPLAY-075/edge", 2, channel="display", tags=(PICTURE,))
@client_case("SPICE-DISPLAY-075/mirrored", 3, channel="display", tags=(PICTURE,))
def outside_of_the_source(server: SuiteServer, repeat: int) -> None:
    """A box that is larger than the source, from its second column and third row on."""
    _composites(server, _composite((5, 5, 85, 60), 3 | repeat << 14, _with_alpha(30, 20), origin=(1, 2)))
