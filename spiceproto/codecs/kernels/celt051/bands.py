"""What is in the bands: a prediction and pulses, in proportions that make a vector of length 1.

A spectrum is 512 numbers, left and right of each bin in turn; only the first 466 are coded. In each band a packet
says what shape the spectrum has, and its energy says how large it is, for each channel. A shape is foreseen from the
history of the sound, or else copied from low bands of the same packet (*folded*), so that high bands without bits are
no silence. Pulses are in mid and side.
"""

from __future__ import annotations

from typing import Any

from spiceproto.codecs.primitives import primitives

P = primitives()
MODE = P.source("celt051.mode")
kernel, table, sqrt, i64 = P.kernel, P.table, P.sqrt, P.i64

BANDS, PITCH_END = MODE.BANDS, MODE.PITCH_END
EDGES = table(MODE.EDGES, "int64")
CODED = 2 * MODE.EDGES[BANDS]
PITCH_BANDS = MODE.PITCH_BANDS
PITCH_EDGES = table(MODE.PITCH_EDGES, "int64")
PREDICTED_BANDS = MODE.EDGES.index(PITCH_END)
ROOT2 = 2.0**0.5
SETS = 1 << MODE.GAIN_BITS
CAUTION = 0.9
USELESS = 0.3
"""Gains that add up to less are not worth their bits."""

HALF = 0.70711
"""The square root of a half, as the format has it."""
ROOT = 1.414214


@kernel
def predict(spectrum: Any, gains: Any, prediction: Any) -> None:
    """What is foreseen: shapes of a spectrum of the history, with a gain for each of eight bands."""
    for channel in range(2):
        for band in range(PREDICTED_BANDS):
            total = 1e-10
            for bin in range(EDGES[band], EDGES[band + 1]):
                value = spectrum[256 * channel + bin]
                total += value * value
            factor = 1.0 / (ROOT2 * sqrt(total) + 1e-10)
            for bin in range(EDGES[band], EDGES[band + 1]):
                prediction[2 * bin + channel] = factor * spectrum[256 * channel + bin]
    for band in range(PITCH_BANDS):
        for place in range(2 * PITCH_EDGES[band], 2 * PITCH_EDGES[band + 1]):
            prediction[place] *= gains[band]


@kernel
def measure(spectrum: Any, lengths: Any, shape: Any) -> None:
    """Encoder: how long the spectrum of each band of each channel is, and its shape, each channel at 1 / sqrt(2)."""
    for channel in range(2):
        for band in range(BANDS):
            total = 1e-10
            for bin in range(EDGES[band], EDGES[band + 1]):
                value = spectrum[256 * channel + bin]
                total += value * value
            length = sqrt(total)
            lengths[BANDS * channel + band] = length
            factor = 1.0 / (ROOT2 * length + 1e-10)
            for bin in range(EDGES[band], EDGES[band + 1]):
                shape[2 * bin + channel] = factor * spectrum[256 * channel + bin]


@kernel
def choose_gains(target: Any, prediction: Any, book: Any, gains: Any) -> int:
    """Encoder: which of 128 sets of gains is nearest to how much of the target each pitch band of a prediction is.

    0 if it is of no use. ``book`` has ``g / 256`` of all sets; ``gains`` is room for eight numbers.
    """
    total = 0.0
    for band in range(PITCH_BANDS):
        like = 0.0
        whole = 1e-15
        for place in range(2 * PITCH_EDGES[band], 2 * PITCH_EDGES[band + 1]):
            like += target[place] * prediction[place]
            whole += target[place] * target[place]
        gain = CAUTION * like / whole
        gain = 0.0 if gain < 0.0 else 0.999 if gain > 0.999 else gain
        total += gain
        gains[band] = 1.0 - sqrt(1.0 - gain * gain)
    best = i64(0)
    if total > USELESS:
        least = 1e30
        for number in range(SETS):
            far = 0.0
            for band in range(PITCH_BANDS):
                difference = book[PITCH_BANDS * number + band] - gains[band]
                far += difference * difference
            if far < least:
                least = far
                best = i64(number)
    return best


