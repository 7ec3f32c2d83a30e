"""GLZ: LZ with a memory. A match may lie in any earlier image that the dictionary still holds.

The server keeps a :class:`Dictionary`, the client a :class:`Window`; both belong to a session and a dictionary id, not
to a channel. Each coded image has a number, one more than the image coded before it on whatever channel, and says in
its header how far back the dictionary reaches (``window_head_distance``): images with smaller numbers than
``image_id - window_head_distance`` are used by neither this image nor any later one.

Channels are separate connections, so the client may see an image before another that it refers to. :func:`decode` then
raises :class:`MissingImage` and leaves the window as it was but for images older than the window's capacity; decode
the same bytes again when the image has arrived. Only when all numbers up to an image have arrived does its header let
the window drop anything, because an image still under way may reach further back than one that overtook it.

A header is 33 bytes, big-endian: magic and version of LZ, one byte of type (low four bits) and direction (bit 4),
width, height, stride, 64-bit image number, window head distance. Tokens are described in ``kernels/glz.py``. RGBA has
its alpha plane behind the colours, as in LZ. Palette types could be coded, but no server does, and they are refused.

Memory: one pool of pixels for all images of a window or dictionary, filled from the start to the end and again from the
start. A window of W pixels (what the client announced) never needs an image that W later pixels have followed, so the
pool goes round only beyond W, and half as much again for images out of order; one image fits behind that.

Where this decoder is stricter than the reference client, which copies whatever bytes it finds: a stream must end with
its last pixel, a match must lie inside the image it names, that image must have the same type, a number must not
come twice, and the window must not reach back before number 0.

Sources: spice-server ``server/glz-encoder.c``, ``glz-encoder-dict.c`` and templates; spice-gtk ``src/decode-glz.c``.
"""

from __future__ import annotations

import struct
import threading
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spiceproto import limits
from spiceproto.codecs import tier
from spiceproto.codecs.lz import (
    MAGIC,
    UNITS_PER_BYTE,
    VERSION,
    LzImageType,
    Stream,
    check_size,
    source_pixels,
    stream_array,
    stride_of,
)
from spiceproto.errors import LimitError, LocalError, RemoteError

__all__ = [
    "HEADER_SIZE",
    "WINDOW_PIXELS",
    "Dictionary",
    "GlzHeader",
    "MissingImage",
    "Window",
    "decode",
    "encode",
    "header",
]

HEADER_SIZE: Final = 33
WINDOW_PIXELS: Final = 1 << 24
"""Default window: 64 MiB of 32-bit pixels, the most that the reference client announces."""

MAX_WINDOW_PIXELS: Final = 1 << 25
"""The reference encoder accepts no larger window: offsets in an image have 25 bits."""

MAX_IMAGE_ID: Final = (1 << 62) - 1
"""Numbers count up from 0; a larger one is no count."""

OVERTAKEN_IMAGES: Final = 4096
"""When so many images wait for a smaller number to arrive, it is taken as lost."""

MAX_SLOTS: Final = 1 << 17
"""Most rows of the table that finds an image by its number; an older image that would need more is dropped."""

_HEADER = struct.Struct(">IIBIIIQI")
_TYPES: Final = (LzImageType.RGB16, LzImageType.RGB24, LzImageType.RGB32, LzImageType.RGBA)
_SLOT: Final = 4
_SEGMENT: Final = 5
_SLACK: Final = 16
_HASH_PLACES: Final = 1 << 20


class MissingImage(RemoteError):
    """A stream refers to an image that has not arrived yet; ``image_id`` is its number."""

    image_id: int = -1


class GlzHeader(NamedTuple):
    """The header of a GLZ stream. ``stride`` is bytes a line; ``top_down`` tells which line is coded first."""

    type: LzImageType
    top_down: bool
    width: int
    height: int
    stride: int
    image_id: int
    window_head_distance: int


