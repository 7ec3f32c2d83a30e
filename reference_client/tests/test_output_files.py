"""Files that can not be written, and sound for which there is no channel: said before there is a session."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from reference_client.command import main
from reference_client.output_files import check, words
from spiceproto.errors import LocalError

NOWHERE = "spice://127.0.0.1:1"
"""Nobody listens there: who connects fails with another status."""


def refused(*options: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What is said of wrong usage, in one line."""
    assert main([NOWHERE, *options]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "Traceback" not in said and "Errno" not in said
    return said


@pytest.mark.parametrize("option", ["--screenshot", "--record-video", "--record-wav"])
@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("missing/x", "No such file or directory"),
        ("file/x", "Not a directory"),
        ("folder", "Is a directory"),
        ("closed/x", "Permission denied"),
    ],
)
def test_a_place_that_can_not_be_written(
    option: str, place: str, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_bytes(b"kept")
    (tmp_path / "folder").mkdir()
    closed = tmp_path / "closed"
    closed.mkdir(0o555)
    if place.startswith("closed") and os.access(closed, os.W_OK):
        pytest.skip("this user may write everywhere")
    said = refused(option, str(tmp_path / place), capsys=capsys)
    assert f"{tmp_path / place}: {why}" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["closed", "file", "folder"]


@pytest.mark.parametrize(
    ("option", "name", "ending"),
    [
        ("--screenshot", "x.jpg", ".png"),
        ("--screenshot", "x-{display}.PDF", ".png"),
        ("--record-video", "x.avi", ".mp4"),
        ("--record-wav", "x.mp3", ".wav"),
    ],
)
def test_an_ending_of_something_else(
    option: str, name: str, ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(option, str(tmp_path / name), capsys=capsys)
    assert f"a name that ends in {ending}" in said and name in said
    assert not list(tmp_path.iterdir())


def test_what_can_be_written_is_left_as_it_is(tmp_path: Path) -> None:
    there, link = tmp_path / "there.PNG", tmp_path / "link.png"
    there.write_bytes(b"kept")
    link.symlink_to(tmp_path / "later.png")
    for path in (
        there,
        link,
        tmp_path / "new.png",
        tmp_path / "new-{display}-{head}.png",
        tmp_path / "without",
        Path("/dev/null"),
    ):
        check("--screenshot", str(path))
    assert there.read_bytes() == b"kept" and link.is_symlink() and stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.png", "there.PNG"]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.wav"
    os.mkfifo(pipe)
    thread = threading.Thread(target=check, args=("--record-wav", str(pipe)), daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()


def test_words() -> None:
    assert words(OSError(28, "No space left on device", "x.png")) == "x.png: No space left on device"
    assert words(OSError("no words")) == "no words" and words(LocalError("so it is")) == "so it is"


def test_a_device_for_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--speaker and --microphone" in refused("--sound-device", "0", capsys=capsys)


@pytest.mark.parametrize("channels", [["--channels", "main,display"], ["--disable-channels", "record;playback"]])
@pytest.mark.parametrize("option", ["--play-wav", "--record-wav"])
def test_sound_without_its_channel(
    option: str, channels: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from spiceproto.wav import Writer

    path = tmp_path / "x.wav"
    if option == "--play-wav":
        import numpy as np

        writer = Writer(path)
        writer.play(0, 48000, np.zeros((480, 2), np.int16))
        writer.close()
    said = refused(option, str(path), *channels, capsys=capsys)
    assert f"{option} needs the channel {'record' if option == '--play-wav' else 'playback'}" in said and channels[0] in said
