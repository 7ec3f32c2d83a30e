"""The loops of the LZ codec: one byte-oriented LZ77 over pixels, in three pixel sizes.

A stream is a row of tokens. The first byte of a token below 32 announces that many pixels plus one, as they are.
Otherwise it opens a match: three bits of length, five bits of distance; a length field of 7 is continued by bytes that
are added up until one is not 255; the low eight bits of the distance follow; a distance field of all ones is continued
by a 16-bit distance, counted from 8191. Distances are pixels back in the same image, stored less one; lengths are
stored less what makes a match worth its two bytes: 0, 1, 2 for pixels of 3, 2, 1 stream bytes.

``UNIT`` is the stream bytes of one pixel, and each value of it is a compiled module of its own:

    3   RGB24, RGB32 and the colour pass of RGBA: blue, green, red; uint32 0x00RRGGBB in memory
    2   RGB16: high byte, low byte; uint16 in memory; the encoder ignores the top bit where it compares
    1   packed palette bytes, alpha planes

The decoder checks the stream's end, the image's end and the image's start once a token, before it touches anything.
Copies go in blocks that may write past a match (never past ``room`` pixels); later tokens overwrite what was too much.

The encoder makes the choices of the reference encoder (spice-common ``lz_encode`` given the image as one chunk), so
that streams can be compared byte by byte: a run test first, then one candidate from a table of 8192 places hashed over
three pixels; the last two places of a match are entered into the table; six pixels before the end it stops looking.

Facts from spice-common ``common/lz.c`` and its two templates, checked against them stream by stream.
"""

from typing import Any

from spiceproto.codecs.tier import primitives

P = primitives()
kernel, u8, u16, u32, u64, i64 = P.kernel, P.u8, P.u16, P.u32, P.u64, P.i64
load_le32, load_le64, store_le32, store_le64, assume = P.load_le32, P.load_le64, P.store_le32, P.store_le64, P.assume

INTERPRETED = P.INTERPRETED
UNIT = P.parameter("UNIT", 3)
ITEM = 4 if UNIT == 3 else UNIT  # bytes of a pixel in memory
BIAS = 3 - UNIT  # what a length field of 0 stands for
BLOCK = 32 // ITEM  # pixels of one block copy
SLACK = 64 // ITEM  # pixels that a block copy or a fill may write past its end, at most
MASK = 0xFFFFFF if UNIT == 3 else 0x7FFF if UNIT == 2 else 0xFF  # bits of a pixel that are compared
MASK64 = 0x00FFFFFF00FFFFFF if UNIT == 3 else 0x7FFF7FFF7FFF7FFF if UNIT == 2 else 0xFFFFFFFFFFFFFFFF
PER64 = 8 // ITEM
SPREAD = 0x0000000100000001 if UNIT == 3 else 0x0001000100010001 if UNIT == 2 else 0x0101010101010101

MAX_COPY = 32
NEAR = 8191  # the distance that a full field cannot say
FAR = 65535 + NEAR - 1  # the encoder looks no further

OK, TRUNCATED, OVERRUN, BEFORE_START = 0, 1, 2, 3


@kernel
def tail(data: Any, q: int, end: int) -> int:
    """The bytes from ``q`` on as a little-endian word of eight; bytes past ``end`` read as 0."""
    word = i64(0)
    k = i64(0)
    while q + k < end and k < 8:
        word |= i64(data[q + k]) << (8 * k)
        k += 1
    return word


