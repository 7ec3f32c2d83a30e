"""What the page of ``spiceproto view`` has beside the list: sound, shapes of the pointer, films, transfers, numbers."""

from __future__ import annotations

import json
from base64 import b64decode
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from spiceproto import extras, png
from spiceproto.codecs import jpeg
from spiceproto.command import main
from spiceproto.enums.audio import AudioDataMode, AudioFmt
from spiceproto.messages import agent, playback
from spiceproto.tests.recorded import recording
from spiceproto.tests.shown_capture import COLOURS, OPTIONS, SIDE, capture, film, sound
from spiceproto.tests.test_extract import read
from spiceproto.tests.test_extraction import agent_said, made
from spiceproto.tests.test_view import EXAMPLE, Page, page
from spiceproto.view import films, shapes, sounds
from spiceproto.view.played import _Wav, played


def held(found: Page, name: str, number: int) -> bytes:
    """What the page holds for a pane."""
    text = found.text.partition(f'id="held-{name}-{number}">')[2].partition("<")[0]
    return b64decode(text)


def heard(data: bytes) -> tuple[int, NDArray[np.int16]]:
    """Frames a second, and the left side of a file of sound, decoded by FFmpeg."""
    av: Any = extras.load("av", "a test")
    with av.open(BytesIO(data)) as file:
        resampled = av.AudioResampler(format="s16", layout="mono", rate=48000)
        parts = [part.to_ndarray() for frame in file.decode(audio=0) for part in resampled.resample(frame)]
    return 48000, np.concatenate(parts, axis=1)[0]


@pytest.fixture
def shown(tmp_path: Path) -> Page:
    return page(tmp_path, str(capture(tmp_path)), *OPTIONS)


def names(found: Page, rows: list[Any]) -> list[str]:
    return [found.kind(row)[1] for row in rows]


def test_sound_has_marks_where_time_passed(shown: Page) -> None:
    (track,) = shown.about["panes"]["sound"]
    assert (track["what"], track["seconds"], track["full"]) == ("RAW, one channel, 8000 Hz", 2.0, False)
    assert [mark[:3] for mark in track["marks"]] == [[1.0, "stop", 2.0], [1.5, "gap", 0.3]]
    assert set(names(shown, [row for _, row in track["rows"]])) == {"DATA"} and len(track["rows"]) == 20
    lowest, highest = (np.array(track["peaks"])[:, side] for side in (0, 1))
    assert np.allclose(highest, 16000 / 32768, atol=0.02) and np.allclose(lowest, -highest, atol=0.02)


def test_sound_is_what_was_played(shown: Page) -> None:
    (track,) = shown.about["panes"]["sound"]
    data = held(shown, "sound", 0)
    assert track["type"] == "audio/ogg" and len(data) < 2 * 8000 * 2
    rate, samples = heard(data)
    assert abs(len(samples) / rate - 2.0) < 0.1
    strength = np.abs(np.fft.rfft(samples[4800:43200]))
    assert abs(strength.argmax() * rate / 38400 - 400) < 3


def test_wav_is_samples(tmp_path: Path) -> None:
    file, samples = _Wav(8000, 2), np.arange(-50, 50, dtype=np.int16).reshape(-1, 2)
    assert file.add(samples) + file.add(samples) == 400
    (tmp_path / "one.wav").write_bytes(file.close())
    rate, found = read(tmp_path / "one.wav")
    assert rate == 8000 and (found == np.concatenate([samples, samples])).all()


def test_without_pyav_sound_is_wav(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "present", lambda module: module != "av")
    assert played(8000, 1).type == "audio/wav"


def test_opus_of_a_recording(tmp_path: Path) -> None:
    found = page(tmp_path, str(recording("qemu-ac97-record-opus")))
    (track,) = found.about["panes"]["sound"]
    assert track["name"] == "session 1, record:0" and [mark[1] for mark in track["marks"]] == ["stop"]
    _, samples = heard(held(found, "sound", 0))
    strength = np.abs(np.fft.rfft(samples[48000:96000]))
    assert abs(int(strength.argmax()) - 440) <= 2, "Hz, of a second"


