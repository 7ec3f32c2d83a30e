"""Headers of image streams in reports: where they are, what they say, and what does not fit the image."""

from __future__ import annotations

import io
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spiceproto import dispatch
from spiceproto.capture.decode import Decoder
from spiceproto.codecs import stream_headers
from spiceproto.command import main
from spiceproto.derive.spans import dissect
from spiceproto.derive.strategies import bodies
from spiceproto.enums.image import BitmapFlags, ImageFlags, ImageType, JpegAlphaFlags
from spiceproto.errors import RemoteError
from spiceproto.messages.image import BinaryData, Image, ImageDescriptor, JPEGAlphaData, LZPLTData, Palette, ZlibGlzRGBData
from spiceproto.report import images, streams
from spiceproto.report.jsonl import JsonReport
from spiceproto.report.tally import Tally
from spiceproto.report.text import TextReport
from spiceproto.report.tree import TreeReport
from spiceproto.schema import display
from spiceproto.tests import canvas_messages as make
from spiceproto.tests.capture_samples import CAPTURES, Talk, ethernet, pcap
from spiceproto.tests.recorded import names, recording
from spiceproto.walk import Structure, walk

W, H = 40, 30
ROWS = dispatch.rows("display", "server")
DRAWING = sorted(ROWS[number].name for number in images.numbers("display", ROWS))


def lz(
    type: int = 8, width: int = W, height: int = H, *, top_down: int = 1, magic: bytes = b"  ZL", version: int = 0x10001
) -> bytes:
    return magic + struct.pack(">6L", version, type, width, height, 160, top_down) + b"tokens"


def glz(type: int = 8, width: int = W, height: int = H, *, id: int = 7, distance: int = 3) -> bytes:
    return b"  ZL" + struct.pack(">LBLLLQL", 0x10001, 0x10 | type, width, height, 160, id, distance) + b"tokens"


def quic(type: int = 4, width: int = W, height: int = H, *, version: int = 0) -> bytes:
    return b"QUIC" + struct.pack("<4L", version, type, width, height) + b"words"


def jpeg(width: int = W, height: int = H) -> bytes:
    frame = struct.pack(">BHHB", 8, height, width, 3) + bytes(9)
    scan = bytes(10)
    parts = [(0xC0, frame), (0xDA, scan)]
    return (
        b"\xff\xd8" + b"".join(bytes((0xFF, kind)) + struct.pack(">H", len(body) + 2) + body for kind, body in parts) + b"data"
    )


def lz4(format: int = 8, top_down: int = 1) -> bytes:
    return bytes((top_down, format)) + struct.pack(">L", 4) + b"rows"


def image(type: int, **body: Any) -> Image:
    return Image(descriptor=ImageDescriptor(id=1, type=type, flags=ImageFlags(0), width=W, height=H), **body)


def plain(type: ImageType, field: str, data: bytes) -> Image:
    return image(type, **{field: BinaryData(data=data)})


def lz_plt(data: bytes, *, cached: bool = False) -> Image:
    palette = None if cached else Palette(unique=5, ents=(1, 2, 3))
    flags = BitmapFlags.PAL_FROM_CACHE if cached else BitmapFlags(0)
    return image(ImageType.LZ_PLT, lz_plt=LZPLTData(flags=flags, palette_id=9 if cached else None, palette=palette, data=data))


def zlib_glz(data: bytes, size: int | None = None) -> Image:
    body = ZlibGlzRGBData(glz_data_size=len(data) if size is None else size, data=zlib.compress(data))
    return image(ImageType.ZLIB_GLZ_RGB, zlib_glz=body)


def jpeg_alpha(colour: bytes, alpha: bytes, *, top_down: bool = True) -> Image:
    flags = JpegAlphaFlags.TOP_DOWN if top_down else JpegAlphaFlags(0)
    return image(ImageType.JPEG_ALPHA, jpeg_alpha=JPEGAlphaData(flags=flags, jpeg_size=len(colour), data=colour + alpha))


def body_of(value: Image, *, clip: bool = False) -> bytes:
    box = make.rect(0, 0, W, H)
    clipped = make.clip(box, box) if clip else make.NO_CLIP
    return dispatch.build("display", "server", make.copy(box, value, box, clip=clipped))[1]


def look(value: Image) -> list[streams.Seen]:
    return streams.look("DRAW_COPY", body_of(value))


