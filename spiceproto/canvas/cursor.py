"""The cursor: seven kinds of shapes, the cache of shapes, and where the pointer is.

A shape's data, and what becomes of it (pixels ``uint32 (h, w)`` 0xAARRGGBB, top row first; rows of indices and of
bits are filled up to whole bytes, bits have the left pixel highest):

========  ============================================================  ==========================================
type      data                                                          pixels
========  ============================================================  ==========================================
ALPHA     32-bit words                                                  as they are, colours multiplied by alpha
MONO      AND plane, XOR plane, one bit a pixel                         see below
COLOR4    nibbles, high one left; 16 words of palette; mask             entry
COLOR8    bytes; 256 words of palette; mask                             entry
COLOR16   x1r5g5b5 words; mask                                          widened by zeros
COLOR24   bytes b, g, r; mask                                           as they are
COLOR32   32-bit words; mask                                            top byte becomes alpha
========  ============================================================  ==========================================

Where the mask is 0 the pixel is opaque. Where it is 1 the pixel is XORed with the screen on the systems that these
shapes come from: black leaves it, white inverts it. A surface with alpha cannot say that, so spice-gtk shows black as
transparent, white as a checkerboard of two half-transparent greys, and gives anything else alpha 0. MONO is the same
with planes: (AND, XOR) = (0, 0) black, (0, 1) white, (1, 0) transparent, (1, 1) inverts: spice-gtk shows white there,
and, if the whole shape does nothing but invert, a black edge around it. :attr:`Shape.pixels` is what spice-gtk shows;
:attr:`Shape.inverts` says where the screen is inverted really, and :func:`draw` can do either.

Differences: spice-gtk draws a default arrow for COLOR8 and COLOR24, which it does not know; and it counts bits and
nibbles through without regard to rows, so that shapes whose width is no multiple of 8 come out slanted, though it
computes sizes with full rows. Here rows begin at bytes, as Windows makes them; for all widths in use there is no
difference. Data that are too short make it read behind them, and are an error here.

Source: ``src/channel-cursor.c``, ``spice_mono_edge_highlight`` in ``src/spice-util.c`` of spice-gtk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spiceproto.canvas.cache import CURSOR_PIXELS, CURSORS, Cache
from spiceproto.canvas.operators import over
from spiceproto.canvas.problem import DrawError, Problem, ProblemCode
from spiceproto.canvas.region import Box
from spiceproto.enums.cursor import CursorFlags, CursorType
from spiceproto.errors import LimitError, SpiceError
from spiceproto.messages import cursor as messages

if TYPE_CHECKING:
    from spiceproto.messages.cursor import Cursor

__all__ = ["PROBLEMS", "Pointer", "Shape", "ShapeCache", "decode", "draw"]

PROBLEMS: Final = 1000
"""Problems that are kept; the first ones tell the story."""

OPAQUE: Final = np.uint32(0xFF000000)
COLOUR: Final = np.uint32(0x00FFFFFF)
CHECKER: Final = (np.uint32(0x30505050), np.uint32(0xC0303030))
"""What spice-gtk shows where the screen should be inverted, by turns."""


class Shape(NamedTuple):
    """A decoded shape.

    ``pixels``   ``uint32 (h, w)`` 0xAARRGGBB
    ``hot_spot_x``, ``hot_spot_y``  the pixel that points
    ``inverts``  ``bool (h, w)``: where the screen is inverted
    ``edge``     ``bool (h, w)``: what is black only so that the rest is seen on any ground; None for nothing
    """

    pixels: NDArray[np.uint32]
    hot_spot_x: int
    hot_spot_y: int
    type: int
    inverts: NDArray[np.bool_]
    edge: NDArray[np.bool_] | None = None

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.pixels.shape[0])


class _Reader:
    """Takes arrays from the front of a shape's data."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.offset = 0

    def take(self, count: int, dtype: str) -> NDArray[Any]:
        """The next ``count`` elements."""
        size = count * np.dtype(dtype).itemsize
        if self.offset + size > len(self.data):
            raise DrawError(
                ProblemCode.UNDECODABLE_IMAGE,
                "the shape's data are cut short",
                path="cursor.data",
                expected=f"at least {self.offset + size} bytes",
                actual=f"{len(self.data)} bytes",
            )
        out = np.frombuffer(self.data, np.dtype(dtype).newbyteorder("<"), count, self.offset)
        self.offset += size
        return out.astype(dtype)

    def bits(self, width: int, height: int) -> NDArray[np.bool_]:
        """The next plane of bits."""
        stride = (width + 7) // 8
        rows = self.take(stride * height, "uint8").reshape(height, stride)
        return np.unpackbits(rows, axis=1, count=width).astype(np.bool_)


def _nibbles(reader: _Reader, width: int, height: int) -> NDArray[np.uint32]:
    stride = (width + 1) // 2
    rows = reader.take(stride * height, "uint8").reshape(height, stride)
    indices = np.stack((rows >> 4, rows & 15), axis=2).reshape(height, stride * 2)[:, :width]
    out: NDArray[np.uint32] = reader.take(16, "uint32")[indices]
    return out


