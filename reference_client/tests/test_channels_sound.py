"""Sound at a client: what is played is heard, what is said comes in order, and what is odd does no harm."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference_client import Client, Options
from reference_client.channels.playback import PlaybackStarted, PlaybackStopped
from reference_client.channels.record import RecordStarted, RecordStopped
from reference_client.channels.sound import VolumeChanged
from reference_client.tests.scripted import CHANNELS, COMMON, LISTED, ScriptedServer
from spiceproto import extras, sound
from spiceproto.enums.audio import AudioDataMode, AudioFmt
from spiceproto.enums.capabilities import RecordCapability
from spiceproto.enums.link import ChannelType
from spiceproto.messages import playback, record

PLAYBACK, RECORD = (ChannelType.PLAYBACK, 0), (ChannelType.RECORD, 0)
Heard = list[tuple[int, int, NDArray[np.int16]]]


def say(frame: int, count: int, channels: int, frequency: int) -> NDArray[np.int16]:
    return np.repeat(np.arange(frame, frame + count)[:, np.newaxis], channels, axis=1).astype(np.int16)


def made(key: tuple[int, int], *, opus: bool = False, **options: Any) -> ScriptedServer:
    """A session in which the client has linked one channel of sound."""
    words = COMMON.with_(RecordCapability.VOLUME, *([RecordCapability.OPUS] if opus else []))
    server = ScriptedServer(Client(Options(**options)), channels=dict(CHANNELS) | {key: words})
    server.init(clock=500)
    server.listing(*LISTED, key)
    return server


def start(channels: int = 2, frequency: int = 48000, format: int = AudioFmt.S16) -> playback.Start:
    return playback.Start(channels=channels, format=format, frequency=frequency, time=0)


def mode(kind: int = AudioDataMode.RAW) -> playback.Mode:
    return playback.Mode(0, kind, b"")


def test_what_is_played_is_heard() -> None:
    heard: Heard = []
    server = made(PLAYBACK, play=lambda *stretch: heard.append(stretch))
    line = server.line(*PLAYBACK)
    pcm = say(0, 480, 2, 48000)
    line.send(playback.Data(1, pcm.tobytes()), mode(), start(), playback.Data(10, pcm.tobytes()), playback.Data(20, b"123"))
    line.send(playback.Stop(), playback.Data(30, pcm.tobytes()), playback.Stop(), playback.Latency(40))
    assert [(time, frequency, samples.tolist()) for time, frequency, samples in heard] == [(10, 48000, pcm.tolist())]
    assert server.told(PlaybackStarted) == [PlaybackStarted(channels=2, frequency=48000, mode="RAW")]
    assert server.told(PlaybackStopped) == [PlaybackStopped(frames=480, lost=1)]


def test_the_mode_changes_while_it_plays() -> None:
    if not extras.present("av"):
        pytest.skip(f"needs {extras.install('av')}")
    heard: Heard = []
    line = made(PLAYBACK, play=lambda *stretch: heard.append(stretch)).line(*PLAYBACK)
    pcm = say(0, 480, 2, 48000)
    packet = sound.encoder(AudioDataMode.OPUS, 2, 48000).encode(pcm)
    line.send(mode(AudioDataMode.OPUS), start(), playback.Data(0, packet), playback.Data(10, b"\xff" * 9))
    line.send(mode(), playback.Data(20, pcm.tobytes()), mode(AudioDataMode.OPUS), playback.Data(30, packet))
    assert [(time, len(samples)) for time, _, samples in heard] == [(0, 480), (20, 480), (30, 480)]


@pytest.mark.parametrize("odd", [start(0), start(255), start(2, 0), start(2, 4294967295)])
def test_what_can_not_be_played_is_said_and_does_no_harm(odd: playback.Start) -> None:
    heard: Heard = []
    server = made(PLAYBACK, play=lambda *stretch: heard.append(stretch))
    line = server.line(*PLAYBACK)
    line.send(mode(), odd, playback.Data(0, bytes(8)), playback.Stop(), mode(9), start(), playback.Data(0, bytes(8)))
    line.send(mode(), playback.Data(0, bytes(8)))
    assert len(heard) == 1 and "no such" in server.told(PlaybackStarted)[0].text
    assert not line.closed_by_client


def test_who_does_not_listen_decodes_nothing() -> None:
    server = made(PLAYBACK)
    server.line(*PLAYBACK).send(mode(), start(), playback.Data(0, b"123"), playback.Stop())
    assert server.told(PlaybackStopped) == [PlaybackStopped(frames=0, lost=0)]


def test_volumes() -> None:
    server = made(PLAYBACK)
    line = server.line(*PLAYBACK)
    line.send(playback.Volume((1, 2)), playback.Mute(5), playback.Volume(()), playback.Volume((3,) * 255))
    told = [(event.channel, len(event.volume), event.muted) for event in server.told(VolumeChanged)]
    assert told == [("playback", 2, False), ("playback", 2, True), ("playback", 0, True), ("playback", 255, True)]


@pytest.mark.parametrize("opus", [False, pytest.param(True, marks=pytest.mark.skipif(not extras.present("av"), reason="av"))])
def test_what_is_said_comes_in_order(opus: bool) -> None:
    server = made(RECORD, opus=opus, say=say)
    line = server.line(*RECORD)
    server.wait(0.5)
    assert line.take() == [], "nobody asks"
    ask = record.Start(channels=2, format=AudioFmt.S16, frequency=48000)
    line.send(ask)
    assert line.take() == [record.Mode(1000, AudioDataMode.OPUS if opus else AudioDataMode.RAW, b""), record.StartMark(1000)]
    for _ in range(3):
        server.wait(0.0100001)
    found = line.take()
    assert [value.time for value in found] == [1000, 1010, 1020]
    if not opus:
        assert np.frombuffer(found[1].data, "<i2").reshape(-1, 2)[:, 0].tolist() == list(range(480, 960))
    line.send(record.Stop())
    server.wait(1.0)
    assert line.take() == [] and server.told(RecordStopped) == [RecordStopped(frames=3 * 480)]
    line.send(ask)
    assert [type(value) for value in line.take()] == [record.Mode, record.StartMark]


def test_who_was_stopped_for_long_says_what_is_new() -> None:
    server = made(RECORD, say=say)
    line = server.line(*RECORD)
    line.send(record.Start(channels=1, format=AudioFmt.S16, frequency=8000))
    line.take()
    server.wait(10.0)
    assert len(line.take()) == 20, "and not a thousand"


@pytest.mark.parametrize(("channels", "frequency"), [(0, 48000), (255, 48000), (2, 0)])
def test_what_can_not_be_said_is_not(channels: int, frequency: int) -> None:
    server = made(RECORD, say=say)
    line = server.line(*RECORD)
    line.send(record.Start(channels=channels, format=AudioFmt.S16, frequency=frequency))
    server.wait(1.0)
    assert line.take() == [] and "no such" in server.told(RecordStarted)[0].text


@pytest.mark.parametrize(("channels", "frequency"), [(0, 48000), (255, 48000), (2, 0)])
def test_what_was_said_ends_where_what_is_wanted_next_can_not_be(channels: int, frequency: int) -> None:
    server = made(RECORD, say=say)
    line = server.line(*RECORD)
    line.send(record.Start(channels=2, format=AudioFmt.S16, frequency=48000))
    server.wait(1.0)
    line.take()
    line.send(record.Start(channels=channels, format=AudioFmt.S16, frequency=frequency))
    server.wait(1.0)
    assert line.take() == [] and not line.closed_by_client
    line.send(record.Stop(), record.Start(channels=2, format=AudioFmt.S16, frequency=48000))
    server.wait(0.01)
    assert [type(value) for value in line.take()] == [record.Mode, record.StartMark, record.Data]


def test_who_has_nothing_to_say_is_silent() -> None:
    server = made(RECORD)
    line = server.line(*RECORD)
    line.send(record.Start(channels=2, format=AudioFmt.S16, frequency=48000), record.Volume((7,)), record.Mute(1))
    server.wait(1.0)
    (told,) = server.told(RecordStarted)
    assert line.take() == [] and (told.mode, told.text) == ("", "there is nothing to be heard")
    assert [(event.channel, event.volume, event.muted) for event in server.told(VolumeChanged)][-1] == ("record", (7,), True)