FITTING = {
    "QUIC": plain(ImageType.QUIC, "quic", quic()),
    "LZ": plain(ImageType.LZ_RGB, "lz_rgb", lz(9)),
    "LZ of alpha": plain(ImageType.LZ_RGB, "lz_rgb", lz(11)),
    "GLZ": plain(ImageType.GLZ_RGB, "lz_rgb", glz()),
    "LZ4": plain(ImageType.LZ4, "lz4", lz4()),
    "JPEG": plain(ImageType.JPEG, "jpeg", jpeg()),
    "LZ_PLT": lz_plt(lz(5)),
    "LZ_PLT of the cache": lz_plt(lz(1), cached=True),
    "ZLIB_GLZ": zlib_glz(glz() + bytes(5000)),
    "JPEG_ALPHA": jpeg_alpha(jpeg(), lz(10)),
    "JPEG_ALPHA bottom up": jpeg_alpha(jpeg(), lz(10, top_down=0), top_down=False),
}

WRONG = {
    "QUIC of another size": (plain(ImageType.QUIC, "quic", quic(width=41)), "QUIC of 40x30", "41x30"),
    "QUIC without type": (plain(ImageType.QUIC, "quic", quic(0)), "QUIC type GRAY, RGB16, RGB24, RGB32, RGBA", "INVALID"),
    "QUIC of another version": (plain(ImageType.QUIC, "quic", quic(version=1)), "QUIC version 0x0", "0x1"),
    "LZ of another size": (plain(ImageType.LZ_RGB, "lz_rgb", lz(height=31)), "LZ of 40x30", "40x31"),
    "LZ of a palette": (plain(ImageType.LZ_RGB, "lz_rgb", lz(5)), "LZ type RGB16, RGB24, RGB32, RGBA, A8", "PLT8"),
    "LZ with a large type": (plain(ImageType.LZ_RGB, "lz_rgb", lz(264)), "LZ type RGB16, RGB24, RGB32, RGBA, A8", "264"),
    "LZ of another version": (plain(ImageType.LZ_RGB, "lz_rgb", lz(version=0x20000)), "LZ version 0x10001", "0x20000"),
    "no LZ": (plain(ImageType.LZ_RGB, "lz_rgb", lz(magic=b"QUIC")), "LZ magic '  ZL'", "'QUIC'"),
    "GLZ of another size": (plain(ImageType.GLZ_RGB, "lz_rgb", glz(width=1)), "GLZ of 40x30", "1x30"),
    "GLZ of a palette": (plain(ImageType.GLZ_RGB, "lz_rgb", glz(4)), "GLZ type RGB16, RGB24, RGB32, RGBA", "PLT4_BE"),
    "short GLZ": (plain(ImageType.GLZ_RGB, "lz_rgb", glz()[:32]), "a GLZ header of 33 bytes", "32 bytes"),
    "LZ4 of palette": (plain(ImageType.LZ4, "lz4", lz4(5)), "LZ4 type 16BIT, 24BIT, 32BIT, RGBA, 8BIT_A", "8BIT"),
    "JPEG of another size": (plain(ImageType.JPEG, "jpeg", jpeg(41, 31)), "JPEG of 40x30", "41x31"),
    "no JPEG": (plain(ImageType.JPEG, "jpeg", b"GIF89a"), "ff d8", "47 49"),
    "LZ_PLT of colours": (lz_plt(lz(8)), "LZ type PLT1_LE, PLT1_BE, PLT4_LE, PLT4_BE, PLT8", "RGB32"),
    "LZ_PLT of another size": (lz_plt(lz(5, width=8)), "LZ of 40x30", "8x30"),
    "GLZ in zlib of another size": (zlib_glz(glz(width=41)), "GLZ of 40x30", "41x30"),
    "GLZ in zlib that is short": (zlib_glz(glz(), 20), "a GLZ header of 33 bytes", "20 bytes"),
    "alpha of another size": (jpeg_alpha(jpeg(), lz(10, height=29)), "LZ of 40x30", "40x29"),
    "alpha of another type": (jpeg_alpha(jpeg(), lz(8)), "LZ type XXXA", "RGB32"),
    "alpha upside down": (jpeg_alpha(jpeg(), lz(10, top_down=0)), "alpha with its top row first", "bottom row first"),
    "no alpha": (jpeg_alpha(jpeg(), b""), "a LZ header of 28 bytes", "0 bytes"),
}


@pytest.mark.parametrize("name", FITTING)
def test_what_fits(name: str) -> None:
    (seen,) = look(FITTING[name])
    assert seen.found.faults == () and seen.path == "data.src_bitmap"
    assert not images.doubts("display", ROWS, Tally())[304](body_of(FITTING[name])) or name not in ("QUIC", "LZ", "GLZ")


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit(name: str) -> None:
    value, expected, actual = WRONG[name]
    (seen,) = look(value)
    assert seen.found.faults == (stream_headers.Fault("image-header", expected, actual),)
    assert images.doubts("display", ROWS, Tally())[304](body_of(value))


