"""How a loud tone hides its neighbours: its power spreads to higher tones, and half as far to lower ones."""

from __future__ import annotations

from typing import Any

from spiceproto.codecs.primitives import primitives

P = primitives()
MODE = P.source("celt051.mode")
kernel, table, sqrt = P.kernel, P.table, P.sqrt

BINS = MODE.HISTORY // 2


def _slope(frequency: float) -> float:
    """How many Bark, which are how ears measure, a Hertz is at a frequency."""
    return 8.288e-8 * frequency / (3.4225e-16 * frequency**4 + 1) + 0.009694 / (5.476e-7 * frequency**2 + 1) + 1e-4


_HERTZ = MODE.RATE / MODE.HISTORY
DECAY = table([0.1 ** (_slope(_HERTZ * bin) * _HERTZ) for bin in range(BINS)], "float64")
"""What is left of a power one bin higher: 10 dB a Bark less."""


@kernel
def _spread(powers: Any) -> None:
    """Spread the powers of 512 bins."""
    before = powers[0]
    for bin in range(BINS):
        before = 1e-15 + powers[bin] + DECAY[bin] * (before - powers[bin])
        powers[bin] = before
    for bin in range(BINS - 1, -1, -1):
        before = 1e-15 + powers[bin] + DECAY[bin] * DECAY[bin] * (before - powers[bin])
        powers[bin] = before


@kernel
def weigh(spectrum: Any, there: Any, powers: Any) -> None:
    """Make the spectrum ``there`` that of its correlation with a sound; what is hidden counts as much as what hides it.

    Spectra are 513 pairs of a real and an imaginary part; ``powers`` is room for 512 numbers.
    """
    for bin in range(BINS):
        powers[bin] = spectrum[2 * bin] * spectrum[2 * bin] + spectrum[2 * bin + 1] * spectrum[2 * bin + 1]
    _spread(powers)
    for bin in range(BINS):
        factor = 1.0 / sqrt(powers[bin] + 1e-15)
        re = factor * spectrum[2 * bin]
        im = -factor * spectrum[2 * bin + 1]
        real = there[2 * bin]
        there[2 * bin] = re * real - im * there[2 * bin + 1]
        there[2 * bin + 1] = re * there[2 * bin + 1] + im * real
    for place in (0, 1, 2 * BINS, 2 * BINS + 1):
        there[place] = 0.0
