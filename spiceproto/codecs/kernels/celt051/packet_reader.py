"""A packet from its first symbol to its last.

What is read are whole numbers, in this order: what kind of packet it is, steps of coarse energy, fine energy, pulses band by
band, and padding. No sound is needed for it, so any packet of any size can be read.

A packet that is read goes to arrays of int64: ``head`` (the places are named below), ``steps`` and ``fine`` (20 for
the left channel, then 20 for the right), ``pulse_bits16``, ``fine_bits`` and ``counts`` (20), ``vector`` (mid and
side of each bin in turn).
"""

from __future__ import annotations

from typing import Any

from spiceproto.codecs.primitives import primitives

P = primitives()
MODE = P.source("celt051.mode")
DECODER = P.source("celt051.range_decoder")
LAPLACE = P.source("celt051.laplace")
ALLOCATION = P.source("celt051.allocation")
PULSES = P.source("celt051.pulses")
kernel, table, i64 = P.kernel, P.table, P.i64
start, read_bits, read_uniform, tell, tell16 = (
    DECODER.start,
    DECODER.read_bits,
    DECODER.read_uniform,
    DECODER.tell,
    DECODER.tell16,
)
read_number, read_pulses = LAPLACE.read_number, PULSES.read_pulses
allocate, pulses_for = ALLOCATION.allocate, ALLOCATION.pulses_for

PITCH, FOLD, SHORT, SHIFT, TIME, GAINS, LAG, BITS = range(8)
"""What a head has.

* ``PITCH``: whether the packet is predicted from the history, with which set of ``GAINS``, and from which place, ``LAG``
* ``FOLD``: whether high bands, which are not predicted, are folded
* ``SHORT``: whether it has two short blocks, and grows by ``SHIFT`` powers of two from sample ``TIME`` on
* ``BITS``: how many bits there are to allocate
"""

HEAD = 8

BANDS, SUPPORT, LAGS, GAIN_BITS = MODE.BANDS, MODE.SUPPORT, MODE.LAGS, MODE.GAIN_BITS
EDGES = table(MODE.EDGES, "int64")
START = table(MODE.LAPLACE_START, "int64")
DECAY = table(MODE.DECAY, "int64")

INTACT, DAMAGED = 0, 1


@kernel
def _read_head(coder: Any, data: Any, size: int, head: Any) -> None:
    for place in range(HEAD):
        head[place] = 0
    head[FOLD] = 1
    if read_bits(coder, data, size, i64(1)):
        head[PITCH] = 1
        head[FOLD] = read_bits(coder, data, size, i64(1))
        head[GAINS] = read_bits(coder, data, size, i64(GAIN_BITS))
        head[LAG] = read_uniform(coder, data, size, i64(LAGS))
    elif read_bits(coder, data, size, i64(1)):
        head[SHORT] = 1
        shift = read_bits(coder, data, size, i64(2))
        if shift > 0:
            head[SHIFT] = shift
            head[TIME] = read_uniform(coder, data, size, i64(SUPPORT))


@kernel
def _read_steps(coder: Any, data: Any, size: int, steps: Any) -> None:
    """Coarse energy. A channel that has used its share of the packet goes down a step a band from there on."""
    share = 8 * size // 3 // 2
    for channel in range(2):
        before = tell(coder)
        for band in range(BANDS):
            step = i64(-1)
            if tell(coder) - before <= share:
                step = read_number(coder, data, size, i64(START[band]), i64(DECAY[band]))
            steps[channel * BANDS + band] = step


@kernel
def read(
    coder: Any,
    data: Any,
    size: int,
    head: Any,
    steps: Any,
    pulse_bits16: Any,
    fine_bits: Any,
    fine: Any,
    counts: Any,
    vector: Any,
    stack: Any,
) -> int:
    """Read a packet of ``size`` bytes. Returns ``DAMAGED`` if its padding is not what it should be, else ``INTACT``."""
    start(coder, data, size)
    _read_head(coder, data, size, head)
    _read_steps(coder, data, size, steps)
    head[BITS] = 8 * size - tell(coder) - 1
    allocate(i64(head[BITS]), pulse_bits16, fine_bits)
    for channel in range(2):
        for band in range(BANDS):
            fine[channel * BANDS + band] = read_bits(coder, data, size, i64(fine_bits[band]))
    balance = i64(0)
    for band in range(BANDS):
        used16 = tell16(coder)
        if band > 0:
            balance -= used16
        count = pulses_for(i64(band), i64(pulse_bits16[band]), balance, used16, size)
        counts[band] = count
        balance += i64(pulse_bits16[band]) + used16
        if count > 0:
            first = 2 * EDGES[band]
            read_pulses(coder, data, size, stack, vector, i64(first), i64(2 * EDGES[band + 1] - first), count)
    expected = i64(0)
    while tell(coder) < 8 * size:
        if read_bits(coder, data, size, i64(1)) != expected:
            return i64(DAMAGED)
        expected ^= 1
    return i64(INTACT)