def test_a_broken_zlib_stream() -> None:
    value = image(ImageType.ZLIB_GLZ_RGB, zlib_glz=ZlibGlzRGBData(glz_data_size=100, data=b"no zlib"))
    ((_, expected, _),) = look(value)[0].found.faults
    assert expected == "a zlib stream"


@pytest.mark.parametrize("clip", [False, True])
@pytest.mark.parametrize("name", FITTING)
def test_places_are_those_of_the_bytes(name: str, clip: bool) -> None:
    body = body_of(FITTING[name], clip=clip)
    for stream in streams.look("DRAW_COPY", body)[0].found.streams:
        if stream.place is not None and stream.codec != "JPEG":
            assert body[stream.place : stream.place + len(stream.raw)] == stream.raw
        if stream.codec == "JPEG":
            assert stream.place is not None and body[stream.place :][:2] == b"\xff\xd8" and stream.raw in body


def test_what_json_says() -> None:
    path = {"path": "data.src_bitmap"}
    lz_header = {"width": W, "height": H, "top_down": True, "version": 0x10001, "stride": 160}
    glz = path | {"codec": "GLZ", "type": "RGB32", **lz_header, "id": 7, "window_head_distance": 3}
    lz_alpha = path | {"codec": "LZ", "size": len(lz()), "inflated": False, "type": "XXXA", **lz_header}
    colours = {"codec": "JPEG", "size": len(jpeg()), "inflated": False, "type": "baseline", "width": W, "height": H}
    lz4 = {"codec": "LZ4", "size": 10, "inflated": False, "type": "32BIT", "top_down": True}
    assert [images.as_dicts(look(FITTING[name])) for name in ("GLZ", "ZLIB_GLZ", "JPEG_ALPHA", "LZ4")] == [
        [glz | {"size": 39, "inflated": False}],
        [glz | {"size": 5039, "inflated": True}],
        [path | colours | {"components": 3}, lz_alpha],
        [path | lz4],
    ]


def _images(structure: Structure, body: bytes) -> list[tuple[str, int]]:
    """Path and offset of the images of a body, masks not counted, as the schema has them."""
    return [
        (span.path, span.start)
        for span in dissect(structure, body)
        if isinstance(span.node, Structure) and span.node.name == "image.Image" and not span.path.endswith("mask.bitmap")
    ]


