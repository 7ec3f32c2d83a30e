"""All of a server that goes to another one: the guest, what runs in it, and what its sessions share, as bytes.

    magic (4)  version (4)  size (8)  a MessagePack map of that many bytes

Numbers are in little endian. Two servers of the same version understand each other; another version is refused. Nothing in it
is carried out: it is read into the structures here and of the devices, with their types, and looked at again by those.
"""

from __future__ import annotations

import struct
from typing import Any, Final

import msgspec

from reference_server.guest.moved import MovedGuest
from reference_server.guests.agent.played import MovedAgent
from spiceproto.errors import LimitError, RemoteError

__all__ = ["HEADER", "MOST", "Moved", "MovedChannel", "build", "parse", "size"]

_MAGIC: Final = b"RSGM"

VERSION: Final = 1

_HEADER: Final = struct.Struct("<4sLQ")
HEADER: Final = _HEADER.size
"""Bytes before the map."""

MOST: Final = 1 << 30
"""Bytes of a guest, above which it is not taken: 16 screens of 3840 x 2160 have half of that."""


class MovedChannel(msgspec.Struct, frozen=True, kw_only=True):
    """What of a channel goes with the guest: of which session, type and id of the channel, and what its class makes of it."""

    session: int
    key: tuple[int, int]
    state: Any


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """All of it.

    * ``displays``: how many there are
    * ``program``: what runs in it, and what that remembers; None for nothing
    * ``agent``: who plays the agent; None for nobody, or somebody else
    * ``line``: what is known of the agent: its capabilities, buttons, and where it is in its stream
    * ``modes``: the supported mouse modes and the one there is
    * ``seamless``: sessions that go on as if nothing had happened
    * ``channels``: of those
    """

    displays: int
    guest: MovedGuest
    program: tuple[str, dict[str, Any]] | None
    agent: MovedAgent | None
    line: tuple[int, int, tuple[bytes, int, int, int, bool]]
    modes: tuple[int, int]
    seamless: tuple[int, ...]
    channels: tuple[MovedChannel, ...]


def build(moved: Moved) -> bytes:
    """The bytes. Raises LimitError if there are too many."""
    data = msgspec.msgpack.encode(moved)
    if len(data) > MOST:
        raise LimitError("the guest is too large to move", expected=f"at most {MOST} bytes", actual=str(len(data)))
    return _HEADER.pack(_MAGIC, VERSION, len(data)) + data


def size(header: bytes) -> int:
    """Bytes behind a header. Raises RemoteError for what is no header of this version."""
    magic, version, found = _HEADER.unpack(header)
    if magic != _MAGIC:
        raise RemoteError("this is no guest", path="magic", offset=0, expected=_MAGIC.decode(), actual=repr(magic))
    if version != VERSION:
        raise RemoteError("a guest of another version", path="version", offset=4, expected=str(VERSION), actual=str(version))
    if found > MOST:
        raise LimitError("the guest is too large", path="size", offset=8, expected=f"at most {MOST}", actual=str(found))
    return int(found)


def parse(data: bytes) -> Moved:
    """What the bytes say. Raises RemoteError."""
    if len(data) < HEADER or len(data) - HEADER != size(data[:HEADER]):
        raise RemoteError("this is not the whole of a guest", actual=f"{len(data)} bytes")
    try:
        return msgspec.msgpack.decode(memoryview(data)[HEADER:], type=Moved)
    except msgspec.DecodeError as error:
        raise RemoteError(f"a guest that can not be read: {error}") from None
