"""How alike two pictures are, where one of them was made by a lossy codec.

Two numbers, for each passes over what the other sees: the peak signal to noise ratio counts how far pixels are off, the
structural similarity (Wang, Bovik, Sheikh and Simoncelli, 2004) whether lines and patterns stand where they stood.
"""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = ["Likeness", "likeness", "psnr", "ssim"]

_WHITE: Final = 255.0
_LUMA: Final = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in brightness (ITU-R BT.601)."""
_WINDOW: Final = 8
"""Pixels of an edge of the squares in which structure is compared."""
_STEADY: Final = ((0.01 * _WHITE) ** 2, (0.03 * _WHITE) ** 2)
"""What keeps the quotients of brightness and of structure steady where both are near to 0."""

Picture = NDArray[np.uint8]
_Plane = NDArray[np.float64]


class Likeness(msgspec.Struct, frozen=True):
    """What is enough, or what was found: decibels, and from -1 to 1."""

    psnr: float
    ssim: float

    def reaches(self, floor: Likeness) -> bool:
        """Whether it is enough."""
        return self.psnr >= floor.psnr and self.ssim >= floor.ssim

    def __str__(self) -> str:
        return f"{self.psnr:.1f} dB, SSIM {self.ssim:.3f}"


def likeness(one: Picture, other: Picture) -> Likeness:
    """Of two pictures of one size, ``uint8 (h, w, 3)``, red first."""
    return Likeness(psnr(one, other), ssim(one, other))


def psnr(one: Picture, other: Picture) -> float:
    """Peak signal to noise ratio in decibels; infinite for equal pictures."""
    error = float(np.square(one.astype(np.float64) - other).mean())
    return float("inf") if error == 0 else 10 * float(np.log10(_WHITE * _WHITE / error))


def ssim(one: Picture, other: Picture) -> float:
    """Mean structural similarity of brightness, over all squares of 8 x 8 pixels, or as large as the picture is."""
    a, b = (picture @ np.array(_LUMA) for picture in (one, other))
    mean_a, mean_b = _means(a), _means(b)
    spread_a, spread_b = _means(a * a) - mean_a**2, _means(b * b) - mean_b**2
    common = _means(a * b) - mean_a * mean_b
    light, structure = _STEADY
    found = (2 * mean_a * mean_b + light) * (2 * common + structure)
    found /= (mean_a**2 + mean_b**2 + light) * (spread_a + spread_b + structure)
    return float(found.mean())


def _means(plane: _Plane) -> _Plane:
    """Mean of each square."""
    height, width = (min(_WINDOW, size) for size in plane.shape)
    sums = np.zeros((plane.shape[0] + 1, plane.shape[1] + 1))
    sums[1:, 1:] = plane.cumsum(0).cumsum(1)
    found = sums[height:, width:] - sums[:-height, width:] - sums[height:, :-width] + sums[:-height, :-width]
    squares: _Plane = found / (height * width)
    return squares
