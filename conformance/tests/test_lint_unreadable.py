"""Recordings with bytes that nobody can read: their sender's fault, or that of whoever recorded them."""

from __future__ import annotations

import argparse
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.command.lint import run
from conformance.lint import lint
from conformance.tests.result_samples import Story
from spiceproto import framing
from spiceproto.tests.capture_samples import ACK, CAPTURES, FIN, RST, Talk, pcap

PING = struct.pack("<HL", 4, 12) + bytes(12)
"""Under mini headers, without padding."""


def session(*, lost: int = 0) -> Talk:
    """The packets of a session up to the list of channels, and behind it ``lost`` bytes that were not recorded."""
    story, talk = Story(), Talk()
    story.session()
    talk.open()
    for chunk in story.transcript.chunks:
        talk.send(chunk.sender == "client", chunk.data)
    talk.seq[False] += lost
    return talk


def broken(talk: Talk, path: Path, *, snap: int = 1 << 18) -> list[tuple[str, str]]:
    file = path / "session.pcap"
    file.write_bytes(pcap(talk.packets, 101, snap=snap))
    return [(item.requirement, item.sender) for item in lint(file).findings if not item.tolerated]


@pytest.mark.parametrize(
    ("data", "requirement"),
    [
        (struct.pack("<HL", 4, 11) + bytes(11), "SPICE-FRAME-041"),
        (struct.pack("<HL", framing.LIST, 6) + b"\1\0\xff\0\0\0", "SPICE-FRAME-042"),
        (struct.pack("<HL", 4, 1 << 20) + bytes(9), "SPICE-FRAME-012"),
        (struct.pack("<HL", 4, 0xFFFFFFFF), "SPICE-FRAME-012"),
    ],
)
def test_bytes_that_cannot_be_read(data: bytes, requirement: str, tmp_path: Path) -> None:
    talk = session()
    talk.send(False, data)
    assert broken(talk, tmp_path) == [(requirement, "server")]


@pytest.mark.parametrize("size", [3, 9])
def test_a_connection_that_its_sender_ends_inside_a_message(size: int, tmp_path: Path) -> None:
    talk = session()
    talk.send(False, PING[:size])
    talk.send(False, flags=FIN | ACK)
    talk.send(True, flags=FIN | ACK)
    assert broken(talk, tmp_path) == [("SPICE-FRAME-043", "server")]


def left(first: bool, flags: int) -> Talk:
    talk = session()
    talk.send(False, PING[:9])
    talk.send(first, flags=flags)
    if flags & FIN:
        talk.send(not first, flags=FIN | ACK)
    return talk


def test_nobody_is_blamed_for_an_end_that_was_not_its_own(tmp_path: Path) -> None:
    assert broken(left(True, FIN | ACK), tmp_path) == []
    assert broken(left(False, RST | ACK), tmp_path) == []
    assert broken(left(True, RST | ACK), tmp_path) == []
    cut_off = session()
    cut_off.send(False, PING[:9])
    assert broken(cut_off, tmp_path) == [], "the recording ends here, and not the connection"


def test_nobody_is_blamed_for_what_was_not_recorded(tmp_path: Path) -> None:
    talk = session(lost=9)
    talk.send(False, PING[9:] + struct.pack("<HL", 4, 0xFFFFFFFF))
    for _ in range(40):
        talk.send(True)
    talk.send(False, PING[:5])
    talk.send(False, flags=FIN | ACK)
    talk.send(True, flags=FIN | ACK)
    assert broken(talk, tmp_path) == []


def test_nobody_is_blamed_for_what_a_snapshot_length_cut_off(tmp_path: Path) -> None:
    talk = session()
    talk.send(False, struct.pack("<HL", 4, 400) + bytes(400) + PING[:5])
    talk.send(False, flags=FIN | ACK)
    talk.send(True, flags=FIN | ACK)
    assert broken(talk, tmp_path, snap=400) == []


def lines(capsys: pytest.CaptureFixture[str], *captures: Path) -> tuple[int, list[str]]:
    options = argparse.Namespace(captures=captures, images=False, keylog=None, decode_as=(), filter=None, json=False, all=False)
    return run(options), capsys.readouterr().out.splitlines()


def test_what_is_wrong_with_the_file_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is cut, and one that holds something else: that nothing is broken is no praise for it."""
    data = pcap(session().packets, 101)
    (cut := tmp_path / "cut.pcap").write_bytes(data[:-7])
    status, out = lines(capsys, cut)
    assert status == 0
    assert any(line.startswith("  the file ends inside ") for line in out)
    (talk := Talk()).open()
    talk.send(True, b"GET / HTTP/1.1\r\n\r\n")
    talk.send(False, b"HTTP/1.1 200 OK\r\n\r\n")
    (http := tmp_path / "http.pcap").write_bytes(pcap(talk.packets, 101))
    status, out = lines(capsys, http)
    assert (status, out[1][:26]) == (0, "  a connection in HTTP: 10")


def test_a_file_that_cannot_be_read_does_not_hide_the_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (empty := tmp_path / "empty.pcap").write_bytes(b"")
    (good := tmp_path / "good.pcap").write_bytes(pcap(session().packets, 101))
    status, out = lines(capsys, empty, good)
    assert status == 2
    assert out[0].startswith(f"{good}: 1 connection")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_the_disk_is_full(tmp_path: Path) -> None:
    (good := tmp_path / "good.pcap").write_bytes(pcap(session().packets, 101))
    for module, command in (("spiceproto.spiceconf", "lint"), ("spiceproto", "decode")):
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                [sys.executable, "-m", module, command, str(good)], stdout=full, stderr=subprocess.PIPE, text=True, check=False
            )
        assert done.returncode == 2
        assert done.stderr.endswith("output: No space left on device\n")


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("clipboard-longer-than-announced", ["SPICE-AGENT-006", "SPICE-AGENT-027", "SPICE-AGENT-006"]),
        ("monitors-config-size", ["SPICE-AGENT-010", "SPICE-AGENT-020", "SPICE-AGENT-010", "SPICE-AGENT-020"]),
    ],
)
def test_agent_messages_that_cannot_be_read(name: str, broken: list[str]) -> None:
    """Only one end speaks in these recordings, and announces nothing."""
    found = lint(CAPTURES / f"{name}.pcap")
    assert [item.requirement for item in found.findings][: len(broken)] == broken
    assert not [said for said in found.said if "agent" in said]
