"""Opus sound."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from spiceproto.codecs import opus
from spiceproto.errors import LocalError, MissingExtraError, RemoteError
from spiceproto.tests.codec_mutations import rounds, survives
from spiceproto.tests.codec_samples import messages, needs_pyav, samples


def tone(packets: int) -> opus.Sound:
    """440 Hz left, 880 Hz right."""
    time = np.arange(packets * opus.FRAME) / opus.RATE
    return (np.stack([np.sin(2 * np.pi * pitch * time) for pitch in (440, 880)], axis=1) * 12000).astype(np.int16)


def pitch(sound: opus.Sound, channel: int) -> float:
    return float(np.abs(np.fft.rfft(sound[:, channel]))[1:].argmax() + 1) * opus.RATE / len(sound)


def test_round_trip() -> None:
    needs_pyav()
    coder, decoder = opus.OpusEncoder(), opus.OpusDecoder()
    parts = []
    for part in np.split(tone(100), 100):
        packet = coder.encode(part)
        assert opus.samples(packet) == opus.FRAME
        assert len(packet) <= opus.PACKET
        found = decoder.decode(packet)
        assert found.shape == (opus.FRAME, opus.CHANNELS)
        assert found.dtype == np.int16
        parts.append(found)
    sound = np.concatenate(parts)[4800:]
    assert abs(pitch(sound, 0) - 440) < 5
    assert abs(pitch(sound, 1) - 880) < 5
    assert 11000 < sound.max() < 13000


def test_real() -> None:
    """Twenty packets of a PC speaker that plays a falling, then rising scale from about 490 Hz."""
    needs_pyav()
    (entry,) = samples("opus")
    decoder = opus.OpusDecoder()
    packets = messages(entry["data"])
    assert len(packets) == entry["frames"]
    sound = np.concatenate([decoder.decode(packet) for packet in packets])
    assert sound.shape == (entry["frames"] * opus.FRAME, opus.CHANNELS)
    assert 400 < pitch(sound[4800:], 0) < 900


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        (b"\x00", 480),
        (b"\x08", 960),
        (b"\x1b\x01", 2880),
        (b"\x80", 120),
        (b"\x81", 240),
        (b"\xf0", 480),
        (b"\xfc", 960),
        (b"\xe3\x04", 480),
        (b"\xff\x3f", 960 * 63),
    ],
)
def test_samples(packet: bytes, expected: int) -> None:
    assert opus.samples(packet) == expected


@pytest.mark.parametrize("packet", [b"", b"\x03", b"\xff\x00", b"\xff\xc0", b"\xfc\xff\xfe", b"\xf1\x00\x00"])
def test_packets_that_are_refused(packet: bytes) -> None:
    needs_pyav()
    with pytest.raises(RemoteError):
        opus.OpusDecoder().decode(packet)


def test_mutated() -> None:
    needs_pyav()
    coder, decoder = opus.OpusEncoder(), opus.OpusDecoder()
    packets = [coder.encode(part) for part in np.split(tone(5), 5)]

    def decode(packet: bytes) -> None:
        found = decoder.decode(packet)
        assert found.dtype == np.int16
        assert found.shape[0] <= opus.FRAME

    accepted, _ = survives(decode, packets, rounds())
    assert accepted
    assert decoder.decode(packets[0]).shape == (opus.FRAME, opus.CHANNELS)


def test_encode_refuses() -> None:
    needs_pyav()
    coder = opus.OpusEncoder()
    for sound in (np.zeros((479, 2), np.int16), np.zeros((480, 1), np.int16), np.zeros((480, 2), np.int32)):
        with pytest.raises(LocalError):
            coder.encode(sound)  # type: ignore[arg-type]


def test_missing_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    for make in (opus.OpusDecoder, opus.OpusEncoder):
        with pytest.raises(MissingExtraError, match=r"needs PyAV; expected pip install 'spiceproto\[video\]'"):
            make()
