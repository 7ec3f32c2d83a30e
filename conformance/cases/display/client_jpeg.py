"""Clients: JPEG, and JPEG with alpha in LZ (6.6, 6.7)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.display import client_lz
from conformance.cases.display.drawing import copy, descriptor, stripes
from conformance.cases.display.screen import PICTURE, RESTS, Screen
from conformance.cases.display.steps import BLEND, beside, blended
from conformance.cases.display.vectors import golden
from conformance.likeness import Likeness
from conformance.outcome import NotApplicable
from spiceproto.codecs import jpeg, lz
from spiceproto.enums.image import ImageType, JpegAlphaFlags, LzImageType
from spiceproto.errors import LocalError
from spiceproto.messages.image import BinaryData, Image, JPEGAlphaData

_FLOOR: Final = Likeness(30.0, 0.95)
"""Decoders of the same stream are within 1 of each colour, which is more than 48 dB."""

_ROWS: Final = "SPICE-CODEC-066/from-the-top"
_NEAR: Final = "SPICE-CODEC-067/near-the-original"
_ALPHA: Final = "SPICE-CODEC-046/alpha-alone"
_HALVES: Final = "SPICE-CODEC-069/two-halves"
_WITH_ALPHA: Final = (*RESTS, _ROWS, _NEAR, BLEND, *client_lz.STEPS.ids)


def _coded(pixels: Any) -> bytes:
    """A JPEG picture. Raises NotApplicable where none can be made."""
    try:
        return jpeg.encode(np.ascontiguousarray(pixels, np.uint32))
    except (ImportError, LocalError) as error:
        raise NotApplicable(f"the suite can not make JPEG pictures: {error}") from None


def _with_alpha(colours: Any, alpha: Any, *, top_down: bool = True) -> Image:
    height, width = alpha.shape
    first = _coded(colours)
    second = bytes(lz.encode(np.ascontiguousarray(alpha, np.uint8), LzImageType.XXXA, top_down=top_down))
    flags = JpegAlphaFlags.TOP_DOWN if top_down else JpegAlphaFlags(0)
    body = JPEGAlphaData(flags, len(first), first + second)
    return Image(descriptor=descriptor(ImageType.JPEG_ALPHA, width, height), jpeg_alpha=body)


def _halves(width: int, height: int) -> Any:
    """Dark grey above, light grey below."""
    return np.repeat(np.array([0x202020, 0xC0C0C0], np.uint32), height // 2)[:, None].repeat(width, 1)


@client_case(_ROWS, channel="display", tags=(PICTURE,))
def from_the_top(server: SuiteServer) -> None:
    """A JPEG picture, dark above and light below."""
    screen = Screen(server)
    image = Image(descriptor=descriptor(ImageType.JPEG, 40, 32), jpeg=BinaryData(_coded(_halves(40, 32))))
    screen.draw(*stripes(), *beside(image))
    screen.expect_same(floor=_FLOOR)


@client_case(_NEAR, channel="display", tags=(PICTURE,))
def near_the_original(server: SuiteServer) -> None:
    """JPEG pictures in colour and grey: near enough to what they were."""
    names = ("jpeg/colour-photo-33x17-q85", "jpeg/grey-photo-33x17")
    screen = Screen(server, rests=(*RESTS, _ROWS))
    screen.draw(*stripes(), *beside(*[golden(name) for name in names]))
    screen.draw(*beside(golden("jpeg/colour-text-33x17-q95"), golden("recorded/jpeg"), top=22))
    screen.expect_same(floor=_FLOOR)


@client_case(_ALPHA, channel="display", tags=(PICTURE,))
def alpha_alone(server: SuiteServer) -> None:
    """A black JPEG picture with alpha, blended: the alpha is one byte for each pixel."""
    screen = Screen(server, rests=_WITH_ALPHA)
    image = _with_alpha(np.zeros((32, 80), np.uint32), np.repeat(np.arange(8, dtype=np.uint8) * 36, 10)[None].repeat(32, 0))
    screen.draw(*stripes(), blended(image, 5, 5))
    screen.expect_same(floor=_FLOOR)


@client_case(_HALVES, channel="display", tags=(PICTURE,))
def two_halves(server: SuiteServer) -> None:
    """Colours from the top whose alpha is from the bottom, copied and blended."""
    screen = Screen(server, rests=(*_WITH_ALPHA, _ALPHA))
    alpha = np.repeat(np.array([0x30, 0xFF], np.uint8), 12)[:, None].repeat(40, 1)
    image = _with_alpha(_halves(40, 24), alpha, top_down=False)
    screen.draw(*stripes(), *beside(image), blended(image))
    screen.expect_same(floor=_FLOOR)


@client_case("SPICE-CODEC-072/colours-above-alpha", channel="display", tags=(PICTURE,))
def colours_above_alpha(server: SuiteServer) -> None:
    """JPEG_ALPHA whose colours are larger than their alpha, copied: each as it is decoded."""
    screen = Screen(server, rests=(*_WITH_ALPHA, _ALPHA, _HALVES))
    rows, columns = np.mgrid[0:24, 0:32].astype(np.uint32)
    image = _with_alpha((columns * 4 + 120) << 16 | (rows * 5 + 100) << 8 | 200, np.full((24, 32), 0x20))
    screen.draw(*stripes(), copy(image, (10, 10, 42, 34)))
    screen.expect_same(floor=_FLOOR)
