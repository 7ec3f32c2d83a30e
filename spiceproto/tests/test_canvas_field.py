"""What the field's software canvas shows, without it: where a reader would expect something else, and scenes of the fuzz.

Each sample of ``data/canvas_field.json`` is a small case in which the canvas here once showed something else, with what
spice-common with pixman 0.42.2 made of it: the rectangle that changed. ``data/canvas_scenes.json`` has scenes of the fuzz
with a digest of all surfaces after each message (:mod:`spiceproto.tests.canvas_fuzz.record` wrote them). What is excused in
:mod:`spiceproto.tests.canvas_fuzz.exceptions` is not compared.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from spiceproto.codecs import lz, lz4, quic, tier
from spiceproto.codecs.lz import LzImageType
from spiceproto.enums.display import ImageScaleMode, SurfaceFmt
from spiceproto.enums.image import BitmapFmt, ImageFlags, ImageType
from spiceproto.messages.image import BinaryData, Image, ImageDescriptor, Palette
from spiceproto.tests import canvas_messages as make
from spiceproto.tests.canvas_fuzz import record
from spiceproto.tests.canvas_fuzz.comparison import ours, unexcused
from spiceproto.tests.canvas_fuzz.exceptions import Pictures
from spiceproto.tests.canvas_fuzz.sample import scene_of, shown_after
from spiceproto.tests.canvas_messages import rect

SAMPLES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "data" / "canvas_field.json").read_text())
SCENES: list[dict[str, Any]] = json.loads(record.SCENES.read_text())
ARGB = SurfaceFmt._32_ARGB
GREY = np.full((4, 4), 0x1234, np.uint16)
WIDE = 0x218CA5
"""0x1234 with eight bits a channel."""


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample["name"] for sample in SAMPLES])
def test_command_shows_what_the_field_shows(sample: dict[str, Any]) -> None:
    whole, expected = scene_of(sample), shown_after(sample)
    shown = ours(whole.starts)
    for step in whole.steps:
        shown.draw(step.value)
    assert not shown.problems and expected is not None
    id = sample["shows"]["surface"]
    surface = shown.surfaces[id]
    pictures = Pictures(id, SurfaceFmt(surface.format), surface.pixels, expected)
    assert not unexcused(whole.steps[-1].value, pictures, Counter()).any()


@pytest.mark.parametrize("kernels", ["interpreted", "compiled"])
@pytest.mark.parametrize("sample", SCENES, ids=[sample["name"] for sample in SCENES])
def test_scene_shows_what_the_field_shows(sample: dict[str, Any], kernels: tier.Tier) -> None:
    """Every command, with images in every encoding, on surfaces of every format."""
    whole = scene_of(sample)
    with tier.forced(kernels):
        shown = ours(whole.starts)
        for step, expected in zip(whole.steps, sample["after"], strict=True):
            shown.draw(step.value)
            assert not shown.problems
            assert record.shown(whole, shown) == expected


def encoded(kind: ImageType, flags: int, **body: Any) -> Image:
    return Image(descriptor=ImageDescriptor(id=5, type=kind, flags=ImageFlags(flags), width=4, height=4), **body)


@pytest.mark.parametrize("kept", [False, True])
def test_top_byte_of_16_bits_tells_who_widened_them(kept: bool) -> None:
    """QUIC and LZ decode straight to 32 bits unless the image is kept; pixman converts the others."""
    flags = ImageFlags.CACHE_ME if kept else 0
    images = {
        "quic": encoded(ImageType.QUIC, flags, quic=BinaryData(quic.encode(GREY, quic.QuicImageType.RGB16))),
        "lz": encoded(ImageType.LZ_RGB, flags, lz_rgb=BinaryData(lz.encode(GREY, LzImageType.RGB16))),
        "lz4": encoded(ImageType.LZ4, flags, lz4=BinaryData(lz4.encode(GREY, BitmapFmt._16BIT))),
        "bitmap": make.bitmap(GREY, flags=flags),
    }
    top = {}
    for name, image in images.items():
        shown = make.display(4, 4, ARGB)
        shown.draw(make.copy(rect(0, 0, 4, 4), image, rect(0, 0, 4, 4)))
        assert not shown.problems and (make.pixels(shown) & 0xFFFFFF == WIDE).all()
        top[name] = int(make.pixels(shown)[0, 0]) >> 24
    assert top == {"quic": 255 * kept, "lz": 255 * kept, "lz4": 255, "bitmap": 255}


@pytest.mark.parametrize(("format", "top"), [(BitmapFmt._32BIT, 0x77), (BitmapFmt._24BIT, 0xFF), (BitmapFmt.RGBA, 0x77)])
def test_top_byte_of_lz4(format: BitmapFmt, top: int) -> None:
    pixels = np.full((4, 4), 0x77112233, np.uint32)
    image = encoded(ImageType.LZ4, 0, lz4=BinaryData(lz4.encode(pixels, BitmapFmt.RGBA)))
    if format == BitmapFmt._24BIT:
        image = encoded(ImageType.LZ4, 0, lz4=BinaryData(lz4.encode(pixels & 0xFFFFFF, format)))
    elif format == BitmapFmt._32BIT:
        stream = bytearray(lz4.encode(pixels, BitmapFmt.RGBA))
        stream[1] = BitmapFmt._32BIT
        image = encoded(ImageType.LZ4, 0, lz4=BinaryData(bytes(stream)))
    shown = make.display(4, 4, ARGB)
    shown.draw(make.copy(rect(0, 0, 4, 4), image, rect(0, 0, 4, 4)))
    assert not shown.problems and (make.pixels(shown) == top << 24 | 0x112233).all()


def test_palette_entries_are_copied_whole_and_count_as_opaque_when_scaled() -> None:
    indices = np.zeros((4, 4), np.uint8)
    image = make.indexed(indices, Palette(unique=0, ents=(0x40112233,)))
    copied, scaled = make.display(4, 4, ARGB), make.display(8, 8, ARGB)
    copied.draw(make.copy(rect(0, 0, 4, 4), image, rect(0, 0, 4, 4)))
    scaled.draw(make.copy(rect(0, 0, 8, 8), image, rect(0, 0, 4, 4), scale_mode=ImageScaleMode.NEAREST))
    assert (make.pixels(copied) == 0x40112233).all() and (make.pixels(scaled) == 0xFF112233).all()
    kept = replace(image, descriptor=replace(image.descriptor, flags=ImageFlags.CACHE_ME))
    scaled.draw(make.copy(rect(0, 0, 8, 8), kept, rect(0, 0, 4, 4), scale_mode=ImageScaleMode.NEAREST))
    assert (make.pixels(scaled) == 0x40112233).all()
    assert not copied.problems and not scaled.problems
