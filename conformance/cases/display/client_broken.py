"""Clients: images that can not be shown, sizes that no number can hold, and what only looks like an image (5.2, chapter 6)."""

from __future__ import annotations

import struct
from typing import Any, Final

import msgspec
import numpy as np

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.display.drawing import copy, descriptor, fill, patch, picture, raw, stripes
from conformance.cases.display.screen import PICTURE, Screen
from conformance.cases.display.vectors import broken, why
from conformance.outcome import NotApplicable
from spiceproto import dispatch
from spiceproto.codecs import lz, quic
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.image import BitmapFlags, BitmapFmt, ImageType, LzImageType, QuicImageType
from spiceproto.messages.image import BinaryData, Image, Palette, ZlibGlzRGBData

_WHERE: Final = (10, 10, 17, 15)


def _left_out(server: SuiteServer, images: list[tuple[str, Image]], *, look: bool = True) -> None:
    """Images that nothing is drawn of, one after the other, each followed by a sign of life."""
    screen = Screen(server)
    screen.draw(*stripes())
    for text, image in images:
        size = image.descriptor
        # As large as can be looked at: a picture of 2^32 pixels is drawn in part.
        width, height = min(max(size.width, 1), 40), min(max(size.height, 1), 30)
        screen.send(copy(image, (10, 10, 10 + width, 10 + height)), text=f"DRAW_COPY of {text}")
        if look:
            screen.survives(text)
        else:
            screen.alive(text)
    screen.draw(fill((60, 10, 80, 30), 0x204060))
    if look:
        screen.survives()


class _Odd(msgspec.Struct, frozen=True):
    """A bitmap that no sender should build: its numbers do not go with each other, or with its bytes."""

    width: int
    height: int
    stride: int
    format: int = BitmapFmt._32BIT
    size: int = 140

    @property
    def text(self) -> str:
        return f"a bitmap of {self.width} x {self.height}, {self.stride} bytes a row, format {self.format}, {self.size} bytes"

    def message(self) -> tuple[int, bytes]:
        """DRAW_COPY of it: one that goes together, with other numbers in it."""
        pixels = bytes(range(60, 200))
        value = copy(raw(pixels, BitmapFmt._32BIT, 7, 5, 28), _WHERE)
        number, body = dispatch.build("display", "server", value)
        assert body.endswith(pixels)
        head = struct.pack("<BBIII", BitmapFmt._32BIT, 4, 7, 5, 28)
        odd = struct.pack("<BBIII", self.format, 4, self.width, self.height, self.stride)
        body = body[: len(body) - len(pixels) + self.size].replace(head, odd)
        return number, body.replace(struct.pack("<BBII", 0, 0, 7, 5), struct.pack("<BBII", 0, 0, self.width, self.height))


def _bitmaps_left_out(server: SuiteServer, *bitmaps: _Odd) -> None:
    screen = Screen(server)
    screen.draw(*stripes())
    for odd in bitmaps:
        screen.send_raw(*odd.message(), text=f"DRAW_COPY of {odd.text}")
        screen.survives(odd.text)
    screen.draw(fill((60, 10, 80, 30), 0x204060))
    screen.survives()


def _vectors(*names: str) -> list[tuple[str, Image]]:
    return [(why(name), broken(name)) for name in names]


@client_case("SPICE-IMAGE-003/unknown-type", channel="display", tags=(PICTURE,))
def unknown_type(server: SuiteServer) -> None:
    """Images of types that nobody knows: the client leaves them out, and draws what comes then."""
    screen = Screen(server)
    screen.draw(*stripes())
    value = copy(picture(patch(7, 5)), _WHERE)
    number, body = dispatch.build("display", "server", value)
    image = value.data.src_bitmap
    assert image is not None
    known = image.descriptor.id.to_bytes(8, "little") + bytes([ImageType.BITMAP])
    for kind in (2, 50, 110, 255):
        screen.send_raw(number, body.replace(known, known[:-1] + bytes([kind])), text=f"DRAW_COPY of an image of type {kind}")
        screen.survives(f"nobody knows images of type {kind}")
    screen.draw(fill((60, 10, 80, 30), 0x204060))
    screen.survives()


@client_case("SPICE-IMAGE-003/another-size", channel="display", tags=(PICTURE,))
def another_size(server: SuiteServer) -> None:
    """Streams of other sizes than their descriptors say: larger, smaller, and turned."""
    pixels = patch(12, 8)
    found = []
    for width, height in ((13, 8), (12, 9), (8, 12), (24, 4), (40, 30)):
        streams = {
            "quic": (ImageType.QUIC, quic.encode(pixels, QuicImageType.RGB32)),
            "lz_rgb": (ImageType.LZ_RGB, lz.encode(pixels, LzImageType.RGB32)),
        }
        for field, (kind, data) in streams.items():
            body: dict[str, Any] = {field: BinaryData(data)}
            image = Image(descriptor=descriptor(kind, width, height), **body)
            found.append((f"{kind.name} of 12 x 8 that is said to be {width} x {height}", image))
    _left_out(server, found, look=False)


