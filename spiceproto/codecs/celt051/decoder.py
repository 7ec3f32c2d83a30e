"""The decoder: packets to sound."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spiceproto import limits
from spiceproto.codecs import tier
from spiceproto.codecs.celt051 import pitch, transform
from spiceproto.codecs.celt051.synthesis import Synthesis
from spiceproto.codecs.kernels.celt051 import mode
from spiceproto.errors import LimitError

__all__ = ["Decoder", "Octets", "Sound"]

Octets = bytes | bytearray | memoryview
Sound = NDArray[np.int16]
Floats = NDArray[np.float64]

WORK: Final = 2500
"""What a packet counts for, in pixels: as much as interpreted kernels handle in the same time."""

NEAREST: Final = 100
"""Samples that what fills a gap is at least older than the gap."""

FADING: Final = 0.9
"""How loud bins below 128 of what fills a gap are; others are as they were."""


class _Views(NamedTuple):
    """The memory of a decoder as the kernels of a tier see it."""

    coder: Any
    head: Any
    steps: Any
    pulse_bits16: Any
    fine_bits: Any
    fine: Any
    counts: Any
    vector: Any
    stack: Any
    energies: Any
    amplitudes: Any
    prediction: Any
    shape: Any
    shapes: Any
    spectrum: Any


class Decoder:
    """Decodes the packets of a stream. A stream goes on over STOP and START: programs keep their decoder, and so must
    a recording's.

    A decoder that starts within a stream comes nearer with every packet: what it makes is 17 dB above the difference
    after 16, and 40 dB after 28.

    * ``damaged``: whether the last packet ended in other bits than those that an encoder fills it with. Its sound is what its
      other bits say, and the decoder went on with it, as all programs do; some drop the sound, some end the connection.
    """

    def __init__(self) -> None:
        self.damaged = False
        self._synthesis = Synthesis()
        self._last = np.zeros(2)
        whole = {"coder": 5, "head": 8, "steps": 40, "pulse_bits16": 20, "fine_bits": 20, "fine": 40, "counts": 20}
        whole |= {"vector": 512, "stack": 32}
        real = {"energies": 40, "amplitudes": 40, "prediction": 512, "shape": 512, "shapes": 512, "spectrum": 512}
        self._arrays: dict[str, NDArray[Any]] = {name: np.zeros(size, np.int64) for name, size in whole.items()}
        self._arrays |= {name: np.zeros(size) for name, size in real.items()}
        self._head = self._arrays["head"]
        self._prediction, self._spectrum = self._arrays["prediction"], self._arrays["spectrum"].reshape(2, mode.FRAME)
        self._views: dict[bool, _Views] = {}

    def decode(self, packet: Octets | None) -> Sound:
        """The sound of the next packet, ``int16 (256, 2)``, left before right, at 44100 Hz; it lags by 128 samples.

        A packet has any length, 0 among them: bits that it lacks are 0. None is a packet that was lost: the sound
        goes on as it was.

        :raises LimitError: a packet above the limit; nothing was decoded.
        """
        kernels = tier.kernels("celt051.decoder", WORK)
        if packet is None:
            self.damaged = False
            return self._finish(kernels, self._synthesis.add(kernels, self._continued(kernels)))
        size = len(packet)
        if size > limits.CELT_PACKET:
            raise LimitError("the CELT packet is too long", expected=f"at most {limits.CELT_PACKET} bytes", actual=str(size))
        views = self._views_of(kernels)
        data = np.zeros(size + 1, np.uint8)
        data[:size] = np.frombuffer(packet, np.uint8)
        self.damaged = bool(kernels.read(views.coder, kernels.stream(data), size, *views[1:9]))
        predicted, folding, short, shift, time, gains, lag, _ = self._head.tolist()
        kernels.advance(views.energies, views.steps, views.fine_bits, views.fine)
        kernels.amplify(views.energies, views.amplitudes)
        self._prediction[:] = 0
        if predicted:
            pitch.predicted(kernels, self._synthesis.history, lag, gains, views.prediction)
        kernels.decode(views.prediction, views.vector, views.counts, folding, short, views.shape, views.shapes)
        kernels.enlarge(views.shape, views.amplitudes, views.spectrum)
        sound = self._synthesis.add(kernels, self._spectrum, short=bool(short), shift=shift, time=time)
        return self._finish(kernels, sound)

    def _finish(self, kernels: Any, sound: Floats) -> Sound:
        """Take emphasis off, and round to numbers of 16 bits."""
        out = np.empty((mode.FRAME, mode.CHANNELS), np.int16)
        kernels.weaken(kernels.view(sound), kernels.view(self._last), kernels.view(out), mode.FRAME)
        return out

    def _continued(self, kernels: Any) -> Floats:
        """A spectrum to fill a gap: that of a part of the history, one or more periods before its end."""
        history = self._synthesis.history
        # The end of the history would be the thing to look for. The reference counts samples where it should count
        # pairs of them, and so looks for the middle, which is most like itself: where nothing is periodic, 320
        # samples are repeated.
        middle = history[:, mode.LAGS // 2 : mode.LAGS // 2 + mode.SUPPORT]
        period = mode.LAGS - pitch.most_like(kernels, middle, history, mode.LAGS - NEAREST)
        place = mode.HISTORY - period
        while place >= mode.LAGS:
            place -= period
        spectrum = transform.forward(kernels, history[:, place : place + mode.SUPPORT])
        spectrum[:, : mode.FRAME // 2] *= FADING
        return spectrum

    def _views_of(self, kernels: Any) -> _Views:
        views = self._views.get(kernels.INTERPRETED)
        if views is None:
            views = _Views(*[kernels.view(self._arrays[name]) for name in _Views._fields])
            self._views[kernels.INTERPRETED] = views
        return views
