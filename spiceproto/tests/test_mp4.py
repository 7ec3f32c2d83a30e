"""MP4 files: pictures come out as they went in, each at its time."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from spiceproto import mp4
from spiceproto.errors import LocalError, MissingExtraError

av = pytest.importorskip("av")

TIMES = (5.0, 5.04, 5.5, 6.5)
END = 8.0


def picture(width: int, height: int, number: int) -> NDArray[np.uint8]:
    """Blocks of 8 x 8 pixels in colours that depend on the number."""
    rows, columns = np.mgrid[0 : -(-height // 8), 0 : -(-width // 8)]
    small = np.stack([columns * 24 + number * 30, rows * 24, np.full_like(rows, number * 60)], axis=2) & 0xFF
    large: NDArray[np.uint8] = small.astype(np.uint8).repeat(8, axis=0).repeat(8, axis=1)
    return large[:height, :width]


def frames(path: Path) -> list[tuple[float, NDArray[np.uint8]]]:
    """Time and picture of each frame of a file."""
    with av.open(str(path)) as container:
        return [(float(frame.time), frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


def near(found: NDArray[np.uint8], wanted: NDArray[np.uint8]) -> bool:
    """Whether no error is larger than what H.264 makes at the edges of blocks."""
    error = np.abs(found[: wanted.shape[0], : wanted.shape[1]].astype(int) - wanted)
    return bool(error.mean() < 4 and np.median(error) < 4)


@pytest.mark.parametrize(("width", "height"), [(64, 48), (61, 37), (100, 50)])
def test_pictures_and_times(tmp_path: Path, width: int, height: int) -> None:
    writer = mp4.Writer(tmp_path / "x.mp4")
    wanted = [picture(width, height, number) for number in range(len(TIMES))]
    for each, time in zip(wanted, TIMES, strict=True):
        writer.add(each, time)
    writer.close(END)
    found = frames(tmp_path / "x.mp4")
    times = [*TIMES, END]
    assert [time for time, _ in found] == pytest.approx([time - TIMES[0] for time in times], abs=0.002)
    for (_, shown), each in zip(found, [*wanted, wanted[-1]], strict=True):
        assert shown.shape == (height + height % 2, width + width % 2, 3)
        assert near(shown, each) and not near(shown, 255 - each)


def test_another_size_is_another_file(tmp_path: Path) -> None:
    writer = mp4.Writer(tmp_path / "x.mp4")
    writer.add(picture(64, 48, 0), 1.0)
    writer.add(picture(32, 32, 1), 2.0)
    writer.add(picture(32, 32, 2), 2.25)
    writer.close()
    assert writer.files == [tmp_path / "x.mp4", tmp_path / "x-2.mp4"]
    assert [time for time, _ in frames(writer.files[0])] == pytest.approx([0, 1], abs=0.002)
    assert [time for time, _ in frames(writer.files[1])] == pytest.approx([0, 0.25], abs=0.002)


def test_a_second_picture_of_the_same_time_is_left_out(tmp_path: Path) -> None:
    writer = mp4.Writer(tmp_path / "x.mp4")
    for number in range(3):
        writer.add(picture(64, 48, number), 1.0 + number / 10_000)
    writer.close()
    ((_, shown),) = frames(tmp_path / "x.mp4")
    assert near(shown, picture(64, 48, 0))


def test_a_file_that_can_not_be_written(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        mp4.Writer(tmp_path / "nowhere" / "x.mp4")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_disk_that_is_full() -> None:
    writer = mp4.Writer("/dev/full")
    rng = np.random.default_rng(1)
    with pytest.raises(LocalError, match="can not be written"):
        for number in range(200):
            writer.add(rng.integers(0, 256, (256, 256, 3)).astype(np.uint8), number / 10)
        writer.close()
    writer.close()


def test_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    modules: Any = sys.modules
    monkeypatch.setitem(modules, "av", None)
    with pytest.raises(MissingExtraError, match=r"spiceproto\[video\]"):
        mp4.Writer(tmp_path / "x.mp4")
    assert not (tmp_path / "x.mp4").exists()
