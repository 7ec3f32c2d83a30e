"""Clients: what they play is what was sent (10.2)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.sound.steps import data, mode, need, on_playback, start
from conformance.cases.sound.tones import TONES, check_pitches, encoded, frequency_of, heard, in_any_encoding
from conformance.talk import Talk
from spiceproto.enums.audio import AudioDataMode
from spiceproto.enums.base import WireEnum
from spiceproto.enums.capabilities import PlaybackCapability
from spiceproto.messages import playback

_NEEDS: Final = ("act:heard",)
_SAMPLES: Final = ("SPICE-SOUND-027/samples",)

_BITS: Final[dict[int, WireEnum]] = {
    AudioDataMode.OPUS: PlaybackCapability.OPUS,
    AudioDataMode.CELT_0_5_1: PlaybackCapability.CELT_0_5_1,
}


def _check(server: SuiteServer, talk: Talk, tones: tuple[float, ...] = TONES) -> None:
    server.alive(talk)
    frequency, samples = heard(server, lambda path: server.act("heard", path=path))
    check_pitches("the client plays what was sent", frequency, samples, tones)


@client_case("SPICE-SOUND-027/samples", 2, 48000, channel="playback", needs=_NEEDS, requires=("SPICE-SOUND-009/raw",))
@client_case("SPICE-SOUND-027/samples-at-44100", 2, 44100, channel="playback", needs=_NEEDS, requires=_SAMPLES)
@client_case("SPICE-SOUND-027/samples-at-8000", 2, 8000, channel="playback", needs=_NEEDS, requires=_SAMPLES)
@client_case("SPICE-SOUND-027/one-channel", 1, 48000, channel="playback", needs=_NEEDS, requires=_SAMPLES)
@in_any_encoding
def samples(server: SuiteServer, channels: int, frequency: int) -> None:
    """A tone on each sound channel, in mode RAW: it is heard, each on its side. Sound channels, samples a second."""
    talk = on_playback(server)
    stretches = encoded(AudioDataMode.RAW, channels=channels, frequency=frequency)
    talk.send(mode(), start(channels, frequency=frequency), *data(*stretches))
    _check(server, talk, TONES[:channels])


@client_case("SPICE-SOUND-027/opus", AudioDataMode.OPUS, channel="playback", needs=_NEEDS, requires=("SPICE-SOUND-009/opus",))
@client_case(
    "SPICE-SOUND-027/celt", AudioDataMode.CELT_0_5_1, channel="playback", needs=_NEEDS, requires=("SPICE-SOUND-009/raw",)
)
@in_any_encoding
def packets(server: SuiteServer, kind: int) -> None:
    """A tone on each side, in the packets of a codec that the client has announced: it is heard. Mode."""
    talk = on_playback(server)
    need(talk, _BITS[kind])
    talk.send(mode(kind), start(frequency=frequency_of(kind)), *data(*encoded(kind)))
    _check(server, talk)


@client_case(
    "SPICE-SOUND-027/samples-behind-opus", channel="playback", needs=_NEEDS, requires=("SPICE-SOUND-009/while-it-plays",)
)
@in_any_encoding
def samples_behind_packets(server: SuiteServer) -> None:
    """Silence in mode OPUS, then a tone in mode RAW, without STOP: it is heard."""
    talk = on_playback(server)
    need(talk, PlaybackCapability.OPUS)
    silence = encoded(AudioDataMode.OPUS, hertz=(0, 0))[:5]
    talk.send(mode(AudioDataMode.OPUS), start(), *data(*silence), mode(), *data(*encoded(AudioDataMode.RAW), behind=5))
    _check(server, talk)


@client_case("SPICE-SOUND-027/behind-damage", channel="playback", needs=_NEEDS, requires=("SPICE-SOUND-008/text-for-a-packet",))
@in_any_encoding
def behind_damage(server: SuiteServer) -> None:
    """In mode OPUS something that is no packet, and a tone behind it: it is heard."""
    talk = on_playback(server)
    need(talk, PlaybackCapability.OPUS)
    stretches = encoded(AudioDataMode.OPUS)
    talk.send(mode(AudioDataMode.OPUS), start(), *data(b"no packet of Opus", *stretches), playback.Stop())
    _check(server, talk)
