"""Chapters 5 and 6: their programs decode the golden images, their tables are the codecs', their examples are streams."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from spiceproto.codecs import bitmap, glz, lz, lz4, quic, zlib_glz
from spiceproto.codecs.lz import LzImageType
from spiceproto.codecs.quic import QuicImageType
from spiceproto.codecs.tier import kernels
from spiceproto.derive import chapters, sentences
from spiceproto.derive.spans import dissect
from spiceproto.enums.image import BitmapFmt
from spiceproto.schema.image import Image, Palette
from spiceproto.tests.vectors import FOLDER, Vectors

CHAPTER = chapters.SPEC / "06-codecs.md"
pytestmark = pytest.mark.skipif(not CHAPTER.exists(), reason="the chapters are in a checkout only")

TEXT = CHAPTER.read_text() if CHAPTER.exists() else ""
VECTORS = Vectors()
QUIC = [item for item in VECTORS.images if item["codec"] == "QUIC"]
LZ = [item for item in VECTORS.images if item["codec"] == "LZ"]


@pytest.fixture(scope="module")
def written() -> dict[str, Any]:
    """What the programs of the text define."""
    scope: dict[str, Any] = {}
    for part in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        exec(part, scope)
    scope["RANDOM"] += numbers_of_the_text()
    return scope


def numbers_of_the_text() -> bytes:
    listing = re.search(r"all that is ever used:\n\n```text\n(.*?)```", TEXT, re.DOTALL)
    assert listing is not None
    return bytes.fromhex(listing[1])


def stream_of(item: dict[str, Any]) -> bytes:
    return (FOLDER / f"{item['name']}.stream").read_bytes()


def number(kind: int, channels: tuple[int, ...]) -> int:
    """A pixel of the text's QUIC decoder."""
    if kind == QuicImageType.GRAY:
        return channels[0]
    bits = 5 if kind == QuicImageType.RGB16 else 8
    red, green, blue, alpha = (*channels, 0)[:4]
    return alpha << 24 | red << 2 * bits | green << bits | blue


def rows_of(kind: int, rows: list[list[bytes]], width: int) -> NDArray[Any]:
    """Units of the text's LZ and GLZ decoders as the arrays of ours."""
    if kind < LzImageType.PLT8:
        format = (0, BitmapFmt._1BIT_LE, BitmapFmt._1BIT_BE, BitmapFmt._4BIT_LE, BitmapFmt._4BIT_BE)[kind]
        data = b"".join([b"".join(row) for row in rows])
        return bitmap.indices(data, format, width, len(rows), len(rows[0]), top_down=True)
    order: Any = "big" if kind == LzImageType.RGB16 else "little"
    mask = 0x7FFF if kind == LzImageType.RGB16 else 0xFFFFFFFF
    return np.array([[int.from_bytes(unit, order) & mask for unit in row] for row in rows], np.uint32)


# -- the programs


@pytest.mark.parametrize("item", QUIC, ids=lambda item: item["name"])
def test_quic_as_it_is_written(written: dict[str, Any], item: dict[str, Any]) -> None:
    """Decoder and encoder of the text agree with ours, to the bit."""
    stream = stream_of(item)
    kind, rows = written["quic_decode"](stream)
    assert np.array_equal([[number(kind, pixel) for pixel in row] for row in rows], quic.decode(stream))
    assert written["quic_encode"](kind, rows) == stream


@pytest.mark.parametrize("item", LZ, ids=lambda item: item["name"])
def test_lz_as_it_is_written(written: dict[str, Any], item: dict[str, Any]) -> None:
    stream = stream_of(item)
    kind, rows = written["lz_decode"](stream)
    expected = lz.decode(stream)
    assert np.array_equal(rows_of(kind, rows, item["width"]), expected & 0x7FFF if kind == LzImageType.RGB16 else expected)
    if kind != LzImageType.RGBA:
        lines = rows if item["top_down"] else rows[::-1]
        tokens = written["lz_write"]([unit for line in lines for unit in line], written["SIZES"].get(kind, 1))
        assert np.array_equal(lz.decode(stream[: lz.HEADER_SIZE] + tokens), expected)


