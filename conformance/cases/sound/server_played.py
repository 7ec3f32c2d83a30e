"""Servers: what they send is what the guest plays, and how loud it has set that (10.2, 10.4)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.sound.steps import sound_asked
from conformance.cases.sound.tones import check_pitches, decoded, in_any_encoding
from conformance.client_wire import Ask
from conformance.outcome import NotApplicable
from conformance.talk import Talk
from spiceproto.enums.audio import AudioDataMode
from spiceproto.enums.capabilities import PlaybackCapability
from spiceproto.enums.link import ChannelType
from spiceproto.messages import playback

_TONES: Final = (440.0, 660.0)
"""Hertz of the guest ``tone``, left and right."""

_SECONDS: Final = 0.4
_LEFT, _RIGHT = 40000, 20000

_NO_CODEC: Final = PlaybackCapability.VOLUME
"""Announced in the place of codecs, and announced anyway."""


def _begun(client: SuiteClient, *codecs: PlaybackCapability) -> tuple[Talk, playback.Mode, playback.Start]:
    """A guest that plays. Raises NotApplicable if it does not."""
    client.session()
    talk = client.channel(sound_asked(client, ChannelType.PLAYBACK, *codecs))
    if client.target.meets("control:guest"):
        client.control("guest", "tone")
    if not talk.wait_count("START", within=client.network.quiet) or not talk.wait_count("MODE"):
        raise NotApplicable("the guest plays nothing")
    # In which order they come is another case's.
    said = {message.name: message.parsed for message in reversed(talk.unread("MODE", "START"))}
    return talk, said["MODE"], said["START"]


def _played(talk: Talk, mode: int, start: playback.Start) -> list[bytes]:
    """DATA of some time. Raises NotApplicable if the mode changes meanwhile."""
    stretches: list[bytes] = []
    seconds = 0.0
    while seconds < _SECONDS:
        message = talk.expect_message("MODE", "DATA")
        if message.name == "MODE":
            if message.parsed.mode != mode:
                raise NotApplicable("the target encodes in another way in the middle of it")
            continue
        stretches.append(bytes(message.parsed.data))
        rate, samples = decoded(mode, stretches[-1:], channels=start.channels, frequency=start.frequency)
        seconds += len(samples) / rate
    return stretches


@server_case("SPICE-SOUND-028/samples", _NO_CODEC, AudioDataMode.RAW, channel="playback", requires=("SPICE-SOUND-001/mode",))
@server_case(
    "SPICE-SOUND-028/opus",
    PlaybackCapability.OPUS,
    AudioDataMode.OPUS,
    channel="playback",
    requires=("SPICE-SOUND-001/mode",),
)
@server_case(
    "SPICE-SOUND-028/celt",
    PlaybackCapability.CELT_0_5_1,
    AudioDataMode.CELT_0_5_1,
    channel="playback",
    requires=("SPICE-SOUND-001/mode",),
)
@in_any_encoding
def tones(client: SuiteClient, codec: PlaybackCapability, wanted: int) -> None:
    """A client with this codec, or with none: what comes can be decoded, and is the guest's tone if it has one. Codec, mode."""
    talk, mode, start = _begun(client, codec)
    if mode.mode != wanted:
        raise NotApplicable(f"the target plays in another mode, {int(mode.mode)}, as it may")
    stretches = _played(talk, wanted, start)
    rate, samples = decoded(wanted, stretches, channels=start.channels, frequency=start.frequency)
    if client.target.meets("control:guest"):
        check_pitches("the server sends what the guest plays", rate, samples, _TONES[: start.channels])


@server_case("SPICE-SOUND-037/playback", ChannelType.PLAYBACK, channel="playback", needs=("control:volume",))
@server_case("SPICE-SOUND-037/record", ChannelType.RECORD, channel="record", needs=("control:volume",))
def volumes(client: SuiteClient, kind: ChannelType) -> None:
    """The guest sets how loud it is, and is muted: a client that has announced VOLUME hears of it. Channel type."""
    client.session()
    talk = client.channel(Ask(kind))
    client.alive(client.main_talk)
    talk.drop()
    client.control("volume", _LEFT, _RIGHT, True)
    talk.wait_for("VOLUME", volume=(_LEFT, _RIGHT))
    talk.wait_for("MUTE", mute=1)


@server_case("SPICE-SOUND-037/not-announced", channel="playback", needs=("control:volume",))
def no_volumes(client: SuiteClient) -> None:
    """The guest sets how loud it is; a client that has not announced VOLUME is told nothing of it."""
    client.session()
    bare = client.usual(ChannelType.PLAYBACK).without(PlaybackCapability.VOLUME)
    talk = client.channel(Ask(ChannelType.PLAYBACK, capabilities=bare))
    client.control("volume", _LEFT, _RIGHT, True)
    client.alive(client.main_talk)
    talk.expect_none("VOLUME", "MUTE", after=0, why="VOLUME was not announced")
