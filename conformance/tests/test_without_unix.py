"""Programs of ours where there is no Unix: they start, talk, decode and judge, and say what the system does not have.

The system is this one without what :mod:`conformance.tests.without_unix` takes away, in processes of their own and in those
that they start.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from spiceproto.tests.peers import PATIENCE, end

STUB = Path(__file__).with_name("without_unix.py")

IMPORTS = """
import importlib, pkgutil
count = 0
for name in ("spiceproto", "reference_server", "reference_client", "conformance", "spec"):
    for found in pkgutil.walk_packages(importlib.import_module(name).__path__, name + "."):
        words = found.name.split(".")
        if "tests" not in words and words[-1] != "__main__" and not words[-1].startswith("spice_gtk_"):
            importlib.import_module(found.name)
            count += 1
print(count)
"""
"""Every module but those that the system's own Python runs beside spice-gtk."""

SPICEPROTO = "import sys; from spiceproto.program import main; sys.exit(main())"


@pytest.fixture
def elsewhere(tmp_path: Path) -> dict[str, str]:
    """The environment of a program that has no Unix."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(STUB.read_text())
    checkout = str(STUB.parents[2])
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), checkout])}


def run(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE * 4, check=False)


def test_the_system_has_no_unix(elsewhere: dict[str, str]) -> None:
    assert "No module named 'fcntl'" in run(elsewhere, "-c", "import fcntl").stderr
    assert run(elsewhere, "-c", "import socket; print(hasattr(socket, 'AF_UNIX'))").stdout == "False\n"


def test_every_module_is_imported(elsewhere: dict[str, str]) -> None:
    done = run(elsewhere, "-W", "error::RuntimeWarning", "-c", IMPORTS)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 1000


@pytest.mark.parametrize(
    "words", [["-m", "reference_server"], ["-m", "reference_client"], ["-m", "conformance"], ["-c", SPICEPROTO]], ids=str
)
def test_each_program_says_what_it_can_do(elsewhere: dict[str, str], words: list[str]) -> None:
    done = run(elsewhere, *words, "--help")
    assert done.returncode == 0 and done.stdout.startswith("usage: ") and not done.stderr


@contextmanager
def serving(environment: dict[str, str], *options: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """A server on a free port."""
    command = [sys.executable, "-m", "reference_server", "--port", "0", *options]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True)
    assert process.stdin is not None and process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())["port"], process
        process.terminate()
        assert process.wait(PATIENCE) == 0, process.stdout.read()
    finally:
        end(process)
        process.stdin.close()
        process.stdout.close()


def test_a_session_and_its_capture(elsewhere: dict[str, str], tmp_path: Path) -> None:
    path, shot = str(tmp_path / "x.pcapng"), tmp_path / "shot.png"
    with serving(elsewhere, "--log") as (port, _):
        done = run(
            elsewhere, "-m", "reference_client", f"spice://127.0.0.1:{port}", "--screenshot", str(shot), "--capture", path
        )
    assert (done.returncode, done.stderr) == (0, "") and shot.exists()
    done = run(elsewhere, "-c", SPICEPROTO, "decode", path)
    assert done.returncode == 0 and "6 connections, 1 session, no problems" in done.stdout, done.stderr
    with Path(path).open("rb") as file:
        piped = subprocess.run(
            [sys.executable, "-c", SPICEPROTO, "decode", "-"],
            env=elsewhere,
            input=file.read(),
            capture_output=True,
            check=False,
        )
    assert piped.returncode == 0 and b"6 connections" in piped.stdout, piped.stderr
    done = run(elsewhere, "-c", SPICEPROTO, "decode", "--follow", path)
    assert (done.returncode, done.stdout) == (2, "") and "this system can not wait" in done.stderr
    done = run(elsewhere, "-m", "conformance", "lint", path)
    assert done.returncode == 0 and " 0 broken" in done.stdout, done.stderr


def test_a_server_answers_questions_and_ends_when_it_is_asked_to(elsewhere: dict[str, str]) -> None:
    with serving(elsewhere, "--control") as (_, process):
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write('{"do": "input-events"}\n')
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["answer"] == "ok"


@pytest.mark.parametrize("target", ["ref:server", "ref:client"])
def test_the_suite_runs(elsewhere: dict[str, str], target: str) -> None:
    done = run(elsewhere, "-m", "conformance", "run", target, "--select", "chapter:main", "-q")
    assert done.returncode == 0 and "CONFORMS IN SCOPE" in done.stdout, done.stdout + done.stderr


def test_what_is_missing_is_said(elsewhere: dict[str, str], tmp_path: Path) -> None:
    words = "this system has no Unix sockets"
    done = run(elsewhere, "-m", "reference_server", "--unix", str(tmp_path / "s"))
    assert (done.returncode, done.stderr) == (1, f"spice-reference-server: {tmp_path / 's'}: {words}\n")
    done = run(elsewhere, "-m", "reference_client", f"spice+unix://{tmp_path / 's'}")
    assert (done.returncode, done.stderr) == (1, f"spice-reference-client: main:0 refused (connect): {words}\n")
