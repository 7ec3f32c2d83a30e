"""The reference client and a guest agent behind QEMU's virtio port, through libspice-server: clipboards, a file, monitors."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.adapters.tests.played_guest import Guest, ReferenceClient, played_guest
from spiceproto.enums.agent import AgentMessageType, ClipboardType
from spiceproto.tests.peers import need, until

TEXT, PNG = int(ClipboardType.UTF8_TEXT), int(ClipboardType.IMAGE_PNG)
PICTURE = b"\x89PNG\r\n\x1a\n" + os.urandom((16 << 20) - 8)
"""16 MiB of what says that it is a picture; nobody looks inside."""


@pytest.fixture
def guest(tmp_path: Path) -> Iterator[Guest]:
    need("qemu-system-x86_64")
    with played_guest(tmp_path) as found:
        yield found


def client_of(folder: Path, *arguments: str) -> ReferenceClient:
    return ReferenceClient(f"spice+unix://{folder / 'spice'}", *arguments)


def test_clipboards_go_both_ways_also_when_they_are_large(tmp_path: Path, guest: Guest) -> None:
    (tmp_path / "picture").write_bytes(PICTURE)
    with client_of(tmp_path) as client:
        guest.until(lambda: client.told("agent-capabilities"), "both know what the other can do")
        client.ask("copy", text="one\ntwo")
        guest.until(lambda: guest.clipboards.types(0) == (TEXT,), "the guest knows of the text")
        guest.paste(TEXT)
        guest.until(lambda: guest.pasted, "the text is pasted in the guest")
        assert guest.pasted == [b"one\r\ntwo"]
        client.ask("copy", path=str(tmp_path / "picture"))
        guest.until(lambda: guest.clipboards.types(0) == (PNG,), "the guest knows of the picture")
        guest.paste(PNG)
        guest.until(lambda: len(guest.pasted) == 2, "the picture is pasted in the guest")
        assert guest.pasted[1] == PICTURE
        guest.copy(PICTURE, PNG)
        guest.until(lambda: client.told("clipboard-grabbed"), "the client knows of the guest's picture")
        assert client.ask("paste", path=str(tmp_path / "pasted")) == {"answer": "ok"}
        guest.until(lambda: client.told("clipboard-pasted"), "the guest's picture is pasted")
        assert (tmp_path / "pasted").read_bytes() == PICTURE


def test_a_file_and_monitors_reach_the_guest(tmp_path: Path, guest: Guest) -> None:
    content = os.urandom(3_000_000)
    (tmp_path / "letter.bin").write_bytes(content)
    with client_of(tmp_path, "--monitors", "2x800x600") as client:
        guest.until(lambda: client.told("agent-reply"), "the monitors are answered")
        assert guest.monitors == [(800, 600), (800, 600)]
        number = client.ask("send-file", path=str(tmp_path / "letter.bin"))["file"]
        guest.until(lambda: client.told("file-ended"), "the file is sent")
        assert client.told("file-ended") == [
            {"event": "file-ended", "file": number, "name": "letter.bin", "result": "success", "text": ""}
        ]
        assert guest.files == {"letter.bin": content}


def test_an_agent_that_goes_and_comes_is_greeted_and_gets_the_file_from_its_beginning(tmp_path: Path, guest: Guest) -> None:
    content = os.urandom(8_000_000)
    (tmp_path / "letter.bin").write_bytes(content)
    with client_of(tmp_path) as client:
        guest.until(lambda: client.told("agent-capabilities"), "both know what the other can do")
        client.ask("copy", text="still there")
        client.ask("send-file", path=str(tmp_path / "letter.bin"))
        guest.until(lambda: client.told("file-begun"), "the file is on its way")
        guest.port.open(False)
        until(lambda: client.told("agent-gone"), what="the client knows that the agent is gone")
        assert not client.told("file-ended")
        guest.restart()
        guest.until(lambda: client.told("file-ended"), "the file is sent to the next agent")
        assert guest.files == {"letter.bin": content} and guest.clipboards.types(0) == (TEXT,)


def command(folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "reference_client", f"spice+unix://{folder / 'spice'}", *arguments]


def _pieces(terminal: int) -> Iterator[bytes]:
    """All that was shown on a terminal whose other end is closed; a read gives 4 KiB at most."""
    with contextlib.suppress(OSError):
        while piece := os.read(terminal, 1 << 12):
            yield piece


def test_the_command_sends_files_shows_how_far_it_is_and_leaves(tmp_path: Path, guest: Guest) -> None:
    content = os.urandom(3_000_000)
    (tmp_path / "letter.bin").write_bytes(content)
    (tmp_path / "empty").write_bytes(b"")
    ours, theirs = pty.openpty()
    words = command(tmp_path, *("--send-file", str(tmp_path / "letter.bin")), *("--send-file", str(tmp_path / "empty")))
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=theirs) as process:
        os.close(theirs)
        guest.until(lambda: process.poll() is not None, "both files are sent")
    shown = b"".join(_pieces(ours)).decode()
    os.close(ours)
    assert process.returncode == 0 and guest.files == {"letter.bin": content, "empty": b""}
    assert "letter.bin" in shown and "100%" in shown


def test_the_command_writes_what_is_copied_next_and_leaves(tmp_path: Path, guest: Guest) -> None:
    with subprocess.Popen(command(tmp_path, "--paste", "-"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        guest.until(lambda: guest.terms.heard, "the client is there")
        guest.copy(b"one\r\ntwo", TEXT)
        guest.until(lambda: process.poll() is not None, "it is pasted")
        assert process.stdout is not None and process.stdout.read() == b"one\ntwo"
    assert process.returncode == 0


def test_the_command_copies_what_it_reads(tmp_path: Path, guest: Guest) -> None:
    with subprocess.Popen(command(tmp_path, "--copy", "-"), stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(b"from a pipe")
        process.stdin.close()
        guest.until(lambda: guest.clipboards.types(0) == (TEXT,), "the guest knows of the text")
        guest.paste(TEXT)
        guest.until(lambda: guest.pasted, "it is pasted in the guest")
        assert guest.pasted == [b"from a pipe"] and process.poll() is None
        process.terminate()


def test_the_command_says_what_was_not_sent(tmp_path: Path, guest: Guest) -> None:
    (tmp_path / "letter").write_text("hello")
    guest.takes_files = False
    words = command(tmp_path, "--send-file", str(tmp_path / "letter"))
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        guest.until(lambda: process.poll() is not None, "it gives up")
        assert process.stderr is not None
        said = process.stderr.read().decode()
    assert process.returncode == 1 and said == "spice-reference-client: letter was not sent: the guest could not write it\n"


def test_the_server_tells_the_agent_of_a_client_that_leaves(tmp_path: Path, guest: Guest) -> None:
    with client_of(tmp_path) as client:
        guest.until(lambda: client.told("agent-capabilities"), "both know what the other can do")
    guest.until(lambda: AgentMessageType.CLIENT_DISCONNECTED in guest.server, "the agent is told")
