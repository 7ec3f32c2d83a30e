"""CELT at a client: heard and said, over STOP and START, and while its kernels are compiled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference_client import Client, Options
from reference_client.channels.playback import PlaybackStopped
from reference_client.kernels import Kernels
from reference_client.tests.scripted import CHANNELS, COMMON, LISTED, ScriptedServer
from spiceproto import sound, sound_modes
from spiceproto.capabilities import Capabilities
from spiceproto.codecs import celt051, machine_code, tier
from spiceproto.enums.audio import AudioDataMode, AudioFmt
from spiceproto.enums.capabilities import PlaybackCapability, RecordCapability
from spiceproto.enums.link import ChannelType
from spiceproto.messages import playback, record

pytestmark = pytest.mark.skipif(
    "celt" not in [codec.wish for codec in sound_modes.installed()], reason="CELT needs numba, the extra 'fast'"
)

PLAYBACK, RECORD = (ChannelType.PLAYBACK, 0), (ChannelType.RECORD, 0)
CELT = AudioDataMode.CELT_0_5_1
MODE = playback.Mode(0, CELT, b"")
BEGIN = playback.Start(channels=2, format=AudioFmt.S16, frequency=44100, time=0)
ASK = record.Start(channels=2, format=AudioFmt.S16, frequency=44100)


@pytest.fixture(autouse=True)
def _interpreted() -> Iterator[None]:
    """Few packets, for which nobody waits for machine code."""
    with tier.forced("interpreted"):
        yield


def tone(frame: int, count: int, channels: int, frequency: int) -> NDArray[np.int16]:
    time = np.arange(frame, frame + count)[:, np.newaxis] / frequency
    found: NDArray[np.int16] = np.rint(9000 * np.sin(2 * np.pi * 1000 * time * np.ones(channels))).astype(np.int16)
    return found


def pitch(samples: NDArray[np.int16], frequency: int) -> float:
    strength = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 17))
    return float(strength.argmax() * frequency / (1 << 17))


def made(key: tuple[ChannelType, int], *bits: Any, **options: Any) -> ScriptedServer:
    known: tuple[int, int] = key
    channels: dict[tuple[int, int], Capabilities] = dict(CHANNELS) | {known: COMMON.with_(*bits)}
    server = ScriptedServer(Client(Options(**options)), channels=channels)
    server.init(clock=500)
    server.listing(*LISTED, key)
    return server


class Heard:
    def __init__(self) -> None:
        self.parts: list[NDArray[np.int16]] = []

    def play(self, time: int, frequency: int, samples: NDArray[np.int16]) -> None:
        assert frequency == 44100
        self.parts.append(samples)

    @property
    def all(self) -> NDArray[np.int16]:
        return np.concatenate(self.parts)


def packets(count: int) -> list[playback.Data]:
    coder = celt051.Encoder()
    return [playback.Data(number * 6, coder.encode(tone(256 * number, 256, 2, 44100))) for number in range(count)]


def test_a_tone_is_heard_and_a_decoder_lives_on_over_stop_and_start() -> None:
    sent = packets(40)
    heard = []
    for between in ([], [playback.Stop(), BEGIN]):
        ear = Heard()
        line = made(PLAYBACK, play=ear.play).line(*PLAYBACK)
        line.send(MODE, BEGIN, *sent[:20], *between, *sent[20:], playback.Stop())
        heard.append(ear.all)
    assert len(heard[0]) == 40 * 256 and abs(pitch(heard[0][2048:, 1], 44100) - 1000) < 2
    assert np.array_equal(heard[0], heard[1])


def test_damage_is_counted_and_does_no_harm() -> None:
    ear = Heard()
    server = made(PLAYBACK, play=ear.play)
    line = server.line(*PLAYBACK)
    first, second = packets(2)
    damaged = [playback.Data(0, data) for data in (b"\xff" * 47, b"", bytes(9), bytes(5000))]
    line.send(MODE, BEGIN, first, *damaged, second, playback.Stop())
    stopped = server.told(PlaybackStopped)[0]
    assert stopped.lost >= 2 and stopped.lost + stopped.frames // 256 == 6 and len(ear.parts) >= 2
    assert not line.closed_by_client


def test_sound_waits_while_kernels_are_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_code, "is_prepared", lambda kind: False)
    monkeypatch.setattr(machine_code, "is_cold", lambda kind, pixels: True)
    ear = Heard()
    server = made(PLAYBACK, play=ear.play)
    kernels = server.client.shared(Kernels)
    kernels.elsewhere = True
    line = server.line(*PLAYBACK)
    raw = [playback.Mode(0, AudioDataMode.RAW, b""), playback.Data(0, bytes(8))]
    line.send(MODE, BEGIN, *packets(130), *raw, playback.Stop())
    assert ear.parts == [] and kernels.wanted == {machine_code.CELT}
    server.wait(1.0)
    assert ear.parts == [], "nothing is compiled yet"
    kernels.compiled(machine_code.CELT)
    for _ in range(2):  # so many are not decoded at once
        server.wait(0.001)
    assert [len(part) for part in ear.parts] == [256] * 130 + [2]
    assert server.told(PlaybackStopped) == [PlaybackStopped(frames=130 * 256 + 2, lost=0)]


@pytest.mark.parametrize(
    ("bits", "wish", "asked", "mode"),
    [
        ((RecordCapability.CELT_0_5_1,), "auto", 44100, CELT),
        ((RecordCapability.CELT_0_5_1, RecordCapability.OPUS), "celt", 44100, CELT),
        ((RecordCapability.CELT_0_5_1, RecordCapability.OPUS), "auto", 44100, CELT),
        ((RecordCapability.CELT_0_5_1,), "auto", 48000, AudioDataMode.RAW),
        ((RecordCapability.CELT_0_5_1,), "raw", 44100, AudioDataMode.RAW),
        ((), "celt", 44100, AudioDataMode.RAW),
    ],
)
def test_which_encoding_is_said(bits: Any, wish: str, asked: int, mode: AudioDataMode) -> None:
    server = made(RECORD, *bits, say=tone, sound_mode=wish)
    line = server.line(*RECORD)
    line.send(record.Start(channels=2, format=AudioFmt.S16, frequency=asked))
    assert line.take()[0].mode == mode
    assert line.established is not None
    announced = {codec.wish for codec in sound_modes.CODECS if line.established.client.has(codec.bits[ChannelType.RECORD])}
    assert announced == {codec.wish for codec in sound_modes.installed(wish)}


def test_a_tone_is_said() -> None:
    server = made(RECORD, RecordCapability.CELT_0_5_1, say=tone)
    line = server.line(*RECORD)
    decoder = sound.decoder(CELT, 2, 44100)
    heard = []
    for _ in range(2):
        line.send(ASK)
        for _ in range(30):
            server.wait(256 / 44100 + 1e-7)
        mode, mark, *data = line.take()
        assert (mode, mark) == (record.Mode(mode.time, CELT, b""), record.StartMark(mode.time)) and len(data) == 30
        heard += [decoder.decode(bytes(value.data)) for value in data]
        line.send(record.Stop())
    for half in (np.concatenate(heard[:30]), np.concatenate(heard[30:])):
        assert abs(pitch(half[2048:, 0], 44100) - 1000) < 4


def test_samples_are_said_while_kernels_are_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_code, "is_prepared", lambda kind: False)
    monkeypatch.setattr(machine_code, "is_cold", lambda kind, pixels: True)
    server = made(RECORD, RecordCapability.CELT_0_5_1, say=tone)
    kernels = server.client.shared(Kernels)
    kernels.elsewhere = True
    line = server.line(*RECORD)
    line.send(ASK)
    server.wait(0.0200001)
    assert [type(value) for value in line.take()] == [record.Mode, record.StartMark, record.Data, record.Data]
    assert kernels.wanted == {machine_code.CELT_ENCODER}
    kernels.compiled(machine_code.CELT_ENCODER)
    server.wait(0.0100001)
    said = line.take()
    assert said[0].mode == CELT and said[1:] and {len(value.data) for value in said[1:]} == {celt051.PACKET}


def test_the_capability_of_playback_is_announced() -> None:
    for wish, wanted in (("auto", True), ("celt", True), ("opus", False), ("raw", False)):
        line = made(PLAYBACK, sound_mode=wish).line(*PLAYBACK)
        assert line.established is not None
        assert line.established.client.has(PlaybackCapability.CELT_0_5_1) == wanted
