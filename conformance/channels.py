"""What the suite does first on a channel, as a client and as a server: one row for each channel type.

A case of a channel has it as everybody else does: the capabilities are announced, what has to be said first is said, and
what the other end says first has come. Whatever else the suite knows of a channel stands here too, so that neither end of
it knows any channel by name. A type without a row is a channel on which nothing has to be said.

    GREETINGS, greeting    the rows
    announced              what the suite announces on a channel
    shown_by               which cases show that a target sends a message at all
    linked_by, headers_shown_by
                           which case shows that a server lets a channel be linked, and which headers it has there
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from spiceproto import extras
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.channels import channel_name
from spiceproto.enums.base import WireEnum
from spiceproto.enums.capabilities import (
    CommonCapability,
    DisplayCapability,
    InputsCapability,
    MainCapability,
    PlaybackCapability,
    RecordCapability,
    SpicevmcCapability,
)
from spiceproto.enums.cursor import CursorFlags
from spiceproto.enums.link import ChannelType
from spiceproto.messages import cursor, display, inputs, port
from spiceproto.messages.geometry import Point16

__all__ = ["COMMON", "GREETINGS", "LISTED", "Greeting", "announced", "greeting", "headers_shown_by", "linked_by", "shown_by"]

COMMON: Final = NONE.with_(CommonCapability.PROTOCOL_AUTH_SELECTION, CommonCapability.AUTH_SPICE, CommonCapability.MINI_HEADER)
"""What the suite announces on every channel, on either side."""


class Greeting(msgspec.Struct, frozen=True, kw_only=True):
    """What is done first on channels of one type.

    * ``client``, ``server``: what the suite announces besides :data:`COMMON` as the one and as the other
    * ``client_says``: messages that a client says first; a server may wait for them, and do nothing else meanwhile
    * ``server_says``: messages that a server says first
    * ``awaited``: the message of a server for which a client waits before it says anything; "" for none
    * ``shown``: messages behind them that show a picture: a client that only takes one leaves then
    * ``kept_until``: the message of a server before which no client should leave
    """

    client: tuple[WireEnum, ...] = ()
    server: tuple[WireEnum, ...] = ()
    client_says: tuple[Any, ...] = ()
    server_says: tuple[Any, ...] = ()
    awaited: str = ""
    shown: tuple[Any, ...] = ()
    kept_until: str = ""


_CACHE_PIXELS: Final = 1 << 20
_WIDTH, _HEIGHT = 640, 480
_SURFACE_FORMAT: Final = 32
_PRIMARY: Final = 1

_LZ4: Final = (SpicevmcCapability.DATA_COMPRESS_LZ4,) if extras.present("lz4.block") else ()
"""Who can not inflate announces nothing."""

GREETINGS: Final[Mapping[str, Greeting]] = {
    "main": Greeting(  # INIT is made anew for each session
        client=(MainCapability.NAME_AND_UUID, MainCapability.AGENT_CONNECTED_TOKENS),
        server=(MainCapability.NAME_AND_UUID, MainCapability.AGENT_CONNECTED_TOKENS),
        awaited="INIT",
    ),
    "display": Greeting(
        client=(DisplayCapability.MONITORS_CONFIG,),
        client_says=(
            display.Init(
                pixmap_cache_id=1,
                pixmap_cache_size=_CACHE_PIXELS,
                glz_dictionary_id=1,
                glz_dictionary_window_size=_CACHE_PIXELS,
            ),
        ),
        server_says=(
            display.SurfaceCreate(surface_id=0, width=_WIDTH, height=_HEIGHT, format=_SURFACE_FORMAT, flags=_PRIMARY),
        ),
        shown=(display.Mark(),),
        # libspice-server 0.15.1 does not always survive the loss of a display channel before its first MARK, and
        # everything behind that case would fail.
        kept_until="MARK",
    ),
    "inputs": Greeting(
        client=(InputsCapability.KEY_SCANCODE,),
        server=(InputsCapability.KEY_SCANCODE,),
        server_says=(inputs.Init(0),),
        awaited="INIT",
    ),
    "cursor": Greeting(
        server_says=(
            cursor.Init(
                position=Point16(0, 0),
                trail_length=0,
                trail_frequency=0,
                visible=0,
                cursor=cursor.Cursor(CursorFlags.NONE, None, b""),
            ),
        ),
    ),
    "playback": Greeting(
        client=(PlaybackCapability.VOLUME, PlaybackCapability.LATENCY, PlaybackCapability.OPUS),
        server=(PlaybackCapability.VOLUME, PlaybackCapability.LATENCY, PlaybackCapability.OPUS),
    ),
    "record": Greeting(
        client=(RecordCapability.VOLUME, RecordCapability.OPUS),
        server=(RecordCapability.VOLUME, RecordCapability.OPUS),
    ),
    "port": Greeting(
        client=_LZ4, server=_LZ4, server_says=(port.Init(b"org.spice-space.suite.0\0", opened=1),), awaited="INIT"
    ),
    "webdav": Greeting(
        client=_LZ4, server=_LZ4, server_says=(port.Init(b"org.spice-space.webdav.0\0", opened=1),), awaited="INIT"
    ),
    "usbredir": Greeting(client=_LZ4, server=_LZ4),
}
"""Name of a channel type to what is done first there."""

_NOTHING: Final = Greeting()

LISTED: Final = ((ChannelType.DISPLAY, 0), (ChannelType.INPUTS, 0), (ChannelType.CURSOR, 0))
"""The channels that the suite lists as a server, unless a case says otherwise."""

_SHOWN_BY: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("server", "inputs.INIT"): ("SPICE-INPUTS-001/init",),
    ("server", "inputs.MOUSE_MOTION_ACK"): ("SPICE-MOUSE-018/eight-at-once",),
    ("server", "cursor.INIT"): ("SPICE-MAIN-029/init",),
    **{
        ("client", f"{table}.PONG"): ("SPICE-FRAME-028/on-main", f"SPICE-FRAME-028/on-{table}")
        for table in ("inputs", "display", "cursor")
    },
    ("client", "*.PONG"): ("SPICE-FRAME-028/on-main",),
}
"""Role of a target, and a message of a channel or of every channel, to the cases that show that such a target sends it."""


def shown_by(role: str, table: str, message: str) -> tuple[str, ...]:
    """Cases that show that a target sends a message at all: whoever waits for it relies on them."""
    found = _SHOWN_BY.get((role, f"{table}.{message}"))
    return _SHOWN_BY.get((role, f"*.{message}"), ()) if found is None else found


_SHOWN: Final = ("inputs", "display", "cursor")
"""Channels of which cases show that they can be linked, and which headers a server uses there."""


def linked_by(channel_type: int) -> tuple[str, ...]:
    """The case that shows that a server lets such a channel be linked: what a refusal lets fail relies on it."""
    table = channel_name(channel_type)
    return (f"SPICE-MAIN-018/{table}-alone",) if table in _SHOWN else ()


def headers_shown_by(table: str, mini_header: bool) -> tuple[str, ...]:
    """The case that shows which headers a server uses on a channel: whoever reads its messages relies on it."""
    return (f"SPICE-FRAME-001/{table}-first-{'mini' if mini_header else 'full'}",) if table in _SHOWN else ()


def greeting(table: str) -> Greeting:
    """The row of a channel type."""
    return GREETINGS.get(table, _NOTHING)


def announced(role: str, channel_type: int, common: Capabilities | None = None) -> Capabilities:
    """What the suite announces in a role; ``common`` stands in for the half that all channels have."""
    row = greeting(channel_name(channel_type))
    channel = NONE.with_(*(row.client if role == "client" else row.server)).channel
    return Capabilities((COMMON if common is None else common).common, channel)
