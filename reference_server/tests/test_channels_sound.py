"""Playback and record: what the guest plays is heard, what is said it hears, and in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference_server import Guest
from reference_server.encoding import CeltUsed
from reference_server.guest import Heard
from reference_server.guests import GUESTS
from reference_server.guests.tone import TONES, tones
from reference_server.tests.memory import Line, Wire, serve, small
from spiceproto import extras, sound, sound_modes
from spiceproto.capabilities import NONE
from spiceproto.codecs import tier
from spiceproto.enums.audio import AudioDataMode, AudioFmt
from spiceproto.enums.capabilities import PlaybackCapability, RecordCapability
from spiceproto.enums.link import ChannelType
from spiceproto.messages import common, playback, record

CODECS = {codec.mode: codec for codec in sound_modes.CODECS}


def _mode(mode: AudioDataMode) -> Any:
    missing = mode in CODECS and CODECS[mode] not in sound_modes.installed()
    return pytest.param(mode, marks=pytest.mark.skipif(missing, reason="what it needs is not installed"), id=mode.name)


MODES = pytest.mark.parametrize("mode", list(map(_mode, (AudioDataMode.RAW, AudioDataMode.OPUS, AudioDataMode.CELT_0_5_1))))


@pytest.fixture(autouse=True)
def _interpreted() -> Iterator[None]:
    """Few packets, for which nobody waits for machine code."""
    with tier.forced("interpreted"):
        yield


def linked(guest: Guest, kind: ChannelType, *modes: AudioDataMode, **options: Any) -> tuple[Wire, Line]:
    wire = serve(guest, **options)
    wire.main()
    words = PlaybackCapability if kind == ChannelType.PLAYBACK else RecordCapability
    line = wire.link(kind, own=NONE.with_(words.VOLUME, *[CODECS[mode].bits[kind] for mode in modes if mode in CODECS]))
    assert line.refused is None
    return wire, line


def frequency_of(mode: AudioDataMode) -> int:
    return sound_modes.frequency(CODECS.get(mode))


def pitch(samples: NDArray[np.int16], frequency: int) -> float:
    """Hertz of the loudest tone."""
    strength = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 17))
    return float(strength.argmax() * frequency / (1 << 17))


@MODES
def test_a_tone_is_heard(mode: AudioDataMode) -> None:
    guest = small()
    wire, line = linked(guest, ChannelType.PLAYBACK, mode)
    first = [value for value in line.read() if not isinstance(value, common.SetAck)]
    assert first == [playback.Mode(0, mode, b""), playback.Volume((65535, 65535)), playback.Mute(0)]
    wire.now = 1.0
    wire.server.now = 1.0
    GUESTS["tone"](guest, 1)
    frequency = frequency_of(mode)
    decoder = sound.decoder(mode, 2, frequency)
    parts: list[NDArray[np.int16]] = []
    times: list[int] = []
    for _ in range(50):
        wire.wait(0.0100001)
        for value in line.read():
            if isinstance(value, playback.Data):
                parts.append(decoder.decode(bytes(value.data)))
                times.append(value.time)
            elif isinstance(value, playback.Start):
                assert (value.frequency, value.channels) == (frequency, 2)
    heard = np.concatenate(parts)
    size = 256 if mode == AudioDataMode.CELT_0_5_1 else 480
    assert len(heard) == len(times) * size and len(times) == frequency // 2 // size
    assert times == [1000 + number * size * 1000 // frequency for number in range(len(times))]
    for side, wanted in enumerate(TONES):
        assert abs(pitch(heard[4800:, side], frequency) - wanted) < 1
    GUESTS["chart"](guest, 1)
    assert line.names() == ["Stop"] and wire.server.deadline is not None
    wire.wait(0.1)
    assert line.names() == []


EVERY = (AudioDataMode.OPUS, AudioDataMode.CELT_0_5_1)


@pytest.mark.parametrize(
    ("options", "announced", "played", "asked"),
    [
        ({}, EVERY, AudioDataMode.OPUS, 48000),
        ({}, (AudioDataMode.CELT_0_5_1,), AudioDataMode.CELT_0_5_1, 44100),
        ({"sound_mode": "celt"}, EVERY, AudioDataMode.CELT_0_5_1, 44100),
        ({"sound_mode": "opus"}, (AudioDataMode.CELT_0_5_1,), AudioDataMode.RAW, 48000),
        ({"sound_mode": "raw"}, EVERY, AudioDataMode.RAW, 48000),
        ({"playback_compression": False}, EVERY, AudioDataMode.RAW, 48000),
    ],
)
def test_which_encoding(options: Any, announced: Any, played: AudioDataMode, asked: int) -> None:
    if len(sound_modes.installed()) < len(sound_modes.CODECS):
        pytest.skip("a codec is not installed")
    guest = small()
    GUESTS["tone"](guest, 1)
    wire, line = linked(guest, ChannelType.PLAYBACK, *announced, **options)
    said = {type(value): value for value in line.read()}
    assert said[playback.Mode].mode == played and said[playback.Start].frequency == asked
    wire, line = linked(guest, ChannelType.RECORD, *announced, **options)
    compressed = 44100 if options.get("sound_mode") == "celt" or announced == EVERY[1:] else 48000
    wanted = 48000 if options.get("sound_mode") in ("raw", "opus") else compressed
    assert {type(value): value for value in line.read()}[record.Start].frequency == wanted
    bits = wire.server.listing.channels[int(ChannelType.RECORD), 0]
    kept = {codec.mode for codec in sound_modes.CODECS if bits.has(codec.bits[ChannelType.RECORD])}
    assert kept == {codec.mode for codec in sound_modes.installed(options.get("sound_mode", "auto"))}


def test_samples_are_played_until_the_kernels_of_celt_are_there() -> None:
    if "celt" not in [codec.wish for codec in sound_modes.installed()]:
        pytest.skip("numba is not installed")
    guest = small()
    guest.speaker.play(tones(*TONES))
    wire = serve(guest)
    ready = [False]
    told: list[CeltUsed] = []
    wire.server.encoding.ready = lambda: ready[0]
    wire.server.encoding.watch(told.append, CeltUsed)
    wire.main()
    line = wire.link(ChannelType.PLAYBACK, own=NONE.with_(PlaybackCapability.CELT_0_5_1))
    wire.wait(0.0300001)
    first = [value for value in line.read() if not isinstance(value, common.SetAck)]
    assert [type(value) for value in first] == [playback.Mode, playback.Start, *[playback.Data] * 3]
    assert first[0].mode == AudioDataMode.RAW and first[1].frequency == 44100 and len(first[2].data) == 441 * 4
    assert told == [CeltUsed()]
    ready[0] = True
    wire.wait(0.0100001)
    later = line.read()
    assert later[0] == playback.Mode(40, AudioDataMode.CELT_0_5_1, b"") and {len(value.data) for value in later[1:]} == {47}


def test_a_client_that_does_not_acknowledge_hears_what_is_new() -> None:
    guest = small()
    guest.speaker.play(tones(*TONES))
    wire, line = linked(guest, ChannelType.PLAYBACK)
    for _ in range(50):
        wire.wait(0.01)  # nobody reads
    wire.collect()
    waiting = line.data
    line.wire.wait(3.0)
    assert line.data == waiting, "the window is full"
    read = line.read()
    assert [type(value) for value in read[:3]] == [common.SetAck, playback.Mode, playback.Volume]
    wire.wait(0.02)
    times = [value.time for value in line.read() if isinstance(value, playback.Data)]
    assert times and times[0] >= 3000, "what is late is left out"


def test_who_comes_later_hears_it_from_the_beginning_and_is_told_how_loud_it_is() -> None:
    guest = small()
    guest.speaker.set_level((100, 200), muted=True)
    guest.speaker.play(tones(*TONES))
    _, line = linked(guest, ChannelType.PLAYBACK)
    assert [type(value) for value in line.read()][1:] == [playback.Mode, playback.Volume, playback.Mute, playback.Start]
    guest.speaker.set_level((7, 8))
    assert line.read() == [playback.Volume((7, 8)), playback.Mute(0)]
    guest.speaker.play(tones(100.0, 100.0))
    assert line.names() == ["Stop", "Start"]


@MODES
def test_what_is_said_is_heard(mode: AudioDataMode) -> None:
    guest = small()
    _, line = linked(guest, ChannelType.RECORD, mode)
    assert [type(value) for value in line.read()][1:] == [record.Volume, record.Mute]
    heard: list[Heard] = []
    guest.microphone.watch(heard.append, Heard)
    frequency = frequency_of(mode)
    coder = sound.encoder(mode, 2, frequency)
    size = coder.frames
    line.send(record.Mode(0, mode, b""), record.Data(0, coder.encode(np.zeros((size, 2), np.int16))))
    assert heard == [], "the guest does not listen"
    guest.microphone.listen()
    guest.microphone.listen()
    assert line.read() == [record.Start(channels=2, format=AudioFmt.S16, frequency=frequency)]
    source = tones(1000.0, 1000.0)
    stretches = [coder.encode(source(size * number, size, frequency)) for number in range(60)]
    line.send(record.StartMark(5), *[record.Data(number, stretch) for number, stretch in enumerate(stretches)])
    assert [(item.time, item.frequency) for item in heard] == [(number, frequency) for number in range(60)]
    assert abs(pitch(np.concatenate([item.samples for item in heard])[4800:, 1], frequency) - 1000) < 2
    guest.microphone.listen(False)
    assert line.names() == ["Stop"]
    before = len(heard)
    line.send(record.Data(0, coder.encode(np.zeros((size, 2), np.int16))))
    assert len(heard) == before and not line.closed


def test_a_packet_of_celt_that_is_damaged_is_nothing_and_those_behind_it_are_heard() -> None:
    guest = small()
    guest.microphone.listen()
    _, line = linked(guest, ChannelType.RECORD, AudioDataMode.CELT_0_5_1)
    heard: list[Heard] = []
    guest.microphone.watch(heard.append, Heard)
    packet = sound.encoder(AudioDataMode.CELT_0_5_1, 2, 44100).encode(np.zeros((256, 2), np.int16))
    line.send(record.Mode(0, AudioDataMode.CELT_0_5_1, b""), record.StartMark(0))
    for data in (packet, b"\xff" * 47, bytes(5000), packet):
        line.send(record.Data(0, data))
    assert len(heard) == 2 and not line.closed


@pytest.mark.parametrize(("mode", "broken"), [(AudioDataMode.RAW, bytes(6)), (AudioDataMode.OPUS, b"\xff" * 9)])
def test_what_can_not_be_read_is_nothing(mode: int, broken: bytes) -> None:
    if mode == AudioDataMode.OPUS and not extras.present("av"):
        pytest.skip(f"needs {extras.install('av')}")
    guest = small()
    guest.microphone.listen()
    _, line = linked(guest, ChannelType.RECORD, AudioDataMode.OPUS)
    heard: list[Any] = []
    guest.microphone.watch(heard.append, Heard)
    line.send(record.Mode(0, mode, b""), record.StartMark(0), record.Data(0, broken))
    assert heard == [] and not line.closed


def test_a_mode_that_nobody_knows_ends_the_channel() -> None:
    wire, line = linked(small(), ChannelType.RECORD)
    line.send(record.Mode(0, 9, b""))
    wire.collect()
    assert line.closed and wire.server.sessions, "and the session goes on"


@MODES
@pytest.mark.parametrize("step", [0.0100001, 0.7], ids=["soon", "late"])
def test_the_fault_of_sound_behind_stop_is_there_whatever_a_stretch_is(mode: AudioDataMode, step: float) -> None:
    guest = small()
    wire, line = linked(guest, ChannelType.PLAYBACK, mode, fault="sound-behind-stop")
    GUESTS["tone"](guest, 1)
    names: list[str] = []
    for _ in range(10):
        wire.wait(step)
        names += line.names()
    assert names.count("Stop") == 1 and names[names.index("Stop") :] == ["Stop", "Data"]
