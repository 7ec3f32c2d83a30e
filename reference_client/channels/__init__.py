"""The channels of a client: one table, one row a type.

A channel is one file here, a subclass of :class:`~reference_client.channels.base.ClientChannel`, with the events that it
alone tells; and one row in :data:`CHANNELS`. A type without a row can be linked all the same, where the user wants it: then
its messages are accepted, and change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from reference_client.channels.base import ClientChannel
from reference_client.channels.cursor import CursorChannel
from reference_client.channels.display import DisplayChannel
from reference_client.channels.inputs import InputsChannel
from reference_client.channels.main import MainChannel
from reference_client.channels.playback import PlaybackChannel
from reference_client.channels.port import PortChannel
from reference_client.channels.record import RecordChannel
from reference_client.channels.smartcard import SmartcardChannel
from reference_client.channels.usbredir import UsbredirChannel
from reference_client.channels.webdav import WebdavChannel
from spiceproto import byte_channel, extras
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.capabilities import DisplayCapability, MainCapability, PlaybackCapability, RecordCapability
from spiceproto.enums.link import ChannelType

__all__ = [
    "CHANNELS",
    "WANTED",
    "ClientChannel",
    "CursorChannel",
    "DisplayChannel",
    "InputsChannel",
    "Kind",
    "MainChannel",
    "PlaybackChannel",
    "PortChannel",
    "RecordChannel",
    "SmartcardChannel",
    "UsbredirChannel",
    "WebdavChannel",
    "kind_of",
]


class Kind(msgspec.Struct, frozen=True):
    """One type of channels.

    * ``channel``: the class of its channels
    * ``capabilities``: announced beside those of every channel: what this client lives up to
    * ``wanted``: linked when the server lists it, unless the user says otherwise
    """

    channel: type[ClientChannel]
    capabilities: Capabilities = NONE
    wanted: bool = True


_PLAYBACK_CODECS: Final = (PlaybackCapability.CELT_0_5_1, PlaybackCapability.OPUS)
_RECORD_CODECS: Final = (RecordCapability.CELT_0_5_1, RecordCapability.OPUS)
"""Options say which of them are announced."""


def _video() -> Capabilities:
    """Codecs of video that are announced: MJPEG, and the others where they can be decoded."""
    usual = NONE.with_(DisplayCapability.MULTI_CODEC, DisplayCapability.CODEC_MJPEG)
    if not extras.present("av"):
        return usual
    return usual.with_(
        DisplayCapability.CODEC_VP8, DisplayCapability.CODEC_H264, DisplayCapability.CODEC_VP9, DisplayCapability.CODEC_H265
    )


CHANNELS: Final[Mapping[int, Kind]] = MappingProxyType(
    {
        ChannelType.MAIN: Kind(
            MainChannel,
            NONE.with_(
                MainCapability.SEMI_SEAMLESS_MIGRATE,
                MainCapability.NAME_AND_UUID,
                MainCapability.AGENT_CONNECTED_TOKENS,
                MainCapability.SEAMLESS_MIGRATE,
            ),
        ),
        ChannelType.DISPLAY: Kind(
            DisplayChannel,
            _video().with_(
                DisplayCapability.SIZED_STREAM,
                DisplayCapability.MONITORS_CONFIG,
                DisplayCapability.COMPOSITE,
                DisplayCapability.A8_SURFACE,
                DisplayCapability.STREAM_REPORT,
                DisplayCapability.LZ4_COMPRESSION,
            ),
        ),
        ChannelType.INPUTS: Kind(InputsChannel),
        ChannelType.CURSOR: Kind(CursorChannel),
        ChannelType.PLAYBACK: Kind(
            PlaybackChannel, NONE.with_(PlaybackCapability.VOLUME, PlaybackCapability.LATENCY, *_PLAYBACK_CODECS)
        ),
        ChannelType.RECORD: Kind(RecordChannel, NONE.with_(RecordCapability.VOLUME, *_RECORD_CODECS)),
        ChannelType.SMARTCARD: Kind(SmartcardChannel),
        ChannelType.PORT: Kind(PortChannel, byte_channel.announced()),
        ChannelType.WEBDAV: Kind(WebdavChannel, byte_channel.announced()),
        ChannelType.USBREDIR: Kind(UsbredirChannel, byte_channel.announced(), wanted=False),
    }
)
"""Channel type to what is known of it."""

WANTED: Final = tuple([number for number, kind in CHANNELS.items() if kind.wanted])
"""Types that are linked unless the user says otherwise."""

_OTHER: Final = Kind(ClientChannel, wanted=False)


def kind_of(channel_type: int) -> Kind:
    """The row of a type, or what does for a type that has none."""
    return CHANNELS.get(channel_type, _OTHER)
