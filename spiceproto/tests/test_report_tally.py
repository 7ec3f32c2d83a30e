"""How many images there were, of which type, and what they took."""

from __future__ import annotations

import io
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest

from spiceproto import dispatch
from spiceproto.capture.decode import Decoder
from spiceproto.enums.image import BitmapFlags, BitmapFmt, ImageFlags, ImageType, JpegAlphaFlags
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
from spiceproto.report import streams
from spiceproto.report.framed import FramedReport
from spiceproto.report.jsonl import JsonReport
from spiceproto.report.tally import Tally
from spiceproto.report.text import TextReport
from spiceproto.report.tree import TreeReport
from spiceproto.tests import canvas_messages as make
from spiceproto.tests.capture_samples import Talk, ethernet, pcap

W, H = 40, 30
PIXELS = W * H
GLZ = b"  ZL" + struct.pack(">LBLLLQL", 0x10001, 0x18, W, H, 160, 0, 0) + b"tokens"
PALETTE = Palette(unique=5, ents=(1, 2, 3))


def image(type: ImageType, flags: int = 0, **body: Any) -> Image:
    return Image(descriptor=ImageDescriptor(id=1, type=type, flags=ImageFlags(flags), width=W, height=H), **body)


def lz_plt(flags: BitmapFlags) -> Image:
    again = flags & BitmapFlags.PAL_FROM_CACHE
    body = LZPLTData(flags=flags, palette_id=9 if again else None, palette=None if again else PALETTE, data=bytes(30))
    return image(ImageType.LZ_PLT, lz_plt=body)


def bitmap(palette: Palette | None = None) -> Image:
    body = BitmapData(
        format=BitmapFmt._8BIT, flags=BitmapFlags(0), x=W, y=H, stride=W, palette_id=None, palette=palette, data=bytes(PIXELS)
    )
    return image(ImageType.BITMAP, int(ImageFlags.CACHE_ME), bitmap=body)


IMAGES = (
    image(ImageType.LZ_RGB, int(ImageFlags.CACHE_ME), lz_rgb=BinaryData(bytes(100))),
    image(ImageType.LZ_RGB, lz_rgb=BinaryData(bytes(200))),
    lz_plt(BitmapFlags.PAL_CACHE_ME),
    lz_plt(BitmapFlags.PAL_FROM_CACHE),
    bitmap(PALETTE),
    bitmap(),
    image(ImageType.GLZ_RGB, lz_rgb=BinaryData(GLZ)),
    image(ImageType.ZLIB_GLZ_RGB, zlib_glz=ZlibGlzRGBData(glz_data_size=len(GLZ), data=zlib.compress(GLZ))),
    image(ImageType.JPEG_ALPHA, jpeg_alpha=JPEGAlphaData(flags=JpegAlphaFlags(0), jpeg_size=70, data=bytes(100))),
    image(ImageType.FROM_CACHE, int(ImageFlags.CACHE_ME)),
    image(ImageType.FROM_CACHE),
)

SIZE = len(zlib.compress(GLZ))


def body_of(value: Image) -> bytes:
    box = make.rect(0, 0, W, H)
    return dispatch.build("display", "server", make.copy(box, value, box))[1]


def summed(*values: Image) -> Tally:
    tally = Tally()
    for value in values:
        streams.look("DRAW_COPY", body_of(value), tally)
    tally.fold()
    return tally


def test_types_and_codecs() -> None:
    said = summed(*IMAGES).as_dict()
    assert {name: (item["count"], item["pixels"], item["bytes"]) for name, item in said["types"].items()} == {
        "BITMAP": (2, 2 * PIXELS, 2 * PIXELS),
        "LZ_PLT": (2, 2 * PIXELS, 60),
        "LZ_RGB": (2, 2 * PIXELS, 300),
        "GLZ_RGB": (1, PIXELS, len(GLZ)),
        "FROM_CACHE": (2, 2 * PIXELS, 0),
        "ZLIB_GLZ_RGB": (1, PIXELS, SIZE),
        "JPEG_ALPHA": (1, PIXELS, 100),
    }
    assert {name: (item["count"], item["bytes"]) for name, item in said["codecs"].items()} == {
        "LZ": (5, 390),
        "GLZ": (2, 2 * len(GLZ)),
        "zlib": (1, SIZE),
        "JPEG": (1, 70),
    }
    assert said["cached"] == {"count": 3, "pixels": 3 * PIXELS}
    assert said["palettes"] == {"whole": 2, "kept": 1, "from_cache": 1}


def test_a_ratio_is_that_of_32_bits() -> None:
    said = summed(*IMAGES).as_dict()["types"]
    assert said["LZ_RGB"]["ratio"] == 32.0 and said["BITMAP"]["ratio"] == 4.0 and said["FROM_CACHE"]["ratio"] is None


def test_what_is_alike_is_added_up_at_once() -> None:
    tally = Tally()
    for _ in range(1000):
        streams.look("DRAW_COPY", body_of(IMAGES[0]), tally)
    assert len(tally.heads) == 1
    assert tally.as_dict()["types"]["LZ_RGB"]["count"] == 1000 and not tally.heads


def test_lines() -> None:
    assert list(summed(*IMAGES[:4]).lines()) == [
        f"images LZ_PLT: 2 of {2 * PIXELS} pixels in 60 bytes, 160 to 1",
        f"images LZ_RGB: 2 of {2 * PIXELS} pixels in 300 bytes, 32 to 1",
        f"streams LZ: 4 of {4 * PIXELS} pixels in 360 bytes, 53.33 to 1",
        f"images for the cache: 1 of {PIXELS} pixels",
        "palettes: 1 whole, 1 of them to be kept, 1 from the cache",
    ]
    assert list(summed(IMAGES[10]).lines()) == [f"images FROM_CACHE: 1 of {PIXELS} pixels"]
    assert list(Tally().lines()) == []


@pytest.mark.parametrize("kind", [TextReport, FramedReport, TreeReport, JsonReport])
def test_every_report_has_them(tmp_path: Path, kind: Any) -> None:
    talk, out = Talk(), io.StringIO()
    talk.open()
    for value in IMAGES:
        body = body_of(value)
        talk.send(False, struct.pack("<HL", 304, len(body)) + body)
    fill = dispatch.build("display", "server", make.fill(make.rect(0, 0, W, H), make.pattern(IMAGES[0], 0, 0)))
    talk.send(False, struct.pack("<HL", fill[0], len(fill[1])) + fill[1])
    talk.close()
    path = tmp_path / "made.pcap"
    path.write_bytes(pcap(map(ethernet, talk.packets)))
    report = kind(out)
    named: dict[tuple[str | None, int], str] = {(None, 5900): "display"}
    decoder = Decoder(str(path), report, decode_as=named)
    report.begin(decoder, str(path))
    decoder.run()
    report.end(None)
    wanted = summed(*IMAGES, IMAGES[0])
    if kind is JsonReport:
        assert json.loads(out.getvalue().splitlines()[-1])["images"] == wanted.as_dict()
    else:
        lines = [f"-- {line}" for line in wanted.lines()]
        assert out.getvalue().splitlines()[-1 - len(lines) : -1] == lines
