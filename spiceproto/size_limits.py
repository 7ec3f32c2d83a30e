"""The largest body of every message type, and why.

A receiver has to hold a message before it can judge it, so what it is willing to hold is a rule of the protocol and not
of taste. spice-server has small receive buffers and closes the channel above them; spice-gtk holds whatever it is told.
The table here follows spice-server's buffers for what clients send, and the largest message that makes sense for what
servers send. Bodies may have bytes behind their last field (a newer peer's), so no limit is as tight as a fixed size.

One row a message; a new message of a schema needs a row here, and a test says so.
"""

from __future__ import annotations

from typing import Final

import msgspec

from spiceproto import limits

__all__ = ["ANY", "CHANNELS", "SizeLimit", "SizeLimits", "size_limit", "size_limits"]


class SizeLimit(msgspec.Struct, frozen=True, gc=False):
    """How many bytes a body may have, and why no more."""

    size: int
    reason: str


SMALL: Final = SizeLimit(1024, "fixed fields; no receive buffer of spice-server is smaller")
INPUT: Final = SizeLimit(2048, "the receive buffer of spice-server's inputs channel")
SOUND_BUFFER: Final = SizeLimit(32768, "the receive buffer of spice-server's sound channels")
MAIN_BUFFER: Final = SizeLimit(26624, "the receive buffer of spice-server's main channel")
AGENT: Final = SizeLimit(limits.AGENT_CHUNK, "one piece of an agent message")
TEXT: Final = SizeLimit(1 << 16, "names, host names, certificates and texts for people")
PADDED: Final = SizeLimit(1 << 19, "spice-server pads a ping with 256000 bytes to measure the bit rate")
WAITING: Final = SizeLimit(4096, "255 entries of 10 bytes")
LISTED: Final = SizeLimit(1 << 18, "2 bytes for each of 256 types with 256 ids")
SHAPE: Final = SizeLimit(2 << 20, "rectangles or entries that a 16-bit number counts, at most 28 bytes each")
PICTURE: Final = SizeLimit(limits.MESSAGE_BODY, "a picture or video frame, at worst raw")
POINTER: Final = SizeLimit(4 << 20, "a cursor: 1024 x 1024 pixels of 32 bits is more than any server draws")
SOUND: Final = SizeLimit(1 << 20, "a few seconds of raw sound")
STATE: Final = SizeLimit(16 << 20, "the state of a channel with what was queued in it")
DEVICE: Final = SizeLimit(16 << 20, "one read of a device; a USB bulk transfer is the largest")
PACKED: Final = SizeLimit(
    limits.COMPRESSED_DATA + (limits.COMPRESSED_DATA >> 8) + 64,
    "LZ4 of as much as may be inflated, at its worst a little longer",
)
CARD: Final = SizeLimit(1 << 17, "an extended smartcard command or answer has 64 KiB and a header")
INSIDE: Final = SizeLimit(limits.MESSAGE_BODY, "holds other messages")
FOREIGN: Final = SizeLimit(1 << 20, "an unknown message, read only to get behind it")

ANY: Final = SizeLimit(limits.MESSAGE_BODY, "the largest body of any message")

_COMMON: Final = {
    "server": {
        "MIGRATE": SMALL,
        "MIGRATE_DATA": STATE,
        "SET_ACK": SMALL,
        "PING": PADDED,
        "WAIT_FOR_CHANNELS": WAITING,
        "DISCONNECTING": SMALL,
        "NOTIFY": TEXT,
        "LIST": INSIDE,
        "BASE_LAST": SMALL,
    },
    "client": {
        "ACK_SYNC": SMALL,
        "ACK": SMALL,
        "PONG": SMALL,
        "MIGRATE_FLUSH_MARK": SMALL,
        "MIGRATE_DATA": STATE,
        "DISCONNECTING": SMALL,
    },
}

_SPICEVMC: Final = {
    "server": {"DATA": DEVICE, "COMPRESSED_DATA": PACKED},
    "client": {"DATA": DEVICE, "COMPRESSED_DATA": PACKED},
}

