"""The folder of a report, at once or while a run goes on."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from conformance.report import Folder, file_name, jsonl, write_all, write_case
from conformance.tests.result_samples import Story, missing_acks, no_control, server_run, whole_stage
from spiceproto.errors import LocalError


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_everything_is_laid_out(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "report"
    run = write_all(folder, server_run())
    failed = [case for case in run.cases if case.outcome in ("fail", "waived")]
    assert len(failed) == 4
    wanted = {"results.jsonl", "junit.xml", "index.html"}
    for case in failed:
        name = case.id.replace("/", "_")
        assert (case.capture, case.reproducer) == (f"{name}.pcapng", f"repro_{name}.py")
        wanted |= {case.capture, case.reproducer}
    assert names(folder) == wanted, "nothing for cases that passed, or in which nothing was said"
    assert jsonl.read(folder / "results.jsonl") == run


def test_a_report_can_be_made_again_from_its_records(tmp_path: Path) -> None:
    run = write_all(tmp_path / "a", server_run())
    again = write_all(tmp_path / "b", jsonl.read(tmp_path / "a" / "results.jsonl"))
    assert again == run and names(tmp_path / "a") == names(tmp_path / "b")
    for name in ("index.html", "junit.xml", "results.jsonl", run.cases[7].reproducer, run.cases[7].capture):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_what_was_written_from_whole_streams_stays(tmp_path: Path) -> None:
    story = Story()
    line = story.session()
    story.raw(line, "client", b"half a header"[:5])
    case = story.result("SPICE-FRAME-004/half", "fail")
    run = server_run()
    footer = msgspec.structs.replace(run.footer, planned=1, executed=1, outcomes={"fail": 1})
    header = msgspec.structs.replace(run.header, planned=1)
    folder = Folder(tmp_path)
    case = folder.keep(case, story.transcript.chunks)
    script = (tmp_path / case.reproducer).read_text()
    assert b"half "[:5].hex() in script, "bytes that no structure of the record has"
    folder.finish(header, [case], footer)
    assert (tmp_path / case.reproducer).read_text() == script


def test_no_files_for_what_did_not_fail(tmp_path: Path) -> None:
    for case in (whole_stage(), no_control(), msgspec.structs.replace(missing_acks(), transcript=())):
        assert write_case(tmp_path / "x", case) == case
    assert not (tmp_path / "x").exists()


def test_results_of_an_earlier_run_do_not_outlive_a_new_one(tmp_path: Path) -> None:
    write_all(tmp_path, server_run())
    Folder(tmp_path)
    with pytest.raises(LocalError):
        jsonl.read(tmp_path / "results.jsonl")
    assert not (tmp_path / "index.html").exists()


def test_names_of_files() -> None:
    assert file_name("SPICE-LINK-006/zero-bytes") == "SPICE-LINK-006_zero-bytes"
    assert file_name("../a b:c") == ".._a_b_c"
