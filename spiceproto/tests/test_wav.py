"""Sound in files."""

from __future__ import annotations

import errno
import gc
import io
import sys
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spiceproto import wav
from spiceproto.errors import LocalError
from spiceproto.wav import Kept, Player, Tone, Writer


def stretch(channels: int, count: int = 480) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    return np.arange(count * channels, dtype=np.int16).reshape(count, channels)


def read(path: Path) -> tuple[int, int, bytes]:
    with wave.open(str(path)) as file:
        return file.getframerate(), file.getnchannels(), file.readframes(file.getnframes())


def test_what_is_heard_is_written(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "heard.wav")
    writer.play(0, 48000, stretch(2))
    writer.play(10, 48000, stretch(2))
    writer.play(20, 44100, stretch(1))
    writer.close()
    writer.close()
    assert [path.name for path in writer.files] == ["heard.wav", "heard-2.wav"]
    assert read(writer.files[0]) == (48000, 2, stretch(2).astype("<i2").tobytes() * 2)
    assert read(writer.files[1]) == (44100, 1, stretch(1).astype("<i2").tobytes())


def test_a_file_that_can_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    printed: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", printed.append)
    writer = Writer(tmp_path / "nowhere" / "heard.wav")
    with pytest.raises(FileNotFoundError):
        writer.play(0, 48000, stretch(2))
    writer.close()
    del writer
    gc.collect()
    assert not printed and not list(tmp_path.iterdir()), "nothing is left, and no traceback of what is thrown away"


def test_what_a_file_has_no_room_for_begins_a_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert wav._MOST + wav._HEADER.size <= 0xFFFFFFFF
    monkeypatch.setattr(wav, "_MOST", 2 * stretch(2).nbytes)
    writer = Writer(tmp_path / "heard.wav")
    for time in range(3):
        writer.play(time, 48000, stretch(2))
    assert [read(path)[2] for path in writer.files] == [stretch(2).tobytes() * 2, stretch(2).tobytes()]
    writer.close()


class _Full(io.BytesIO):
    """A file on a disk that is full behind so many bytes; closing it fails, too."""

    def write(self, data: Any) -> int:
        if len(self.getvalue()) + len(data) > 3000:
            raise OSError(errno.ENOSPC, "no space")
        return super().write(data)

    def close(self) -> None:
        raise OSError(errno.ENOSPC, "no space")


def test_a_full_disk_is_told_once_and_leaves_what_came_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer, file = Writer(tmp_path / "heard.wav"), _Full()
    monkeypatch.setattr(Path, "open", lambda path, mode: file)
    writer.play(0, 48000, stretch(2))
    with pytest.raises(OSError, match=r"no space.*heard\.wav"):
        writer.play(10, 48000, stretch(2))
    writer.close()
    with wave.open(io.BytesIO(file.getvalue())) as written:
        assert written.readframes(written.getnframes()) == stretch(2).tobytes()


def test_what_is_said_is_read_again_and_again(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "say.wav")
    writer.play(0, 8000, stretch(1, 100))
    writer.close()
    player = Player(tmp_path / "say.wav")
    assert player.frequency == 8000
    assert player.say(95, 10, 2, 8000).tolist() == [[number % 100] * 2 for number in range(95, 105)]
    assert player.say(0, 12, 1, 48000)[:, 0].tolist() == [0] * 6 + [1] * 6


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "say.wav is not a WAV file"),
        (b"RIFF\x04\0\0\0WAVE", "say.wav is not a WAV file"),
        (b"hello" * 20, "say.wav is not a WAV file"),
    ],
)
def test_no_wav(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "say.wav"
    path.write_bytes(content)
    with pytest.raises(LocalError, match=words):
        Player(path)


def test_a_wav_that_can_not_be_said(tmp_path: Path) -> None:
    path = tmp_path / "say.wav"
    for width, count, words in ((1, 5, "16 bits"), (2, 0, "without sound")):
        with wave.open(str(path), "wb") as file:
            file.setparams((1, width, 8000, 0, "NONE", ""))
            file.writeframes(bytes(width * count))
        with pytest.raises(LocalError, match=words):
            Player(path)


def test_what_is_kept_is_written_once_and_is_a_minute_at_most(tmp_path: Path) -> None:
    kept, path = Kept(), tmp_path / "kept.wav"
    kept.write(path)
    assert not path.exists()
    for number in range(70):
        kept.play(number, 8000, np.full((8000, 1), number, np.int16))
    kept.write(path)
    with wave.open(str(path)) as file:
        data = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    assert len(data) == 60 * 8000 and data[0] == 10 and data[-1] == 69
    path.unlink()
    kept.write(path)
    assert not path.exists()


@pytest.mark.parametrize("count", [0, 1])
def test_what_is_kept_is_so_many_stretches_at_most(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wav, "_STRETCHES", 5)
    kept = Kept()
    for number in range(9):
        kept.play(number, 8000, np.full((count, 1), number, np.int16))
    assert [time for time, _, _ in kept._stretches] == [4, 5, 6, 7, 8]


def test_a_tone_is_what_is_said() -> None:
    tone = Tone()
    assert not tone.say(0, 100, 2, 48000).any()
    tone.hertz = 1000
    said = tone.say(0, 48000, 1, 48000)
    assert np.abs(np.fft.rfft(said[:, 0])).argmax() == 1000
    assert np.array_equal(tone.say(100, 10, 2, 48000)[:, 1], said[100:110, 0])
