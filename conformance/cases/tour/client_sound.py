"""What the tour says on sound channels: some silence that the guest plays, and that the guest wants to hear something."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.talk import Talk
from spiceproto.enums.audio import AudioDataMode, AudioFmt
from spiceproto.enums.capabilities import PlaybackCapability, RecordCapability
from spiceproto.messages import playback, record

__all__ = ["ask_for_sound", "make_sound"]

_RATE: Final = 48000
_HALF: Final = (32768, 32768)
_STRETCHES: Final = 3
_STRETCH: Final = 10
"""Milliseconds of one stretch."""
_SILENCE: Final = bytes(_RATE * _STRETCH // 1000 * 4)


def make_sound(server: SuiteServer, talk: Talk) -> None:
    """Samples as they are, from START to STOP."""
    now = int(server.init().multi_media_time)
    if talk.client.has(PlaybackCapability.VOLUME):
        talk.send(playback.Volume(_HALF), playback.Mute(0))
    talk.send(
        playback.Mode(now, AudioDataMode.RAW, b""),
        playback.Start(channels=2, format=AudioFmt.S16, frequency=_RATE, time=now),
        *[playback.Data(now + number * _STRETCH, _SILENCE) for number in range(_STRETCHES)],
    )
    if talk.client.has(PlaybackCapability.LATENCY):
        talk.send(playback.Latency(50))
    talk.send(playback.Stop())
    server.alive(talk, "everything that it was told is legal")


def ask_for_sound(server: SuiteServer, talk: Talk) -> None:
    """The guest begins to listen, and stops when something was heard or nothing comes."""
    if talk.client.has(RecordCapability.VOLUME):
        talk.send(record.Volume(_HALF), record.Mute(0))
    talk.send(record.Start(channels=2, format=AudioFmt.S16, frequency=_RATE))
    talk.wait_count("DATA", within=server.network.quiet)
    talk.send(record.Stop())
    server.alive(talk, "everything that it was told is legal")
