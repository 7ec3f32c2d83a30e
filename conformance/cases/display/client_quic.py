"""Clients: QUIC, one step after the other (6.1)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from conformance.cases.display.drawing import copy, descriptor, fill, patch
from conformance.cases.display.steps import BLEND, Steps, beside, blended
from spiceproto.codecs import quic
from spiceproto.enums.display import Ropd
from spiceproto.enums.image import ImageType, QuicImageType
from spiceproto.messages.image import BinaryData, Image

__all__ = ["STEPS"]

_RGB16, _RGB32, _RGBA = QuicImageType.RGB16, QuicImageType.RGB32, QuicImageType.RGBA
_AND: Final = "SPICE-DISPLAY-034/of-fills"
_TOP_BYTES: Final = "SPICE-DISPLAY-030/top-bytes-on-the-screen"
_GREY: Final = 0x010101

STEPS: Final = Steps()


def _image(pixels: Any, kind: QuicImageType = _RGB32) -> Image:
    array: Any = np.ascontiguousarray(pixels, np.uint16 if kind == _RGB16 else np.uint32)
    height, width = array.shape
    return Image(descriptor=descriptor(ImageType.QUIC, width, height), quic=BinaryData(quic.encode(array, kind)))


def _greys(*rows: list[int]) -> Image:
    return _image(np.array(rows, np.uint32) * _GREY)


# -- one pixel


@STEPS("SPICE-CODEC-005/first-bits", _AND)
def first_bits() -> list[Any]:
    """One black pixel, of which the red is looked at: its symbol is a one and then zeros, whatever the code."""
    return [*beside(_image([[0]])), fill((0, 0, 8, 8), 0xFF0000, Ropd.OP_AND)]


@STEPS("SPICE-CODEC-018/first-code")
def first_code() -> list[Any]:
    """One black pixel: three symbols 0 in the first code."""
    return beside(_image([[0]]))


@STEPS("SPICE-CODEC-011/residues")
def residues() -> list[Any]:
    """Grey pixels whose symbols read the same from both ends: residues above 0 and below."""
    return beside(*[_greys([value]) for value in (192, 31, 10, 4)])


@STEPS("SPICE-CODEC-012/low-bits")
def low_bits() -> list[Any]:
    """Grey pixels whose symbols do not."""
    return beside(*[_greys([value]) for value in (1, 45, 255, 200)])


@STEPS("SPICE-CODEC-013/escapes")
def escapes() -> list[Any]:
    """Grey pixels whose symbols are an escape in the first code."""
    return beside(*[_greys([value]) for value in (100, 150, 64, 128)])


@STEPS("SPICE-CODEC-003/red-first")
def red_first() -> list[Any]:
    """Pixels of one colour each, and mixed ones."""
    return beside(*[_image([[pixel]]) for pixel in (0xFF0000, 0x00FF00, 0x0000FF, 0x102030, 0xC0A000)])


# -- one row, one column


@STEPS("SPICE-CODEC-019/black")
def black() -> list[Any]:
    """A black row: from symbols 0 is learnt that code 0 is the best."""
    return beside(_greys([0] * 8))


@STEPS("SPICE-CODEC-002/rows")
def rows() -> list[Any]:
    """A black pixel, and one below that is not."""
    return beside(_greys([0], [100]), _greys([0], [0], [77]))


@STEPS("SPICE-CODEC-008/first-row")
def first_row() -> list[Any]:
    """Rows of two pixels, the second of which is told from the first."""
    return beside(_greys([100, 100]), _greys([100, 228]), _greys([150, 21]))


@STEPS("SPICE-CODEC-009/first-column")
def first_column() -> list[Any]:
    """Columns of two pixels."""
    return beside(_greys([100], [100]), _greys([100], [228]), _greys([150], [21]))


@STEPS("SPICE-CODEC-015/left")
def left() -> list[Any]:
    """A row in which each pixel is coded in the first code of another bucket."""
    return beside(_greys([1, 5, 15, 40, 90]))


@STEPS("SPICE-CODEC-016/above")
def above() -> list[Any]:
    """A column in which each pixel is coded in the first code of another bucket."""
    return beside(_greys([1], [5], [15], [40], [90]))


@STEPS("SPICE-CODEC-019/equal-costs")
def equal_costs() -> list[Any]:
    """A row in which codes have equal costs: the highest of them is the best."""
    return beside(_greys([1, 1, 2, 2, 3, 3, 4, 9, 9, 10]))


@STEPS("SPICE-CODEC-016/first-of-the-row-above")
def first_of_the_row_above() -> list[Any]:
    """Two rows of two equal pixels: the context of the second row is the symbol of the first column."""
    return beside(_greys([10, 10], [10, 10]))


@STEPS("SPICE-CODEC-010/half-the-sum")
def half_the_sum() -> list[Any]:
    """Pixels with neighbours to the left and above, of odd sums."""
    return beside(_greys([10, 20, 21], [30, 26, 24]), _image(patch(4, 3)))


def _rough_and_soft(width: int, rough: int, soft: int) -> Any:
    """Rows in which no two neighbours are alike, and then rows in which they are nearly."""
    rows, columns = np.mgrid[0:soft, 0:width].astype(np.uint32)
    return np.vstack([patch(width, rough), (rows * 2 + columns * 3 + rows * columns % 2) * _GREY])


@STEPS("SPICE-CODEC-020/halved")
def halved() -> list[Any]:
    """So many pixels without a run that costs are halved: rough ones, and then soft ones."""
    return beside(_image(_rough_and_soft(24, 12, 12)))


# -- alpha, and five bits


def _clear_and_opaque(width: int, height: int) -> Any:
    """Pixels of which every other one is clear: whoever multiplies colours by alpha once more sees no difference."""
    rows, columns = np.mgrid[0:height, 0:width]
    opaque = (rows + columns) % 2 == 0
    return np.where(opaque, patch(width, height) | np.uint32(0xFF000000), np.uint32(0))


@STEPS("SPICE-CODEC-002/alpha", _TOP_BYTES)
def alpha() -> list[Any]:
    """Two pixels with alpha side by side, in the first code all of them: the colours of both come first."""
    return beside(_image([[0x96646464, 0xFAE4E4E4]], _RGBA))


@STEPS("SPICE-CODEC-023/alpha", BLEND)
def own_costs() -> list[Any]:
    """Pixels with alpha, copied and blended: alpha has costs, symbols and prediction of its own."""
    image = _image(_clear_and_opaque(9, 7), _RGBA)
    return [*beside(image), blended(image)]


def _words(width: int, height: int) -> Any:
    """Pixels of five bits a channel; no two neighbours are alike."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.uint32)
    red, green, blue = (columns * 7 + rows * 3) % 32, (columns * 13 + rows * 11 + 5) % 32, (columns * 3 + rows * 17 + 9) % 32
    return (red << 10 | green << 5 | blue).astype(np.uint16)


