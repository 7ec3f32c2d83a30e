"""Glyphs: where they are, how their rows lie, and how they mix."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from spiceproto.canvas import text
from spiceproto.enums.display import Ropd, StringFlags, SurfaceFmt
from spiceproto.messages import display as messages
from spiceproto.messages.draw import Brush, RasterGlyphA1, RasterGlyphA4, RasterGlyphA8, String, Text
from spiceproto.messages.geometry import Point, Rect
from spiceproto.tests import canvas_messages as make
from spiceproto.tests.canvas_messages import rect

NOWHERE = rect(0, 0, 0, 0)


def command(
    string: String,
    fore: Brush,
    *,
    back: Brush = make.NO_BRUSH,
    area: Rect = NOWHERE,
    mode: int = Ropd.OP_PUT,
    box: Rect | None = None,
) -> messages.DrawText:
    return messages.DrawText(
        make.base(box or rect(0, 0, 40, 30)),
        Text(str=string, back_area=area, fore_brush=fore, back_brush=back, fore_mode=int(mode), back_mode=0),
    )


def glyph(kind: Any, coverage: NDArray[np.uint8], x: int, y: int, origin: tuple[int, int] = (0, 0)) -> Any:
    """A glyph whose data begin with the bottom row."""
    rows = coverage[::-1]
    height, width = coverage.shape
    if kind is RasterGlyphA1:
        data = np.packbits(rows, axis=1).tobytes()
    elif kind is RasterGlyphA4:
        even = np.pad(rows, ((0, 0), (0, width % 2)))
        data = (even[:, 0::2] << 4 | even[:, 1::2]).tobytes()
    else:
        data = rows.tobytes()
    return kind(Point(x, y), Point(*origin), width, height, data)


SHAPE = np.array([[1, 1, 1, 1, 1, 1, 1, 1, 1], [1, 0, 0, 0, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0, 0, 0, 1]], np.uint8)


def test_a1_glyphs_lie_at_position_plus_origin_and_their_bits_are_opaque() -> None:
    shown = make.display(40, 30, fill=2)
    before = make.pixels(shown).copy()
    string = String(StringFlags.RASTER_A1, (glyph(RasterGlyphA1, SHAPE, 5, 20, (-1, -13)),))
    shown.draw(command(string, make.solid(0x010203)))
    expected = before & 0xFFFFFF
    expected[7:10, 4:13][SHAPE == 1] = 0x010203
    assert not shown.problems
    assert (make.pixels(shown) & 0xFFFFFF == expected).all()


def test_top_down_turns_the_rows() -> None:
    shown = make.display(40, 30)
    string = String(StringFlags.RASTER_A1 | StringFlags.RASTER_TOP_DOWN, (glyph(RasterGlyphA1, SHAPE, 0, 0),))
    shown.draw(command(string, make.solid(1)))
    assert (make.pixels(shown)[:3, :9] == SHAPE[::-1]).all()


def test_a4_counts_sixteenfold_and_the_greater_coverage_wins() -> None:
    one, two = np.array([[0, 5, 15]], np.uint8), np.array([[9, 5, 3]], np.uint8)
    shown = make.display(40, 30, SurfaceFmt._32_ARGB)
    string = String(StringFlags.RASTER_A4, (glyph(RasterGlyphA4, one, 3, 3), glyph(RasterGlyphA4, two, 3, 3)))
    shown.draw(command(string, make.solid(0xFFFFFF)))
    assert not shown.problems
    assert (make.pixels(shown)[3, 3:6] >> 24).tolist() == [9 * 16, 5 * 16, 15 * 16]


def test_a8_is_drawn_one_row_too_low_as_the_field_does() -> None:
    coverage = np.array([[10, 20], [30, 40], [50, 60]], np.uint8)
    shown = make.display(40, 30, SurfaceFmt._32_ARGB)
    shown.draw(command(String(StringFlags.RASTER_A8, (glyph(RasterGlyphA8, coverage, 3, 3),)), make.solid(0xFFFFFF)))
    assert (make.pixels(shown)[2:7, 3:5] >> 24).tolist() == [[0, 0], [0, 0], [10, 20], [30, 40], [0, 0]]


def test_a8_where_it_belongs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "FIELD_A8", False)
    coverage = np.array([[10, 20], [30, 40]], np.uint8)
    shown = make.display(40, 30, SurfaceFmt._32_ARGB)
    shown.draw(command(String(StringFlags.RASTER_A8, (glyph(RasterGlyphA8, coverage, 3, 3),)), make.solid(0xFFFFFF)))
    assert (make.pixels(shown)[3:5, 3:5] >> 24).tolist() == [[10, 20], [30, 40]]


def test_background_is_painted_under_the_text_inside_the_box() -> None:
    shown = make.display(40, 30)
    string = String(StringFlags.RASTER_A1, (glyph(RasterGlyphA1, SHAPE, 5, 5),))
    shown.draw(command(string, make.solid(7), back=make.solid(3), area=rect(4, 4, 20, 9), box=rect(0, 0, 12, 7)))
    expected = np.zeros((30, 40), np.uint32)
    expected[4:7, 4:12] = 3
    expected[5:7, 5:12][SHAPE[:2, :7] == 1] = 7
    assert not shown.problems and (make.pixels(shown) == expected).all()


def test_pattern_brush_repeats_from_its_position_in_the_string() -> None:
    shown = make.display(40, 30)
    tile = np.array([[1, 2], [3, 4]], np.uint32)
    word = glyph(RasterGlyphA1, np.ones((2, 4), np.uint8), 3, 3)
    shown.draw(command(String(StringFlags.RASTER_A1, (word,)), make.pattern(make.bitmap(tile), 0, 0)))
    assert make.pixels(shown)[3:5, 3:7].tolist() == [[1, 2, 1, 2], [3, 4, 3, 4]]
    space = RasterGlyphA1(render_pos=Point(2, 3), glyph_origin=Point(0, 0), width=0, height=0, data=b"")
    string = String(StringFlags.RASTER_A1, (word, space))
    shown.draw(command(string, make.pattern(make.bitmap(tile), 0, 1)))
    assert make.pixels(shown)[3:5, 3:7].tolist() == [[4, 3, 4, 3], [2, 1, 2, 1]]


def test_colours_of_five_bits() -> None:
    shown = make.display(40, 30, SurfaceFmt._16_555)
    string = String(StringFlags.RASTER_A1, (glyph(RasterGlyphA1, np.ones((1, 1), np.uint8), 0, 0),))
    for colour in range(0, 0x8000, 531):
        shown.draw(command(string, make.solid(colour)))
        assert make.pixels(shown)[0, 0] == colour


@pytest.mark.parametrize(
    ("string", "fore_mode", "area", "code"),
    [
        (String(StringFlags(0), ()), Ropd.OP_PUT, NOWHERE, "bad-command"),
        (String(StringFlags.RASTER_A1, ()), Ropd.OP_XOR, rect(0, 0, 5, 5), "bad-command"),
        (
            String(
                StringFlags.RASTER_A8,
                (RasterGlyphA8(render_pos=Point(0, 0), glyph_origin=Point(0, 0), width=5, height=5, data=b"xx"),),
            ),
            Ropd.OP_PUT,
            NOWHERE,
            "bad-image",
        ),
    ],
)
def test_text_without_meaning(string: String, fore_mode: int, area: Rect, code: str) -> None:
    shown = make.display(40, 30)
    shown.draw(command(string, make.solid(1), area=area, mode=fore_mode))
    assert [problem.code for problem in shown.problems] == [code]


def test_text_far_away_and_empty_draws_nothing() -> None:
    shown = make.display(40, 30)
    far = glyph(RasterGlyphA1, SHAPE, 2**31 - 1, -(2**31))
    none = RasterGlyphA1(render_pos=Point(0, 0), glyph_origin=Point(0, 0), width=0, height=0, data=b"")
    shown.draw(command(String(StringFlags.RASTER_A1, (far, none)), make.solid(1)))
    shown.draw(command(String(StringFlags.RASTER_A1, ()), make.solid(1)))
    assert not shown.problems and not make.pixels(shown).any()
