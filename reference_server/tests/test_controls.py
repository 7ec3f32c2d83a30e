"""What a server can be told from outside."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reference_server import Controls
from reference_server.departure import Destination, Kind
from reference_server.tests.agent_client import session
from reference_server.tests.memory import serve, small
from spiceproto.controls import CONTROLS, Control, programs, questions
from spiceproto.enums.agent import ClipboardType
from spiceproto.messages import agent
from spiceproto.tests.peers import PATIENCE

VERBS = [row for row in CONTROLS if row.role == "server"]
TEXT = ClipboardType.UTF8_TEXT


def answer(target: Controls, line: str) -> dict[str, Any]:
    """What a line comes to."""

    async def act(row: Control, values: dict[str, Any]) -> dict[str, Any]:
        value = getattr(target, row.method)(**values)
        return {"value": await value if isinstance(value, Awaitable) else value}

    return asyncio.run(questions.answer(line.encode(), programs.table("server"), act))


def ask(target: Controls, verb: str, **values: Any) -> Any:
    found = answer(target, json.dumps({"do": verb} | values))
    assert found["answer"] == "ok", found
    return found.get("value")


@pytest.mark.parametrize("row", VERBS, ids=[row.verb for row in VERBS])
def test_every_verb_of_a_server_has_a_method(row: Any) -> None:
    assert callable(getattr(Controls, row.method))


def test_copy_and_clipboard(tmp_path: Path) -> None:
    wire, client = session()
    target = Controls(wire.server)
    ask(target, "copy", text="a text")
    assert client.hear() == [agent.ClipboardGrabSelectedSerial(selection=0, reserved=bytes(3), serial=0, types=(TEXT,))]
    assert ask(target, "clipboard") == {"owner": "guest", "types": ["text"], "size": 6, "text": "a text"}
    (tmp_path / "picture").write_bytes(b"a picture")
    ask(target, "copy", path=str(tmp_path / "picture"), format="png", selection="primary")
    ask(target, "clipboard", path=str(tmp_path / "out"), format="png", selection="primary")
    assert (tmp_path / "out").read_bytes() == b"a picture"
    ask(target, "release-clipboard")
    assert ask(target, "clipboard") == {"owner": "nobody", "types": [], "size": None}


def test_paste() -> None:
    wire = serve(small())
    target = Controls(wire.server)
    ask(target, "agent", present=True)
    line, _ = wire.main()
    from reference_server.tests.agent_client import AgentClient

    client = AgentClient(line)
    line.read()
    client.greet()
    client.grab(TEXT)
    ask(target, "paste")
    assert ask(target, "clipboard") == {"owner": "client", "types": ["text"], "size": None}
    client.say(agent.ClipboardSelected(selection=0, reserved=bytes(3), type=TEXT, data=b"pasted"))
    assert ask(target, "clipboard") == {"owner": "client", "types": ["text"], "size": 6, "text": "pasted"}
    ask(target, "agent", present=False)
    assert ask(target, "clipboard")["owner"] == "nobody"
    ask(target, "agent", present=True)
    ask(target, "agent", present=True)
    assert wire.server.guest.agent.present


def test_files_and_monitors() -> None:
    wire, client = session()
    target = Controls(wire.server)
    client.offer(1, "file", 3)
    client.send(1, b"abc")
    assert ask(target, "files") == [{"name": "file", "size": 3, "have": 3, "whole": True}]
    assert ask(target, "monitors") == [{"display": 0, "number": 0, "width": 64, "height": 48, "x": 0, "y": 0}]


@pytest.mark.parametrize(
    ("line", "expected"),
    (
        ("{", "error"),
        ("[]", "error"),
        ('{"do": "fly"}', "unsupported"),
        ('{"do": "motion"}', "unsupported"),
        ('{"do": "copy", "colour": "red"}', "error"),
        ('{"do": "copy", "path": "/nowhere/at/all"}', "error"),
        ('{"do": "copy"}', "error"),
        ('{"do": "copy", "text": "a", "path": "b"}', "error"),
        ('{"do": "picture", "path": ""}', "error"),
        ('{"do": "add-channel", "channel_type": 77, "channel_id": 0}', "error"),
        ("[" * 100_000, "error"),
    ),
)
def test_questions_that_are_none(line: str, expected: str) -> None:
    target = Controls(serve(small()).server)
    found = answer(target, line)
    assert found["answer"] == expected and found["text"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_files_that_are_pipes_hold_nobody_up(tmp_path: Path) -> None:
    pipe = str(tmp_path / "pipe")
    os.mkfifo(pipe)
    target = Controls(serve(small()).server)
    target._heard.play(0, 48000, np.zeros((480, 2), np.int16))
    ask(target, "copy", text="a text")
    for verb in ("copy", "picture", "clipboard", "heard"):
        found = answer(target, json.dumps({"do": verb, "path": pipe}))
        assert found == {"answer": "error", "text": f"{pipe} can not be used; expected a regular file; found a pipe"}, verb


def test_on_standard_input(tmp_path: Path) -> None:
    """Questions are answered in their order; the server ends when it is told to."""
    command = [sys.executable, "-m", "reference_server", "--port", "0", "--guest", "agent", "--control"]
    questions = [{"do": "copy", "text": "text"}, {"do": "clipboard"}, {"do": "fly"}, {"do": "shutdown"}]
    done = subprocess.run(
        command,
        input="".join([json.dumps(each) + "\n" for each in questions]) + "x",
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    answers = [line["answer"] for line in lines if line["event"] == "answer"]
    assert answers[:4] == ["ok", "ok", "unsupported", "ok"] and not done.stderr and done.returncode == 0
    assert next(line for line in lines if line.get("value"))["value"]["text"] == "text"


def test_a_migration_in_memory() -> None:
    """With a server beside it the guest goes there, and what is told is told that one; without, nothing happens."""
    alone = Controls(serve(small()).server)
    for verb in ("migrate-begin", "migrate-finish", "migrate-cancel"):
        assert answer(alone, json.dumps({"do": verb}))["answer"] == "error"
    assert answer(alone, json.dumps({"do": "migrate", "host": "x", "port": 1, "guest": "x"}))["answer"] == "error"
    source, there = serve(small()), serve(small())
    target = Controls(source.server, destination=there.server)
    source.main()
    ask(target, "migrate-begin")
    assert answer(target, '{"do": "migrate-begin"}')["answer"] == "error", "one at a time"
    ask(target, "migrate-cancel")
    ask(target, "migrate-begin")
    assert there.server.migrations == set(source.server.sessions)
    source.server.guest.pointer.set_kind("absolute")
    ask(target, "migrate-finish")
    pointers = [wire.server.guest.pointer for wire in (source, there)]
    assert [pointer.kind for pointer in pointers] == ["absolute"] * 2 and not source.server.here
    ask(target, "pointer", kind="relative")
    assert [pointer.kind for pointer in pointers] == ["absolute", "relative"]


def test_an_answer_that_is_waited_for() -> None:
    async def hand_over(destination: Destination, kind: Kind, place: str) -> Any:
        if place == "nowhere":
            raise OSError(2, "no such place", place)
        return [destination.host, destination.tls_port, kind, place]

    target = Controls(serve(small()).server, hand_over=hand_over)
    question = {"do": "migrate", "host": "there", "tls_port": 7, "guest": "place"}

    def said(**more: Any) -> dict[str, Any]:
        return answer(target, json.dumps(question | more))

    assert said() == {"answer": "ok", "value": ["there", 7, "seamless", "place"]}
    assert said(guest="nowhere") == {"answer": "error", "text": "nowhere: no such place"}
    assert said(port=70000)["answer"] == "error" and said(kind="x")["answer"] == "error"
