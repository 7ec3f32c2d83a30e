"""QEMU's control language, spoken with a socket that plays QEMU."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.adapters.qmp import Qmp, QmpError
from spiceproto.tests.peers import PATIENCE


@pytest.fixture
def path(tmp_path: Path) -> Iterator[str]:
    """A server that greets, and answers: echo with the arguments, fail with an error, event with an event before, leave."""
    place = str(tmp_path / "qmp")
    server = socket.socket(socket.AF_UNIX)
    server.bind(place)
    server.listen()

    def play() -> None:
        connection, _ = server.accept()
        with connection, connection.makefile("rwb") as lines:

            def say(message: object) -> None:
                lines.write(json.dumps(message).encode() + b"\r\n")
                lines.flush()

            say({"QMP": {"version": {"qemu": {"major": 7}}}})
            for line in lines:
                question = json.loads(line)
                if question["execute"] == "leave":
                    return
                if question["execute"] == "fail":
                    say({"error": {"class": "GenericError", "desc": "it cannot be"}})
                    continue
                if question["execute"] == "event":
                    say({"event": "SPICE_CONNECTED"})
                say({"return": question.get("arguments", {})})

    thread = threading.Thread(target=play)
    thread.start()
    yield place
    thread.join(PATIENCE)
    server.close()
    assert not thread.is_alive()


def test_questions_errors_and_events(path: str) -> None:
    with Qmp(path) as qmp:
        assert qmp.greeting["version"]["qemu"]["major"] == 7
        assert qmp.ask("echo", some_name=1) == {"some-name": 1}
        with pytest.raises(QmpError, match="it cannot be"):
            qmp.ask("fail")
        assert qmp.ask("event") == {}
        assert [event["event"] for event in qmp.events] == ["SPICE_CONNECTED"]


def test_an_end_is_told(path: str) -> None:
    with Qmp(path) as qmp, pytest.raises(ConnectionError):
        qmp.ask("leave")