@kernel
def decode(data: Any, q: int, end: int, out: Any, pixels: int, room: int, state: Any) -> int:
    """Decode ``pixels`` pixels from ``data[q:end]`` to ``out``, which holds ``room`` >= ``pixels``.

    ``state`` becomes (byte offset of the token that fails, or behind the last one; pixels decoded).
    All in one function: numba passes an array as seven words and counts its references, at every call.
    """
    p = i64(0)
    status = OK
    while p < pixels:
        assume(p >= 0)
        assume(q >= 0)
        start = q
        if q + 8 <= end:
            word = i64(load_le64(data, q))
        elif q < end:
            word = tail(data, q, end)
        else:
            status = TRUNCATED
            break
        control = word & 255
        if control < MAX_COPY:
            count = control + 1
            stop = q + 1 + count * UNIT
            if stop > end:
                status = TRUNCATED
                break
            if count > pixels - p:
                status = OVERRUN
                break
            q += 1
            if UNIT == 3:
                if not INTERPRETED and stop + 12 <= end and p + 36 <= room:
                    # Four pixels at a time, two from a word; the last three may be too many.
                    at = p * ITEM
                    while q < stop:
                        w0, w1 = load_le64(data, q), load_le64(data, q + 6)
                        store_le64(out, at, (w0 & u64(0xFFFFFF)) | (w0 << u64(8)) & u64(0xFFFFFF00000000))
                        store_le64(out, at + 8, (w1 & u64(0xFFFFFF)) | (w1 << u64(8)) & u64(0xFFFFFF00000000))
                        at += 16
                        q += 12
                else:
                    for j in range(count):
                        k = q + 3 * j
                        out[p + j] = u32(u32(data[k]) | u32(data[k + 1]) << u32(8) | u32(data[k + 2]) << u32(16))
            elif UNIT == 2:
                for j in range(count):
                    k = q + 2 * j
                    out[p + j] = u16(u16(data[k]) << u16(8) | u16(data[k + 1]))
            elif INTERPRETED:
                out[p : p + count] = data[q:stop]
            elif q + 32 <= end and p + 32 <= room:
                w0, w1 = load_le64(data, q), load_le64(data, q + 8)
                w2, w3 = load_le64(data, q + 16), load_le64(data, q + 24)
                store_le64(out, p, w0)
                store_le64(out, p + 8, w1)
                store_le64(out, p + 16, w2)
                store_le64(out, p + 24, w3)
            else:
                for j in range(count):
                    out[p + j] = data[q + j]
            q = stop
            p += count
            continue
        length = control >> 5
        if length == 7:
            code = i64(255)
            q += 1
            while code == 255 and q < end and length <= pixels:
                code = i64(data[q])
                length += code
                q += 1
            q -= 1  # the distance byte is again the second one of the word
            word = i64(load_le64(data, q)) if q + 8 <= end else tail(data, q, end)
        distance = ((control & 31) << 8) + ((word >> 8) & 255)
        q += 2
        if distance == NEAR:
            distance = NEAR + (((word >> 16) & 255) << 8) + ((word >> 24) & 255)
            q += 2
        distance += 1
        length += BIAS
        if length > pixels - p:
            status = OVERRUN
        elif q > end:
            status = TRUNCATED
        elif distance > p:
            status = BEFORE_START
        if status != OK:
            q = start
            break
        stop = p + length
        if INTERPRETED:
            done = 0
            while done < length:  # what is there already doubles each time round
                count = min(length - done, distance + done)
                out[p + done : p + done + count] = out[p - distance : p - distance + count]
                done += count
        elif stop + SLACK > room:
            for j in range(length):
                out[p + j] = out[p + j - distance]
        elif distance == 1:
            fill = u64(u64(out[p - 1]) * u64(SPREAD))
            at = p * ITEM
            while at < stop * ITEM:
                store_le64(out, at, fill)
                store_le64(out, at + 8, fill)
                store_le64(out, at + 16, fill)
                store_le64(out, at + 24, fill)
                store_le64(out, at + 32, fill)
                store_le64(out, at + 40, fill)
                store_le64(out, at + 48, fill)
                store_le64(out, at + 56, fill)
                at += 64
        else:
            at = p * ITEM
            back = distance * ITEM
            if distance < BLOCK:
                # What repeats every ``distance`` pixels also repeats every ``step``: write singly until a block fits.
                step = distance * ((BLOCK + distance - 1) // distance)
                for j in range(min(length, step - distance)):
                    out[p + j] = out[p + j - distance]
                at += (step - distance) * ITEM
                back = step * ITEM
            while at < stop * ITEM:
                w0, w1 = load_le64(out, at - back), load_le64(out, at + 8 - back)
                w2, w3 = load_le64(out, at + 16 - back), load_le64(out, at + 24 - back)
                store_le64(out, at, w0)
                store_le64(out, at + 8, w1)
                store_le64(out, at + 16, w2)
                store_le64(out, at + 24, w3)
                at += 32
                # Most matches of pixels are of 8 to 16: one turn of the loop, not one or two.
                w0, w1 = load_le64(out, at - back), load_le64(out, at + 8 - back)
                w2, w3 = load_le64(out, at + 16 - back), load_le64(out, at + 24 - back)
                store_le64(out, at, w0)
                store_le64(out, at + 8, w1)
                store_le64(out, at + 16, w2)
                store_le64(out, at + 24, w3)
                at += 32
        p = stop
    state[0] = q
    state[1] = p
    return status


if INTERPRETED:

    def extend(px: Any, ref: int, ip: int, bound: int) -> int:
        k = 0
        while ip + k < bound and (px[ref + k] ^ px[ip + k]) & MASK == 0:
            k += 1
        return k

else:

    @kernel
    def extend(px: Any, ref: int, ip: int, bound: int) -> int:
        """How many pixels from ``ref`` on equal those from ``ip`` on, at most up to ``bound``."""
        a = ip * ITEM
        b = ref * ITEM
        stop = bound * ITEM
        while a + 32 <= stop:
            x = load_le64(px, a) ^ load_le64(px, b)
            x |= load_le64(px, a + 8) ^ load_le64(px, b + 8)
            x |= load_le64(px, a + 16) ^ load_le64(px, b + 16)
            x |= load_le64(px, a + 24) ^ load_le64(px, b + 24)
            if x & u64(MASK64) != u64(0):
                break
            a += 32
            b += 32
        while a + 8 <= stop:
            if (load_le64(px, a) ^ load_le64(px, b)) & u64(MASK64) != u64(0):
                break
            a += 8
            b += 8
        i = a // ITEM
        j = b // ITEM
        assume(i >= 0)
        assume(j >= 0)
        while i < bound and u32(px[i] ^ px[j]) & u32(MASK) == u32(0):
            i += 1
            j += 1
        return i - ip


if UNIT == 3:

    @kernel
    def hashed(a: int, b: int, c: int) -> int:
        # Only the low 13 bits of the reference's 33-times-xor hash are used, and they depend on nothing above them.
        h = u32(5381 * 33) ^ u32(u32(a) >> u32(16) & u32(255))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(a) >> u32(8) & u32(255))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(a) & u32(255))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(b) >> u32(16) & u32(255))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(b) >> u32(8) & u32(255))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(b) & u32(255))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(c) >> u32(16) & u32(255))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(c) >> u32(8) & u32(255))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(c) & u32(255))
        return i64(h & 8191)

    @kernel
    def put(out: Any, q: int, value: int) -> None:
        store_le32(out, q, u32(value & 0xFFFFFF))  # the fourth byte is overwritten by what follows

