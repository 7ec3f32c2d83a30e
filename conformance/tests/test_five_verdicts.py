"""The five verdicts: console, page, JUnit, pytest and exit status say the same of the same run."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

import pytest

from conformance.report import jsonl
from conformance.report.html import VERDICTS
from conformance.report.verdict import KINDS, Kind, verdict
from conformance.tests.programs import PASSWORD, reference_server
from spiceproto.tests.peers import PATIENCE, end, free_port, until

Command = Callable[[Path], list[str]]


def spiceconf(folder: Path) -> list[str]:
    return [sys.executable, "-m", "conformance", "run"]


def in_pytest(folder: Path) -> list[str]:
    return [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", str(folder), str(folder)]


def arguments(door: Command, folder: Path, address: str, more: dict[str, str]) -> list[str]:
    """The command of a run; pytest's options are those of ``spiceconf`` with a prefix."""
    options = more | {"report": str(folder / "report")}
    if door is spiceconf:
        return [*door(folder), address, *[f"--{name}={value}" for name, value in options.items()]]
    return [*door(folder), f"--spice-target={address}", *[f"--spice-{name}={value}" for name, value in options.items()]]


def agree(folder: Path, output: str, status: int) -> Kind:
    """The verdict that all of them have."""
    report = folder / "report"
    found = jsonl.read(report / "results.jsonl")
    kind = verdict(found).kind
    assert found.footer.exit_status == status
    assert f"{kind.upper()}: " in output and not [
        other for other in KINDS if f"\n{other.upper()}: " in output and other != kind
    ]
    assert f"<title>{VERDICTS[kind][1]}: " in (report / "index.html").read_text()
    root = ElementTree.parse(report / "junit.xml").getroot()
    named = {item.get("name"): item.get("value") for item in root.iter("property")}
    assert named["verdict"] == kind
    green = root.get("failures") == root.get("errors") == "0"
    assert green is (kind in ("conforms", "conforms in scope")) is (status == 0)
    return kind


@contextmanager
def elsewhere(folder: Path, address: str) -> Iterator[str]:
    """An address as it stands, or that of a reference server in a process of its own."""
    if address != "127.0.0.1":
        yield address
        return
    with reference_server(folder) as said:
        yield f"127.0.0.1:{said['port']}"


@pytest.mark.parametrize("door", [spiceconf, in_pytest], ids=["spiceconf", "pytest"])
@pytest.mark.parametrize(
    ("kind", "address", "more", "status"),
    [
        ("conforms", "ref:client", {}, 0),
        ("conforms in scope", "ref:client", {"select": "chapter:main"}, 0),
        ("does not conform", "ref:client?fault=no-pong", {"select": "SPICE-FRAME-028"}, 1),
        ("does not conform", "ref:client", {"select": "chapter:main", "min-executed": "1000"}, 1),
        ("cannot be tested", "nobody", {}, 3),
        ("cannot be tested", "127.0.0.1", {"select": "SPICE-LINK-006"}, 3),
        ("cannot be tested", "client:no-such-program {uri}", {"select": "SPICE-LINK-001"}, 3),
    ],
)
def test_all_say_the_same(tmp_path: Path, door: Command, kind: Kind, address: str, more: dict[str, str], status: int) -> None:
    with elsewhere(tmp_path, address.replace("nobody", f"127.0.0.1:{free_port()}")) as there:
        command = arguments(door, tmp_path, there, more)
        done = subprocess.run(command, capture_output=True, text=True, timeout=4 * PATIENCE, cwd=tmp_path, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    assert agree(tmp_path, done.stdout, status) == kind
    if kind == "cannot be tested":
        assert "FAIL" not in done.stdout, "no sentence is broken where nobody can talk to the target"


@pytest.mark.parametrize("door", [spiceconf, in_pytest], ids=["spiceconf", "pytest"])
def test_all_say_that_a_run_was_interrupted(tmp_path: Path, door: Command) -> None:
    password = tmp_path / "password"
    password.write_text(PASSWORD + "\n")
    results = tmp_path / "report" / "results.jsonl"
    with elsewhere(tmp_path, "127.0.0.1") as there:
        command = arguments(door, tmp_path, there, {"password-file": str(password)})
        run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=tmp_path)
        try:
            until(lambda: results.exists() and results.read_bytes().count(b"\n") > 5)
            run.send_signal(signal.SIGTERM)
            output, _ = run.communicate(timeout=2 * PATIENCE)
        finally:
            end(run)
    assert agree(tmp_path, output, run.returncode) == "interrupted" and run.returncode == 128 + signal.SIGTERM
