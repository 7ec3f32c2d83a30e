"""Transients: where a packet becomes loud all of a sudden.

Such a packet has two short blocks, and the encoder makes it softer from a sample on, by a power of two, so that the
noise of the loud part is not heard before it. Sixteen samples lead there.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spiceproto.codecs.kernels.celt051.mode import SUPPORT

__all__ = ["LEAD", "Growth", "found", "growth"]

LEAD: Final = 16
"""Samples that lead from one loudness to the other."""

_RISE: Final = np.sin(np.pi / 2 * (np.arange(LEAD) + 1) / (LEAD + 1)) ** 2


def growth(shift: int, time: int) -> NDArray[np.float64]:
    """How many times louder each of the 384 samples of a packet is that grows by ``2^shift`` from sample ``time`` on."""
    factors = np.ones(SUPPORT)
    factors[time:] = 1 << shift
    if time >= LEAD:
        factors[time - LEAD : time] += _RISE * ((1 << shift) - 1)
    elif time:
        factors[:time] += _RISE[LEAD - time :] * ((1 << shift) - 1)
    return factors


class Growth(NamedTuple):
    """That a packet becomes ``2^shift`` times louder from sample ``time`` on; with shift 0, that it is a transient."""

    shift: int
    time: int


_QUIET: Final = 0.2
"""Part of the loudest sample below which all is quiet."""

_EDGE: Final = 8
_SOONEST: Final = 32
_LEAST_RATIO: Final = 20.0
_RATIOS: Final = (50.0, 256.0, 4096.0)
"""Ratios of power from which on a packet grows by a power of two more."""


def found(sound: NDArray[np.float64]) -> Growth | None:
    """Encoder: whether 384 samples of two channels, ``(2, 384)``, become loud all of a sudden."""
    loudest = np.maximum.accumulate(np.abs(sound).max(axis=0))
    end = loudest[-1]
    time = int(np.searchsorted(loudest[: SUPPORT - _EDGE], _QUIET * end)) - 1
    if time < _SOONEST:
        return None
    ratio = float(end / (1 + loudest[time - LEAD])) ** 2
    if ratio <= _LEAST_RATIO:
        return None
    return Growth(sum(ratio >= least for least in _RATIOS), time)