elif UNIT == 2:

    @kernel
    def hashed(a: int, b: int, c: int) -> int:
        h = u32(5381 * 33) ^ u32(u32(a) & u32(255))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(a) >> u32(8) & u32(127))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(b) & u32(255))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(b) >> u32(8) & u32(127))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(c) & u32(255))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(c) >> u32(8) & u32(127))
        return i64(h & 8191)

    @kernel
    def put(out: Any, q: int, value: int) -> None:
        out[q] = u8(value >> 8)
        out[q + 1] = u8(value & 255)

else:

    @kernel
    def hashed(a: int, b: int, c: int) -> int:
        h = u32(5381 * 33) ^ u32(a)
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(b)
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(c)
        return i64(h & 8191)

    @kernel
    def put(out: Any, q: int, value: int) -> None:
        out[q] = u8(value)


@kernel
def encode(px: Any, pixels: int, out: Any, q: int, table: Any) -> int:
    """Encode ``px[:pixels]`` to ``out[q:]``; returns the offset behind the stream.

    ``table`` is 8192 zeros. ``out`` has room for ``pixels * UNIT + pixels // 32 + 8`` bytes from ``q`` on: a match and
    the count byte of fewer than 32 literals before it never take more bytes than their pixels would.
    """
    assume(q >= 0)
    if pixels < 4:
        out[q] = u8(pixels - 1)
        q += 1
        for i in range(pixels):
            put(out, q, px[i])
            q += UNIT
        return q
    limit = pixels - 6
    bound = pixels - 2
    count_at = q
    q += 1
    put(out, q, px[0])
    put(out, q + UNIT, px[1])
    q += 2 * UNIT
    copied = i64(2)
    ip = i64(2)
    while ip < limit:
        assume(ip >= 2)
        b = px[ip]
        c = px[ip + 1]
        d = px[ip + 2]
        length = i64(0)
        distance = i64(1)
        if u32((px[ip - 1] ^ b) | (b ^ c) | (c ^ d)) & u32(MASK) == u32(0):
            length = 3 + extend(px, ip + 2, ip + 3, bound)
        else:
            h = hashed(b, c, d)
            assume(h >= 0)
            ref = i64(table[h])
            table[h] = ip
            assume(ref >= 0)
            distance = ip - ref
            if distance < FAR and u32(px[ref] ^ b) & u32(MASK) == u32(0):
                length = extend(px, ref, ip, bound)
                if length < 4 - UNIT + (0 if distance < NEAR else 2 if UNIT == 1 else 1):
                    length = 0
        if length == 0:
            put(out, q, b)
            q += UNIT
            ip += 1
            copied += 1
            if copied == MAX_COPY:
                out[count_at] = u8(MAX_COPY - 1)
                copied = 0
                count_at = q
                q += 1
            continue
        if ip + length >= bound:
            length = bound - ip - 1
        if copied > 0:
            out[count_at] = u8(copied - 1)
        else:
            q = count_at
        copied = 0
        distance -= 1
        field = length - BIAS
        high = distance >> 8
        if distance >= NEAR:
            high = i64(31)
        if field < 7:
            out[q] = u8((field << 5) + high)
            q += 1
        else:
            out[q] = u8((7 << 5) + high)
            q += 1
            field -= 7
            while field >= 255:
                out[q] = u8(255)
                q += 1
                field -= 255
            out[q] = u8(field)
            q += 1
        if distance < NEAR:
            out[q] = u8(distance & 255)
            q += 1
        else:
            distance -= NEAR
            out[q] = u8(255)
            out[q + 1] = u8(distance >> 8)
            out[q + 2] = u8(distance & 255)
            q += 3
        ip += length
        if length >= 3:
            h = hashed(px[ip - 2], px[ip - 1], px[ip])
            assume(h >= 0)
            table[h] = ip - 2
        if length >= 2:
            h = hashed(px[ip - 1], px[ip], px[ip + 1])
            assume(h >= 0)
            table[h] = ip - 1
        count_at = q
        q += 1
    while ip < pixels:
        put(out, q, px[ip])
        q += UNIT
        ip += 1
        copied += 1
        if copied == MAX_COPY:
            out[count_at] = u8(MAX_COPY - 1)
            copied = 0
            count_at = q
            q += 1
    if copied > 0:
        out[count_at] = u8(copied - 1)
    else:
        q = count_at
    return q
