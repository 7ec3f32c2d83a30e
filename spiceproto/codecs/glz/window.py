"""The client's side of GLZ: the window of images that have arrived, and the decoder that fills it.

The kernel finds an image by its number in a table of slots; how they are kept is told in ``kernels/glz.py``. The slot is the
image id modulo the length of the table, which doubles when two images of the window would need the same one.
"""

from __future__ import annotations

import struct
import threading
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto import limits
from spiceproto.codecs import tier
from spiceproto.codecs.glz.pool import MAX_WINDOW_PIXELS, WINDOW_PIXELS, memory
from spiceproto.codecs.glz.stream import HEADER_SIZE, GlzHeader, header, units
from spiceproto.codecs.kernels import glz as loops
from spiceproto.codecs.lz import UNITS_PER_BYTE, LzImageType, Stream
from spiceproto.errors import LimitError, LocalError, RemoteError

OVERTAKEN_IMAGES: Final = 4096
"""When so many images wait for a smaller number to arrive, it is taken as lost."""

MAX_SLOTS: Final = 1 << 17
"""Most rows of the table that finds an image by its number; an older image that would need more is dropped."""

_SLOTS: Final = 64
"""Slots to begin with."""


_UINT32: Final = np.dtype(np.uint32)


class MissingImage(RemoteError):
    """A stream refers to an image that has not arrived yet; ``image_id`` is its number."""

    image_id: int = -1