@client_case("SPICE-IMAGE-004/quic", ("quic-cut_half", "quic-header_only"), channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-004/lz", ("lz-cut_half", "lz-header_only"), channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-004/lz4", ("lz4-too_few_pixels",), channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-004/jpeg", ("jpeg-cut_in_scan",), channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-004/glz", ("glz-cut_half",), channel="display", tags=(PICTURE,))
def ends_early(server: SuiteServer, names: tuple[str, ...]) -> None:
    """Images that end before their last pixel."""
    _left_out(server, _vectors(*names))


@client_case("SPICE-IMAGE-004/bitmap", channel="display", tags=(PICTURE,))
def bitmap_ends_early(server: SuiteServer) -> None:
    """Bitmaps without their last byte, and without any."""
    _bitmaps_left_out(server, *[_Odd(7, 5, 28, size=size) for size in (139, 28, 0)])


@client_case("SPICE-IMAGE-005/bitmaps", channel="display", tags=(PICTURE,))
def sizes_of_bitmaps(server: SuiteServer) -> None:
    """Bitmaps whose pixels, or bytes, are more than 32 bits can count."""
    sizes = ((65536, 65536, 262144), (1 << 30, 1, 0), (1 << 30, 5, 4), (7, 1 << 30, 28), (0xFFFFFFFF, 2, 28))
    _bitmaps_left_out(server, *[_Odd(*size) for size in sizes])


