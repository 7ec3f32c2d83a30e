"""The program, run as a program."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reference_client.command import main
from reference_client.faults import FAULTS
from reference_client.tests.servers import Qemu, qemu
from spiceproto.tests.peers import free_port, until

_PROGRAM = [sys.executable, "-m", "reference_client"]


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Qemu]:
    """One for each test: libspice-server 0.15.1 does not always survive a client that leaves at once."""
    with qemu(tmp_path_factory.mktemp("qemu")) as found:
        yield found


def run(*arguments: str, text: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*_PROGRAM, *arguments], input=text, capture_output=True, text=True, timeout=60, env={**os.environ, **environment},
        check=False,
    )  # fmt: skip


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_session_is_logged_and_ends_in_order(server: Qemu) -> None:
    done = run(f"spice://127.0.0.1:{server.port}", "--log", "--duration", "0.6")
    assert done.returncode == 0, done.stderr
    kinds = [line["event"] for line in lines(done.stdout)]
    assert {"linked", "init", "channels", "name"} <= set(kinds) and kinds[-1] == "ended"


def test_a_picture_is_written_and_the_program_leaves(server: Qemu, tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "x.png"
    done = run(f"spice://127.0.0.1:{server.port}", "--screenshot", str(path))
    assert done.returncode == 0, done.stderr
    with Image.open(path) as image:
        assert image.size == (720, 400)


def test_a_connection_file_on_standard_input(server: Qemu) -> None:
    text = f"[virt-viewer]\ntype=spice\nhost=127.0.0.1\nport={server.port}\ndisable-channels=cursor;display\n"
    done = run("-", "--log", "--duration", "0.5", text=text)
    assert done.returncode == 0, done.stderr
    assert {line["channel"] for line in lines(done.stdout) if line["event"] == "linked"} == {"main", "inputs"}


def test_the_environment_can_disable_channels(server: Qemu) -> None:
    done = run(f"spice://127.0.0.1:{server.port}", "--log", "--duration", "0.5", SPICE_DISABLE_CHANNELS="all")
    assert {line["channel"] for line in lines(done.stdout) if line["event"] == "linked"} == {"main"}


def test_a_signal_ends_it_in_order(server: Qemu) -> None:
    process = subprocess.Popen([*_PROGRAM, f"spice://127.0.0.1:{server.port}", "--log"], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    while "cursor" not in process.stdout.readline():
        assert process.poll() is None
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    rest = process.stdout.read()
    process.stdout.close()
    assert process.wait(10) == 0 and time.monotonic() - began < 5
    assert lines(rest)[-1] == {"event": "ended", "orderly": True, "text": "the user left"}


def test_who_is_refused_says_why(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("wrong\n")
    with qemu(tmp_path, "password-secret=ticket", more=("-object", "secret,id=ticket,data=sesame")) as found:
        done = run(f"spice://127.0.0.1:{found.port}", "--password-file", str(tmp_path / "password"))
        assert done.returncode == 1 and "PERMISSION_DENIED" in done.stderr
        (tmp_path / "password").write_text("sesame\n")
        done = run(f"spice://127.0.0.1:{found.port}", "--password-file", str(tmp_path / "password"), "--duration", "0.5")
        assert done.returncode == 0, done.stderr


def test_nobody_there() -> None:
    done = run(f"spice://127.0.0.1:{free_port()}")
    assert done.returncode == 1 and "refused (connect)" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["spice://h"], ["spice://h:x"], ["spice://h:1", "--fault", "none"], ["/nowhere/x.vv"],
        ["spice://h:1", "--ca-file", "/nowhere"], ["-", "--control"],
        ["spice://h:1", "--password", "x" * 61], ["spice://h:1", "--secure-channels", "nothing"],
    ],
)  # fmt: skip
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith("spice-reference-client: ")


@pytest.mark.parametrize("arguments", [[], ["--duration", "x"], ["spice://h:1", "--no-such-option"]])
def test_wrong_options(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


def test_faults_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list-faults"]) == 0
    assert {line.split()[0] for line in capsys.readouterr().out.splitlines()} == set(FAULTS)


def test_a_fault_is_played(server: Qemu) -> None:
    done = run(f"spice://127.0.0.1:{server.port}", "--log", "--duration", "0.5", "--fault", "wrong-connection-id")
    refused = [line for line in lines(done.stdout) if line["event"] == "refused"]
    assert {line["channel"] for line in refused} == {"display", "inputs", "cursor"}


class Driven:
    """The program with --control."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [*_PROGRAM, "--control", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.events: list[dict[str, Any]] = []

    def next(self) -> dict[str, Any]:
        assert self.process.stdout
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        if "event" in found:
            self.events.append(found)
        return found

    def ask(self, text: str | None = None, **question: Any) -> dict[str, Any]:
        assert self.process.stdin
        self.process.stdin.write((text or json.dumps(question)) + "\n")
        while "answer" not in (found := self.next()):
            pass
        return found

    def until(self, **event: Any) -> None:
        while not any(event.items() <= seen.items() for seen in self.events):
            self.next()

    def __enter__(self) -> Driven:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.stdout.read()
        self.process.stdout.close()
        assert self.process.wait(10) == 0


