"""Clients: GLZ and GLZ in zlib, one step after the other (6.3, 6.4)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Final, TypeVar

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.display import client_lz
from conformance.cases.display.client_lz import continued, grey, literals
from conformance.cases.display.drawing import copy, descriptor, stripes
from conformance.cases.display.screen import PICTURE, RESTS, Screen
from conformance.cases.display.steps import BLEND, Steps, beside, blended
from conformance.outcome import NotApplicable
from spiceproto.codecs import lz
from spiceproto.enums.image import ImageType, LzImageType
from spiceproto.messages.image import BinaryData, Image, ZlibGlzRGBData

__all__ = ["STEPS"]

_RGB16, _RGB24, _RGB32, _RGBA = LzImageType.RGB16, LzImageType.RGB24, LzImageType.RGB32, LzImageType.RGBA
_HEADER: Final = struct.Struct(">IIBIIIQI")
_FAR: Final = 1 << 12
_FARTHER: Final = 1 << 17
_TOP_DOWN: Final = 16

STEPS: Final = Steps(client_lz.STEPS.ids)

_Function = TypeVar("_Function", bound=Callable[..., Any])


def _match(units: int, distance: int, offset: int, size: int = 3, *, far: bool | None = None) -> bytes:
    """A match in the image so many numbers back, or in its own, where the offset is one less than the units back."""
    length, is_far = units - (3 - size), offset >= _FAR if far is None else far
    rest, low = (distance, (offset >= _FARTHER) << 5 | offset >> 12 & 31) if is_far else (distance >> 6, distance & 63)
    more = rest.to_bytes((rest.bit_length() + 7) // 8, "little")
    found = bytes([min(length, 7) << 5 | is_far << 4 | offset & 15]) + continued(length)
    found += bytes([offset >> 4 & 255, len(more) << 6 | low]) + more
    return found + bytes([offset >> 17]) if offset >= _FARTHER else found


class _Numbered:
    """Images of one dictionary, which count up."""

    def __init__(self) -> None:
        self.count = 0

    def stream(self, width: int, height: int, tokens: bytes, kind: LzImageType, *, top_down: bool) -> bytes:
        number, direction = self.count, _TOP_DOWN if top_down else 0
        self.count += 1
        # All images before it are in the window.
        stride = lz.stride_of(kind, width)
        return _HEADER.pack(lz.MAGIC, 0x00010001, kind | direction, width, height, stride, number, number) + tokens

    def __call__(self, width: int, height: int, tokens: bytes, kind: LzImageType = _RGB32, *, top_down: bool = True) -> Image:
        data = self.stream(width, height, tokens, kind, top_down=top_down)
        return Image(descriptor=descriptor(ImageType.GLZ_RGB, width, height), lz_rgb=BinaryData(data))


def _step(id: str, *rests: str) -> Callable[[_Function], _Function]:
    """A case whose function is given a dictionary, and returns what is drawn; clients that keep none are left alone."""

    def keep(function: _Function) -> _Function:
        before = (*RESTS, *rests, *STEPS.ids)

        @wraps(function)
        def run(server: SuiteServer) -> None:
            screen = Screen(server, rests=before)
            if not screen.init.glz_dictionary_window_size:
                raise NotApplicable("the client keeps no GLZ dictionary")
            screen.draw(*stripes(), *function(_Numbered()))
            screen.expect_same()

        client_case(id, channel="display", tags=(PICTURE,))(run)
        STEPS.add(id)
        return function

    return keep


_BLACK: Final = (grey(0), grey(0))
"""Colours of pixels that shine through: whoever multiplies them by alpha once more sees no difference."""


def _greys(start: int, count: int) -> Iterable[bytes]:
    return [grey(start + 5 * number) for number in range(count)]


@_step("SPICE-CODEC-048/types-and-directions", BLEND)
def types_and_directions(image: _Numbered) -> list[Any]:
    """Pixels that stand as they are, of each type, from the top and from the bottom."""
    found = [image(2, 3, literals(*_greys(60, 6)), kind, top_down=way) for kind in (_RGB32, _RGB24) for way in (True, False)]
    found.append(image(2, 2, literals(b"\x12\x34", b"\x56\x78", b"\x03\x21", b"\x65\x43"), _RGB16, top_down=False))
    clear = image(2, 2, literals(*_greys(60, 2), *_BLACK) + literals(b"\xff", b"\xff", b"\x90", b"\xc0"), _RGBA, top_down=False)
    return [*beside(*found), blended(clear)]


@_step("SPICE-CODEC-052/in-itself")
def in_itself(image: _Numbered) -> list[Any]:
    """Matches in the image itself, also of pixels that they make."""
    tokens = literals(*_greys(60, 6)) + _match(4, 0, 4) + literals(grey(200)) + _match(9, 0, 1) + _match(3, 0, 0)
    return beside(image(23, 1, tokens))


@_step("SPICE-CODEC-053/in-another")
def in_another(image: _Numbered) -> list[Any]:
    """Matches in earlier images, which are counted from what was first in their streams."""
    first = image(5, 2, literals(*_greys(60, 10)))
    second = image(3, 2, literals(*_greys(160, 6)), top_down=False)
    third = image(6, 2, _match(4, 2, 3) + _match(4, 1, 1) + literals(grey(250)) + _match(3, 1, 0), top_down=False)
    return beside(first, second, third)


@_step("SPICE-CODEC-050/near")
def near(image: _Numbered) -> list[Any]:
    """Near matches: offsets of several hundred, and an image that is more than 64 numbers back."""
    repeated = [_match(more, 0, more - 1) for more in (40, 80, 160, 320, 320)]
    first = image(40, 25, literals(*_greys(40, 40)) + b"".join(repeated) + literals(*_greys(43, 40)))
    # Nothing is seen of those between.
    small = [copy(image(1, 1, literals(grey(number))), (90, 60, 91, 61)) for number in range(70)]
    last = image(30, 1, _match(10, 71, 17) + _match(10, 71, 270) + _match(10, 71, 965))
    return [copy(first, (2, 3, 42, 28)), *small, copy(last, (2, 40, 32, 41))]


@_step("SPICE-CODEC-051/far")
def far(image: _Numbered) -> list[Any]:
    """Far matches: offsets of more than 12 bits in the image itself, in the one before, and of more than 17."""
    start = literals(*_greys(40, 40)) + b"".join([_match(more, 0, more - 1) for more in (40, 80, 160, 320, 640, 1280, 2560)])
    width, rows = 90, 1500
    rest = width * rows - 5120 - 24
    first = image(width, rows, start + _match(12, 0, 5008) + literals(*_greys(41, 12)) + _match(rest, 0, 5119, far=True))
    second = image(40, 1, _match(10, 1, 5125) + _match(10, 1, 20) + _match(10, 1, 131117) + _match(10, 1, 131072 + 3007))
    return [copy(first, (2, 3, 92, 13), (0, 50, 90, 60)), copy(second, (2, 40, 42, 41))]


@_step("SPICE-CODEC-055/alpha-of-another", BLEND)
def alpha_of_another(image: _Numbered) -> list[Any]:
    """Matches of alpha in an earlier image, copied and blended."""
    first = image(4, 1, literals(*_greys(60, 2), *_BLACK) + literals(b"\xff", b"\xff", b"\xb0", b"\xc0"), _RGBA)
    second = image(4, 1, _match(4, 1, 0) + _match(4, 1, 0, 1), _RGBA)
    return [blended(first), blended(second, 20)]


@_step("SPICE-CODEC-058/in-zlib")
def in_zlib(image: _Numbered) -> list[Any]:
    """A GLZ image as it is, and two in zlib that refer to it and to each other."""

    def packed(width: int, tokens: bytes) -> Image:
        inner = image.stream(width, 1, tokens, _RGB32, top_down=True)
        body = ZlibGlzRGBData(len(inner), zlib.compress(inner))
        return Image(descriptor=descriptor(ImageType.ZLIB_GLZ_RGB, width, 1), zlib_glz=body)

    first = image(10, 1, literals(*_greys(60, 10)))
    second = packed(40, _match(8, 1, 2) + literals(*_greys(120, 8)) + _match(24, 0, 7))
    return beside(first, second, packed(9, _match(9, 1, 4)))