@kernel
def fold(shapes: Any, prediction: Any, band: int, pulses: int, short: int) -> None:
    """Predict a band from the shapes of bands below it.

    Where the copy would reach too far, zeros are copied; the comparison is of a bin with a count of numbers, which are two for
    each bin, and that is the format. With pulses, what is copied is the quieter the more there are.
    """
    start = i64(EDGES[band])
    width = i64(EDGES[band + 1]) - start
    source = start % 4 if short else start % 2
    reach = source + 2 * width <= start
    total = 1e-15
    for place in range(2 * width):
        value = shapes[source + place] if reach else 0.0
        prediction[2 * start + place] = value
        total += value * value
    factor = 1.0 / sqrt(total)
    if pulses > 0:
        factor *= width / (width + 6.0 * pulses)
    for place in range(2 * start, 2 * start + 2 * width):
        prediction[place] *= factor


@kernel
def to_mid_side(prediction: Any, first: int, end: int) -> None:
    """Turn left and right of places ``first`` to ``end`` to mid and side."""
    for place in range(first, end, 2):
        left = prediction[place]
        right = prediction[place + 1]
        prediction[place] = HALF * (left + right)
        prediction[place + 1] = HALF * (right - left)


@kernel
def join(shape: Any, prediction: Any, vector: Any, first: int, end: int) -> None:
    """Add to a prediction, in mid and side, as much of the pulses as makes the length 1: left and right of a shape."""
    between = 0.0
    predicted = 0.0
    pulses = 0.0
    for place in range(first, end):
        between += vector[place] * prediction[place]
        predicted += prediction[place] * prediction[place]
        pulses += 1.0 * vector[place] * vector[place]
    square = between * between + pulses - pulses * predicted
    gain = ((sqrt(square) if square > 0.0 else 0.0) - between) / pulses
    for place in range(first, end, 2):
        mid = prediction[place] + gain * vector[place]
        side = prediction[place + 1] + gain * vector[place + 1]
        shape[place] = HALF * (mid - side)
        shape[place + 1] = HALF * (mid + side)


@kernel
def keep(shape: Any, shapes: Any, first: int, end: int) -> None:
    """Keep a shape for folding."""
    size = sqrt(1.0 * (end - first))
    for place in range(first, end):
        shapes[place] = shape[place] * size


@kernel
def decode(prediction: Any, vector: Any, counts: Any, folding: int, short: int, shape: Any, shapes: Any) -> None:
    """Shapes of all bands. ``prediction`` is changed; ``shapes`` is room for what is folded."""
    for band in range(BANDS):
        first = i64(2 * EDGES[band])
        end = i64(2 * EDGES[band + 1])
        pulses = i64(counts[band])
        if pulses == 0 or (folding and EDGES[band] >= PITCH_END):
            fold(shapes, prediction, i64(band), pulses, short)
        if pulses == 0:
            for place in range(first, end):
                shape[place] = prediction[place]
        else:
            to_mid_side(prediction, first, end)
            join(shape, prediction, vector, first, end)
        keep(shape, shapes, first, end)


@kernel
def enlarge(shape: Any, amplitudes: Any, spectrum: Any) -> None:
    """Give each band of each channel its amplitude. ``amplitudes`` and ``spectrum`` are the left channel, then the right."""
    for channel in range(2):
        for band in range(BANDS):
            total = 1e-15
            for place in range(2 * EDGES[band] + channel, 2 * EDGES[band + 1], 2):
                total += shape[place] * shape[place]
            factor = HALF * ROOT * amplitudes[BANDS * channel + band] / sqrt(total)
            for bin in range(EDGES[band], EDGES[band + 1]):
                spectrum[256 * channel + bin] = factor * shape[2 * bin + channel]
        for bin in range(EDGES[BANDS], 256):
            spectrum[256 * channel + bin] = 0.0
