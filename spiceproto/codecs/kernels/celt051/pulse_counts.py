"""How many vectors of pulses there are, and what it costs to say which one it is.

A band is a vector of integers whose magnitudes add up to ``k``, its pulses. ``V(n, k)`` is how many such vectors of
``n`` numbers there are, ``U(n, k)`` how many of them have a positive first number, or one that is not 0 for each
sign::

    U(n, k) = U(n - 1, k) + U(n, k - 1) + U(n - 1, k - 1)       U(n, 0) = 0,  U(1, k) = 1
    V(n, k) = U(n, k) + U(n, k + 1)

Where ``V`` is below 2^32 a vector is one number. Else its pulses are divided: how many are in the first half is one
of ``k + 1`` numbers, and each half is coded for itself.
"""

from __future__ import annotations

from operator import add

from spiceproto.codecs.primitives import primitives

P = primitives()
MODE = P.source("celt051.mode")
table = P.table

STRIDE = MODE.MOST_PULSES + 2
MANY = 1 << 32


def _counts() -> list[int]:
    """``U(n, k)`` at ``n * STRIDE + k``, and ``MANY`` for all that are not below it."""
    rows = [[0] * STRIDE, [0] + [1] * (STRIDE - 1)]
    for _ in range(2, MODE.WIDEST + 1):
        above, row = rows[-1], [0]
        for k in range(1, STRIDE):
            row.append(min(above[k] + row[-1] + above[k - 1], MANY))
        rows.append(row)
    return [count for row in rows for count in row]


_U = _counts()
U = table(_U, "int64")


def _vectors(n: int, k: int) -> int:
    return min(_U[n * STRIDE + k] + _U[n * STRIDE + k + 1], MANY) if k else 1


def _logarithm16(number: int) -> int:
    """The logarithm to base 2 in sixteenths, rounded up, as all counts of bits are: from 16 bits, rounded up in each step."""
    length = number.bit_length()
    if number == 1 << length - 1:
        return 16 * (length - 1)
    mantissa = -(-number >> length - 16) if length > 16 else number << 16 - length
    whole = length - 1
    for step in range(5):
        bit = mantissa >> 16
        mantissa = mantissa + bit >> bit
        whole = (2 * whole if step else whole) + bit
        mantissa = mantissa * mantissa + 0x7FFF >> 15
    return whole + (mantissa > 0x8000)


def _costs() -> list[int]:
    """Sixteenths of a bit that ``k`` pulses take in each band, at ``128 * band + k``; the most, if they are divided."""
    known: dict[int, list[int]] = {}

    def costs(n: int) -> list[int]:
        if n not in known:
            one = [_logarithm16(_vectors(n, k)) for k in range(MODE.MOST_PULSES + 1) if _vectors(n, k) < MANY]
            if len(one) <= MODE.MOST_PULSES:
                first, second = costs((n + 1) // 2), costs(n // 2)
                for k in range(len(one), MODE.MOST_PULSES + 1):
                    one.append(_logarithm16(k + 1) + max(map(add, first[: k + 1], second[k::-1])))
            known[n] = one
        return known[n]

    return [cost for band in range(MODE.BANDS) for cost in costs(2 * (MODE.EDGES[band + 1] - MODE.EDGES[band]))]


COSTS = table(_costs(), "int64")
