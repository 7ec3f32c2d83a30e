"""Streams that every decoder refuses: valid ones with one thing wrong, or a few tokens written by hand.

Each is refused before anything is shown. ``strict`` marks those that the reference client may take for a picture all the
same, with undefined pixels or without a look at the surplus, or wait for in vain: refusing them is this project's rule.

These are ordinary damage, one of a kind, for regression tests; nothing here is made for the weakness of any program.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any, Final

import numpy as np

from spiceproto.codecs import bitmap, glz, jpeg, lz, lz4, quic
from spiceproto.codecs.lz import LzImageType
from spiceproto.codecs.quic import QuicImageType
from spiceproto.tests.vector_maker import Maker
from spiceproto.tests.vector_pictures import as_format, digest, picture
from spiceproto.tests.vectors import Entry, format_number

__all__ = ["entries"]

HUGE: Final = 0xFFFFFFFF
GLZ_STRICT: Final = frozenset({"header_cut", "header_only", "cut_half", "match_cut", "image_before_first", "trailing"})
"""The reference client does not know where a GLZ stream ends, and waits for any number it has not."""


class _List:
    def __init__(self, maker: Maker) -> None:
        self.maker = maker
        self.found: list[Entry] = []

    def add(self, codec: str, name: str, stream: bytes, why: str, **more: Any) -> None:
        file = f"invalid/{codec.lower()}-{name}.stream"
        if file in self.maker.files:
            raise ValueError(f"two of {file}")
        self.maker.files[file] = stream
        entry = {
            "name": file.removesuffix(".stream"),
            "codec": codec,
            "size": len(stream),
            "stream_sha256": digest(stream),
            "expect": "refuse",
            "why": why,
        }
        if not more.get("strict"):
            more.pop("strict", None)
        self.found.append(entry | more)


def _put(stream: bytes, offset: int, layout: str, *values: int) -> bytes:
    """The stream with other values at an offset."""
    data = bytearray(stream)
    struct.pack_into(layout, data, offset, *values)
    return bytes(data)


def entries(maker: Maker) -> list[Entry]:
    """The entries of the index; the streams go to the maker's files."""
    found = _List(maker)
    for part in (_quic, _lz, _glz, _zlib_glz, _lz4, _jpeg, _jpeg_alpha, _bitmap):
        part(found)
    return found.found


