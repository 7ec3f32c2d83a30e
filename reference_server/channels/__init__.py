"""The channel types of the server, one row each: a new one is a file here and a row below."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from reference_server.channels.base import ServerChannel
from reference_server.channels.cursor import CursorChannel
from reference_server.channels.display import DisplayChannel
from reference_server.channels.inputs import InputsChannel
from reference_server.channels.main import MainChannel
from reference_server.channels.playback import PlaybackChannel
from reference_server.channels.port import PortChannel, WebdavChannel
from reference_server.channels.record import RecordChannel
from reference_server.channels.smartcard import SmartcardChannel
from reference_server.channels.usbredir import UsbredirChannel
from spiceproto import byte_channel
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.capabilities import (
    DisplayCapability,
    InputsCapability,
    MainCapability,
    PlaybackCapability,
    RecordCapability,
)
from spiceproto.enums.link import ChannelType

__all__ = ["CHANNELS", "Kind", "usual"]


class Kind(msgspec.Struct, frozen=True):
    """A channel type that the server can have.

    * ``channel``: the class of its channels
    * ``capabilities``: what is announced of it, besides what all channels have in common
    * ``count``: how many there are from the beginning
    * ``per_display``: so many for each display
    """

    channel: type[ServerChannel]
    capabilities: Capabilities = NONE
    count: int = 1
    per_display: bool = False


_PLAYBACK_CODECS: Final = (PlaybackCapability.CELT_0_5_1, PlaybackCapability.OPUS)
_RECORD_CODECS: Final = (RecordCapability.CELT_0_5_1, RecordCapability.OPUS)
"""Options say which of them are announced."""

CHANNELS: Final[Mapping[int, Kind]] = MappingProxyType(
    {
        ChannelType.MAIN: Kind(MainChannel, NONE.with_(*MainCapability)),
        ChannelType.INPUTS: Kind(InputsChannel, NONE.with_(InputsCapability.KEY_SCANCODE)),
        ChannelType.DISPLAY: Kind(
            DisplayChannel,
            NONE.with_(
                DisplayCapability.MONITORS_CONFIG,
                DisplayCapability.STREAM_REPORT,
                DisplayCapability.PREF_COMPRESSION,
                DisplayCapability.PREF_VIDEO_CODEC_TYPE,
            ),
            per_display=True,
        ),
        ChannelType.CURSOR: Kind(CursorChannel, per_display=True),
        ChannelType.PLAYBACK: Kind(PlaybackChannel, NONE.with_(PlaybackCapability.VOLUME, *_PLAYBACK_CODECS)),
        ChannelType.RECORD: Kind(RecordChannel, NONE.with_(RecordCapability.VOLUME, *_RECORD_CODECS)),
        # It is there where the guest has readers.
        ChannelType.SMARTCARD: Kind(SmartcardChannel, count=0),
        # As many as the guest has.
        ChannelType.PORT: Kind(PortChannel, byte_channel.announced(), count=0),
        ChannelType.WEBDAV: Kind(WebdavChannel, byte_channel.announced(), count=0),
        ChannelType.USBREDIR: Kind(UsbredirChannel, byte_channel.announced(), count=0),
    }
)
"""Every channel type that the server can have, in the order of CHANNELS_LIST."""


def usual(displays: int) -> list[tuple[int, int]]:
    """Type and id of the channels that a server with so many displays begins with."""
    once = [(kind, number) for kind, row in CHANNELS.items() if not row.per_display for number in range(row.count)]
    each = [
        (kind, display * row.count + number)
        for display in range(displays)
        for kind, row in CHANNELS.items()
        if row.per_display
        for number in range(row.count)
    ]
    return once + each
