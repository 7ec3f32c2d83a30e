"""Values of cursor. Made from spiceproto/schema/cursor.py by ``python -m spiceproto.derive``; do not edit."""

from __future__ import annotations

import msgspec

from spiceproto.enums.cursor import CursorFlags, CursorType
from spiceproto.messages.geometry import Point16


class CursorHeader(msgspec.Struct, frozen=True, gc=False):
    """Describes a shape; with FROM_CACHE only unique counts.

    * ``unique`` uint64: Key in the cursor cache; servers have 0 for what is not to be kept
    * ``type`` uint8: Kind of pixels
    * ``width`` uint16: Width (pixel)
    * ``height`` uint16: Height (pixel)
    * ``hot_spot_x`` uint16: Column of the pixel that points (pixel)
    * ``hot_spot_y`` uint16: Row of the pixel that points (pixel)
    """

    unique: int
    type: CursorType | int
    width: int
    height: int
    hot_spot_x: int
    hot_spot_y: int


class Cursor(msgspec.Struct, frozen=True, gc=False):
    """A shape, in the message or in the cache, or none.

    * ``flags`` uint16: Whether there is a shape, and what the cache has to do with it
    * ``header`` CursorHeader if ``flags`` has not NONE: The shape
    * ``data`` bytes: Its pixels; none with NONE or FROM_CACHE
    """

    flags: CursorFlags | int
    header: CursorHeader | None
    data: bytes


class Init(msgspec.Struct, frozen=True, gc=False):
    """First message of the channel.

    * ``position`` Point16: Where the pointer is
    * ``trail_length`` uint16: How many shapes the trail has
    * ``trail_frequency`` uint16: Time between them (ms)
    * ``visible`` uint8: 1 if the pointer is visible
    * ``cursor`` Cursor: Its shape
    """

    position: Point16
    trail_length: int
    trail_frequency: int
    visible: int
    cursor: Cursor


class Reset(msgspec.Struct, frozen=True, gc=False):
    """No pointer any more, and the cache is empty."""


class Set(msgspec.Struct, frozen=True, gc=False):
    """The pointer has another shape.

    * ``position`` Point16: Where the pointer is
    * ``visible`` uint8: 1 if the pointer is visible
    * ``cursor`` Cursor: Its shape
    """

    position: Point16
    visible: int
    cursor: Cursor


class Move(msgspec.Struct, frozen=True, gc=False):
    """The pointer is somewhere else, and visible.

    * ``position`` Point16: Where the pointer is
    """

    position: Point16


class Hide(msgspec.Struct, frozen=True, gc=False):
    """The pointer is not visible."""


class Trail(msgspec.Struct, frozen=True, gc=False):
    """Sets the trail that the pointer leaves.

    * ``length`` uint16: How many shapes the trail has
    * ``frequency`` uint16: Time between them (ms)
    """

    length: int
    frequency: int


class InvalOne(msgspec.Struct, frozen=True, gc=False):
    """Drops a shape from the cache.

    * ``id`` uint64: Its key: unique of the CursorHeader
    """

    id: int


class InvalAll(msgspec.Struct, frozen=True, gc=False):
    """Empties the cache."""
