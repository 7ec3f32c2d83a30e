"""Programs that are asked in JSON lines, those that do it right and those that do not."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conformance.adapters.client import Answer
from conformance.adapters.control_lines import ControlLines
from conformance.adapters.process import Process, TargetUnusable
from spiceproto.tests.peers import PATIENCE, until

PROGRAM = """
import json, sys
for line in sys.stdin:
    question = json.loads(line)
    verb = question.pop("do")
    {body}
    sys.stdout.flush()
"""


@pytest.fixture
def speak(tmp_path: Path) -> Iterator[Callable[[str], ControlLines]]:
    started: list[Process] = []

    def start(body: str) -> ControlLines:
        started.append(Process([sys.executable, "-c", PROGRAM.replace("{body}", body)], log=tmp_path / "log", control=True))
        return ControlLines(started[-1])

    yield start
    for process in started:
        process.stop()


def test_answers_and_events(speak: Callable[[str], ControlLines]) -> None:
    lines = speak("print(json.dumps({'event': verb})); print(); print(json.dumps({'answer': 'ok', 'text': 't', **question}))")
    assert lines.ask("motion", {"dx": 3}) == Answer("ok", "t", {"dx": 3})
    assert lines.ask("key") == Answer("ok", "t", {})
    assert lines.take_events() == [{"event": "motion"}, {"event": "key"}]
    assert lines.take_events() == []


def test_its_line_starts_it_and_tells_it_where_to_connect(speak: Callable[[str], ControlLines]) -> None:
    lines = speak("print(json.dumps({'answer': 'ok', 'question': question}), flush=True)")
    assert lines.line == lines.process.line
    for port in (5, 6):
        lines.ask("connect", {"port": port, "password": "it's"})
    lines.ask("key", {"code": 1})
    done = subprocess.run(["sh", "-c", lines.line], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE)
    (answer,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert answer["question"]["port"] == 6 and answer["question"]["password"] == "it's"


def test_events_after_the_answer_are_found(speak: Callable[[str], ControlLines]) -> None:
    lines = speak("print(json.dumps({'answer': 'unsupported'})); print(json.dumps({'event': 'late'}))")
    assert lines.ask("x").kind == "unsupported"
    assert until(lines.take_events) == [{"event": "late"}]


@pytest.mark.parametrize(
    ("body", "text", "seconds"),
    [
        ("print('hello')", "neither answer nor event", PATIENCE),
        ("print('[1]')", "neither answer nor event", PATIENCE),
        ("print(json.dumps({'answer': 'perhaps'}))", "answers 'perhaps'", PATIENCE),
        ("sys.exit('gone')", r"ended \(exit status 1\) instead(?s:.)*gone", PATIENCE),
        ("print('x' * 2000000)", "line without end", PATIENCE),
        ("pass", "does not answer x", 0.5),
    ],
)
def test_wrong_programs(speak: Callable[[str], ControlLines], body: str, text: str, seconds: float) -> None:
    with pytest.raises(TargetUnusable, match=text):
        speak(body).ask("x", seconds=seconds)


def test_a_program_that_has_ended(speak: Callable[[str], ControlLines]) -> None:
    lines = speak("sys.exit(0)")
    with pytest.raises(TargetUnusable):
        lines.ask("x")
    with pytest.raises(TargetUnusable, match=r"no more questions|instead of answering"):
        lines.ask("x")
