"""``spiceproto extract CAPTURE sound``: against what the clients of recordings heard, and captures that are odd."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from spiceproto import sound
from spiceproto.command import main
from spiceproto.enums.audio import AudioDataMode, AudioFmt
from spiceproto.messages import playback
from spiceproto.report.sounds import Track
from spiceproto.tests.recorded import recording

EXAMPLE = Path(__file__).parents[2] / "examples" / "seabios.pcapng"
ODD = Path(__file__).parents[2] / "conformance" / "tests" / "data"

TENTH = 4800
"""Frames of 100 ms."""


def read(path: Path) -> tuple[int, NDArray[np.int16]]:
    with wave.open(str(path)) as file:
        data = file.readframes(file.getnframes())
        return file.getframerate(), np.frombuffer(data, "<i2").reshape(-1, file.getnchannels())


def pitch(samples: NDArray[np.int16], rate: int) -> float:
    """Hertz of the loudest tone, to less than one."""
    strength = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 16))
    return float(strength[10:].argmax() + 10) * rate / (1 << 16)


@pytest.mark.parametrize("name", ["qemu-pcspk-playback-opus", "qemu-pcspk-playback-raw"])
def test_what_the_client_heard(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = recording(name)
    assert main(["extract", str(path), "sound", "-o", str(tmp_path / "here")]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 file of sound, of 1 channels that could carry any"
    rate, samples = read(tmp_path / "here" / "session1-playback.wav")
    tones = path.with_name(f"{name}.tones.txt").read_text()
    assert f"{rate} Hz stereo s16 as the client decoded it, {len(samples)} frames" in tones
    found = [pitch(samples[at : at + TENTH, 0], rate) for at in range(0, len(samples) - TENTH + 1, TENTH)]
    wanted = list(map(int, tones.splitlines()[1].split()))
    assert len(found) == len(wanted) and np.abs(np.array(found) - wanted).max() < 2


def test_what_the_guest_heard(tmp_path: Path) -> None:
    assert main(["extract", str(recording("qemu-ac97-record-opus")), "sound", "-o", str(tmp_path)]) == 0
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["index.jsonl", "session1-record.wav"], "nothing was played"
    rate, samples = read(tmp_path / "session1-record.wav")
    assert abs(pitch(samples[:, 1], rate) - 440) < 1


def test_a_capture_without_sound(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["extract", str(EXAMPLE), "sound", "-o", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "0 files of sound, of 0 channels that could carry any\n"


def test_what_is_not_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["extract", str(ODD / "record-after-stop.pcap"), "sound", "-o", str(tmp_path)])
    said = capsys.readouterr().err
    assert said == "session1-record: 1 DATA not written: MODE was not seen before it\n"


def test_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["extract", str(tmp_path / "none.pcap"), "sound", "-o", str(tmp_path / "here")]) == 2
    assert "none.pcap" in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    assert main(["extract", str(EXAMPLE), "sound", "-o", str(tmp_path / "file")]) == 2


def start(channels: int = 2, frequency: int = 44100) -> Any:
    return playback.Start(channels=channels, format=AudioFmt.S16, frequency=frequency, time=0)


def mode(kind: int) -> Any:
    return playback.Mode(0, kind, b"")


def test_a_decoder_lives_on_over_stop_and_start(tmp_path: Path) -> None:
    """CELT, whose packets depend on those before them: the same sound, whether STOP and START come in between or not."""
    coder = sound.encoder(AudioDataMode.CELT_0_5_1, 2, 44100)
    time = np.arange(20 * coder.frames)[:, np.newaxis] / 44100
    pcm = np.rint(8000 * np.sin(2 * np.pi * np.array([440, 660]) * time)).astype(np.int16)
    packets = [coder.encode(part) for part in np.split(pcm, 20)]
    heard = []
    for name, again in (("through", False), ("again", True)):
        track = Track(name, tmp_path)
        track.message("MODE", mode(AudioDataMode.CELT_0_5_1))
        track.message("START", start())
        for number, packet in enumerate(packets):
            if again and number == 10:
                track.message("STOP", playback.Stop())
                track.message("START", start())
            track.message("DATA", playback.Data(0, packet))
        track.writer.close()
        heard.append(read(tmp_path / f"{name}.wav"))
    assert heard[0][0] == 44100 and np.array_equal(heard[0][1], heard[1][1])
    error = heard[0][1][2000:].astype(float) - pcm[2000 - 128 : -128]
    assert 10 * np.log10(np.mean(pcm.astype(float) ** 2) / np.mean(error**2)) > 12, "it is the sound that was said"


def test_another_kind_of_sound_is_another_file(tmp_path: Path) -> None:
    track = Track("x", tmp_path)
    track.message("MODE", mode(AudioDataMode.RAW))
    for channels, frequency in ((2, 48000), (1, 48000), (0, 48000)):
        track.message("START", start(channels, frequency))
        track.message("DATA", playback.Data(0, bytes(8)))
    track.writer.close()
    assert [path.name for path in track.writer.files] == ["x.wav", "x-2.wav"]
    assert track.stretches == 2 and sum(track.lost.values()) == 1
