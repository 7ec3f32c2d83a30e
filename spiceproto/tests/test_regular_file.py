"""Regular files alone: nothing waits for a pipe, and nothing without end is read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from spiceproto import regular_file
from spiceproto.errors import LocalError


def test_what_is_written_is_read(tmp_path: Path) -> None:
    file = tmp_path / "file"
    for data in (b"longer", b"short", b""):
        regular_file.write(file, data)
        assert regular_file.read(file, 6) == data
    regular_file.write(file, b"longer")
    with pytest.raises(LocalError, match="is too long; expected at most 5 bytes"):
        regular_file.read(file, 5)
    link = tmp_path / "link"
    link.symlink_to(file)
    regular_file.write(link, b"x")
    assert link.is_symlink() and file.read_bytes() == b"x"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(LocalError, match="expected a regular file; found a pipe"):
        regular_file.read(tmp_path / "pipe", 1)
    with pytest.raises(LocalError, match="expected a regular file; found a pipe"):
        regular_file.write(tmp_path / "pipe", b"x")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no devices with names")
def test_a_device_is_neither_read_nor_written() -> None:
    with pytest.raises(LocalError, match="expected a regular file; found a device or a socket"):
        regular_file.read("/dev/zero", 1)
    with pytest.raises(LocalError, match="expected a regular file; found a device or a socket"):
        regular_file.write("/dev/full", b"x")


def test_no_file(tmp_path: Path) -> None:
    for act in (lambda path: regular_file.read(path, 1), lambda path: regular_file.write(path, b"")):
        with pytest.raises(LocalError, match="no file is named"):
            act("")
        with pytest.raises(LocalError, match="expected a regular file; found a folder"):
            act(str(tmp_path))
    with pytest.raises(FileNotFoundError):
        regular_file.read(tmp_path / "nothing", 1)
    assert not (tmp_path / "nothing").exists()
    with pytest.raises(FileNotFoundError) as caught:
        regular_file.write(tmp_path / "no folder" / "file", b"")
    assert caught.value.filename == str(tmp_path / "no folder" / "file")
