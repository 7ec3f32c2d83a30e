"""The loops of the GLZ codec: LZ tokens whose matches may also lie in earlier images of a dictionary.

Literals are as in ``kernels/lz.py``. A match opens with three bits of length, one bit that says *far*, and the low four
bits of an offset. A length field of 7 is continued as in LZ. A byte of offset follows (bits 4..11), and one more byte:

    near  two bits, how many more bytes the image distance has; its low six bits. Those bytes continue it from bit 6.
    far   the same two bits; one bit *long*; bits 12..16 of the offset. The image distance is in the bytes that follow,
          and after them, if long, bits 17..24 of the offset.

Image distance 0 is the image itself: the offset, plus one, is pixels back. Otherwise it names the image with the
number ``image_id - distance``, and the offset counts from that image's first pixel. Lengths are stored less 0, 1, 2 for
pixels of 3, 2, 1 stream bytes.

``UNIT`` is the stream bytes of a pixel, as in LZ: 3 for colour, 2 for RGB16, 1 for the alpha pass of RGBA. All images
lie in one pool of uint32 cells, in stream order: RGB16 as 0x0000xxxx, colours as 0x00RRGGBB; the alpha pass reads and
writes the top byte only. So a match in another image is a copy inside the pool, and there is one loop for both.

The encoder makes the choices of the reference encoder (spice-server ``glz_encode`` given each image as one chunk): a
table of 2**20 places (segment, pixel) hashed over three pixels, never cleared, whose stale entries are found out by the
segment's position in the sequence of all pixels.

Facts from spice-server ``glz-encoder.c``, ``glz-encoder-dict.c``, ``glz-encode*.tmpl.c`` and spice-gtk
``decode-glz.c``, checked against them stream by stream.
"""

from typing import Any

from spiceproto.codecs.tier import primitives

P = primitives()
kernel, u8, u32, u64, i64 = P.kernel, P.u8, P.u32, P.u64, P.i64
load_le64, store_le32, store_le64, assume = P.load_le64, P.store_le32, P.store_le64, P.assume

INTERPRETED = P.INTERPRETED
UNIT = P.parameter("UNIT", 3)
BIAS = 3 - UNIT  # what a length field of 0 stands for
BLOCK = 8  # pixels of one block copy
SLACK = 16  # cells behind the pool that block copies may read
MASK = 0xFFFFFF if UNIT == 3 else 0x7FFF if UNIT == 2 else 0xFF000000  # bits of a cell that are compared
MASK64 = 0x00FFFFFF00FFFFFF if UNIT == 3 else 0x00007FFF00007FFF if UNIT == 2 else 0xFF000000FF000000
KEEP64 = 0x00FFFFFF00FFFFFF if UNIT == 1 else 0  # bits of two cells that this pass must not change
TAKE64 = 0xFF000000FF000000 if UNIT == 1 else 0xFFFFFFFFFFFFFFFF
LEAST = 4 if UNIT == 1 else 2  # pixels that the encoder's first test of a match wants
SURE = 2 if UNIT == 3 else 3 if UNIT == 2 else 7  # longer matches are taken without weighing their size

MAX_COPY = 32
SHORT_OFFSET = 1 << 12
MEDIUM_OFFSET = 1 << 17
LONG_OFFSET = 1 << 25
MAX_IMAGE_DISTANCE = (1 << 24) - 1

# A row of the window's slot table: image id (-1 for none), first cell, pixels, image type.
SLOT = 4
# A row of the dictionary's segment table: pixels before it in all images (-1 for none), first cell, pixels, id, type.
SEGMENT = 5

