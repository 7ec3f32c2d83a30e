"""A display channel: surfaces, caches, and problems instead of errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from spiceproto.canvas import display as displays
from spiceproto.canvas.cache import PixmapCache
from spiceproto.canvas.display import Display
from spiceproto.codecs import glz, jpeg, jpeg_alpha, lz, lz4, quic, zlib_glz
from spiceproto.enums.display import (
    BrushType,
    ClipType,
    ImageScaleMode,
    ResourceType,
    Ropd,
    SurfaceFlags,
    SurfaceFmt,
)
from spiceproto.enums.image import BitmapFlags, BitmapFmt, ImageFlags, ImageType
from spiceproto.messages import display as messages
from spiceproto.messages.draw import Brush, Clip, Copy, Fill, Opaque, QMask, Rop3
from spiceproto.messages.geometry import Point
from spiceproto.messages.image import (
    BinaryData,
    BitmapData,
    Image,
    ImageDescriptor,
    JPEGAlphaData,
    LZPLTData,
    Palette,
    ZlibGlzRGBData,
)
from spiceproto.tests import canvas_messages as make
from spiceproto.tests.canvas_messages import rect

W, H = 20, 12
PLAIN = np.random.default_rng(1).integers(0, 1 << 24, (H, W), np.uint32)
SMOOTH = np.add.outer(np.arange(H, dtype=np.uint32) << 2, np.arange(W, dtype=np.uint32) << 11)
ALL = rect(0, 0, W, H)


def image(kind: ImageType, *, id: int = 1, flags: int = 0, width: int = W, height: int = H, **body: Any) -> Image:
    return Image(descriptor=ImageDescriptor(id=id, type=kind, flags=ImageFlags(flags), width=width, height=height), **body)


def codes(shown: Display) -> list[str]:
    return [str(problem.code) for problem in shown.problems]


# -- images ------------------------------------------------------------------------------------------------------------


def encoded(kind: ImageType, pixels: NDArray[np.uint32] = PLAIN, dictionary: glz.Dictionary | None = None) -> Image:
    if kind == ImageType.QUIC:
        return image(kind, quic=BinaryData(quic.encode(pixels, quic.QuicImageType.RGB32)))
    if kind == ImageType.LZ_RGB:
        return image(kind, lz_rgb=BinaryData(lz.encode(pixels, lz.LzImageType.RGB32)))
    if kind == ImageType.LZ4:
        return image(kind, lz4=BinaryData(lz4.encode(pixels, BitmapFmt._32BIT)))
    dictionary = dictionary or glz.Dictionary()
    if kind == ImageType.GLZ_RGB:
        return image(kind, lz_rgb=BinaryData(glz.encode(pixels, lz.LzImageType.RGB32, dictionary)))
    data, size = zlib_glz.encode(pixels, lz.LzImageType.RGB32, dictionary)
    return image(kind, zlib_glz=ZlibGlzRGBData(size, data))


@pytest.mark.parametrize(
    "kind",
    [
        ImageType.QUIC,
        ImageType.LZ_RGB,
        ImageType.LZ4,
        ImageType.GLZ_RGB,
        ImageType.ZLIB_GLZ_RGB,
    ],
)
@pytest.mark.parametrize("format", [SurfaceFmt._32_xRGB, SurfaceFmt._32_ARGB])
def test_lossless_images(kind: ImageType, format: SurfaceFmt) -> None:
    shown = make.display(W, H, format)
    shown.draw(make.copy(ALL, encoded(kind), ALL))
    assert not shown.problems and (make.pixels(shown) == PLAIN).all()
    assert shown.picture().shape == (H, W, 3)
    assert (shown.picture()[:, :, 0] == PLAIN >> 16).all() and (shown.picture()[:, :, 2] == PLAIN & 255).all()


def test_jpeg_and_jpeg_alpha() -> None:
    shown = make.display(W, H)
    shown.draw(make.copy(ALL, image(ImageType.JPEG, jpeg=BinaryData(jpeg.encode(SMOOTH))), ALL))
    assert not shown.problems
    error = shown.picture().astype(int) - np.stack([SMOOTH >> 16, SMOOTH >> 8 & 255, SMOOTH & 255], 2)
    assert np.abs(error).max() < 24
    body = jpeg_alpha.encode(SMOOTH | 0xFF000000)
    shown.draw(
        make.copy(ALL, image(ImageType.JPEG_ALPHA, jpeg_alpha=JPEGAlphaData(body.flags, body.jpeg_size, body.data)), ALL)
    )
    assert not shown.problems


@pytest.mark.parametrize("type", [lz.LzImageType.PLT8, lz.LzImageType.PLT4_BE, lz.LzImageType.PLT1_BE])
def test_palettes_of_lz_plt_and_their_cache(type: lz.LzImageType) -> None:
    colours = {lz.LzImageType.PLT8: 200, lz.LzImageType.PLT4_BE: 16, lz.LzImageType.PLT1_BE: 2}[type]
    indices = (PLAIN % colours).astype(np.uint8)
    palette = Palette(77, tuple(i * 0x10305 for i in range(colours)))
    stream = lz.encode(indices, type)
    expected = np.array(palette.ents, np.uint32)[indices] & 0xFFFFFF
    shown = make.display(W, H)
    uncached = image(
        ImageType.LZ_PLT, lz_plt=LZPLTData(flags=BitmapFlags.PAL_FROM_CACHE, palette_id=77, palette=None, data=stream)
    )
    shown.draw(make.copy(ALL, uncached, ALL))
    assert codes(shown) == ["missing-palette"] and not make.pixels(shown).any()
    cached = image(
        ImageType.LZ_PLT, lz_plt=LZPLTData(flags=BitmapFlags.PAL_CACHE_ME, palette_id=None, palette=palette, data=stream)
    )
    shown.draw(make.copy(rect(0, 0, 0, 0), cached, ALL))  # draws nothing, and is cached all the same
    shown.draw(make.copy(ALL, uncached, ALL))
    assert len(codes(shown)) == 1 and (make.pixels(shown) & 0xFFFFFF == expected).all()
    shown.draw(messages.InvalPalette(77))
    shown.draw(make.copy(ALL, uncached, ALL))
    shown.draw(make.copy(ALL, cached, ALL))
    shown.draw(messages.InvalAllPalettes())
    shown.draw(make.copy(ALL, uncached, ALL))
    assert codes(shown) == ["missing-palette"] * 3


def test_palettes_on_16_bits_hold_16_bit_colours() -> None:
    shown = make.display(W, H, SurfaceFmt._16_555)
    indices = (PLAIN % 3).astype(np.uint8)
    palette = Palette(1, (0x7C00, 0x03E0, 0x001F))
    shown.draw(make.copy(ALL, make.indexed(indices, palette), ALL))
    expected = np.array(palette.ents, np.uint16)[indices]
    assert not shown.problems and (make.pixels(shown) == expected).all()
    shown.draw(make.fill(ALL, make.solid(0)))
    body = LZPLTData(flags=BitmapFlags(0), palette_id=None, palette=palette, data=lz.encode(indices, lz.LzImageType.PLT8))
    shown.draw(make.copy(ALL, image(ImageType.LZ_PLT, lz_plt=body), ALL))
    assert not shown.problems and (make.pixels(shown) == expected).all()


def test_index_without_entry() -> None:
    shown = make.display(W, H)
    shown.draw(make.copy(ALL, make.indexed(np.full((H, W), 3, np.uint8), Palette(1, (0, 1, 2))), ALL))
    shown.draw(make.copy(ALL, make.indexed(np.full((H, W), 3, np.uint8), None), ALL))
    assert codes(shown) == ["undecodable-image"] * 2


def test_high_bits_set_makes_the_top_byte_ones() -> None:
    shown = make.display(W, H, SurfaceFmt._32_ARGB)
    shown.draw(make.copy(ALL, make.bitmap(PLAIN, flags=ImageFlags.HIGH_BITS_SET), ALL))
    assert not shown.problems and (make.pixels(shown) == PLAIN | 0xFF000000).all()


def test_stream_of_another_size_than_its_descriptor() -> None:
    shown = make.display(W, H)
    for wrong in (
        image(ImageType.QUIC, width=W + 1, quic=BinaryData(quic.encode(PLAIN, quic.QuicImageType.RGB32))),
        image(ImageType.LZ_RGB, height=3, lz_rgb=BinaryData(lz.encode(PLAIN, lz.LzImageType.RGB32))),
        image(ImageType.JPEG, height=3, jpeg=BinaryData(jpeg.encode(SMOOTH))),
        image(ImageType.LZ_RGB, lz_rgb=BinaryData(lz.encode(np.zeros((H, W), np.uint8), lz.LzImageType.PLT8))),
        image(ImageType.RESERVED),
        None,
    ):
        shown.draw(make.copy(ALL, wrong, ALL))
    assert codes(shown) == ["bad-image"] * 6 and not make.pixels(shown).any()


# -- the pixmap cache --------------------------------------------------------------------------------------------------


def test_pixmap_cache_life() -> None:
    shown = make.display(W, H)
    hit = make.copy(ALL, make.cached(5), ALL)
    shown.draw(hit)
    shown.draw(make.copy(rect(0, 0, 0, 0), make.bitmap(PLAIN, id=5, flags=ImageFlags.CACHE_ME), ALL))
    assert codes(shown) == ["missing-pixmap"] and 5 in shown.pixmaps
    shown.draw(hit)
    assert (make.pixels(shown) == PLAIN).all()
    shown.draw(make.fill(ALL, make.solid(0xFFFFFF), Ropd.OP_XOR))
    shown.draw(hit)
    assert (make.pixels(shown) == PLAIN).all()  # what was drawn did not change what is cached
    shown.draw(messages.InvalList(tuple(messages.ResourceID(ResourceType.PIXMAP, id) for id in (5, 6))))
    shown.draw(hit)
    shown.draw(make.copy(ALL, make.bitmap(PLAIN, id=5, flags=ImageFlags.CACHE_ME), ALL))
    shown.draw(messages.InvalAllPixmaps(()))
    shown.draw(hit)
    assert codes(shown) == ["missing-pixmap"] * 3 and shown.pixmaps.used == 0


def test_lossy_copies_are_not_lossless_until_they_are_replaced() -> None:
    shown = make.display(W, H)
    lossy = image(ImageType.JPEG, id=5, flags=ImageFlags.CACHE_ME, jpeg=BinaryData(jpeg.encode(SMOOTH)))
    shown.draw(make.copy(ALL, lossy, ALL))
    shown.draw(make.copy(ALL, make.cached(5), ALL))
    assert not shown.problems
    shown.draw(make.copy(ALL, make.cached(5, ImageType.FROM_CACHE_LOSSLESS), ALL))
    assert codes(shown) == ["missing-lossless"]
    shown.draw(make.copy(ALL, make.bitmap(PLAIN, id=5, flags=ImageFlags.CACHE_REPLACE_ME), ALL))
    shown.draw(make.copy(ALL, make.cached(5, ImageType.FROM_CACHE_LOSSLESS), ALL))
    assert len(shown.problems) == 1 and (make.pixels(shown) == PLAIN).all()
    again = image(ImageType.JPEG, id=5, flags=ImageFlags.CACHE_REPLACE_ME, jpeg=BinaryData(jpeg.encode(SMOOTH)))
    shown.draw(make.copy(ALL, again, ALL))
    assert codes(shown) == ["missing-lossless", "bad-image"]


def test_masks_are_cached_as_they_are() -> None:
    shown = make.display(W, H)
    bits = PLAIN & 1 == 1
    first = QMask(1, Point(0, 0), make.bits(bits, id=6, flags=ImageFlags.CACHE_ME))
    shown.draw(make.fill(ALL, make.solid(1), mask=first))
    shown.draw(make.fill(ALL, make.solid(2), mask=QMask(0, Point(0, 0), make.cached(6))))
    assert not shown.problems and (make.pixels(shown) == np.where(bits, 2, 1)).all()
    shown.draw(make.fill(ALL, make.solid(3), mask=QMask(0, Point(0, 0), make.bitmap(PLAIN))))
    shown.draw(make.fill(ALL, make.solid(3), mask=QMask(0, Point(0, 0), make.of_surface(0))))
    assert codes(shown) == ["bad-image"] * 2


def test_cache_and_window_are_shared_between_channels() -> None:
    pixmaps, window, dictionary = PixmapCache(), glz.Window(), glz.Dictionary()
    one, two = (make.display(W, H, pixmaps=pixmaps, window=window) for _ in range(2))
    one.draw(make.copy(ALL, make.bitmap(PLAIN, id=5, flags=ImageFlags.CACHE_ME), ALL))
    two.draw(make.copy(ALL, make.cached(5), ALL))
    assert (make.pixels(two) == PLAIN).all()
    first = encoded(ImageType.GLZ_RGB, SMOOTH, dictionary)
    second = encoded(ImageType.GLZ_RGB, SMOOTH, dictionary)
    two.draw(make.copy(ALL, second, ALL))
    assert codes(two) == ["missing-glz-image"]
    one.draw(make.copy(rect(0, 0, 0, 0), first, ALL))  # draws nothing, and is in the window all the same
    two.draw(make.copy(ALL, second, ALL))
    assert len(two.problems) == 1 and (make.pixels(two) == SMOOTH).all()


def test_commands_that_fail_keep_their_images() -> None:
    shown = make.display(W, H)
    dictionary = glz.Dictionary()
    first, second = (encoded(ImageType.GLZ_RGB, SMOOTH, dictionary) for _ in range(2))
    shown.draw(make.copy(ALL, first, ALL, surface_id=99))
    shown.draw(make.copy(ALL, second, ALL))
    assert codes(shown) == ["unknown-surface"] and (make.pixels(shown) == SMOOTH).all()


def test_full_cache_is_a_problem_and_not_a_failure() -> None:
    shown = make.display(W, H, pixmaps=PixmapCache(W * H))
    for id in (1, 2, 1):
        shown.draw(make.copy(ALL, make.bitmap(PLAIN, id=id, flags=ImageFlags.CACHE_ME), ALL))
    assert codes(shown) == ["limit"] and len(shown.pixmaps) == 1


# -- surfaces ----------------------------------------------------------------------------------------------------------


def test_surfaces_come_and_go() -> None:
    shown = Display()
    assert shown.primary is None and shown.picture().shape == (0, 0, 3)
    shown.draw(messages.SurfaceCreate(surface_id=4, width=W, height=H, format=SurfaceFmt._32_xRGB, flags=SurfaceFlags.PRIMARY))
    shown.draw(make.fill(ALL, make.solid(9), surface_id=4))
    shown.draw(messages.Mark())
    assert shown.marked and shown.primary is not None and shown.primary.pixels.all()
    shown.draw(messages.SurfaceCreate(surface_id=4, width=W, height=H, format=SurfaceFmt._32_xRGB, flags=SurfaceFlags.PRIMARY))
    assert shown.primary is not None and shown.primary.pixels.all()  # kept
    shown.draw(
        messages.SurfaceCreate(surface_id=5, width=W, height=H + 1, format=SurfaceFmt._32_xRGB, flags=SurfaceFlags.PRIMARY)
    )
    assert sorted(shown.surfaces) == [5] and shown.primary is not None and not shown.primary.pixels.any()
    shown.draw(messages.SurfaceDestroy(5))
    assert shown.primary is None and not shown.problems
    shown.draw(messages.SurfaceDestroy(5))
    shown.draw(make.copy(ALL, make.of_surface(5), ALL))
    assert codes(shown) == ["unknown-surface"] * 2


def test_mode_and_reset_of_old() -> None:
    shown = Display()
    shown.draw(messages.Mode(W, H, 16))
    shown.draw(make.fill(ALL, make.solid(9)))
    shown.draw(messages.Mark())
    shown.draw(messages.Reset())
    assert shown.primary is not None and shown.primary.format == SurfaceFmt._16_555
    assert not shown.primary.pixels.any() and not shown.marked and not shown.problems


@pytest.mark.parametrize(
    ("width", "height", "format", "code"),
    [
        (2**31, 2**31, SurfaceFmt._32_xRGB, "limit"),
        (2**32 - 1, 1, SurfaceFmt._32_xRGB, "limit"),
        (1 << 13, (1 << 13) + 1, SurfaceFmt._8_A, "limit"),
        (0, 5, SurfaceFmt._32_xRGB, "bad-surface"),
        (5, 5, 7, "bad-surface"),
        (5, 5, SurfaceFmt.INVALID, "bad-surface"),
    ],
)
def test_hostile_surfaces(width: int, height: int, format: int, code: str) -> None:
    shown = Display()
    shown.draw(messages.SurfaceCreate(surface_id=0, width=width, height=height, format=format, flags=SurfaceFlags.PRIMARY))
    assert codes(shown) == [code] and shown.primary is None


def test_surfaces_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(displays, "SURFACE_PIXELS", 100)
    monkeypatch.setattr(displays, "SURFACES", 3)
    shown = Display()
    for id in range(3):
        shown.draw(messages.SurfaceCreate(surface_id=id, width=5, height=6, format=SurfaceFmt._32_xRGB, flags=SurfaceFlags(0)))
    shown.draw(messages.SurfaceCreate(surface_id=2, width=8, height=5, format=SurfaceFmt._32_xRGB, flags=SurfaceFlags(0)))
    assert not shown.problems
    shown.draw(messages.SurfaceCreate(surface_id=2, width=8, height=6, format=SurfaceFmt._32_xRGB, flags=SurfaceFlags(0)))
    shown.draw(messages.SurfaceCreate(surface_id=3, width=1, height=1, format=SurfaceFmt._32_xRGB, flags=SurfaceFlags(0)))
    assert codes(shown) == ["limit"] * 2 and sorted(shown.surfaces) == [0, 1, 2]


def test_heads_of_the_last_config_that_has_any() -> None:
    shown = Display()
    head = messages.Head(monitor_id=0, surface_id=0, width=W, height=H, x=0, y=0, flags=0)
    shown.draw(messages.MonitorsConfig(4, (head,)))
    shown.draw(messages.MonitorsConfig(4, ()))
    assert shown.heads == (head,)


def test_problems_are_bounded_and_counted() -> None:
    shown = Display()
    for _ in range(displays.PROBLEMS + 5):
        shown.draw(make.fill(ALL, make.solid(9)))
    assert len(shown.problems) == displays.PROBLEMS and shown.problem_count == displays.PROBLEMS + 5
    assert "unknown-surface" in str(shown.problems[0])


def test_what_is_no_message_of_the_canvas_is_ignored() -> None:
    shown = Display()
    shown.draw(messages.GlDraw(x=0, y=0, w=1, h=1))
    shown.draw(object())
    assert not shown.problems


INTS = st.one_of(st.integers(-3, 30), st.sampled_from([-(2**31), 2**31 - 1, 40000, -40000]))
RECTS = st.builds(rect, INTS, INTS, INTS, INTS)
SIZES = st.one_of(st.integers(0, 12), st.sampled_from([2**32 - 1, 2**31, 65536]))
CLIPS = st.one_of(
    st.just(make.NO_CLIP), st.builds(make.clip, RECTS, RECTS), st.just(Clip(ClipType.RECTS, None)), st.just(Clip(77, None))
)
BITMAPS = st.builds(
    lambda format, flags, x, y, stride, data, kind, cache: Image(
        descriptor=ImageDescriptor(id=1, type=kind, flags=ImageFlags(cache), width=x, height=y),
        bitmap=BitmapData(
            format=format,
            flags=BitmapFlags(flags),
            x=x,
            y=y,
            stride=stride,
            palette_id=5,
            palette=Palette(1, (1, 2)),
            data=data,
        ),
        surface=make.of_surface(0).surface if kind == ImageType.SURFACE else None,
    ),
    st.integers(0, 11),
    st.integers(0, 7),
    SIZES,
    SIZES,
    SIZES,
    st.binary(max_size=300),
    st.sampled_from([*ImageType, 200]),
    st.integers(0, 7),
)
MASKS = st.one_of(st.just(make.NO_MASK), st.builds(QMask, st.integers(0, 3), st.builds(Point, INTS, INTS), BITMAPS))
BRUSHES = st.one_of(
    st.builds(make.solid, st.integers(0, 2**32 - 1)),
    st.builds(make.pattern, BITMAPS, INTS, INTS),
    st.sampled_from([make.NO_BRUSH, Brush(BrushType.SOLID, None, None), Brush(9, None, None)]),
)
BASES = st.builds(lambda box, clip, id: make.base(box, clip, id), RECTS, CLIPS, st.sampled_from([0, 0, 0, 1, 7]))
ROPS = st.integers(0, 2047).map(Ropd)
MODES = st.sampled_from([*ImageScaleMode, 9])
COMMANDS = st.one_of(
    st.builds(messages.DrawFill, BASES, st.builds(Fill, BRUSHES, ROPS, MASKS)),
    st.builds(messages.DrawCopy, BASES, st.builds(Copy, BITMAPS, RECTS, ROPS, MODES, MASKS)),
    st.builds(messages.DrawOpaque, BASES, st.builds(Opaque, BITMAPS, RECTS, BRUSHES, ROPS, MODES, MASKS)),
    st.builds(messages.DrawRop3, BASES, st.builds(Rop3, BITMAPS, RECTS, BRUSHES, st.integers(0, 255), MODES, MASKS)),
    st.builds(messages.CopyBits, BASES, st.builds(Point, INTS, INTS)),
    st.builds(
        messages.SurfaceCreate,
        st.integers(0, 2),
        SIZES,
        SIZES,
        st.sampled_from([*SurfaceFmt, 3]),
        st.integers(0, 3).map(SurfaceFlags),
    ),
    st.builds(messages.SurfaceDestroy, st.integers(0, 2)),
)


@given(st.sampled_from(list(SurfaceFmt)[1:]), st.lists(COMMANDS, min_size=1, max_size=6))
@settings(max_examples=250)
def test_no_value_makes_it_raise(format: SurfaceFmt, commands: list[Any]) -> None:
    shown = make.display(W, H, format, fill=1)
    for command in commands:
        shown.draw(command)
    for surface in shown.surfaces.values():
        assert surface.pixels.dtype == surface.layout.dtype
        assert int(surface.pixels.max()) <= surface.layout.ones
