"""QUIC's loops: prediction, adaptive Golomb codes, runs.

QUIC is Starosolski's SFALIC with run lengths. Every colour channel of a pixel is predicted from its left neighbour and
the one above, floor((left + above) / 2); in the first row from the left alone, in the first column from above alone.
The residue modulo 2^BPC is folded so that small differences of either sign become small numbers (0, -1, 1, -2, ... ->
0, 1, 2, 3, ...: a *symbol*), and written with one of BPC Golomb-Rice codes. Code l spends l bits on the low part of
the symbol and counts the rest in leading zeros; at a code's maximum number of zeros an escape follows, so that no code
word is longer than 26 bits.

Which code is best for a symbol depends on its context, the symbol of the same channel one pixel to the left. Contexts
fall into buckets 0, 1-2, 3-6, 7-14, ... A bucket counts what every code would have cost so far; its best code is the
cheapest. Counting every pixel would be slow, so encoder and decoder count at pseudo-random distances, below 2^w, and w
grows by one every 2048 pixels up to 6. When the cheapest cost passes a threshold that depends on w, all costs of the
bucket are halved.

A run begins where the two pixels to the left are equal and so are the two above (above and above left). Its length is
written with MELCODE, an adaptive code with 32 states: a one bit for each 2^J[state] pixels, a zero bit, and the rest
in J[state] bits. It may be 0, in which case the next pixel is coded as usual.

RGBA is two passes a row, colour then alpha, each with a model of its own, on one bit stream. GRAY has the second kind
of pass only. RGB16 has BPC 5: this source is loaded twice.

The stream is 32-bit little-endian words, filled from the most significant bit. The kernels see it with the bytes of
every word swapped, which makes it a plain big-endian stream of bits that can be read and written 64 bits at a time.

How it is made fast: three channels are predicted, folded and compared packed in one register (one *line* of fields, r
highest). The bit buffer is refilled without a branch. The best code is one byte for each context. Escapes of the short
codes are rare, and a branch predicts them; those of the long ones come as often as not, and a table resolves them.

Facts from spice-common, common/quic.c and quic_tmpl.c; the pseudo-random table and thresholds are part of the format.
"""

from __future__ import annotations

from typing import Any

from spiceproto.codecs.primitives import primitives

P = primitives()
kernel, part, views, table, assume, clz64 = P.kernel, P.part, P.views, P.table, P.assume, P.clz64
u8, u16, u32, u64, i64 = P.u8, P.u16, P.u32, P.u64, P.i64
least16, load_be32, load_be64, store_be64 = P.least16, P.load_be32, P.load_be64, P.store_be64

# -- the format -------------------------------------------------------------------------------------------------------

BPC = P.parameter("BPC", 8)
"""Bits of a channel: 8, or 5 for RGB16."""

LONGEST_CODE = 26
WAIT_PIXELS = 2048  # pixels after which w grows
WAIT_BITS = 6  # greatest w

# Chosen by SFALIC's author for evolution 3; indexed by w.
TRIGGER = table([110, 550, 900, 800, 550, 400, 350], "uint32")

RANDOM = table(
    bytes.fromhex(
        "021713150712280e0c202f2c2406120b04132a1d103f39331003050e0f1e1409242d03393d000805290e2b1b2b3b1f23"
        "273c2a260d363e011a030b3d34220730043b160c160832040a062c080b2e1f333511012b2e3c24360a1b272c16291702"
        "2c0028352830102b201c210c1402383e373a12140d37261d391331212f3f3b00233d13192e263c0423011a281c0a050e"
        "19123031143b3e222e072134223a091d08373e3c2524253206030a1c30181a3d391e0b360206322f07112335200c1711"
        "05153137332d341b2719273f16182a343826292938200d181a331b383a25182a0f1c111e1f0f10171936212201"
        "1d1f323515310f2f09003a252d1e0d092d3f15"
    ),
    "uint8",
)
"""The low 6 bits, all that is used, of the 256 pseudo-random numbers that are drawn in turn, first one first."""

# 2^J pixels for one bit of a run, by state.
J = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, *range(8, 16)]
RUN_BITS = table(J, "uint8")
RUN_PIXELS = table([sum(1 << J[min(k, 31)] for k in range(count)) for count in range(96)], "uint32")
"""Pixels that the first k one bits from state 0 stand for; states beyond 31 are 31."""

# -- the tables that follow from it -----------------------------------------------------------------------------------

LEVELS = 1 << BPC
ZEROS = [min(LONGEST_CODE - BPC, (1 << (BPC - code)) - 1) for code in range(BPC)]
"""Zeros that start the escape of each code: as many as a word of 26 bits leaves room for, or as symbols need."""
ESCAPE = [(LEVELS - (ZEROS[code] << code) - 1).bit_length() for code in range(BPC)]
"""Bits of an escape behind its zeros: which of the symbols that the code proper does not reach."""


def _code_word(code: int, symbol: int) -> tuple[int, int]:
    """Value and length of a code word."""
    if symbol < ZEROS[code] << code:
        return 1 << code | symbol & (1 << code) - 1, (symbol >> code) + code + 1
    return symbol - (ZEROS[code] << code), ZEROS[code] + ESCAPE[code]


