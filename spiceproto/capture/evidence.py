"""How much a body speaks for being the message that its header names.

Where the link stage is missing nobody says what the bytes of a connection are, and they have to say it themselves. A body
that its parser does not take whole, an enumeration without the value's name, a rectangle that ends before it begins: this
is not that message. Otherwise it earns points for what was there to be wrong. Bodies that take any bytes (sound, devices,
pieces of agent messages) earn none, unless the framing inside them fits.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from struct import Struct
from typing import Any, Final, get_args

import msgspec

from spiceproto import limits
from spiceproto.agent import HEADER_SIZE, begins_message
from spiceproto.dispatch import Row
from spiceproto.enums.base import WireEnum, WireFlags
from spiceproto.enums.cursor import CursorFlags, CursorType
from spiceproto.errors import RemoteError
from spiceproto.messages.geometry import Rect

__all__ = ["is_opaque", "points"]

_OPAQUE: Final = frozenset({"DATA", "COMPRESSED_DATA", "AGENT_DATA", "MIGRATE_DATA", "LIST"})
"""Names of messages whose body may be anything."""

_RARE: Final = frozenset({"MIGRATE", "MIGRATE_DATA", "MIGRATE_FLUSH_MARK", "LIST", "WAIT_FOR_CHANNELS", "COMPRESSED_DATA"})
_RARE_ON: Final = {
    "main": frozenset({"MIGRATE_CONNECTED", "MIGRATE_CONNECT_ERROR", "MIGRATE_CANCEL", "MIGRATE_END"}),
    "display": frozenset({"MODE", "GL_SCANOUT_UNIX", "GL_DRAW", "GL_SCANOUT2_UNIX", "GL_DRAW_DONE"}),
    "cursor": frozenset({"TRAIL"}),
}
_HEADER_POINTS: Final = 2
_RARE_POINTS: Final = -3
_WHOLE_POINTS: Final = 3
_FRAMED_POINTS: Final = 6
_UNFRAMED_POINTS: Final = -3
_MOST: Final = 6
_FARTHEST: Final = 1 << 16
"""No rectangle of a session reaches farther."""

_PING_PADDED: Final = 4096
"""Bytes above which a PING measures the bit rate, which is done on the main channel."""

_two = Struct("<II").unpack_from
_mux = Struct("<qH")

Plan = tuple[tuple[str, bool], ...]


def is_opaque(row: Row) -> bool:
    """Whether this message takes any bytes, so that it proves nothing."""
    return row.name in _OPAQUE and row.table != "smartcard"


def points(row: Row, body: bytes) -> int | None:
    """What ``body`` speaks for ``row``; None if it cannot be that message."""
    found = _HEADER_POINTS + (_RARE_POINTS if _is_rare(row.table, row.name) else 0)
    special = _SPECIAL.get((row.table, row.name)) or _SPECIAL.get(("", row.name))
    if is_opaque(row):
        extra = special(body, None) if special is not None else 0
        return None if extra is None else found + extra
    tails: list[int] = []
    try:
        value = row.parse(body, tails.append)
    except RemoteError:
        return None
    if tails or (row.has_domain and any(not item.tolerated for item in row.outside(value))):
        return None
    named = _named(value) if row.name != "NOTIFY" else 0
    if named is None:
        return None
    found += _WHOLE_POINTS + min(len(body) // 8, 2) + min(named, _MOST)
    if special is not None:
        extra = special(body, value)
        if extra is None:
            return None
        found += extra
    return found


@cache
def _is_rare(table: str, name: str) -> bool:
    return name in _RARE or name in _RARE_ON.get(table, ())


@cache
def _plan(kind: Any) -> Plan:
    """The fields of a structure that are worth a look, and whether each is an enumeration."""
    found = []
    for field in msgspec.structs.fields(kind):
        kinds = get_args(field.type) or (field.type,)
        if any(isinstance(item, type) and issubclass(item, (WireEnum, WireFlags)) for item in kinds):
            found.append((field.name, True))
        elif not all(item in (int, bytes, str, type(None)) for item in kinds):
            found.append((field.name, False))
    return tuple(found)


def _named(value: Any) -> int | None:
    """How many enumerations and rectangles there are; None if one of them makes no sense."""
    if type(value) is Rect:
        if value.top > value.bottom or value.left > value.right:
            return None
        if min(value.top, value.left) < -_FARTHEST or max(value.bottom, value.right) > _FARTHEST:
            return None
        return 1
    found = 0
    kind: Any = type(value)
    for name, enumeration in _plan(kind):
        item = getattr(value, name)
        if enumeration:
            if type(item) is int:
                return None
            found += item is not None
        elif isinstance(item, msgspec.Struct):
            inside = _named(item)
            if inside is None:
                return None
            found += inside
        elif type(item) is tuple:
            for part in item[:64]:
                inside = _named(part) if isinstance(part, msgspec.Struct) else 0
                if inside is None:
                    return None
                found += inside
    return found


# -- what no schema knows: each takes the body and its value, and gives points, or None if this is not that message


def _ping_elsewhere(body: bytes, value: Any) -> int | None:
    return None if len(body) > _PING_PADDED else 0


def _no_points(body: bytes, value: Any) -> int | None:
    return 0


def _agent_data(body: bytes, value: Any) -> int | None:
    if not 0 < len(body) <= limits.AGENT_CHUNK:
        return None
    if len(body) < HEADER_SIZE or not begins_message(body):
        return 0
    size = int.from_bytes(body[16:20], "little")
    fits = size == len(body) - HEADER_SIZE or (len(body) == limits.AGENT_CHUNK and size > len(body) - HEADER_SIZE)
    return _FRAMED_POINTS if fits else 0


def _usbredir(body: bytes, value: Any) -> int | None:
    if len(body) < 12:
        return _UNFRAMED_POINTS
    kind, size = _two(body)
    known = kind <= 25 or 100 <= kind <= 104
    return _FRAMED_POINTS if known and size in (len(body) - 12, len(body) - 16) else _UNFRAMED_POINTS


def _webdav(body: bytes, value: Any) -> int | None:
    if len(body) < _mux.size:
        return _UNFRAMED_POINTS
    _, size = _mux.unpack_from(body)
    return _FRAMED_POINTS if size == len(body) - _mux.size else _UNFRAMED_POINTS


def _port_name(body: bytes, value: Any) -> int | None:
    return None if b"webdav" in body else 2


def _webdav_name(body: bytes, value: Any) -> int | None:
    return 5 if b"webdav" in body else None


def _cursor(body: bytes, value: Any) -> int | None:
    cursor = value.cursor
    header, flags = cursor.header, cursor.flags
    if header is None or flags & CursorFlags.FROM_CACHE:
        return None if cursor.data and flags & CursorFlags.FROM_CACHE else 1
    if header.type == CursorType.ALPHA:
        return 7 if len(cursor.data) == header.width * header.height * 4 else None
    return 2 if cursor.data else None


def _sound_start(body: bytes, value: Any) -> int | None:
    return 5 if 1 <= value.channels <= 8 and 4000 <= value.frequency <= 384_000 else None


def _key(body: bytes, value: Any) -> int | None:
    return 2 if 1 <= value.code <= 0xFFFF else None


_SPECIAL: Final[dict[tuple[str, str], Callable[[bytes, Any], int | None]]] = {
    ("", "PING"): _ping_elsewhere,
    ("main", "PING"): _no_points,
    ("main", "AGENT_DATA"): _agent_data,
    ("usbredir", "DATA"): _usbredir,
    ("webdav", "DATA"): _webdav,
    ("port", "INIT"): _port_name,
    ("webdav", "INIT"): _webdav_name,
    ("cursor", "INIT"): _cursor,
    ("cursor", "SET"): _cursor,
    ("playback", "START"): _sound_start,
    ("record", "START"): _sound_start,
    ("inputs", "KEY_DOWN"): _key,
    ("inputs", "KEY_UP"): _key,
}
