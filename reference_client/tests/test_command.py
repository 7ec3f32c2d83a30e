"""The program, run as a program."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reference_client import Client
from reference_client.arguments import make_parser
from reference_client.command import main
from reference_client.faults import FAULTS
from reference_client.tests.servers import Qemu, qemu
from reference_client.tests.test_reference_server import reference_server
from spiceproto.page_access import ANYWHERE
from spiceproto.tests.peers import PATIENCE, end, free_port, until

_PROGRAM = [sys.executable, "-m", "reference_client"]


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Qemu]:
    """One for each test."""
    with qemu(tmp_path_factory.mktemp("qemu")) as found:
        yield found


def run(*arguments: str, text: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*_PROGRAM, *arguments],
        input=text,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env={**os.environ, **environment},
        check=False,
    )


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


Log = list[dict[str, Any]]


def logged(
    *arguments: str,
    enough: Callable[[Log], bool],
    text: str = "",
    signal_number: signal.Signals = signal.SIGTERM,
    **environment: str,
) -> tuple[int, Log]:
    """The program with ``--log``, told to end once its log says enough: exit status, and all of the log."""
    command = [*_PROGRAM, *arguments, "--log"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
    )
    assert process.stdin and process.stdout
    try:
        process.stdin.write(text)
        process.stdin.close()
        found: Log = []
        while not enough(found):
            line = process.stdout.readline()
            assert line, found
            found.append(json.loads(line))
        process.send_signal(signal_number)
        found += lines(process.stdout.read())
        return process.wait(PATIENCE), found
    finally:
        end(process)
        process.stdout.close()


def channels(log: Log, event: str) -> set[str]:
    """The channels of which this is told."""
    return {line["channel"] for line in log if line["event"] == event}


def test_a_session_is_logged_and_ends_in_order(server: Qemu) -> None:
    wanted = {"linked", "init", "channels", "name"}
    status, log = logged(f"spice://127.0.0.1:{server.port}", enough=lambda log: wanted <= {line["event"] for line in log})
    assert status == 0 and log[-1]["event"] == "ended"


def test_a_picture_is_written_and_the_program_leaves(server: Qemu, tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "x.png"
    done = run(f"spice://127.0.0.1:{server.port}", "--screenshot", str(path))
    assert done.returncode == 0, done.stderr
    with Image.open(path) as image:
        assert image.size == (720, 400)


def test_pictures_of_all_displays_with_the_pointer_and_a_preference(server: Qemu, tmp_path: Path) -> None:
    options = ["--screenshot", str(tmp_path / "x-{display}-{head}.png"), "--cursor", "--preferred-compression", "lz4"]
    done = run(f"spice://127.0.0.1:{server.port}", *options, "--preferred-codecs", "vp8,mjpeg")
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["x-0-0.png"]


@pytest.mark.parametrize("options", [["--preferred-compression", "zip"], ["--preferred-codecs", "theora"]])
def test_a_preference_that_is_none_is_wrong_usage(options: list[str]) -> None:
    done = run("spice://127.0.0.1:1", *options)
    assert done.returncode == 2 and options[1] in done.stderr


def test_a_connection_file_on_standard_input(server: Qemu) -> None:
    text = f"[virt-viewer]\ntype=spice\nhost=127.0.0.1\nport={server.port}\ndisable-channels=cursor;display\n"
    status, log = logged("-", enough=lambda log: "inputs" in channels(log, "linked"), text=text)
    assert status == 0 and channels(log, "linked") == {"main", "inputs"}


def test_a_text_is_typed(server: Qemu) -> None:
    address = f"spice://127.0.0.1:{server.port}"
    status, log = logged(address, "--type", "qQ", enough=lambda log: any(event["event"] == "typed" for event in log))
    assert status == 0 and [event["characters"] for event in log if event["event"] == "typed"] == [2]
    until(lambda: server.traced("keycode 0x15") and server.traced("keycode 0x12"))


def test_the_environment_can_disable_channels(server: Qemu) -> None:
    done = run(f"spice://127.0.0.1:{server.port}", "--log", "--duration", "0.5", SPICE_DISABLE_CHANNELS="all")
    assert done.returncode == 0 and channels(lines(done.stdout), "linked") <= {"main"}


def test_a_signal_ends_it_in_order(server: Qemu) -> None:
    status, log = logged(f"spice://127.0.0.1:{server.port}", enough=lambda log: "cursor" in channels(log, "linked"))
    assert status == 0 and log[-1] == {"event": "ended", "orderly": True, "text": "the user left"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_questions_in_order(server: Qemu, number: signal.Signals) -> None:
    process = subprocess.Popen(
        [*_PROGRAM, f"spice://127.0.0.1:{server.port}", "--control"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin and process.stdout
    while "cursor" not in process.stdout.readline():
        assert process.poll() is None
    process.send_signal(number)
    assert lines(process.stdout.read())[-1] == {"event": "ended", "orderly": True, "text": "the user left"}
    process.stdin.close()
    process.stdout.close()
    assert process.wait(PATIENCE) == 0


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
    assert done.returncode == 1
    assert done.stderr == "spice-reference-client: main:0 refused (connect): Connection refused\n"


def test_who_is_refused_says_it_once_and_what_to_do() -> None:
    with reference_server("--password", "sesame") as (port, _):
        done = run(f"spice://127.0.0.1:{port}")
    assert done.returncode == 1
    assert done.stderr == (
        "spice-reference-client: main:0 refused (result): the server refuses the login: PERMISSION_DENIED;"
        " --password-file FILE has the password\n"
    )


def test_a_wrong_password_is_called_that() -> None:
    with reference_server("--password", "sesame") as (port, _):
        done = run(f"spice://127.0.0.1:{port}", "--password", "other")
    assert done.returncode == 1 and done.stderr.endswith(
        "the server refuses the login: PERMISSION_DENIED; the password is wrong, or no longer good;"
        " with SASL it may be the name\n"
    )


def test_no_password_is_advised_where_the_guest_has_not_come(tmp_path: Path) -> None:
    with reference_server("--incoming", str(tmp_path / "guest")) as (port, _):
        done = run(f"spice://127.0.0.1:{port}")
    assert done.returncode == 1
    assert done.stderr == (
        "spice-reference-client: main:0 refused (result): the server refuses the login: ERROR;"
        " its guest may have left for another server, or not have come yet\n"
    )


def test_a_log_that_nobody_reads_any_more_ends_it_quietly() -> None:
    with reference_server("--disable-ticketing") as (port, _):
        process = subprocess.Popen(
            [*_PROGRAM, f"spice://127.0.0.1:{port}", "--log"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdout and process.stderr
        try:
            assert process.stdout.readline()
            process.stdout.close()
            assert process.wait(PATIENCE) == 0
            assert process.stderr.read() == ""
        finally:
            end(process)
            process.stderr.close()


def test_what_is_no_file_and_no_address(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["127.0.0.1:5900"]) == 2
    said = capsys.readouterr().err
    assert "not a connection file; expected one that is there, or an address with spice://" in said
    assert "found '127.0.0.1:5900'" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ["spice://h"],
        ["spice://h:x"],
        ["spice://h:1", "--fault", "none"],
        ["/nowhere/x.vv"],
        ["spice://h:1", "--ca-file", "/nowhere"],
        ["-", "--control"],
        ["spice://h:1", "--password", "x" * 61],
        ["spice://h:1", "--secure-channels", "nothing"],
        ["spice://h:1", "--channels", "tunnel"],
        ["spice://h:1", "--type", "a key \u00e4"],
        ["spice://h:1", "--type", "a", "--control"],
        ["spice://h:1", "--log", "text", "--control"],
    ],
)
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith("spice-reference-client: ")


@pytest.mark.parametrize("arguments", [[], ["--duration", "x"], ["spice://h:1", "--no-such-option"], ["--control-socket", ""]])
def test_wrong_options_are_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    said = capsys.readouterr().err
    assert caught.value.code == 2 and said.count("\n") == 1
    assert said.startswith("spice-reference-client: ") and said.endswith(" (--help lists the options)\n")


@pytest.mark.parametrize("address", ["spice://h:1", "guest.vv"])
def test_an_address_behind_view_is_the_address(address: str) -> None:
    found = make_parser().parse_args(["--view", address])
    assert (found.address, found.view) == (address, ANYWHERE)
    found = make_parser().parse_args(["--view", "8000", address])
    assert (found.address, found.view) == (address, "8000")


def test_lines_for_people_beside_a_control_socket(tmp_path: Path) -> None:
    """Answers go to the socket: what is printed is --log's alone."""
    path = str(tmp_path / "c.sock")
    words = ["spice://127.0.0.1:1", "--log", "text", "--control-socket", path, "--duration", "1"]
    done = subprocess.run([sys.executable, "-m", "reference_client", *words], capture_output=True, text=True, timeout=PATIENCE)
    assert re.match(r"\d\d:\d\d:\d\d\.\d+ \w", done.stdout) and "{" not in done.stdout.partition("\n")[0]


