"""The file of SSLKEYLOGFILE: made for its owner alone, written behind what is there, and told where it can not be had."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from spiceproto.key_log import key_log


def test_without_the_variable_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSLKEYLOGFILE", raising=False)
    assert key_log() is None
    monkeypatch.setenv("SSLKEYLOGFILE", "")
    assert key_log() is None


def test_a_new_file_is_its_owner_s(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "keys"
    monkeypatch.setenv("SSLKEYLOGFILE", str(path))
    assert key_log() == str(path) and path.read_bytes() == b""
    assert os.name == "nt" or stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_is_there_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text("# a browser's\n")
    monkeypatch.setenv("SSLKEYLOGFILE", str(path))
    key_log()
    assert path.read_text() == "# a browser's\n"


def test_a_place_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "none" / "keys"))
    with pytest.raises(OSError, match="No such file") as caught:
        key_log()
    assert caught.value.filename == f"SSLKEYLOGFILE={tmp_path / 'none' / 'keys'}"