@pytest.mark.parametrize("name", DRAWING)
def test_images_are_where_the_schema_has_them(name: str) -> None:
    record = getattr(display, next(row.class_name for row in ROWS.values() if row.name == name))

    @settings(max_examples=60, database=None, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(bodies(record))
    def check(body: bytes) -> None:
        assert streams.places(name, body) == _images(walk(record), body)
        number = next(number for number, row in ROWS.items() if row.name == name)
        doubtful = images.doubts("display", ROWS, Tally())[number](body)
        assert doubtful or not any(seen.found.faults for seen in streams.look(name, body))

    check()


def test_every_message_with_an_image_is_looked_at() -> None:
    def reaches(structure: Structure) -> bool:
        return any(
            part.name == "image.Image" or reaches(part)
            for member in structure.members
            for part in (getattr(member.node, "target", member.node),)
            if isinstance(part, Structure) and part.name != "draw.QMask"
        )

    found = [row.name for row in ROWS.values() if reaches(walk(getattr(display, row.class_name, display.DrawCopy)))]
    assert set(found) >= set(DRAWING) and "DRAW_BLACKNESS" not in found
    assert {name for name in found if name.startswith("DRAW_")} == set(DRAWING)


def test_half_a_body_is_no_accident() -> None:
    body = body_of(FITTING["JPEG_ALPHA"], clip=True)
    for size in range(len(body)):
        streams.look("DRAW_COPY", body[:size])


def report(path: str, kind: Any) -> list[str]:
    out = io.StringIO()
    made = kind(out)
    named: dict[tuple[str | None, int], str] = {(None, 5900): "display"}
    decoder = Decoder(path, made, decode_as=named)
    made.begin(decoder, path)
    decoder.run()
    made.end(None)
    return out.getvalue().splitlines()


def capture(folder: Path, *values: Image) -> str:
    talk = Talk()
    talk.open()
    for value in values:
        body = body_of(value)
        talk.send(False, struct.pack("<HL", 304, len(body)) + body)
    talk.close()
    path = folder / "made.pcap"
    path.write_bytes(pcap(map(ethernet, talk.packets)))
    return str(path)


@pytest.mark.parametrize("kind", [TextReport, TreeReport, JsonReport])
def test_every_report_says_what_does_not_fit(tmp_path: Path, kind: Any) -> None:
    path = capture(tmp_path, FITTING["GLZ"], WRONG["GLZ of another size"][0], FITTING["QUIC"])
    problems = [line for line in report(path, kind) if "image-header" in line]
    assert len(problems) == 1
    assert "DRAW_COPY data.src_bitmap: a stream does not fit its image" in problems[0]
    assert "GLZ of 40x30" in problems[0] and "1x30" in problems[0]


def test_the_tree_shows_headers(tmp_path: Path) -> None:
    lines = report(capture(tmp_path, FITTING["GLZ"], FITTING["ZLIB_GLZ"], FITTING["JPEG_ALPHA"]), TreeReport)
    start = lines.index("    data.src_bitmap: GLZ stream of 39 bytes: RGB32 40x30, top row first, id 7, window head distance 3")
    assert lines[start + 3] == "        [87:88]    type_and_direction: 24                 18"
    assert lines[start + 8] == "        [108:112]  window_head_distance: 3                00 00 00 03"
    assert any("GLZ stream of 5039 bytes inside zlib: RGB32 40x30" in line for line in lines)
    assert any(f"JPEG stream of {len(jpeg())} bytes: baseline 40x30, components 3" in line for line in lines)
    assert any("LZ stream of 34 bytes: XXXA 40x30, top row first" in line for line in lines)


def test_json_has_the_streams_of_a_message(tmp_path: Path) -> None:
    records = [json.loads(line) for line in report(capture(tmp_path, FITTING["LZ"], FITTING["QUIC"]), JsonReport)]
    assert [[item["codec"] for item in record["streams"]] for record in records if record["record"] == "message"] == [
        ["LZ"],
        ["QUIC"],
    ]


@pytest.mark.parametrize("options", [[], ["--verbose"], ["--format", "jsonl"]])
def test_unknown_types_are_named(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decode", str(CAPTURES / "unknown-image-type.pcap"), *options]) == 0
    out = capsys.readouterr().out
    assert "110 (unknown), 8 bytes behind it" in out and "2 (RESERVED, which is never sent), 8 bytes behind it" in out
    assert out.count("unknown-image-type") - out.count("unknown-image-type.pcap") == 2 and "trailing-bytes" not in out


def test_behind_unknown_types_drawing_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", str(CAPTURES / "unknown-image-type.pcap"), "-o", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert said.err.count("an image of type 110, which means nothing") == 1
    assert said.err.count("an image of type RESERVED, which means nothing") == 1
    assert "1 display drawn" in said.out
    pixels = zlib.decompress((tmp_path / "session1-display0.png").read_bytes().split(b"IDAT")[1][:-8])
    assert bytes((0x30, 0x20, 0x10)) in pixels


CODECS = {
    "qemu-draw-auto_glz": {"GLZ", "LZ", "QUIC"},
    "qemu-draw-lz4": {"LZ4"},
    "qemu-draw-jpeg": {"JPEG"},
    "drawall-jpeg": {"JPEG", "LZ", "QUIC"},
    "drawall-auto_glz": {"GLZ", "LZ", "QUIC"},
    "andris-xvfb": {"LZ4"},
}


@pytest.mark.parametrize("name", CODECS)
def test_streams_of_recordings(name: str) -> None:
    records = [json.loads(line) for line in report(str(recording(name)), JsonReport)]
    streams = [item for record in records for item in record.get("streams", ())]
    assert {item["codec"] for item in streams} >= CODECS[name]
    assert not [record for record in records if record.get("code") in ("image-header", "unknown-image-type")]
    numbers = [item["id"] for item in streams if item["codec"] == "GLZ"]
    assert numbers == list(range(len(numbers)))


@pytest.mark.parametrize("name", names())
def test_images_of_recordings_fit(name: str) -> None:
    assert not [line for line in report(str(recording(name)), TextReport) if "image-header" in line or "unknown-image" in line]


@pytest.mark.parametrize("name", DRAWING)
def test_what_a_summary_lets_pass_can_be_doubted(name: str) -> None:
    number, row = next((number, row) for number, row in ROWS.items() if row.name == name)
    doubt = images.doubts("display", ROWS, Tally())[number]

    @settings(max_examples=60, database=None, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(bodies(getattr(display, row.class_name)), st.data())
    def check(body: bytes, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(body) - 1))
        changed = body[:place] + data.draw(st.binary(min_size=1, max_size=4)) + body[place + 1 :]
        for odd in (changed, body[:place]):
            try:
                row.summary(odd)
            except RemoteError:
                continue
            doubt(odd)

    check()