@STEPS("SPICE-CODEC-013/five-bits")
def five_bits() -> list[Any]:
    """Pixels of five bits a channel, one and many: symbols and escapes of five codes."""
    return beside(*[_image(pixels, _RGB16) for pixels in ([[0x0421]], [[0x4210]], [[0, 0x3DEF, 0x0842]], _words(12, 9))])


# -- runs


@STEPS("SPICE-CODEC-024/above-as-well")
def run_begins() -> list[Any]:
    """Rows with equal pixels, below equal ones and others: the first is a run, the others are none."""
    first = [10, 10, 10, 10, 10, 70, 90, 20, 30, 40, 50]
    return beside(_greys(first, [5, 5, 5, 5, 5, 90, 8, 8, 8, 8, 4]), _greys([9, 9, 9, 9], [9, 9, 9, 7]))


@STEPS("SPICE-CODEC-025/again")
def run_again() -> list[Any]:
    """Equal pixels below equal ones of which the last differ: a run, and where it ends one of 0."""
    return beside(_greys([12] * 9, [5, 5, 5, 5, 5, 9, 9, 9, 7]))


@STEPS("SPICE-CODEC-027/lengths")
def lengths() -> list[Any]:
    """One long run each: ones that stand for many pixels, and what is left."""
    return [copy(_greys([3] * width, [3] * width), (1, 3 * width - 210, 1 + width, 3 * width - 208)) for width in (71, 78, 88)]


