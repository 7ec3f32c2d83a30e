"""A packet from its first symbol to its last, written: what ``packet_reader`` reads, in the same order.

While it writes a band the encoder makes of it what the decoder will make, since bands are folded from others.
"""

from __future__ import annotations

from typing import Any

from spiceproto.codecs.primitives import primitives

P = primitives()
MODE = P.source("celt051.mode")
ENCODER = P.source("celt051.range_encoder")
LAPLACE = P.source("celt051.laplace")
ALLOCATION = P.source("celt051.allocation")
ENERGIES = P.source("celt051.energies")
PULSES = P.source("celt051.pulses")
SEARCH = P.source("celt051.pulse_search")
SHAPES = P.source("celt051.bands")
READER = P.source("celt051.packet_reader")
kernel, table, i64 = P.kernel, P.table, P.i64

start, encode, finish, tell, tell16 = ENCODER.start, ENCODER.encode, ENCODER.finish, ENCODER.tell, ENCODER.tell16
write_bits, write_uniform = ENCODER.write_bits, ENCODER.write_uniform
write_number, write_pulses, search = LAPLACE.write_number, PULSES.write_pulses, SEARCH.search
allocate, pulses_for = ALLOCATION.allocate, ALLOCATION.pulses_for
foreseen, carried, floored, refined = ENERGIES.foreseen, ENERGIES.carried, ENERGIES.floored, ENERGIES.refined
fold, to_mid_side, join, keep = SHAPES.fold, SHAPES.to_mid_side, SHAPES.join, SHAPES.keep

PITCH, FOLD, SHORT, SHIFT, TIME, GAINS, LAG, BITS = range(8)
BANDS, SUPPORT, LAGS, GAIN_BITS, PITCH_END = MODE.BANDS, MODE.SUPPORT, MODE.LAGS, MODE.GAIN_BITS, MODE.PITCH_END
STEP = MODE.COARSE_STEP
EDGES = table(MODE.EDGES, "int64")
START = table(MODE.LAPLACE_START, "int64")
DECAY = table(MODE.DECAY, "int64")


@kernel
def _write_head(coder: Any, out: Any, size: int, head: Any) -> None:
    write_bits(coder, out, size, i64(1), i64(head[PITCH]))
    if head[PITCH]:
        write_bits(coder, out, size, i64(1), i64(head[FOLD]))
        write_bits(coder, out, size, i64(GAIN_BITS), i64(head[GAINS]))
        write_uniform(coder, out, size, i64(LAGS), i64(head[LAG]))
        return
    write_bits(coder, out, size, i64(1), i64(head[SHORT]))
    if head[SHORT]:
        write_bits(coder, out, size, i64(2), i64(head[SHIFT]))
        if head[SHIFT] > 0:
            write_uniform(coder, out, size, i64(SUPPORT), i64(head[TIME]))


@kernel
def _write_steps(coder: Any, out: Any, size: int, wanted: Any, energies: Any) -> None:
    """Coarse energy, the nearest there is to what is wanted; ``energies`` become those of this packet."""
    share = 8 * size // 3 // 2
    for channel in range(2):
        before = tell(coder)
        below = 0.0
        for band in range(BANDS):
            place = channel * BANDS + band
            energy = foreseen(energies, i64(band), i64(place), below)
            step = i64(-1)
            if tell(coder) - before <= share:
                nearest = (wanted[place] - energy) / STEP + 1000.5
                step = write_number(coder, out, size, i64(START[band]), i64(DECAY[band]), int(nearest) - 1000)
            energies[place] = floored(energy + STEP * step)
            below = carried(i64(band), below, step)


@kernel
def _write_fine(coder: Any, out: Any, size: int, fine_bits: Any, wanted: Any, energies: Any) -> None:
    for channel in range(2):
        for band in range(BANDS):
            bits = i64(fine_bits[band])
            if bits > 0:
                place = channel * BANDS + band
                parts = i64(1) << bits
                index = int(((wanted[place] - energies[place]) / STEP + 1000.5) * parts) - 1000 * parts
                if index < 0:
                    index = i64(0)
                elif index >= parts:
                    index = parts - 1
                write_bits(coder, out, size, bits, index)
                energies[place] += refined(index, bits)


@kernel
def write(
    coder: Any,
    out: Any,
    size: int,
    head: Any,
    wanted: Any,
    target: Any,
    prediction: Any,
    energies: Any,
    pulse_bits16: Any,
    fine_bits: Any,
    vector: Any,
    stack: Any,
    shape: Any,
    shapes: Any,
) -> int:
    """Write a packet of ``size`` bytes; returns how many bytes its number takes with the zeros at its end.

    ``wanted`` are the energies of the sound, in dB; ``target`` are its shapes, left and right in turn, and are changed, as
    ``prediction`` is. ``energies`` and ``shape`` become what the decoder has.
    """
    start(coder)
    _write_head(coder, out, size, head)
    _write_steps(coder, out, size, wanted, energies)
    allocate(i64(8 * size - tell(coder) - 1), pulse_bits16, fine_bits)
    _write_fine(coder, out, size, fine_bits, wanted, energies)
    balance = i64(0)
    for band in range(BANDS):
        used16 = tell16(coder)
        if band > 0:
            balance -= used16
        count = pulses_for(i64(band), i64(pulse_bits16[band]), balance, used16, size)
        balance += i64(pulse_bits16[band]) + used16
        first = i64(2 * EDGES[band])
        end = i64(2 * EDGES[band + 1])
        if count == 0 or (head[FOLD] and EDGES[band] >= PITCH_END):
            fold(shapes, prediction, i64(band), count, i64(head[SHORT]))
        if count == 0:
            for place in range(first, end):
                shape[place] = prediction[place]
        else:
            to_mid_side(prediction, first, end)
            to_mid_side(target, first, end)
            search(target, prediction, vector, first, end, count)
            write_pulses(coder, out, size, stack, vector, first, end - first, count)
            join(shape, prediction, vector, first, end)
        keep(shape, shapes, first, end)
    bit = i64(0)
    while tell(coder) < 8 * size:
        write_bits(coder, out, size, i64(1), bit)
        bit ^= 1
    used: int = finish(coder, out, size)
    return used