def test_faults_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list-faults"]) == 0
    assert {line.split()[0] for line in capsys.readouterr().out.splitlines()} == set(FAULTS)


def test_a_fault_is_played(server: Qemu) -> None:
    others = {"display", "inputs", "cursor"}
    _, log = logged(
        f"spice://127.0.0.1:{server.port}",
        "--fault",
        "wrong-connection-id",
        enough=lambda log: channels(log, "refused") >= others,
    )
    assert channels(log, "refused") == others


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
        assert self.process.wait(PATIENCE) == 0


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
                {"do": "motion", "dx": 123, "dy": 1},
                {"do": "position", "x": 1, "y": 2},
                {"do": "press", "button": 1},
                {"do": "release", "button": 1},
                {"do": "wheel", "steps": 1},
                {"do": "key", "code": 30},
                {"do": "key", "code": 30, "down": False},
                {"do": "scancode", "data": "1e9e"},
                {"do": "modifiers", "flags": 0},
                {"do": "mouse-mode", "mode": "server"},
                {"do": "picture", "path": str(tmp_path / "x.png")},
            ):
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
        ("not json", "error"),
        ("[]", "error"),
        ('{"do": 3}', "error"),
        ('{"do": "fly"}', "unsupported"),
        ('{"do": "key"}', "error"),
        ('{"do": "connect"}', "error"),
        ('{"do": "connect", "host": "h"}', "error"),
        ('{"do": "connect", "uri": "spice://h"}', "error"),
        ('{"do": "connect", "vv": "-"}', "error"),
        ('{"do": "connect", "host": "h", "port": 70000}', "error"),
        ('{"do": "motion", "dx": "x", "dy": 1}', "error"),
        ('{"do": "picture", "path": "x"}', "error"),
        ("[" * 5000, "error"),
    ],
)
def test_a_bad_question_has_an_answer(driven: Driven, question: str, answer: str) -> None:
    assert driven.ask(question)["answer"] == answer