def _resolved(code: int, zeros: int) -> int:
    """Of the word that starts with so many zeros: what to add to its value << 8 | its length."""
    if zeros < ZEROS[code]:
        return (zeros - 1 << code) << 8 | zeros + 1 + code
    return (ZEROS[code] << code) << 8 | ZEROS[code] + ESCAPE[code]


BRANCHED = table([ZEROS[code] if code < BPC - 3 else 0 for code in range(BPC)], "int8")
"""Below so many zeros a word is decoded by arithmetic, else by the table RESOLVED (never, for the long codes)."""
RESOLVED = table([_resolved(code, zeros) for code in range(BPC) for zeros in range(128)], "int32")
WORDS = table(
    [length << 8 | value for code in range(BPC) for value, length in (_code_word(code, s) for s in range(LEVELS))],
    "uint16",
)

# A bucket is two 64-bit words of four 16-bit fields, one for each code: what it would have cost so far << 3 | its rank,
# so that the least field is the best code, and of equal ones the longer. With 5 codes, the others copy the last one
# and lose by rank. Costs stay below 2^13: no code costs more than 8 times the best, and that is halved above 900.
RANKS = u64(sum(7 << 16 * field for field in range(4)))
HALF = u64(sum(0x7FF8 << 16 * field for field in range(4)))


def _fields(values: list[int]) -> int:
    return sum(value << 16 * field for field, value in enumerate(values))


def _costs(symbol: int) -> list[int]:
    return [_code_word(min(code, BPC - 1), symbol)[1] << 3 for code in range(8)]


RANK = [BPC - 1 - code if code < BPC else code for code in range(8)]
RANKS_LOW = u64(_fields(RANK[:4]))
RANKS_HIGH = u64(_fields(RANK[4:]))
COSTS_LOW = table([_fields(_costs(symbol)[:4]) for symbol in range(256)], "uint64")
COSTS_HIGH = table([_fields(_costs(symbol)[4:]) for symbol in range(256)], "uint64")

# Buckets of 1, 2, 4, ... contexts; what would be a last small one belongs to the one before.
BUCKETS = BPC
BUCKET = table([min((context + 1).bit_length() - 1, BPC - 1) for context in range(LEVELS)], "uint8")
BUCKET_START = table([*((1 << bucket) - 1 for bucket in range(BPC)), LEVELS], "uint16")

# A pixel is three fields of BPC bits, r, g, b from high to low; constants to work on all of them at once. A symbol is
# packed too, but always in fields of 8 bits: the escape of a short code can say symbols of 2^BPC and above. No encoder
# does. The reference decoder cuts them to 8 bits; with 5 bits a channel it then takes 32 and above as a residue of 0,
# counts their own cost, and uses their low 5 bits as context. So does this one, to show on such a stream what it shows.
G = BPC
R = 2 * BPC
FIELD = (1 << BPC) - 1
LOW = 1 << R | 1 << G | 1
HIGH = LOW << BPC - 1
PIXEL = LOW * FIELD
NOT_LOW = PIXEL - LOW
NOT_HIGH = PIXEL - HIGH
BEYOND = 0xE0E0E0
FIELD_HIGH = 1 << BPC - 1
FIELD_NOT_HIGH = FIELD - FIELD_HIGH

M64 = u64((1 << 64) - 1)
ONES = u64(0xFFFFFFFF << 32)
ROOM = 12  # bytes that a coded pixel may need
CONTEXTS = 256  # stride of a channel in the array of best codes

# Compiled, the bit buffer is refilled for every pixel, because a branch costs more; and then holds 56 bits, two codes.
# Interpreted, it is refilled before a code when it may be too short.
INTERPRETED = P.INTERPRETED
ALWAYS = 64
REFILL_BELOW = LONGEST_CODE if INTERPRETED else ALWAYS

# Arrays that the kernels pass on to each other:
#
# bits: the bit buffer (next bit highest), how many of its bits are counted, bytes read or written.
# work, of one pass: a tuple of
#   model     pixels to wait, random index, w, pixels until w grows, state of the run code
#   counters  two words a bucket, BPC buckets a channel
#   best      best code by context, CONTEXTS a channel
#   symbols   of the last row, by column; pixels of a run leave none, there it is of an earlier row
#   line      the first row, one pixel wider than the image, with a zero before it
#
# Interpreted, the codec calls the loops with these arrays. Compiled, a picture is one call (*_picture), because a call costs
# more than a small picture does; they are then parts of one block of bytes, ``space``: bits, model, counters and best codes in
# STATE bytes, symbols and line behind them in 8 (width + 1); the same again for alpha, and a byte a pixel of it; and
# from a byte ``at`` on, a multiple of 8, the stream with swapped words.

STATE = 24 + 40 + 8 * 2 * 3 * BPC + 3 * CONTEXTS
SLACK = 2048  # zero bytes behind a stream: what is read before it is checked again

HEADER_SIZE = 20
HEADER = 0x43495551 << 32  # magic and version

INPUT_ENDED = 1
RUN_TOO_LONG = 2


@part
def start(work: Any) -> None:
    """Bring the work space of one pass to the state that every image starts with."""
    model, counters, best, symbols, _ = work
    symbols[0] = 0
    model[0] = 0
    model[1] = 255
    model[2] = 0
    model[3] = WAIT_PIXELS
    model[4] = 0
    for i in range(len(counters)):
        counters[i] = RANKS_HIGH if i & 1 else RANKS_LOW
    for i in range(len(best)):
        best[i] = BPC - 1


