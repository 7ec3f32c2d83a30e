"""``spiceconf fuzz`` as people use it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conformance.command import main
from conformance.fuzz.corpus import Corpus
from conformance.fuzz.known import Known, seen
from conformance.fuzz.verdict import Finding
from conformance.requirements import requirements


def test_nothing_was_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fuzz", "ref:server", "--count", "30", "--seed", "5"]) == 0
    said = capsys.readouterr().out
    assert "spiceconf fuzz: server ref:server" in said and "seed 5" in said
    assert "30 conversations in" in said and "0 findings, 0 of them new" in said


def test_it_begins_with_the_corpus_of_the_suite_unless_another_is_wanted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def reached(*arguments: str) -> int:
        assert main(["fuzz", "ref:server", "--count", "1", *arguments]) == 0
        said = capsys.readouterr().out
        assert "\n1 conversation in" in said
        return int(said.partition(" messages in their states")[0].rpartition(" ")[2])

    own = reached()
    assert own > 30 > reached("--corpus", "none")
    assert own > reached("--channel", "inputs") > reached("--corpus", str(tmp_path), "--channel", "inputs")
    assert own == reached()


def test_something_was_found_and_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    address = "ref:server?fault=unknown-message-kills-session"
    arguments = ["fuzz", address, "--count", "60", "--kind", "unknown", "--report", str(tmp_path)]
    assert main(arguments) == 1
    said = capsys.readouterr().out
    assert "FOUND 1: SPICE-MAIN-020" in said and "type" in said
    (steps,) = sorted(tmp_path.glob("01-*.steps"))
    assert {path.suffix for path in tmp_path.glob("01-*")} == {".steps", ".pcapng", ".py"}
    assert main(["fuzz", address, "--replay", str(steps)]) == 1
    assert "SPICE-MAIN-020" in capsys.readouterr().out
    assert main(["fuzz", "ref:server", "--replay", str(steps)]) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--channel", "outputs"], "no such channel"),
        (["--kind", "feild"], "field"),
        (["--time", "-1"], "--time"),
        (["--time", "0"], "--time; expected more than 0"),
        (["--time", "nan"], "--time"),
        (["--time", "inf"], "--time"),
        (["--count", "-1"], "--count"),
        (["--count", "0"], "--count; expected more than 0"),
        (["--report", "/dev/null/x"], "/dev/null/x: nothing can be written there"),
        (["--corpus", "/dev/null/x"], "/dev/null/x: nothing can be written there"),
        (["--replay", "/nowhere"], "/nowhere"),
        (["--waivers", "/nowhere"], "/nowhere"),
        (["--tls"], "no client of the suite"),
        (["--kind", "websocket"], "nobody can make there"),
    ],
)
def test_what_makes_no_sense(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fuzz", "ref:server", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_target_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fuzz", "127.0.0.1:1", "--count", "1"]) == 3
    assert "cannot be tested" in capsys.readouterr().err


def test_what_was_seen_of_peers_names_sentences_and_no_way() -> None:
    from conformance.adapters.programs import CATALOGUE

    for item in seen():
        assert item.program in CATALOGUE and item.sentence in requirements() and item.what
    for item in seen():
        assert Known(None, f"{item.program}:").of(Finding("ended", item.sentence)) == item.what
    assert Known(None, "ref:server").of(Finding("ended", "SPICE-MIG-027")) == ""
    assert Known("builtin", "qemu:").of(Finding("closed", "SPICE-CARD-019"))


def test_a_conversation_that_is_no_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.steps"
    path.write_bytes(b"\xff\xfe")
    assert main(["fuzz", "ref:server", "--replay", str(path)]) == 2
    assert f"{path}: no text" in capsys.readouterr().err


def test_steps_that_were_not_said_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.steps"
    path.write_text("main: ATTACH_CHANNELS\nmain: FLY\nmain: ATTACH_CHANNELS\nmain: wait nan\n")
    assert main(["fuzz", "ref:server", "--replay", str(path)]) == 0
    said = capsys.readouterr().out
    assert f"{path}: 2 of 4 steps not said, for they make no sense there:\n    main: FLY\n    main: wait nan\n" in said
    path.write_text("main: ATTACH_CHANNELS\n")
    assert main(["fuzz", "ref:server", "--replay", str(path)]) == 0
    assert "not said" not in capsys.readouterr().out


def test_a_corpus_for_the_other_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.steps").write_text("main: ATTACH_CHANNELS\ndisplay: MARK\n")
    kept = (tmp_path / "x.steps").read_text()
    for command in (["fuzz", "ref:server", "--count", "1", "--corpus"], ["corpus", "minimise"]):
        assert main([*command, str(tmp_path)]) == 2
        assert "what a server says; expected conversations for a server: what a client says" in capsys.readouterr().err
    assert [path.read_text() for path in tmp_path.iterdir()] == [kept]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("seeds", ["1", "1000"])
def test_what_was_found_before_a_signal_is_kept(tmp_path: Path, number: signal.Signals, seeds: str) -> None:
    command = [sys.executable, "-m", "spiceproto.spiceconf", "fuzz", "ref:server", "--corpus", str(tmp_path), "--seeds", seeds]
    length = ["--time", "1000"] if seeds == "1" else ["--count", "1"]

    def heard() -> None:
        for one in (signal.SIGHUP, signal.SIGINT):  # whoever runs the tests may be deaf to them
            signal.signal(one, signal.SIG_DFL)

    run = subprocess.Popen([*command, *length], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heard)
    assert run.stdout is not None
    for _ in range(2 if seeds == "1000" else 1):
        run.stdout.readline()
    time.sleep(2)
    run.send_signal(number)
    output, errors = run.communicate(timeout=120)
    assert run.returncode == 128 + number and errors == "interrupted\n"
    assert "conversations in" in output and f"{len(Corpus(tmp_path).read('server'))} new" in output
    assert Corpus(tmp_path).read()


def test_where_it_speaks_and_what_it_said_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fuzz", "ref:server", "--count", "5", "--channel", "inputs"]) == 0
    said = capsys.readouterr().out
    assert "\n  on main:0, display:0, inputs:0" in said
    assert "\nkinds of messages that were said: inputs " in said and " of 14, main " in said


def test_what_to_do_about_a_target_that_wants_a_password_or_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fuzz", "127.0.0.1:1", "--count", "5"]) == 3
    assert "--wait 30 waits until it listens" in capsys.readouterr().err