def _quic(found: _List) -> None:
    photo = as_format(picture("photo", 13, 7), "X8R8G8B8")
    good = quic.encode(photo, QuicImageType.RGB32)
    plain = quic.encode(as_format(picture("solid", 64, 8), "GRAY8"), QuicImageType.GRAY)
    for name, stream, why in (
        ("empty", b"", "no bytes at all"),
        ("header_cut", good[:19], "the header is 20 bytes"),
        ("header_only", good[:20], "no coded pixels"),
        ("magic", _put(good, 0, "<I", 0x43495552), "the magic is 'QUIC'"),
        ("magic_swapped", _put(good, 0, ">I", 0x43495551), "the words of the header are little-endian"),
        ("version", _put(good, 4, "<I", 1), "the only version is 0"),
        ("type_0", _put(good, 8, "<I", 0), "types are 1 to 5"),
        ("type_6", _put(good, 8, "<I", 6), "types are 1 to 5"),
        ("width_0", _put(good, 12, "<I", 0), "a picture has pixels"),
        ("height_0", _put(good, 16, "<I", 0), "a picture has pixels"),
        ("width_negative", _put(good, 12, "<I", 1 << 31), "sizes are below 2^31"),
        ("height_negative", _put(good, 16, "<I", HUGE), "sizes are below 2^31"),
        ("size_overflow", _put(good, 12, "<2I", 0x10000, 0x10000), "2^32 pixels: beyond any limit, and 0 in 32 bits"),
        ("cut_half", good[: len(good) // 8 * 4], "the pixels end early"),
        ("last_word_missing", good[:-4], "a decoder reads one word ahead, so one stands behind the last bit"),
        ("height_larger", _put(good, 16, "<I", 30), "the pixels end before the last row"),
        ("run_beyond_row", _put(plain, 12, "<I", 40), "a run of equal pixels is longer than its row"),
    ):
        found.add("QUIC", name, stream, why)


def _lz_head(type: LzImageType, width: int, height: int, top_down: int = 1) -> bytes:
    return struct.pack(">7I", lz.MAGIC, lz.VERSION, type, width, height, lz.stride_of(type, width), top_down)


def _lz(found: _List) -> None:
    text = as_format(picture("text", 13, 12), "X8R8G8B8")
    good = lz.encode(text, LzImageType.RGB32)
    alpha = as_format(picture("text", 13, 12), "A8R8G8B8")
    both = lz.encode(alpha, LzImageType.RGBA)
    colour_end = len(lz.encode(alpha & np.uint32(0xFFFFFF), LzImageType.RGB32))
    rgb = _lz_head(LzImageType.RGB32, 4, 1)
    bits = lz.encode(as_format(picture("text", 33, 17), "INDEX8", palette_size=2), LzImageType.PLT1_BE)
    index = lz.encode(as_format(picture("text", 33, 17), "INDEX8", palette_size=16), LzImageType.PLT8)
    for name, stream, why in (
        ("empty", b"", "no bytes at all"),
        ("header_cut", good[:27], "the header is 28 bytes"),
        ("header_only", good[:28], "no tokens"),
        ("magic", _put(good, 0, ">I", 0x20205A4D), "the magic is '  ZL'"),
        ("magic_swapped", _put(good, 0, "<I", lz.MAGIC), "the words of the header are big-endian"),
        ("version", _put(good, 4, ">I", 0x00010002), "the only version is 1.1"),
        ("type_0", _put(good, 8, ">I", 0), "types are 1 to 11"),
        ("type_12", _put(good, 8, ">I", 12), "types are 1 to 11"),
        ("width_0", _put(good, 12, ">I", 0), "a picture has pixels"),
        ("height_0", _put(good, 16, ">I", 0), "a picture has pixels"),
        ("stride", _put(good, 20, ">I", 39), "the stride is that of the type and the width: 52"),
        ("size_overflow", _put(good, 12, ">3I", 0x10000, 0x10000, 0x40000), "2^32 pixels: beyond any limit"),
        ("cut_half", good[: len(good) // 2], "the pixels end early"),
        ("cut_last_byte", good[:-1], "the last token ends early"),
        ("height_larger", _put(good, 16, ">I", 13), "the pixels end before the last row"),
        ("literal_past_end", rgb + bytes([4, *range(15)]), "five literal pixels for a picture of four"),
        ("literal_cut", rgb + bytes([3, *range(11)]), "four literal pixels of which the last is cut"),
        ("match_past_end", rgb + bytes([0, 1, 2, 3, 4 << 5, 0]), "a match of four pixels where three are left"),
        ("match_before_start", rgb + bytes([0, 1, 2, 3, 3 << 5, 1]), "a match two pixels back behind one pixel"),
        ("match_first", rgb + bytes([4 << 5, 0]), "a match with nothing before it"),
        ("match_cut", rgb + bytes([0, 1, 2, 3, 3 << 5]), "a match without its distance"),
        ("length_cut", rgb + bytes([0, 1, 2, 3, 7 << 5, 255]), "a long length that does not end"),
        ("length_long", rgb + bytes([0, 1, 2, 3, 7 << 5, *[255] * 40, 0, 0]), "a length beyond the picture"),
        ("far_cut", rgb + bytes([0, 1, 2, 3, 3 << 5 | 31, 255, 0]), "a far distance of 16 bits that is cut"),
        ("alpha_missing", both[:colour_end], "RGBA has its alpha behind the colours"),
        ("alpha_cut", both[:-1], "the alpha ends early"),
        ("plt1_cut", bits[:-1], "the last token ends early"),
        ("plt_stride_short", _put(bits, 20, ">I", 4), "a line of 33 bits takes 5 bytes"),
        ("trailing", good + b"\0", "the stream ends with its last pixel"),
    ):
        more: Entry = {"palette": "two"} if name.startswith("plt") else {}
        found.add("LZ", name, stream, why, **more)
    found.add(
        "LZ",
        "index_without_entry",
        index,
        "an index as large as the palette: its colour is undefined",
        palette="two",
        strict=True,
    )


def _glz_head(number: int, head_distance: int, width: int = 4, type: int = 8) -> bytes:
    stride = width * (2 if type == 6 else 3 if type == 7 else 4)
    return struct.pack(">IIBIIIQI", lz.MAGIC, lz.VERSION, type | 16, width, 1, stride, number, head_distance)


def _glz_match(length: int, offset: int, distance: int) -> bytes:
    """A near match: its length field below 7, its image distance below 64."""
    return bytes((length << 5 | offset & 15, offset >> 4, distance))


def _glz(found: _List) -> None:
    text = as_format(picture("text", 13, 12), "X8R8G8B8")
    good = glz.encode(text, LzImageType.RGB32, glz.Dictionary())
    for name, stream, why in (
        ("empty", b"", "no bytes at all"),
        ("header_cut", good[:32], "the header is 33 bytes"),
        ("header_only", good[:33], "no tokens"),
        ("magic", _put(good, 0, ">I", 0x20205A4D), "the magic is '  ZL'"),
        ("version", _put(good, 4, ">I", 0x00010002), "the only version is 1.1"),
        ("width_0", _put(good, 9, ">I", 0), "a picture has pixels"),
        ("height_0", _put(good, 13, ">I", 0), "a picture has pixels"),
        ("size_overflow", _put(good, 9, ">3I", 0x10000, 0x10000, 0x40000), "2^32 pixels: beyond any limit"),
        ("cut_half", good[: len(good) // 2], "the pixels end early"),
        ("literal_past_end", _glz_head(0, 0) + bytes([4, *range(15)]), "five literal pixels for a picture of four"),
        (
            "match_past_end",
            _glz_head(0, 0) + bytes([0, 1, 2, 3]) + _glz_match(4, 0, 0),
            "a match of four pixels where three are left",
        ),
        (
            "match_before_start",
            _glz_head(0, 0) + bytes([0, 1, 2, 3]) + _glz_match(3, 1, 0),
            "a match two pixels back behind one pixel",
        ),
        ("match_cut", _glz_head(0, 0) + bytes([0, 1, 2, 3, 3 << 5, 0]), "a match of which the last byte is missing"),
        ("image_before_first", _glz_head(0, 0) + _glz_match(4, 0, 1), "a match in image number -1"),
        ("head_before_first", _put(good, 21, ">QI", 3, 4), "a window that reaches back before number 0"),
        ("trailing", good + b"\0", "the stream ends with its last pixel"),
    ):
        found.add("GLZ", name, stream, why, strict=name in GLZ_STRICT)
    # After five images of 31 x 19 and one of 1 x 1.
    after = {"sequence": "glz/rgb32", "steps": 6}
    found.add("GLZ", "id_twice", _put(good, 21, ">QI", 2, 2), "number 2 was there already", after=after, strict=True)
    found.add(
        "GLZ",
        "behind_its_image",
        _glz_head(6, 6) + _glz_match(4, 31 * 19 - 3, 2),
        "a match that ends one pixel behind the image it lies in",
        after=after,
        strict=True,
    )
    found.add(
        "GLZ",
        "other_type",
        _glz_head(6, 6, type=6) + _glz_match(2, 0, 2),
        "a match of RGB16 in an image of RGB32",
        after=after,
        strict=True,
    )
    found.add(
        "GLZ",
        "not_yet",
        _glz_head(8, 8) + _glz_match(4, 0, 1),
        "a match in image 7, which has not arrived: wait for it, do not show this one",
        after=after,
        expect="wait",
    )
    found.add(
        "GLZ",
        "before_the_window",
        _glz_head(9, 2) + _glz_match(4, 0, 9),
        "a match in image 0, which the window has long dropped",
        after={"sequence": "glz/eviction", "steps": 9},
        strict=True,
    )


def _zlib_glz(found: _List) -> None:
    inner = glz.encode(as_format(picture("text", 13, 12), "X8R8G8B8"), LzImageType.RGB32, glz.Dictionary())
    # Not compressed: the same bytes whatever the version of zlib.
    data = zlib.compress(inner, 0)
    size = len(inner)
    wrong_sum = data[:-1] + bytes((data[-1] ^ 1,))
    for name, stream, wanted, why, strict in (
        ("empty", b"", size, "no bytes at all", False),
        ("not_zlib", inner, size, "a GLZ stream that was not deflated", False),
        ("cut", data[: len(data) // 2], size, "the zlib stream ends early", False),
        ("checksum", wrong_sum, size, "the checksum of the zlib stream", True),
        ("checksum_missing", data[:-4], size, "the zlib stream has no end", True),
        ("size_larger", data, size + 1, "it inflates to less than announced", False),
        ("size_smaller", data, size - 1, "it inflates to more than announced", False),
        ("size_0", data, 0, "no GLZ stream is empty", False),
        ("size_header_cut", zlib.compress(inner[:32], 0), 32, "the GLZ header is cut", False),
        ("size_huge", data, HUGE, "more than a picture of this size can take", False),
        ("dictionary", b"\x78\xbb" + bytes(4) + data[2:], size, "a preset dictionary, which SPICE has not", False),
        ("trailing", data + b"\0", size, "bytes behind the zlib stream", True),
        ("inner_magic", zlib.compress(_put(inner, 0, ">I", 0), 0), size, "what it inflates to is no GLZ", False),
        ("inner_cut", zlib.compress(inner[:-9], 0), size - 9, "the GLZ stream in it ends early", False),
    ):
        found.add("ZLIB_GLZ", name, stream, why, glz_data_size=wanted, strict=strict)


def _lz4_blocks(format: str, *blocks: bytes) -> bytes:
    """Blocks of literals and what else is given, behind the two bytes of the header."""
    return bytes((1, format_number(format))) + b"".join(len(block).to_bytes(4, "big") + block for block in blocks)


def _literals(data: bytes) -> bytes:
    """An LZ4 block that holds up to 14 bytes as they are."""
    return bytes((len(data) << 4,)) + data


def _lz4(found: _List) -> None:
    row = bytes(range(12))
    good = _lz4_blocks("32BIT", _literals(row))
    assert lz4.decode(good, 3, 1).shape == (1, 3)
    for name, stream, why, strict in (
        ("empty", b"", "no bytes at all", False),
        ("header_cut", good[:1], "the header is 2 bytes", False),
        ("no_blocks", good[:2], "no block", False),
        ("format_0", _put(good, 1, "B", 0), "formats are 6 to 9", False),
        ("format_8bit", _put(good, 1, "B", 5), "formats are 6 to 9", False),
        ("format_8bit_a", _put(good, 1, "B", 10), "formats are 6 to 9", False),
        ("format_255", _put(good, 1, "B", 255), "formats are 6 to 9", False),
        ("size_cut", good[:5], "the size of a block is 4 bytes", False),
        ("block_cut", good[:-1], "a block ends early", False),
        ("block_size_huge", _put(good, 2, ">I", HUGE), "a block runs past the end", False),
        ("block_size_swapped", _put(good, 2, "<I", 13), "sizes of blocks are big-endian", False),
        ("block_size_0", good + bytes(4), "a block that yields nothing", False),
        ("too_many_pixels", _lz4_blocks("32BIT", _literals(row), _literals(row[:4])), "more than three pixels", False),
        (
            "match_before_start",
            _lz4_blocks("32BIT", b"\x10\x00\x02\x00" + b"\x70" + bytes(7)),
            "a match two bytes back behind one byte",
            False,
        ),
        ("match_distance_0", _lz4_blocks("32BIT", b"\x10\x00\x00\x00" + b"\x70" + bytes(7)), "a match at distance 0", False),
        ("literals_cut", _lz4_blocks("32BIT", b"\xc0" + row[:5]), "literals past the end of their block", False),
        ("too_few_pixels", _lz4_blocks("32BIT", _literals(row[:8])), "two pixels for a picture of three", True),
    ):
        found.add("LZ4", name, stream, why, width=3, height=1, strict=strict)


def _kept_jpeg(found: _List) -> bytes:
    """The colour stream that all broken ones come from: one of the valid images, so it does not change either."""
    return found.maker.files["jpeg/colour-photo-7x5-q85.stream"]


def _jpeg(found: _List) -> None:
    good = _kept_jpeg(found)
    at = {segment.marker: segment for segment in jpeg.segments(good)}
    frame, scan = at[0xC0], at[0xDA]
    size = {"width": 7, "height": 5}
    for name, stream, why, strict in (
        ("empty", b"", "no bytes at all", False),
        ("not_jpeg", b"\x89PNG" + good[4:], "a JPEG begins with ff d8", False),
        ("start_only", good[:2], "nothing behind the first marker", False),
        ("cut_in_frame_header", good[: frame.start + 6], "the frame header is cut", False),
        ("cut_before_scan", good[: scan.start], "no scan", False),
        ("cut_in_scan", good[: (scan.end + len(good)) // 2], "the coded pixels end early", True),
        ("end_missing", good[:-2] + b"\xff", "no end marker", True),
        ("no_frame_header", good[: frame.start] + good[frame.end :], "a scan without a frame header", False),
        ("frame_header_twice", good[: frame.end] + good[frame.start :], "two frame headers", False),
        ("width_0", _put(good, frame.start + 7, ">H", 0), "a picture has pixels", False),
        ("height_0", _put(good, frame.start + 5, ">H", 0), "a picture has pixels", False),
        ("size_huge", _put(good, frame.start + 5, ">HH", 0xFFFF, 0xFFFF), "beyond any limit", False),
        ("bits_12", _put(good, frame.start + 4, "B", 12), "8 bits a sample", False),
        ("components_2", _put(good, frame.start + 9, "B", 2), "3 components, or 1", False),
        ("segment_past_end", _put(good, frame.start + 2, ">H", 0xFFFF), "a segment runs past the end", False),
        ("segment_length_0", _put(good, frame.start + 2, ">H", 0), "a length counts its own two bytes", False),
    ):
        found.add("JPEG", name, stream, why, strict=strict, **size)
    found.add("JPEG", "other_size", good, "the picture is 7 x 5, the image 8 x 5", width=8, height=5)


def _jpeg_alpha(found: _List) -> None:
    colour = _kept_jpeg(found)
    alpha = as_format(picture("photo", 7, 5), "A8")
    tail = lz.encode(alpha, LzImageType.XXXA)
    both, size = colour + tail, len(colour)
    for name, stream, jpeg_size, why, strict in (
        ("empty", b"", 0, "no bytes at all", False),
        ("no_alpha", colour, size, "no alpha behind the colours", False),
        ("no_colour", tail, 0, "no colours before the alpha", False),
        ("jpeg_size_past_end", both, len(both) + 1, "the JPEG part is larger than the data", False),
        ("jpeg_size_huge", both, HUGE, "the JPEG part is larger than the data", False),
        ("jpeg_size_short", both, size - 1, "where the alpha should begin is no LZ header", False),
        ("jpeg_cut", colour[: size // 2] + tail, size // 2, "the colours end early", True),
        ("alpha_cut", both[:-3], size, "the alpha ends early", False),
        ("alpha_type", colour + lz.encode(alpha, LzImageType.A8), size, "the alpha has type XXXA", True),
        ("alpha_size", colour + lz.encode(alpha[:4].copy(), LzImageType.XXXA), size, "the alpha is 7 x 4", True),
        (
            "alpha_direction",
            colour + lz.encode(alpha, LzImageType.XXXA, top_down=False),
            size,
            "the flag says top down, the LZ header bottom up",
            True,
        ),
    ):
        found.add(
            "JPEG_ALPHA", name, stream, why, width=7, height=5, top_down=True, flags=1, jpeg_size=jpeg_size, strict=strict
        )


def _bitmap(found: _List) -> None:
    pixels = as_format(picture("gradient", 7, 5), "X8R8G8B8")
    words, stride = bitmap.encode(pixels, 8, top_down=True)
    index = as_format(picture("gradient", 7, 5), "INDEX8", palette_size=16)
    nibbles, short = bitmap.encode(index, 4, top_down=True)
    rest: Entry = {"top_down": True}
    for name, stream, kind, width, height, wanted, colours, why in (
        ("empty", b"", 8, 7, 5, stride, None, "no bytes at all"),
        ("cut", words[:-1], 8, 7, 5, stride, None, "the last row is cut"),
        ("stride_short", words, 8, 7, 5, stride - 1, None, "a row of seven pixels takes 28 bytes"),
        ("stride_0", words, 8, 7, 5, 0, None, "a row of seven pixels takes 28 bytes"),
        ("width_0", words, 8, 0, 5, stride, None, "a picture has pixels"),
        ("height_0", words, 8, 7, 0, stride, None, "a picture has pixels"),
        ("size_overflow", words, 8, 0x10000, 0x10000, 0x40000, None, "2^32 pixels: beyond any limit"),
        ("format_0", words, 0, 7, 5, stride, None, "formats are 1 to 10"),
        ("format_11", words, 11, 7, 5, stride, None, "formats are 1 to 10"),
        ("palette_missing", nibbles, 4, 7, 5, short, None, "indices need a palette"),
    ):
        more = {"type_number": kind, "width": width, "height": height, "stride": wanted, **rest}
        found.add("BITMAP", name, stream, why, **more, **({"palette": colours} if colours else {}))
    found.add(
        "BITMAP",
        "index_without_entry",
        nibbles,
        "an index beyond the palette: its colour is undefined",
        type_number=4,
        width=7,
        height=5,
        stride=short,
        palette="ten",
        strict=True,
        **rest,
    )