@part
def _count(counters: Any, best: Any, channel: int, context: int, symbol: int, trigger: int) -> None:
    """Let one symbol count in the bucket of its context."""
    bucket = i64(BUCKET[u64(context)])
    at = 2 * (channel * BUCKETS + bucket)
    low = counters[u64(at)] + COSTS_LOW[u64(symbol)]
    high = counters[u64(at + 1)] + COSTS_HIGH[u64(symbol)]
    least = least16(low, high)
    code = BPC - 1 - (least & 7)
    if code != i64(best[u64(channel * CONTEXTS + context)]):
        for other in range(i64(BUCKET_START[u64(bucket)]), i64(BUCKET_START[u64(bucket + 1)])):
            best[u64(channel * CONTEXTS + other)] = code
    if least >> 3 > trigger:
        low = low >> 1 & HALF | low & RANKS
        high = high >> 1 & HALF | high & RANKS
    counters[u64(at)] = low
    counters[u64(at + 1)] = high


@part
def _count_colour(counters: Any, best: Any, context: int, symbol: int, trigger: int) -> None:
    _count(counters, best, i64(0), context >> 16 & FIELD, symbol >> 16, trigger)
    _count(counters, best, i64(1), context >> 8 & FIELD, symbol >> 8 & 255, trigger)
    _count(counters, best, i64(2), context & FIELD, symbol & 255, trigger)


# -- decoding ---------------------------------------------------------------------------------------------------------


@part
def _read_run(data: Any, buffer: int, count: int, at: int, state: int, most: int) -> tuple[int, int, int, int, int]:
    """A run length, the bit buffer behind it, and the new state. A length above ``most`` may not be all of it."""
    buffer |= load_be64(data, at) >> u64(count)
    at += 63 - count >> 3
    count |= 56
    run = 0
    ones = clz64(u64(buffer ^ M64))
    while ones >= 32:
        run += i64(RUN_PIXELS[u64(state + 32)]) - i64(RUN_PIXELS[u64(state)])
        if run > most:
            return run, buffer, count, at, state
        state = 31
        buffer = u64(buffer << 32 & M64)
        count -= 32
        buffer |= load_be64(data, at) >> u64(count)
        at += 63 - count >> 3
        count |= 56
        ones = clz64(u64(buffer ^ M64))
    run += i64(RUN_PIXELS[u64(state + ones)]) - i64(RUN_PIXELS[u64(state)])
    state = min(state + ones, 31)
    rest = i64(RUN_BITS[u64(state)])
    buffer = u64(buffer << ones + 1 & M64)
    run += i64(buffer >> 1 >> 63 - rest)
    buffer = u64(buffer << rest & M64)
    return run, buffer, count - ones - 1 - rest, at, max(state - 1, 0)


@part
def _fill(out: Any, start: int, end: int, pixel: int) -> None:
    assume(start >= 0)
    for i in range(start, end):
        out[i] = pixel