@pytest.fixture(scope="module")
def driven() -> Iterator[Driven]:
    with Driven() as found:
        yield found


@contextlib.contextmanager
def garbage() -> Iterator[int]:
    """A server that greets whoever comes, and then says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener, contextlib.ExitStack() as open:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    open.enter_context(listener.accept()[0]).sendall(b"x")

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("name", ["start", "opened", "receive", "tick"])
@pytest.mark.parametrize("control", [False, True])
def test_a_mistake_of_the_client_itself_ends_it_in_a_line(
    name: str, control: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: Any) -> None:
        raise KeyError("boom")

    monkeypatch.setattr(Client, name, broken)
    if name == "tick":
        monkeypatch.setattr(Client, "deadline", property(lambda self: 0.0))
    reading, writing = os.pipe()
    with garbage() as port, os.fdopen(reading) as questions, os.fdopen(writing, "w"):
        monkeypatch.setattr(sys, "stdin", questions)
        more = ["--control"] if control else []
        assert main([f"spice://127.0.0.1:{port}", "--duration", "60", *more]) == 4
        said = capsys.readouterr().err
        assert said == "spice-reference-client: a mistake of the client itself: KeyError: 'boom' (--verbose prints where)\n"


def test_where_a_mistake_has_happened_can_be_seen(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(*_: Any) -> None:
        raise KeyError("boom")

    monkeypatch.setattr(Client, "receive", broken)
    with garbage() as port:
        assert main([f"spice://127.0.0.1:{port}", "--verbose", "--duration", "60"]) == 4
    said = capsys.readouterr().err
    assert "in broken" in said and said.endswith("a mistake of the client itself: KeyError: 'boom'\n")
