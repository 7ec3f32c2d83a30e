"""spice-reference-ctl: what it prints and how it ends, with a program that says what it is told to."""

from __future__ import annotations

import io
import json
import re
import shlex
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from spiceproto import reference_ctl
from spiceproto.controls import programs
from spiceproto.controls.words import question
from spiceproto.reference_ctl import main

PAGE = Path(__file__).parents[2] / "docs" / "reference.md"

Answers = Callable[[dict[str, Any]], list[dict[str, Any]]]


class Played:
    """A program of a role at a socket: each question has the lines that ``answers`` gives for it."""

    def __init__(self, path: Path, role: str, answers: Answers) -> None:
        self.path, self.role, self.answers = path, role, answers
        self.asked: list[dict[str, Any]] = []
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        try:
            caller, _ = self._socket.accept()
        except OSError:
            return
        with caller, caller.makefile("rb") as lines:
            for line in lines:
                question = json.loads(line)
                if question == {"do": "hello"}:
                    hello = {"role": self.role, "text": "played"}
                    found = [
                        {"event": "answer", "answer": "ok", "value": hello}
                        if self.role == "server"
                        else {"answer": "ok"} | hello
                    ]
                else:
                    self.asked.append(question)
                    found = self.answers(question)
                for each in found:
                    caller.sendall(json.dumps(each).encode() + b"\n")
                if not found:
                    return

    def close(self) -> None:
        """End it."""
        self._socket.close()


OK = {"event": "answer", "answer": "ok"}


@pytest.fixture
def played(tmp_path: Path) -> Iterator[Callable[..., Played]]:
    made: list[Played] = []

    def make(answers: Answers = lambda question: [OK], role: str = "server") -> Played:
        made.append(Played(tmp_path / "control", role, answers))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_words_become_a_question(played: Callable[..., Played], capsys: pytest.CaptureFixture[str]) -> None:
    program = played(lambda question: [{"event": "rain"}, OK | {"value": {"width": 1}}])
    assert main([str(program.path), "resolution", "800", "height=600"]) == 0
    assert program.asked == [{"do": "resolution", "width": 800, "height": 600}]
    assert capsys.readouterr().out == '{"event": "rain"}\n{"width": 1}\n'


def test_a_client_s_answer_has_its_values_beside_the_word(
    played: Callable[..., Played], capsys: pytest.CaptureFixture[str]
) -> None:
    program = played(lambda question: [{"answer": "ok", "file": 1}], role="client")
    assert main([str(program.path), "send-file", "path=x"]) == 0
    assert capsys.readouterr().out == '{"file": 1}\n'


def test_nothing_is_printed_where_nothing_was_asked_for(
    played: Callable[..., Played], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(played().path), "shutdown"]) == 0
    assert capsys.readouterr() == ("", "")


def test_json_is_the_answer_as_it_comes(played: Callable[..., Played], capsys: pytest.CaptureFixture[str]) -> None:
    wrong = {"event": "answer", "answer": "error", "text": "why"}
    assert main(["--json", str(played(lambda question: [wrong]).path), "shutdown"]) == 1
    assert json.loads(capsys.readouterr().out) == wrong


def test_an_error_is_one_line_and_status_1(played: Callable[..., Played], capsys: pytest.CaptureFixture[str]) -> None:
    program = played(lambda question: [{"event": "answer", "answer": "error", "text": "it can not be"}])
    assert main([str(program.path), "scene", "1"]) == 1
    assert capsys.readouterr() == ("", "spice-reference-ctl: it can not be\n")


@pytest.mark.parametrize("words", (["fly"], ["scene"], ["scene", "99"], ["scene", "1", "2", "3"], ["motion", "1", "1"]))
def test_wrong_usage_is_status_2_and_nobody_is_asked(
    words: list[str], played: Callable[..., Played], capsys: pytest.CaptureFixture[str]
) -> None:
    program = played()
    assert main([str(program.path), *words]) == 2
    assert not program.asked and capsys.readouterr().err.startswith("spice-reference-ctl: ")


@pytest.mark.parametrize("options", ([], ["--until", "x", "s", "state"], ["--role", "x"]))
def test_usage_of_the_command(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(options)
    said = capsys.readouterr().err
    assert caught.value.code == 2 and said.startswith("spice-reference-ctl: ") and said.count("\n") == 1


def test_lines_of_standard_input(
    played: Callable[..., Played], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    program = played()
    lines = 'scene 2\n# a remark\n\n{"do": "notify", "text": "a b"}\nfly\n{"do"\nnotify "a b"\n'
    monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
    assert main([str(program.path)]) == 2
    notice = {"do": "notify", "text": "a b"}
    assert program.asked == [{"do": "scene", "number": 2}, notice, notice]
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 2 and "there is no verb fly" in errors[0] and "no JSON" in errors[1]


def test_events_are_printed_until_one(played: Callable[..., Played], capsys: pytest.CaptureFixture[str]) -> None:
    program = played(lambda question: [OK, {"event": "rain"}, {"event": "snow"}, {"event": "rain"}])
    assert main([str(program.path), "events", "--until", "snow"]) == 0
    assert [json.loads(line)["event"] for line in capsys.readouterr().out.splitlines()] == ["rain", "snow"]


def test_nobody_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "nowhere"
    assert main([str(path), "--wait", "0.1", "state"]) == 1
    assert capsys.readouterr().err == f"spice-reference-ctl: {path}: No such file or directory\n"
    path.write_text("precious")
    assert main([str(path), "state"]) == 1
    assert "Connection refused" in capsys.readouterr().err


def test_somebody_else_is_there(played: Callable[..., Played], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(played(role="tree").path), "state"]) == 1
    assert "played" in capsys.readouterr().err


def test_the_program_goes_or_says_nothing(played: Callable[..., Played], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(played(lambda question: []).path), "state"]) == 1
    assert "has closed the connection" in capsys.readouterr().err


def test_no_answer_in_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent"))
        silent.listen()
        assert main([str(tmp_path / "silent"), "--timeout", "0.1", "state"]) == 1
    assert capsys.readouterr().err == "spice-reference-ctl: no answer for 0.1 seconds\n"


@pytest.mark.skipif(not PAGE.exists(), reason="the page is in a checkout only")
def test_commands_of_the_page_can_be_asked() -> None:
    lines = re.findall(r"spice-reference-ctl ((?:--wait \d+ )?(?:server|client)\.sock [^#`|;\n]+)", PAGE.read_text())
    assert len(lines) > 4
    for line in lines:
        words = shlex.split(line)
        path = next(word for word in words if word.endswith(".sock"))
        options = reference_ctl.parser().parse_intermixed_args(words)
        assert options.socket == path
        question([options.verb, *options.values], programs.table("server" if path == "server.sock" else "client"))


@pytest.mark.parametrize("role", ("server", "client"))
def test_what_there_is_to_say(role: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list", "--role", role]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert listed == list(programs.table(role))  # type: ignore[arg-type]
    for verb in listed:
        assert main(["--explain", verb, "--role", role]) == 0
    assert capsys.readouterr().out.count("usage: ") == len(listed)
    assert main(["--schema", "--role", role]) == 0
    assert json.loads(capsys.readouterr().out)["$schema"].endswith("2020-12/schema")
    assert main(["--explain", "fly"]) == 2