OK, TRUNCATED, OVERRUN, BEFORE_START, MISSING, BEHIND_END, OTHER_TYPE = 0, 1, 2, 3, 4, 5, 6


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
def decode(
    data: Any, q: int, end: int, pool: Any, base: int, pixels: int,
    slots: Any, slot_mask: int, image_id: int, image_type: int, state: Any,
) -> int:
    """Decode ``pixels`` pixels from ``data[q:end]`` to ``pool[base:]``; no other cell is written.

    ``state`` becomes (byte offset of the token that fails, or behind the last one; pixels decoded; image referred to).
    """
    p = base
    limit = base + pixels
    status = OK
    other = i64(0)
    while p < limit:
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
            if count > limit - p:
                status = OVERRUN
                break
            q += 1
            if UNIT == 3:
                if not INTERPRETED and stop + 12 <= end and p + 36 <= limit:
                    # Four pixels at a time, two from a word; the last three may be too many.
                    at = p * 4
                    while q < stop:
                        w0, w1 = load_le64(data, q), load_le64(data, q + 6)
                        store_le64(pool, at, (w0 & u64(0xFFFFFF)) | (w0 << u64(8)) & u64(0xFFFFFF00000000))
                        store_le64(pool, at + 8, (w1 & u64(0xFFFFFF)) | (w1 << u64(8)) & u64(0xFFFFFF00000000))
                        at += 16
                        q += 12
                else:
                    for j in range(count):
                        k = q + 3 * j
                        pool[p + j] = u32(u32(data[k]) | u32(data[k + 1]) << u32(8) | u32(data[k + 2]) << u32(16))
            elif UNIT == 2:
                for j in range(count):
                    k = q + 2 * j
                    pool[p + j] = u32(u32(data[k]) << u32(8) | u32(data[k + 1]))
            else:
                for j in range(count):
                    pool[p + j] = u32(u32(pool[p + j]) & u32(0xFFFFFF) | u32(data[q + j]) << u32(24))
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
            q -= 1  # the first offset byte is again the second one of the word
            word = i64(load_le64(data, q)) if q + 8 <= end else tail(data, q, end)
        offset = (control & 15) | ((word >> 8) & 255) << 4
        more = (word >> 22) & 3
        distance = (word >> 24) & ((i64(1) << (8 * more)) - 1)
        q += 3 + more
        if control & 16 == 0:
            distance = (distance << 6) | ((word >> 16) & 63)
        else:
            offset |= ((word >> 16) & 31) << 12
            if word & (1 << 21) != 0:
                offset |= ((word >> (24 + 8 * more)) & 255) << 17
                q += 1
        length += BIAS
        source = p - offset - 1
        if length > limit - p:
            status = OVERRUN
        elif q > end:
            status = TRUNCATED
        elif distance == 0:
            if source < base:
                status = BEFORE_START
        else:
            other = image_id - distance
            slot = (other & slot_mask) * SLOT
            assume(slot >= 0)
            if other < 0 or i64(slots[slot]) != other:
                status = MISSING
            elif i64(slots[slot + 3]) != image_type:
                status = OTHER_TYPE
            elif offset + length > i64(slots[slot + 2]):
                status = BEHIND_END
            else:
                source = i64(slots[slot + 1]) + offset
        if status != OK:
            q = start
            break
        assume(source >= 0)
        stop = p + length
        if INTERPRETED and UNIT > 1:
            done = 0
            period = length if distance != 0 else p - source
            while done < length:  # what is there already doubles each time round
                count = min(length - done, period + done)
                pool[p + done : p + done + count] = pool[source : source + count]
                done += count
        elif stop + SLACK > limit or INTERPRETED:
            for j in range(length):
                if UNIT == 1:
                    pool[p + j] = u32(u32(pool[p + j]) & u32(0xFFFFFF) | u32(pool[source + j]) & u32(0xFF000000))
                else:
                    pool[p + j] = pool[source + j]
        elif source == p - 1:
            fill = u64(u64(pool[source]) * u64(0x0000000100000001))
            at = p * 4
            if UNIT == 1:
                fill &= u64(TAKE64)
                while at < stop * 4:
                    store_le64(pool, at, load_le64(pool, at) & u64(KEEP64) | fill)
                    store_le64(pool, at + 8, load_le64(pool, at + 8) & u64(KEEP64) | fill)
                    store_le64(pool, at + 16, load_le64(pool, at + 16) & u64(KEEP64) | fill)
                    store_le64(pool, at + 24, load_le64(pool, at + 24) & u64(KEEP64) | fill)
                    at += 32
            else:
                while at < stop * 4:
                    store_le64(pool, at, fill)
                    store_le64(pool, at + 8, fill)
                    store_le64(pool, at + 16, fill)
                    store_le64(pool, at + 24, fill)
                    store_le64(pool, at + 32, fill)
                    store_le64(pool, at + 40, fill)
                    store_le64(pool, at + 48, fill)
                    store_le64(pool, at + 56, fill)
                    at += 64
        else:
            at = p * 4
            back = (p - source) * 4  # negative for an image that lies behind this one in the pool
            period = p - source
            if 0 < period < BLOCK:
                # What repeats every ``period`` pixels also repeats every ``step``: write singly until a block fits.
                step = period * ((BLOCK + period - 1) // period)
                for j in range(min(length, step - period)):
                    if UNIT == 1:
                        pool[p + j] = u32(u32(pool[p + j]) & u32(0xFFFFFF) | u32(pool[source + j]) & u32(0xFF000000))
                    else:
                        pool[p + j] = pool[source + j]
                at += (step - period) * 4
                back = step * 4
            while at < stop * 4:
                w0, w1 = load_le64(pool, at - back), load_le64(pool, at + 8 - back)
                w2, w3 = load_le64(pool, at + 16 - back), load_le64(pool, at + 24 - back)
                if UNIT == 1:
                    w0 = load_le64(pool, at) & u64(KEEP64) | w0 & u64(TAKE64)
                    w1 = load_le64(pool, at + 8) & u64(KEEP64) | w1 & u64(TAKE64)
                    w2 = load_le64(pool, at + 16) & u64(KEEP64) | w2 & u64(TAKE64)
                    w3 = load_le64(pool, at + 24) & u64(KEEP64) | w3 & u64(TAKE64)
                store_le64(pool, at, w0)
                store_le64(pool, at + 8, w1)
                store_le64(pool, at + 16, w2)
                store_le64(pool, at + 24, w3)
                at += 32
                if UNIT != 1:  # most matches are of 8 to 16 pixels: one turn of the loop, not one or two
                    w0, w1 = load_le64(pool, at - back), load_le64(pool, at + 8 - back)
                    w2, w3 = load_le64(pool, at + 16 - back), load_le64(pool, at + 24 - back)
                    store_le64(pool, at, w0)
                    store_le64(pool, at + 8, w1)
                    store_le64(pool, at + 16, w2)
                    store_le64(pool, at + 24, w3)
                    at += 32
        p = stop
    state[0] = q
    state[1] = p - base
    state[2] = other
    return status


if UNIT == 3:

    @kernel
    def hashed(a: int, b: int, c: int) -> int:
        # Only the low 20 bits of the reference's 33-times-xor hash are used, and they depend on nothing above them.
        h = u32(5381 * 33) ^ u32(u32(a) >> u32(16) & u32(255))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(a) >> u32(8) & u32(255))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(a) & u32(255))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(b) >> u32(16) & u32(255))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(b) >> u32(8) & u32(255))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(b) & u32(255))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(c) >> u32(16) & u32(255))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(c) >> u32(8) & u32(255))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(c) & u32(255))
        return i64(h & 0xFFFFF)

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
        return i64(h & 0xFFFFF)

    @kernel
    def put(out: Any, q: int, value: int) -> None:
        out[q] = u8((value >> 8) & 255)
        out[q + 1] = u8(value & 255)

