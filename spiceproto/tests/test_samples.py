"""What a stretch of sound has to be, and what makes sound of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spiceproto import extras, sound
from spiceproto.enums.audio import OPUS_FREQUENCIES, AudioDataMode, AudioFmt
from spiceproto.errors import LocalError, RemoteError
from spiceproto.messages import playback, record
from spiceproto.samples import Samples

CHANNEL = (5, 0)


def start(channels: int = 2, frequency: int = 48000) -> playback.Start:
    return playback.Start(channels=channels, format=AudioFmt.S16, frequency=frequency, time=0)


def found(*said: tuple[str, Any], samples: Samples | None = None) -> list[str]:
    held = samples or Samples(CHANNEL)
    return [item.requirement for name, value in said for item in held.judge("server", name, value, 0.0)]


def mode(kind: int) -> tuple[str, Any]:
    return "MODE", playback.Mode(0, kind, b"")


def data(size: int) -> tuple[str, Any]:
    return "DATA", playback.Data(0, bytes(size))


@pytest.mark.parametrize(
    ("channels", "size", "wrong"), [(2, 4, False), (2, 0, False), (2, 6, True), (2, 1, True), (1, 6, False), (1, 3, True)]
)
def test_whole_frames(channels: int, size: int, wrong: bool) -> None:
    said = (mode(AudioDataMode.RAW), ("START", start(channels)), data(size))
    assert found(*said) == (["SPICE-SOUND-005"] if wrong else [])


def test_what_is_not_known_is_not_judged() -> None:
    assert found(("START", start()), data(3)) == [], "the mode was not seen"
    assert found(mode(AudioDataMode.RAW), data(3)) == [], "START was not seen"
    assert found(mode(AudioDataMode.RAW), ("START", start(0)), data(3)) == [], "that no channel is announced is found elsewhere"
    assert found(mode(AudioDataMode.OPUS), ("START", start()), data(3)) == []
    samples = Samples(CHANNEL)
    assert found(mode(AudioDataMode.RAW), ("START", start()), samples=samples) == []
    samples.forget("server")
    assert found(data(3), samples=samples) == []
    assert found(("DATA", None)) == []


def test_frequencies_of_opus() -> None:
    for frequency in (*OPUS_FREQUENCIES, 44100):
        said = (mode(AudioDataMode.OPUS), ("START", start(2, frequency)), data(3), data(3))
        assert found(*said) == ([] if frequency in OPUS_FREQUENCIES else ["SPICE-SOUND-006"]), "once is enough"


def test_record_has_messages_of_the_same_names() -> None:
    said = [
        ("START", record.Start(channels=2, format=AudioFmt.S16, frequency=48000)),
        ("MODE", record.Mode(0, AudioDataMode.RAW, b"")),
        ("DATA", record.Data(0, bytes(5))),
    ]
    assert found(*said) == ["SPICE-SOUND-005"]


def test_samples_as_they_are() -> None:
    coder, decoder = sound.encoder(AudioDataMode.RAW, 2, 44100), sound.decoder(AudioDataMode.RAW, 2, 44100)
    pcm = np.array([[1, -2], [-32768, 32767]], np.int16)
    packet = coder.encode(pcm)
    assert packet == bytes.fromhex("0100feff0080ff7f") and coder.frames == 441
    assert np.array_equal(decoder.decode(packet), pcm) and decoder.frequency == 44100
    with pytest.raises(RemoteError, match="multiple of 4 bytes"):
        decoder.decode(packet[:6])


@pytest.mark.parametrize(
    ("kind", "channels", "frequency", "words"),
    [
        (AudioDataMode.INVALID, 2, 48000, "no such encoding"),
        (9, 2, 48000, "no such encoding"),
        (AudioDataMode.RAW, 0, 48000, "no such number of sound channels"),
        (AudioDataMode.RAW, 255, 48000, "no such number of sound channels"),
        (AudioDataMode.RAW, 2, 0, "no such number of frames"),
        (AudioDataMode.RAW, 2, 4294967295, "no such number of frames"),
    ],
)
def test_what_nobody_can_play(kind: int, channels: int, frequency: int, words: str) -> None:
    for make in (sound.decoder, sound.encoder):
        with pytest.raises(LocalError, match=words):
            make(kind, channels, frequency)


def test_opus() -> None:
    if not extras.present("av"):
        pytest.skip(f"needs {extras.install('av')}")
    coder, decoder = sound.encoder(AudioDataMode.OPUS, 2, 48000), sound.decoder(AudioDataMode.OPUS, 1, 24000)
    assert coder.frames == 480 and decoder.frequency == 48000
    assert decoder.decode(coder.encode(np.zeros((480, 2), np.int16))).shape == (480, 2)
    with pytest.raises(LocalError, match="48000 frames a second"):
        sound.encoder(AudioDataMode.OPUS, 1, 44100)
