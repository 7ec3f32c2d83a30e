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
from typing import Any

import msgspec
import pytest

from conformance.adapters.executed import least_executed
from conformance.case import SANITY
from conformance.command import main
from conformance.conclusion import UNUSABLE
from conformance.outcome import Flooded, Undriven
from conformance.reference_target import MemoryClient
from conformance.report import jsonl
from conformance.report.verdict import verdict
from conformance.results import OUTCOMES, Footer
from conformance.run import Options, Run
from conformance.tests.programs import PASSWORD, reference_server, settings, spiceconf, start_spiceconf
from spiceproto.tests.peers import PATIENCE, free_port

FAULTY = "ref:server?fault=any-magic"
MAGIC = "SPICE-LINK-006"


# -- exit statuses


def test_nothing_unexpected() -> None:
    status, output = spiceconf("run", "ref:server", "--select", "SPICE-LINK-006, SPICE-LINK-008")
    assert status == 0 and "CONFORMS IN SCOPE: at level MAY: 1 of the " in output and "NOT" not in output
    assert "FAIL" not in output


def test_a_failure() -> None:
    status, output = spiceconf("run", FAULTY, "--select", f"{MAGIC}/zero-bytes")
    assert status == 1 and output.count("FAIL ") == 1
    assert "expected  link reply INVALID_MAGIC (2)" in output and "DOES NOT CONFORM: 1 of 1 executed" in output
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


