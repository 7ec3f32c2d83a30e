"""The transform between sound and spectrum, for machine code; interpreted, numpy does the same faster.

What it is, and the names of its parts, stand in :mod:`spiceproto.codecs.celt051.transform`.
"""

from __future__ import annotations

from math import cos, pi, sin
from typing import Any

from spiceproto.codecs.primitives import primitives

P = primitives()
MODE = P.source("celt051.mode")
kernel, table, i64 = P.kernel, P.table, P.i64

FRAME, BLOCK, OVERLAP, SUPPORT = MODE.FRAME, MODE.BLOCK, MODE.OVERLAP, MODE.SUPPORT
RISE = table([sin(pi / 2 * sin(pi / 2 * (n + 0.5) / OVERLAP) ** 2) for n in range(OVERLAP)], "float64")

LONGEST = FRAME // 2
"""Of a Fourier transform; a short block has half of it."""

COSINES = table([cos(2 * pi * n / LONGEST) for n in range(LONGEST // 2)], "float64")
SINES = table([-sin(2 * pi * n / LONGEST) for n in range(LONGEST // 2)], "float64")
TURNS = table([pi * (n + 0.125) / size for size in (BLOCK, FRAME) for n in range(size // 2)], "float64")
TURN_COSINES = table([cos(turn) for turn in TURNS], "float64")
TURN_SINES = table([-sin(turn) for turn in TURNS], "float64")
MIRRORED = table([int(f"{n:07b}"[::-1], 2) for n in range(LONGEST)], "int64")
"""Numbers of seven bits, with the bits in the opposite order."""

WORK = FRAME + 2 * LONGEST
"""Numbers of room: a folded block, and the real and the imaginary part of what is transformed."""


@kernel
def _fourier(work: Any, count: int) -> None:
    """The Fourier transform of ``count`` numbers that stand in mirrored order."""
    half = i64(1)
    while half < count:
        stride = LONGEST // 2 // half
        for base in range(0, count, 2 * half):
            for place in range(half):
                low = FRAME + base + place
                high = low + half
                re = COSINES[place * stride] * work[high] - SINES[place * stride] * work[high + LONGEST]
                im = COSINES[place * stride] * work[high + LONGEST] + SINES[place * stride] * work[high]
                work[high] = work[low] - re
                work[high + LONGEST] = work[low + LONGEST] - im
                work[low] += re
                work[low + LONGEST] += im
        half *= 2


@kernel
def _cosines(work: Any, size: int) -> None:
    """The cosine transform of the fourth kind of the first ``size`` numbers."""
    count = size >> 1
    turns = i64(0) if size == BLOCK else i64(BLOCK // 2)
    apart = i64(2) if size == BLOCK else i64(1)
    for n in range(count):
        place = FRAME + MIRRORED[n * apart]
        re = work[2 * n]
        im = work[size - 1 - 2 * n]
        work[place] = re * TURN_COSINES[turns + n] - im * TURN_SINES[turns + n]
        work[place + LONGEST] = re * TURN_SINES[turns + n] + im * TURN_COSINES[turns + n]
    _fourier(work, count)
    for n in range(count):
        re = work[FRAME + n]
        im = work[FRAME + LONGEST + n]
        work[2 * n] = re * TURN_COSINES[turns + n] - im * TURN_SINES[turns + n]
        work[size - 1 - 2 * n] = -(re * TURN_SINES[turns + n] + im * TURN_COSINES[turns + n])


@kernel
def _window(size: int, place: int) -> float:
    value: float = 1.0
    if place < OVERLAP:
        value = RISE[place]
    elif place >= size:
        value = RISE[size + OVERLAP - 1 - place]
    return value


@kernel
def _fold(sound: Any, first: int, size: int, work: Any) -> None:
    half = size >> 1
    edge = size - OVERLAP >> 1
    for n in range(half):
        place = size - edge + half - 1 - n
        value = -sound[first + place] * _window(size, place)
        place = size - edge + half + n
        if place < size + OVERLAP:
            value -= sound[first + place] * _window(size, place)
        work[n] = value
        place = size - edge - 1 - n
        value = -sound[first + place] * _window(size, place)
        place = n - edge
        if place >= 0:
            value += sound[first + place] * _window(size, place)
        work[half + n] = value


@kernel
def _unfold(work: Any, size: int, part: Any, first: int) -> None:
    half = size >> 1
    edge = size - OVERLAP >> 1
    for n in range(half):
        place = size - edge + half - 1 - n
        part[first + place] -= work[n] * _window(size, place)
        place = size - edge + half + n
        if place < size + OVERLAP:
            part[first + place] -= work[n] * _window(size, place)
        place = size - edge - 1 - n
        part[first + place] -= work[half + n] * _window(size, place)
        place = n - edge
        if place >= 0:
            part[first + place] += work[half + n] * _window(size, place)


@kernel
def forward(sound: Any, first: int, short: int, spectrum: Any, to: int, work: Any) -> None:
    """The 256 numbers of the 384 samples from ``first`` on, to ``spectrum`` from ``to`` on."""
    size = i64(BLOCK) if short else i64(FRAME)
    blocks = i64(2) if short else i64(1)
    for block in range(blocks):
        _fold(sound, i64(first + block * BLOCK), size, work)
        _cosines(work, size)
        for bin in range(size):
            spectrum[to + bin * blocks + block] = 2.0 / size * work[bin]


@kernel
def backward(spectrum: Any, first: int, short: int, part: Any, to: int, work: Any) -> None:
    """What 256 numbers add to the sound: 384 samples, to ``part`` from ``to`` on."""
    size = i64(BLOCK) if short else i64(FRAME)
    blocks = i64(2) if short else i64(1)
    for place in range(to, to + SUPPORT):
        part[place] = 0.0
    for block in range(blocks):
        for bin in range(size):
            work[bin] = spectrum[first + bin * blocks + block]
        _cosines(work, size)
        _unfold(work, size, part, i64(to + block * BLOCK))
