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
Copies go in blocks that may write past a match (never past the last pixel); later tokens overwrite what was too much.

The encoder makes the choices of the reference encoder (spice-common ``lz_encode`` given the image as one chunk), so
that streams can be compared byte by byte: a run test first, then one candidate from a table of 8192 places hashed over
three pixels; the last two places of a match are entered into the table; six pixels before the end it stops looking.
Clearing the table would cost more than a small picture. So a place holds a pixel's index plus ``base``, which grows by the
pixels of every picture; what is less than ``base`` is of an earlier picture, and means pixel 0 as zero does.

Compiled, a picture is one call (``decode_picture``, ``encode_picture``); interpreted, the codec calls the loops.

Facts from spice-common ``common/lz.c`` and its two templates, checked against them stream by stream.
"""

from typing import Any

from spiceproto.codecs.primitives import primitives

P = primitives()
kernel, part, u8, u16, u32, u64, i32, i64 = P.kernel, P.part, P.u8, P.u16, P.u32, P.u64, P.i32, P.i64
load_le32, load_le64, store_le32, store_le64, assume = P.load_le32, P.load_le64, P.store_le32, P.store_le64, P.assume
load_be32, load_be64 = P.load_be32, P.load_be64
store_be64, fill64, move16, hashes8 = P.store_be64, P.fill64, P.move16, P.hashes8

INTERPRETED = P.INTERPRETED
UNIT = P.parameter("UNIT", 3)
ITEM = 4 if UNIT == 3 else UNIT  # bytes of a pixel in memory
BIAS = 3 - UNIT  # what a length field of 0 stands for
BLOCK = 16 // ITEM  # pixels of one block copy
SLACK = 80 // ITEM  # pixels that a block copy or a fill may write past its end, at most
ROOM = 36 if UNIT == 3 else 32 + SLACK  # pixels that a block of literals may write
MASK = 0xFFFFFF if UNIT == 3 else 0x7FFF if UNIT == 2 else 0xFF  # bits of a pixel that are compared
MASK64 = 0x00FFFFFF00FFFFFF if UNIT == 3 else 0x7FFF7FFF7FFF7FFF if UNIT == 2 else 0xFFFFFFFFFFFFFFFF
PER64 = 8 // ITEM
SPREAD = 0x0000000100000001 if UNIT == 3 else 0x0001000100010001 if UNIT == 2 else 0x0101010101010101

STEPS = P.table([0] + [d * -(-BLOCK // d) for d in range(1, BLOCK)], "uint8")  # multiples of a distance, of a block and more

MAX_COPY = 32
HEADER = (0x20205A4C << 32) + 0x00010001  # magic and version
HEADER_SIZE = 28
IMAGE_BYTES = (1 << 30) - 1
XXXA = 10  # the one type of a byte a pixel whose lines have four

# The work space of an encoder, in bytes: ``base``, the table, the hashes of the next pixels, and from STREAM on the stream.
PLACES = 8192
HASHES = 8 + 4 * PLACES
AHEAD = 8
BLOCKS = UNIT > 1 and not INTERPRETED  # hashes are computed for AHEAD pixels at once, which takes little longer than for one
STREAM = HASHES + 4 * AHEAD
NEAR = 8191  # the distance that a full field cannot say
FAR = 65535 + NEAR - 1  # the encoder looks no further

OK, TRUNCATED, OVERRUN, BEFORE_START = 0, 1, 2, 3


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
def decode(data: Any, q: int, end: int, out: Any, pixels: int, state: Any) -> int:
    """Decode ``pixels`` pixels from ``data[q:end]`` to ``out``; returns the offset behind them, or what is wrong, negative.

    Then ``state`` is (byte offset of the token that fails, pixels decoded).
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
            if INTERPRETED:
                if UNIT == 1:
                    out[p : p + count] = data[q:stop]
                elif UNIT == 2:
                    for j in range(count):
                        k = q + 2 * j
                        out[p + j] = data[k] << 8 | data[k + 1]
                else:
                    for j in range(count):
                        k = q + 3 * j
                        out[p + j] = data[k] | data[k + 1] << 8 | data[k + 2] << 16
            elif UNIT == 3:
                at = p * ITEM
                if stop + 12 <= end and p + ROOM <= pixels:
                    # Four pixels at a time, two from a word; the last three may be too many.
                    while q < stop:
                        w0, w1 = load_le64(data, q), load_le64(data, q + 6)
                        store_le64(out, at, (w0 & u64(0xFFFFFF)) | (w0 << u64(8)) & u64(0xFFFFFF00000000))
                        store_le64(out, at + 8, (w1 & u64(0xFFFFFF)) | (w1 << u64(8)) & u64(0xFFFFFF00000000))
                        at += 16
                        q += 12
                else:
                    while q + 6 <= stop and q + 8 <= end:
                        w0 = load_le64(data, q)
                        store_le64(out, at, (w0 & u64(0xFFFFFF)) | (w0 << u64(8)) & u64(0xFFFFFF00000000))
                        at += 8
                        q += 6
                    i = at // ITEM
                    assume(i >= 0)
                    while q < stop:
                        out[i] = u32(u32(data[q]) | u32(data[q + 1]) << u32(8) | u32(data[q + 2]) << u32(16))
                        i += 1
                        q += 3
            elif UNIT == 2:
                at = p * ITEM
                if stop + 6 <= end and p + count + 3 <= pixels:  # four pixels at a time; the last three may be too many
                    while q < stop:
                        w0 = load_le64(data, q)
                        w0 = (w0 << u64(8)) & u64(0xFF00FF00FF00FF00) | (w0 >> u64(8)) & u64(0x00FF00FF00FF00FF)
                        store_le64(out, at, w0)
                        at += 8
                        q += 8
                else:
                    while q + 8 <= stop:
                        w0 = load_le64(data, q)
                        w0 = (w0 << u64(8)) & u64(0xFF00FF00FF00FF00) | (w0 >> u64(8)) & u64(0x00FF00FF00FF00FF)
                        store_le64(out, at, w0)
                        at += 8
                        q += 8
                    i = at // ITEM
                    assume(i >= 0)
                    while q < stop:
                        out[i] = u16(u16(data[q]) << u16(8) | u16(data[q + 1]))
                        i += 1
                        q += 2
            elif q + 32 <= end and p + 32 <= pixels:
                w0, w1 = load_le64(data, q), load_le64(data, q + 8)
                w2, w3 = load_le64(data, q + 16), load_le64(data, q + 24)
                store_le64(out, p, w0)
                store_le64(out, p + 8, w1)
                store_le64(out, p + 16, w2)
                store_le64(out, p + 24, w3)
            else:
                at = p
                while q + 8 <= stop:
                    store_le64(out, at, load_le64(data, q))
                    at += 8
                    q += 8
                while q < stop:
                    out[at] = data[q]
                    at += 1
                    q += 1
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
        elif stop + SLACK > pixels:  # the last pixels: by eight bytes, then singly
            i = p
            if distance == 1:
                fill = u64(u64(out[p - 1]) * u64(SPREAD))
                while i + PER64 <= stop:
                    store_le64(out, i * ITEM, fill)
                    i += PER64
            elif distance >= PER64:
                while i + PER64 <= stop:
                    store_le64(out, i * ITEM, load_le64(out, (i - distance) * ITEM))
                    i += PER64
            while i < stop:
                out[i] = out[i - distance]
                i += 1
        elif distance == 1:
            fill = u64(u64(out[p - 1]) * u64(SPREAD))
            at = p * ITEM
            while at < stop * ITEM:
                fill64(out, at, fill)
                at += 64
        else:
            at = p * ITEM
            back = distance * ITEM
            if distance < BLOCK:
                # What repeats every ``distance`` pixels also repeats every ``step``: write singly until a block fits.
                step = i64(STEPS[distance])
                for j in range(min(length, step - distance)):
                    out[p + j] = out[p + j - distance]
                at += (step - distance) * ITEM
                back = step * ITEM
            # Many matches are short: one block, and then two each time round.
            move16(out, at, at - back)
            at += 16
            while at < stop * ITEM:
                move16(out, at, at - back)
                move16(out, at + 16, at + 16 - back)
                at += 32
        p = stop
    if status != OK:
        state[0] = q
        state[1] = p
        return -status
    return q