@part
def decode_colour_row(
    data: Any,
    end_of_data: int,
    bits: Any,
    work: Any,
    out: Any,
    above: int,
    here: int,
    width: int,
    runs_after: int,
) -> int:
    """One row of three channels to ``out[here:]``; the row above it is at ``out[above:]``.

    For the first row, ``above`` is ``here - 1``: above a pixel is then its left neighbour, and a zero before the first.
    ``runs_after`` is 2, or the width in the first row, which has no runs. ``data`` has 2 KiB behind ``end_of_data``:
    what is read between two checks is less than 65 pixels, each of 78 bits and perhaps a run length of 18 bits, and one
    long run.
    """
    model, counters, best, symbols, _ = work
    buffer = u64(bits[0])
    count = i64(bits[1])
    at = i64(bits[2])
    wait = i64(model[0])
    random = i64(model[1])
    w = i64(model[2])
    until_growth = i64(model[3])
    state = i64(model[4])

    symbol = i64(symbols[0])  # the context of a first pixel is the first symbol of the row above
    context = symbol
    r = symbol >> 16 & FIELD
    g = symbol >> 8 & FIELD
    b = symbol & FIELD
    left = i64(out[u64(above)])  # makes the prediction of the first pixel the pixel above
    before = left
    corner = left
    i = 0
    while i < width:
        end = width
        grows = w < WAIT_BITS and until_growth <= width - i
        if grows:
            end = i + until_growth
        elif w < WAIT_BITS:
            until_growth -= width - i
        mask = (1 << w) - 1
        trigger = i64(TRIGGER[u64(w)])
        run_at = -1
        stop = i + wait
        while True:
            if at > end_of_data:
                return INPUT_ENDED
            last = min(stop, end - 1)
            ran = False
            while i <= last:
                over = i64(out[u64(above + i)])
                if over == corner and left == before and i > runs_after and i != run_at:
                    ran = True
                    break
                context = symbol
                assume(count < ALWAYS)
                if count < REFILL_BELOW:
                    buffer |= load_be64(data, at) >> u64(count)
                    at += 63 - count >> 3
                    count |= 56
                code = i64(best[u64(r)])
                zeros = clz64(buffer)
                if zeros < i64(BRANCHED[u64(code)]):
                    length = zeros + 1 + code
                    r = (zeros - 1 << code) + i64(buffer >> 64 - length)
                else:
                    length = i64(RESOLVED[u64((code << 7) + zeros)])
                    r = length >> 8
                    length &= 255
                    r = r + i64(buffer >> 64 - length) & 255
                buffer = u64(buffer << length & M64)
                count -= length

                if INTERPRETED and count < LONGEST_CODE:
                    buffer |= load_be64(data, at) >> u64(count)
                    at += 63 - count >> 3
                    count |= 56
                code = i64(best[u64(CONTEXTS + g)])
                zeros = clz64(buffer)
                if zeros < i64(BRANCHED[u64(code)]):
                    length = zeros + 1 + code
                    g = (zeros - 1 << code) + i64(buffer >> 64 - length)
                else:
                    length = i64(RESOLVED[u64((code << 7) + zeros)])
                    g = length >> 8
                    length &= 255
                    g = g + i64(buffer >> 64 - length) & 255
                buffer = u64(buffer << length & M64)
                count -= length

                if count < LONGEST_CODE:
                    buffer |= load_be64(data, at) >> u64(count)
                    at += 63 - count >> 3
                    count |= 56
                code = i64(best[u64(2 * CONTEXTS + b)])
                zeros = clz64(buffer)
                if zeros < i64(BRANCHED[u64(code)]):
                    length = zeros + 1 + code
                    b = (zeros - 1 << code) + i64(buffer >> 64 - length)
                else:
                    length = i64(RESOLVED[u64((code << 7) + zeros)])
                    b = length >> 8
                    length &= 255
                    b = b + i64(buffer >> 64 - length) & 255
                buffer = u64(buffer << length & M64)
                count -= length

                symbol = r << 16 | g << 8 | b
                symbols[u64(i)] = symbol
                folded = symbol
                if BPC == 5:
                    folded = r << R | g << G | b
                    if symbol & BEYOND:  # only in a stream that no encoder made
                        folded = (r << R if r < 32 else 0) | (g << G if g < 32 else 0) | (b if b < 32 else 0)
                        r &= 31
                        g &= 31
                        b &= 31
                residue = (folded & NOT_LOW) >> 1 ^ (folded & LOW) * FIELD
                predicted = (left & over) + (((left ^ over) & NOT_LOW) >> 1)
                before = left
                left = (residue & NOT_HIGH) + (predicted & NOT_HIGH) ^ (residue ^ predicted) & HIGH
                out[u64(here + i)] = left
                corner = over
                i += 1
            if ran:
                wait = stop - i
                run_at = i
                run, buffer, count, at, state = _read_run(data, buffer, count, at, state, end - i)
                if run > end - i:
                    return RUN_TOO_LONG
                _fill(out, here + i, here + i + run, left)
                i += run
                stop = i + wait
                before = left if run > 0 else before
                corner = i64(out[u64(above + i - 1)])
                symbol = i64(symbols[u64(i - 1)])
                r = symbol >> 16 & FIELD
                g = symbol >> 8 & FIELD
                b = symbol & FIELD
                if i == end:
                    break
            elif stop < end:
                _count_colour(counters, best, context, symbol, trigger)
                random = random + 1 & 255
                stop = i + (i64(RANDOM[u64(random)]) & mask)
            else:
                wait = stop - end
                break
        if grows:
            w += 1
            until_growth = WAIT_PIXELS
    bits[0] = buffer
    bits[1] = count
    bits[2] = at
    model[0] = wait
    model[1] = random
    model[2] = w
    model[3] = until_growth
    model[4] = state
    return 0


@part
def decode_one_row(
    data: Any,
    end_of_data: int,
    bits: Any,
    work: Any,
    out: Any,
    above: int,
    here: int,
    width: int,
    runs_after: int,
) -> int:
    """As :func:`decode_colour_row`, for one channel of 8 bits."""
    model, counters, best, symbols, _ = work
    buffer = u64(bits[0])
    count = i64(bits[1])
    at = i64(bits[2])
    wait = i64(model[0])
    random = i64(model[1])
    w = i64(model[2])
    until_growth = i64(model[3])
    state = i64(model[4])

    symbol = i64(symbols[0])  # the context of a first pixel is the first symbol of the row above
    context = symbol
    left = i64(out[u64(above)])  # makes the prediction of the first pixel the pixel above
    before = left
    corner = left
    i = 0
    while i < width:
        end = width
        grows = w < WAIT_BITS and until_growth <= width - i
        if grows:
            end = i + until_growth
        elif w < WAIT_BITS:
            until_growth -= width - i
        mask = (1 << w) - 1
        trigger = i64(TRIGGER[u64(w)])
        run_at = -1
        stop = i + wait
        while True:
            if at > end_of_data:
                return INPUT_ENDED
            last = min(stop, end - 1)
            ran = False
            while i <= last:
                over = i64(out[u64(above + i)])
                if over == corner and left == before and i > runs_after and i != run_at:
                    ran = True
                    break
                context = symbol
                assume(count < ALWAYS)
                if count < REFILL_BELOW:
                    buffer |= load_be64(data, at) >> u64(count)
                    at += 63 - count >> 3
                    count |= 56
                code = i64(best[u64(symbol)])
                zeros = clz64(buffer)
                if zeros < i64(BRANCHED[u64(code)]):
                    length = zeros + 1 + code
                    symbol = (zeros - 1 << code) + i64(buffer >> 64 - length)
                else:
                    length = i64(RESOLVED[u64((code << 7) + zeros)])
                    symbol = length >> 8
                    length &= 255
                    symbol = symbol + i64(buffer >> 64 - length) & 255
                buffer = u64(buffer << length & M64)
                count -= length

                symbols[u64(i)] = symbol
                before = left
                left = (symbol >> 1 ^ -(symbol & 1)) + (left + over >> 1) & FIELD
                out[u64(here + i)] = left
                corner = over
                i += 1
            if ran:
                wait = stop - i
                run_at = i
                run, buffer, count, at, state = _read_run(data, buffer, count, at, state, end - i)
                if run > end - i:
                    return RUN_TOO_LONG
                _fill(out, here + i, here + i + run, left)
                i += run
                stop = i + wait
                before = left if run > 0 else before
                corner = i64(out[u64(above + i - 1)])
                symbol = i64(symbols[u64(i - 1)])
                if i == end:
                    break
            elif stop < end:
                _count(counters, best, i64(0), context, symbol, trigger)
                random = random + 1 & 255
                stop = i + (i64(RANDOM[u64(random)]) & mask)
            else:
                wait = stop - end
                break
        if grows:
            w += 1
            until_growth = WAIT_PIXELS
    bits[0] = buffer
    bits[1] = count
    bits[2] = at
    model[0] = wait
    model[1] = random
    model[2] = w
    model[3] = until_growth
    model[4] = state
    return 0


