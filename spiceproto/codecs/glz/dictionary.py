"""The server's side of GLZ: the dictionary of images that matches may name, and the encoder that adds to it.

The kernel finds matches in a table of places, a hash of three pixels to an image and a pixel in it; how both are kept is told
in ``kernels/glz.py``. Either tier reads what the other has written.
"""

from __future__ import annotations

import threading
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto.codecs import tier
from spiceproto.codecs.glz.pool import MAX_WINDOW_PIXELS, WINDOW_PIXELS, memory
from spiceproto.codecs.glz.stream import HEADER_SIZE, MAX_IMAGE_ID, TYPES, units
from spiceproto.codecs.kernels import glz as loops
from spiceproto.codecs.lz import IMAGE_BYTES, LzImageType, source_pixels, stride_of
from spiceproto.codecs.work import WorkSpaces
from spiceproto.errors import LocalError
from spiceproto.generated.images import GLZ_HEADER, GLZ_MAGIC, GLZ_VERSION

_SEGMENTS: Final = 1000
"""Segments to begin with, as the reference has them."""

_works: Final = WorkSpaces()


class Dictionary:
    """The server's dictionary: the images of the window, and the table of places that :func:`encode` looks up.

    ``pixels`` is the window's capacity as the client announced it; images leave, oldest first, when a new one would
    exceed it. ``next_id`` is the number of the next image (other than 0 after a migration).
    """

    def __init__(self, pixels: int = WINDOW_PIXELS, *, next_id: int = 0) -> None:
        if not 0 < pixels <= MAX_WINDOW_PIXELS or not 0 <= next_id <= MAX_IMAGE_ID:
            raise LocalError(
                "no such GLZ dictionary",
                expected=f"1..{MAX_WINDOW_PIXELS} pixels, next_id from 0",
                actual=f"{pixels}, {next_id}",
            )
        self.pixels = pixels
        self._lock = threading.Lock()
        self._cells = memory(pixels, pixels)
        self._table: NDArray[np.uint64] = np.zeros(loops.PLACES, np.uint64)
        self._numbers = _numbers(_SEGMENTS)
        self._numbers[loops.WINDOW] = pixels
        self._numbers[loops.TURN] = pixels
        self._numbers[loops.NEXT_ID] = next_id
        self._numbers[loops.FREE] = _SEGMENTS
        free, ring = self._places_of_rows()
        self._numbers[free:ring] = range(_SEGMENTS - 1, -1, -1)

    @property
    def next_id(self) -> int:
        """The number of the next image."""
        return int(self._numbers[loops.NEXT_ID])

    @property
    def image_ids(self) -> tuple[int, ...]:
        """Numbers of the images in the window, oldest first."""
        return tuple(int(self._rows()[segment, loops.ID]) for segment in self._held())

    def _places_of_rows(self) -> tuple[int, int]:
        """Where the free segments begin, and where the ring of those in the window does."""
        free = loops.SEGMENTS + loops.SEGMENT * int(self._numbers[loops.CAPACITY])
        return free, free + int(self._numbers[loops.CAPACITY])

    def _rows(self) -> NDArray[np.int64]:
        free, _ = self._places_of_rows()
        return self._numbers[loops.SEGMENTS : free].reshape(-1, loops.SEGMENT)

    def _held(self) -> NDArray[np.int64]:
        """The segments in the window, oldest first."""
        _, ring = self._places_of_rows()
        oldest, held = int(self._numbers[loops.OLDEST]), int(self._numbers[loops.HELD])
        return np.roll(self._numbers[ring:], -oldest)[:held]

    def _grow(self) -> None:
        """Twice as many segments; all there are must be in use."""
        rows, held = self._rows(), self._held()
        capacity = len(rows)
        larger = _numbers(2 * capacity)
        kept = slice(loops.CAPACITY + 1, loops.SEGMENTS)
        larger[kept] = self._numbers[kept]
        self._numbers = larger
        self._rows()[:capacity] = rows
        free, ring = self._places_of_rows()
        larger[free : free + capacity] = range(2 * capacity - 1, capacity - 1, -1)
        larger[loops.FREE] = capacity
        larger[ring : ring + capacity] = held
        larger[loops.OLDEST] = 0

    def _renew(self) -> None:
        """Begin to count generations anew: they are 1 where a place is of its segment's last image, and else 0."""
        rows = self._rows()
        segment = (self._table >> np.uint64(loops.FIELD_BITS) & np.uint64(loops.FIELD)).astype(np.int64)
        generation = (self._table >> np.uint64(loops.GENERATION_AT) & np.uint64(loops.GENERATIONS - 1)).astype(np.int64)
        last = (generation > 0) & (generation == rows[segment, loops.GENERATION])
        self._table &= np.uint64(~((loops.GENERATIONS - 1) << loops.GENERATION_AT) & (1 << 64) - 1)
        self._table |= last.astype(np.uint64) << np.uint64(loops.GENERATION_AT)
        np.minimum(rows[:, loops.GENERATION], 1, out=rows[:, loops.GENERATION])

    def _mend(self, what: int) -> None:
        """Do what keeps :func:`kernels.glz.add` from adding an image."""
        if what == loops.FULL:
            self._grow()
        else:
            self._renew()

    def _encoded(self, encode_picture: Any, *arguments: Any) -> int:
        """Have a compiled kernel encode a picture: bytes of its stream."""
        *picture, work = arguments
        while (size := encode_picture(*picture, self._numbers, self._table, self._cells, work)) < 0:
            self._mend(size)
        return int(size)

    def _add(self, kernels: Any, source: NDArray[Any], type: LzImageType) -> int:
        """Put an image into the window, interpreted; returns its segment."""
        while (segment := kernels.add(kernels.view(self._numbers), source.size, int(type))) < 0:
            self._mend(segment)
        first = int(self._rows()[segment, loops.FIRST])
        cells = self._cells[first : first + source.size].reshape(source.shape)
        if type in (LzImageType.RGB24, LzImageType.RGB32):
            np.bitwise_and(source, 0xFFFFFF, out=cells)
        else:
            cells[...] = source
        return int(segment)