def _indices(reader: _Reader, width: int, height: int) -> NDArray[np.uint32]:
    indices = reader.take(width * height, "uint8").reshape(height, width)
    out: NDArray[np.uint32] = reader.take(256, "uint32")[indices]
    return out


def _x1r5g5b5(reader: _Reader, width: int, height: int) -> NDArray[np.uint32]:
    value: Any = reader.take(width * height, "uint16").astype(np.uint32).reshape(height, width)
    out: NDArray[np.uint32] = (value & 0x7C00) << 9 | (value & 0x3E0) << 6 | (value & 0x1F) << 3
    return out


def _octets(reader: _Reader, width: int, height: int) -> NDArray[np.uint32]:
    octets: Any = reader.take(3 * width * height, "uint8").astype(np.uint32).reshape(height, width, 3)
    blue, green, red = octets.T
    out: NDArray[np.uint32] = (red << 16 | green << 8 | blue).T
    return out


def _words(reader: _Reader, width: int, height: int) -> NDArray[np.uint32]:
    out: NDArray[np.uint32] = reader.take(width * height, "uint32").reshape(height, width)
    return out


COLOURS: Final[dict[int, tuple[Callable[[_Reader, int, int], NDArray[np.uint32]], int]]] = {
    CursorType.COLOR4: (_nibbles, 0xFFFFFF),
    CursorType.COLOR8: (_indices, 0xFFFFFF),
    CursorType.COLOR16: (_x1r5g5b5, 0xF8F8F8),
    CursorType.COLOR24: (_octets, 0xFFFFFF),
    CursorType.COLOR32: (_words, 0xFFFFFF),
}
"""How the pixels of a shape with a mask are read, and what white is after that."""


def _masked(pixels: NDArray[np.uint32], mask: NDArray[np.bool_], white: int) -> tuple[NDArray[np.uint32], NDArray[np.bool_]]:
    inverts = mask & (pixels == np.uint32(white))
    rows, columns = np.indices(pixels.shape)
    grey = np.where((rows ^ columns) & 1, CHECKER[1], CHECKER[0]).astype(np.uint32)
    return np.where(inverts, grey, np.where(mask, pixels, pixels | OPAQUE)), inverts


def _mono(reader: _Reader, width: int, height: int) -> tuple[NDArray[np.uint32], NDArray[np.bool_], NDArray[np.bool_] | None]:
    start = reader.offset
    keep = reader.bits(width, height)
    # The test is on whole bytes, padding included: a shape that inverts only has nothing but ones there.
    only = reader.data[start : reader.offset].count(b"\xff") == reader.offset - start
    flip = reader.bits(width, height)
    out = np.where(flip, np.uint32(0xFFFFFFFF), np.where(keep, np.uint32(0), OPAQUE)).astype(np.uint32)
    edge = None
    if only and width > 2 and height > 2:
        near = np.zeros_like(flip[1:-1, 1:-1])
        for dy in range(3):
            for dx in range(3):
                near |= flip[dy : dy + height - 2, dx : dx + width - 2]
        edge = np.zeros_like(flip)
        edge[1:-1, 1:-1] = near & ~flip[1:-1, 1:-1]
        out[edge] = OPAQUE
    return out, keep & flip, edge


def decode(cursor: Cursor) -> Shape:
    """The shape in a message, which must have one and have it in its data.

    The hot spot is moved onto the shape's edge if it lies beyond, as spice-gtk does.

    :raises DrawError: unknown type, or data too short for the size.
    """
    header = cursor.header
    if header is None:
        raise DrawError(ProblemCode.BAD_IMAGE, "no shape", path="cursor.header")
    width, height, kind = header.width, header.height, header.type
    reader = _Reader(cursor.data)
    edge = None
    if not width or not height:
        pixels, inverts = np.zeros((height, width), np.uint32), np.zeros((height, width), np.bool_)
    elif kind == CursorType.ALPHA:
        pixels = _words(reader, width, height)
        inverts = np.zeros((height, width), np.bool_)
    elif kind == CursorType.MONO:
        pixels, inverts, edge = _mono(reader, width, height)
    elif kind in COLOURS:
        read, white = COLOURS[kind]
        colours = read(reader, width, height)
        pixels, inverts = _masked(colours, reader.bits(width, height), white)
    else:
        raise DrawError(
            ProblemCode.BAD_IMAGE,
            "unknown type of cursor",
            path="cursor.header.type",
            expected="0 to 6",
            actual=repr(kind),
        )
    return Shape(pixels, min(header.hot_spot_x, width), min(header.hot_spot_y, height), int(kind), inverts, edge)