@part
def decode_colour(data: Any, end_of_data: int, bits: Any, work: Any, out: Any, width: int, height: int) -> int:
    """All rows of three channels. Returns 0 or what is wrong."""
    start(work)
    line = work[4]
    rows = line
    above = i64(0)
    here = i64(1)
    runs_after = width
    for row in range(height):
        status = decode_colour_row(data, end_of_data, bits, work, rows, above, here, width, runs_after)
        if status != 0:
            return status
        if row == 0:
            for i in range(width):
                out[i] = line[i + 1]
            rows = out
            here = i64(0)
            runs_after = i64(2)
        above = here
        here += width
    return 0


@part
def decode_one(data: Any, end_of_data: int, bits: Any, work: Any, out: Any, width: int, height: int) -> int:
    """All rows of one channel. Returns 0 or what is wrong."""
    start(work)
    line = work[4]
    rows = line
    above = i64(0)
    here = i64(1)
    runs_after = width
    for row in range(height):
        status = decode_one_row(data, end_of_data, bits, work, rows, above, here, width, runs_after)
        if status != 0:
            return status
        if row == 0:
            for i in range(width):
                out[i] = line[i + 1]
            rows = out
            here = i64(0)
            runs_after = i64(2)
        above = here
        here += width
    return 0


@part
def decode_colour_and_alpha(
    data: Any,
    end_of_data: int,
    bits: Any,
    work: Any,
    out: Any,
    alpha_work: Any,
    alpha: Any,
    width: int,
    height: int,
) -> int:
    """RGBA: colour to ``out`` and alpha to ``alpha``, row by row; joined in ``out`` at the end."""
    start(work)
    start(alpha_work)
    line = work[4]
    alpha_line = alpha_work[4]
    rows = line
    alpha_rows = alpha_line
    above = i64(0)
    here = i64(1)
    runs_after = width
    for row in range(height):
        status = decode_colour_row(data, end_of_data, bits, work, rows, above, here, width, runs_after)
        if status != 0:
            return status
        status = decode_one_row(data, end_of_data, bits, alpha_work, alpha_rows, above, here, width, runs_after)
        if status != 0:
            return status
        if row == 0:
            for i in range(width):
                out[i] = line[i + 1]
                alpha[i] = alpha_line[i + 1]
            rows = out
            alpha_rows = alpha
            here = i64(0)
            runs_after = i64(2)
        above = here
        here += width
    for i in range(width * height):
        out[i] = i64(out[i]) | i64(alpha[i]) << 24
    return 0


# -- encoding ---------------------------------------------------------------------------------------------------------


@part
def _write_run(out: Any, buffer: int, count: int, at: int, state: int, run: int) -> tuple[int, int, int, int]:
    """Write a run length; the bit buffer, with less than 8 bits in it, and the new state."""
    ones = 0
    while run >= 1 << i64(RUN_BITS[u64(state)]):
        run -= 1 << i64(RUN_BITS[u64(state)])
        state = min(state + 1, 31)
        ones += 1
        if ones == 32:
            store_be64(out, at, u64(buffer | ONES >> u64(count)))
            at += 4
            buffer = u64(65280 >> count & 255) << u64(56)
            ones = 0
    rest = i64(RUN_BITS[u64(state)])
    count += ones + 1 + rest
    buffer |= u64((1 << ones) - 1 << rest + 1 | run) << u64(64 - count)
    store_be64(out, at, buffer)
    at += count >> 3
    buffer = u64(buffer << (count & 56) & M64)
    return buffer, count & 7, at, max(state - 1, 0)