else:

    @kernel
    def hashed(a: int, b: int, c: int) -> int:
        h = u32(5381 * 33) ^ u32(u32(a) >> u32(24))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(b) >> u32(24))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(c) >> u32(24))
        return i64(h & 0xFFFFF)

    @kernel
    def put(out: Any, q: int, value: int) -> None:
        out[q] = u8(value >> 24)


@kernel
def match_size(distance: int, offset: int) -> int:
    """Bytes of a match token without what continues its length; a distance inside the image counts unbiased."""
    if offset < SHORT_OFFSET:
        if distance < 1 << 6:
            return 3
        if distance < 1 << 14:
            return 4
        if distance < 1 << 22:
            return 5
        return 6
    size = i64(3)
    if distance >= 1 << 16:
        size = i64(6)
    elif distance >= 1 << 8:
        size = i64(5)
    elif distance > 0:
        size = i64(4)
    if offset >= MEDIUM_OFFSET:
        size += 1
    return size


@kernel
def encode(
    pool: Any, base: int, pixels: int, out: Any, q: int, table: Any, segments: Any, segment: int, head: int
) -> int:
    """Encode ``pool[base:][:pixels]``, which is row ``segment`` of ``segments``, to ``out[q:]``; returns the new ``q``.

    ``head`` is the position of the oldest segment in the window, ``table`` the dictionary's 2**20 places. ``out`` has
    room for ``pixels * UNIT + pixels // 4 + 64`` bytes from ``q`` on.
    """
    assume(q >= 0)
    assume(base >= 0)
    if pixels < 4:
        out[q] = u8(pixels - 1)
        q += 1
        for i in range(pixels):
            put(out, q, pool[base + i])
            q += UNIT
        return q
    own = segment * SEGMENT
    position = i64(segments[own])
    image_id = i64(segments[own + 3])
    image_type = i64(segments[own + 4])
    mark = segment << 32  # a place in the table is the segment above, the pixel below
    limit = base + pixels - 6
    bound = base + pixels - 2
    count_at = q
    q += 1
    put(out, q, pool[base])
    put(out, q + UNIT, pool[base + 1])
    q += 2 * UNIT
    copied = i64(2)
    ip = base + 2
    h = hashed(pool[base], pool[base + 1], pool[base + 2])
    assume(h >= 0)
    table[h] = mark
    while ip < limit:
        assume(ip >= 2)
        b = pool[ip]
        c = pool[ip + 1]
        d = pool[ip + 2]
        length = i64(0)
        distance = i64(0)
        offset = i64(1)
        source = ip - 1
        stop = bound
        run = u32((pool[source] ^ b) | (b ^ c) | (c ^ d)) & u32(MASK) == u32(0)
        candidate = run
        if not run:
            h = hashed(b, c, d)
            assume(h >= 0)
            place = i64(table[h])
            table[h] = mark | (ip - base)
            row = (place >> 32) * SEGMENT
            ref = place & 0xFFFFFFFF
            assume(row >= 0)
            room = i64(segments[row + 2]) - ref
            same_type = i64(segments[row + 4]) == image_type
            candidate = same_type and head <= i64(segments[row]) <= position and room >= LEAST
            if candidate:
                source = i64(segments[row + 1]) + ref
                distance = image_id - i64(segments[row + 3])
                offset = ref
                if distance == 0:
                    offset = ip - source
                if offset <= 0 or offset >= LONG_OFFSET or distance > MAX_IMAGE_DISTANCE:
                    candidate = False
                stop = min(bound, ip + room)
        assume(source >= 0)
        if candidate and u32(pool[source] ^ b) & u32(MASK) == u32(0):
            # Equal so far; how far on? By 32 bytes, by 8, then singly.
            i = ip
            j = source
            if not INTERPRETED:
                at = i * 4
                back = (i - j) * 4
                while at + 32 <= stop * 4:
                    x = load_le64(pool, at) ^ load_le64(pool, at - back)
                    x |= load_le64(pool, at + 8) ^ load_le64(pool, at - back + 8)
                    x |= load_le64(pool, at + 16) ^ load_le64(pool, at - back + 16)
                    x |= load_le64(pool, at + 24) ^ load_le64(pool, at - back + 24)
                    if x & u64(MASK64) != u64(0):
                        break
                    at += 32
                while at + 8 <= stop * 4:
                    if (load_le64(pool, at) ^ load_le64(pool, at - back)) & u64(MASK64) != u64(0):
                        break
                    at += 8
                i = at // 4
                j = (at - back) // 4
                assume(i >= 0)
                assume(j >= 0)
            while i < stop and u32(pool[i] ^ pool[j]) & u32(MASK) == u32(0):
                i += 1
                j += 1
            length = i - ip
            if not run and (
                length < LEAST or (length <= SURE and length < match_size(distance, offset) // UNIT + 1)
            ):
                length = i64(0)
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
        if copied > 0:
            out[count_at] = u8(copied - 1)
        else:
            q = count_at
        copied = 0
        if distance == 0:
            offset -= 1
        field = length - BIAS
        far = i64(0)
        if offset >= SHORT_OFFSET:
            far = i64(16)
        if field < 7:
            out[q] = u8((field << 5) | far | (offset & 15))
            q += 1
        else:
            out[q] = u8((7 << 5) | far | (offset & 15))
            q += 1
            field -= 7
            while field >= 255:
                out[q] = u8(255)
                q += 1
                field -= 255
            out[q] = u8(field)
            q += 1
        out[q] = u8((offset >> 4) & 255)
        rest = distance
        low = (offset >> 12) & 31
        if far == 0:
            low = distance & 63
            rest = distance >> 6
        elif offset >= MEDIUM_OFFSET:
            low |= 32
        more = i64(0)
        if rest >= 1 << 16:
            more = i64(3)
        elif rest >= 1 << 8:
            more = i64(2)
        elif rest > 0:
            more = i64(1)
        out[q + 1] = u8((more << 6) | low)
        q += 2
        for _ in range(more):
            out[q] = u8(rest & 255)
            rest >>= 8
            q += 1
        if offset >= MEDIUM_OFFSET:
            out[q] = u8((offset >> 17) & 255)
            q += 1
        ip += length
        if length >= 3:
            h = hashed(pool[ip - 2], pool[ip - 1], pool[ip])
            assume(h >= 0)
            table[h] = mark | (ip - 2 - base)
        h = hashed(pool[ip - 1], pool[ip], pool[ip + 1])
        assume(h >= 0)
        table[h] = mark | (ip - 1 - base)
        count_at = q
        q += 1
    while ip < base + pixels:
        put(out, q, pool[ip])
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
