"""``spiceproto export lua --install``: tshark itself says where the dissector belongs, and finds it there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from spiceproto.command import installation, main
from spiceproto.tests.peers import need, program

SESSION = Path(__file__).parents[2] / "examples" / "seabios.pcapng"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user who has installed nothing yet."""
    need("tshark")
    for name in ("WIRESHARK_CONFIG_DIR", "WIRESHARK_PLUGIN_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def install(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str, str]:
    status = main(["export", "lua", "--install", *options])
    return status, *capsys.readouterr()


def test_tshark_finds_it(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if not SESSION.exists():
        pytest.skip("the example session is part of the source tree only")
    status, out, err = install(capsys)
    path = Path(out.partition(": ")[0])
    assert (status, err) == (0, "") and path.is_relative_to(home) and path.is_file()
    command = [program("tshark"), "-r", str(SESSION), "-T", "fields", "-e", "spiceproto.message"]
    found = subprocess.run(command, capture_output=True, text=True, timeout=240, check=True)
    assert "SURFACE_CREATE" in found.stdout and "error" not in found.stderr.lower()


def test_one_of_before_is_replaced_whatever_its_name(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two would both be loaded, and the second protocol of the name is an error."""
    first = Path(install(capsys)[1].partition(": ")[0])
    renamed = first.rename(first.with_name("spice.lua"))
    text = renamed.read_text()
    renamed.write_text(text + "-- of an older version\n")
    status, out, _ = install(capsys)
    assert status == 0 and out.startswith(f"{renamed}: ")
    assert renamed.read_text() == text and list(first.parent.iterdir()) == [renamed]


def test_a_foreign_file_stays(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(install(capsys)[1].partition(": ")[0])
    path.write_text("-- somebody's own\n")
    status, out, err = install(capsys)
    assert (status, out) == (2, "") and "--force" in err and str(path) in err
    assert path.read_text() == "-- somebody's own\n"
    assert install(capsys, "--force")[0] == 0
    assert "spiceproto" in path.read_text()


def test_without_wireshark(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(installation, "which", lambda name: None)
    status, out, err = install(capsys)
    assert (status, out) == (2, "") and "tshark or wireshark on the path" in err


def test_a_wireshark_without_lua(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    stand_in = tmp_path / "tshark"
    stand_in.write_text("#!/bin/sh\necho 'Temp:    /tmp'\n")
    stand_in.chmod(0o700)
    monkeypatch.setattr(installation, "which", lambda name: str(stand_in))
    status, out, err = install(capsys)
    assert (status, out) == (2, "") and "Lua" in err


@pytest.mark.parametrize(
    "arguments", [["json", "--install"], ["lua", "--force"], ["lua", "--install", "-o", "file"], ["markdown", "--force"]]
)
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", *arguments]) == 2
    assert "--install" in capsys.readouterr().err
