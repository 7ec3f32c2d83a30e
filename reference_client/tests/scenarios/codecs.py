"""Faults of codecs (spec/06-codecs.md): the golden images are not what they should be; and of heads."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from reference_client.tests.conversations import Make, alive
from reference_client.tests.scripted import session
from spiceproto.canvas.display import Display
from spiceproto.codecs import glz
from spiceproto.enums.display import AlphaFlags, SurfaceFlags, SurfaceFmt
from spiceproto.enums.image import BitmapFlags, ImageFlags, ImageType, JpegAlphaFlags, LzImageType
from spiceproto.enums.link import ChannelType
from spiceproto.messages import display
from spiceproto.messages.draw import AlphaBlend
from spiceproto.messages.image import BinaryData, Image, ImageDescriptor, JPEGAlphaData, LZPLTData, Palette, ZlibGlzRGBData
from spiceproto.tests.canvas_messages import base, copy, fill, rect, solid
from spiceproto.tests.vectors import FOLDER, Vectors

_SIDE = 128
_VECTORS = Vectors()
_FIELDS = {"QUIC": "quic", "LZ": "lz_rgb", "GLZ": "lz_rgb", "LZ4": "lz4", "JPEG": "jpeg"}
_TYPES = {"LZ": ImageType.LZ_RGB, "GLZ": ImageType.GLZ_RGB}


def _image(item: dict[str, Any], stream: bytes) -> Image:
    codec = item["codec"]
    body: dict[str, Any] = {}
    kind: ImageType = _TYPES[codec] if codec in _TYPES else ImageType[codec if codec != "ZLIB_GLZ" else "ZLIB_GLZ_RGB"]
    if codec == "LZ" and item.get("palette"):
        kind, colours = ImageType.LZ_PLT, Palette(0, tuple(_VECTORS.index["palettes"][item["palette"]]))
        body["lz_plt"] = LZPLTData(flags=BitmapFlags(BitmapFlags.TOP_DOWN), palette_id=None, palette=colours, data=stream)
    elif codec == "ZLIB_GLZ":
        body["zlib_glz"] = ZlibGlzRGBData(item["glz_data_size"], stream)
    elif codec == "JPEG_ALPHA":
        body["jpeg_alpha"] = JPEGAlphaData(JpegAlphaFlags(item["flags"]), item["jpeg_size"], stream)
    else:
        body[_FIELDS[codec]] = BinaryData(stream)
    size = ImageDescriptor(id=77, type=kind, flags=ImageFlags(0), width=item["width"], height=item["height"])
    return Image(descriptor=size, **body)


def _images(name: str) -> list[Image]:
    """A golden image, or those of a sequence."""
    data = (FOLDER / f"{name}.stream").read_bytes()
    for item in _VECTORS.sequences:
        if item["name"] == name:
            return [_image(step, data[step["offset"] : step["offset"] + step["size"]]) for step in item["steps"]]
    return [_image(item, data) for item in _VECTORS.images if item["name"] == name]


def _blended(image: Image, left: int) -> Any:
    where = rect(left, 64, left + image.descriptor.width, 64 + image.descriptor.height)
    whole = rect(0, 0, image.descriptor.width, image.descriptor.height)
    data = AlphaBlend(alpha_flags=AlphaFlags(0), alpha=255, src_bitmap=image, src_area=whole)
    return display.DrawAlphaBlend(base(where), data)


def _shows(names: tuple[str, ...], clear: bool, left_out: str, make: Make) -> bool:
    """Whether the client shows these golden images, and nothing of one that is none."""
    return _same([image for name in names for image in _images(name)], clear, left_out, make)


def _same(images: list[Image], clear: bool, left_out: str, make: Make) -> bool:
    server, canvas = session(make(canvas=True)), Display()
    size = display.SurfaceCreate(
        surface_id=0, width=_SIDE, height=_SIDE, format=SurfaceFmt._32_xRGB, flags=SurfaceFlags.PRIMARY
    )
    values: list[Any] = [size, fill(rect(0, 0, 90, _SIDE), solid(0x3060A0))]
    for place, image in enumerate(images):
        width, height = image.descriptor.width, image.descriptor.height
        where = rect(12 * place, 0, 12 * place + width, height)
        values.append(_blended(image, 12 * place) if clear else copy(where, image, rect(0, 0, width, height)))
    for value in values:
        server.line(ChannelType.DISPLAY).send(value)
        canvas.draw(value)
    assert not canvas.problems, canvas.problems[0].error
    if left_out:
        item = {"codec": "LZ", "width": 13, "height": 12}
        image = _image(item, (FOLDER / "invalid" / f"{left_out}.stream").read_bytes())
        server.line(ChannelType.DISPLAY).send(copy(rect(0, 0, 13, 12), image, rect(0, 0, 13, 12)))
    return alive(server) and np.array_equal(server.client.displays[0].picture(), canvas.picture())


def _golden(*names: str) -> Callable[[Make], bool]:
    return partial(_shows, names, False, "")


def _blends(*names: str) -> Callable[[Make], bool]:
    return partial(_shows, names, True, "")


def _refuses(name: str) -> Callable[[Make], bool]:
    return partial(_shows, (), False, name)


def _repeats_what_is_far_away(make: Make) -> bool:
    """A GLZ image whose lower half is the upper once more, some 5000 pixels on."""
    half = (np.arange(90 * 60, dtype=np.uint32) * np.uint32(0x9E3779B1) >> np.uint32(8)).reshape(60, 90)
    stream = glz.encode(np.vstack([half, half]), LzImageType.RGB32, glz.Dictionary(1 << 20))
    return _same([_image({"codec": "GLZ", "width": 90, "height": 120}, stream)], False, "", make)


def _keeps_its_heads(make: Make) -> bool:
    """What was shown is shown behind a MONITORS_CONFIG without heads."""
    server = session(make(canvas=True))
    line = server.line(ChannelType.DISPLAY)
    size = display.SurfaceCreate(surface_id=0, width=8, height=8, format=SurfaceFmt._32_xRGB, flags=SurfaceFlags.PRIMARY)
    for value in (size, fill(rect(0, 0, 8, 8), solid(0x3060A0)), display.MonitorsConfig(1, ())):
        line.send(value)
    return alive(server) and bool(server.client.displays[0].picture().any())


SCENARIOS: dict[str, Callable[[Make], bool]] = {
    "quic-alpha-before-colours": _golden("quic/rgba-photo-21x13"),
    "quic-blue-first": _golden("quic/rgb32-gradient-7x5"),
    "quic-compares-bit-15": _golden("quic/rgb16-text-33x17"),
    "quic-big-endian-words": _golden("quic/rgb32-solid-1x1"),
    "quic-first-row-from-above": _golden("quic/rgb32-photo-90x2"),
    "quic-first-column-from-0": _golden("quic/rgb32-text-1x40"),
    "quic-rounds-up": _golden("quic/rgb32-noise-7x5"),
    "quic-residues-of-the-other-sign": _golden("quic/rgb32-noise-7x5"),
    "quic-low-bits-lowest-first": _golden("quic/rgb32-photo-21x13"),
    "quic-escapes-end-with-a-one": _golden("quic/rgb32-noise-7x5"),
    "quic-context-from-above": _golden("quic/rgb32-photo-21x13"),
    "quic-rows-begin-with-context-0": _golden("quic/rgb32-text-1x40"),
    "quic-runs-clear-symbols": _golden("quic/rgb24-text-50x45"),
    "quic-begins-with-code-0": _golden("quic/rgb32-solid-1x1"),
    "quic-lowest-of-equal-codes": _golden("quic/rgb32-photo-21x13"),
    "quic-costs-never-halved": _golden("quic/rgb24-text-50x45"),
    "quic-second-random-number-first": _golden("quic/rgb32-mixed-64x64"),
    "quic-runs-not-counted": _golden("quic/rgb24-text-50x45"),
    "quic-alpha-goes-on-with-colours": _blends("quic/rgba-photo-21x13"),
    "quic-runs-whatever-is-above": _golden("quic/rgb32-text-33x17"),
    "quic-no-run-behind-a-run": _golden("quic/rgb24-text-50x45"),
    "quic-runs-beyond-their-level": _golden("quic/rgb24-text-50x45"),
    "quic-ones-are-single-pixels": _golden("quic/rgb32-solid-64x64"),
    "quic-states-stay": _golden("quic/rgb32-text-33x17"),
    "lz-of-any-stride": _refuses("lz-stride"),
    "lz-always-from-the-top": _golden("lz/rgb32-text-33x17-bottom_up"),
    "lz-one-literal-less": _golden("lz/rgb32-noise-7x5"),
    "lz-lengths-go-on-once": _golden("lz/rgb32-solid-64x64"),
    "lz-same-lengths-for-all-units": _golden("lz/rgb16-text-33x17"),
    "lz-distances-from-0": _golden("lz/rgb32-text-33x17"),
    "lz-matches-copied-at-once": _golden("lz/rgb32-solid-64x64"),
    "lz-goes-on-behind-the-last-pixel": _refuses("lz-trailing"),
    "lz-red-first": _golden("lz/rgb32-noise-7x5"),
    "lz-low-byte-first": _golden("lz/rgb16-noise-7x5"),
    "lz-alpha-in-units-of-colours": _blends("lz/rgba-text-33x17"),
    "lz-rows-of-bits-without-gaps": _golden("lz/plt1_be-text-33x17"),
    "lz-alpha-alone-of-32-bits": _blends("jpeg_alpha/rgba-photo-33x17"),
    "glz-always-from-the-top": _golden("glz/rgb32"),
    "glz-images-at-most-63-back": _golden("glz/far_images"),
    "glz-offsets-of-12-bits": _repeats_what_is_far_away,
    "glz-distances-from-0": _golden("glz/rgb32"),
    "glz-offsets-from-the-top": _golden("glz/rgb32"),
    "glz-alpha-from-colours": _blends("glz/rgba"),
    "zlib-glz-cut-at-its-size": _golden("zlib_glz/rgb32"),
    "lz4-pixels-of-24-bits-with-red-first": _golden("lz4/24bit-noise-13x9"),
    "lz4-always-from-the-top": _golden("lz4/32bit-photo-21x13-bottom_up"),
    "lz4-blocks-alone": _golden("lz4/32bit-text-21x13-cut_in_rows"),
    "jpeg-from-the-bottom": _golden("jpeg/colour-photo-33x17-q85"),
    "jpeg-turned-with-its-alpha": _blends("jpeg_alpha/rgba-photo-7x5-bottom_up"),
    "no-heads-no-picture": _keeps_its_heads,
}