@part
def encode_colour_row(
    bits: Any,
    work: Any,
    pixels: Any,
    above: int,
    here: int,
    width: int,
    runs_after: int,
    out: Any,
) -> None:
    """One row of three channels from ``pixels[here:]`` to the end of ``out``; arguments as in decoding.

    ``out`` has room for 12 bytes a pixel and 64 bytes: three codes of 26 bits, and a run length of less than 18 bits.
    """
    model, counters, best, symbols, _ = work
    buffer = u64(bits[0])
    count = i64(bits[1])
    at = i64(bits[2])
    wait = i64(model[0])
    random = i64(model[1])
    w = i64(model[2])
    until_growth = i64(model[3])
    state = i64(model[4])

    symbol = i64(symbols[0])
    context = symbol
    r = symbol >> 16
    g = symbol >> 8 & 255
    b = symbol & 255
    left = i64(pixels[u64(above)]) & PIXEL
    before = left
    corner = left
    i = 0
    while i < width:
        end = width
        grows = w < WAIT_BITS and until_growth <= width - i
        if grows:
            end = i + until_growth
        elif w < WAIT_BITS:
            until_growth -= width - i
        mask = (1 << w) - 1
        trigger = i64(TRIGGER[u64(w)])
        run_at = -1
        stop = i + wait
        while True:
            last = min(stop, end - 1)
            ran = False
            while i <= last:
                over = i64(pixels[u64(above + i)]) & PIXEL
                if over == corner and left == before and i > runs_after and i != run_at:
                    ran = True
                    break
                pixel = i64(pixels[u64(here + i)]) & PIXEL
                context = symbol
                predicted = (left & over) + (((left ^ over) & NOT_LOW) >> 1)
                residue = (pixel | HIGH) - (predicted & NOT_HIGH) ^ (pixel ^ ~predicted) & HIGH
                symbol = (residue & NOT_HIGH) << 1 ^ ((residue & HIGH) >> BPC - 1) * FIELD
                if BPC == 5:
                    symbol = symbol >> R << 16 | (symbol >> G & FIELD) << 8 | symbol & FIELD
                symbols[u64(i)] = symbol

                code = i64(best[u64(r)])
                r = symbol >> 16
                word = i64(WORDS[u64((code << BPC) + r)])
                count += word >> 8
                buffer |= u64(word & 255) << u64(64 - count)

                code = i64(best[u64(CONTEXTS + g)])
                g = symbol >> 8 & 255
                word = i64(WORDS[u64((code << BPC) + g)])
                count += word >> 8
                buffer |= u64(word & 255) << u64(64 - count)

                code = i64(best[u64(2 * CONTEXTS + b)])
                b = symbol & 255
                if count >= 64 - LONGEST_CODE:  # 64 bits exactly would need a shift by 64
                    store_be64(out, at, buffer)
                    at += count >> 3
                    buffer = u64(buffer << (count & 56) & M64)
                    count &= 7
                word = i64(WORDS[u64((code << BPC) + b)])
                count += word >> 8
                buffer |= u64(word & 255) << u64(64 - count)

                store_be64(out, at, buffer)
                at += count >> 3
                buffer = u64(buffer << (count & 56) & M64)
                count &= 7
                before = left
                left = pixel
                corner = over
                i += 1
            if ran:
                wait = stop - i
                run_at = i
                while i < end and i64(pixels[u64(here + i)]) & PIXEL == left:
                    i += 1
                run = i - run_at
                buffer, count, at, state = _write_run(out, buffer, count, at, state, run)
                stop = i + wait
                before = left if run > 0 else before
                corner = i64(pixels[u64(above + i - 1)]) & PIXEL
                symbol = i64(symbols[u64(i - 1)])
                r = symbol >> 16
                g = symbol >> 8 & 255
                b = symbol & 255
                if i == end:
                    break
            elif stop < end:
                _count_colour(counters, best, context, symbol, trigger)
                random = random + 1 & 255
                stop = i + (i64(RANDOM[u64(random)]) & mask)
            else:
                wait = stop - end
                break
        if grows:
            w += 1
            until_growth = WAIT_PIXELS
    bits[0] = buffer
    bits[1] = count
    bits[2] = at
    model[0] = wait
    model[1] = random
    model[2] = w
    model[3] = until_growth
    model[4] = state


@part
def encode_one_row(
    bits: Any,
    work: Any,
    pixels: Any,
    above: int,
    here: int,
    width: int,
    runs_after: int,
    out: Any,
) -> None:
    """As :func:`encode_colour_row`, for one channel of 8 bits."""
    model, counters, best, symbols, _ = work
    buffer = u64(bits[0])
    count = i64(bits[1])
    at = i64(bits[2])
    wait = i64(model[0])
    random = i64(model[1])
    w = i64(model[2])
    until_growth = i64(model[3])
    state = i64(model[4])

    symbol = i64(symbols[0])
    context = symbol
    left = i64(pixels[u64(above)]) & FIELD
    before = left
    corner = left
    i = 0
    while i < width:
        end = width
        grows = w < WAIT_BITS and until_growth <= width - i
        if grows:
            end = i + until_growth
        elif w < WAIT_BITS:
            until_growth -= width - i
        mask = (1 << w) - 1
        trigger = i64(TRIGGER[u64(w)])
        run_at = -1
        stop = i + wait
        while True:
            last = min(stop, end - 1)
            ran = False
            while i <= last:
                over = i64(pixels[u64(above + i)]) & FIELD
                if over == corner and left == before and i > runs_after and i != run_at:
                    ran = True
                    break
                pixel = i64(pixels[u64(here + i)]) & FIELD
                context = symbol
                residue = pixel - (left + over >> 1) & FIELD
                symbol = (residue & FIELD_NOT_HIGH) << 1 ^ (residue >> BPC - 1) * FIELD
                symbols[u64(i)] = symbol
                word = i64(WORDS[u64((i64(best[u64(context)]) << BPC) + symbol)])
                count += word >> 8
                buffer |= u64(word & 255) << u64(64 - count)
                store_be64(out, at, buffer)
                at += count >> 3
                buffer = u64(buffer << (count & 56) & M64)
                count &= 7
                before = left
                left = pixel
                corner = over
                i += 1
            if ran:
                wait = stop - i
                run_at = i
                while i < end and i64(pixels[u64(here + i)]) & FIELD == left:
                    i += 1
                run = i - run_at
                buffer, count, at, state = _write_run(out, buffer, count, at, state, run)
                stop = i + wait
                before = left if run > 0 else before
                corner = i64(pixels[u64(above + i - 1)]) & FIELD
                symbol = i64(symbols[u64(i - 1)])
                if i == end:
                    break
            elif stop < end:
                _count(counters, best, i64(0), context, symbol, trigger)
                random = random + 1 & 255
                stop = i + (i64(RANDOM[u64(random)]) & mask)
            else:
                wait = stop - end
                break
        if grows:
            w += 1
            until_growth = WAIT_PIXELS
    bits[0] = buffer
    bits[1] = count
    bits[2] = at
    model[0] = wait
    model[1] = random
    model[2] = w
    model[3] = until_growth
    model[4] = state


