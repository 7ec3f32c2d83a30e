"""``spiceconf replay``: what it prints, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.command import main
from conformance.replay.recording import read
from conformance.replay.tests.played import ANDRIS, CAPTURES, SEABIOS, recorded
from conformance.tests.programs import PASSWORD, reference_server, settings
from spiceproto.tests.peers import PATIENCE, free_port


def said(capsys: pytest.CaptureFixture[str], *arguments: str, status: int) -> str:
    assert main(["replay", *arguments]) == status
    found = capsys.readouterr()
    return found.out + found.err


def test_text(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, str(SEABIOS), "--against", "ref:server", status=1)
    assert "session 1 of 1: the client's side, said to ref:server" in text
    assert "      agent_tokens: 10 -> 100\n" in text and "      playback:0: - -> listed\n" in text
    assert "  = LINK, INVAL_ALL_PALETTES\n" in text
    assert "    display:0: SURFACE_CREATE 1 / 1, DRAW_COPY 9 / 1, MONITORS_CONFIG 1 / 1, MARK 1 / 1\n" in text
    assert text.splitlines()[-1].startswith("9 same, 3 differs, 0 moved, 0 missing")


def test_nothing_differs(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    recorded(tmp_path, "ref:client")
    text = said(capsys, str(tmp_path / "recorded.pcapng"), "--against", "ref:client", "--all", status=0)
    assert "0 differs, 0 moved, 0 missing, 0 more" in text


def test_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [json.loads(line) for line in said(capsys, str(ANDRIS), "--against", "ref:server", "--json", status=1).splitlines()]
    assert [line["type"] for line in lines[:1] + lines[-1:]] == ["header", "footer"]
    assert lines[0]["side"] == "client" and lines[-1]["not_said"] == 3
    kinds = [line["kind"] for line in lines if line["type"] == "row"]
    assert all(
        lines[-1][kind] == kinds.count(kind) for kind in ("same", "differs", "moved", "missing", "more", "absent", "closed")
    )
    assert {line["name"] for line in lines if line["type"] == "not-said"} == {"AGENT_START", "AGENT_DATA"}
    assert {line["why"] for line in lines if line["type"] == "not-compared"}


def test_until_and_save(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    saved = tmp_path / "new.pcapng"
    options = ("--against", "ref:server", "--until", "CHANNELS_LIST", "--save", str(saved))
    text = said(capsys, str(SEABIOS), *options, status=1)
    assert "display:0" not in text and "1 message, 1 of them said again" in text
    names = [message.name for message in read(saved).messages if message.sender == "client"]
    assert sorted(names) == ["ATTACH_CHANNELS", "PONG"]


def test_a_case(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "case.py"
    assert f"wrote {path}" in said(capsys, str(SEABIOS), "--side", "server", "--as-case", str(path), status=0)
    assert '@client_case("SPICE-LINK-001/replayed-seabios-server", channel="main")' in path.read_text()


def test_usage(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "expected --against TARGET" in said(capsys, str(SEABIOS), status=2)
    assert "no speed" in said(capsys, str(SEABIOS), "--against", "ref:server", "--pace", "-1", status=2)
    assert "a side that the target does not hear" in said(
        capsys, str(SEABIOS), "--against", "ref:server", "--side", "server", status=2
    )
    assert "without a session that can be played" in said(
        capsys, str(CAPTURES / "unknown-ca.pcap"), "--against", "ref:server", status=2
    )
    assert "nothing.pcap" in said(capsys, str(tmp_path / "nothing.pcap"), "--against", "ref:server", status=2)


def test_nobody_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, str(SEABIOS), "--against", f"127.0.0.1:{free_port()}", status=3)
    assert "the target cannot be played to" in text


def test_steps_from_a_script_against_a_server_with_a_password(tmp_path: Path) -> None:
    """Over sockets: the ticket is made for the key of this server, and its pings are answered between two steps."""
    with reference_server(tmp_path) as told:
        command = [sys.executable, "-m", "conformance", "replay", str(SEABIOS), "--against", f"127.0.0.1:{told['port']}"]
        command += ["--config", str(settings(tmp_path)), "--step"]
        done = subprocess.run(command, input="\n\nc\n", capture_output=True, text=True, timeout=4 * PATIENCE, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr.count("[Enter, c, q]") == 3 and "3 of them said again" in done.stdout
    assert PASSWORD not in done.stdout + done.stderr


def test_without_the_password_nothing_is_compared(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with reference_server(tmp_path) as told:
        text = said(capsys, str(SEABIOS), "--against", f"127.0.0.1:{told['port']}", status=3)
        assert main(["fuzz", f"127.0.0.1:{told['port']}", "--count", "1"]) == 3
    assert "PERMISSION_DENIED" in text and "it needs a password: --password-file FILE" in text and "differs" not in text
    assert "it needs a password: --password-file FILE" in capsys.readouterr().err


def test_steps_end_while_nothing_more_is_typed() -> None:
    """Standard input stays open: nobody waits for its end."""
    command = [sys.executable, "-m", "conformance", "replay", str(SEABIOS), "--against", "ref:server", "--step"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    try:
        process.stdin.write(b"\nq\n")
        process.stdin.flush()
        assert process.wait(4 * PATIENCE) == 1
        assert b"1 of them said again" in process.stdout.read() and b"Fatal" not in process.stderr.read()
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    "arguments", [["--save", "/dev/null/x", "--against", "ref:server"], ["--as-case", "/dev/null/x", "--side", "client"]]
)
def test_a_place_that_cannot_be_written_is_told_at_once(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "/nowhere.pcapng", *arguments]) == 2
    assert "/dev/null/x: nothing can be written there" in capsys.readouterr().err
