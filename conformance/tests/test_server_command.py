"""A server of the caller's: its command line is an address, and it is started anew where a conversation was its end."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from conformance.adapters.programs.server_command import ServerCommand
from conformance.adapters.tests.looks import check_gone, link_reply
from conformance.address import Login, Settings, open_target
from conformance.command import main
from conformance.fuzz.play import Play
from conformance.fuzz.stage import Stage
from conformance.fuzz.steps import parse
from conformance.program_target import AdapterServer
from spiceproto.errors import LocalError

REFERENCE = f"{sys.executable} -m reference_server --port {{port}} --disable-ticketing"


def test_it_is_started_with_its_port_and_ended() -> None:
    with ServerCommand({"command": REFERENCE}) as server:
        assert server.process is not None and str(server.port) in server.process.command
        assert link_reply(server.address) == (b"REDQ", 0)
    check_gone(server.process)


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("", "without a command"),
        ("'x {port}", "No closing quotation"),
        ("x {prot}", "unknown placeholder"),
        ("x --port 5900", "told no port"),
    ],
)
def test_what_makes_no_sense_is_refused(command: str, text: str) -> None:
    with pytest.raises(LocalError, match=text):
        ServerCommand({"command": command})
    with pytest.raises(LocalError, match=text):
        open_target(f"server:{command}")


def test_the_password_is_told_to_it_or_is_its_own() -> None:
    def password(command: str, login: str | None = None) -> str:
        target = open_target(f"server:x {{port}} {command}", login=Login(login))
        assert isinstance(target, AdapterServer)
        return str(target.adapter.password)

    assert password("{password}") == "sesame" and password("{password}", "other") == "other"
    assert password("") == "" and password("", "other") == "other"


def test_what_a_file_says_can_be_done_to_it_can_be_done() -> None:
    target = open_target("server:x {port}", Settings(controls={"animate": "true {0}"}, has=("no-sasl",)))
    assert target.meets("control:animate") and target.meets("no-sasl") and not target.meets("control:pointer")


def test_it_is_held_against_the_specification(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", f"server:{REFERENCE}", "--select", "SPICE-LINK-006"]) == 0
    assert "CONFORMS IN SCOPE" in capsys.readouterr().out


def test_a_conversation_that_was_its_end_is_found_and_the_next_has_another_process() -> None:
    stage = Stage(open_target(f"server:{REFERENCE}"))
    stage.start()
    try:
        first = stage.watch.process
        assert first is not None

        def kill(play: Play) -> None:
            play.do(parse("main: ATTACH_CHANNELS"))
            os.kill(first.id, signal.SIGABRT)

        (finding,) = stage.converse(kill).findings
        assert (finding.kind, finding.where) == ("ended", "killed by SIGABRT")
        assert not stage.replay([parse("main: ATTACH_CHANNELS")]).findings
        assert stage.watch.process is not first
    finally:
        stage.stop()
