"""The references as processes are found to be what they are in memory, over every transport."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from conformance.report import jsonl
from conformance.tests.programs import reference_server, settings, spiceconf, start_spiceconf
from spiceproto.tests.peers import PATIENCE

TRANSPORTS = ("tcp", "tls", "unix", "ws")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[int, str, Path]]]:
    """Exit status, output and report by transport; all run at once, each against a server of its own."""
    folder = tmp_path_factory.mktemp("transports")
    config = str(settings(folder))
    path = str(folder / "socket")
    with ExitStack() as stack:
        said = {
            name: stack.enter_context(reference_server(folder, *arguments, name=name))
            for name, arguments in {
                "tcp": ("--port", "0"),
                "tls": ("--tls-port", "0", "--make-certificates", str(folder / "pems")),
                "unix": ("--unix", path),
                "ws": ("--port", "0"),
            }.items()
        }
        places = {
            "tcp": f"tcp:127.0.0.1:{said['tcp']['port']}",
            "tls": f"tls:127.0.0.1:{said['tls']['tls_port']}",
            "unix": f"unix:{path}",
            "ws": f"ws:127.0.0.1:{said['ws']['port']}",
        }
        started = {
            name: start_spiceconf("run", place, "--config", config, "--report", str(folder / f"{name}-report"))
            for name, place in places.items()
        }
        found = {}
        for name, process in started.items():
            output, _ = process.communicate(timeout=240)
            found[name] = (process.returncode, output, folder / f"{name}-report")
        yield found


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_server(transport: str, runs: dict[str, tuple[int, str, Path]]) -> None:
    status, output, report = runs[transport]
    assert status == 0, output
    run = jsonl.read(report / "results.jsonl")
    assert run.footer.outcomes["pass"] > 340, "everything that applies"
    assert [case.id for case in run.cases if case.manner == "tolerated"] == []
    assert "cases left out, for a wait of more than" in output


def test_transports_differ_in_nothing_but_what_they_cannot_do(runs: dict[str, tuple[int, str, Path]]) -> None:
    found = {
        name: {case.id: case for case in jsonl.read(report / "results.jsonl").cases} for name, (_, _, report) in runs.items()
    }
    for name in TRANSPORTS[1:]:
        for id, case in found["tcp"].items():
            other = found[name][id]
            if case.outcome != other.outcome:
                assert "not-applicable" in (case.outcome, other.outcome) and (case.reason or other.reason), (name, id)


def test_a_client(tmp_path: Path) -> None:
    command = f"client:{sys.executable} -m reference_client --control"
    select = "SPICE-LINK-001, SPICE-LINK-045, SPICE-LINK-047, SPICE-MAIN-0, SPICE-MOUSE-02, SPICE-LINK-040"
    config = tmp_path / "target.toml"
    config.write_text(f"[target]\nquiet = 0.1\npatience = {PATIENCE}\n")
    more = ("--config", str(config), "--report", str(tmp_path / "report"))
    status, output = spiceconf("run", command, "--select", select, *more)
    assert status == 0, output
    run = jsonl.read(tmp_path / "report" / "results.jsonl")
    assert run.header.identity["program"].startswith("spice-reference-client")
    passed = {case.id for case in run.cases if case.outcome == "pass"}
    assert "SPICE-LINK-047/password-of-200-bytes" in passed and len(passed) > 60
    assert {case.outcome for case in run.cases} <= {"pass", "not-applicable"}


def test_a_server_with_sasl_only_is_tested_by_sasl(tmp_path: Path) -> None:
    config = tmp_path / "target.toml"
    config.write_text('[target]\nusername = "admin"\npassword = "sesame"\n')
    with reference_server(tmp_path, "--port", "0", "--sasl", "--username", "admin") as said:
        more = (
            "--config",
            str(config),
            "--select",
            "SPICE-MAIN-001, SPICE-MOUSE-018, SPICE-FRAME-008",
            "--report",
            str(tmp_path),
        )
        status, output = spiceconf("run", f"127.0.0.1:{said['port']}", *more)
    assert status == 0, output
    assert jsonl.read(tmp_path / "results.jsonl").footer.outcomes["pass"] > 2
    status, output = spiceconf("run", "ref:server?sasl=1")
    assert status == 0, output