_OWN: Final = {
    "main": {
        "server": {
            "MIGRATE_BEGIN": TEXT,
            "MIGRATE_CANCEL": SMALL,
            "INIT": SMALL,
            "CHANNELS_LIST": LISTED,
            "MOUSE_MODE": SMALL,
            "MULTI_MEDIA_TIME": SMALL,
            "AGENT_CONNECTED": SMALL,
            "AGENT_DISCONNECTED": SMALL,
            "AGENT_DATA": AGENT,
            "AGENT_TOKEN": SMALL,
            "MIGRATE_SWITCH_HOST": TEXT,
            "MIGRATE_END": SMALL,
            "NAME": TEXT,
            "UUID": SMALL,
            "AGENT_CONNECTED_TOKENS": SMALL,
            "MIGRATE_BEGIN_SEAMLESS": TEXT,
            "MIGRATE_DST_SEAMLESS_ACK": SMALL,
            "MIGRATE_DST_SEAMLESS_NACK": SMALL,
        },
        "client": {
            "MIGRATE_DATA": MAIN_BUFFER,
            "CLIENT_INFO": SMALL,
            "MIGRATE_CONNECTED": SMALL,
            "MIGRATE_CONNECT_ERROR": SMALL,
            "ATTACH_CHANNELS": SMALL,
            "MOUSE_MODE_REQUEST": SMALL,
            "AGENT_START": SMALL,
            "AGENT_DATA": AGENT,
            "AGENT_TOKEN": SMALL,
            "MIGRATE_END": SMALL,
            "MIGRATE_DST_DO_SEAMLESS": SMALL,
            "MIGRATE_CONNECTED_SEAMLESS": SMALL,
            "QUALITY_INDICATOR": SMALL,
        },
    },
    "display": {
        "server": {
            "MODE": SMALL,
            "MARK": SMALL,
            "RESET": SMALL,
            "COPY_BITS": SHAPE,
            "INVAL_LIST": SHAPE,
            "INVAL_ALL_PIXMAPS": WAITING,
            "INVAL_PALETTE": SMALL,
            "INVAL_ALL_PALETTES": SMALL,
            "STREAM_CREATE": SHAPE,
            "STREAM_DATA": PICTURE,
            "STREAM_CLIP": SHAPE,
            "STREAM_DESTROY": SMALL,
            "STREAM_DESTROY_ALL": SMALL,
            "DRAW_FILL": PICTURE,
            "DRAW_OPAQUE": PICTURE,
            "DRAW_COPY": PICTURE,
            "DRAW_BLEND": PICTURE,
            "DRAW_BLACKNESS": PICTURE,
            "DRAW_WHITENESS": PICTURE,
            "DRAW_INVERS": PICTURE,
            "DRAW_ROP3": PICTURE,
            "DRAW_STROKE": PICTURE,
            "DRAW_TEXT": PICTURE,
            "DRAW_TRANSPARENT": PICTURE,
            "DRAW_ALPHA_BLEND": PICTURE,
            "SURFACE_CREATE": SMALL,
            "SURFACE_DESTROY": SMALL,
            "STREAM_DATA_SIZED": PICTURE,
            "MONITORS_CONFIG": SHAPE,
            "DRAW_COMPOSITE": PICTURE,
            "STREAM_ACTIVATE_REPORT": SMALL,
            "GL_SCANOUT_UNIX": SMALL,
            "GL_DRAW": SMALL,
            "QUALITY_INDICATOR": SMALL,
            "GL_SCANOUT2_UNIX": SMALL,
        },
        "client": {
            "INIT": SMALL,
            "STREAM_REPORT": SMALL,
            "PREFERRED_COMPRESSION": SMALL,
            "GL_DRAW_DONE": SMALL,
            "PREFERRED_VIDEO_CODEC_TYPE": SMALL,
        },
    },
    "inputs": {
        "server": {"INIT": SMALL, "KEY_MODIFIERS": SMALL, "MOUSE_MOTION_ACK": SMALL},
        "client": {
            "KEY_DOWN": INPUT,
            "KEY_UP": INPUT,
            "KEY_MODIFIERS": INPUT,
            "KEY_SCANCODE": INPUT,
            "MOUSE_MOTION": INPUT,
            "MOUSE_POSITION": INPUT,
            "MOUSE_PRESS": INPUT,
            "MOUSE_RELEASE": INPUT,
        },
    },
    "cursor": {
        "server": {
            "INIT": POINTER,
            "RESET": SMALL,
            "SET": POINTER,
            "MOVE": SMALL,
            "HIDE": SMALL,
            "TRAIL": SMALL,
            "INVAL_ONE": SMALL,
            "INVAL_ALL": SMALL,
        },
        "client": {},
    },
    "playback": {
        "server": {
            "DATA": SOUND,
            "MODE": SOUND,
            "START": SMALL,
            "STOP": SMALL,
            "VOLUME": SMALL,
            "MUTE": SMALL,
            "LATENCY": SMALL,
        },
        "client": {},
    },
    "record": {
        "server": {"START": SMALL, "STOP": SMALL, "VOLUME": SMALL, "MUTE": SMALL},
        "client": {"DATA": SOUND_BUFFER, "MODE": SOUND_BUFFER, "START_MARK": SMALL},
    },
    "smartcard": {"server": {"DATA": CARD}, "client": {"DATA": CARD}},
    "usbredir": _SPICEVMC,
    "port": {
        "server": _SPICEVMC["server"] | {"INIT": TEXT, "EVENT": SMALL},
        "client": _SPICEVMC["client"] | {"EVENT": SMALL},
    },
    "webdav": {
        "server": _SPICEVMC["server"] | {"INIT": TEXT, "EVENT": SMALL},
        "client": _SPICEVMC["client"] | {"EVENT": SMALL},
    },
    "tunnel": {
        "server": {
            "INIT": TEXT,
            "SERVICE_IP_MAP": SMALL,
            "SOCKET_OPEN": SMALL,
            "SOCKET_FIN": SMALL,
            "SOCKET_CLOSE": SMALL,
            "SOCKET_DATA": DEVICE,
            "SOCKET_CLOSED_ACK": SMALL,
            "SOCKET_TOKEN": SMALL,
        },
        "client": {
            "SERVICE_ADD": TEXT,
            "SERVICE_REMOVE": SMALL,
            "SOCKET_OPEN_ACK": SMALL,
            "SOCKET_OPEN_NACK": SMALL,
            "SOCKET_FIN": SMALL,
            "SOCKET_CLOSED": SMALL,
            "SOCKET_CLOSED_ACK": SMALL,
            "SOCKET_DATA": DEVICE,
            "SOCKET_TOKEN": SMALL,
        },
    },
}