@client_case("SPICE-IMAGE-005/quic", "quic-size_overflow", channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-005/lz", "lz-size_overflow", channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-005/glz", "glz-size_overflow", channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-005/jpeg", "jpeg-size_huge", channel="display", tags=(PICTURE,))
def sizes_of_streams(server: SuiteServer, name: str) -> None:
    """A stream whose header says 2^32 pixels, and a descriptor that says the same."""
    _left_out(server, [(why(name), broken(name, (65536, 65536)))])


@client_case("SPICE-IMAGE-006/bitmaps", channel="display", tags=(PICTURE,))
def bitmaps_without_pixels(server: SuiteServer) -> None:
    """Bitmaps of width or height 0."""
    _bitmaps_left_out(server, _Odd(0, 5, 28), _Odd(7, 0, 28), _Odd(0, 0, 0, size=0))


@client_case("SPICE-IMAGE-006/quic", ("quic-width_0", "quic-height_0"), channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-006/lz", ("lz-width_0", "lz-height_0"), channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-006/glz", ("glz-width_0", "glz-height_0"), channel="display", tags=(PICTURE,))
def no_pixels(server: SuiteServer, names: tuple[str, ...]) -> None:
    """Pictures of width or height 0, in the descriptor as well."""
    sizes = ((0, 5), (7, 0))
    _left_out(server, [(why(name), broken(name, size)) for name, size in zip(names, sizes, strict=True)])


@client_case("SPICE-IMAGE-014/short-rows", (27, 0, 1), 8, channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-014/unknown-formats", (28,), 0, channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-014/more-unknown-formats", (28,), 11, channel="display", tags=(PICTURE,))
def no_bitmap(server: SuiteServer, strides: tuple[int, ...], format: int) -> None:
    """Bitmaps with rows that are too short, or of formats that nobody knows: bytes a row, format."""
    _bitmaps_left_out(server, *[_Odd(7, 5, stride, format) for stride in strides])


@client_case("SPICE-IMAGE-022/too-few-colours", channel="display", tags=(PICTURE,))
def too_few_colours(server: SuiteServer) -> None:
    """Indices with a palette that has none, or only two, of their colours: the client goes on."""
    indices = np.arange(35, dtype=np.uint8).reshape(5, 7)
    short = picture(indices, palette=Palette(0, (0x102030, 0x405060)))
    empty = picture(indices, palette=Palette(0, ()))
    found = [("a palette of two colours for 35 indices", short), ("a palette of no colour", empty)]
    _left_out(server, found, look=False)


@client_case("SPICE-IMAGE-022/no-palette", None, 0, channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-022/palette-that-never-came", 0x5EED, BitmapFlags.PAL_FROM_CACHE, channel="display", tags=(PICTURE,))
def no_palette(server: SuiteServer, palette_id: int | None, flags: int) -> None:
    """Indices without a palette, or with one from the cache that was never kept: the client goes on. Number, flags."""
    indices = np.arange(35, dtype=np.uint8).reshape(5, 7)
    image = picture(indices, palette_id=palette_id, palette_flags=flags)
    _left_out(server, [("indices without a palette", image)], look=False)


@client_case("SPICE-IMAGE-022/257-colours", channel="display", tags=(PICTURE,))
def too_many_colours(server: SuiteServer) -> None:
    """Indices with a palette of 257 colours, which is one more than they can name: the client goes on."""
    indices = np.arange(35, dtype=np.uint8).reshape(5, 7)
    image = picture(indices, palette=Palette(0, tuple(range(257))))
    _left_out(server, [("a palette of 257 colours", image)], look=False)


# -- streams


_HEADERS_QUIC: Final = ("empty", "header_cut", "magic", "magic_swapped", "version", "type_0", "type_6", "width_negative")
_HEADERS_LZ: Final = ("empty", "header_cut", "magic", "magic_swapped", "version", "type_0", "type_12")
_TOKENS_LZ: Final = (
    "cut_last_byte",
    "literal_past_end",
    "literal_cut",
    "match_past_end",
    "match_before_start",
    "match_first",
    "match_cut",
    "length_cut",
    "length_long",
    "alpha_missing",
)
_RUNS_QUIC: Final = ("run_beyond_row", "height_larger")
_TOKENS_GLZ: Final = ("literal_past_end", "match_past_end", "match_before_start")
_LZ4: Final = ("empty", "no_blocks", "format_0", "format_255", "size_cut", "block_cut", "block_size_huge", "match_before_start")
_JPEG: Final = ("empty", "not_jpeg", "start_only", "cut_in_frame_header", "no_frame_header", "bits_12", "components_2")
_JPEG_ALPHA: Final = ("empty", "no_alpha", "no_colour", "jpeg_size_past_end", "jpeg_size_huge", "jpeg_size_short", "alpha_cut")


def _of(codec: str, *names: str) -> tuple[str, ...]:
    return tuple([f"{codec}-{name}" for name in names])


@client_case("SPICE-CODEC-001/headers", _of("quic", *_HEADERS_QUIC), channel="display", tags=(PICTURE,))
@client_case("SPICE-CODEC-007/last-word", _of("quic", "last_word_missing"), channel="display", tags=(PICTURE,))
@client_case("SPICE-CODEC-029/runs-and-ends", _of("quic", *_RUNS_QUIC), channel="display", tags=(PICTURE,))
@client_case("SPICE-CODEC-031/headers", _of("lz", *_HEADERS_LZ), channel="display", tags=(PICTURE,))
@client_case("SPICE-CODEC-032/other-strides", _of("lz", "stride", "plt_stride_short"), channel="display", tags=(PICTURE,))
@client_case("SPICE-CODEC-040/tokens", _of("lz", *_TOKENS_LZ), channel="display", tags=(PICTURE,))
@client_case("SPICE-CODEC-041/behind-the-last", _of("lz", "trailing"), channel="display", tags=(PICTURE,))
@client_case("SPICE-CODEC-047/headers", _of("glz", "empty", "magic", "version"), channel="display", tags=(PICTURE,))
@client_case("SPICE-CODEC-056/tokens", _of("glz", *_TOKENS_GLZ), channel="display", tags=(PICTURE,))
@client_case("SPICE-CODEC-068/headers", _of("jpeg", *_JPEG), channel="display", tags=(PICTURE,))
@client_case("SPICE-CODEC-071/two-halves", _of("jpeg_alpha", *_JPEG_ALPHA), channel="display", tags=(PICTURE,))
def broken_streams(server: SuiteServer, names: tuple[str, ...]) -> None:
    """Streams that are none, one after the other."""
    _left_out(server, _vectors(*names))


@client_case("SPICE-CODEC-063/blocks", channel="display", tags=(PICTURE,))
def broken_lz4(server: SuiteServer) -> None:
    """LZ4 data without a block, of another format, cut and broken."""
    screen = Screen(server)
    if not screen.talk.client.has(DisplayCapability.LZ4_COMPRESSION):
        raise NotApplicable("the client did not announce LZ4_COMPRESSION")
    screen.draw(*stripes())
    for text, image in _vectors(*_of("lz4", *_LZ4)):
        screen.send(copy(image, (10, 10, 13, 11)), text=f"DRAW_COPY of {text}")
        screen.survives(text)
    screen.draw(fill((60, 10, 80, 30), 0x204060))
    screen.survives()


@client_case("SPICE-CODEC-059/more-than-a-picture", channel="display", tags=(PICTURE,))
def bomb(server: SuiteServer) -> None:
    """zlib data that say 4 GiB, and data that inflate to 64 MiB: the client goes on."""
    import zlib

    zeros = zlib.compress(bytes(1 << 26), 9)
    size = descriptor(ImageType.ZLIB_GLZ_RGB, 7, 5)
    small = Image(descriptor=size, zlib_glz=ZlibGlzRGBData(1 << 26, zeros))
    huge = msgspec.structs.replace(small, zlib_glz=ZlibGlzRGBData(0xFFFFFFFF, zeros))
    found = [(why("zlib_glz-size_huge"), broken("zlib_glz-size_huge")), ("64 MiB of zeros", small), ("4 GiB of them", huge)]
    # Who takes no more memory than the picture needs may show the first.
    _left_out(server, found, look=False)
