"""What cases about sound have in common: a channel of it, and stretches of silence."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.as_server import SuiteServer
from conformance.channels import LISTED
from conformance.client_wire import Ask
from conformance.outcome import NotApplicable
from conformance.talk import Talk
from spiceproto.capabilities import Capabilities
from spiceproto.enums.audio import AudioDataMode, AudioFmt
from spiceproto.enums.base import WireEnum
from spiceproto.enums.capabilities import PlaybackCapability, RecordCapability
from spiceproto.enums.link import ChannelType
from spiceproto.messages import playback

__all__ = ["NOW", "SILENCE", "data", "listening", "mode", "need", "on_playback", "on_record", "sound_asked", "start"]

NOW: Final = 1000
"""Where the multimedia clock of a session begins."""

SILENCE: Final = bytes(4 * 480)
"""10 ms of two sound channels."""

_STRETCH: Final = 10


def on_playback(server: SuiteServer) -> Talk:
    """A playback channel that the target has linked. Raises NotApplicable if it links none."""
    return _on(server, ChannelType.PLAYBACK)


def on_record(server: SuiteServer, *codecs: RecordCapability) -> Talk:
    """So a record channel; of codecs the suite announces these alone, and what is usual if none is named."""
    usual = server.usual(ChannelType.RECORD)
    announced = usual.without(RecordCapability.OPUS, RecordCapability.CELT_0_5_1).with_(*codecs) if codecs else None
    return _on(server, ChannelType.RECORD, announced)


def _on(server: SuiteServer, kind: ChannelType, announced: Capabilities | None = None) -> Talk:
    # A list without a display is one that some clients link nothing of.
    server.session(listed=(*LISTED, (kind, 0)))
    return server.linked(kind, 0, capabilities=announced)


def need(talk: Talk, capability: WireEnum) -> None:
    """Raises NotApplicable unless the target has announced it on this channel."""
    if not talk.client.has(capability):
        raise NotApplicable(f"the target announces no {capability.name} on {talk.name}")


def sound_asked(client: SuiteClient, kind: ChannelType, *codecs: WireEnum) -> Ask:
    """A link of a channel of sound, on which the suite announces these codecs alone, or what is usual if none is named."""
    if not codecs:
        return Ask(kind)
    every = PlaybackCapability if kind == ChannelType.PLAYBACK else RecordCapability
    usual = client.usual(kind).without(every.OPUS, every.CELT_0_5_1)
    return Ask(kind, capabilities=usual.with_(*codecs))


def mode(kind: int = AudioDataMode.RAW) -> playback.Mode:
    """MODE."""
    return playback.Mode(NOW, kind, b"")


def start(channels: int = 2, format: int = AudioFmt.S16, frequency: int = 48000) -> playback.Start:
    """START."""
    return playback.Start(channels=channels, format=format, frequency=frequency, time=NOW)


def data(*stretches: bytes, behind: int = 0) -> list[playback.Data]:
    """DATA, 10 ms apart, behind so many others of the same sound."""
    return [playback.Data(NOW + number * _STRETCH, stretch) for number, stretch in enumerate(stretches, behind)]


def listening(client: SuiteClient, *codecs: RecordCapability) -> Talk:
    """A record channel of a guest that listens; what the suite announces is what :func:`sound_asked` says.

    Raises NotApplicable if it has none, or does not listen.
    """
    client.session()
    talk = client.channel(sound_asked(client, ChannelType.RECORD, *codecs))
    if client.target.meets("control:guest"):
        client.control("guest", "tone")
    if not talk.wait_count("START", within=client.network.quiet):
        raise NotApplicable("the guest listens to nobody")
    return talk
