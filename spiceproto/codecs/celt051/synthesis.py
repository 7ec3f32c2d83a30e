"""From spectra to sound: what a decoder does last. An encoder has to do it too, to know the history that decoders have."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiceproto.codecs.celt051 import transform, transient
from spiceproto.codecs.kernels.celt051.mode import CHANNELS, FRAME, HISTORY, OVERLAP

__all__ = ["Synthesis"]

Floats = NDArray[np.float64]


class Synthesis:
    """The sound of packets, one after the other.

    * ``history``: the last 1024 samples that are finished, of each channel, ``(2, 1024)``
    """

    def __init__(self) -> None:
        self._sound = np.zeros((CHANNELS, HISTORY + OVERLAP))
        self.history = self._sound[:, :HISTORY]

    def add(self, kernels: Any, spectrum: Floats, *, short: bool = False, shift: int = 0, time: int = 0) -> Floats:
        """Add a packet's spectrum ``(2, 256)``; returns the 256 samples of each channel that it finishes, ``(2, 256)``.

        Packets of two ``short`` blocks can become louder by ``2^shift`` from sample ``time`` on.
        """
        part = transform.backward(kernels, spectrum, short=short)
        if shift:
            part *= transient.growth(shift, time)
        sound = self._sound
        sound[:, :-FRAME] = sound[:, FRAME:]
        sound[:, -FRAME:] = part[:, OVERLAP:]
        sound[:, HISTORY - FRAME : HISTORY - FRAME + OVERLAP] += part[:, :OVERLAP]
        return sound[:, HISTORY - FRAME : HISTORY].copy()