@part
def encode_colour(bits: Any, work: Any, pixels: Any, width: int, row: int, height: int, out: Any) -> int:
    """Three channels, from ``row`` on, as far as ``out`` has room for: the first row that is not encoded."""
    line = work[4]
    while row < height:
        if i64(bits[2]) + ROOM * width + 64 > len(out):
            return row
        if row == 0:
            start(work)
            for i in range(width):
                line[i + 1] = pixels[i]
            rows = line
            above = i64(0)
            here = i64(1)
            runs_after = width
        else:
            rows = pixels
            here = row * width
            above = here - width
            runs_after = i64(2)
        encode_colour_row(bits, work, rows, above, here, width, runs_after, out)
        row += 1
    store_be64(out, i64(bits[2]), u64(bits[0]))
    return row


@part
def encode_one(bits: Any, work: Any, pixels: Any, width: int, row: int, height: int, out: Any) -> int:
    """One channel, from ``row`` on, as far as ``out`` has room for: the first row that is not encoded."""
    line = work[4]
    while row < height:
        if i64(bits[2]) + ROOM * width + 64 > len(out):
            return row
        if row == 0:
            start(work)
            for i in range(width):
                line[i + 1] = pixels[i]
            rows = line
            above = i64(0)
            here = i64(1)
            runs_after = width
        else:
            rows = pixels
            here = row * width
            above = here - width
            runs_after = i64(2)
        encode_one_row(bits, work, rows, above, here, width, runs_after, out)
        row += 1
    store_be64(out, i64(bits[2]), u64(bits[0]))
    return row


@part
def encode_colour_and_alpha(
    bits: Any,
    work: Any,
    pixels: Any,
    alpha_work: Any,
    alpha: Any,
    width: int,
    row: int,
    height: int,
    out: Any,
) -> int:
    """RGBA: colour from ``pixels`` and alpha from ``alpha``, else as :func:`encode_colour`."""
    line = work[4]
    alpha_line = alpha_work[4]
    while row < height:
        if i64(bits[2]) + 2 * ROOM * width + 64 > len(out):
            return row
        if row == 0:
            start(work)
            start(alpha_work)
            for i in range(width):
                line[i + 1] = pixels[i]
                alpha_line[i + 1] = alpha[i]
            rows = line
            alpha_rows = alpha_line
            above = i64(0)
            here = i64(1)
            runs_after = width
        else:
            rows = pixels
            alpha_rows = alpha
            here = row * width
            above = here - width
            runs_after = i64(2)
        encode_colour_row(bits, work, rows, above, here, width, runs_after, out)
        encode_one_row(bits, alpha_work, alpha_rows, above, here, width, runs_after, out)
        row += 1
    store_be64(out, i64(bits[2]), u64(bits[0]))
    return row


# -- one call a picture, compiled -------------------------------------------------------------------------------------