def test_it_can_be_driven_through_one_session_after_another(server: Qemu, tmp_path: Path) -> None:
    with Driven() as driven:
        hello = driven.ask(do="hello")
        assert hello["answer"] == "ok" and {"connect", "motion", "quit"} <= set(hello["verbs"])
        assert driven.ask(do="state")["connected"] is False
        assert driven.ask(do="motion", dx=1, dy=1)["answer"] == "error"
        for connect in ({"host": "127.0.0.1", "port": server.port}, {"uri": f"spice://127.0.0.1:{server.port}"}):
            driven.events.clear()
            assert driven.ask(do="connect", **connect)["answer"] == "ok"
            for channel in ("display", "inputs", "cursor"):
                driven.until(event="linked", channel=channel)
            driven.until(event="marked")
            for question in (
                {"do": "motion", "dx": 123, "dy": 1}, {"do": "position", "x": 1, "y": 2}, {"do": "press", "button": 1},
                {"do": "release", "button": 1}, {"do": "wheel", "steps": 1}, {"do": "key", "code": 30},
                {"do": "key", "code": 30, "down": False}, {"do": "scancode", "data": "1e9e"}, {"do": "modifiers", "flags": 0},
                {"do": "mouse-mode", "mode": "server"}, {"do": "picture", "path": str(tmp_path / "x.png")},
            ):  # fmt: skip
                assert driven.ask(**question)["answer"] == "ok", question
            state = driven.ask(do="state")
            assert state["connected"] and state["mouse_mode"] == "server"
            assert {item["type"] for item in state["channels"]} == {"main", "display", "inputs", "cursor"}
            assert driven.ask(do="disconnect")["answer"] == "ok"
            driven.until(event="ended", orderly=True)
            assert driven.ask(do="state")["connected"] is False
        assert driven.ask(do="quit")["answer"] == "ok"
    until(lambda: server.traced("value 123"), what="the movement arrives")
    assert (tmp_path / "x.png").exists()


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("not json", "error"), ("[]", "error"), ('{"do": 3}', "error"), ('{"do": "fly"}', "unsupported"),
        ('{"do": "key"}', "error"), ('{"do": "connect"}', "error"), ('{"do": "connect", "host": "h"}', "error"),
        ('{"do": "connect", "uri": "spice://h"}', "error"),
        ('{"do": "connect", "vv": "-"}', "error"), ('{"do": "connect", "host": "h", "port": 70000}', "error"),
        ('{"do": "motion", "dx": "x", "dy": 1}', "error"), ('{"do": "picture", "path": "x"}', "error"), ("[" * 5000, "error"),
    ],
)  # fmt: skip
def test_a_bad_question_has_an_answer(driven: Driven, question: str, answer: str) -> None:
    assert driven.ask(question)["answer"] == answer


@pytest.fixture(scope="module")
def driven() -> Iterator[Driven]:
    with Driven() as found:
        yield found