@pytest.mark.parametrize("sequence", VECTORS.sequences, ids=lambda item: item["name"])
def test_glz_as_it_is_written(written: dict[str, Any], sequence: dict[str, Any]) -> None:
    """Images that refer to one that is under way wait for it, as the index says."""
    file = stream_of(sequence)
    theirs: dict[int, Any] = {}
    ours = glz.Window(sequence["window_pixels"], next_id=sequence["first_id"])
    waiting: list[bytes] = []

    def decoded(stream: bytes) -> bool:
        try:
            kind, rows = written["glz_decode"](stream, theirs)
        except KeyError:
            return False
        expected = glz.decode(stream, ours)
        mask = 0x7FFF if kind == LzImageType.RGB16 else 0xFFFFFFFF
        assert np.array_equal(rows_of(kind, rows, 0), expected & np.uint32(mask))
        return True

    for step in sequence["steps"]:
        stream = file[step["offset"] : step["offset"] + step["size"]]
        if step["codec"] == "ZLIB_GLZ":
            stream = zlib.decompress(stream)
        if "waits_for" in step:
            assert not decoded(stream)
            waiting.append(stream)
            continue
        assert decoded(stream)
        before = len(waiting) + 1
        while len(waiting) < before:
            before = len(waiting)
            waiting = [stream for stream in waiting if not decoded(stream)]
    assert not waiting


@pytest.mark.parametrize("size", [1, 2, 3])
def test_matches_of_glz_as_they_are_written(written: dict[str, Any], size: int) -> None:
    """What the text writes it reads again, whatever the length, the image and the offset."""
    image = range(1 << 25)
    for length in (3, 9, 10, 264, 265, 600):
        for distance in (1, 63, 64, 16383, 16384, (1 << 24) - 1):
            for offset in (0, 15, 16, 4095, 4096, (1 << 17) - 1, 1 << 17, (1 << 25) - length):
                token = written["glz_match"](length, distance, offset, size)
                units, at = written["glz_tokens"](token, 0, length, size, distance + 7, {7: image})
                assert (units, at) == (list(image[offset : offset + length]), len(token))


@pytest.mark.parametrize("codec", ["QUIC", "LZ", "GLZ"])
def test_what_is_written_refuses(written: dict[str, Any], codec: str) -> None:
    """But for what needs a palette, a limit of pixels, or what a window has dropped."""
    beyond = {"index_without_entry", "size_overflow", "before_the_window"}
    for item in VECTORS.invalid:
        if item["codec"] != codec or item["name"].partition("-")[2] in beyond:
            continue
        stream = stream_of(item)
        with pytest.raises((ValueError, IndexError, KeyError)):
            if codec == "GLZ":
                window: dict[int, Any] = {}
                for before in played(item):
                    written["glz_decode"](before, window)
                written["glz_decode"](stream, window)
            else:
                written["quic_decode" if codec == "QUIC" else "lz_decode"](stream)


def played(item: dict[str, Any]) -> Iterator[bytes]:
    """What comes before an invalid stream."""
    after = item.get("after", {"sequence": "", "steps": 0})
    for sequence in VECTORS.sequences:
        if sequence["name"] == after["sequence"]:
            for step in sequence["steps"][: after["steps"]]:
                yield stream_of(sequence)[step["offset"] : step["offset"] + step["size"]]


# -- tables


def test_random_numbers_and_limits(written: dict[str, Any]) -> None:
    known = kernels("quic", 1, BPC=8)
    assert numbers_of_the_text() == bytes(known.RANDOM)
    assert written["LIMITS"] == list(known.TRIGGER) == [int(cell) for cell in cells("limit of a cost")]
    assert written["RUN_BITS"] == list(known.J)


def cells(head: str, table: str = "") -> list[str]:
    """The filled cells of a row behind its head, in the table behind a text."""
    row = re.search(rf"^\| {re.escape(head)} \| (.*) \|$", TEXT[TEXT.index(table) :], re.MULTILINE)
    assert row is not None
    return [cell.strip() for cell in row[1].split("|") if cell.strip()]


