"""The transform between sound and spectrum: a modified discrete cosine transform (MDCT).

A transform of size M turns a block of 2 M samples into M numbers, and back::

    forward    X[k] = 2 / M * sum over n of w[n] x[n] cos(pi / M (k + 1/2) (n + 1/2 + M / 2))
    backward   y[n] = w[n] * sum over k of X[k] cos(pi / M (k + 1/2) (n + 1/2 + M / 2))

The window ``w`` rises over 128 samples, is 1, and falls over 128; the rest of the block is 0. So a block has M + 128
samples, and what two blocks share adds up to the sound. A packet is one long transform, M = 256, or two short ones, M
= 128, whose blocks begin 128 samples apart; both have 384 samples.

It is done by way of a cosine transform of the fourth kind, for which the quarters of a block are folded, and that by
a Fourier transform of half the size. There are two of it: here by numpy, for interpreted kernels, and in machine
code, which is several times faster (:mod:`spiceproto.codecs.kernels.celt051.transform`).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto.codecs.kernels.celt051.mode import BLOCK, FRAME, OVERLAP, SUPPORT

__all__ = ["WINDOW", "backward", "forward"]

Floats = NDArray[np.float64]

_RISE: Final = np.sin(np.pi / 2 * np.sin(np.pi / 2 * (np.arange(OVERLAP) + 0.5) / OVERLAP) ** 2)

WINDOW: Final[Floats] = np.concatenate([_RISE, np.ones(SUPPORT - 2 * OVERLAP), _RISE[::-1]])
"""The window of a long block; a short one is 256 samples and has no flat part."""

_SHORT_WINDOW: Final = np.concatenate([_RISE, _RISE[::-1]])


def _twiddle(size: int) -> NDArray[np.complex128]:
    turns: NDArray[np.complex128] = np.exp(-1j * np.pi * (np.arange(size // 2) + 0.125) / size)
    return turns


_TWIDDLES: Final = {size: _twiddle(size) for size in (BLOCK, FRAME)}


def _cosines(values: Floats) -> Floats:
    """The cosine transform of the fourth kind, along the last axis: sum over n of v[n] cos(pi / M (k + 1/2) (n + 1/2))."""
    size = values.shape[-1]
    twiddle = _TWIDDLES[size]
    turned = np.fft.fft((values[..., ::2] + 1j * values[..., ::-2]) * twiddle) * twiddle
    result = np.empty(values.shape)
    result[..., ::2] = turned.real
    result[..., ::-2] = -turned.imag
    return result


def _folded(block: Floats, size: int) -> Floats:
    """A windowed block of ``size + 128`` samples, folded to ``size`` numbers."""
    # Of the quarters a, b, c, d of the whole block, the folded one is (-c reversed - d, a - b reversed); a begins, and d ends,
    # with what the window makes 0.
    half, edge = size // 2, (size - OVERLAP) // 2
    folded = np.empty((*block.shape[:-1], size))
    c, d = block[..., size - edge : size - edge + half], block[..., size - edge + half :]
    a, b = block[..., : half - edge], block[..., half - edge : size - edge]
    folded[..., :half] = -c[..., ::-1]
    folded[..., : half - edge] -= d
    folded[..., half:] = -b[..., ::-1]
    folded[..., half + edge :] += a
    return folded


def _unfolded(folded: Floats, window: Floats) -> Floats:
    size = folded.shape[-1]
    half, edge = size // 2, (size - OVERLAP) // 2
    first, second = folded[..., :half], folded[..., half:]
    block: Floats = np.empty((*folded.shape[:-1], size + OVERLAP))
    block[..., : half - edge] = second[..., edge:]
    block[..., half - edge : size - edge] = -second[..., ::-1]
    block[..., size - edge : size - edge + half] = -first[..., ::-1]
    block[..., size - edge + half :] = -first[..., : half - edge]
    block *= window
    return block


def forward(kernels: Any, sound: Floats, *, short: bool = False) -> Floats:
    """The spectrum, ``(2, 256)``, of ``(2, 384)`` samples: a long block, or two short ones, whose bins take turns."""
    if kernels.INTERPRETED:
        return _forward_short(sound) if short else _forward(sound)
    spectrum = np.empty((2, FRAME))
    work = np.empty(kernels.WORK)
    flat, source = spectrum.reshape(-1), np.ascontiguousarray(sound).reshape(-1)
    kernels.forward(source, 0, int(short), flat, 0, work)
    kernels.forward(source, SUPPORT, int(short), flat, FRAME, work)
    return spectrum


def backward(kernels: Any, spectrum: Floats, *, short: bool = False) -> Floats:
    """What a spectrum, ``(2, 256)``, adds to the sound, ``(2, 384)``."""
    if kernels.INTERPRETED:
        return _backward_short(spectrum) if short else _backward(spectrum)
    part = np.empty((2, SUPPORT))
    work = np.empty(kernels.WORK)
    flat, source = part.reshape(-1), np.ascontiguousarray(spectrum).reshape(-1)
    kernels.backward(source, 0, int(short), flat, 0, work)
    kernels.backward(source, FRAME, int(short), flat, SUPPORT, work)
    return part


def _forward(sound: Floats) -> Floats:
    spectrum = _cosines(_folded(sound * WINDOW, FRAME))
    spectrum *= 2 / FRAME
    return spectrum


def _backward(spectrum: Floats) -> Floats:
    return _unfolded(_cosines(spectrum), WINDOW)


def _forward_short(sound: Floats) -> Floats:
    blocks = np.stack([sound[..., : 2 * BLOCK], sound[..., BLOCK:]], axis=-2) * _SHORT_WINDOW
    spectra = _cosines(_folded(blocks, BLOCK))
    spectra *= 2 / BLOCK
    spectrum: Floats = np.ascontiguousarray(np.swapaxes(spectra, -1, -2)).reshape(*sound.shape[:-1], FRAME)
    return spectrum


def _backward_short(spectrum: Floats) -> Floats:
    spectra: Floats = np.ascontiguousarray(np.swapaxes(spectrum.reshape(*spectrum.shape[:-1], BLOCK, 2), -1, -2))
    blocks = _unfolded(_cosines(spectra), _SHORT_WINDOW)
    sound: Floats = np.zeros((*spectrum.shape[:-1], SUPPORT))
    sound[..., : 2 * BLOCK] = blocks[..., 0, :]
    sound[..., BLOCK:] += blocks[..., 1, :]
    return sound
