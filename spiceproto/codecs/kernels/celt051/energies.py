"""How loud each band is, in dB, as it goes from packet to packet.

The energy of a band is foreseen from the packet before and from the bands below it in this packet. A packet has the difference,
first in steps of 6 dB, then finer. How much the bands below tell (``below``) does not depend on fine energy, nor on the floor.
"""

from __future__ import annotations

from typing import Any

from spiceproto.codecs.primitives import primitives

P = primitives()
MODE = P.source("celt051.mode")
kernel, table, exp, log, i64 = P.kernel, P.table, P.exp, P.log, P.i64

BANDS, STEP, LEAST = MODE.BANDS, MODE.COARSE_STEP, MODE.LEAST_ENERGY
MEANS = table(MODE.MEANS, "float64")
LOUDNESS = 0.115129
"""Exponent of one dB."""

DECIBEL = 8.68589
"""dB of one exponent."""

SOFTEST = 0.3
"""What is added to an amplitude before it is told in dB."""

FROM_BEFORE = 0.8
FROM_MEAN = 0.2
TO_ABOVE = 0.36
"""How much of a step is foreseen for the bands above it."""


@kernel
def foreseen(energies: Any, band: int, place: int, below: float) -> float:
    """dB of a band without any step; ``energies`` are those of the packet before."""
    energy: float = FROM_MEAN * MEANS[band] + FROM_BEFORE * energies[place] + below
    return energy


@kernel
def carried(band: int, below: float, step: int) -> float:
    """What the next band is told."""
    more: float = below + FROM_MEAN * MEANS[band] + TO_ABOVE * STEP * step
    return more


@kernel
def floored(energy: float) -> float:
    """An energy, or the least there is."""
    return energy if energy > float(LEAST) else float(LEAST)


@kernel
def refined(index: int, bits: int) -> float:
    """dB that fine energy adds: the middle of one of ``2^bits`` parts of a step."""
    energy: float = STEP * ((index + 0.5) / (i64(1) << bits) - 0.5)
    return energy


@kernel
def advance(energies: Any, steps: Any, fine_bits: Any, fine: Any) -> None:
    """Make the energies of the packet before (20 for the left channel, then 20 for the right) those of this one."""
    for channel in range(2):
        below = 0.0
        for band in range(BANDS):
            place = channel * BANDS + band
            step = i64(steps[place])
            energies[place] = floored(foreseen(energies, i64(band), i64(place), below) + STEP * step)
            below = carried(i64(band), below, step)
        for band in range(BANDS):
            place = channel * BANDS + band
            if fine_bits[band] > 0:
                energies[place] += refined(i64(fine[place]), i64(fine_bits[band]))


@kernel
def amplify(energies: Any, amplitudes: Any) -> None:
    """How long the spectrum of each band of each channel is."""
    for place in range(2 * BANDS):
        amplitude = exp(LOUDNESS * energies[place]) - SOFTEST
        amplitudes[place] = amplitude if amplitude > 0.0 else 0.0


@kernel
def told(amplitudes: Any, energies: Any) -> None:
    """Encoder: amplitudes in dB."""
    for place in range(2 * BANDS):
        energies[place] = DECIBEL * log(SOFTEST + amplitudes[place])