class Window:
    """The client's dictionary window: decoded images by number, in bounded memory.

    ``pixels`` is the capacity, which the client announces in DISPLAY_INIT; ``next_id`` the number of the first image
    that will come (0, unless the session is joined midway). Memory is taken as it is filled, up to 1.5 times
    ``pixels`` and the largest image. May be shared by threads: one decodes at a time.
    """

    def __init__(self, pixels: int = WINDOW_PIXELS, *, next_id: int = 0) -> None:
        if not 0 < pixels <= MAX_WINDOW_PIXELS or next_id < 0:
            raise LocalError(
                "no such GLZ window", expected=f"1..{MAX_WINDOW_PIXELS} pixels, next_id from 0", actual=f"{pixels}, {next_id}"
            )
        self.pixels = pixels
        self._lock = threading.Lock()
        self._turn = pixels + pixels // 2
        self._cells = memory(self._turn, pixels)
        self._reset(next_id)

    def _reset(self, next_id: int) -> None:
        self._set_numbers(_SLOTS)
        self._fields[loops.W_TURN] = self._turn
        self._fields[loops.W_NEXT_ID] = next_id
        self._fields[loops.W_OLDEST_ID] = next_id
        self._overtaking: dict[int, int] = {}  # numbers above the next one that have arrived: oldest number they may use

    def _set_numbers(self, slots: int) -> None:
        self._numbers: NDArray[np.int64] = np.zeros(loops.SLOTS_AT + (loops.SLOT + 2) * slots, np.int64)
        self._numbers[loops.SLOTS_AT : -2 * slots] = -1
        self._fields: Any = self._numbers.data  # the same memory, five times faster to Python
        self._fields[loops.SLOTS] = slots

    def clear(self, *, next_id: int = 0) -> None:
        """Forget all images, as when a session is joined anew."""
        with self._lock:
            self._reset(next_id)

    def _slot(self, image_id: int) -> int:
        """Where in the numbers the slot is that an image has, or would have."""
        return loops.SLOTS_AT + loops.SLOT * (image_id & int(self._fields[loops.SLOTS]) - 1)

    def __contains__(self, image_id: object) -> bool:
        return isinstance(image_id, int) and image_id >= 0 and bool(self._fields[self._slot(image_id)] == image_id)

    def __len__(self) -> int:
        return int(self._fields[loops.W_HELD])

    @property
    def image_ids(self) -> tuple[int, ...]:
        """Numbers of the images held, in the order of their arrival."""
        fields = self._fields
        slots, start = fields[loops.SLOTS], fields[loops.RING_START]
        ring = loops.SLOTS_AT + loops.SLOT * slots
        arrived = (fields[ring + (start + k) % (2 * slots)] for k in range(fields[loops.RING_LENGTH]))
        return tuple(image_id for image_id in arrived if image_id in self)

    @property
    def pixels_held(self) -> int:
        """Pixels of the images held."""
        return sum(int(self._fields[self._slot(image_id) + 2]) for image_id in self.image_ids)

    @property
    def next_id(self) -> int:
        """The smallest number that has not arrived."""
        return int(self._fields[loops.W_NEXT_ID])

    def arrived(self, image_id: int) -> bool:
        """Whether the image has come, or was overtaken by so many that it is taken as lost."""
        with self._lock:
            return self._arrived(image_id)

    # What follows is decode's side of the window; the lock is held.

    def _arrived(self, image_id: int) -> bool:
        return image_id < self._fields[loops.W_NEXT_ID] or image_id in self._overtaking

    def _store(self, image_id: int, first: int, pixels: int, type: LzImageType, head: int) -> None:
        while loops.enter(self._fields, image_id, first, pixels, int(type)) == loops.BUSY:
            if self._fields[loops.SLOTS] >= MAX_SLOTS:
                loops.drop(self._fields, self._fields[self._slot(image_id)])
            else:
                self._grow()
        self._overtaking[image_id] = head
        self._close_gap(image_id)
        self._fields[loops.WAITING] = len(self._overtaking)

    def _close_gap(self, image_id: int) -> None:
        """After an image has arrived: only when all numbers up to one have, its header lets images leave."""
        fields = self._fields
        if image_id != fields[loops.W_NEXT_ID]:
            if len(self._overtaking) <= OVERTAKEN_IMAGES:
                return
            fields[loops.W_NEXT_ID] = min(self._overtaking)
        head = 0
        while fields[loops.W_NEXT_ID] in self._overtaking:
            head = self._overtaking.pop(fields[loops.W_NEXT_ID])
            fields[loops.W_NEXT_ID] += 1
        loops.leave(fields, head)

    def _grow(self) -> None:
        """Twice as many slots."""
        there = [(image_id, *self._fields[self._slot(image_id) + 1 : self._slot(image_id) + 4]) for image_id in self.image_ids]
        kept = self._numbers[: loops.SLOTS_AT].copy()
        self._set_numbers(2 * int(kept[loops.SLOTS]))
        same = [loops.W_TURN, loops.W_NEXT_ID, loops.W_OLDEST_ID, loops.WAITING]
        self._numbers[same] = kept[same]
        for image in there:
            loops.enter(self._fields, *image)
        self._fields[loops.W_NEXT_CELL] = kept[loops.W_NEXT_CELL]


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
        error = MissingImage(
            "GLZ match in an image that has not arrived", offset=offset, expected=f"image {other} first", actual=actual
        )
        error.image_id = other
        raise error
    raise RemoteError(what, offset=offset, expected=expected, actual=actual)


# -- the short way: a picture as it should be, in machine code; None for everything else, which the other way looks at ---

_short: Final[list[Any]] = []  # the kernel, when it is loaded
_copied: Final[NDArray[np.int64]] = np.zeros(0, np.int64)
_viewed: Final[NDArray[np.int64]] = np.zeros(1, np.int64)
_size: Final = struct.Struct(">II").unpack_from


def _decode_short(stream: Any, window: Window, max_pixels: int, copy: bool) -> NDArray[Any] | None:
    if type(stream) is not bytes:
        if not isinstance(stream, (bytearray, memoryview)):
            return None
        stream = bytes(stream)
    size = len(stream)
    if size < HEADER_SIZE or not _short:
        return None
    width, height = _size(stream, 9)
    count = width * height
    if not 0 < count <= max_pixels or count > window.pixels or count > UNITS_PER_BYTE * (size - HEADER_SIZE):
        return None
    out: NDArray[np.uint32] = np.empty((height, width), _UINT32)
    with window._lock:
        first = _short[0](stream, out, window._cells, window._numbers, 0, 0, _copied if copy else _viewed)
        if first < 0:
            return None
        if copy and count >= loops.LARGE:
            out.reshape(-1)[:] = window._cells[first : first + count]
    if not copy:
        out = window._cells[first : first + count].reshape(height, width)
        out.flags.writeable = False
    return out


