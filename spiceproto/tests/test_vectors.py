"""The golden images: complete, unchanged, decoded to the expected pixels in both kernel tiers, refused where they are
broken, and made again from the same pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spiceproto.codecs import bitmap, glz, lz, lz4, quic, tier
from spiceproto.codecs.lz import LzImageType
from spiceproto.codecs.quic import QuicImageType
from spiceproto.enums.image import BitmapFmt
from spiceproto.errors import RemoteError
from spiceproto.tests import make_vectors
from spiceproto.tests.vector_pictures import CONTENTS, DTYPES, as_format, digest, from_file, picture, png, raw
from spiceproto.tests.vectors import FOLDER, PALETTE_TYPES, Decoded, Vectors, decode, pixel_format, psnr

VECTORS = Vectors()
TIERS: list[tier.Tier] = ["interpreted", "compiled"]
SIZE_LIMIT = 600_000
"""Bytes of the whole folder: it travels with every copy of the project."""

GLZ_TYPES = {"RGB16", "RGB24", "RGB32", "RGBA"}
TYPES = {
    "QUIC": {type.name for type in QuicImageType if type},
    "LZ": {type.name for type in LzImageType if type},
    "LZ4": {"16BIT", "24BIT", "32BIT", "RGBA"},
    "JPEG": {"COLOUR"},
    "JPEG_ALPHA": {"RGBA"},
    "BITMAP": {BitmapFmt(format).name.lstrip("_") for format in bitmap.LAYOUTS},
}
BOTH_DIRECTIONS = ("LZ", "LZ4", "JPEG_ALPHA", "BITMAP")


def every() -> Iterator[dict[str, Any]]:
    """Every image, those of sequences too."""
    yield from VECTORS.images
    for sequence in VECTORS.sequences:
        yield from sequence["steps"]


def check(entry: dict[str, Any], found: Decoded) -> None:
    expected = VECTORS.expected(entry)
    assert found.pixels.dtype == DTYPES[entry["pixel_format"]], entry["name"]
    assert raw(found.pixels, entry["pixel_format"]) == raw(expected, entry["pixel_format"]), entry["name"]
    if entry["type"] in PALETTE_TYPES:
        assert found.indices is not None
        assert np.array_equal(found.indices, VECTORS.expected(entry, "indices")), entry["name"]


@pytest.mark.parametrize("kernels", TIERS)
@pytest.mark.parametrize("codec", sorted(TYPES))
def test_images_decode_to_their_pixels(codec: str, kernels: tier.Tier) -> None:
    with tier.forced(kernels):
        for entry in VECTORS.images:
            if entry["codec"] == codec:
                check(entry, decode(entry, VECTORS.stream(entry), VECTORS.colours(entry)))


@pytest.mark.parametrize("kernels", TIERS)
@pytest.mark.parametrize("sequence", VECTORS.sequences, ids=lambda sequence: sequence["name"])
def test_sequences_decode_to_their_pixels(sequence: dict[str, Any], kernels: tier.Tier) -> None:
    with tier.forced(kernels):
        window, shown = VECTORS.play(sequence)
        names = []
        for entry, found in shown:
            check(entry, found)
            names.append(entry["name"])
    assert sorted(names) == sorted(step["name"] for step in sequence["steps"])
    assert sorted(window.image_ids) == sequence["held_at_end"]


@pytest.mark.parametrize("kernels", TIERS)
def test_invalid_streams_are_refused(kernels: tier.Tier) -> None:
    sequences = {sequence["name"]: sequence for sequence in VECTORS.sequences}
    with tier.forced(kernels):
        for entry in VECTORS.invalid:
            window = glz.Window()
            if after := entry.get("after"):
                window, shown = VECTORS.play(sequences[after["sequence"]], after["steps"])
                assert len(list(shown)) == after["steps"]
            held = window.image_ids
            with pytest.raises(RemoteError) as caught:
                decode(entry, VECTORS.stream(entry), VECTORS.colours(entry), window)
                pytest.fail(f"{entry['name']} was decoded")
            assert isinstance(caught.value, glz.MissingImage) is (entry["expect"] == "wait"), entry["name"]
            assert window.image_ids == held, entry["name"]


@pytest.mark.parametrize("kernels", TIERS)
def test_encoders_make_the_same_streams(kernels: tier.Tier) -> None:
    """Of pixels as the index has them; where only meaningless bits differ, the stream has to be the same all the same
    for QUIC. Streams recorded from the reference server are among them."""
    with tier.forced(kernels):
        for entry in VECTORS.images:
            name, codec, type = entry["name"], entry["codec"], entry["type"]
            pixels = VECTORS.expected(entry, "indices" if type in PALETTE_TYPES else "pixels")
            made: bytes
            if codec == "QUIC":
                made = quic.encode(pixels, QuicImageType[type])
            elif codec == "LZ" and "top_bits" not in name:
                made = lz.encode(pixels, LzImageType[type], top_down=entry["top_down"])
            elif codec == "BITMAP" and entry.get("padding") == "zero":
                made, stride = bitmap.encode(pixels, entry["type_number"], top_down=entry["top_down"], stride=entry["stride"])
                assert stride == entry["stride"]
            else:
                continue
            assert made == VECTORS.stream(entry), name


def test_glz_encoder_makes_the_same_streams() -> None:
    compared = 0
    for sequence in VECTORS.sequences:
        steps = sorted(sequence["steps"], key=lambda step: int(step["image_id"]))
        numbers = [step["image_id"] for step in steps]
        if numbers[-1] - numbers[0] != len(numbers) - 1 or sequence["name"] in ("recorded/zlib_glz", "recorded/glz-types"):
            continue  # images are missing that the dictionary had
        dictionary = glz.Dictionary(sequence["window_pixels"], next_id=numbers[0])
        for step in steps:
            made = glz.encode(VECTORS.expected(step), LzImageType[step["type"]], dictionary, top_down=step["top_down"])
            if step["codec"] == "GLZ":
                assert made == VECTORS.stream(step), step["name"]
                compared += 1
    assert compared > 70


def test_index_is_complete() -> None:
    for codec, types in TYPES.items():
        entries = [entry for entry in VECTORS.images if entry["codec"] == codec]
        assert {entry["type"] for entry in entries} == types
        for type in types:
            mine = [entry for entry in entries if entry["type"] == type]
            sizes = {(entry["width"], entry["height"]) for entry in mine}
            assert (1, 1) in sizes and len(sizes) > 3, (codec, type)
            if codec in BOTH_DIRECTIONS:
                assert {entry["top_down"] for entry in mine} == {True, False}, (codec, type)
    for codec in ("GLZ", "ZLIB_GLZ"):
        found = {entry["type"] for entry in every() if entry["codec"] == codec}
        assert found == GLZ_TYPES
    assert {entry["codec"] for entry in VECTORS.invalid} == {*TYPES, "GLZ", "ZLIB_GLZ"}
    assert any("waits_for" in entry for entry in every())
    names = [entry["name"] for entry in (*every(), *VECTORS.invalid)]
    assert len(names) == len(set(names))
    assert all(entry["origin"] in VECTORS.index["origins"] for entry in every())


def test_hashes_match() -> None:
    for entry in (*every(), *VECTORS.invalid):
        stream = VECTORS.stream(entry)
        assert len(stream) == entry["size"] and digest(stream) == entry["stream_sha256"], entry["name"]
    for entry in every():
        assert digest(raw(VECTORS.expected(entry), entry["pixel_format"])) == entry["pixels_sha256"], entry["name"]
        if "indices" in entry:
            assert digest(raw(VECTORS.expected(entry, "indices"), "INDEX8")) == entry["indices_sha256"], entry["name"]


def test_raw_pixel_files_hash_as_they_are() -> None:
    for entry in every():
        if entry["pixels"].endswith(".pixels"):
            data = (FOLDER / entry["pixels"]).read_bytes()
            assert digest(data) == entry["pixels_sha256"], entry["name"]


def test_palettes_fill_their_pixels() -> None:
    for entry in VECTORS.images:
        colours = VECTORS.colours(entry)
        if colours is not None:
            table = np.array(colours, np.uint32) & np.uint32(0xFFFFFF)
            assert np.array_equal(table[VECTORS.expected(entry, "indices")], VECTORS.expected(entry)), entry["name"]


def test_jpeg_tolerance_admits_the_other_way_of_libjpeg() -> None:
    from spiceproto.codecs import jpeg

    for entry in VECTORS.images:
        assert ("psnr" in entry) is entry["codec"].startswith("JPEG"), entry["name"]
        if entry["codec"] == "JPEG":
            assert entry["psnr"] >= 20
            assert psnr(VECTORS.expected(entry), jpeg.decode(VECTORS.stream(entry), fast=True)) > entry["psnr"]


def test_lz4_streams_have_blocks_that_refer_to_earlier_ones() -> None:
    import lz4.block as library

    alone = 0
    for entry in VECTORS.images:
        if entry["codec"] == "LZ4" and "cut_in_rows" in entry["name"]:
            data, offset = VECTORS.stream(entry), 2
            while offset < len(data):
                size = int.from_bytes(data[offset : offset + 4], "big")
                try:
                    library.decompress(data[offset + 4 : offset + 4 + size], uncompressed_size=1 << 16)
                except library.LZ4BlockError:
                    alone += 1
                offset += 4 + size
    assert alone
    assert lz4.decode(b"\x01\x08\x00\x00\x00\x05\x40abcd", 1, 1) == 0x636261


def test_generator_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    """Streams of libraries and PNG files count as up to date while they decode to the right pixels."""
    assert make_vectors.main(["--check"]) == 0, capsys.readouterr().out


def test_generator_without_the_streams_of_libraries(tmp_path: Path) -> None:
    """In an empty folder: streams of zlib, LZ4 and JPEG are made anew, everything else comes out the same."""
    old = FOLDER / "recorded"
    (tmp_path / "recorded").mkdir()
    for path in old.iterdir():
        (tmp_path / "recorded" / path.name).write_bytes(path.read_bytes())
    (tmp_path / "index.json").write_bytes((FOLDER / "index.json").read_bytes())
    (tmp_path / "stray.stream").write_bytes(b"")
    assert make_vectors.main(["--check"], tmp_path) == 1
    assert make_vectors.main([], tmp_path) == 0
    assert make_vectors.main(["--check"], tmp_path) == 0
    assert not (tmp_path / "stray.stream").exists()
    new = Vectors(tmp_path)
    mine = {entry["name"]: entry for entry in every()}
    for entry in new.images:
        old_entry = mine[entry["name"]]
        assert entry.keys() == old_entry.keys()
        if not entry["codec"].startswith("JPEG"):
            assert entry["pixels_sha256"] == old_entry["pixels_sha256"], entry["name"]
        if entry["origin"] != "library":
            assert entry["stream_sha256"] == old_entry["stream_sha256"], entry["name"]


@pytest.mark.parametrize("content", CONTENTS)
def test_pictures_go_through_files(content: str) -> None:
    for format in DTYPES:
        pixels = as_format(picture(content, 9, 4), format)
        assert pixels.shape == (4, 9)
        assert np.array_equal(from_file(raw(pixels, format), False, format, 9, 4), pixels)
        if format != "X1R5G5B5":
            assert np.array_equal(from_file(png(pixels, format), True, format, 9, 4), pixels)


def test_folder_is_small_and_documented() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < SIZE_LIMIT
    text = (FOLDER / "README.md").read_text("utf-8")
    for key in {key for entry in (*every(), *VECTORS.invalid, *VECTORS.sequences) for key in entry}:
        assert f"`{key}`" in text, f"README.md does not tell what {key} is"
    for type in {entry["type"] for entry in every()}:
        assert f"`{type}`" in text, type
        assert pixel_format(type) in text