def draw(pixels: NDArray[np.uint32], shape: Shape, x: int, y: int, *, invert: bool = False) -> None:
    """Draw a shape on ``uint32 (h, w)`` 0x--RRGGBB, its hot spot at ``x``, ``y``.

    ``invert`` inverts the screen where the shape says so, and draws no edge; otherwise that is drawn as spice-gtk does. A
    pixel of alpha 0 draws nothing, whatever its colour.
    """
    height, width = pixels.shape
    box = Box(0, 0, shape.width, shape.height).moved(x - shape.hot_spot_x, y - shape.hot_spot_y)
    seen = box.meet(Box(0, 0, width, height))
    if seen.empty:
        return
    target: NDArray[Any] = seen.view(pixels)
    inner = seen.moved(-box.left, -box.top)
    source: NDArray[Any] = inner.view(shape.pixels)
    below = target.copy()
    drawn = over(source, below | OPAQUE)
    visible = source >> np.uint32(24) != 0
    if invert:
        drawn = np.where(inner.view(shape.inverts), ~below, drawn)
        if shape.edge is not None:
            visible &= ~inner.view(shape.edge)
    np.copyto(target, below & OPAQUE | drawn & COLOUR, where=visible)


class ShapeCache(Cache[Shape]):
    """Shapes by ``unique``. ``pixels`` is what all of them may have together, ``used`` what they have."""

    def __init__(self, pixels: int = CURSOR_PIXELS) -> None:
        super().__init__(CURSORS)
        self.pixels = pixels
        self.used = 0

    def put(self, key: int, item: Shape) -> None:
        """Keep a shape, in the place of what was under its key.

        :raises LimitError: the cache would hold more than it may.
        """
        old = self.get(key)
        used = self.used + item.pixels.size - (0 if old is None else old.pixels.size)
        if used > self.pixels:
            raise LimitError("cursor cache is full", expected=f"at most {self.pixels} pixels", actual=str(used))
        super().put(key, item)
        self.used = used

    def remove(self, key: int) -> None:
        """Drop the shape under the key, if there is one."""
        old = self.get(key)
        if old is not None:
            self.used -= old.pixels.size
        super().remove(key)

    def clear(self) -> None:
        """Drop everything."""
        super().clear()
        self.used = 0


class Pointer:
    """The state of a cursor channel: shape, place, visibility, trail, and the cache of shapes.

    ``shape`` is None before the first one and after a message without one. ``problems`` holds what could not be done.
    """

    def __init__(self) -> None:
        self.cache = ShapeCache()
        self.shape: Shape | None = None
        self.x = 0
        self.y = 0
        self.visible = False
        self.trail_length = 0
        self.trail_frequency = 0
        self.problems: list[Problem] = []

    def handle(self, message: Any) -> None:
        """Take one message of the channel; those that say nothing about the pointer are ignored."""
        action = self._actions.get(type(message))
        if action is None:
            return
        try:
            action(self, message)
        except SpiceError as error:
            if len(self.problems) < PROBLEMS:
                self.problems.append(Problem.of(error, message))

    def _init(self, message: messages.Init) -> None:
        self.cache.clear()
        self.trail_length, self.trail_frequency = message.trail_length, message.trail_frequency
        self._move(message.position.x, message.position.y)
        self._take(message.cursor)
        self.visible = bool(message.visible) and self.shape is not None

    def _set(self, message: messages.Set) -> None:
        self._move(message.position.x, message.position.y)
        self._take(message.cursor)
        # spice-gtk shows the shape whatever `visible` says here; servers hide with HIDE.
        self.visible = self.shape is not None

    def _take(self, cursor: Cursor) -> None:
        self.shape, self.visible = None, False
        if cursor.flags & CursorFlags.NONE or cursor.header is None:
            return
        if cursor.flags & CursorFlags.FROM_CACHE:
            self.shape = self.cache.get(cursor.header.unique)
            if self.shape is None:
                raise DrawError(
                    ProblemCode.MISSING_CURSOR,
                    "shape is not in the cursor cache",
                    path="cursor.header.unique",
                    actual=f"{cursor.header.unique:#x}",
                )
            return
        self.shape = decode(cursor)
        if cursor.flags & CursorFlags.CACHE_ME:
            self.cache.put(cursor.header.unique, self.shape)

    def _move(self, x: int, y: int) -> None:
        self.x, self.y = x, y

    def _moved(self, message: messages.Move) -> None:
        self._move(message.position.x, message.position.y)
        self.visible = self.shape is not None

    def _hide(self, message: messages.Hide) -> None:
        self.visible = False

    def _reset(self, message: messages.Reset) -> None:
        self.cache.clear()
        self.shape, self.visible = None, False

    def _trail(self, message: messages.Trail) -> None:
        self.trail_length, self.trail_frequency = message.length, message.frequency

    def _inval_one(self, message: messages.InvalOne) -> None:
        self.cache.remove(message.id)

    def _inval_all(self, message: messages.InvalAll) -> None:
        self.cache.clear()

    _actions: Final[dict[type, Callable[[Pointer, Any], None]]] = {
        messages.Init: _init,
        messages.Set: _set,
        messages.Move: _moved,
        messages.Hide: _hide,
        messages.Reset: _reset,
        messages.Trail: _trail,
        messages.InvalOne: _inval_one,
        messages.InvalAll: _inval_all,
    }
