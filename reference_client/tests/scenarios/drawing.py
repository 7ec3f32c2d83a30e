"""Faults of drawing and of images (spec/05-images.md to spec/07-display.md): the client's picture is not the canvas's."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from functools import partial
from pathlib import Path as Path_
from typing import Any

import msgspec
import numpy as np

import spec
from reference_client.tests.conversations import Make, alive
from reference_client.tests.scripted import session
from spiceproto import dispatch
from spiceproto.canvas.display import Display
from spiceproto.codecs import jpeg, jpeg_alpha, lz
from spiceproto.enums.display import AlphaFlags, ImageScaleMode, Ropd, SurfaceFlags, SurfaceFmt
from spiceproto.enums.image import BitmapFlags, BitmapFmt, ImageFlags, ImageType, LzImageType
from spiceproto.enums.link import ChannelType
from spiceproto.messages import display
from spiceproto.messages.draw import (
    AlphaBlend,
    Blend,
    Composite,
    Invers,
    LineAttr,
    Opaque,
    Path,
    QMask,
    RasterGlyphA1,
    RasterGlyphA4,
    Rop3,
    String,
    Stroke,
    Text,
    Transparent,
)
from spiceproto.messages.geometry import Point, Point16, Rect, Transform
from spiceproto.messages.image import BinaryData, BitmapData, Image, ImageDescriptor, JPEGAlphaData, Palette, ZlibGlzRGBData
from spiceproto.tests.canvas_messages import (
    NO_BRUSH,
    NO_MASK,
    base,
    bitmap,
    bits,
    cached,
    clip,
    copy,
    fill,
    indexed,
    of_surface,
    pattern,
    rect,
    segment,
    solid,
)

replace = msgspec.structs.replace
_SIDE = 32
_ALL = rect(0, 0, _SIDE, _SIDE)
_WHERE = rect(2, 2, 18, 14)
_AREA = rect(0, 0, 16, 12)
_NOTHING = rect(0, 0, 0, 0)


def _patch(alpha: int = 0, width: int = 16, height: int = 12) -> Any:
    rows, columns = np.mgrid[0:height, 0:width].astype(np.uint32)
    colours = (columns * 13 + 9) << 16 | (rows * 17 + 40) << 8 | (columns * 5 + rows * 7 + 1)
    return (colours & np.uint32(0x00FFFFFF if not alpha else 0x001F1F1F) | np.uint32(alpha << 24)).astype(np.uint32)


_IMAGE = bitmap(_patch())
_WITH_ALPHA = bitmap(_patch(0x80), alpha=True)


def _surface(number: int, format: SurfaceFmt = SurfaceFmt._32_xRGB) -> Any:
    flags = SurfaceFlags(0) if number else SurfaceFlags.PRIMARY
    return display.SurfaceCreate(surface_id=number, width=_SIDE, height=_SIDE, format=format, flags=flags)


def _shows(values: list[Any], sent: list[Any], make: Make) -> bool:
    """Whether the client shows what the canvas draws of ``values``, when ``sent`` comes behind them, and goes on."""
    server = session(make(canvas=True))
    canvas = Display()
    for value in [_surface(0), fill(rect(0, 0, 20, 32), solid(0x3060A0)), *values]:
        server.line(ChannelType.DISPLAY).send(value)
        canvas.draw(value)
    for value in sent:
        server.line(ChannelType.DISPLAY).send(value)
    assert not canvas.problems, canvas.problems[0].error
    if not alive(server):
        return False
    return np.array_equal(server.client.displays[0].picture(), canvas.picture())


def _drawn(*values: Any) -> Callable[[Make], bool]:
    return partial(_shows, list(values), [])


def _left_out(*values: Any) -> Callable[[Make], bool]:
    return partial(_shows, [], list(values))


def _of(kind: ImageType, width: int = 16, height: int = 12, **body: Any) -> Image:
    size = ImageDescriptor(id=77, type=kind, flags=ImageFlags(0), width=width, height=height)
    return Image(descriptor=size, **body)


def _raw(format: int, width: int, height: int, stride: int, data: bytes, palette: Palette | None = None) -> Image:
    body = BitmapData(
        format=format,
        flags=BitmapFlags.TOP_DOWN,
        x=width,
        y=height,
        stride=stride,
        palette_id=None,
        palette=palette,
        data=data,
    )
    return _of(ImageType.BITMAP, width, height, bitmap=body)


def _stroke(*points: tuple[float, float], style: tuple[int, ...] | None = None, flags: int = 0, kind: int = 3) -> Any:
    attr = LineAttr(8 | flags if style is not None else 0, style)
    data = Stroke(path=Path((segment(kind, *points),)), attr=attr, brush=solid(0xFFFFFF), fore_mode=Ropd.OP_XOR, back_mode=8)
    return display.DrawStroke(base(_ALL), data)


def _text(kind: type[Any], *places: int, brush: Any = None, area: Rect = _NOTHING) -> Any:
    half = kind is RasterGlyphA4
    data, height = (bytes([0x12, 0x8F, 0x31, 0x70, 0x5A, 0x33]), 2) if half else (bytes([0x12, 0x8F, 0x31, 0x70]), 4)
    glyphs = [kind(render_pos=Point(x, 9), glyph_origin=Point(0, -3), width=6, height=height, data=data) for x in places]
    text = Text(
        str=String(2 if half else 1, tuple(glyphs)),
        back_area=area,
        fore_brush=brush or solid(0xFF8000),
        back_brush=solid(0x00FF00),
        fore_mode=Ropd.OP_PUT,
        back_mode=Ropd.OP_PUT,
    )
    return display.DrawText(base(_ALL), text)


def _blend(image: Image, *, alpha: int = 255, flags: int = 0, surface: int = 0) -> Any:
    data = AlphaBlend(alpha_flags=AlphaFlags(flags), alpha=alpha, src_bitmap=image, src_area=_AREA)
    return display.DrawAlphaBlend(base(_WHERE, surface_id=surface), data)


def _composite(flags: int, mask: Image | None = None, transform: Transform | None = None, box: Rect = _WHERE) -> Any:
    data = Composite(
        flags=flags | (0x80000 if mask else 0) | (0x100000 if transform else 0),
        src_bitmap=_WITH_ALPHA,
        mask_bitmap=mask,
        src_transform=transform,
        mask_transform=None,
        src_origin=Point16(0, 0),
        mask_origin=Point16(0, 0),
    )
    return display.DrawComposite(base(box), data)


def _transparent(color: int, other: int = 0) -> Any:
    pixels = _patch()
    pixels[2:5, 3:9], pixels[6:9, 3:9] = 0x00FF00, 0x123456
    data = Transparent(src_bitmap=bitmap(pixels), src_area=_AREA, src_color=other, true_color=color)
    return display.DrawTransparent(base(_WHERE), data)


def _rop3(number: int) -> Any:
    data = Rop3(src_bitmap=_IMAGE, src_area=_AREA, brush=solid(0x55AA33), rop3=number, scale_mode=1, mask=NO_MASK)
    return display.DrawRop3(base(_WHERE), data)


def _opaque(rop: int) -> Any:
    data = Opaque(
        src_bitmap=_IMAGE, src_area=_AREA, brush=solid(0x55AA33), rop_descriptor=Ropd(rop), scale_mode=1, mask=NO_MASK
    )
    return display.DrawOpaque(base(_WHERE), data)


def _indices(colours: int) -> Any:
    rows, columns = np.mgrid[0:12, 0:16]
    return ((rows * 3 + columns) % colours).astype(np.uint8)


def _palette(colours: int) -> Palette:
    return Palette(0, tuple([number * 0x0B0703 & 0xFFFFFF for number in range(colours)]))


_MASK = np.array([[(x + y) % 3 == 0 for x in range(16)] for y in range(12)])
_WORDS = np.array([[(x * 77 + y * 1031) & 0x7FFF for x in range(16)] for y in range(12)], np.uint16)
_LZ_24 = lz.encode(_patch(), LzImageType.RGB24)
_PADDED = np.full((12, 72), 0xEE, np.uint8)
_PADDED[:, :64] = _patch().view(np.uint8)
_DRAWN: dict[str, Callable[[Make], bool]] = {
    "moves-what-was-there-before": _drawn(
        fill(_WHERE, solid(0xFF0000)), display.CopyBits(base(rect(8, 18, 24, 30)), Point(4, 4))
    ),
    "draws-beyond-the-clip": _drawn(fill(_ALL, solid(0xFFFFFF), clip=clip(rect(3, 3, 9, 9)))),
    "turns-empty-boxes": _drawn(fill(rect(10, 3, 4, 9), solid(0xFFFFFF))),
    "rectangles-one-by-one": _drawn(fill(_ALL, solid(0xFFFFFF), Ropd.OP_XOR, clip=clip(rect(3, 3, 9, 9), rect(5, 5, 12, 12)))),
    "moves-row-by-row": _drawn(copy(_WHERE, _IMAGE, _AREA), display.CopyBits(base(rect(2, 5, 18, 17)), Point(2, 2))),
    "masks-not-inverted": _drawn(fill(_WHERE, solid(0xFFFFFF), mask=QMask(1, Point(0, 0), bits(_MASK)))),
    "inverted-masks-without-end": _drawn(fill(_ALL, solid(0xFFFFFF), mask=QMask(1, Point(0, 0), bits(_MASK)))),
    "no-mask-inverted-is-nothing": _drawn(fill(_WHERE, solid(0xFFFFFF), mask=QMask(1, Point(3, 3), None))),
    "surfaces-begin-white": _drawn(_surface(3), copy(_WHERE, of_surface(3), _AREA)),
    "rounds-to-five-bits": _drawn(
        _surface(3, SurfaceFmt._16_555), copy(_WHERE, _IMAGE, _AREA, surface_id=3), copy(_ALL, of_surface(3), _ALL)
    ),
    "top-bytes-lost": _drawn(
        _surface(3), copy(_WHERE, bitmap(_patch(0x70)), _AREA, surface_id=3), _blend(of_surface(3), flags=2)
    ),
    "shows-by-top-byte": _drawn(fill(_WHERE, solid(0x70FFFFFF))),
    "colours-of-24-bits-on-16": _drawn(
        _surface(3, SurfaceFmt._16_555), fill(_WHERE, solid(0x7123), surface_id=3), copy(_ALL, of_surface(3), _ALL)
    ),
    "patterns-begin-at-the-corner": _drawn(fill(_ALL, pattern(_IMAGE, 3, 5))),
    "no-brush-is-white": _drawn(fill(_WHERE, NO_BRUSH)),
    "results-not-inverted": _drawn(fill(_WHERE, solid(0x123456), Ropd.OP_OR | Ropd.INVERS_RES)),
    "takes-the-last-operation": _drawn(fill(_WHERE, solid(0x123456), Ropd.OP_OR | Ropd.OP_AND)),
    "white-inverted-is-black": _drawn(fill(_WHERE, solid(0x123456), Ropd.OP_WHITENESS | Ropd.INVERS_RES)),
    "operations-without-the-image": _drawn(_rop3(0x5A)),
    "black-around-the-image": _drawn(copy(_WHERE, _IMAGE, rect(-4, -4, 12, 8))),
    "scales-only-from-inside": _drawn(copy(_WHERE, _IMAGE, rect(-4, -4, 4, 4))),
    "points-at-corners": _drawn(copy(rect(2, 2, 9, 7), _IMAGE, _AREA)),
    "edges-belong-to-the-right": _drawn(copy(rect(2, 2, 10, 8), _IMAGE, _AREA)),
    "never-mixes": _drawn(copy(_ALL, _IMAGE, _AREA, scale_mode=ImageScaleMode.INTERPOLATE)),
    "patterns-only-put": _drawn(fill(_WHERE, pattern(_IMAGE, 0, 0), Ropd.OP_OR)),
    "copies-only-put": _drawn(copy(_WHERE, _IMAGE, _AREA, Ropd.OP_AND)),
    "no-blend": _drawn(
        display.DrawBlend(
            base(_WHERE),
            Blend(src_bitmap=_IMAGE, src_area=_AREA, rop_descriptor=Ropd.OP_PUT, scale_mode=1, mask=NO_MASK),
        )
    ),
    "opaque-without-its-image": _drawn(_opaque(Ropd.OP_AND)),
    "invers-is-black": _drawn(display.DrawInvers(base(_WHERE), Invers(NO_MASK))),
    "brush-and-image-exchanged": _drawn(_rop3(0xCA)),
    "no-colour-left-out": _drawn(_transparent(0x00FF00)),
    "leaves-src-color-out": _drawn(_transparent(0x00FF00, 0x123456)),
    "alpha-is-all-or-nothing": _drawn(_blend(_WITH_ALPHA)),
    "products-cut-off": _drawn(_blend(_WITH_ALPHA, alpha=100)),
    "alpha-where-there-is-none": _drawn(_blend(bitmap(_patch(0x40)))),
    "alpha-of-the-surface-ignored": _drawn(
        _surface(3), _blend(_WITH_ALPHA, flags=1, surface=3), _blend(of_surface(3), flags=2)
    ),
    "moves-black-from-outside": _drawn(display.CopyBits(base(_WHERE), Point(-5, -5))),
    "halves-to-the-right": _drawn(_stroke((3.5, 4), (20.5, 9))),
    "lines-with-their-last-pixel": _drawn(_stroke((3, 4), (20, 9))),
    "other-one-of-two-near-pixels": _drawn(_stroke((3, 4), (23, 14))),
    "curves-are-straight": _drawn(_stroke((3, 4), (9, 30), (20, 0), (28, 20), kind=3 | 16)),
    "no-gaps": _drawn(_stroke((3, 4), (25, 4), style=(64, 32))),
    "never-begins-with-a-gap": _drawn(_stroke((3, 4), (25, 4), style=(64, 32), flags=4)),
    "slanted-dashes-too-long": _drawn(_stroke((3, 4), (25, 20), style=(64, 32))),
    "glyphs-upside-down": _drawn(_text(RasterGlyphA1, 3)),
    "coverage-of-one-bit": _drawn(_text(RasterGlyphA4, 3)),
    "no-background": _drawn(_text(RasterGlyphA1, 3, area=rect(1, 1, 12, 12))),
    "later-glyphs-only": _drawn(_text(RasterGlyphA1, 3, 6)),
    "patterns-cover-all": _drawn(_text(RasterGlyphA4, 3, brush=pattern(_IMAGE, 0, 0))),
    "fore-patterns-count-from-the-surface": _drawn(_text(RasterGlyphA1, 3, brush=pattern(_IMAGE, 0, 0))),
    "composite-without-mask": _drawn(_composite(3, mask=bitmap(_patch(0x30), alpha=True))),
    "transformations-without-sign": _drawn(
        _composite(
            3,
            transform=Transform(t00=0xFFFF0000, t01=0, t02=16 << 16, t10=0, t11=1 << 16, t12=0),
        )
    ),
    "never-repeats": _drawn(_composite(3 | 1 << 14, box=_ALL)),
    # images
    "loses-the-lowest-bit-of-lz": _drawn(copy(_WHERE, _of(ImageType.LZ_RGB, lz_rgb=BinaryData(_LZ_24)), _AREA)),
    "multiplies-by-alpha-again": _drawn(
        _blend(_of(ImageType.LZ_RGB, lz_rgb=BinaryData(lz.encode(_patch(0x80), LzImageType.RGBA))))
    ),
    "bit-15-is-no-colour": _drawn(copy(_WHERE, bitmap(_WORDS | np.uint16(0x8000)), _AREA)),
    "high-bits-as-they-are": _drawn(
        _surface(3, SurfaceFmt._32_ARGB),
        copy(_WHERE, bitmap(_patch(), flags=ImageFlags.HIGH_BITS_SET), _AREA, surface_id=3),
        display.DrawAlphaBlend(
            base(_ALL), AlphaBlend(alpha_flags=AlphaFlags(0), alpha=255, src_bitmap=of_surface(3), src_area=_ALL)
        ),
    ),
    "five-bits-shifted": _drawn(copy(_WHERE, bitmap(_WORDS), _AREA)),
    "stride-ignored": _drawn(copy(_WHERE, _raw(BitmapFmt._32BIT, 16, 12, 72, _PADDED.tobytes()), _AREA)),
    "top-down-ignored": _drawn(copy(_WHERE, _IMAGE, _AREA)),
    "lowest-bit-first": _drawn(copy(_WHERE, _raw(2, 16, 12, 2, bytes(range(24)), _palette(2)), _AREA)),
    "low-half-first": _drawn(copy(_WHERE, _raw(4, 16, 12, 8, bytes(range(96)), _palette(16)), _AREA)),
    "indices-of-seven-bits": _drawn(copy(_WHERE, indexed(_indices(40), _palette(40)), _AREA)),
    "high-byte-first": _drawn(copy(_WHERE, bitmap(_WORDS), _AREA)),
    "red-and-blue-swapped": _drawn(copy(_WHERE, _IMAGE, _AREA)),
    "red-and-blue-of-palettes-swapped": _drawn(copy(_WHERE, indexed(_indices(40), _palette(40)), _AREA)),
    "palettes-of-24-bits-on-16": _drawn(
        _surface(3, SurfaceFmt._16_555),
        copy(_WHERE, indexed(_indices(40), _palette(40)), _AREA, surface_id=3),
        copy(_ALL, of_surface(3), _ALL),
    ),
    "jpeg-red-and-blue-swapped": _drawn(copy(_WHERE, _of(ImageType.JPEG, jpeg=BinaryData(jpeg.encode(_patch()))), _AREA)),
}

_HUGE = replace(_surface(3), width=65536, height=65537)
_BROKEN = Path_(spec.__file__).parent / "vectors" / "images" / "invalid"


def _stream(name: str) -> bytes:
    return (_BROKEN / f"{name}.stream").read_bytes()


def _broken(kind: ImageType, field: str, name: str, width: int = 7, height: int = 5) -> Callable[[Make], bool]:
    """A stream that is none: nothing is drawn of it."""
    body: dict[str, Any] = {field: BinaryData(_stream(name))}
    return _left_out(copy(_WHERE, _of(kind, width, height, **body), _AREA))


def _odd_bitmap(make: Make, old: bytes, new: bytes) -> bool:
    """A bitmap of 7 x 5 with other numbers in it, which no sender builds: nothing is drawn of it."""
    number, body = dispatch.build("display", "server", copy(_WHERE, _raw(8, 7, 5, 28, bytes(140)), _AREA))
    server = session(make(canvas=True))
    line = server.line(ChannelType.DISPLAY)
    line.send(_surface(0))
    assert old in body
    line.send_raw(number, body.replace(old, new))
    return alive(server) and not server.client.displays[0].picture().any()


def _unknown_type(make: Make) -> bool:
    return _odd_bitmap(make, (77).to_bytes(8, "little") + b"\0", (77).to_bytes(8, "little") + b"\x32")


def _short_rows(make: Make) -> bool:
    return _odd_bitmap(make, struct.pack("<III", 7, 5, 28), struct.pack("<III", 7, 5, 27))


def _colours_kept(make: Make) -> bool:
    colours = jpeg.encode(_patch() | 0x808080)
    _, size, data = jpeg_alpha.encode(_patch(0x20))
    body = JPEGAlphaData(1, len(colours), colours + data[size:])
    return _drawn(copy(_WHERE, _of(ImageType.JPEG_ALPHA, jpeg_alpha=body), _AREA))(make)


def _kept(seed: int, id: int = 5) -> Image:
    return bitmap(_patch() ^ np.uint32(seed), id=id, flags=ImageFlags.CACHE_ME)


def _with_palette(colour: int, flags: int) -> Image:
    image = indexed(_indices(2), Palette(9, (0x102030, colour)))
    assert image.bitmap is not None
    body = replace(image.bitmap, flags=BitmapFlags(BitmapFlags.TOP_DOWN | flags))
    return replace(image, bitmap=body if flags != 2 else replace(body, palette=None, palette_id=9))


def _evicted(make: Make) -> bool:
    """A sequence in a small window, and then an image that refers to one that was dropped: it is left out."""
    folder = _BROKEN.parent
    steps = json.loads((folder / "index.json").read_text())["sequences"]
    entry = next(step for step in steps if step["name"] == "glz/eviction")
    data = (folder / "glz" / "eviction.stream").read_bytes()
    values = []
    for step in entry["steps"]:
        stream = data[step["offset"] : step["offset"] + step["size"]]
        image = _of(ImageType.GLZ_RGB, step["width"], step["height"], lz_rgb=BinaryData(stream))
        values.append(copy(_WHERE, image, _AREA))
    late = _of(ImageType.GLZ_RGB, 4, 1, lz_rgb=BinaryData(_stream("glz-before_the_window")))
    return _shows(values, [copy(rect(20, 20, 24, 21), late, rect(0, 0, 4, 1))], make)


SCENARIOS: dict[str, Callable[[Make], bool]] = {
    **_DRAWN,
    "unseen-images-not-kept": _drawn(copy(rect(90, 90, 106, 102), _kept(1), _AREA), copy(_WHERE, cached(5), _AREA)),
    "cache-never-emptied": _drawn(
        copy(_WHERE, _kept(1), _AREA),
        display.InvalAllPixmaps(()),
        copy(_WHERE, _kept(77), _AREA),
        copy(rect(2, 18, 18, 30), cached(5), _AREA),
    ),
    "palettes-never-dropped": _drawn(
        copy(_WHERE, _with_palette(0xFF0000, 1), _AREA),
        display.InvalAllPalettes(),
        copy(_WHERE, _with_palette(0x00FF00, 1), _AREA),
        copy(rect(2, 18, 18, 30), _with_palette(0, 2), _AREA),
    ),
    "no-glz-eviction": _evicted,
    "heads-outside-fatal": _left_out(
        display.MonitorsConfig(1, (display.Head(monitor_id=0, surface_id=0, width=99, height=9, x=0, y=0, flags=0),))
    ),
    "fixed-surface-size": _drawn(display.SurfaceDestroy(0), replace(_surface(0), width=40, height=20)),
    "unknown-surfaces-are-the-screen": _left_out(fill(_WHERE, solid(0xFFFFFF), surface_id=9)),
    "large-surfaces-are-cut": _left_out(_HUGE, copy(_WHERE, of_surface(3), _AREA)),
    "no-end-of-a-style": _left_out(_stroke((3, 4), (25, 20), style=(0, 0))),
    "unknown-image-type-fatal": _unknown_type,
    "shows-what-memory-held": _broken(ImageType.LZ4, "lz4", "lz4-too_few_pixels", 3, 1),
    "sizes-wrap": _broken(ImageType.LZ_RGB, "lz_rgb", "lz-size_overflow", 65536, 65536),
    "shows-pictures-without-pixels": _broken(ImageType.LZ_RGB, "lz_rgb", "lz-width_0", 0, 5),
    "indices-without-colour-fatal": _left_out(copy(_WHERE, indexed(_indices(40), _palette(2)), rect(0, 0, 0, 0))),
    "shows-rows-that-are-too-short": _short_rows,
    "any-quic-header": _broken(ImageType.QUIC, "quic", "quic-version"),
    "quic-runs-beyond-the-row": _broken(ImageType.QUIC, "quic", "quic-run_beyond_row"),
    "any-lz-version": _broken(ImageType.LZ_RGB, "lz_rgb", "lz-version"),
    "lz-matches-before-the-first-pixel": _broken(ImageType.LZ_RGB, "lz_rgb", "lz-match_first"),
    "any-glz-version": _broken(ImageType.GLZ_RGB, "lz_rgb", "glz-version"),
    "glz-matches-before-the-first-pixel": _broken(ImageType.GLZ_RGB, "lz_rgb", "glz-match_before_start"),
    "inflates-without-end": _left_out(
        copy(_WHERE, _of(ImageType.ZLIB_GLZ_RGB, zlib_glz=ZlibGlzRGBData(0xFFFFFFFF, _stream("zlib_glz-size_huge"))), _AREA)
    ),
    "lz4-of-any-format": _broken(ImageType.LZ4, "lz4", "lz4-format_0", 3, 1),
    "jpeg-of-any-samples": _broken(ImageType.JPEG, "jpeg", "jpeg-bits_12"),
    "jpeg-alpha-without-alpha": _left_out(
        copy(_WHERE, _of(ImageType.JPEG_ALPHA, 7, 5, jpeg_alpha=JPEGAlphaData(1, 651, _stream("jpeg_alpha-no_alpha"))), _AREA)
    ),
    "colours-not-above-alpha": _colours_kept,
}
