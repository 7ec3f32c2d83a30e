"""What messages only name: images of the cache, and those that GLZ streams refer to."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from spiceproto import dispatch
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.decode import Decoder
from spiceproto.capture.sessions import Gathered
from spiceproto.codecs import glz
from spiceproto.codecs.glz_references import references
from spiceproto.codecs.lz import LzImageType
from spiceproto.enums.cursor import CursorFlags, CursorType
from spiceproto.enums.display import ResourceType
from spiceproto.enums.image import BitmapFlags, ImageFlags, ImageType
from spiceproto.generated.parse_codec import parse_GlzHeader
from spiceproto.messages import cursor, display
from spiceproto.messages.codec import GlzHeader
from spiceproto.messages.geometry import Point16
from spiceproto.messages.image import BinaryData, Image, ImageDescriptor, LZPLTData, Palette, ZlibGlzRGBData
from spiceproto.report import streams
from spiceproto.report.origins import Origins
from spiceproto.report.tree import TreeReport
from spiceproto.tests import canvas_messages as make
from spiceproto.tests.capture_samples import Talk, ethernet, pcap
from spiceproto.tests.recorded import recording

SIDE = 16
COPIED = SIDE * SIDE - 4
"""An encoder ends with a few literals."""

parse: Callable[[bytes], GlzHeader] = parse_GlzHeader
NOISE = np.random.default_rng(11).integers(0, 1 << 24, (2, SIDE, SIDE), np.uint32)


def encoded(*pictures: Any, kind: LzImageType = LzImageType.RGB32) -> list[bytes]:
    dictionary = glz.Dictionary(1 << 16)
    return [bytes(glz.encode(picture, kind, dictionary)) for picture in pictures]


def used(stream: bytes) -> dict[int, int]:
    header: GlzHeader = parse(stream[:33])
    return references(stream, header)


def image(type: ImageType, id: int = 1, flags: int = 0, **body: Any) -> Image:
    return Image(descriptor=ImageDescriptor(id=id, type=type, flags=ImageFlags(flags), width=SIDE, height=SIDE), **body)


def of_glz(stream: bytes) -> Image:
    return image(ImageType.GLZ_RGB, lz_rgb=BinaryData(stream))


def of_zlib(stream: bytes) -> Image:
    return image(ImageType.ZLIB_GLZ_RGB, zlib_glz=ZlibGlzRGBData(glz_data_size=len(stream), data=zlib.compress(stream)))


KEPT = image(ImageType.LZ_RGB, 5, int(ImageFlags.CACHE_ME), lz_rgb=BinaryData(bytes(40)))
AGAIN = image(ImageType.FROM_CACHE, 5)
DROP = display.InvalList((display.ResourceID(ResourceType.PIXMAP, 5),))


def drawn(value: Image) -> display.DrawCopy:
    box = make.rect(0, 0, SIDE, SIDE)
    return make.copy(box, value, box)


@pytest.mark.parametrize("kind", [LzImageType.RGB16, LzImageType.RGB24, LzImageType.RGB32, LzImageType.RGBA])
def test_references_of_an_image_that_is_made_of_two(kind: LzImageType) -> None:
    first, second = NOISE & 0x7FFF if kind is LzImageType.RGB16 else NOISE
    word = np.uint16 if kind is LzImageType.RGB16 else np.uint32
    third = np.concatenate([second[: SIDE // 2], first[SIDE // 2 :]])
    streams = encoded(*[picture.astype(word) for picture in (first, second, third, np.zeros_like(first))], kind=kind)
    found = used(streams[2])
    assert list(found) == [1, 0] and min(found.values()) > 100
    assert set(used(streams[0])) | set(used(streams[1])) <= {0}
    assert 0 not in used(streams[0]) and used(streams[3]).keys() <= {0, 1, 2}


def test_pixels_of_a_copy_are_counted() -> None:
    _, again = encoded(NOISE[0], NOISE[0])
    assert used(again) == {0: COPIED}


def test_a_stream_that_ends_early_has_those_up_to_there() -> None:
    *_, last = encoded(NOISE[0], NOISE[1], np.concatenate([NOISE[1][:8], NOISE[0][8:]]))
    header: GlzHeader = parse(last[:33])
    whole = references(last, header)
    for size in range(33, len(last)):
        found = references(last[:size], header)
        assert all(pixels <= whole[number] for number, pixels in found.items())


def report(folder: Path, *values: Any, channel: str = "display") -> list[str]:
    talk, out = Talk(), io.StringIO()
    talk.open()
    for value in values:
        number, body = dispatch.build(channel, "server", value)
        talk.send(False, struct.pack("<HL", number, len(body)) + body)
    talk.close()
    path = folder / "made.pcap"
    path.write_bytes(pcap(map(ethernet, talk.packets)))
    made = TreeReport(out)
    named: dict[tuple[str | None, int], str] = {(None, 5900): channel}
    decoder = Decoder(str(path), made, decode_as=named)
    made.begin(decoder, str(path))
    decoder.run()
    made.end(None)
    words = ("of the cache", "refers to", "more")
    lines = [line.strip() for line in out.getvalue().splitlines()]
    return [line for line in lines if line.startswith(("data", "cursor: shape")) and any(map(line.count, words))]


def test_verbose_names_what_a_cache_showed(tmp_path: Path) -> None:
    lines = report(tmp_path, drawn(AGAIN), drawn(KEPT), drawn(AGAIN), DROP, drawn(AGAIN))
    missing = "data.src_bitmap: image 0x5 of the cache, which was not seen so far"
    assert lines[0] == lines[2] == missing and len(lines) == 3
    assert lines[1].startswith("data.src_bitmap: image 0x5 of the cache, kept by message 2 (frame ")
    assert lines[1].endswith(", connection 1): LZ_RGB 16x16")


def test_verbose_names_what_a_stream_refers_to(tmp_path: Path) -> None:
    first, second, third = encoded(NOISE[0], NOISE[0], NOISE[0])
    lines = report(tmp_path, drawn(of_glz(first)), drawn(of_zlib(second)), drawn(of_glz(third)))
    (number,) = used(third)
    assert [line.partition(" (frame")[0] for line in lines] == [
        f"data.src_bitmap: refers to GLZ image 0 for {COPIED} pixels, message 1",
        f"data.src_bitmap: refers to GLZ image {number} for {COPIED} pixels, message {number + 1}",
    ]
    assert report(tmp_path, drawn(of_glz(second))) == [
        f"data.src_bitmap: refers to GLZ image 0 for {COPIED} pixels, which was not seen so far"
    ]


def test_a_stream_with_many_references_names_some(tmp_path: Path) -> None:
    pieces = np.random.default_rng(3).integers(0, 1 << 24, (12, SIDE, SIDE), np.uint32)
    mixed = np.concatenate([piece[:1] for piece in pieces[:12]])
    streams = encoded(*pieces, mixed)
    assert len(used(streams[-1])) == 12
    lines = report(tmp_path, drawn(of_glz(streams[-1])))
    assert len(lines) == 9 and lines[-1] == "data.src_bitmap: and to 4 more"


def paletted(*, again: bool = False) -> Image:
    flags = BitmapFlags.PAL_FROM_CACHE if again else BitmapFlags.PAL_CACHE_ME
    palette = None if again else Palette(unique=9, ents=(1, 2, 3))
    body = LZPLTData(flags=flags, palette_id=9 if again else None, palette=palette, data=bytes(40))
    return image(ImageType.LZ_PLT, lz_plt=body)


@pytest.mark.parametrize("drop", [display.InvalPalette(9), display.InvalAllPalettes(), display.Reset()])
def test_verbose_names_the_palette_of_a_cache(tmp_path: Path, drop: Any) -> None:
    again = drawn(paletted(again=True))
    kept, dropped = report(tmp_path, drawn(paletted()), again, drop, again)
    assert kept.startswith("data.src_bitmap: palette 0x9 of the cache, kept by message 1 (frame ")
    assert kept.endswith(": 3 colours of LZ_PLT 16x16")
    assert dropped == "data.src_bitmap: palette 0x9 of the cache, which was not seen so far"


def shape(flags: CursorFlags) -> cursor.Set:
    data = b"" if flags & CursorFlags.FROM_CACHE else bytes(4 * 8 * 8)
    head = cursor.CursorHeader(unique=7, type=CursorType.ALPHA, width=8, height=8, hot_spot_x=0, hot_spot_y=0)
    return cursor.Set(position=Point16(0, 0), visible=1, cursor=cursor.Cursor(flags, head, data))


@pytest.mark.parametrize("drop", [cursor.InvalOne(7), cursor.InvalAll(), cursor.Reset()])
def test_verbose_names_the_shape_of_a_cache(tmp_path: Path, drop: Any) -> None:
    again = shape(CursorFlags.FROM_CACHE)
    kept, dropped = report(tmp_path, shape(CursorFlags.CACHE_ME), again, drop, again, channel="cursor")
    assert kept.startswith("cursor: shape 0x7 of the cache, kept by message 1 (frame ") and kept.endswith(": ALPHA 8x8")
    assert dropped == "cursor: shape 0x7 of the cache, which was not seen so far"


def test_channels_of_a_session_share_what_has_one_number() -> None:
    session = Gathered(1)
    connections: list[Any] = [SimpleNamespace(number=number, server=("127.0.0.1", 5900)) for number in (1, 2, 3)]
    one, other, stranger = map(Conversation, connections)
    one.table = other.table = stranger.table = "display"
    one.session, other.session, stranger.session = session, session, Gathered(2)
    origins, lines = Origins(), list[str]()

    def tell(conversation: Any, name: str, value: Any) -> list[str]:
        body = dispatch.build("display", "server", value)[1] if name != "INIT" else b""
        return list(origins.message(conversation, name, value, 7, 9, streams.look(name, body)))

    init = display.Init(pixmap_cache_id=1, pixmap_cache_size=99, glz_dictionary_id=1, glz_dictionary_window_size=99)
    for conversation in (one, other, stranger):
        lines += tell(conversation, "INIT", init)
    first, again = encoded(NOISE[0], NOISE[0])
    lines += tell(one, "DRAW_COPY", drawn(KEPT)) + tell(one, "DRAW_COPY", drawn(of_glz(first)))
    assert lines == []
    assert tell(other, "DRAW_COPY", drawn(AGAIN)) == [
        "data.src_bitmap: image 0x5 of the cache, kept by message 7 (frame 9, connection 1): LZ_RGB 16x16"
    ]
    assert tell(other, "DRAW_COPY", drawn(of_glz(again))) == [
        "data.src_bitmap: refers to GLZ image 0 for 252 pixels, message 7 (frame 9, connection 1): GLZ_RGB 16x16"
    ]
    assert "not seen" in tell(stranger, "DRAW_COPY", drawn(AGAIN))[0]
    tell(other, "INVAL_ALL_PIXMAPS", display.InvalAllPixmaps(()))
    assert "not seen" in tell(one, "DRAW_COPY", drawn(AGAIN))[0]


def test_recordings_refer_to_what_they_have() -> None:
    path, out = recording("xspice-x11perf-auto_glz"), io.StringIO()
    made = TreeReport(out)
    decoder = Decoder(str(path), made)
    made.begin(decoder, str(path))
    decoder.run()
    text = out.getvalue()
    assert text.count("refers to GLZ image") > 100 and "of the cache, kept by message" in text
    assert "not seen so far" not in text
