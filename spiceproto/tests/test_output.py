"""What commands write: a whole file or the one that was there, never the capture itself; any name of a file; a full disk."""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from spiceproto.command import anonymise, main, output, view_live
from spiceproto.tests.test_extraction import EXAMPLE, extract
from spiceproto.view import document

PAGE = ("--no-rules", "--no-pictures")


@pytest.fixture
def named(tmp_path: Path) -> Path:
    """A capture whose name is no UTF-8."""
    path = tmp_path / os.fsdecode(b"caf\xe9.pcapng")
    try:
        path.write_bytes(EXAMPLE.read_bytes())
    except OSError:
        pytest.skip("the file system takes names in UTF-8 alone")
    return path


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("command", [["stats", str(EXAMPLE)], ["diff", str(EXAMPLE), str(EXAMPLE)]], ids=lambda words: words[0])
def test_a_full_disk_is_a_sentence(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with open("/dev/full", "w", encoding="utf-8") as out:
        monkeypatch.setattr(sys, "stdout", out)
        assert main(command) == 2
    assert capsys.readouterr().err == f"spiceproto: standard output: {os.strerror(28)}\n"


@pytest.mark.parametrize("command", [["decode"], ["view", *PAGE]], ids=lambda words: words[0])
def test_the_capture_itself_is_not_overwritten(command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, other = tmp_path / "a.pcapng", tmp_path / "b.pcapng"
    path.write_bytes(EXAMPLE.read_bytes())
    other.symlink_to(path)
    assert main([*command, str(path), "-o", str(other)]) == 2
    assert "b.pcapng is the capture itself" in capsys.readouterr().err and path.read_bytes() == EXAMPLE.read_bytes()


def test_an_interrupted_page_leaves_the_one_that_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken_off(*_: object) -> Iterator[str]:
        yield "half a page"
        os.kill(os.getpid(), signal.SIGTERM)
        yield "the rest"

    page = tmp_path / "page.html"
    page.write_text("the old one", encoding="utf-8")
    monkeypatch.setattr(document, "parts", broken_off)
    assert main(["view", str(EXAMPLE), "-o", str(page), *PAGE]) == 130
    assert [(item.name, item.read_text(encoding="utf-8")) for item in tmp_path.iterdir()] == [("page.html", "the old one")]


def test_a_copy_that_is_no_likeness_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "copy.pcapng"
    copy.write_bytes(b"the old one")
    counts = iter("abcdefgh")
    monkeypatch.setattr(anonymise, "_counts", lambda _: Counter([("client", next(counts))]))
    assert main(["anonymise", str(EXAMPLE), "-o", str(copy)]) == 1
    assert [(item.name, item.read_bytes()) for item in tmp_path.iterdir()] == [("copy.pcapng", b"the old one")]


def test_a_file_keeps_its_mode_and_a_link_its_place(tmp_path: Path) -> None:
    path, link = tmp_path / "a", tmp_path / "b"
    path.touch()
    path.chmod(0o640)
    link.symlink_to(path)
    with output.whole(link) as place:
        place.write_text("new", encoding="utf-8")
    assert link.is_symlink() and path.read_text(encoding="utf-8") == "new" and path.stat().st_mode & 0o777 == 0o640


def test_a_page_of_a_name_that_is_no_utf_8(named: Path, tmp_path: Path) -> None:
    assert main(["view", str(named), "-o", str(tmp_path / "page.html"), *PAGE]) == 0
    assert "<h1>caf\\xe9.pcapng</h1>" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_live_page_of_a_name_that_is_no_utf_8(named: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = []

    async def served(serving: view_live._Serving, *_: object) -> int:
        names.append(serving.name)
        return 0

    monkeypatch.setattr(view_live._Serving, "run", served)
    assert main(["view", str(named), "--live"]) == 0 and names == ["caf\\xe9.pcapng"]


def test_records_of_a_name_that_is_no_utf_8(named: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decode", str(named), "--format", "jsonl"]) == 0
    assert "caf\\\\xe9.pcapng" in capsys.readouterr().out.split("\n", 1)[0]
    assert extract(named, "clipboard", tmp_path / "files")[0]["capture"] == "caf\\xe9.pcapng"


def test_an_archive_of_a_name_that_is_no_utf_8(named: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pyarrow")
    assert main(["archive", str(EXAMPLE), "-o", str(named.with_suffix("")), "--no-rules"]) == 2
    assert "caf\\xe9 can not be used; expected a name in UTF-8" in capsys.readouterr().err


def test_files_of_another_run_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for kind, said in (
        ("images", ""),
        ("images", ""),
        ("clipboard", f"{tmp_path}: 9 other files in it, not of this capture\n"),
    ):
        assert main(["extract", str(EXAMPLE), kind, "-o", str(tmp_path)]) == 0
        assert capsys.readouterr().err == said