if INTERPRETED:

    def extend(px: Any, ref: int, ip: int, bound: int) -> int:
        k = 0
        while ip + k < bound and (px[ref + k] ^ px[ip + k]) & MASK == 0:
            k += 1
        return k

else:

    @part
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

    @part
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
        return i64(h & 8191)

    @part
    def put(out: Any, q: int, value: int) -> None:
        out[q] = u8(value >> 8)
        out[q + 1] = u8(value & 255)

else:

    @part
    def hashed(a: int, b: int, c: int) -> int:
        h = u32(5381 * 33) ^ u32(a)
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(b)
        h = u32((h * 33) & 0xFFFFFFFF) ^ u32(c)
        return i64(h & 8191)

    @part
    def put(out: Any, q: int, value: int) -> None:
        out[q] = u8(value)


@part
def encode(px: Any, pixels: int, out: Any, q: int, table: Any, base: int, hashes: Any) -> int:
    """Encode ``px[:pixels]`` to ``out[q:]``; returns the offset behind the stream.

    ``out`` has room for ``pixels * UNIT + pixels // 32 + 8`` bytes from ``q`` on: a match and the count byte of fewer
    than 32 literals before it never take more bytes than their pixels would.
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
    hashed_to = i64(0)
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
            if BLOCKS and hashed_to <= ip and ip + AHEAD + 2 <= pixels:
                hashes8(px, ip, u32(PLACES - 1), hashes)
                hashed_to = ip + AHEAD
            h = i64(hashes[u64(ip + AHEAD - hashed_to)]) if BLOCKS and ip < hashed_to else hashed(b, c, d)
            assume(h >= 0)
            ref = max(i64(table[h]) - base, i64(0))
            table[h] = ip + base
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
        if BLOCKS and ip + AHEAD <= pixels:  # one block for both and for what follows
            hashes8(px, ip - 2, u32(PLACES - 1), hashes)
            hashed_to = ip - 2 + AHEAD
            before = i64(hashes[0])
            h = i64(hashes[1])
        else:
            before = hashed(px[ip - 2], px[ip - 1], px[ip])
            h = hashed(px[ip - 1], px[ip], px[ip + 1])
        assume(before >= 0)
        assume(h >= 0)
        if length >= 3:
            table[before] = ip - 2 + base
        if length >= 2:
            table[h] = ip - 1 + base
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


# -- one call a picture, compiled -------------------------------------------------------------------------------------

if not INTERPRETED:

    @kernel
    def decode_picture(data: Any, q: int, end: int, out: Any, state: Any) -> int:
        """As :func:`decode`, from a stream of ``bytes`` to all pixels of an array of two dimensions."""
        return decode(data, i64(q), i64(end), out.reshape(out.size), i64(out.size), state)

    @kernel
    def decode_stream(data: Any, out: Any, state: Any) -> int:
        """Decode a whole stream, of ``bytes``, whose type and size fit ``out``: 1, or 2 if its bottom line comes first.

        0 if anything is not as it should be: then somebody else finds out what.
        """
        number, stride = i64(load_be32(data, 8)), i64(load_be32(data, 20))
        height, width = i64(out.shape[0]), i64(out.shape[1])
        octets = number - 4 if UNIT == 3 else i64(2) if UNIT == 2 else i64(4) if number == XXXA else i64(1)
        if load_be64(data, 0) != u64(HEADER) or stride != width * octets or stride * height > IMAGE_BYTES:
            return 0
        end = i64(len(data))
        if decode(data, i64(HEADER_SIZE), end, out.reshape(out.size), i64(out.size), state) != end:
            return 0
        return 2 if load_be32(data, 24) == u32(0) else 1

    @kernel
    def encode_picture(pixels: Any, type: int, width: int, stride: int, top_down: int, work: Any, q: int) -> int:
        """Encode an array of two dimensions to ``work[STREAM + q:]``, after a header if ``q`` is 0; returns the new ``q``.

        ``work`` is the work space of an encoder, with room for what :func:`encode` wants and 32 bytes.
        """
        count = i64(pixels.size)
        bases = work[0:8].view(i64)
        table = work[8:HASHES].view(i32)
        hashes = work[HASHES:STREAM].view(i32)
        base = i64(bases[0])
        if base + count >= 1 << 31:
            for place in range(PLACES):
                table[place] = 0
            base = i64(0)
        bases[0] = base + count
        at = STREAM + i64(q)
        if q == 0:
            store_be64(work, at, u64(HEADER))
            store_be64(work, at + 8, u64(type << 32 | width))
            store_be64(work, at + 16, u64(i64(pixels.shape[0]) << 32 | stride))
            store_be64(work, at + 24, u64(top_down << 32))
            at += HEADER_SIZE
        return encode(pixels.reshape(pixels.size), count, work, at, table, base, hashes) - STREAM

    if UNIT == 3:

        @kernel
        def sizes(data: Any, ends: Any, places: Any, most: int) -> int:
            """Width and height of RGB24 and RGB32 pictures whose streams follow each other in ``bytes`` and end at ``ends``.

            Returns the pixels of all of them; -1 if a header is unusual, and for more than ``most``.
            """
            total = i64(0)
            start = i64(0)
            for k in range(len(ends)):
                end = i64(ends[k])
                if end - start < HEADER_SIZE or load_be64(data, start) != u64(HEADER):
                    return -1
                number, stride = i64(load_be32(data, start + 8)), i64(load_be32(data, start + 20))
                width, height = i64(load_be32(data, start + 12)), i64(load_be32(data, start + 16))
                if not 7 <= number <= 8 or stride != width * (number - 4) or load_be32(data, start + 24) == u32(0):
                    return -1
                if width == 0 or height == 0 or height > most or width > most or width * height > most - total:
                    return -1
                if width * height > 255 * (end - start - HEADER_SIZE):
                    return -1
                places[k, 0] = height
                places[k, 1] = width
                total += width * height
                start = end
            return total

        @kernel
        def decode_pictures(data: Any, ends: Any, places: Any, out: Any, state: Any) -> bool:
            """Decode the streams to ``out``, one picture behind the other; whether all of them are as they should be."""
            start = i64(0)
            first = i64(0)
            for k in range(len(ends)):
                end = i64(ends[k])
                count = i64(places[k, 0]) * i64(places[k, 1])
                pixels = out[first : first + count]
                if decode(data, start + HEADER_SIZE, end, pixels, count, state) != end:
                    return False
                first += count
                start = end
            return True