def header(stream: Stream) -> GlzHeader:
    """Parse and check the 33 header bytes; raises :class:`RemoteError`. The size limit is :func:`decode`'s business."""
    size = memoryview(stream).nbytes
    if size < HEADER_SIZE:
        raise RemoteError("GLZ stream ends inside its header", offset=size, expected=f"{HEADER_SIZE} bytes",
                          actual=f"{size}")
    magic, version, kind, width, height, stride, image_id, distance = _HEADER.unpack_from(stream)
    if magic != MAGIC:
        raise RemoteError("not a GLZ stream", path="magic", offset=0, expected=f"{MAGIC:#x}", actual=f"{magic:#x}")
    if version != VERSION:
        raise RemoteError("unknown GLZ version", path="version", offset=4, expected=f"{VERSION:#x}",
                          actual=f"{version:#x}")
    if not 6 <= kind & 15 <= 9:
        raise RemoteError("GLZ image type not in use", path="type", offset=8, expected="6..9 (RGB16 to RGBA)",
                          actual=str(kind & 15))
    type = _TYPES[(kind & 15) - 6]
    check_size(type, width, height, stride, 9)
    if image_id > MAX_IMAGE_ID:
        raise LimitError("image number is no count", path="image_id", offset=21, expected=f"at most {MAX_IMAGE_ID:#x}",
                         actual=f"{image_id:#x}")
    if distance > image_id:
        raise RemoteError("window reaches back before the first image", path="window_head_distance", offset=29,
                          expected=f"at most {image_id}", actual=str(distance))
    # As the reference decoder reads it: any of the four high bits means top down.
    return GlzHeader(type, kind >> 4 != 0, width, height, stride, image_id, distance)


def _units(type: LzImageType) -> tuple[int, ...]:
    """Stream bytes of a pixel in each pass over the picture."""
    return (3, 1) if type is LzImageType.RGBA else (2,) if type is LzImageType.RGB16 else (3,)


class _Pool:
    """Cells for the pixels of many images, given out one image behind the other, again from 0 beyond ``turn``."""

    def __init__(self, turn: int, largest: int) -> None:
        self.cells: NDArray[np.uint32] = np.empty(turn + largest + _SLACK, np.uint32)
        self.turn = turn
        self.next = 0

    def place(self, pixels: int) -> int:
        """First cell for an image of that many pixels. Nothing changes before ``next`` is set behind it."""
        return 0 if self.next >= self.turn else self.next


class _Image(NamedTuple):
    first: int
    pixels: int