# -- the way that knows every type and every error ----------------------------------------------------------------------


def decode(stream: Stream, window: Window, *, max_pixels: int = limits.IMAGE_PIXELS, copy: bool = True) -> NDArray[Any]:
    """Decode one complete GLZ stream and keep the picture in ``window``.

    Returns ``(height, width)``, top line first: uint16 x1r5g5b5 for RGB16 (the top bit is undefined), uint32 0x00RRGGBB
    for RGB24 and RGB32, uint32 0xAARRGGBB for RGBA. With ``copy`` the array is the caller's own, writable and
    C-contiguous. Without, it may be a read-only view of the window (with negative strides where the stream is not top
    down) that is good until the next image is decoded: half the memory traffic for a caller that draws it at once.

    Raises :class:`MissingImage` when an image must arrive first (decode the same stream again then),
    :class:`LimitError` for more pixels than ``max_pixels`` or the window's capacity, :class:`RemoteError` for anything
    else that is wrong; the offset counts from the start of the stream. In all these cases the picture is not kept.
    """
    if tier.compiled():
        short = _decode_short(stream, window, max_pixels, copy)
        if short is not None:
            return short
    head = header(stream)
    count = head.width * head.height
    allowed = min(max_pixels, window.pixels)
    if count > allowed:
        raise LimitError(
            "GLZ image too large",
            path="width",
            offset=9,
            expected=f"at most {allowed} pixels",
            actual=f"{head.width} x {head.height}",
        )
    data = stream if type(stream) is bytes else bytes(stream)
    end = len(data)
    if count > UNITS_PER_BYTE * (end - HEADER_SIZE):  # no stream is that short: spare the images that would make room
        raise RemoteError(
            "GLZ stream too short for its picture",
            offset=end,
            expected=f"tokens for {count} pixels",
            actual=f"{end - HEADER_SIZE} bytes",
        )
    with window._lock:
        if window._arrived(head.image_id):
            raise RemoteError(
                "GLZ image number comes twice",
                path="image_id",
                offset=21,
                expected="a number that has not come",
                actual=str(head.image_id),
            )
        first = loops.make_room(window._fields, count)
        offset = HEADER_SIZE
        for unit in units(head.type):
            kernels = tier.kernels("glz", count, UNIT=unit)
            state = kernels.zeros(3, "int64")
            if kernels.INTERPRETED:
                cells = kernels.view(window._cells)
                place = cells, first, count, window._fields
                offset = kernels.decode(data, offset, end, *place, head.image_id, int(head.type), state)
            else:
                if head.type in (LzImageType.RGB24, LzImageType.RGB32):
                    _short[:] = [kernels.decode_picture]
                state[0], state[1] = offset, first
                out = window._cells[first : first + count].reshape(head.height, head.width)
                where = out, window._cells, window._numbers
                offset = kernels.decode_picture(data, *where, head.image_id, int(head.type), state)
            if offset < 0:
                _refuse(-offset, state, count, end, head, window)
        if offset != end:
            raise RemoteError(
                "bytes behind the last pixel of a GLZ stream",
                offset=offset,
                expected=f"a stream of {offset} bytes",
                actual=f"{end}",
            )
        window._store(head.image_id, first, count, head.type, head.image_id - head.window_head_distance)
        pixels: NDArray[Any] = window._cells[first : first + count].reshape(head.height, head.width)
        if not head.top_down:
            pixels = pixels[::-1]
        if head.type is LzImageType.RGB16:
            return pixels.astype(np.uint16, order="C")
        if copy:
            return pixels.copy(order="C")
        pixels = pixels.view()
        pixels.flags.writeable = False
        return pixels
