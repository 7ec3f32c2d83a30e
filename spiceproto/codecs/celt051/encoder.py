"""The encoder: sound to packets."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spiceproto import limits
from spiceproto.codecs import tier
from spiceproto.codecs.celt051 import pitch, transform, transient
from spiceproto.codecs.celt051.synthesis import Synthesis
from spiceproto.codecs.kernels.celt051 import mode
from spiceproto.errors import LocalError

__all__ = ["LEAST_BYTES", "PACKET", "Encoder"]

Sound = NDArray[np.int16]
Floats = NDArray[np.float64]

PACKET: Final = 47
"""Bytes of a packet between SPICE programs."""

LEAST_BYTES: Final = 20
"""Bytes of the smallest packet that what has to be in every packet always fits in."""

WORK: Final = 5000
"""What a packet counts for, in pixels: as much as interpreted kernels handle in the same time."""

WARM: Final = 4
"""Packets before there is enough history to predict from."""


class _Views(NamedTuple):
    """The memory of an encoder as the kernels of a tier see it, in the order in which ``write`` has it."""

    coder: Any
    out: Any
    head: Any
    wanted: Any
    target: Any
    prediction: Any
    energies: Any
    pulse_bits16: Any
    fine_bits: Any
    vector: Any
    stack: Any
    shape: Any
    shapes: Any
    lengths: Any
    spectrum: Any
    fresh: Any
    last: Any


class Encoder:
    """Encodes a stream of sound to packets of ``packet_bytes`` each, 20 to 4096.

    Without ``pitch`` nothing is predicted from the history, which takes much less time, and makes tones worse by some 4 dB and
    speech by 1 or 2; without ``transients`` there are no short blocks. Each packet rests on those before it.

    :raises LocalError: another size of packets.
    """

    def __init__(self, packet_bytes: int = PACKET, *, pitch: bool = True, transients: bool = True) -> None:
        if not LEAST_BYTES <= packet_bytes <= limits.CELT_PACKET:
            raise LocalError(
                "no such size of CELT packets",
                expected=f"{LEAST_BYTES} to {limits.CELT_PACKET} bytes",
                actual=str(packet_bytes),
            )
        self._size = packet_bytes
        self._pitch = pitch
        self._transients = transients
        self._packets = 0
        self._synthesis = Synthesis()
        self._sound = np.zeros((mode.CHANNELS, mode.SUPPORT))
        whole = {"coder": 5, "head": 8, "pulse_bits16": 20, "fine_bits": 20, "vector": 512, "stack": 32}
        real = {"wanted": 40, "target": 512, "prediction": 512, "energies": 40, "shape": 512, "shapes": 512}
        real |= {"lengths": 40, "spectrum": 512, "fresh": 512, "last": 2}
        self._arrays: dict[str, NDArray[Any]] = {name: np.zeros(size, np.int64) for name, size in whole.items()}
        self._arrays |= {name: np.zeros(size) for name, size in real.items()}
        self._arrays["out"] = np.zeros(packet_bytes, np.uint8)
        self._views: dict[bool, _Views] = {}

    def encode(self, sound: Sound) -> bytes:
        """The packet of ``int16 (256, 2)``, left before right, at 44100 Hz.

        :raises LocalError: another dtype or shape.
        """
        if sound.dtype != np.int16 or sound.shape != (mode.FRAME, mode.CHANNELS):
            raise LocalError(
                "not one packet of sound",
                expected=f"int16 ({mode.FRAME}, {mode.CHANNELS})",
                actual=f"{sound.dtype} {sound.shape}",
            )
        kernels = tier.kernels("celt051.encoder", WORK)
        views, arrays = self._views_of(kernels), self._arrays
        block = self._block(kernels, views, sound)
        growth = transient.found(block) if self._transients else None
        if growth is not None and growth.shift:
            block = block / transient.growth(*growth)
        spectrum = transform.forward(kernels, block, short=growth is not None)
        kernels.measure(kernels.view(spectrum), views.lengths, views.target)
        kernels.told(views.lengths, views.wanted)
        head = arrays["head"]
        head[:] = (0, 1, growth is not None, *(growth or (0, 0)), 0, 0, 0)
        arrays["prediction"][:] = 0
        if self._pitch and growth is None and self._packets >= WARM:
            self._predict(kernels, views, block)
        arrays["out"][:] = 0
        kernels.write(views.coder, views.out, self._size, *views[2:13])
        self._packets += 1
        kernels.amplify(views.energies, views.lengths)
        kernels.enlarge(views.shape, views.lengths, views.spectrum)
        _, _, short, shift, time, *_ = head.tolist()
        made = arrays["spectrum"].reshape(mode.CHANNELS, mode.FRAME)
        self._synthesis.add(kernels, made, short=bool(short), shift=shift, time=time)
        return arrays["out"].tobytes()

    def _block(self, kernels: Any, views: _Views, sound: Sound) -> Floats:
        """The 384 samples of each channel that the packet is made of: 128 of the sound before, and the new ones."""
        kernels.strengthen(kernels.view(np.ascontiguousarray(sound)), views.last, views.fresh, mode.FRAME)
        self._sound[:, : mode.OVERLAP] = self._sound[:, mode.FRAME :]
        self._sound[:, mode.OVERLAP :] = self._arrays["fresh"].reshape(mode.CHANNELS, mode.FRAME)
        return self._sound

    def _predict(self, kernels: Any, views: _Views, block: Floats) -> None:
        """Predict the packet from the history, if that is of use."""
        history, prediction = self._synthesis.history, self._arrays["prediction"]
        lag = pitch.most_like(kernels, block, history, mode.LAGS)
        spectrum = kernels.view(transform.forward(kernels, history[:, lag : lag + mode.SUPPORT]))
        kernels.predict(spectrum, kernels.view(_ONES), views.prediction)
        gains = pitch.gains_for(kernels, views.target, views.prediction)
        prediction[:] = 0
        if gains:
            kernels.predict(spectrum, kernels.view(pitch.GAINS[gains]), views.prediction)
            self._arrays["head"][:] = (1, 1, 0, 0, 0, gains, lag, 0)

    def _views_of(self, kernels: Any) -> _Views:
        views = self._views.get(kernels.INTERPRETED)
        if views is None:
            views = _Views(*[kernels.view(self._arrays[name]) for name in _Views._fields])
            self._views[kernels.INTERPRETED] = views
        return views


_ONES: Final = np.ones(mode.PITCH_BANDS)
