"""The pulses that come nearest to a shape. Decoders do not care how they were found: this is the encoder's own choice."""

from __future__ import annotations

from typing import Any

from spiceproto.codecs.primitives import primitives

P = primitives()
kernel, sqrt, i64 = P.kernel, P.sqrt, P.i64


@kernel
def _last(target: Any, prediction: Any, vector: Any, first: int, end: int) -> int:
    """Where one pulse more brings shape and target together best, with the gain that a decoder will give all pulses."""
    between = 0.0
    predicted = 0.0
    square = 0.0
    wanted = 0.0
    for place in range(first, end):
        between += vector[place] * prediction[place]
        predicted += prediction[place] * prediction[place]
        square += 1.0 * vector[place] * vector[place]
        wanted += vector[place] * target[place]
    best = i64(first)
    most = -1e30
    for place in range(first, end):
        sign = 1.0 if target[place] >= prediction[place] else -1.0
        pulses = square + 2.0 * sign * vector[place] + 1.0
        along = between + sign * prediction[place]
        under = along * along + pulses - pulses * predicted
        gain = ((sqrt(under) if under > 0.0 else 0.0) - along) / pulses
        likeness = gain * (wanted + sign * target[place])
        if likeness > most:
            most = likeness
            best = i64(place)
    return best


@kernel
def search(target: Any, prediction: Any, vector: Any, first: int, end: int, pulses: int) -> None:
    """Set places ``first`` to ``end`` of ``vector`` to so many pulses, at least one; shapes are in mid and side."""
    total = 0.0
    for place in range(first, end):
        vector[place] = 0
        rest = target[place] - prediction[place]
        total += rest if rest >= 0.0 else -rest
    left = i64(pulses)
    along = 0.0
    square = 0.0
    if 2 * pulses > end - first and total > 1e-9:
        # Many pulses: most of them lie where a straight division puts them.
        for place in range(first, end):
            rest = target[place] - prediction[place]
            size = rest if rest >= 0.0 else -rest
            count = int((pulses - 1) * size / total)
            vector[place] = count if rest >= 0.0 else -count
            left -= count
            along += count * size
            square += 1.0 * count * count
    while left > 1:
        best = i64(first)
        most = -1.0
        for place in range(first, end):
            rest = target[place] - prediction[place]
            size = rest if rest >= 0.0 else -rest
            count = i64(vector[place])
            likeness = along + size
            likeness = likeness * likeness / (square + 1.0 + 2.0 * (count if count >= 0 else -count))
            if likeness > most:
                most = likeness
                best = i64(place)
        rest = target[best] - prediction[best]
        count = i64(vector[best])
        square += 1.0 + 2.0 * (count if count >= 0 else -count)
        along += rest if rest >= 0.0 else -rest
        vector[best] = count + (1 if rest >= 0.0 else -1)
        left -= 1
    if left > 0:
        best = _last(target, prediction, vector, first, end)
        vector[best] += 1 if target[best] >= prediction[best] else -1
