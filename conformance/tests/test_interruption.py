"""What ends a run before its end: what was done is kept, the exit status says what it was, one sentence says it to people."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from conformance.command import main
from conformance.report import jsonl
from conformance.report.verdict import verdict
from conformance.tests.programs import reference_server, settings

COMMAND = (sys.executable, "-m", "conformance", "run")


def wait_for_records(path: Path, count: int, run: subprocess.Popen[str]) -> None:
    """Until so many lines are in a file that is written meanwhile."""
    end = time.monotonic() + 240
    while not path.exists() or path.read_bytes().count(b"\n") < count:
        assert run.poll() is None and time.monotonic() < end, "records come one by one"
        time.sleep(0.02)


def started(address: str, config: Path, report: Path) -> subprocess.Popen[str]:
    arguments = [*COMMAND, address, "--config", str(config), "--report", str(report)]

    def heard() -> None:
        for number in (signal.SIGHUP, signal.SIGINT):  # whoever runs the tests may be deaf to them
            signal.signal(number, signal.SIG_DFL)

    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=heard)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_in_the_middle(tmp_path: Path, number: signal.Signals) -> None:
    report = tmp_path / "report"
    with reference_server(tmp_path) as said:
        run = started(f"127.0.0.1:{said['port']}", settings(tmp_path), report)
        wait_for_records(report / "results.jsonl", 12, run)
        run.send_signal(number)
        output, _ = run.communicate(timeout=240)
    assert run.returncode == 128 + number and "Traceback" not in output, output
    assert f"INTERRUPTED: by {number.name}" in output
    found = jsonl.read(report / "results.jsonl")
    assert found.footer.interrupted == number.name and found.footer.exit_status == 128 + number
    assert 10 < len(found.cases) == found.footer.planned - found.footer.missing
    assert verdict(found).kind == "interrupted"
    assert "<title>Interrupted:" in (report / "index.html").read_text()
    own = ElementTree.parse(report / "junit.xml").getroot().find(".//testcase[@classname='spiceconf']/error")
    assert own is not None and own.attrib["type"] == "interrupted"


def test_a_run_that_is_killed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "report"
    with reference_server(tmp_path) as said:
        run = started(f"127.0.0.1:{said['port']}", settings(tmp_path), report)
        wait_for_records(report / "results.jsonl", 12, run)
        run.kill()
        run.communicate(timeout=240)
    results = report / "results.jsonl"
    with results.open("a") as file:
        file.write('{"record": "case", "id"')  # half a record
    assert main(["report", str(results), "-o", str(tmp_path / "whole")]) == 4
    assert main(["report", str(results), "-o", str(tmp_path / "part"), "--partial"]) == 0
    found = jsonl.read(tmp_path / "part" / "results.jsonl")
    assert len(found.cases) > 10 and verdict(found).kind == "interrupted"
    assert capsys.readouterr().out.endswith("index.html\n") and not (tmp_path / "whole").exists()


def test_nobody_reads_the_output() -> None:
    run = subprocess.Popen([*COMMAND, "ref:server"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert run.stdout is not None and run.stderr is not None
    run.stdout.close()
    said = run.stderr.read().decode()
    run.stderr.close()
    assert run.wait(240) == 141
    assert said == "spiceconf: interrupted by its output: nobody reads it any more\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_the_output_does_not_fit() -> None:
    with open("/dev/full", "w") as full:
        run = subprocess.run([*COMMAND, "ref:server"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=240, check=False)
    assert run.returncode == 5
    assert run.stderr == "spiceconf: interrupted by its output, which cannot be written: No space left on device\n"


def test_the_report_does_not_fit(tmp_path: Path) -> None:
    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    arguments = [*COMMAND, "ref:server", "--report", str(tmp_path)]
    run = subprocess.run(arguments, capture_output=True, text=True, timeout=240, preexec_fn=small_files, check=False)
    assert run.returncode == 5 and "Traceback" not in run.stdout + run.stderr, run.stderr
    assert "INTERRUPTED: by its report, which cannot be written: File too large" in run.stdout
    found = jsonl.partial(tmp_path / "results.jsonl")
    assert len(found.cases) > 50 and found.footer.interrupted


@pytest.mark.parametrize("option", ["--report", "--write-baseline"])
def test_a_place_that_cannot_be_written(tmp_path: Path, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["run", "ref:server", option, str(tmp_path / "file" / "x")]) == 2
    found = capsys.readouterr()
    assert "nothing can be written there" in found.err and found.out == "", "before the first case"


def test_stopped_after_failures(capsys: pytest.CaptureFixture[str]) -> None:
    chapter = ["--select", "chapter:link"]
    for more, count in (([*chapter, "--fail-fast"], 1), ([*chapter, "--max-failures", "2"], 2), (["--fail-fast"], 1)):
        assert main(["run", "ref:server?fault=any-magic", *more]) == 1
        output = capsys.readouterr().out
        assert output.count("FAIL ") == count
        assert f"stopped after {count} failure" in output and "DOES NOT CONFORM" in output
        assert "too few cases" not in output, "who asked for an end knows that there is less"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--patience", "-1"], "--patience; expected 0.0 or more; found -1"),
        (["--patience", "nan"], "--patience"),
        (["--wait", "-1"], "--wait"),
        (["--piece", "-1"], "--piece; expected 0 or more"),
        (["--min-executed", "-1"], "--min-executed"),
        (["--max-failures", "-1"], "--max-failures"),
        (["-n", "-1"], "--processes"),
        (["--select", "SPICE-LINK-06/zero-byte"], "SPICE-LINK-006/zero-bytes"),
        (["--select", "chanel:main"], "expected channel"),
        (["--select", "channel:mian"], "channel:main"),
        (["--waivers", "qmeu"], "qemu"),
        (["--waivers", "builtin"], "no waivers come with the suite for this target; expected andris:, libspice-server:,"),
        (["--password-file", "/none"], "a password file that cannot be read"),
        (["--ca-file", "/none"], "certificates that cannot be read"),
    ],
)
def test_values_without_sense(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "ref:server", *arguments]) == 2
    found = capsys.readouterr()
    assert words in found.err and found.out == "", "before the first case"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("qmeu:", "qemu?"),
        ("ref:server?fault=any-magik", "any-magic?"),
        ("spice+tsl://h:1", "expected spice+tls"),
        ("none.vv", "a connection file that cannot be read"),
        ("elsewhere", "HOST:PORT"),
        ("localhost:99999", "HOST:PORT"),
    ],
)
def test_addresses_without_sense(address: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", address]) == 2
    assert words in capsys.readouterr().err
