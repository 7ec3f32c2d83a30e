"""Programs are waited for, ended with all that they started, and quoted when they fail."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.adapters import listening
from conformance.adapters.listening import free_port
from conformance.adapters.process import Process, TargetUnusable, missing_programs, program
from conformance.adapters.tests.looks import check_gone
from spiceproto.tests.peers import PATIENCE, until

LISTEN = """
import socket, sys, time
made = socket.socket(socket.AF_UNIX if sys.argv[1].startswith("/") else socket.AF_INET)
made.bind(sys.argv[1] if sys.argv[1].startswith("/") else ("127.0.0.1", int(sys.argv[1])))
made.listen()
print("listening", flush=True)
time.sleep(60)
"""


def python(code: str, *words: str, log: Path, control: bool = False) -> Process:
    return Process([sys.executable, "-c", code, *words], log=log, control=control)


def test_listens_on_a_port(tmp_path: Path) -> None:
    port = free_port()
    with python(LISTEN, str(port), log=tmp_path / "log") as process:
        process.wait_listening(ports=[port])
        until(lambda: process.log_end() == "listening")
        assert process.ended is None
    assert process.ended == -15
    check_gone(process)


def test_its_line_does_the_same_in_a_shell(tmp_path: Path) -> None:
    code = "import os, sys; print(os.environ['WORD'], sys.argv[1:])"
    command = [sys.executable, "-c", code, "a b", "$HOME", "it's", '"']
    with Process(command, log=tmp_path / "log", environment={"WORD": "two words"}) as process:
        assert process.wait(PATIENCE) == 0
        said = process.log_end()
    assert said.startswith("two words ['a b', '$HOME'")
    assert subprocess.run(["sh", "-c", process.line], capture_output=True, text=True, check=True).stdout.strip() == said


def test_listens_on_a_unix_socket(tmp_path: Path) -> None:
    path = str(tmp_path / "socket")
    with python(LISTEN, path, log=tmp_path / "log") as process:
        process.wait_listening(path=path)
    check_gone(process)


def test_somebody_elses_listener_does_not_count(tmp_path: Path) -> None:
    with socket.socket() as ours, python("import time; time.sleep(60)", log=tmp_path / "log") as process:
        ours.bind(("127.0.0.1", 0))
        ours.listen()
        assert not process.listens(ports=[ours.getsockname()[1]])


def test_ends_before_it_listens(tmp_path: Path) -> None:
    code = "import sys; print('no such thing', file=sys.stderr); sys.exit(3)"
    with (
        python(code, log=tmp_path / "log") as process,
        pytest.raises(TargetUnusable, match=r"ended with status 3(?s:.)*no such thing"),
    ):
        process.wait_listening(ports=[free_port()])
    assert process.ended == 3


def test_never_listens(tmp_path: Path) -> None:
    port = free_port()
    with (
        python("import time; time.sleep(60)", log=tmp_path / "log") as process,
        pytest.raises(TargetUnusable, match=f"does not listen on {port}"),
    ):
        process.wait_listening(ports=[port], seconds=0.2)


def test_cannot_be_started(tmp_path: Path) -> None:
    with pytest.raises(TargetUnusable, match="no-such-program cannot be started"):
        Process(["no-such-program"], log=tmp_path / "log")


def test_what_ignores_the_signal_is_killed_with_its_children(tmp_path: Path) -> None:
    code = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
child = subprocess.Popen([sys.executable, "-c", code])
print(child.pid, flush=True)
time.sleep(60)
"""
    process = python(code, log=tmp_path / "log")
    child = int(until(process.log_end))
    os.kill(child, 0)
    assert process.stop(0.2) == -9
    assert process.stop() == -9
    check_gone(process)


def test_children_of_what_has_ended_are_ended(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid, flush=True)"
    )
    process = python(code, log=tmp_path / "log")
    assert process.wait(PATIENCE) == 0
    os.kill(int(process.log_end()), 0)
    process.stop()
    check_gone(process)


def test_where_the_system_tells_less(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without /proc, groups of processes and a look at who has ended: as on Windows."""
    monkeypatch.setattr(listening, "TOLD", False)
    for name in ("killpg", "waitid"):
        monkeypatch.delattr(os, name)
    port, path = free_port(), str(tmp_path / "socket")
    with python(LISTEN, str(port), log=tmp_path / "log") as process:
        process.wait_listening(ports=[port])
        until(lambda: process.log_end() == "listening")
        assert process.ended is None
    assert process.ended == -9
    with python(LISTEN, path, log=tmp_path / "log") as process:
        process.wait_listening(path=path)
    with python("", log=tmp_path / "log") as process, pytest.raises(TargetUnusable, match="ended with status 0 before"):
        process.wait_listening(ports=[free_port()])


def test_programs() -> None:
    assert program("sh").endswith("/sh")
    assert program("no-such-program") == "no-such-program"
    assert missing_programs("sh") == ""
    assert missing_programs("sh", "no-such-program") == "not installed: no-such-program"