def test_an_unknown_option_and_level(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", "ref:server", "--selct", "x"])
    assert ended.value.code == 2 and "did you mean --select" in capsys.readouterr().err
    assert main(["run", "ref:server", "--level", "shuold"]) == 2
    assert "expected should? There are: must, should, may; found shuold" in capsys.readouterr().err


def test_nothing_selected() -> None:
    status, output = spiceconf("run", "ref:server", "--select", "SPICE-NONE-001")
    assert status == 2 and "no case is selected" in output


def one_paragraph(output: str) -> str:
    """What is said of a target that cannot be tested; no table and no failure."""
    assert "CONFORM" not in output and "blocked:" not in output and "FAIL" not in output
    (found,) = [line for line in output.splitlines() if line.startswith("CANNOT BE TESTED")]
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
            thread.join(PATIENCE)


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
    assert status == 3 and "CANNOT BE TESTED: not installed: no-such-program-anywhere" in output


def test_a_prerequisite_that_fails(tmp_path: Path) -> None:
    status, output = spiceconf("run", "ref:server?fault=link-reply-twice", "--report", str(tmp_path))
    assert (
        status == 1
        and "bytes between its link reply and the login" in output
        and "DOES NOT CONFORM: 1 of 1 executed case failed" in output
    )
    run = jsonl.read(tmp_path / "results.jsonl")
    assert run.footer.exit_status == 1 and run.footer.outcomes["blocked"] > 400
    blocked = [case for case in run.cases if case.outcome == "blocked"]
    assert all(SANITY["server"] in case.blocked_by or case.reason for case in blocked)


def test_blocked_by_another_case_than_the_first(tmp_path: Path) -> None:
    """Its prerequisite is run although nobody has selected it; the run has failed, and yet the target can be tested."""
    arguments = ("--select", "SPICE-LINK-012/size-18, SPICE-LINK-006/zero-bytes", "--report", str(tmp_path))
    status, output = spiceconf("run", "ref:server?fault=wants-the-ticket-announced", *arguments)
    assert status == 1 and "DOES NOT CONFORM: 1 case is blocked" in output and "CANNOT BE" not in output
    assert "blocked: 1 × after SPICE-LINK-020/neither-login" in output
    cases = {case.id: (case.outcome, case.blocked_by) for case in jsonl.read(tmp_path / "results.jsonl").cases}
    assert cases == {
        "SPICE-LINK-012/size-18": ("blocked", ("SPICE-LINK-020/neither-login",)),
        "SPICE-LINK-006/zero-bytes": ("pass", ()),
    }


# -- how much


def test_too_little_executed() -> None:
    select = ("--select", f"{MAGIC}/zero-bytes")
    assert spiceconf("run", "ref:server", *select, "--min-executed", "1")[0] == 0
    status, output = spiceconf("run", "ref:server", *select, "--min-executed", "2")
    assert status == 1 and "too few cases: 1 executed, at least 2 wanted" in output


def test_less_than_usual_is_no_conformity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is wrong in what was executed, and the verdict is not that the target conforms; --min-executed goes before."""
    monkeypatch.setattr("conformance.run.least_executed", lambda address, role: 10000)
    found = {}
    for wanted in (None, 0):
        run = Run(Options("ref:client", min_executed=wanted))
        footer = run.finish({case.id: run.runner.result(case, "pass") for case in run.cases})
        found[wanted] = (verdict(jsonl.Run(run.header(), tuple(run.finished.values()), footer)).kind, footer.exit_status)
        assert footer.unusable.startswith("too few cases: ") == (wanted is None)
    assert found == {None: ("cannot be tested", 3), 0: ("conforms", 0)}
    assert Run(Options("ref:client", select="chapter:main")).finish({}).unusable == "", "who selects has left out the rest"


USUAL = least_executed("ref:server", "server")
BLOCKS = "SPICE-MAIN-028/first-list"
"""A case on which hundreds rest."""


def ended(outcome: str, *, blocked: int, few: int, **options: Any) -> Footer:
    """The end of a run in which one case, on which others rest, came to ``outcome``; ``few`` is how many were executed."""
    run = Run(Options("ref:server", **options))
    cases = [case for case in run.cases if case.id != BLOCKS]
    results = {case.id: run.runner.result(case, "pass") for case in cases[: few - 1]}
    for case in cases[few - 1 : few - 1 + blocked]:
        results[case.id] = run.runner.result(case, "blocked", blocked_by=(BLOCKS,))
    for case in cases[few - 1 + blocked :]:
        results[case.id] = run.runner.result(case, "not-applicable", reason="x")
    results[BLOCKS] = run.runner.result(run.runner.cases[BLOCKS], outcome)
    return run.finish(results)


@pytest.mark.parametrize(
    ("outcome", "word"),
    [("fail", "which failed: look at that first"), ("waived", "which failed as a waiver expects")],
)
def test_a_failure_that_keeps_cases_from_being_executed_is_named_and_nothing_else_is_advised(outcome: str, word: str) -> None:
    blocked = USUAL - 300
    said = f"{blocked} more are blocked, {blocked} of them by {BLOCKS}, {word}"
    footer = ended(outcome, blocked=blocked, few=300)
    texts = (*footer.problems, footer.unusable)
    assert f"too few cases: 300 executed, {USUAL} are usual for such a target: {said}" in texts and not footer.advice
    footer = ended(outcome, blocked=blocked, few=300, min_executed=400)
    assert f"too few cases: 300 executed, at least 400 wanted: {said}" in footer.problems


def test_a_failure_that_blocks_too_few_to_be_the_cause() -> None:
    footer = ended("fail", blocked=2, few=300)
    assert f"too few cases: 300 executed, {USUAL} are usual for such a target; if it has no more, say so" in footer.problems[0]
    footer = ended("fail", blocked=2, few=300, min_executed=400)
    assert footer.problems == ("too few cases: 300 executed, at least 400 wanted",)


def test_a_run_that_was_stopped_says_that_where_it_has_too_few_cases() -> None:
    status, output = spiceconf("run", "ref:server?fault=any-magic", "--fail-fast", "--min-executed", "500")
    assert status == 1 and re.search(r"too few cases: \d+ executed, at least 500 wanted: stopped after 1 failure\n", output)


def test_less_than_usual_is_said_beside_failures() -> None:
    status, output = spiceconf("run", "ref:server?fault=empty-list", "-q")
    assert status == 1 and "DOES NOT CONFORM: 1 of " in output
    assert re.search(rf"ERROR too few cases: .* are usual .* more are blocked, \d+ of them by {BLOCKS}, which failed", output)
    assert "--min-executed" not in output


def planned(output: str) -> int:
    (found,) = re.findall(r"(\d+)(?: of \d+)? cases, specification", output)
    return int(found)


def test_options_that_are_meant_for_tests_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "-vv --durations=10 --no-such-option")
    status, output = spiceconf("run", "ref:server", "--select", MAGIC)
    assert status == 0 and "CONFORMS IN SCOPE" in output, output


def test_levels() -> None:
    select = ("--select", "chapter:link role:server")
    counts = {level: spiceconf("run", "ref:server", *select, "--level", level) for level in ("must", "should")}
    assert {status for status, _ in counts.values()} == {0}
    assert planned(counts["must"][1]) < planned(counts["should"][1])
    assert "CONFORMS IN SCOPE: at level MUST" in counts["must"][1]


def test_a_broken_should_fails_no_run_at_level_must() -> None:
    """Not even where a case about a MUST cannot be played without it; that is counted."""
    select = ("--select", "SPICE-MOUSE-005, SPICE-MOUSE-006/no-mode-in-client-mode, SPICE-MOUSE-001")
    found = {level: spiceconf("run", "ref:server?fault=grants-no-mode", "--level", level, *select) for level in ("must", "may")}
    assert found["may"][0] == 1 and "DOES NOT CONFORM: 1 of " in found["may"][1]
    assert found["must"][0] == 0 and "CONFORMS IN SCOPE: at level MUST" in found["must"][1]
    assert "blocked: 1 × after SPICE-MOUSE-005/in-turn" in found["must"][1] and " 1 blocked" in found["must"][1]


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


def test_a_report_where_an_earlier_one_is(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("")
    options = ["--select", "SPICE-LINK-006", "--report", str(tmp_path)]
    status, output = spiceconf("run", FAULTY, *options)
    assert status == 1 and f"{tmp_path}: what is no part of a report stays there: notes.txt" in output
    count = len([*tmp_path.iterdir()]) - 1
    status, output = spiceconf("run", "ref:server", *options, "-n", "2")
    assert status == 0 and f"{tmp_path}: {count} files of an earlier report were removed; what is no part" in output
    assert {path.name for path in tmp_path.iterdir()} == {"notes.txt", "results.jsonl", "junit.xml", "index.html"}
    (tmp_path / "index.html").write_text("mine")
    assert spiceconf("run", "ref:server", *options)[0] == 2 and (tmp_path / "index.html").read_text() == "mine"


def test_two_runs_at_the_same_time(tmp_path: Path) -> None:
    runs = [
        start_spiceconf("run", address, "--report", str(tmp_path / name), "--select", "chapter:link")
        for name, address in (("good", "ref:server"), ("bad", FAULTY))
    ]
    for run in runs:
        run.communicate(timeout=240)
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


def played(script: Path, *place: str) -> tuple[int, str]:
    command = [sys.executable, "-I", "-S", str(script), *place, "--password", PASSWORD, "--patience", str(PATIENCE)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=2 * PATIENCE, check=False)
    assert "Traceback" not in found.stderr, found.stderr
    return found.returncode, found.stdout


def test_a_reproducer_finds_the_same_and_nothing_at_a_good_server(report: Path, tmp_path: Path) -> None:
    script = report / "repro_SPICE-LINK-006_zero-bytes.py"
    with reference_server(tmp_path, "--fault", "any-magic", name="bad") as bad:
        status, output = played(script, f"127.0.0.1:{bad['port']}")
        assert status == 0, output
    with reference_server(tmp_path, name="good") as good:
        status, output = played(script, f"127.0.0.1:{good['port']}")
        assert status == 1 and "link-reply; found: error 2, recorded 0" in output, output


def test_a_reproducer_knows_where_it_was_recorded(tmp_path: Path) -> None:
    with reference_server(tmp_path, "--fault", "any-magic") as said:
        options = ["--config", str(settings(tmp_path)), "--select", "SPICE-LINK-006/zero-bytes", "--report", str(tmp_path)]
        assert spiceconf("run", f"127.0.0.1:{said['port']}", *options)[0] == 1
        assert played(tmp_path / "repro_SPICE-LINK-006_zero-bytes.py")[0] == 0


def test_a_reproducer_says_how_the_suite_has_started_its_client(tmp_path: Path) -> None:
    """Script and client are started as the head of the script says, and it is as recorded."""
    fault, sentence = "unknown-type-fatal", "SPICE-FRAME-006/250-on-main"
    address = f"client:{sys.executable} -m reference_client --fault {fault} --password {{password}} {{uri}}"
    assert spiceconf("run", address, "--select", sentence, "--report", str(tmp_path))[0] == 1
    script = tmp_path / "repro_SPICE-FRAME-006_250-on-main.py"
    _, said, line, remark, *_ = script.read_text().splitlines()
    assert said == "# The suite had started the target of this record by:"
    found = re.match(r"# Give this script the port (\d+),", remark)
    assert found is not None and f"port={found[1]}" in line
    command = [sys.executable, "-I", "-S", "-u", str(script), found[1], "--patience", str(PATIENCE)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as playing:
        assert playing.stdout is not None and f"127.0.0.1:{found[1]} now" in playing.stdout.readline()
        subprocess.run(["sh", "-c", line.removeprefix("#   ")], capture_output=True, timeout=2 * PATIENCE, check=False)
        assert playing.stdout.read().endswith("as recorded\n")
    assert playing.returncode == 0


def test_a_report_again(report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(report / "results.jsonl"), "-o", str(tmp_path / "again")]) == 0
    assert "index.html" in capsys.readouterr().out
    assert (tmp_path / "again" / "junit.xml").read_text() == (report / "junit.xml").read_text()


@pytest.mark.parametrize("cut", ["footer", "header", "case", "half"])
def test_results_that_are_none(report: Path, tmp_path: Path, cut: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = (report / "results.jsonl").read_text().splitlines(keepends=True)
    assert [json.loads(line)["record"] for line in (lines[0], lines[-1])] == ["header", "footer"]
    kept = {"footer": lines[:-1], "header": lines[1:], "case": [lines[0], *lines[2:]], "half": [*lines[:-1], lines[-1][:20]]}[
        cut
    ]
    (tmp_path / "results.jsonl").write_text("".join(kept))
    assert main(["report", str(tmp_path / "results.jsonl"), "-o", str(tmp_path / "x")]) == 4
    assert "results.jsonl" in capsys.readouterr().err and not (tmp_path / "x").exists()


def test_a_run_that_is_interrupted_leaves_no_result(tmp_path: Path) -> None:
    """What an earlier run left is gone as soon as a new one begins."""
    assert spiceconf("run", "ref:server", "--select", MAGIC, "--report", str(tmp_path))[0] == 0
    earlier = msgspec.json.decode((tmp_path / "results.jsonl").read_text().splitlines()[0])
    with socket.create_server(("127.0.0.1", 0)) as silent:
        run = start_spiceconf("run", f"tcp:127.0.0.1:{silent.getsockname()[1]}", "--report", str(tmp_path))
        silent.settimeout(PATIENCE)
        silent.accept()[0].close()
        run.kill()
        run.communicate()
    assert earlier["target"] == "ref:server"
    assert main(["report", str(tmp_path / "results.jsonl"), "-o", str(tmp_path / "x")]) == 4


def test_a_client_that_could_not_be_told_something_is_not_accused() -> None:
    """What drives it failed: the case is blocked, and a run in which nothing else is wrong says that it could not be tested."""

    class Undrivable(MemoryClient):
        def do(self, row: Any, values: Any) -> Any:
            raise Undriven(row.verb, "error: the window does not grab the pointer")

    run = Run(Options("ref:client", select="SPICE-MOUSE-022, SPICE-LINK-001"), target=Undrivable("ref:client"))
    footer = run.finish({case.id: run.runner.run(case) for case in run.cases})
    blocked = [case for case in run.finished.values() if case.outcome == "blocked"]
    assert blocked and not footer.outcomes["fail"] and footer.exit_status == UNUSABLE
    assert "the target could not be told" in footer.unusable and "grab the pointer" in footer.unusable
    assert "again" in footer.advice


def test_more_than_anybody_looks_at_is_no_verdict() -> None:
    """No sentence speaks of how much an end may send: a case that is given up for that accuses nobody."""

    class Talkative(MemoryClient):
        def do(self, row: Any, values: Any) -> Any:
            raise Flooded("the target has sent more than 64 MiB")

    run = Run(Options("ref:client", select="SPICE-MOUSE-022, SPICE-LINK-001"), target=Talkative("ref:client"))
    footer = run.finish({case.id: run.runner.run(case) for case in run.cases})
    assert not footer.outcomes["fail"] and footer.exit_status == UNUSABLE
    assert verdict(jsonl.Run(run.header(), tuple(run.finished.values()), footer)).kind == "cannot be tested"
    assert "more than 64 MiB" in footer.unusable


def test_how_known_failures_are_told_apart(tmp_path: Path) -> None:
    hint = "is this one of andris"
    with reference_server(tmp_path, "--fault", "any-magic") as there:
        options = ["--config", str(settings(tmp_path)), "--select", f"{MAGIC}/zero-bytes"]
        status, output = spiceconf("run", f"tcp:127.0.0.1:{there['port']}", *options)
    assert status == 1 and hint in output
    assert hint not in spiceconf("run", FAULTY, "--select", f"{MAGIC}/zero-bytes")[1]
