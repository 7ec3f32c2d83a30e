"""The sub-commands of ``spiceconf`` other than ``run``."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

import conformance
from conformance.cases import all_cases
from conformance.command import COMMANDS, main
from conformance.command.demo import FAULTS
from conformance.report import jsonl
from conformance.report.jsonl import schema
from conformance.requirements import requirements
from conformance.tests.programs import spiceconf
from conformance.tests.result_samples import missing_acks, run_of, whole_stage, wrong_magic
from spiceproto.command import main as spiceproto_main
from spiceproto.command.arguments import COMMANDS as SPICEPROTO
from spiceproto.tests.peers import PATIENCE

CAPTURE = Path(conformance.__file__).parent.parent / "examples" / "seabios.pcapng"


def said(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    assert main(list(arguments)) == status
    found = capsys.readouterr()
    return found.out + found.err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "--version")
    assert text.startswith("spiceconf ") and f"with {len(requirements())} sentences" in text


def test_without_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    for command, names in ((main, COMMANDS), (spiceproto_main, SPICEPROTO)):
        with pytest.raises(SystemExit) as ended:
            command([])
        found = capsys.readouterr()
        assert ended.value.code == 2 and not found.out and f"needed: {', '.join(names)} (--help" in found.err


def test_help_of_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    for name in COMMANDS:
        with pytest.raises(SystemExit) as ended:
            main([name, "--help"])
        assert ended.value.code == 0 and f"spiceconf {name}" in capsys.readouterr().out


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, "list").splitlines()
    assert len(lines) == len(all_cases()) + 1 and lines[-1].startswith(f"{len(all_cases())} cases about ")
    assert {line.split()[0] for line in lines[:-1]} == {case.id for case in all_cases()}
    some = said(capsys, "list", "SPICE-LINK-006").splitlines()
    assert 1 < len(some) < len(lines) and all(line.startswith("SPICE-LINK-006/") for line in some[:-1])
    assert main(["list", "SPICE-MOSE-020"]) == 2
    assert "SPICE-MOUSE-020" in capsys.readouterr().err


def test_list_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [json.loads(line) for line in said(capsys, "list", "--json", "role:client", "level:must").splitlines()]
    assert rows and all(row["role"] == "client" and row["level"] == "MUST" for row in rows)
    assert {"id", "title", "verifies", "needs", "requires", "slow", "revision", "tags"} <= set(rows[0])


def test_explain_a_fault_and_a_message(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "explain", "ignores-motion-ack")
    assert text.startswith("ref:client?fault=ignores-motion-ack: ") and "SPICE-MOUSE-020 (MUST" in text
    lines = said(capsys, "explain", "mouse_position").splitlines()
    assert lines and all("`MOUSE_POSITION`" in line and line.startswith("SPICE-") for line in lines)
    assert main(["explain", "mouse-020"]) == 2
    assert "SPICE-MOUSE-020" in capsys.readouterr().err


def test_explain(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "explain", "spice-link-006/zero-bytes")
    assert requirements()["SPICE-LINK-006"].text.split()[0] in text and "spec/01-link.md" in text
    assert "case       SPICE-LINK-006/zero-bytes (server)" in text and "fault      ref:server?fault=any-magic" in text


def test_explain_what_a_case_needs(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "explain", "position")
    assert text.startswith("act:position: the client can be told to place the pointer\n")
    assert "display        integer from 0 to 255: of which display; 0 if it is not given" in text
    assert "case       SPICE-MOUSE-013/where-it-is (client)" in text
    assert said(capsys, "explain", "tls").startswith("tls: there is a TLS port\n")


def test_explain_something_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "explain", "SPICE-LINK-999", status=2)
    assert "nothing to explain" in text and "SPICE-LINK-001" in text and "a verb (" in text
    assert "expected motion or " in said(capsys, "explain", "motio", status=2)


@pytest.mark.parametrize("role", ["server", "client"])
def test_probe(role: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(said(capsys, "probe", f"ref:{role}", "--json"))
    assert (found["target"], found["role"]) == (f"ref:{role}", role)
    assert {"main:0", "display:0", "inputs:0", "cursor:0"} <= set(found["channels"])
    assert "MINI_HEADER" in found["channels"]["main:0"]["common"]
    text = said(capsys, "probe", f"ref:{role}")
    assert "main:0" in text and "MINI_HEADER" in text and "{" not in text


def test_probe_says_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert "cannot be tested" in said(capsys, "probe", "ref:server?fault=link-reply-twice", status=3)
    assert "without a scheme" in said(capsys, "probe", "nowhere", status=2)


def test_lint(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "lint", str(CAPTURE))
    assert "0 broken" in text and "connections" in text
    rows = [json.loads(line) for line in said(capsys, "lint", "--json", str(CAPTURE)).splitlines()]
    assert rows and {row["verdict"] for row in rows} <= {"kept", "tolerated", "not seen"}
    assert any(row["verdict"] == "kept" for row in rows)


def test_lint_of_something_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.pcapng"
    path.write_bytes(b"no capture at all")
    assert said(capsys, "lint", str(path), status=2).startswith("spiceconf: ")


def test_schema(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(said(capsys, "schema"))
    assert found == json.loads(json.dumps(schema()))
    jsonschema.Draft202012Validator.check_schema(found)


def test_diff(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    jsonl.write(good, run_of(whole_stage()))
    jsonl.write(bad, run_of(whole_stage(), wrong_magic(), missing_acks()))
    assert "no case has changed" in said(capsys, "diff", str(good), str(good))
    text = said(capsys, "diff", str(good), str(bad))
    assert f"new       {wrong_magic().id}" in text
    assert "gone" in said(capsys, "diff", str(bad), str(good))


def test_diff_of_something_broken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for address, name in (("ref:server", "old"), ("ref:server?fault=any-magic", "new")):
        spiceconf("run", address, "--select", "SPICE-LINK-006/zero-bytes", "--report", str(tmp_path / name))
    old, new = (str(tmp_path / name / "results.jsonl") for name in ("old", "new"))
    assert said(capsys, "diff", str(tmp_path / "old"), str(tmp_path / "new"), status=1) == said(
        capsys, "diff", old, new, status=1
    )
    text = said(capsys, "diff", old, new, status=1)
    assert "broken    SPICE-LINK-006/zero-bytes  pass -> fail" in text and "INVALID_MAGIC" in text
    assert "fixed     SPICE-LINK-006/zero-bytes" in said(capsys, "diff", new, old)


def test_faults(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "faults")
    assert "ref:server?fault=any-magic" in text and "ref:client?fault=double-connect" in text and "CAUGHT" not in text
    assert "any-magic or wrong-magic?" in said(capsys, "faults", "any-magik", status=2)


def test_faults_are_checked(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "faults", "--check", "any-magic")
    assert text.startswith("CAUGHT  SPICE-LINK-006") and "1 of 1 faults are caught" in text


def test_demo(tmp_path: Path) -> None:
    status, output = spiceconf("demo", "-o", str(tmp_path))
    assert status == 0, output
    for name in ("server", "client", *[name for _, name, _ in FAULTS]):
        assert (tmp_path / name / "index.html").stat().st_size > 10_000
        expected = 0 if name in ("server", "client") else 1
        assert jsonl.read(tmp_path / name / "results.jsonl").footer.exit_status == expected
    assert re.findall("^(CONFORMS[A-Z ]*): ", output, re.MULTILINE) == ["CONFORMS", "CONFORMS"]
    assert output.count("DOES NOT CONFORM: ") == output.count("FAIL ") == len(FAULTS)
    index = tmp_path / "index.html"
    assert output.splitlines()[-1] == str(index)
    links = re.findall(r'<a [^>]*href="([^"]+)"', index.read_text())
    assert links == [f"{name}/index.html" for name in ("server", "client", *[name for _, name, _ in FAULTS])]


def test_output_that_nobody_reads_to_its_end() -> None:
    run = subprocess.Popen([sys.executable, "-m", "conformance", "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert run.stdout is not None and run.stderr is not None
    run.stdout.read(10)
    run.stdout.close()
    assert b"Traceback" not in run.stderr.read()
    run.stderr.close()
    assert run.wait(PATIENCE) == 0


def test_the_time_that_is_told_is_that_of_the_command() -> None:
    began = time.monotonic()
    status, output = spiceconf("run", "ref:server", "--select", "SPICE-LINK-006/zero-bytes")
    taken = time.monotonic() - began
    told = float(re.search(r"([\d.]+) s, seed 0", output)[1])  # type: ignore[index]
    assert status == 0 and taken / 2 < told <= taken, (told, taken)
