"""The folder of a report, at once or while a run goes on."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from conformance.report import Folder, file_name, jsonl, write_again, write_all, write_case
from conformance.report.files import known
from conformance.tests.result_samples import (
    Story,
    client_run,
    missing_acks,
    no_control,
    run_of,
    server_run,
    whole_stage,
    wrong_picture,
)
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


def test_an_earlier_report_goes_with_all_its_files_and_nothing_else(tmp_path: Path) -> None:
    write_all(tmp_path, server_run())
    ours = names(tmp_path)
    (tmp_path / "results.jsonl").write_bytes((tmp_path / "results.jsonl").read_bytes()[:-30])  # killed in its footer
    (tmp_path / "SPICE-LINK-001_nobody-knows.pcapng").write_bytes(b"")
    (tmp_path / "repro_mine.py").write_text("")
    (tmp_path / "captures").mkdir()
    folder = Folder(tmp_path)
    assert names(tmp_path) == {"SPICE-LINK-001_nobody-knows.pcapng", "repro_mine.py", "captures"}
    assert folder.said == (
        f"{tmp_path}: {len(ours)} files of an earlier report were removed; "
        "what is no part of a report stays there: SPICE-LINK-001_nobody-knows.pcapng, captures, repro_mine.py"
    )


def test_what_was_written_of_a_case_before_its_record(tmp_path: Path) -> None:
    """A process that runs cases for another one was killed between the two."""
    (tmp_path / "SPICE-LINK-006_zero-bytes.pcapng").write_bytes(b"")
    (tmp_path / "repro_SPICE-LINK-006_zero-bytes.py").write_text("")
    assert Folder(tmp_path, whole=False, ids=["SPICE-LINK-006/zero-bytes"]).said == "" and len(names(tmp_path)) == 2
    folder = Folder(tmp_path, ids=["SPICE-LINK-006/zero-bytes"])
    assert folder.said == f"{tmp_path}: 2 files of an earlier report were removed" and not names(tmp_path)
    assert Folder(tmp_path).said == "" and Folder(tmp_path / "new").said == ""


@pytest.mark.parametrize("name", known())
def test_a_file_of_somebody_else_is_not_overwritten(tmp_path: Path, name: str) -> None:
    write_all(tmp_path, server_run())
    before = names(tmp_path)
    (tmp_path / name).write_text("<title>mine</title>")
    for write in (Folder, lambda folder: write_again(folder, server_run(), tmp_path / "elsewhere")):
        with pytest.raises(LocalError, match=f"{name} there is no file of spiceconf"):
            write(tmp_path)
    assert names(tmp_path) == before and (tmp_path / name).read_text() == "<title>mine</title>"


def test_records_name_no_files_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "mine.pcapng").write_text("")
    case = msgspec.structs.replace(missing_acks(), id="../mine", capture="../mine.pcapng", reproducer="../mine.pcapng")
    folder = tmp_path / "report"
    folder.mkdir()
    jsonl.write(folder / "results.jsonl", run_of(case))
    Folder(folder)
    assert not names(folder) and names(tmp_path) == {"mine.pcapng", "report"}


def test_pictures_are_files_beside_the_capture(tmp_path: Path) -> None:
    run = write_all(tmp_path / "a", run_of(wrong_picture(), role="client"))
    (case,) = run.cases
    assert [picture.file for picture in case.pictures] == [
        f"SPICE-IMAGE-013_upside-down.{kind}.png" for kind in ("expected", "shown", "difference")
    ]
    for picture in case.pictures:
        assert (tmp_path / "a" / picture.file).read_bytes() == picture.data
    assert f"{case.pictures[1].file}, " in (tmp_path / "a" / case.reproducer).read_text()
    assert jsonl.read(tmp_path / "a" / "results.jsonl") == run
    write_again(tmp_path / "b", run, tmp_path / "nowhere")
    assert names(tmp_path / "a") == names(tmp_path / "b") and len(names(tmp_path / "b")) == 3 + 2 + 3
    Folder(tmp_path / "b")
    assert not names(tmp_path / "b")


def test_a_report_in_another_folder_has_the_files_that_stood_beside_its_records(tmp_path: Path) -> None:
    run = write_all(tmp_path / "a", server_run())
    script = tmp_path / "a" / run.cases[7].reproducer
    script.write_text("made of whole streams")
    write_all(tmp_path / "b", client_run())
    write_again(tmp_path / "b", run, tmp_path / "a")
    assert names(tmp_path / "b") == names(tmp_path / "a")
    assert (tmp_path / "b" / script.name).read_text() == "made of whole streams"
    write_again(tmp_path / "a", run, tmp_path / "a")
    assert script.read_text() == "made of whole streams"


def test_names_of_files() -> None:
    assert file_name("SPICE-LINK-006/zero-bytes") == "SPICE-LINK-006_zero-bytes"
    assert file_name("../a b:c") == ".._a_b_c"
