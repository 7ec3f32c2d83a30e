"""The skeleton of an adapter works as it is, and what is wrong with one is said."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import conformance
from conformance.adapters.programs.qemu import Qemu
from conformance.adapters.programs.spice_gtk import SpiceGtk
from conformance.adapters.tests.looks import need_adapters
from conformance.command import main
from conformance.kit.client import try_client
from conformance.kit.new import FILES, write
from conformance.kit.sample import right, wrong
from conformance.kit.server import try_controls
from conformance.kit.tried import Found
from conformance.matrix import record
from conformance.matrix.targets import read
from spiceproto.controls import CONTROLS
from spiceproto.errors import LocalError
from spiceproto.tests.peers import end, free_port, until

EXAMPLE = Path(conformance.__file__).parent.parent / "examples" / "qemu_adapter"

DRIVEN = """
import json, sys
for line in sys.stdin:
    question = json.loads(line)
    verb = question["do"]
    found = {"answer": "ok"}
    if verb == "hello":
        found["verbs"] = ["hello", "connect", "quit", "motion", "picture", "key", "flie", "disconnect"]
    elif verb == "key":
        found = {"answer": "unsupported", "text": "not yet"}
    elif verb not in ("connect", "quit", "motion", "picture", "disconnect"):
        found = {"answer": "ok"}
    print(json.dumps(found), flush=True)
    if verb == "quit":
        while True:
            sys.stdin.readline()
"""
"""A program that answers ok to nearly everything."""


def verdicts(found: list[Found], verdict: str) -> list[str]:
    return [f"{item.verb}: {item.text}" for item in found if item.verdict == verdict]


def test_the_client_of_the_skeleton(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write("My thing", tmp_path, ("client", "server"))
    command = f"{sys.executable} {tmp_path / 'client.py'}"
    assert main(["adapter", "check", command]) == 0
    assert "My thing" in capsys.readouterr().out
    assert main(["run", f"client:{command}", "--select", "SPICE-LINK-001", "-q"]) == 0


def test_a_command_with_a_password_runs_where_none_is_wanted(tmp_path: Path) -> None:
    write("My thing", tmp_path, ("client",))
    path = tmp_path / "client.py"
    told = path.read_text()
    assert "spice-reference-client {vv}" in told
    path.write_text(told.replace("spice-reference-client {vv}", "spice-reference-client {uri} {password}{username}"))
    assert not verdicts(list(try_client(f"{sys.executable} {path}")), "WRONG")


def test_the_server_of_the_skeleton(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("My thing", tmp_path, ("server",))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES["server"])
    assert [target.name for target in read(tmp_path / "targets.toml")] == ["My thing server"]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    command = [sys.executable, "server.py", "start", str(free_port())]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: (tmp_path / "server.socket").exists(), what="the server takes commands")
        found = list(try_controls(tmp_path / "server.toml"))
    finally:
        end(process)
    assert {item.verb: item.verdict for item in found} == {"animate": "ok", "lock-keys": "ok", "picture": "ok"}, found


@pytest.mark.skipif(not EXAMPLE.exists(), reason="the example is in a checkout only")
def test_the_example_of_qemu(tmp_path: Path) -> None:
    """Its password is changed and expires from outside, its screen is what spice-gtk shows."""
    need_adapters(Qemu, SpiceGtk)
    folder = tmp_path / "example"
    shutil.copytree(EXAMPLE, folder)
    assert main(["matrix", str(folder / "targets.toml"), "-o", str(tmp_path / "out"), "--pairs"]) == 0
    found = record.read(tmp_path / "out" / "matrix.json")
    qemu = next(item for item in found.implementations if item.name == "QEMU")
    assert qemu.cases["SPICE-LINK-048/expired"] == "passed" and qemu.cases["SPICE-LINK-051/in-time"] == "passed"
    assert [(pair.client, pair.picture, pair.broken) for pair in found.pairs] == [("spice-gtk", "equal", ())]


def test_a_name_and_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adapter", "new", "x", "--role", "client", "-o", str(tmp_path / "x")]) == 0
    assert "x client" in (tmp_path / "x" / "targets.toml").read_text()
    assert "x server" not in (tmp_path / "x" / "targets.toml").read_text()
    assert main(["adapter", "new", "x", "-o", str(tmp_path / "x")]) == 2
    assert "a file is there already" in capsys.readouterr().err
    assert main(["adapter", "new", "../x", "-o", str(tmp_path / "y")]) == 2 and not (tmp_path / "y").exists()


def test_what_is_wrong_with_a_client_is_said(tmp_path: Path) -> None:
    path = tmp_path / "driven.py"
    path.write_text(DRIVEN)
    found = list(try_client(f"{sys.executable} {path}"))
    said = "\n".join(verdicts(found, "WRONG"))
    for text in (
        "flie: hello claims a verb that there is not",
        "no-such-verb-as-this: a verb that there is not is answered ok",
        "motion: it is ok before there is a session",
        "motion: without dx, and it is ok",
        "picture: it is ok, and there is no PNG file",
        "key: hello claims it, and it is answered unsupported",
        "quit: it answers ok and goes on",
    ):
        assert text in said
    assert "end of input" not in said


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import sys; sys.exit(3)", "exit status 3"),
        ("print('hello', flush=True); input(); input()", "neither answer nor event"),
        ('input(); print(\'{"answer": "yes"}\', flush=True); input()', "answers 'yes'"),
        ('input(); print(\'{"answer": "error", "text": "no"}\', flush=True); input()', "the answer is error: no"),
        ('input(); print(\'{"answer": "ok", "verbs": 5}\', flush=True); input()', "verbs is no list"),
    ],
)
def test_a_client_that_cannot_be_asked(tmp_path: Path, program: str, said: str) -> None:
    path = tmp_path / "driven.py"
    path.write_text(program)
    assert any(said in text for text in verdicts(list(try_client(f"{sys.executable} {path}")), "WRONG"))


def test_what_is_wrong_with_commands_is_said(tmp_path: Path) -> None:
    path = tmp_path / "server.toml"
    false, true = shutil.which("false"), shutil.which("true")
    path.write_text(f"""
[target.controls]
animat = "{true}"
animate = "{true} {{3}}"
picture = "{true} {{0}}"
lock-keys = "{false} {{0}}"
copy = "/no/such/program"
input-events = "{true}"
shutdown = "{true}"
""")
    found = {item.verb: item for item in try_controls(path)}
    assert {verb: item.verdict for verb, item in found.items()} == {
        "animat": "WRONG",
        "animate": "WRONG",
        "picture": "WRONG",
        "lock-keys": "could not",
        "copy": "WRONG",
        "input-events": "ok",
        "shutdown": "left out",
    }
    assert "animate" in found["animat"].text and "{3} is no value" in found["animate"].text
    assert "exit status 1" in found["lock-keys"].text
    assert main(["adapter", "check", "--controls", str(path)]) == 1


def test_samples_are_what_the_table_says(tmp_path: Path) -> None:
    for row in CONTROLS:
        assert set(right(row, tmp_path)) <= {value.name for value in row.values}
        row.read(right(row, tmp_path))
        for said, values in wrong(row, tmp_path):
            with pytest.raises(LocalError):
                row.read(values)
            assert said


@pytest.mark.parametrize("arguments", [[], ["--controls", "x.toml", "client"], [""], ["'"]])
def test_nothing_to_check(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adapter", "check", *arguments]) == 2
    assert capsys.readouterr().err.startswith("spiceconf: ")
