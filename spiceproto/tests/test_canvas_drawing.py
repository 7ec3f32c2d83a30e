"""Fills, copies, masks and clips against arrays that are computed pixel by pixel."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from spiceproto.canvas.region import Box, of_rects
from spiceproto.codecs import bitmap as bitmaps
from spiceproto.enums.display import AlphaFlags, MaskFlags, Ropd, SurfaceFmt
from spiceproto.messages import display as messages
from spiceproto.messages.draw import AlphaBlend, Blackness, Invers, Opaque, QMask, Rop3, Transparent, Whiteness
from spiceproto.messages.geometry import Point, Rect
from spiceproto.tests import canvas_messages as make
from spiceproto.tests.canvas_messages import rect

W, H = 24, 18
COORDINATES = st.one_of(st.integers(-6, 30), st.sampled_from([-(2**31), 2**31 - 1, -40000, 40000]))
RECTS = st.builds(rect, COORDINATES, COORDINATES, COORDINATES, COORDINATES)
FORMATS = [SurfaceFmt._8_A, SurfaceFmt._16_555, SurfaceFmt._16_565, SurfaceFmt._32_xRGB, SurfaceFmt._32_ARGB]


def inside(box: Rect) -> NDArray[np.bool_]:
    y, x = np.mgrid[0:H, 0:W]
    found: NDArray[np.bool_] = (x >= box.left) & (x < box.right) & (y >= box.top) & (y < box.bottom)
    return found


def noise(height: int, width: int, seed: int = 3) -> NDArray[np.uint32]:
    return np.random.default_rng(seed).integers(0, 1 << 32, (height, width), np.uint32)


def expect(shown: Any, expected: NDArray[Any]) -> None:
    assert not shown.problems
    assert (make.pixels(shown) == expected).all()


@given(RECTS, st.lists(RECTS, max_size=40))
def test_clip_never_lets_anything_out_and_counts_a_pixel_once(box: Rect, clips: list[Rect]) -> None:
    shown = make.display(W, H, fill=1)
    before = make.pixels(shown).copy()
    shown.draw(make.fill(box, make.solid(0x123456), Ropd.OP_XOR, clip=make.clip(*clips)))
    allowed = np.zeros((H, W), np.bool_)
    for one in clips:
        allowed |= inside(one)
    expect(shown, np.where(inside(box) & allowed, before ^ np.uint32(0x123456), before))


@given(st.one_of(st.lists(RECTS, max_size=60), st.lists(RECTS, min_size=65, max_size=90)))
def test_region_of_rectangles_is_their_union(rects: list[Rect]) -> None:
    limit = Box(0, 0, W, H)
    region = of_rects(rects, limit)
    found = np.zeros((H, W), np.bool_)
    for box, map in region.parts():
        part: NDArray[Any] = box.view(found)
        assert not (part & (True if map is None else map)).any()
        part |= True if map is None else map
    expected = np.zeros((H, W), np.bool_)
    for one in rects:
        expected |= inside(one)
    assert (found == expected).all()


@pytest.mark.parametrize("format", FORMATS)
def test_colours_are_values_of_the_surface(format: SurfaceFmt) -> None:
    shown = make.display(W, H, format)
    shown.draw(make.fill(rect(2, 3, 9, 8), make.solid(0x89ABCDEF)))
    ones = shown.surfaces[0].layout.ones
    expected = np.where(inside(rect(2, 3, 9, 8)), 0x89ABCDEF & ones, 0)
    expect(shown, expected)
    shown.draw(messages.DrawInvers(make.base(rect(0, 0, W, H)), Invers(make.NO_MASK)))
    expect(shown, expected ^ ones)
    shown.draw(messages.DrawBlackness(make.base(rect(0, 0, 4, 4)), Blackness(make.NO_MASK)))
    shown.draw(messages.DrawWhiteness(make.base(rect(9, 9, 99, 99)), Whiteness(make.NO_MASK)))
    assert not make.pixels(shown)[:4, :4].any() and (make.pixels(shown)[9:, 9:] == ones).all()


@given(RECTS, st.integers(-50, 50), st.integers(-50, 50), st.integers(1, 7), st.integers(1, 5))
def test_pattern_has_a_copy_at_its_position(box: Rect, x: int, y: int, width: int, height: int) -> None:
    shown = make.display(W, H, fill=1)
    before = make.pixels(shown).copy()
    tile = noise(height, width)
    shown.draw(make.fill(box, make.pattern(make.bitmap(tile), x, y)))
    rows, columns = np.mgrid[0:H, 0:W]
    expect(shown, np.where(inside(box), tile[(rows - y) % height, (columns - x) % width], before))


def test_no_brush_still_has_a_raster_operation() -> None:
    shown = make.display(W, H, fill=1)
    before = make.pixels(shown).copy()
    shown.draw(make.fill(rect(0, 0, W, H), make.NO_BRUSH, Ropd.OP_INVERS))
    expect(shown, ~before)


@given(RECTS, st.integers(-9, 9), st.integers(-9, 9), st.booleans(), st.booleans(), st.integers(1, 40))
def test_mask_lies_with_its_position_under_the_corner(
    box: Rect, x: int, y: int, invers: bool, top_down: bool, width: int
) -> None:
    shown = make.display(W, H, fill=1)
    before = make.pixels(shown).copy()
    mask = noise(13, width) & 1 == 1
    flags = MaskFlags.INVERS if invers else MaskFlags(0)
    shown.draw(
        make.fill(
            box,
            make.solid(5),
            mask=QMask(flags, Point(x, y), make.bits(mask, top_down=top_down)),
        )
    )
    expected = before.copy()
    for row in range(H):
        for column in range(W):
            at_x, at_y = column - box.left + x, row - box.top + y
            if 0 <= at_x < width and 0 <= at_y < 13 and mask[at_y, at_x] != invers and inside(box)[row, column]:
                expected[row, column] = 5
    expect(shown, expected)


@given(RECTS, st.integers(-9, 9), st.integers(-9, 9))
def test_copy_reads_only_the_image(box: Rect, x: int, y: int) -> None:
    shown = make.display(W, H, fill=1)
    before = make.pixels(shown).copy()
    image = noise(8, 11)
    area = rect(x, y, x + box.right - box.left, y + box.bottom - box.top)
    shown.draw(make.copy(box, make.bitmap(image), area))
    expected = before.copy()
    for row in range(max(box.top, 0), min(box.bottom, H)):
        for column in range(max(box.left, 0), min(box.right, W)):
            at_x, at_y = column - box.left + x, row - box.top + y
            if 0 <= at_x < 11 and 0 <= at_y < 8:
                expected[row, column] = image[at_y, at_x]
    expect(shown, expected)


@given(RECTS, st.integers(-9, 30), st.integers(-9, 20), st.lists(RECTS, max_size=4))
def test_copy_bits_reads_before_it_writes(box: Rect, x: int, y: int, clips: list[Rect]) -> None:
    shown = make.display(W, H, fill=1)
    before = make.pixels(shown).copy()
    limits = make.clip(*clips) if clips else make.NO_CLIP
    shown.draw(messages.CopyBits(make.base(box, limits), Point(x, y)))
    expected = before.copy()
    allowed = np.zeros((H, W), np.bool_)
    for one in clips:
        allowed |= inside(one)
    chosen = inside(box) & (allowed if clips else True)
    for row, column in zip(*np.nonzero(chosen), strict=True):
        at_x, at_y = int(column) - box.left + x, int(row) - box.top + y
        if 0 <= at_x < W and 0 <= at_y < H:
            expected[row, column] = before[at_y, at_x]
    expect(shown, expected)


@given(RECTS, RECTS, st.sampled_from([0, 1]))
@settings(max_examples=60)
def test_scaling_stays_inside_whatever_the_rectangles(box: Rect, area: Rect, scale_mode: int) -> None:
    shown = make.display(W, H, fill=1)
    before = make.pixels(shown).copy()
    shown.draw(make.copy(box, make.bitmap(noise(8, 11)), area, scale_mode=scale_mode, clip=make.clip(rect(3, 3, 9, 9))))
    assert not shown.problems
    assert (make.pixels(shown) == before)[~(inside(box) & inside(rect(3, 3, 9, 9)))].all()


def test_nearest_doubles_pixels() -> None:
    shown = make.display(22, 16)
    image = noise(8, 11) & 0xFFFFFF
    shown.draw(make.copy(rect(0, 0, 22, 16), make.bitmap(image), rect(0, 0, 11, 8)))
    expect(shown, image.repeat(2, 0).repeat(2, 1))


def test_interpolation_is_a_mixture_with_weights_of_seven_bits_and_black_outside() -> None:
    shown = make.display(4, 1)
    image = np.array([[0x204060, 0x80FF00]], np.uint32)
    shown.draw(make.copy(rect(0, 0, 4, 1), make.bitmap(image), rect(0, 0, 2, 1), scale_mode=0))
    left, right = (np.array([c >> 16, c >> 8 & 255, c & 255]) for c in (0x204060, 0x80FF00))
    mixed = [96 * left, 96 * left + 32 * right, 32 * left + 96 * right, 96 * right]
    found = [np.array([c >> 16, c >> 8 & 255, c & 255]) for c in make.pixels(shown)[0].tolist()]
    assert [list(m // 128) for m in mixed] == [list(f) for f in found]


def test_unknown_scale_mode_matters_only_when_scaling() -> None:
    shown = make.display(W, H)
    shown.draw(make.copy(rect(0, 0, 4, 4), make.bitmap(noise(4, 4)), rect(0, 0, 4, 4), scale_mode=7))
    assert not shown.problems
    shown.draw(make.copy(rect(0, 0, 5, 4), make.bitmap(noise(4, 4)), rect(0, 0, 4, 4), scale_mode=7))
    assert [problem.code for problem in shown.problems] == ["bad-command"]


def test_opaque_paints_on_the_image() -> None:
    shown = make.display(W, H, fill=1)
    image = noise(5, 6)
    rop = Ropd.OP_AND | Ropd.INVERS_BRUSH
    command = Opaque(
        src_bitmap=make.bitmap(image),
        src_area=rect(0, 0, 6, 5),
        brush=make.solid(0xF0F0F0),
        rop_descriptor=rop,
        scale_mode=0,
        mask=make.NO_MASK,
    )
    shown.draw(messages.DrawOpaque(make.base(rect(1, 2, 7, 7)), command))
    assert not shown.problems
    assert (make.pixels(shown)[2:7, 1:7] == (image & ~np.uint32(0xF0F0F0))).all()


@pytest.mark.parametrize("number", [0x00, 0x5A, 0x69, 0xB8, 0xCA, 0xE2, 0xF0, 0xFF])
def test_rop3_with_a_pattern_before_the_box(number: int) -> None:
    shown = make.display(W, H, fill=1)
    before = make.pixels(shown).copy()
    image, tile = noise(5, 6, 8), noise(3, 2, 9)
    command = Rop3(
        src_bitmap=make.bitmap(image),
        src_area=rect(0, 0, 6, 5),
        brush=make.pattern(make.bitmap(tile), 5, 9),
        rop3=number,
        scale_mode=0,
        mask=make.NO_MASK,
    )
    shown.draw(messages.DrawRop3(make.base(rect(1, 2, 7, 7)), command))
    expected = before.copy()
    for row in range(2, 7):
        for column in range(1, 7):
            p, s = int(tile[(row - 9) % 3, (column - 5) % 2]), int(image[row - 2, column - 1])
            d = int(before[row, column])
            expected[row, column] = sum(
                (number >> (4 * (p >> b & 1) + 2 * (s >> b & 1) + (d >> b & 1)) & 1) << b for b in range(32)
            )
    expect(shown, expected)


def test_rop3_needs_an_image_under_the_whole_box() -> None:
    shown = make.display(W, H, fill=1)
    before = make.pixels(shown).copy()
    command = Rop3(
        src_bitmap=make.bitmap(noise(4, 6)),
        src_area=rect(0, 0, 6, 5),
        brush=make.solid(1),
        rop3=0xCC,
        scale_mode=0,
        mask=make.NO_MASK,
    )
    shown.draw(messages.DrawRop3(make.base(rect(1, 2, 7, 7)), command))
    assert [problem.code for problem in shown.problems] == ["bad-image"]
    assert (make.pixels(shown) == before).all()


@pytest.mark.parametrize("format", [SurfaceFmt._16_555, SurfaceFmt._16_565, SurfaceFmt._32_xRGB])
def test_transparent_compares_in_the_format_of_the_surface(format: SurfaceFmt) -> None:
    shown = make.display(4, 1, format, fill=1)
    before = make.pixels(shown).copy()
    image = np.array([[0xFF123456, 0x00123457, 0x00FFFFFF, 0x00123456]], np.uint32)
    command = Transparent(src_bitmap=make.bitmap(image), src_area=rect(0, 0, 4, 1), src_color=0xDEAD, true_color=0x123456)
    shown.draw(messages.DrawTransparent(make.base(rect(0, 0, 4, 1)), command))
    same = [True, format != SurfaceFmt._32_xRGB, False, True]
    assert [(a == b) for a, b in zip(make.pixels(shown)[0], before[0], strict=True)] == same


def blend(source: int, destination: int, alpha: int) -> int:
    def times(a: int, b: int) -> int:
        return (a * b * 2 + 255) // 510

    channels = [times(source >> shift & 255, alpha) for shift in (24, 16, 8, 0)]
    through = 255 - channels[0]
    out = 0
    for value, shift in zip(channels, (24, 16, 8, 0), strict=True):
        out |= min(255, value + times(destination >> shift & 255, through)) << shift
    return out


@pytest.mark.parametrize("alpha", [1, 100, 255])
def test_alpha_blend_is_the_formula(alpha: int) -> None:
    shown = make.display(W, H, fill=1)
    before = make.pixels(shown).copy()
    image = noise(H, W, 5)
    command = AlphaBlend(
        alpha_flags=AlphaFlags(0), alpha=alpha, src_bitmap=make.bitmap(image, alpha=True), src_area=rect(0, 0, W, H)
    )
    shown.draw(messages.DrawAlphaBlend(make.base(rect(0, 0, W, H)), command))
    expected = [
        [blend(int(s), int(d), alpha) & 0xFFFFFF for s, d in zip(*rows, strict=True)]
        for rows in zip(image, before, strict=True)
    ]
    expect(shown, np.array(expected, np.uint32))


def test_alpha_blend_of_nothing_and_of_the_opaque() -> None:
    shown = make.display(W, H, fill=1)
    before = make.pixels(shown).copy()
    image = noise(H, W, 5)
    for alpha, expected in ((0, before), (255, image & 0xFFFFFF)):
        command = AlphaBlend(alpha_flags=AlphaFlags(0), alpha=alpha, src_bitmap=make.bitmap(image), src_area=rect(0, 0, W, H))
        shown.draw(messages.DrawAlphaBlend(make.base(rect(0, 0, W, H)), command))
        expect(shown, expected)


def test_alpha_of_a_surface_is_its_top_byte_only_if_the_command_says_so() -> None:
    shown = make.display(W, H)
    shown.draw(messages.SurfaceCreate(surface_id=5, width=2, height=1, format=SurfaceFmt._32_xRGB, flags=0))
    make.pixels(shown, 5)[...] = [0x00112233, 0xFF112233]
    command = AlphaBlend(
        alpha_flags=AlphaFlags.SRC_SURFACE_HAS_ALPHA, alpha=255, src_bitmap=make.of_surface(5), src_area=rect(0, 0, 2, 1)
    )
    shown.draw(messages.DrawAlphaBlend(make.base(rect(0, 0, 2, 1)), command))
    assert make.pixels(shown)[0, :2].tolist() == [0x112233, 0x112233]  # transparent, but its colours are still added
    command = AlphaBlend(alpha_flags=AlphaFlags(0), alpha=255, src_bitmap=make.of_surface(5), src_area=rect(0, 0, 2, 1))
    shown.draw(make.fill(rect(0, 0, W, H), make.solid(0x445566)))
    shown.draw(messages.DrawAlphaBlend(make.base(rect(0, 0, 2, 1)), command))
    assert make.pixels(shown)[0, :3].tolist() == [0x112233, 0x112233, 0x445566]
    assert not shown.problems


def test_images_are_converted_to_surfaces_of_16_bits() -> None:
    shown = make.display(W, H, SurfaceFmt._16_555)
    image: NDArray[Any] = noise(H, W) & 0xFFFFFF
    shown.draw(make.copy(rect(0, 0, W, H), make.bitmap(image), rect(0, 0, W, H)))
    expect(shown, bitmaps.narrow(image))
    narrow = (noise(H, W) & 0x7FFF).astype(np.uint16)
    wide = make.display(W, H)
    wide.draw(make.copy(rect(0, 0, W, H), make.bitmap(narrow), rect(0, 0, W, H)))
    expect(wide, bitmaps.widen(narrow) | np.uint32(0xFF000000))


def test_a_surface_can_be_copied_to_itself_and_to_others() -> None:
    shown = make.display(W, H, fill=1)
    before = make.pixels(shown).copy()
    shown.draw(make.copy(rect(1, 1, W, H), make.of_surface(0), rect(0, 0, W - 1, H - 1)))
    assert (make.pixels(shown)[1:, 1:] == before[:-1, :-1]).all()
    shown.draw(messages.SurfaceCreate(surface_id=5, width=W, height=H, format=SurfaceFmt._16_565, flags=0))
    shown.draw(make.copy(rect(0, 0, W, H), make.of_surface(0), rect(0, 0, W, H), surface_id=5))
    assert not shown.problems and make.pixels(shown, 5).any()
