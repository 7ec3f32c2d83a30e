"""Which vector of pulses it is: a number for each vector, or for each half of one.

The numbers of the vectors are in the order of their first entry. Of ``n`` entries with ``k`` pulses, the first ``U(n,
k + 1)`` numbers are those of a first entry that is positive or 0, and the other ``U(n, k)`` of a negative one. Among
either, the vectors whose other entries have ``r`` pulses begin at ``U(n, r)``.

Halves wait on a stack. It holds two numbers for a level, and there are at most seven.
"""

from __future__ import annotations

from typing import Any

from spiceproto.codecs.primitives import primitives

P = primitives()
MODE = P.source("celt051.mode")
COUNTS = P.source("celt051.pulse_counts")
DECODER = P.source("celt051.range_decoder")
ENCODER = P.source("celt051.range_encoder")
kernel, i64 = P.kernel, P.i64

U, STRIDE, MANY = COUNTS.U, COUNTS.STRIDE, COUNTS.MANY
read_uniform, write_uniform = DECODER.read_uniform, ENCODER.write_uniform
STACK = 32


@kernel
def vectors(n: int, k: int) -> int:
    """How many vectors of ``n`` numbers have ``k`` pulses; ``MANY`` and more if there are too many for one number."""
    count: int = U[n * STRIDE + k] + U[n * STRIDE + k + 1]
    return count


@kernel
def vector_of(index: int, vector: Any, first: int, n: int, k: int) -> None:
    """Write the vector with this number to ``n`` entries of ``vector``, from ``first`` on."""
    for place in range(n):
        row = (n - place) * STRIDE
        negative = index >= U[row + k + 1]
        if negative:
            index -= U[row + k + 1]
        rest = k
        while U[row + rest] > index:
            rest -= 1
        index -= U[row + rest]
        vector[first + place] = rest - k if negative else k - rest
        k = rest


@kernel
def index_of(vector: Any, first: int, n: int, k: int) -> int:
    """The number of the vector that stands there."""
    index = i64(0)
    for place in range(n):
        row = (n - place) * STRIDE
        entry = i64(vector[first + place])
        if entry < 0:
            index += U[row + k + 1]
            k += entry
        else:
            k -= entry
        index += U[row + k]
    return index


@kernel
def read_pulses(coder: Any, data: Any, size: int, stack: Any, vector: Any, first: int, n: int, k: int) -> None:
    """Read a vector of ``n`` entries with ``k`` pulses, at least one."""
    depth = i64(0)
    while True:
        # Halves of few entries have one number always, so that n does not become 1.
        while vectors(n, k) >= MANY:
            half = n + 1 >> 1
            some = read_uniform(coder, data, size, k + 1)
            stack[2 * depth] = n - half
            stack[2 * depth + 1] = k - some
            depth += 1
            n = half
            k = some
        if k > 0:
            vector_of(read_uniform(coder, data, size, vectors(n, k)), vector, first, n, k)
        else:
            for place in range(first, first + n):
                vector[place] = 0
        if depth == 0:
            return
        first += n
        depth -= 1
        n = i64(stack[2 * depth])
        k = i64(stack[2 * depth + 1])


@kernel
def write_pulses(coder: Any, out: Any, room: int, stack: Any, vector: Any, first: int, n: int, k: int) -> None:
    """Write a vector of ``n`` entries with ``k`` pulses, at least one."""
    depth = i64(0)
    while True:
        while vectors(n, k) >= MANY:
            half = n + 1 >> 1
            some = i64(0)
            for place in range(first, first + half):
                entry = i64(vector[place])
                some += entry if entry > 0 else -entry
            write_uniform(coder, out, room, k + 1, some)
            stack[2 * depth] = n - half
            stack[2 * depth + 1] = k - some
            depth += 1
            n = half
            k = some
        if k > 0:
            write_uniform(coder, out, room, vectors(n, k), index_of(vector, first, n, k))
        if depth == 0:
            return
        first += n
        depth -= 1
        n = i64(stack[2 * depth])
        k = i64(stack[2 * depth + 1])
