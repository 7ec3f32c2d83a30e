"""Clients: LZ, one step after the other (6.2)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, Final

from conformance.cases.display.drawing import copy, descriptor
from conformance.cases.display.steps import BLEND, Steps, beside, blended
from conformance.cases.display.vectors import golden
from spiceproto.codecs import lz
from spiceproto.enums.image import BitmapFlags, ImageType, LzImageType
from spiceproto.messages.image import BinaryData, Image, LZPLTData, Palette

__all__ = ["STEPS", "continued", "grey", "literals", "match"]

_RGB16, _RGB24, _RGB32, _RGBA = LzImageType.RGB16, LzImageType.RGB24, LzImageType.RGB32, LzImageType.RGBA
_HEADER: Final = struct.Struct(">7I")
_MOST: Final = 32
"""Units of a token of literals."""
_NEAR: Final = 8191
_PACKED: Final = ("SPICE-IMAGE-017/bytes", "SPICE-IMAGE-015/highest-bit-first", "SPICE-IMAGE-016/high-half-first")

STEPS: Final = Steps()


# -- streams in words


def grey(value: int) -> bytes:
    """A unit of three bytes."""
    return bytes([value] * 3)


def literals(*units: bytes) -> bytes:
    """Tokens of units as they are."""
    parts = [units[at : at + _MOST] for at in range(0, len(units), _MOST)]
    return b"".join([bytes([len(part) - 1]) + b"".join(part) for part in parts])


def continued(length: int) -> bytes:
    """What stands behind the first byte of a match of such a length in its bits."""
    return b"" if length < 7 else b"\xff" * ((length - 7) // 255) + bytes([(length - 7) % 255])


def match(units: int, back: int, size: int = 3) -> bytes:
    """The token of a match of so many units, from so many units back."""
    length, distance = units - (3 - size), back - 1
    near = min(distance, _NEAR)
    found = bytes([min(length, 7) << 5 | near >> 8]) + continued(length) + bytes([near & 255])
    return found + (distance - _NEAR).to_bytes(2, "big") if distance >= _NEAR else found


def _image(width: int, height: int, tokens: bytes, kind: LzImageType = _RGB32, *, top_down: bool = True) -> Image:
    head = _HEADER.pack(lz.MAGIC, 0x00010001, kind, width, height, lz.stride_of(kind, width), top_down)
    return Image(descriptor=descriptor(ImageType.LZ_RGB, width, height), lz_rgb=BinaryData(head + tokens))


def _indexed(width: int, height: int, tokens: bytes, kind: LzImageType, colours: Sequence[int]) -> Image:
    head = _HEADER.pack(lz.MAGIC, 0x00010001, kind, width, height, lz.stride_of(kind, width), 1)
    body = LZPLTData(
        flags=BitmapFlags(BitmapFlags.TOP_DOWN), palette_id=None, palette=Palette(0, tuple(colours)), data=head + tokens
    )
    return Image(descriptor=descriptor(ImageType.LZ_PLT, width, height), lz_plt=body)


_GREYS: Final = tuple([grey(40 + 5 * number) for number in range(40)])
"""Units of which no two are alike."""


# -- units as they are


@STEPS("SPICE-CODEC-035/literals")
def units_as_they_are() -> list[Any]:
    """Rows of grey pixels that stand as they are: one, five, and forty in two tokens."""
    return beside(*[_image(len(units), 1, literals(*units)) for units in (_GREYS[:1], _GREYS[:5], _GREYS)])


@STEPS("SPICE-CODEC-033/directions")
def directions() -> list[Any]:
    """Grey rows from the top, and from the bottom."""
    tokens = literals(*_GREYS[:3])
    return beside(_image(1, 3, tokens), _image(1, 3, tokens, top_down=False))


@STEPS("SPICE-CODEC-042/blue-first")
def blue_first() -> list[Any]:
    """Pixels of one colour each, and mixed ones, of 24 and of 32 bits."""
    tokens = literals(b"\xff\0\0", b"\0\xff\0", b"\0\0\xff", b"\x10\x50\x90")
    return beside(_image(4, 1, tokens, _RGB24), _image(4, 1, tokens, _RGB32))


# -- matches


@STEPS("SPICE-CODEC-037/three-bytes-and-two")
def three_bytes_and_two() -> list[Any]:
    """Matches in equal pixels of three bytes and of two: how long they are."""
    found = []
    for size, kind in ((3, _RGB32), (2, _RGB16)):
        tokens = literals(*[b"\x2a" * size] * 9) + match(6, 9, size) + literals(b"\x55" * size) + match(4, 16, size)
        found.append(_image(20, 1, tokens, kind))
    return beside(*found)


@STEPS("SPICE-CODEC-038/near")
def near() -> list[Any]:
    """Matches in grey pixels of which no two are alike: where they lie."""
    tokens = literals(*_GREYS[:6]) + match(3, 3) + match(1, 1) + literals(_GREYS[20]) + match(5, 10) + match(6, 12)
    return beside(_image(22, 1, tokens))


def _grown(count: int) -> bytes:
    """So many pixels, forty of them as they are and the others of matches that lie before themselves."""
    found, done = literals(*_GREYS), len(_GREYS)
    while done < count:
        more = min(done, count - done, _NEAR // 2)
        found += match(more, more)
        done += more
    return found


@STEPS("SPICE-CODEC-036/long-lengths")
def long_lengths() -> list[Any]:
    """Long matches: lengths that go on in one byte, in several, and in one of 0 behind those of 255."""
    lengths = (7, 8, 40, 261, 262, 263)
    tokens = _grown(600) + b"".join([match(length, 590) for length in lengths]) + literals(*_GREYS[:31])
    return beside(_image(92, (600 + sum(lengths) + 31) // 92, tokens))


@STEPS("SPICE-CODEC-039/over-themselves")
def over_themselves() -> list[Any]:
    """Matches that are longer than they lie back."""
    return beside(_image(30, 1, literals(*_GREYS[:2]) + match(9, 2) + literals(_GREYS[9]) + match(8, 1) + match(10, 3)))


@STEPS("SPICE-CODEC-038/far")
def far() -> list[Any]:
    """Matches that lie 8191 pixels back and more."""
    last = [match(21, 8191), match(22, 8192), match(23, 8193), match(24, 8450)]
    image = _image(90, 96, _grown(8550) + b"".join(last))
    return [copy(image, (2, 3, 92, 5), (0, 94, 90, 96))]


# -- what units are


@STEPS("SPICE-CODEC-043/high-byte-first")
def high_byte_first() -> list[Any]:
    """Pixels of 16 bits of one colour each, and mixed ones."""
    words = (0x7C00, 0x03E0, 0x001F, 0x1234, 0x0443)
    return beside(_image(5, 1, literals(*[word.to_bytes(2, "big") for word in words]), _RGB16))


@STEPS("SPICE-CODEC-046/indices", *_PACKED[:1])
def indices() -> list[Any]:
    """Indices of a byte each, as they are."""
    colours = [number * 0x0B1705 & 0xFFFFFF for number in range(200)]
    return beside(
        _indexed(9, 1, literals(*[bytes([number]) for number in (0, 1, 2, 3, 50, 100, 199, 7, 9)]), LzImageType.PLT8, colours)
    )


@STEPS("SPICE-CODEC-037/one-byte", *_PACKED[:1])
def one_byte() -> list[Any]:
    """Matches of indices."""
    tokens = literals(*[bytes([number]) for number in range(7)]) + match(4, 6, 1) + match(3, 1, 1) + literals(b"\5")
    return beside(_indexed(15, 1, tokens, LzImageType.PLT8, [number * 0x201008 for number in range(7)]))


@STEPS("SPICE-CODEC-044/alpha", BLEND)
def alpha() -> list[Any]:
    """Pixels with alpha, copied and blended: alpha has tokens of its own, in which matches look at alpha."""
    # Opaque colours and black ones: whoever multiplies them by alpha once more sees no difference.
    colours = literals(*_GREYS[:6], *[grey(0)] * 2) + match(10, 1)
    alphas = literals(*[b"\xff"] * 6, *[bytes([40 * number]) for number in range(6)]) + match(3, 5, 1) + match(3, 4, 1)
    image = _image(6, 3, colours + alphas, _RGBA)
    return [*beside(image), blended(image)]


@STEPS("SPICE-CODEC-045/rows-of-bytes", *_PACKED)
def rows_of_bytes() -> list[Any]:
    """Indices of one bit and of four, in rows that end in the middle of a byte; what stands behind them means nothing."""
    one = literals(*[bytes([byte]) for byte in (0b01011111, 0b10100111, 0b00110000)])
    four = literals(*[bytes([byte]) for byte in (0x01, 0x2F, 0x32, 0x1F, 0x03, 0x10)])
    colours = (0x102030, 0xE0C0A0, 0x2060A0, 0x905010)
    first = _indexed(5, 3, one, LzImageType.PLT1_BE, colours[:2])
    # Whatever bits behind a row say, some decoders look up their colour.
    return beside(first, _indexed(3, 3, four, LzImageType.PLT4_BE, [*colours, *[0] * 12]))


@STEPS("SPICE-CODEC-045/lowest-bits-first", *_PACKED)
def lowest_bits_first() -> list[Any]:
    """Indices of one bit and of four, the lowest to the left."""
    return beside(golden("lz/plt1_le-text-33x17"), golden("lz/plt4_le-text-33x17"))