def _numbers(capacity: int) -> NDArray[np.int64]:
    numbers = np.zeros(loops.SEGMENTS + (loops.SEGMENT + 2) * capacity, np.int64)
    numbers[loops.CAPACITY] = capacity
    return numbers


# -- the short way: a picture as it should be, in machine code; None for everything else, which the other way looks at ---

_short: Final[dict[int, Any]] = {}  # kernels by type, as they are loaded
_UINT32: Final = np.dtype(np.uint32)
_RGB24: Final = int(LzImageType.RGB24)
_STREAM: Final = loops.STREAM


def _encode_short(pixels: Any, type_: LzImageType, dictionary: Dictionary, top_down: bool) -> bytes | None:
    encode_picture = _short.get(type_)
    if encode_picture is None or type(pixels) is not np.ndarray or pixels.ndim != 2 or not top_down:
        return None
    height, width = pixels.shape
    count = width * height
    kind = int(type_)
    stride = 4 * width if kind != _RGB24 else 3 * width
    if (
        pixels.dtype != _UINT32
        or not pixels.flags.carray
        or not 0 < count <= dictionary.pixels
        or stride * height > IMAGE_BYTES
    ):
        return None
    work = _works.take(3 * count + (count >> 2) + 256)
    with dictionary._lock:
        numbers, table, cells = dictionary._numbers, dictionary._table, dictionary._cells
        while (size := encode_picture(pixels, kind, stride, 1, numbers, table, cells, work)) < 0:
            dictionary._mend(size)
            numbers = dictionary._numbers
    stream: bytes = work[_STREAM : _STREAM + size].tobytes()
    _works.give(work)
    return stream


# -- the way that knows every type and every error ----------------------------------------------------------------------


def encode(pixels: NDArray[Any], type: LzImageType, dictionary: Dictionary, *, top_down: bool = True) -> bytes:
    """Encode one picture with matches in the dictionary's images, and add it to them.

    ``pixels`` is ``(height, width)``, top line first: uint16 for RGB16, uint32 0x00RRGGBB for RGB24 and RGB32 (the top
    byte is ignored), uint32 0xAARRGGBB for RGBA. The stream is the reference encoder's, byte for byte, for sources in
    one chunk and one encoder at a time. ``top_down`` False codes the bottom line first. Raises :class:`LocalError` for
    another dtype, shape or type, and for an image larger than the dictionary's window.
    """
    if tier.compiled():
        short = _encode_short(pixels, type, dictionary, top_down)
        if short is not None:
            return short
    if type not in TYPES:
        raise LocalError("GLZ encodes no such type", path="type", expected="RGB16, RGB24, RGB32 or RGBA", actual=str(type))
    source = source_pixels(pixels, type, top_down)
    type = LzImageType(type)
    height, width = source.shape
    count = source.size
    if count > dictionary.pixels:
        raise LocalError(
            "image larger than the GLZ dictionary's window",
            path="pixels",
            expected=f"at most {dictionary.pixels} pixels",
            actual=f"{width} x {height}",
        )
    passes = [tier.kernels("glz", count, UNIT=unit) for unit in units(type)]  # what can fail comes before the image counts
    stride = stride_of(type, width)
    work = _works.take(loops.STREAM + HEADER_SIZE + sum(count * unit + count // 4 + 64 for unit in units(type)))
    stream = work[loops.STREAM :]
    with dictionary._lock:
        if passes[0].INTERPRETED:
            segment = dictionary._add(passes[0], source, type)
            rows = dictionary._rows()
            image_id, oldest = int(rows[segment, loops.ID]), int(rows[dictionary._held()[0], loops.ID])
            kind = type | (16 if top_down else 0)
            head = GLZ_HEADER.pack(GLZ_MAGIC, GLZ_VERSION, kind, width, height, stride, image_id, image_id - oldest)
            stream[:HEADER_SIZE] = np.frombuffer(head, np.uint8)
            size = HEADER_SIZE
            for kernels in passes:
                view = kernels.view
                cells, numbers, table = view(dictionary._cells), view(dictionary._numbers), view(dictionary._table)
                size = kernels.encode(cells, numbers, segment, table, None, view(stream), size)
        else:
            if type in (LzImageType.RGB24, LzImageType.RGB32):
                _short[int(type)] = passes[0].encode_picture
            source = np.require(source, requirements=["C", "A", "W"])  # the one type that the kernels are compiled for
            size = dictionary._encoded(passes[0].encode_picture, source, int(type), stride, int(top_down), work)
            for kernels in passes[1:]:
                segment = int(dictionary._held()[-1])
                arrays = dictionary._table, dictionary._cells, work
                size = kernels.encode_plane(dictionary._numbers, segment, *arrays, size)
    result = stream[:size].tobytes()
    _works.give(work)
    return result
