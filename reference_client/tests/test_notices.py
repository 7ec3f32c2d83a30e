"""What the server has to say to the user: who is told, and how much."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reference_client.events import ChannelClosed, Notified
from reference_client.notices import LINES, LONGEST, Notices, one_line
from reference_client.tests.viewed import Viewed, run, said
from reference_client.view.notices import KEPT
from spiceproto.tests.peers import PATIENCE, running


def notice(text: str, *, severity: int = 0, visibility: int = 2) -> Notified:
    return Notified(channel="main", severity=severity, visibility=visibility, what=0, text=text)


@pytest.mark.parametrize(
    ("severity", "visibility", "line"),
    [
        (0, 2, None),
        (1, 2, None),
        (2, 0, "the server says: noon"),
        (77, 77, None),
    ],
)
def test_errors_alone_are_printed(severity: int, visibility: int, line: str | None) -> None:
    shown: list[str] = []
    notices = Notices(shown.append)
    notices.on_event(ChannelClosed("main", 0, "noon"))
    notices.on_event(notice("noon", severity=severity, visibility=visibility))
    assert shown == ([] if line is None else [line])


def test_a_server_that_says_much_is_cut_short() -> None:
    shown: list[str] = []
    notices = Notices(shown.append)
    for _ in range(3 * LINES):
        notices.on_event(notice("long" * LONGEST, severity=2))
    assert len(shown) == LINES + 1 and "--log" in shown[-1]
    assert max(len(line) for line in shown) < LONGEST + 50


def test_a_notice_is_one_line_without_control_characters() -> None:
    assert one_line(" one\ntwo\x1b[31m\u202e  three\x00 ") == "one two [31m three"
    assert one_line("\n" * 100_000) == ""


def test_pages_are_told_and_later_ones_of_the_newest() -> None:
    async def body(viewed: Viewed) -> None:
        async with viewed.open() as page:
            viewed.view.on_event(notice("first", severity=2))
            assert await said(page, "notice") == {"event": "notice", "severity": "error", "text": "first"}
        for number in range(10):
            viewed.view.on_event(notice(f"number {number}"))
        async with viewed.open() as page:
            found = [(await said(page, "notice"))["text"] for _ in range(KEPT)]
            assert found == [f"number {number}" for number in range(10 - KEPT, 10)]

    run(body)


@pytest.mark.parametrize("log", [False, True])
def test_the_program_logs_a_warning_and_prints_none(tmp_path: Path, log: bool) -> None:
    server = [sys.executable, "-m", "reference_server", "--port", "0", "--disable-ticketing", "--write-vv", "guest.vv"]
    client = [sys.executable, "-m", "reference_client", "guest.vv", "--screenshot", "guest.png", *(["--log"] if log else [])]
    with running(*server, log=tmp_path / "log", ready=(tmp_path / "guest.vv").exists, cwd=tmp_path):
        done = subprocess.run(client, capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    text = "the inputs channel has no TLS, and others may read what is typed"
    assert done.stderr == ""
    assert (text in done.stdout) == log