@STEPS("SPICE-CODEC-028/states")
def states() -> list[Any]:
    """Short runs one behind the other: behind each the state goes down."""
    steps = [3] * 9 + [4] * 5 + [6] * 6 + [9] * 4 + [2] * 7
    return beside(_greys([1] * 31, steps, steps, [7] * 31, steps))


@STEPS("SPICE-CODEC-017/symbols-stay")
def symbols_stay() -> list[Any]:
    """Behind a run a pixel whose context is the symbol of an earlier row."""
    return beside(_greys([10, 10, 10, 10, 33, 70, 20, 81, 9], [5, 5, 5, 5, 5, 5, 90, 7, 60]))


@STEPS("SPICE-CODEC-004/bit-15")
def bit_15() -> list[Any]:
    """Runs of pixels of five bits a channel, with bit 15 and without: it is not compared."""
    pixels = np.array([[0x1234] * 40, [0x1234] * 40, [0x0ABC] * 40, [0x0ABC] * 20 + [0x1111] * 20], np.uint16)
    return beside(_image(pixels | np.arange(40).astype(np.uint16) % 2 << 15, _RGB16))


@STEPS("SPICE-CODEC-023/runs", BLEND)
def own_runs() -> list[Any]:
    """Runs of colours and of alpha in other places: each pass has a state of runs of its own."""
    pixels = np.zeros((12, 40), np.uint32)
    pixels |= np.uint32(0x203040)
    pixels[2:, 10:] = 0x304020
    pixels[5:, 17:] = 0x102030
    found = pixels | np.uint32(0xFF000000)
    found[4:, 23:] = 0
    image = _image(found, _RGBA)
    return [*beside(image), blended(image)]


# -- levels


@STEPS("SPICE-CODEC-021/left-out")
def left_out() -> list[Any]:
    """More than 2048 pixels without a run: from then on some are left out."""
    soft = np.mgrid[0:6, 0:64].astype(np.uint16)[1] // 2 * 0x0421
    return beside(_image(np.vstack([_words(64, 34), soft + 1, _words(64, 3), soft]), _RGB16))


def _flat_and_rough(width: int, flat: int, rough: int) -> Any:
    """A flat picture, and rows without runs at its end."""
    return np.vstack([np.full((flat, width), 0x334455, np.uint32), patch(width, rough)])


@STEPS("SPICE-CODEC-026/ends-of-levels")
def ends_of_levels() -> list[Any]:
    """A flat picture of more than 2048 pixels: a run ends with the level, in the middle of a row."""
    return [copy(_image(np.full((36, 60), 0x334455, np.uint32)), (2, 2, 62, 12), (0, 26, 60, 36))]


@STEPS("SPICE-CODEC-022/runs-count")
def runs_count() -> list[Any]:
    """Rows of runs and then rows without: more than 2048 pixels together, and more than 12288."""
    small, large = _image(_flat_and_rough(60, 33, 6)), _image(_flat_and_rough(90, 138, 6))
    return [copy(small, (2, 2, 62, 12), (0, 29, 60, 39)), copy(large, (2, 20, 92, 35), (0, 129, 90, 144))]


@STEPS("SPICE-CODEC-023/levels", BLEND)
def own_levels() -> list[Any]:
    """A picture with alpha, flat and then rough, of more than 2048 pixels: each pass counts pixels of its own."""
    flat = np.full((33, 60), 0xFF334455, np.uint32)
    image = _image(np.vstack([flat, _clear_and_opaque(60, 7)]), _RGBA)
    return [copy(image, (2, 2, 62, 12), (0, 30, 60, 40)), blended(image)]
