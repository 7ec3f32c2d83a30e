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
table of 2**20 places (segment, pixel) hashed over three pixels, never cleared. The segment of an image that has left has no
pixels, so its places lead nowhere; when it is used again, they lead to the new image, as they do in the reference.

What an encoder waits for is the first look at a pixel of the pool. So a place has a *tag*, a hash of its two pixels, and
the segment's *generation*, which counts the images that the segment had. Where the generation is still that, the pixels are
still those, and another tag means that not even two of them are equal: there is no need to look. Generation 0 is never trusted.
The interpreted tier, and the alpha pass, neither trust a tag nor write one.

Facts from spice-server ``glz-encoder.c``, ``glz-encoder-dict.c``, ``glz-encode*.tmpl.c`` and spice-gtk
``decode-glz.c``, checked against them stream by stream.
"""

from typing import Any

from spiceproto.codecs.primitives import primitives

P = primitives()
kernel, part, u8, u32, u64, i64 = P.kernel, P.part, P.u8, P.u32, P.u64, P.i64
load_le64, store_le32, store_le64, assume = P.load_le64, P.store_le32, P.store_le64, P.assume
load_be64, store_be64, hashes16, fill64, move32 = P.load_be64, P.store_be64, P.hashes16, P.fill64, P.move32

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

# The window's numbers, an array of 64-bit integers: those that follow, from SLOTS_AT on a row for each slot, behind them the
# numbers of images in the order of their arrival, which is that of their places in the pool: a ring of twice as many, where
# some may be of images that have left. An image is in the slot that is its number modulo the slots.
SLOTS = 0  # a power of 2
W_TURN = 1  # the cell from which on images are placed at 0 again
W_NEXT_CELL = 2
W_NEXT_ID = 3  # all smaller numbers have arrived, or count as lost
W_OLDEST_ID = 4  # all smaller numbers have left
W_HELD = 5  # images
RING_START = 6
RING_LENGTH = 7
WAITING = 8  # images that have overtaken W_NEXT_ID
SLOTS_AT = 16
SLOT = 4  # a row: image id (-1 for none), first cell, pixels, image type

BUSY = -1  # not the next number, or no slot for it

# The dictionary's numbers, an array of 64-bit integers: those that follow, from SEGMENTS on a row for each segment, behind them
# the free segments (a stack), and the segments of the window, oldest first (a ring). Row numbers are given out as the
# reference encoder does, last one freed first: stale places then lead to the same images, and streams come out the same.
CAPACITY = 0  # segments
WINDOW = 1  # pixels that the window may hold
TURN = 2  # the cell from which on images are placed at 0 again
NEXT_ID = 3
NEXT_CELL = 4
HELD_PIXELS = 5
HELD = 6  # segments of the window,
OLDEST = 7  # from this one of the ring on
FREE = 8
SEGMENTS = 16
SEGMENT = 8  # a row: first cell, pixels (0: free), image id, type, generation; 64 bytes, one line of a processor's cache
FIRST, PIXELS, ID, TYPE, GENERATION = 0, 1, 2, 3, 4

# A place: pixel, segment, generation, tag. A pixel and a segment are below 2**25, as is a window.
PLACES = 1 << 20
FIELD_BITS = 25
FIELD = (1 << FIELD_BITS) - 1
GENERATION_AT = 2 * FIELD_BITS
GENERATIONS = 64
TAG_AT = GENERATION_AT + 6
TAGGED = UNIT > 1 and not INTERPRETED

FULL, WORN = -1, -2  # no segment is free; a segment has had all generations

LARGE = 1 << 13  # pictures of so many pixels are copied by the caller, which numpy does faster
IMAGE_BYTES = (1 << 30) - 1

# The work space of an encoder, in bytes: the hashes of the next pixels, and from STREAM on the stream.
AHEAD = 16
STREAM = 4 * AHEAD
HEADER = (0x20205A4C << 32) + 0x00010001  # magic and version
HEADER_SIZE = 33

OK, TRUNCATED, OVERRUN, BEFORE_START, MISSING, BEHIND_END, OTHER_TYPE = 0, 1, 2, 3, 4, 5, 6


@part
def tail(data: Any, q: int, end: int) -> int:
    """The bytes from ``q`` on as a little-endian word of eight; bytes past ``end`` read as 0."""
    word = i64(0)
    k = i64(0)
    while q + k < end and k < 8:
        word |= i64(data[q + k]) << (8 * k)
        k += 1
    return word


@part
def drop(numbers: Any, image_id: int) -> None:
    """Let an image leave the window, if it is there."""
    slot = SLOTS_AT + SLOT * (image_id & i64(numbers[SLOTS]) - 1)
    if i64(numbers[slot]) == image_id:
        numbers[slot] = -1
        numbers[W_HELD] = i64(numbers[W_HELD]) - 1


@part
def make_room(numbers: Any, pixels: int) -> int:
    """The first cell for an image, after those that lie there have left: they are the oldest ones."""
    slots = i64(numbers[SLOTS])
    ring = SLOTS_AT + SLOT * slots
    first = i64(numbers[W_NEXT_CELL])
    if first >= i64(numbers[W_TURN]):
        first = i64(0)
    start = i64(numbers[RING_START])
    length = i64(numbers[RING_LENGTH])
    while length > 0:
        image_id = i64(numbers[ring + start])
        slot = SLOTS_AT + SLOT * (image_id & slots - 1)
        if i64(numbers[slot]) == image_id:
            there = i64(numbers[slot + 1])
            if there >= first + pixels or there + i64(numbers[slot + 2]) <= first:
                break
            drop(numbers, image_id)
        start = start + 1 & 2 * slots - 1
        length -= 1
    numbers[RING_START] = start
    numbers[RING_LENGTH] = length
    return first


@part
def enter(numbers: Any, image_id: int, first: int, pixels: int, type: int) -> int:
    """Add an image to the window; BUSY if its slot is not free."""
    slots = i64(numbers[SLOTS])
    ring = SLOTS_AT + SLOT * slots
    slot = SLOTS_AT + SLOT * (image_id & slots - 1)
    if i64(numbers[slot]) >= 0:
        return BUSY
    start = i64(numbers[RING_START])
    length = i64(numbers[RING_LENGTH])
    if length == 2 * slots:  # no more than half of them are there
        length = i64(0)
        for k in range(2 * slots):
            other = i64(numbers[ring + (start + k & 2 * slots - 1)])
            if i64(numbers[SLOTS_AT + SLOT * (other & slots - 1)]) == other:
                numbers[ring + (start + length & 2 * slots - 1)] = other
                length += 1
    numbers[ring + (start + length & 2 * slots - 1)] = image_id
    numbers[RING_LENGTH] = length + 1
    numbers[slot] = image_id
    numbers[slot + 1] = first
    numbers[slot + 2] = pixels
    numbers[slot + 3] = type
    numbers[W_HELD] = i64(numbers[W_HELD]) + 1
    numbers[W_NEXT_CELL] = first + pixels
    return 0


@part
def leave(numbers: Any, head: int) -> None:
    """Let all images with smaller numbers than ``head`` leave."""
    oldest = i64(numbers[W_OLDEST_ID])
    if head - oldest > i64(numbers[W_HELD]):  # after a leap: rather look at every image than at every number
        slots = i64(numbers[SLOTS])
        for k in range(slots):
            image_id = i64(numbers[SLOTS_AT + SLOT * k])
            if 0 <= image_id < head:
                drop(numbers, image_id)
    else:
        for number in range(oldest, head):
            drop(numbers, number)
    if head > oldest:
        numbers[W_OLDEST_ID] = head


@part
def decode(
    data: Any,
    q: int,
    end: int,
    pool: Any,
    base: int,
    pixels: int,
    numbers: Any,
    image_id: int,
    image_type: int,
    state: Any,
) -> int:
    """Decode ``pixels`` pixels from ``data[q:end]`` to ``pool[base:]``; no other cell is written.

    Returns the offset behind the last token, or what is wrong, negative; then a ``state`` of three numbers is (byte offset of
    the token that fails, pixels decoded, image referred to).
    """
    slot_mask = i64(numbers[SLOTS]) - 1
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
            slot = SLOTS_AT + (other & slot_mask) * SLOT
            assume(slot >= 0)
            if other < 0 or i64(numbers[slot]) != other:
                status = MISSING
            elif i64(numbers[slot + 3]) != image_type:
                status = OTHER_TYPE
            elif offset + length > i64(numbers[slot + 2]):
                status = BEHIND_END
            else:
                source = i64(numbers[slot + 1]) + offset
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
                    fill64(pool, at, fill)
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
                if UNIT == 1:
                    for word in range(0, 32, 8):
                        taken = load_le64(pool, at + word - back) & u64(TAKE64)
                        store_le64(pool, at + word, load_le64(pool, at + word) & u64(KEEP64) | taken)
                    at += 32
                else:  # most matches are of 8 to 16 pixels: one turn of the loop, not one or two
                    move32(pool, at, at - back)
                    move32(pool, at + 32, at + 32 - back)
                    at += 64
        p = stop
    if status != OK:
        if len(state) == 3:
            state[0] = q
            state[1] = p - base
            state[2] = other
        return -status
    return q


if UNIT == 3:

    @part
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

    @part
    def put(out: Any, q: int, value: int) -> None:
        store_le32(out, q, u32(value & 0xFFFFFF))  # the fourth byte is overwritten by what follows

elif UNIT == 2:

    @part
    def hashed(a: int, b: int, c: int) -> int:
        h = u32(5381 * 33) ^ u32(u32(a) & u32(255))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(a) >> u32(8) & u32(127))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(b) & u32(255))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(b) >> u32(8) & u32(127))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(c) & u32(255))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(c) >> u32(8) & u32(127))
        return i64(h & 0xFFFFF)

    @part
    def put(out: Any, q: int, value: int) -> None:
        out[q] = u8((value >> 8) & 255)
        out[q + 1] = u8(value & 255)

else:

    @part
    def hashed(a: int, b: int, c: int) -> int:
        h = u32(5381 * 33) ^ u32(u32(a) >> u32(24))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(b) >> u32(24))
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(u32(c) >> u32(24))
        return i64(h & 0xFFFFF)

    @part
    def put(out: Any, q: int, value: int) -> None:
        out[q] = u8(value >> 24)


@part
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


@part
def add(numbers: Any, pixels: int, type: int) -> int:
    """Put an image into the window, and out of it what must go. Returns its segment, or FULL or WORN: to be called again."""
    capacity = i64(numbers[CAPACITY])
    free = SEGMENTS + SEGMENT * capacity
    ring = free + capacity
    held = i64(numbers[HELD])
    oldest = i64(numbers[OLDEST])
    held_pixels = i64(numbers[HELD_PIXELS])
    frees = i64(numbers[FREE])
    while held_pixels + pixels > i64(numbers[WINDOW]):
        segment = i64(numbers[ring + oldest])
        row = SEGMENTS + SEGMENT * segment
        held_pixels -= i64(numbers[row + PIXELS])
        numbers[row + PIXELS] = 0
        numbers[free + frees] = segment
        frees += 1
        held -= 1
        oldest += 1
        if oldest == capacity:
            oldest = i64(0)
    numbers[HELD] = held
    numbers[OLDEST] = oldest
    numbers[HELD_PIXELS] = held_pixels
    numbers[FREE] = frees
    if frees == 0:
        return FULL
    segment = i64(numbers[free + frees - 1])
    row = SEGMENTS + SEGMENT * segment
    generation = i64(numbers[row + GENERATION]) + 1
    if generation == GENERATIONS:
        return WORN
    first = i64(numbers[NEXT_CELL])
    if first >= i64(numbers[TURN]):
        first = i64(0)
    numbers[row + FIRST] = first
    numbers[row + PIXELS] = pixels
    numbers[row + ID] = i64(numbers[NEXT_ID])
    numbers[row + TYPE] = type
    numbers[row + GENERATION] = generation
    newest = oldest + held
    if newest >= capacity:
        newest -= capacity
    numbers[ring + newest] = segment
    numbers[HELD] = held + 1
    numbers[HELD_PIXELS] = held_pixels + pixels
    numbers[FREE] = frees - 1
    numbers[NEXT_ID] = i64(numbers[NEXT_ID]) + 1
    numbers[NEXT_CELL] = first + pixels
    return segment


@part
def tag(a: int, b: int) -> int:
    """Eight bits of a hash of two pixels, where they lie in a place."""
    mixed = u32(u32(u32(a) & u32(MASK)) * u32(0x9E3779B1)) ^ u32(u32(u32(b) & u32(MASK)) * u32(0x85EBCA77))
    return u64(u64(mixed >> u32(24)) << u64(TAG_AT))


@part
def encode(pool: Any, numbers: Any, segment: int, table: Any, hashes: Any, out: Any, q: int) -> int:
    """Encode the image of ``segment``, the newest, to ``out[q:]``; returns the new ``q``.

    ``table`` is the dictionary's places. ``out`` has room for ``pixels * UNIT + pixels // 4 + 64`` bytes from ``q`` on.
    """
    own = SEGMENTS + SEGMENT * segment
    base = i64(numbers[own + FIRST])
    pixels = i64(numbers[own + PIXELS])
    image_id = i64(numbers[own + ID])
    image_type = i64(numbers[own + TYPE])
    assume(q >= 0)
    assume(base >= 0)
    if pixels < 4:
        out[q] = u8(pixels - 1)
        q += 1
        for i in range(pixels):
            put(out, q, pool[base + i])
            q += UNIT
        return q
    mark = u64(segment << FIELD_BITS)
    if TAGGED:
        mark |= u64(i64(numbers[own + GENERATION]) << GENERATION_AT)
    hashed_to = i64(0)
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
    table[h] = mark | tag(pool[base], pool[base + 1]) if TAGGED else mark
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
            if UNIT == 3 and not INTERPRETED:
                if ip >= hashed_to:
                    hashes16(pool, ip, u32(PLACES - 1), hashes)
                    hashed_to = ip + AHEAD
                h = i64(hashes[u64(ip + AHEAD - hashed_to)])
            else:
                h = hashed(b, c, d)
            assume(h >= 0)
            place = u64(table[h])
            mine = mark | u64(ip - base)
            if TAGGED:
                mine |= tag(b, c)
            table[h] = mine
            row = SEGMENTS + SEGMENT * i64(place >> u64(FIELD_BITS) & u64(FIELD))
            ref = i64(place & u64(FIELD))
            assume(row >= 0)
            assume(ref >= 0)
            room = i64(numbers[row + PIXELS]) - ref
            candidate = room >= LEAST and i64(numbers[row + TYPE]) == image_type
            if TAGGED:
                still = i64(numbers[row + GENERATION]) == i64(place >> u64(GENERATION_AT) & u64(GENERATIONS - 1))
                candidate = candidate and not (still and (place ^ mine) >> u64(TAG_AT) != u64(0))
            if candidate:
                source = i64(numbers[row + FIRST]) + ref
                distance = image_id - i64(numbers[row + ID])
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
            if not run and (length < LEAST or (length <= SURE and length < match_size(distance, offset) // UNIT + 1)):
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
        if UNIT == 3 and not INTERPRETED:
            if ip >= hashed_to:  # one block for both and for what follows
                hashes16(pool, ip - 2, u32(PLACES - 1), hashes)
                hashed_to = ip - 2 + AHEAD
            before = i64(hashes[u64(ip - 2 + AHEAD - hashed_to)])
            h = i64(hashes[u64(ip - 1 + AHEAD - hashed_to)])
        else:
            before = hashed(pool[ip - 2], pool[ip - 1], pool[ip])
            h = hashed(pool[ip - 1], pool[ip], pool[ip + 1])
        assume(before >= 0)
        assume(h >= 0)
        if length >= 3:
            table[before] = mark | u64(ip - 2 - base)
            if TAGGED:
                table[before] |= tag(pool[ip - 2], pool[ip - 1])
        table[h] = mark | u64(ip - 1 - base)
        if TAGGED:
            table[h] |= tag(pool[ip - 1], pool[ip])
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


# -- one call a picture, compiled -------------------------------------------------------------------------------------

if not INTERPRETED:

    @kernel
    def decode_picture(data: Any, out: Any, pool: Any, numbers: Any, image_id: int, type: int, state: Any) -> int:
        """Decode a picture of the shape of ``out``, an array of two dimensions, to the pool.

        ``state`` of three numbers begins with the offset of the first token and the first cell. That is all that is done then,
        and the result as :func:`decode` has it. With a shorter ``state`` the header is read, which must be of the next image,
        a usual one; the stream must end with it, and it becomes one of the window's. The result is its first cell, or
        negative: the window is then as it was, but for what had to make room. With an empty ``state``, pixels are copied to
        ``out`` too, if they are not LARGE.
        """
        end = i64(len(data))
        count = i64(out.size)
        height, width = out.shape
        q = i64(HEADER_SIZE)
        number = i64(image_id)
        kind = i64(type)
        base = i64(0)
        head = i64(0)
        alone = len(state) == 3
        if alone:
            q = i64(state[0])
            base = i64(state[1])
        else:
            size = load_be64(data, 17)
            rest = load_be64(data, 25)
            kind = i64(data[8])
            number = i64((size & u64(0xFFFFFFFF)) << u64(32) | rest >> u64(32))
            head = number - i64(rest & u64(0xFFFFFFFF))
            stride = (4 if kind & 15 == 8 else 3) * width
            usual = kind & 15 == 7 or kind & 15 == 8
            usual = usual and kind > 15 and load_be64(data, 0) == u64(HEADER) and i64(size >> u64(32)) == stride
            slot = SLOTS_AT + SLOT * (number & i64(numbers[SLOTS]) - 1)
            if not usual or stride * height > IMAGE_BYTES or not 0 <= head <= number:
                return BUSY
            if i64(numbers[W_NEXT_ID]) != number or i64(numbers[WAITING]) != 0 or i64(numbers[slot]) >= 0:
                return BUSY
            kind &= 15
            base = make_room(numbers, count)
        after = decode(data, q, end, pool, base, count, numbers, number, kind, state)
        if after < 0:
            return after
        if not alone:
            if after != end:
                return BUSY
            enter(numbers, number, base, count, kind)
            numbers[W_NEXT_ID] = number + 1
            leave(numbers, head)
            after = base
        if count < LARGE and len(state) == 0:
            cells = pool[base : base + count]
            flat = out.reshape(count)
            for i in range(count):
                flat[i] = cells[i]
        return after

    @kernel
    def encode_picture(
        pixels: Any, type: int, stride: int, top_down: int, numbers: Any, table: Any, pool: Any, work: Any
    ) -> int:
        """Encode an array of two dimensions to ``work[STREAM:]``, header and all, and add it to the dictionary.

        Returns the bytes of the stream, or what :func:`add` cannot do. ``work`` has room for what :func:`encode` wants and
        64 bytes.
        """
        height, width = pixels.shape
        count = height * width
        segment = add(numbers, count, i64(type))
        if segment < 0:
            return segment
        row = SEGMENTS + SEGMENT * segment
        first = i64(numbers[row + FIRST])
        image_id = i64(numbers[row + ID])
        oldest = SEGMENTS + SEGMENT * i64(numbers[SEGMENTS + (SEGMENT + 1) * i64(numbers[CAPACITY]) + i64(numbers[OLDEST])])
        distance = image_id - i64(numbers[oldest + ID])
        flat = pixels.reshape(count)
        cells = pool[first : first + count]
        keep = u32(0xFFFFFF if type == 7 or type == 8 else 0xFFFFFFFF)
        for i in range(count):
            cells[i] = u32(flat[i]) & keep
        at = i64(STREAM)
        store_be64(work, at, u64(HEADER))
        work[at + 8] = u8(type | 16 if top_down else type)
        store_be64(work, at + 9, u64(width << 32 | height))
        store_be64(work, at + 17, u64(stride << 32 | image_id >> 32))
        store_be64(work, at + 25, u64((image_id & 0xFFFFFFFF) << 32 | distance))
        hashes = work[0:STREAM].view(u32)
        return encode(pool, numbers, segment, table, hashes, work, at + HEADER_SIZE) - STREAM

    @kernel
    def encode_plane(numbers: Any, segment: int, table: Any, pool: Any, work: Any, q: int) -> int:
        """Another pass over the image that was added last; returns the new bytes of the stream."""
        hashes = work[0:STREAM].view(u32)
        return encode(pool, numbers, i64(segment), table, hashes, work, STREAM + i64(q)) - STREAM