class Window:
    """The client's dictionary window: decoded images by number, in bounded memory.

    ``pixels`` is the capacity, which the client announces in DISPLAY_INIT; ``next_id`` the number of the first image
    that will come (0, unless the session is joined midway). Memory is taken as it is filled, up to 1.5 times
    ``pixels`` and the largest image. May be shared by threads: one decodes at a time.
    """

    def __init__(self, pixels: int = WINDOW_PIXELS, *, next_id: int = 0) -> None:
        if not 0 < pixels <= MAX_WINDOW_PIXELS or next_id < 0:
            raise LocalError("no such GLZ window", expected=f"1..{MAX_WINDOW_PIXELS} pixels, next_id from 0",
                             actual=f"{pixels}, {next_id}")
        self.pixels = pixels
        self._lock = threading.Lock()
        self._pool = _Pool(pixels + pixels // 2, pixels)
        self._reset(next_id)

    def _reset(self, next_id: int) -> None:
        self._pool.next = 0
        self._images: dict[int, _Image] = {}  # in the order of their places in the pool
        self._set_slots(np.full((64, _SLOT), -1, np.int64))
        self._next_id = next_id  # all smaller numbers have arrived (or count as lost)
        self._oldest = next_id  # all smaller numbers are dropped
        self._overtaking: dict[int, int] = {}  # numbers above next_id that have arrived: oldest number they may use

    def clear(self, *, next_id: int = 0) -> None:
        """Forget all images, as when a session is joined anew."""
        with self._lock:
            self._reset(next_id)

    def __contains__(self, image_id: object) -> bool:
        return image_id in self._images

    def __len__(self) -> int:
        return len(self._images)

    @property
    def image_ids(self) -> tuple[int, ...]:
        """Numbers of the images held, in the order of their arrival."""
        return tuple(self._images)

    @property
    def pixels_held(self) -> int:
        """Pixels of the images held."""
        return sum(image.pixels for image in self._images.values())

    @property
    def next_id(self) -> int:
        """The smallest number that has not arrived."""
        return self._next_id

    # What follows is decode's side of the window; the lock is held.

    def _arrived(self, image_id: int) -> bool:
        return image_id < self._next_id or image_id in self._overtaking

    def _make_room(self, first: int, pixels: int) -> None:
        """Drop the images that lie in the cells from ``first`` on: they are the oldest ones."""
        while self._images:
            oldest, image = next(iter(self._images.items()))
            if image.first >= first + pixels or image.first + image.pixels <= first:
                return
            self._drop(oldest)

    def _set_slots(self, slots: NDArray[np.int64]) -> None:
        self._slots = slots
        self._fields: Any = slots.reshape(-1).data  # the same memory, five times faster to Python
        self._slot_mask = len(slots) - 1

    def _drop(self, image_id: int) -> None:
        if self._images.pop(image_id, None) is not None:
            self._fields[(image_id & self._slot_mask) * _SLOT] = -1

    def _store(self, image_id: int, first: int, pixels: int, type: LzImageType, head: int) -> None:
        self._pool.next = first + pixels
        while (other := self._fields[(image_id & self._slot_mask) * _SLOT]) >= 0:
            if len(self._slots) >= MAX_SLOTS:
                self._drop(other)
            else:
                self._grow()
        fields, at = self._fields, (image_id & self._slot_mask) * _SLOT
        fields[at], fields[at + 1], fields[at + 2], fields[at + 3] = image_id, first, pixels, type
        self._images[image_id] = _Image(first, pixels)
        self._overtaking[image_id] = head
        if image_id != self._next_id:
            if len(self._overtaking) <= OVERTAKEN_IMAGES:
                return
            self._next_id = min(self._overtaking)
        while self._next_id in self._overtaking:
            head = self._overtaking.pop(self._next_id)
            self._next_id += 1
        if head - self._oldest > len(self._images):  # after a leap: rather look at every image than at every number
            for number in [number for number in self._images if number < head]:
                self._drop(number)
        else:
            for number in range(self._oldest, head):
                self._drop(number)
        self._oldest = max(self._oldest, head)

    def _grow(self) -> None:
        slots = np.full((2 * len(self._slots), _SLOT), -1, np.int64)
        for slot in self._slots[self._slots[:, 0] >= 0]:
            slots[int(slot[0]) & len(slots) - 1] = slot
        self._set_slots(slots)


_REASONS: Final = {
    1: ("GLZ stream ends inside the picture", "the rest of a token"),
    2: ("GLZ token goes past the last pixel", "at most the pixels that are left"),
    3: ("GLZ match starts before the first pixel", "an offset up to the pixels decoded so far"),
    4: ("GLZ match in an image that is not in the window", "an image of the window"),
    5: ("GLZ match goes past the last pixel of the image it refers to", "a match inside that image"),
    6: ("GLZ match in an image of another type", "an image of the same type"),
}


def _refuse(status: int, state: Any, count: int, end: int, head: GlzHeader, window: Window) -> None:
    what, expected = _REASONS[status]
    offset, decoded, other = (int(value) for value in state)
    actual = f"{decoded} of {count} pixels, stream of {end} bytes"
    if status >= 4:
        actual = f"image {other} from image {head.image_id}, {actual}"
    if status == 4 and other >= 0 and not window._arrived(other):
        error = MissingImage("GLZ match in an image that has not arrived", offset=offset,
                             expected=f"image {other} first", actual=actual)
        error.image_id = other
        raise error
    raise RemoteError(what, offset=offset, expected=expected, actual=actual)


def decode(
    stream: Stream, window: Window, *, max_pixels: int = limits.IMAGE_PIXELS, copy: bool = True
) -> NDArray[Any]:
    """Decode one complete GLZ stream and keep the picture in ``window``.

    Returns ``(height, width)``, top line first: uint16 x1r5g5b5 for RGB16 (the top bit is undefined), uint32 0x00RRGGBB
    for RGB24 and RGB32, uint32 0xAARRGGBB for RGBA. With ``copy`` the array is the caller's own, writable and
    C-contiguous. Without, it may be a read-only view of the window (with negative strides where the stream is not top
    down) that is good until the next image is decoded: half the memory traffic for a caller that draws it at once.

    Raises :class:`MissingImage` when an image must arrive first (decode the same stream again then),
    :class:`LimitError` for more pixels than ``max_pixels`` or the window's capacity, :class:`RemoteError` for anything
    else that is wrong; the offset counts from the start of the stream. In all these cases the picture is not kept.
    """
    head = header(stream)
    count = head.width * head.height
    allowed = min(max_pixels, window.pixels)
    if count > allowed:
        raise LimitError("GLZ image too large", path="width", offset=9, expected=f"at most {allowed} pixels",
                         actual=f"{head.width} x {head.height}")
    data = stream_array(stream)
    end = data.size
    if count > UNITS_PER_BYTE * (end - HEADER_SIZE):  # no stream is that short: spare the images that would make room
        raise RemoteError("GLZ stream too short for its picture", offset=end, expected=f"tokens for {count} pixels",
                          actual=f"{end - HEADER_SIZE} bytes")
    with window._lock:
        if window._arrived(head.image_id):
            raise RemoteError("GLZ image number comes twice", path="image_id", offset=21,
                              expected="a number that has not come", actual=str(head.image_id))
        pool = window._pool
        first = pool.place(count)
        window._make_room(first, count)
        offset = HEADER_SIZE
        for unit in _units(head.type):
            kernels = tier.kernels("glz", count, UNIT=unit)
            state = kernels.zeros(3, "int64")
            slots = kernels.view(window._slots)
            status = kernels.decode(kernels.view(data), offset, end, kernels.view(pool.cells), first, count,
                                    slots, window._slot_mask, head.image_id, int(head.type), state)
            if status:
                _refuse(status, state, count, end, head, window)
            offset = int(state[0])
        if offset != end:
            raise RemoteError("bytes behind the last pixel of a GLZ stream", offset=offset,
                              expected=f"a stream of {offset} bytes", actual=f"{end}")
        window._store(head.image_id, first, count, head.type, head.image_id - head.window_head_distance)
        pixels: NDArray[Any] = pool.cells[first : first + count].reshape(head.height, head.width)
        if not head.top_down:
            pixels = pixels[::-1]
        if head.type is LzImageType.RGB16:
            return pixels.astype(np.uint16, order="C")
        if copy:
            return pixels.copy(order="C")
        pixels = pixels.view()
        pixels.flags.writeable = False
        return pixels


class Dictionary:
    """The server's dictionary: the images of the window, and the table of places that :func:`encode` looks up.

    ``pixels`` is the window's capacity as the client announced it; images leave, oldest first, when a new one would
    exceed it. ``next_id`` is the number of the next image (other than 0 after a migration).
    """

    def __init__(self, pixels: int = WINDOW_PIXELS, *, next_id: int = 0) -> None:
        if not 0 < pixels <= MAX_WINDOW_PIXELS or not 0 <= next_id <= MAX_IMAGE_ID:
            raise LocalError("no such GLZ dictionary", expected=f"1..{MAX_WINDOW_PIXELS} pixels, next_id from 0",
                             actual=f"{pixels}, {next_id}")
        self.pixels = pixels
        self.next_id = next_id
        self._lock = threading.Lock()
        self._pool = _Pool(pixels, pixels)
        self._table: NDArray[np.int64] = np.zeros(_HASH_PLACES, np.int64)
        # Segment rows are given out as the reference encoder does, last one freed first: stale places of the table then
        # lead to the same images, and streams come out the same.
        self._segments: NDArray[np.int64] = np.full((1000, _SEGMENT), -1, np.int64)
        self._free = list(range(999, -1, -1))
        self._held: list[int] = []  # rows, oldest first
        self._pixels_held = 0
        self._position = 0  # pixels of all images so far

    @property
    def image_ids(self) -> tuple[int, ...]:
        """Numbers of the images in the window, oldest first."""
        return tuple(int(self._segments[row, 3]) for row in self._held)

    def _add(self, source: NDArray[Any], type: LzImageType) -> tuple[int, int]:
        """Put an image into the window; returns its row and the row of the oldest image left."""
        count = source.size
        gone = 0
        while self._pixels_held + count > self.pixels:
            row = self._held[gone]
            self._pixels_held -= int(self._segments[row, 2])
            self._segments[row, 0] = -1
            self._free.append(row)
            gone += 1
        del self._held[:gone]
        if not self._free:
            rows = len(self._segments)
            self._segments = np.concatenate([self._segments, np.full((rows, _SEGMENT), -1, np.int64)])
            self._free = list(range(2 * rows - 1, rows - 1, -1))
        row = self._free.pop()
        first = self._pool.place(count)
        cells = self._pool.cells[first : first + count].reshape(source.shape)
        if type in (LzImageType.RGB24, LzImageType.RGB32):
            np.bitwise_and(source, 0xFFFFFF, out=cells)
        else:
            cells[...] = source
        self._pool.next = first + count
        self._segments[row] = (self._position, first, count, self.next_id, type)
        self._held.append(row)
        self._pixels_held += count
        self._position += count
        self.next_id += 1
        return row, self._held[0]


def encode(pixels: NDArray[Any], type: LzImageType, dictionary: Dictionary, *, top_down: bool = True) -> bytes:
    """Encode one picture with matches in the dictionary's images, and add it to them.

    ``pixels`` is ``(height, width)``, top line first: uint16 for RGB16, uint32 0x00RRGGBB for RGB24 and RGB32 (the top
    byte is ignored), uint32 0xAARRGGBB for RGBA. The stream is the reference encoder's, byte for byte, for sources in
    one chunk and one encoder at a time. ``top_down`` False codes the bottom line first. Raises :class:`LocalError` for
    another dtype, shape or type, and for an image larger than the dictionary's window.
    """
    if type not in _TYPES:
        raise LocalError("GLZ encodes no such type", path="type", expected="RGB16, RGB24, RGB32 or RGBA",
                         actual=str(type))
    source = source_pixels(pixels, type, top_down)
    type = LzImageType(type)
    height, width = source.shape
    count = source.size
    if count > dictionary.pixels:
        raise LocalError("image larger than the GLZ dictionary's window", path="pixels",
                         expected=f"at most {dictionary.pixels} pixels", actual=f"{width} x {height}")
    units = _units(type)
    passes = [tier.kernels("glz", count, UNIT=unit) for unit in units]  # what can fail comes before the image counts
    with dictionary._lock:
        row, oldest = dictionary._add(source, type)
        segments = dictionary._segments
        image_id, first = int(segments[row, 3]), int(segments[row, 1])
        out = np.empty(HEADER_SIZE + sum(count * unit + count // 4 + 64 for unit in units), np.uint8)
        head = _HEADER.pack(MAGIC, VERSION, type | (16 if top_down else 0), width, height, stride_of(type, width),
                            image_id, image_id - int(segments[oldest, 3]))
        out[:HEADER_SIZE] = np.frombuffer(head, np.uint8)
        offset = HEADER_SIZE
        for kernels in passes:
            offset = kernels.encode(kernels.view(dictionary._pool.cells), first, count, kernels.view(out), offset,
                                    kernels.view(dictionary._table), kernels.view(segments), row,
                                    int(segments[oldest, 0]))
        return out[:offset].tobytes()