if not INTERPRETED:
    PIXEL_TYPE = u16 if BPC == 5 else u32

    @views
    def bits_of(space: Any) -> Any:
        return space[0:24].view(u64)

    @views
    def colour_of(space: Any, width: int) -> Any:
        """The arrays of a pass over three channels."""
        line = space[STATE + 4 * width : STATE + 8 * width + 8].view(PIXEL_TYPE)
        line[0] = 0  # of another width, this was a pixel
        return (
            space[24:64].view(i64),
            space[64 : 64 + 48 * BPC].view(u64),
            space[64 + 48 * BPC : STATE],
            space[STATE : STATE + 4 * width].view(u32),
            line,
        )

    @views
    def one_of(space: Any, at: int, width: int) -> Any:
        """The arrays of a pass over one channel, from ``at`` on."""
        line = space[at + STATE + 4 * width : at + STATE + 5 * width + 1]
        line[0] = 0
        return (
            space[at + 24 : at + 64].view(i64),
            space[at + 64 : at + 64 + 16 * BPC].view(u64),
            space[at + 64 + 16 * BPC : at + 64 + 16 * BPC + CONTEXTS],
            space[at + STATE : at + STATE + 4 * width].view(u32),
            line,
        )

    @views
    def swapped(stream: Any, words: int, space: Any, at: int) -> Any:
        """A copy of the stream in ``space``, its words swapped and zeros behind it."""
        data = space[at : at + 4 * words + SLACK]
        copy = data.view(u32)
        for word in range(words):
            copy[u64(word)] = load_be32(stream, 4 * word)
        for byte in range(4 * words, 4 * words + SLACK, 8):
            store_be64(data, byte, u64(0))
        return data

    @views
    def begun(space: Any) -> Any:
        bits = bits_of(space)
        bits[0] = u64(0)
        bits[1] = u64(0)
        bits[2] = u64(HEADER_SIZE)
        return bits

    @part
    def judged(status: int, bits: Any, words: int) -> int:
        """The reference fails when it has to read a word beyond the last, and it reads one word ahead of the bits it takes."""
        if status == 0 and 8 * i64(bits[2]) - i64(bits[1]) > 32 * (words - 1):
            return INPUT_ENDED
        return status

    @kernel
    def decode_colour_picture(stream: Any, words: int, space: Any, at: int, out: Any) -> int:
        """Decode a stream of ``bytes`` to an array of two dimensions. Returns 0 or what is wrong."""
        height, width = out.shape
        bits = begun(space)
        data = swapped(stream, i64(words), space, i64(at))
        work = colour_of(space, width)
        status = decode_colour(data, 4 * i64(words) + 8, bits, work, out.reshape(out.size), width, height)
        return judged(status, bits, i64(words))

    @kernel
    def decode_one_picture(stream: Any, words: int, space: Any, at: int, out: Any) -> int:
        height, width = out.shape
        bits = begun(space)
        data = swapped(stream, i64(words), space, i64(at))
        status = decode_one(data, 4 * i64(words) + 8, bits, one_of(space, i64(0), width), out.reshape(out.size), width, height)
        return judged(status, bits, i64(words))

    @kernel
    def decode_colour_and_alpha_picture(stream: Any, words: int, space: Any, at: int, out: Any) -> int:
        height, width = out.shape
        second = STATE + 8 * width + 8
        bits = begun(space)
        data = swapped(stream, i64(words), space, i64(at))
        work = colour_of(space, width)
        alpha_work = one_of(space, second, width)
        alpha = space[2 * second : 2 * second + out.size]
        pixels = out.reshape(out.size)
        status = decode_colour_and_alpha(data, 4 * i64(words) + 8, bits, work, pixels, alpha_work, alpha, width, height)
        return judged(status, bits, i64(words))

    @views
    def headed(space: Any, at: int, type: int, width: int, height: int, row: int) -> Any:
        """Begin a stream if this is its first row."""
        if row == 0:
            begun(space)
            store_be64(space, at, u64(HEADER))
            store_be64(space, at + 8, u64(type << 32 | width))
            store_be64(space, at + 16, u64(height << 32))
        return bits_of(space)

    @part
    def ended(bits: Any, out: Any) -> int:
        """Fill up the last word, add the one that a decoder wants, and swap all of them. Returns the bytes of the stream."""
        words = (8 * i64(bits[2]) + i64(bits[1]) + 31 >> 5) + 1
        for byte in range(i64(bits[2]) + 8, 4 * words):
            out[byte] = 0
        stream = out[0 : 4 * words].view(u32)
        for word in range(words):
            stream[u64(word)] = load_be32(out, 4 * word)
        return 4 * words

    @kernel
    def encode_colour_picture(pixels: Any, type: int, space: Any, at: int, row: int) -> int:
        """Encode an array of two dimensions from ``row`` on to ``space[at:]``.

        Returns the bytes of the stream, or, negative and less one, the first row that there was no room for: call again
        with it and with more space, which has the same contents.
        """
        height, width = pixels.shape
        bits = headed(space, i64(at), i64(type), width, height, i64(row))
        out = space[i64(at) :]
        done = encode_colour(bits, colour_of(space, width), pixels.reshape(pixels.size), width, i64(row), height, out)
        return -1 - done if done < height else ended(bits, out)

    @kernel
    def encode_one_picture(pixels: Any, type: int, space: Any, at: int, row: int) -> int:
        height, width = pixels.shape
        bits = headed(space, i64(at), i64(type), width, height, i64(row))
        out = space[i64(at) :]
        work = one_of(space, i64(0), width)
        done = encode_one(bits, work, pixels.reshape(pixels.size), width, i64(row), height, out)
        return -1 - done if done < height else ended(bits, out)

    @kernel
    def encode_colour_and_alpha_picture(pixels: Any, type: int, space: Any, at: int, row: int) -> int:
        height, width = pixels.shape
        second = STATE + 8 * width + 8
        bits = headed(space, i64(at), i64(type), width, height, i64(row))
        out = space[i64(at) :]
        colours = pixels.reshape(pixels.size)
        work = colour_of(space, width)
        alpha_work = one_of(space, second, width)
        alpha = space[2 * second : 2 * second + pixels.size]
        if row == 0:
            for i in range(pixels.size):
                alpha[i] = colours[i] >> u32(24)
        done = encode_colour_and_alpha(bits, work, colours, alpha_work, alpha, width, i64(row), height, out)
        return -1 - done if done < height else ended(bits, out)
