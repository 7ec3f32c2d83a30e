"""``spiceconf run``: what it ends with, what it says, and what it leaves behind."""

from __future__ import annotations

import json
import re
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import pytest

from conformance.case import SANITY
from conformance.command import main
from conformance.report import jsonl
from conformance.results import OUTCOMES
from conformance.tests.programs import PASSWORD, reference_server, spiceconf, start_spiceconf
from spiceproto.tests.peers import free_port

FAULTY = "ref:server?fault=any-magic"
MAGIC = "SPICE-LINK-006"


# -- exit statuses


def test_nothing_unexpected() -> None:
    status, output = spiceconf("run", "ref:server", "--select", "SPICE-LINK-006, SPICE-LINK-008")
    assert status == 0 and "CONFORMING at level MAY" in output and "NOT" not in output
    assert "FAIL" not in output


def test_a_failure() -> None:
    status, output = spiceconf("run", FAULTY, "--select", f"{MAGIC}/zero-bytes")
    assert status == 1 and output.count("FAIL ") == 1
    assert "expected  a link reply with the error INVALID_MAGIC (2)" in output and "NOT CONFORMING: 1 × fail" in output
    (repro,) = re.findall(r"repro     spiceconf (.*)", output)
    assert repro == f"run '{FAULTY}' --select {MAGIC}/zero-bytes", "as a shell wants it"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ref:server", "--select", "colour:red"], "unknown key"),
        (["ref:server", "--select", "(a"], "open bracket"),
        (["elsewhere"], "without a scheme"),
        (["tcp:host"], "cannot be read"),
        (["ref:server?fault=none-such"], "no such fault"),
        (["ref:server", "--waivers", "none.toml"], "cannot be read"),
        (["ref:server", "--config", "none.toml"], "cannot be read"),
    ],
)
def test_usage(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_an_unknown_option_and_level() -> None:
    for arguments in (["ref:server", "--colour"], ["ref:server", "--level", "perhaps"]):
        with pytest.raises(SystemExit) as ended:
            main(["run", *arguments])
        assert ended.value.code == 2


def test_nothing_selected() -> None:
    status, output = spiceconf("run", "ref:server", "--select", "SPICE-NONE-001")
    assert status == 2 and "no case is selected" in output


def one_paragraph(output: str) -> str:
    """What is said of a target that cannot be tested; no table, no verdict."""
    assert "CONFORMING" not in output and "blocked:" not in output
    (found,) = [line for line in output.splitlines() if line.startswith("ERROR")]
    assert found.startswith("ERROR the target cannot be tested: SPICE-LINK-001/whole-stage: ")
    return found


def test_nobody_listens() -> None:
    status, output = spiceconf("run", f"tcp:127.0.0.1:{free_port()}")
    assert status == 3 and "Connection refused" in one_paragraph(output)


@contextmanager
def no_spice_server(answer: bytes) -> Iterator[int]:
    """Says the same to everybody, and closes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()

        def run() -> None:
            while not over.is_set():
                with suppress(OSError):
                    sock, _ = server.accept()
                    with sock:
                        sock.sendall(answer)

        server.settimeout(0.2)
        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield int(server.getsockname()[1])
        finally:
            over.set()
            thread.join(10)


def test_a_server_that_speaks_something_else() -> None:
    answer = b"HTTP/1.0 400 Bad Request\r\n\r\n"
    with no_spice_server(answer) as port:
        status, output = spiceconf("run", f"tcp:127.0.0.1:{port}")
    assert status == 3 and f"bytes that are no answer: {answer[:16].hex()}" in one_paragraph(output)


def test_a_server_that_only_closes() -> None:
    with no_spice_server(b"") as port:
        status, output = spiceconf("run", f"tcp:127.0.0.1:{port}")
    assert status == 3 and "closed without an answer" in one_paragraph(output)


def test_a_program_that_is_not_there() -> None:
    status, output = spiceconf("run", "client:no-such-program-anywhere --control", "--select", "SPICE-LINK-001")
    assert status == 3 and "ERROR the target cannot be tested: not installed: no-such-program-anywhere" in output


def test_a_prerequisite_that_fails(tmp_path: Path) -> None:
    status, output = spiceconf("run", "ref:server?fault=link-reply-twice", "--report", str(tmp_path))
    assert status == 3 and "found a second link reply" in one_paragraph(output)
    run = jsonl.read(tmp_path / "results.jsonl")
    assert run.footer.exit_status == 3 and run.footer.outcomes["blocked"] > 400
    blocked = [case for case in run.cases if case.outcome == "blocked"]
    assert all(SANITY["server"] in case.blocked_by or case.reason for case in blocked)


def test_blocked_by_another_case_than_the_first(tmp_path: Path) -> None:
    """Its prerequisite is run although nobody has selected it; the run has failed, and yet the target can be tested."""
    arguments = ("--select", "SPICE-LINK-012/size-18, SPICE-LINK-006/zero-bytes", "--report", str(tmp_path))
    status, output = spiceconf("run", "ref:server?fault=wants-the-ticket-announced", *arguments)
    assert status == 1 and "NOT CONFORMING" in output and "cannot be tested" not in output
    assert "blocked: 1 × after SPICE-LINK-020/neither-login" in output
    cases = {case.id: (case.outcome, case.blocked_by) for case in jsonl.read(tmp_path / "results.jsonl").cases}
    assert cases == {"SPICE-LINK-012/size-18": ("blocked", ("SPICE-LINK-020/neither-login",)),
                     "SPICE-LINK-006/zero-bytes": ("pass", ())}  # fmt: skip


# -- how much


def test_too_little_executed() -> None:
    select = ("--select", f"{MAGIC}/zero-bytes")
    assert spiceconf("run", "ref:server", *select, "--min-executed", "1")[0] == 0
    status, output = spiceconf("run", "ref:server", *select, "--min-executed", "2")
    assert status == 1 and "too few cases: 1 executed, at least 2 wanted" in output


def planned(output: str) -> int:
    (found,) = re.findall(r"(\d+) cases, specification", output)
    return int(found)


def test_levels() -> None:
    select = ("--select", "chapter:link role:server")
    counts = {level: spiceconf("run", "ref:server", *select, "--level", level) for level in ("must", "should")}
    assert {status for status, _ in counts.values()} == {0}
    assert planned(counts["must"][1]) < planned(counts["should"][1])
    assert "CONFORMING at level MUST" in counts["must"][1]


def test_byte_by_byte() -> None:
    status, output = spiceconf("run", "ref:client", "--piece", "1", "--select", "SPICE-LINK-0, SPICE-MAIN")
    assert status == 0 and planned(output) > 100, output


# -- waivers


def waivers(tmp_path: Path, select: str = MAGIC, more: str = "") -> tuple[str, str]:
    path = tmp_path / "waivers.toml"
    path.write_text(f'[[waiver]]\nselect = "{select}"\nreason = "old"\nbug = "none filed"\n{more}')
    return "--waivers", str(path)


def test_waived(tmp_path: Path) -> None:
    status, output = spiceconf("run", FAULTY, *waivers(tmp_path), "--select", MAGIC)
    assert status == 0 and "FAIL" not in output
    (line,) = [line for line in output.splitlines() if "expected failure" in line]
    assert line.startswith("5 expected failures, not shown: SPICE-LINK-006/") and line.endswith("and 2 more")


def test_waived_and_shown(tmp_path: Path) -> None:
    status, output = spiceconf("run", FAULTY, *waivers(tmp_path), "--select", MAGIC, "--show-waived")
    assert status == 0 and output.count("WAIVED") == 5 and "waived    old (none filed)" in output


def test_a_stale_waiver(tmp_path: Path) -> None:
    status, output = spiceconf("run", "ref:server", *waivers(tmp_path), "--select", MAGIC)
    assert status == 1 and f"stale waiver {MAGIC}" in output


def test_a_waiver_that_means_no_case(tmp_path: Path) -> None:
    status, output = spiceconf("run", "ref:server", *waivers(tmp_path, "SPICE-LINK-999"), "--select", MAGIC)
    assert status == 1 and "SPICE-LINK-999 means no case" in output


def test_an_expired_waiver(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", FAULTY, *waivers(tmp_path, more="expires = 2020-01-01\n")]) == 2
    said = capsys.readouterr().err
    assert "expired" in said and f"{MAGIC}: 2020-01-01" in said


def test_a_baseline_makes_the_next_run_pass(tmp_path: Path) -> None:
    path = str(tmp_path / "baseline.toml")
    select = ("--select", "SPICE-LINK-00")
    assert spiceconf("run", FAULTY, *select, "--write-baseline", path)[0] == 1
    status, output = spiceconf("run", FAULTY, *select, "--waivers", path)
    assert status == 0 and "expected failures, not shown" in output, output


# -- several processes, several runs


def outcomes(folder: Path) -> dict[str, tuple[str, str]]:
    return {case.id: (case.outcome, case.manner) for case in jsonl.read(folder / "results.jsonl").cases}


def test_two_processes_find_what_one_finds(tmp_path: Path) -> None:
    for name, more in (("one", ()), ("two", ("-n", "2"))):
        assert spiceconf("run", FAULTY, "--select", "chapter:link", "--report", str(tmp_path / name), *more)[0] == 1
    one = outcomes(tmp_path / "one")
    assert one == outcomes(tmp_path / "two") and len(one) > 200
    names = [{path.name for path in (tmp_path / name).iterdir()} for name in ("one", "two")]
    assert names[0] == names[1] and len(names[0]) > 3


def test_two_runs_at_the_same_time(tmp_path: Path) -> None:
    runs = [start_spiceconf("run", address, "--report", str(tmp_path / name), "--select", "chapter:link")
            for name, address in (("good", "ref:server"), ("bad", FAULTY))]  # fmt: skip
    for run in runs:
        run.communicate(timeout=120)
    assert [run.returncode for run in runs] == [0, 1]
    good, bad = outcomes(tmp_path / "good"), outcomes(tmp_path / "bad")
    assert {id.partition("/")[0] for id in good if good[id] != bad[id]} == {MAGIC}


# -- the report


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    select = "SPICE-LINK-006, SPICE-LINK-008, SPICE-LINK-061"
    assert spiceconf("run", FAULTY, "--select", select, "--report", str(folder))[0] == 1
    return folder


def test_the_records(report: Path) -> None:
    run = jsonl.read(report / "results.jsonl")
    assert run.header.target == FAULTY and run.header.planned == run.footer.planned == len(run.cases)
    counts = {outcome: sum(case.outcome == outcome for case in run.cases) for outcome in OUTCOMES}
    assert run.footer.outcomes == counts and counts["fail"] == 5 and counts["pass"] > 0
    assert run.footer.executed == counts["pass"] + counts["fail"] and run.footer.exit_status == 1


def test_the_files(report: Path) -> None:
    failed = [case for case in jsonl.read(report / "results.jsonl").cases if case.outcome == "fail"]
    wanted = {"results.jsonl", "junit.xml", "index.html"}
    wanted |= {case.capture for case in failed} | {case.reproducer for case in failed}
    assert {path.name for path in report.iterdir()} == wanted and len(wanted) == 3 + 2 * 5
    junit = (report / "junit.xml").read_text()
    assert 'failures="5"' in junit and f'value="{MAGIC}"' in junit
    assert f"{MAGIC}/zero-bytes" in (report / "index.html").read_text()
    for case in failed:
        (magic,) = struct.unpack_from("<L", (report / case.capture).read_bytes())
        assert magic == 0x0A0D0D0A


def test_a_capture_has_the_conversation(report: Path) -> None:
    for case in jsonl.read(report / "results.jsonl").cases:
        if case.outcome == "fail":
            said = [bytes.fromhex(entry.data) for entry in case.transcript if entry.data]
            data = (report / case.capture).read_bytes()
            assert len(said) > 1 and all(part in data for part in said), case.id


def played(script: Path, port: int) -> tuple[int, str]:
    command = [sys.executable, "-I", "-S", str(script), f"127.0.0.1:{port}", "--password", PASSWORD, "--patience", "3"]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in found.stderr, found.stderr
    return found.returncode, found.stdout


def test_a_reproducer_finds_the_same_and_nothing_at_a_good_server(report: Path, tmp_path: Path) -> None:
    script = report / "repro_SPICE-LINK-006_zero-bytes.py"
    with reference_server(tmp_path, "--fault", "any-magic", name="bad") as bad:
        status, output = played(script, bad["port"])
        assert status == 0, output
    with reference_server(tmp_path, name="good") as good:
        status, output = played(script, good["port"])
        assert status == 1 and "link-reply; found: error 2, recorded 0" in output, output


def test_a_report_again(report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(report / "results.jsonl"), "-o", str(tmp_path / "again")]) == 0
    assert "index.html" in capsys.readouterr().out
    assert (tmp_path / "again" / "junit.xml").read_text() == (report / "junit.xml").read_text()


@pytest.mark.parametrize("cut", ["footer", "header", "case", "half"])
def test_results_that_are_none(report: Path, tmp_path: Path, cut: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = (report / "results.jsonl").read_text().splitlines(keepends=True)
    assert [json.loads(line)["record"] for line in (lines[0], lines[-1])] == ["header", "footer"]
    kept = {"footer": lines[:-1], "header": lines[1:], "case": [lines[0], *lines[2:]],
            "half": [*lines[:-1], lines[-1][:20]]}[cut]  # fmt: skip
    (tmp_path / "results.jsonl").write_text("".join(kept))
    assert main(["report", str(tmp_path / "results.jsonl"), "-o", str(tmp_path / "x")]) == 4
    assert "results.jsonl" in capsys.readouterr().err and not (tmp_path / "x").exists()


def test_a_run_that_is_interrupted_leaves_no_result(tmp_path: Path) -> None:
    """What an earlier run left is gone as soon as a new one begins."""
    assert spiceconf("run", "ref:server", "--select", MAGIC, "--report", str(tmp_path))[0] == 0
    earlier = msgspec.json.decode((tmp_path / "results.jsonl").read_text().splitlines()[0])
    with socket.create_server(("127.0.0.1", 0)) as silent:
        run = start_spiceconf("run", f"tcp:127.0.0.1:{silent.getsockname()[1]}", "--report", str(tmp_path))
        silent.settimeout(60)
        silent.accept()[0].close()
        run.kill()
        run.communicate()
    assert earlier["target"] == "ref:server"
    assert main(["report", str(tmp_path / "results.jsonl"), "-o", str(tmp_path / "x")]) == 4
