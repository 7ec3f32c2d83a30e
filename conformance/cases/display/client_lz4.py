"""Clients: LZ4, one step after the other (6.5)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeVar

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.display.drawing import descriptor, stripes
from conformance.cases.display.screen import PICTURE, RESTS, Screen
from conformance.cases.display.steps import Steps, beside
from conformance.cases.display.vectors import golden
from conformance.outcome import NotApplicable
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.image import BitmapFmt, ImageType
from spiceproto.messages.image import BinaryData, Image

__all__ = ["STEPS"]

STEPS: Final = Steps()

_Function = TypeVar("_Function", bound=Callable[..., Any])

_ROW: Final = bytes.fromhex("102030 00 405060 00 7080c0 00 0000f0 00")
"""Four pixels of 32BIT."""


def _block(data: bytes) -> bytes:
    """A block that has its bytes as they are: no more than fourteen."""
    return (len(data) + 1).to_bytes(4, "big") + bytes([len(data) << 4]) + data


def _image(width: int, height: int, format: BitmapFmt, *blocks: bytes, top_down: bool = True) -> Image:
    data = bytes([top_down, format]) + b"".join(blocks)
    return Image(descriptor=descriptor(ImageType.LZ4, width, height), lz4=BinaryData(data))


def _step(id: str) -> Callable[[_Function], _Function]:
    """A case whose function returns images; clients that take none are left alone."""

    def keep(function: _Function) -> _Function:
        before = (*RESTS, *STEPS.ids)

        @wraps(function)
        def run(server: SuiteServer) -> None:
            screen = Screen(server, rests=before)
            if not screen.talk.client.has(DisplayCapability.LZ4_COMPRESSION):
                raise NotApplicable("the client did not announce LZ4_COMPRESSION")
            screen.draw(*stripes(), *beside(*function()))
            screen.expect_same()

        client_case(id, channel="display", tags=(PICTURE,))(run)
        STEPS.add(id)
        return function

    return keep


@_step("SPICE-CODEC-060/formats")
def formats() -> list[Image]:
    """A row of each format, in one block."""
    words = b"".join([word.to_bytes(2, "little") for word in (0x7C00, 0x03E0, 0x001F, 0x1234, 0x0443)])
    alpha = bytes.fromhex("102030ff 405060ff 000040ff")
    return [
        _image(3, 1, BitmapFmt._32BIT, _block(_ROW[:12])),
        _image(4, 1, BitmapFmt._24BIT, _block(bytes.fromhex("102030 405060 7080c0 0000f0"))),
        _image(5, 1, BitmapFmt._16BIT, _block(words)),
        _image(3, 1, BitmapFmt.RGBA, _block(alpha)),
    ]


@_step("SPICE-CODEC-061/directions")
def directions() -> list[Image]:
    """Three rows from the top, and from the bottom."""
    return [_image(1, 3, BitmapFmt._32BIT, _block(_ROW[:12]), top_down=way) for way in (True, False)]


@_step("SPICE-CODEC-062/blocks")
def blocks() -> list[Image]:
    """Blocks that end in the middle of rows, and blocks that refer to those before them."""
    cut = _image(3, 2, BitmapFmt._32BIT, _block(_ROW[:10]), _block(_ROW[2:16]))
    return [cut, *[golden(f"lz4/{kind}-text-21x13-cut_in_rows") for kind in ("32bit", "24bit", "16bit")]]