def test_sound_that_is_not_in_the_page_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sounds, "ROOM", 3000)
    found = page(tmp_path, str(capture(tmp_path)), *OPTIONS)
    (track,) = found.about["panes"]["sound"]
    assert track["full"] and 0 < track["seconds"] < 2
    assert any(f"ends at {track['seconds']:.1f} s in this page" in line for line in found.about["said"])


def test_sound_that_is_too_slow_or_too_long_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few bytes at 1 Hz are minutes; one DATA may be longer than a track may."""
    monkeypatch.setattr(sounds, "_SECONDS", 0.01)
    said: list[Any] = [playback.Mode(0, AudioDataMode.RAW, b"")]
    for frequency in (1, 8000):
        start = playback.Start(channels=1, format=AudioFmt.S16, frequency=frequency, time=0)
        said += [start, playback.Data(0, bytes(32000)), playback.Stop()]
    path = made(tmp_path, playback=[("server", value) for value in said])
    found = page(tmp_path, str(path), *OPTIONS, "--no-rules").about
    (track,) = found["panes"]["sound"]
    assert (track["seconds"], track["full"]) == (pytest.approx(0.01, abs=0.001), True)
    assert any(line.endswith("START says 1 Hz, and a page has sound of 4000 to 192000 Hz") for line in found["said"])


def test_data_that_can_not_be_decoded_is_said(tmp_path: Path) -> None:
    said = [*sound()[:4], ("server", playback.Data(1200, b"abc")), *sound()[5:7]]
    found = page(tmp_path, str(made(tmp_path, playback=said)), *OPTIONS)
    (track,) = found.about["panes"]["sound"]
    assert "lost" in [mark[1] for mark in track["marks"]]
    assert any(line.startswith("1 DATA of sound are not in this page: a part of a frame") for line in found.about["said"])


def test_bytes_that_are_missing_are_a_mark(tmp_path: Path) -> None:
    """The fifth DATA is not in the capture: packets are three of the beginning, MODE, START, then DATA."""
    found = page(tmp_path, str(made(tmp_path, playback=sound(), without=9)), *OPTIONS)
    (track,) = found.about["panes"]["sound"]
    assert "hole" in [mark[1] for mark in track["marks"] if mark[0] < 1]


def test_shapes_and_which_was_there(shown: Page) -> None:
    found = shown.about["panes"]["shapes"]
    assert [(item["x"], item["y"], item["type"]) for item in found["shapes"]] == [(0, 1, "ALPHA"), (1, 1, "ALPHA")]
    assert [(use[2], use[3]) for use in found["uses"]] == [(0, False), (1, False), (-1, False), (0, True)]
    assert names(shown, [use[0] for use in found["uses"]]) == ["SET", "SET", "HIDE", "SET"]
    picture = png.decode(held(shown, "shapes", 0))
    assert picture[0].tolist() == [[255, 0, 0], [128, 0, 0]], "colours are not multiplied by alpha"


def test_shapes_that_find_no_room_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "_SHAPES", 1)
    found = page(tmp_path, str(capture(tmp_path)), *OPTIONS)
    assert len(found.about["panes"]["shapes"]["shapes"]) == 1
    assert any("1 shapes of the pointer" in line for line in found.about["said"])


def test_a_film_of_mjpeg_stands_in_the_bodies(shown: Page) -> None:
    (found,) = shown.about["panes"]["films"]
    assert (found["codec"], found["reports"], found["dropped"], found["top_down"]) == ("MJPEG", 1, 2, True)
    assert names(shown, found["rows"]) == ["STREAM_CREATE", "STREAM_DESTROY"]
    assert [frame[1] for frame in found["frames"]] == [7000, 7040, 7080, 8080]
    assert [frame[6] for frame in found["frames"]] == [0, 0, 1, 1]
    for frame, colour in zip(found["frames"], COLOURS, strict=True):
        data = (shown.bodies[frame[0]] or b"")[frame[3] :]
        older = b64decode(found["tables"][frame[4]]) if frame[4] >= 0 else b""
        assert bool(older) == (frame is not found["frames"][0]) and frame[5] == -1
        pixel = int(jpeg.decode(data[:2] + older + data[2:])[SIDE // 2, SIDE // 2])
        assert all(abs((pixel >> shift & 0xFF) - (colour >> shift & 0xFF)) < 12 for shift in (0, 8, 16))


def test_frames_of_another_codec_are_decoded(tmp_path: Path) -> None:
    path = recording("xspice-stream-vp8")
    (found,) = page(tmp_path, str(path)).about["panes"]["films"]
    assert [frame[5] for frame in found["frames"]] == list(range(81))
    (found,) = page(tmp_path, str(path), "--no-pictures").about["panes"]["films"]
    assert {frame[5] for frame in found["frames"]} == {-2} and "--pictures" in found["failed"]


def test_frames_that_find_no_room_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(films, "_FRAMES", 3)
    found = page(tmp_path, str(capture(tmp_path)), *OPTIONS)
    assert len(found.about["panes"]["films"][0]["frames"]) == 3
    assert "1 frames of video are not shown in this page: a page has at most 3" in found.about["said"]


def test_frames_without_a_stream_are_said(tmp_path: Path) -> None:
    found = page(tmp_path, str(made(tmp_path, display=film()[1:3])), *OPTIONS)
    assert not found.about["panes"]["films"]
    assert any(line.startswith("2 frames of video are not shown") for line in found.about["said"])


def test_files_and_what_was_copied_are_joined(shown: Page) -> None:
    one, copied, other = shown.about["panes"]["transfers"]
    assert (one["kind"], one["name"], one["size"], one["sent"], one["parts"]) == ("file", "letter.txt", 7, 7, 2)
    assert (one["from"], one["result"]) == ("client", "SUCCESS")
    assert [words for _, words in one["rows"]] == ["start", "3 bytes", "4 bytes", "SUCCESS"]
    assert names(shown, [row for row, _ in one["rows"]]) == [
        "FILE_XFER_START",
        "FILE_XFER_DATA",
        "FILE_XFER_DATA",
        "FILE_XFER_STATUS",
    ]
    assert (copied["from"], copied["name"], copied["result"]) == (
        "client",
        "UTF8_TEXT",
        "UTF8_TEXT: 'copied <b>text</b>'",
    )
    assert names(shown, [row for row, _ in copied["rows"]]) == ["CLIPBOARD_GRAB", "CLIPBOARD_REQUEST", "CLIPBOARD"]
    assert (other["sent"], other["size"], other["result"]) == (2, 9, "no result was seen")
    assert "<img src=x" not in shown.text


def test_a_transfer_whose_beginning_is_missing(tmp_path: Path) -> None:
    said = [agent_said("client", agent.FileXferData(3, b"abc"))]
    (found,) = page(tmp_path, str(made(tmp_path, main=said)), *OPTIONS).about["panes"]["transfers"]
    assert (found["size"], found["sent"], found["result"]) == (None, 3, "its beginning was not seen")


def test_the_clipboard_of_a_recording(tmp_path: Path) -> None:
    found = page(tmp_path, str(recording("qemu-agent-clipboard"))).about["panes"]["transfers"]
    assert [item["from"] for item in found] == ["server", "server", "client"]
    assert found[-1]["result"] == "UTF8_TEXT: 'text from the client, é€'"


def test_numbers_are_those_of_stats(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = page(tmp_path, str(EXAMPLE)).about["panes"]["numbers"]
    capsys.readouterr()
    assert main(["stats", str(EXAMPLE), "--format", "json", "--dictionary"]) == 0
    said = json.loads(capsys.readouterr().out)
    trips: dict[int, list[float]] = {}
    for number, _, _, took in found["trips"]:
        trips.setdefault(number, []).append(took)
    assert {one["connection"]: one["answered"] for one in said["round_trips"]} == {n: len(t) for n, t in trips.items()}
    for one in said["round_trips"]:
        assert max(trips[one["connection"]]) == pytest.approx(one["most"], abs=1e-5)
    assert found["caches"] == said["caches"]
    assert {(n, window) for n, _, _, window in found["windows"]} == {
        (one["connection"], window) for one in said["acknowledgements"] for window in one["windows"]
    }
