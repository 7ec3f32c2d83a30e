"""Clients of the caller's choice: what their command line can tell them, where they run, and what is said when they end."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from conformance.adapters.process import end_of
from conformance.adapters.programs.command import Command
from conformance.adapters.server_address import ServerAddress
from conformance.address import open_target
from conformance.case import Case
from conformance.cases import all_cases
from conformance.command import main
from spiceproto.errors import LocalError

PASSWORDS = "the command line has neither {password} nor {vv}"
TLS = "the command line has neither {vv}, nor {ca} with {tls_port} or {uri}"
ADDRESS = ServerAddress(host="127.0.0.1", port=5900)


def lacks(words: str, *needs: str) -> str:
    target = open_target(f"client:{words}")
    target.start()
    try:
        return target.lacks(Case("SPICE-LINK-045/x", "client", lambda server: None, "x", needs=needs))
    finally:
        target.stop()


@pytest.mark.parametrize(
    ("words", "password", "tls"),
    [
        ("true {uri}", PASSWORDS, TLS),
        ("true {host} {port} {tls_port}", PASSWORDS, TLS),
        ("true {uri} {password}", "", TLS),
        ("true {uri} {ca}", PASSWORDS, ""),
        ("true {tls_port} {ca} {password}", "", ""),
        ("true {port} {ca}", PASSWORDS, TLS),
        ("true {vv}", "", ""),
    ],
)
def test_what_nobody_told_a_client_it_need_not_do(words: str, password: str, tls: str) -> None:
    assert lacks(words, "client-password") == lacks(words, "act:password") == password
    assert lacks(words, "client-tls") == tls


def test_every_case_about_a_password_or_tls_says_so() -> None:
    about = {"SPICE-LINK-045": {"client-password", "act:password"}, "SPICE-LINK-047": {"act:password"}}
    about |= {"SPICE-LINK-027": {"client-tls"}, "SPICE-LINK-028": {"client-tls"}}
    cases = [case for case in all_cases() if case.role == "client" and case.requirement in about and not case.from_rules]
    assert len(cases) > 10 and all(set(case.needs) & about[case.requirement] for case in cases)


@pytest.mark.parametrize(("word", "near"), [("{ur}", "{uri}"), ("{prt}", "{port}"), ("--x={passwd}", "{password}")])
def test_an_unknown_placeholder(word: str, near: str) -> None:
    with pytest.raises(LocalError, match="an unknown placeholder") as found:
        Command({"command": f"true {word}"})
    assert found.value.expected is not None and found.value.expected.startswith(near)


def test_other_braces_are_left_alone() -> None:
    client = Command({"command": """true ${ur} '{ print }' '{"a": 1}' {} {port}"""})
    with client:
        assert client._command(ADDRESS)[0][1:] == ["${ur}", "{ print }", '{"a": 1}', "{}", "5900"]


@pytest.mark.parametrize("words", ["./client {uri}", "./client --control"])
def test_it_runs_in_the_folder_of_the_caller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    monkeypatch.chdir(tmp_path)
    script = tmp_path / "client"
    script.write_text(f"""#!{sys.executable}
import pathlib, sys
pathlib.Path("seen").touch()
for line in sys.stdin:
    print('{{"answer": "ok"}}', flush=True)
""")
    script.chmod(0o700)
    with Command({"command": words}) as client:
        client.connect(ADDRESS)
        assert client.process is not None
        if "uri" in words:
            assert client.process.wait(60) == 0
    assert (tmp_path / "seen").exists()


@pytest.mark.parametrize(
    ("text", "words", "said", "todo"),
    [
        (
            "sys.exit('one\\ntwo')",
            " {uri}",
            ["the program ended before it connected: exit status 1; it said:", "      two"],
            "by hand",
        ),
        ("os.kill(os.getpid(), 11)", " {uri}", ["the program ended before it connected: killed by SIGSEGV"], "by hand"),
        ("sys.exit('one\\ntwo')", "", ["python ended (exit status 1) instead of answering hello", "      two"], "JSON lines"),
    ],
    ids=["says why", "killed", "not driven"],
)
def test_a_client_that_ends(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    text: str,
    words: str,
    said: list[str],
    todo: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "client.py").write_text(f"import os, sys\n{text}\n")
    (tmp_path / "python").symlink_to(sys.executable)
    assert main(["run", f"client:./python client.py{words}", "--select", "SPICE-LINK-001"]) == 3
    output = capsys.readouterr().out
    assert all(line in output for line in said) and todo in output and "is it running" not in output
    assert "none for 10" not in output


def test_a_client_that_cannot_be_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "client").write_text("#!/no/such/interpreter\n")
    (tmp_path / "client").chmod(0o700)
    for name in ("./client", "./missing"):
        assert main(["run", f"client:{name} {{uri}}", "--select", "SPICE-LINK-001"]) == 3
        output = capsys.readouterr().out
        assert "a path is seen from the folder that spiceconf runs in" in output and "is it running" not in output


def test_how_a_program_ended() -> None:
    assert [end_of(status) for status in (0, 1, -11, -5, -250)] == [
        "exit status 0",
        "exit status 1",
        "killed by SIGSEGV",
        "killed by SIGTRAP",
        "killed by signal 250",
    ]
