"""The cursor channel: the pointer's shape and, in SERVER mouse mode, its place.

INIT comes first and empties the client's cache of shapes; ``unique`` of a shape is its key there. The bytes of a shape
are the rest of the message: nothing counts them, and they have to be compared with type, width and height. The client
has no message of its own on this channel.

Sources: spice.proto of spice-common; BEHAVIOUR 15.
"""

from __future__ import annotations

from spiceproto.domain import BITS, NAMED, TRUTH, Room
from spiceproto.enums.cursor import CursorFlags, CursorType
from spiceproto.enums.link import ChannelType
from spiceproto.message import channel, message
from spiceproto.schema.geometry import Point16
from spiceproto.wire import REST, data, enum, field, flags, record, uint8, uint16, uint64, when_not

CursorHeader = record(
    "cursor.CursorHeader",
    field("unique", uint64, "Key in the cursor cache; servers have 0 for what is not to be kept"),
    field("type", enum(CursorType, uint8), "Kind of pixels", domain=NAMED),
    field("width", uint16, "Width", unit="pixel"),
    field("height", uint16, "Height", unit="pixel"),
    field("hot_spot_x", uint16, "Column of the pixel that points", unit="pixel"),
    field("hot_spot_y", uint16, "Row of the pixel that points", unit="pixel"),
    doc="Describes a shape; with FROM_CACHE only unique counts.",
)

_PIXELS = Room(
    "header.type",
    "header.width",
    "header.height",
    {
        CursorType.ALPHA: ((32,), 0),
        CursorType.MONO: ((1, 1), 0),
        CursorType.COLOR4: ((4, 1), 16 * 4),
        CursorType.COLOR8: ((8, 1), 256 * 4),
        CursorType.COLOR16: ((16, 1), 0),
        CursorType.COLOR24: ((24, 1), 0),
        CursorType.COLOR32: ((32, 1), 0),
    },
    unless=("flags", CursorFlags.NONE | CursorFlags.FROM_CACHE),
)

Cursor = record(
    "cursor.Cursor",
    field("flags", flags(CursorFlags, uint16), "Whether there is a shape, and what the cache has to do with it", domain=BITS),
    field("header", when_not("flags", CursorFlags.NONE, CursorHeader), "The shape"),
    field("data", data(REST), "Its pixels; none with NONE or FROM_CACHE", domain=_PIXELS),
    doc="A shape, in the message or in the cache, or none.",
)

Init = record(
    "cursor.Init",
    field("position", Point16, "Where the pointer is"),
    field("trail_length", uint16, "How many shapes the trail has"),
    field("trail_frequency", uint16, "Time between them", unit="ms"),
    field("visible", uint8, "1 if the pointer is visible", domain=TRUTH),
    field("cursor", Cursor, "Its shape"),
    doc="First message of the channel.",
)

Reset = record(
    "cursor.Reset",
    doc="No pointer any more, and the cache is empty.",
)

Set = record(
    "cursor.Set",
    field("position", Point16, "Where the pointer is"),
    field("visible", uint8, "1 if the pointer is visible", domain=TRUTH),
    field("cursor", Cursor, "Its shape"),
    doc="The pointer has another shape.",
)

Move = record(
    "cursor.Move",
    field("position", Point16, "Where the pointer is"),
    doc="The pointer is somewhere else, and visible.",
)

Hide = record(
    "cursor.Hide",
    doc="The pointer is not visible.",
)

Trail = record(
    "cursor.Trail",
    field("length", uint16, "How many shapes the trail has"),
    field("frequency", uint16, "Time between them", unit="ms"),
    doc="Sets the trail that the pointer leaves.",
)

InvalOne = record(
    "cursor.InvalOne",
    field("id", uint64, "Its key: unique of the CursorHeader"),
    doc="Drops a shape from the cache.",
)

InvalAll = record(
    "cursor.InvalAll",
    doc="Empties the cache.",
)

_SHAPE = ("cursor.flags", "cursor.header.unique", "cursor.header.type", "cursor.header.width", "cursor.header.height")

CURSOR = channel(
    "cursor",
    ChannelType.CURSOR,
    prefix="CURSOR",
    server=(
        message(101, "INIT", Init, summary=("position", "visible", *_SHAPE)),
        message(102, "RESET", Reset),
        message(103, "SET", Set, summary=("position", "visible", *_SHAPE)),
        message(104, "MOVE", Move, summary=("position",)),
        message(105, "HIDE", Hide),
        message(106, "TRAIL", Trail),
        message(107, "INVAL_ONE", InvalOne),
        message(108, "INVAL_ALL", InvalAll),
    ),
    client=(),
    doc="Shape and place of the guest's pointer.",
)