CHANNELS: Final = frozenset(_OWN)
"""Names of the channel tables; the other tables are layers inside a channel and have no headers of their own."""


def named_limit(channel: str, sender: str, name: str) -> SizeLimit | None:
    """The row of a message, by its name; None if there is none."""
    own: dict[str, SizeLimit] = _OWN[channel][sender]
    return own.get(name) or _COMMON[sender].get(name)


class SizeLimits:
    """The limits of one channel and sender, ready to be looked up by type.

    ``least`` is the smallest of them: a body within it needs no look.
    """

    __slots__ = ("_rows", "least", "other")

    def __init__(self, rows: dict[int, SizeLimit], other: SizeLimit = ANY) -> None:
        self._rows = rows
        self.other = other
        self.least = min([other.size, *[row.size for row in rows.values()]])

    def of(self, type: int) -> SizeLimit:
        """The limit of one type; ``other`` for a type without a row."""
        return self._rows.get(type, self.other)


_made: dict[tuple[str, str], SizeLimits] = {}


def size_limits(channel: str, sender: str) -> SizeLimits:
    """All limits of one channel and sender ("server" or "client"); a channel nobody knows has only the general one."""
    found = _made.get((channel, sender))
    if found is None:
        # The catalogue is large, and who only frames does not need it.
        from spiceproto import dispatch

        rows: dict[int, SizeLimit] = {}
        other = ANY
        if channel in _OWN:
            other = FOREIGN
            for number, row in dispatch.rows(channel, sender).items():
                rows[number] = named_limit(channel, sender, row.name) or FOREIGN
        found = SizeLimits(rows, other)
        if channel in _OWN:
            _made[channel, sender] = found
    return found


def size_limit(channel: str, sender: str, type: int) -> SizeLimit:
    """The largest body of one message."""
    return size_limits(channel, sender).of(type)