@pytest.mark.parametrize("depth", [8, 5])
def test_codes(written: dict[str, Any], depth: int) -> None:
    known = kernels("quic", 1, BPC=depth)
    assert [int(cell) for cell in cells(f"{depth} bits: zeros of an escape")] == known.ZEROS
    assert [int(cell) for cell in cells(f"{depth} bits: bits behind them")] == known.ESCAPE
    first = [zeros << code for code, zeros in enumerate(known.ZEROS)]
    assert [int(cell) for cell in cells(f"{depth} bits: first symbol with an escape")] == first
    assert [written["escape_of"](code, depth) for code in range(depth)] == list(zip(known.ZEROS, known.ESCAPE, strict=True))
    buckets = [cell.replace(",", " to").split(" to ") for cell in cells(f"contexts, {depth} bits")]
    assert [int(cell[0]) for cell in buckets] == list(known.BUCKET_START)[:depth]
    assert [int(cell[-1]) + 1 for cell in buckets] == list(known.BUCKET_START)[1:]


# -- examples


def listings(text: str) -> list[bytes]:
    """The bytes of every listing with offsets."""
    found = []
    for listing in re.findall(r"```text\n(   0  [0-9a-f]{2}(?: .*?)?)```", text, re.DOTALL):
        data = b""
        for line in listing.splitlines():
            assert int(line[:4]) == len(data)
            data += bytes.fromhex(line[6:53])
        found.append(data)
    return found


def test_the_examples_decode() -> None:
    one, three, pixels, indices, first, second, deflated, blocks = listings(TEXT)
    assert quic.decode(one).tolist() == [[0x336699]]
    assert quic.decode(three).tolist() == [[10] * 7 + [13], [10] * 7 + [13], [10] * 4 + [12] * 4]
    assert quic.encode(quic.decode(three), QuicImageType.GRAY) == three
    turn = [0x102030, 0x405060, 0x708090]
    assert lz.decode(pixels).tolist() == [turn * 5 + turn[:1] * 3] and lz.encode(lz.decode(pixels), LzImageType.RGB24) == pixels
    assert indices == (FOLDER / "lz/plt1_be-gradient-7x5.stream").read_bytes()
    assert lz.decode(indices).tolist() == [[0, 0, 0, 0, 1, 1, 1]] * 5
    window = glz.Window()
    assert glz.decode(first, window).tolist() == [[*turn, 0xA0B0C0], [1] * 4]
    assert zlib_glz.inflate(deflated, len(second)) == second and (len(second), len(deflated)) == (43, 42)
    assert glz.decode(second, window).tolist() == [[0xFFFFFF, *turn[1:], 0xA0B0C0, 1, 0xFFFFFF]]
    assert lz4.decode(blocks, 8, 3).tolist() == [[0x1234] * 8] * 3


@pytest.mark.parametrize("number", [0, 1])
def test_the_bits_that_are_shown_are_those_of_the_stream(number: int) -> None:
    stream = listings(TEXT)[number]
    shown = re.findall(r"```text\n(   0  1 [01]{7} .*?)```", TEXT, re.DOTALL)[number]
    bits = ""
    for line in shown.splitlines():
        assert int(line[:4]) == len(bits)
        bits += line[6:28].replace(" ", "")
    words = b"".join([stream[at : at + 4][::-1] for at in range(quic.HEADER_SIZE, len(stream), 4)])
    whole = "".join([f"{byte:08b}" for byte in words])
    assert whole.startswith(bits) and set(whole[len(bits) :]) == {"0"} and len(whole) == -(-len(bits) // 32) * 32 + 32


def test_the_bitmap_that_is_shown() -> None:
    (data,) = listings((chapters.SPEC / "05-images.md").read_text())
    fields = {span.path: data[span.start : span.end] for span in dissect(Image, data).leaves()}
    rows = next(value for path, value in fields.items() if path.endswith("bitmap.data"))
    entries = np.frombuffer(data[54:], "<u4")
    assert len(data[44:]) == dissect(Palette, data[44:]).end
    pixels = bitmap.decode(rows, BitmapFmt._4BIT_BE, 5, 2, 4, top_down=False, palette=entries.astype(np.uint32))
    black, red, white = 0, 0xFF0000, 0xFFFFFF
    assert pixels.tolist() == [[black, red, white, white, black], [red, white, red, black, white]]


# -- vectors


def test_vectors_that_sentences_name_exist_and_none_is_left_out() -> None:
    names = {item["name"] for item in (*VECTORS.images, *VECTORS.sequences, *VECTORS.invalid)}
    named: set[str] = set()
    for id, sentence in sentences.read(chapters.SPEC).items():
        for pattern in sentence.vectors:
            found = {name for name in names if fnmatchcase(name, pattern)}
            assert found, (id, pattern)
            named |= found
    assert names - named == set()
