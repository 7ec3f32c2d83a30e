"""The file of a run: what is written is read again, and what is no whole run is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from conformance.report import jsonl
from conformance.results import Entry, Footer
from conformance.tests.result_samples import run_of, server_run, whole_stage
from spiceproto.errors import LocalError


@pytest.fixture(scope="module")
def run() -> jsonl.Run:
    return server_run()


@pytest.fixture
def path(tmp_path: Path, run: jsonl.Run) -> Path:
    jsonl.write(tmp_path / "results.jsonl", run)
    return tmp_path / "results.jsonl"


def changed(path: Path, change: Any) -> Path:
    """The file with its lines changed."""
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(change(lines)))
    return path


def test_what_was_written_is_read(path: Path, run: jsonl.Run) -> None:
    assert jsonl.read(path) == run


def test_records_are_there_before_the_end(tmp_path: Path, run: jsonl.Run) -> None:
    path = tmp_path / "results.jsonl"
    with jsonl.Writer(path) as writer:
        writer.header(run.header)
        writer.case(run.cases[0])
        lines = path.read_text().splitlines()
        assert [json.loads(line)["record"] for line in lines] == ["header", "case"]
        assert writer.cases == 1


def test_the_header_names_the_schema(path: Path) -> None:
    header = json.loads(path.read_text().splitlines()[0])
    assert header["schema"] == "spiceconf-results/1"
    assert header["seed"] == 7 and header["version"] and header["target"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: lines[:-1], "the run was killed"),
        (lambda lines: [], "empty"),
        (lambda lines: lines[1:], "no header"),
        (lambda lines: [*lines[:2], lines[0], *lines[2:]], "second header"),
        (lambda lines: [*lines, lines[1]], "behind the footer"),
        (lambda lines: [*lines[:1], *lines[2:]], "does not agree"),
        (lambda lines: [*lines[:2], lines[1], *lines[3:]], "more than one record of SPICE-LINK-001/whole-stage"),
        (lambda lines: [lines[0].replace("results/1", "results/9"), *lines[1:]], "another version"),
        (lambda lines: [lines[0], lines[1].replace('"pass"', '"fine"'), *lines[2:]], "outcome"),
        (lambda lines: [*lines[:3], lines[3][:40] + "\n", *lines[4:]], "no JSON"),
        (lambda lines: [*lines[:3], '{"record": "weather"}\n', *lines[4:]], "weather"),
    ],
)
def test_what_is_no_whole_run_is_refused(path: Path, change: Any, said: str) -> None:
    with pytest.raises(LocalError, match=said) as found:
        jsonl.read(changed(path, change))
    assert str(path) in found.value.where


def test_an_error_names_the_line(path: Path) -> None:
    with pytest.raises(LocalError) as found:
        jsonl.read(changed(path, lambda lines: [*lines[:3], "{}\n", *lines[4:]]))
    assert found.value.where == f"{path}:4"


@pytest.mark.parametrize("field", ["planned", "executed", "outcomes"])
def test_counts_of_the_footer_have_to_agree(tmp_path: Path, run: jsonl.Run, field: str) -> None:
    wrong = {"planned": run.footer.planned + 1, "executed": 0, "outcomes": {"pass": 11}}
    footer: Footer = msgspec.structs.replace(run.footer, **{field: wrong[field]})
    jsonl.write(tmp_path / "x.jsonl", jsonl.Run(run.header, run.cases, footer))
    with pytest.raises(LocalError, match="does not agree"):
        jsonl.read(tmp_path / "x.jsonl")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="cannot be read"):
        jsonl.read(tmp_path / "none.jsonl")


def test_a_long_transcript_is_cut_and_says_so(tmp_path: Path) -> None:
    entries = tuple([Entry("note", float(number), text=str(number)) for number in range(2000)])
    jsonl.write(tmp_path / "x.jsonl", run_of(msgspec.structs.replace(whole_stage(), transcript=entries)))
    (case,) = jsonl.read(tmp_path / "x.jsonl").cases
    assert len(case.transcript) == jsonl.ENTRIES
    assert case.transcript[: jsonl.HEAD] == entries[: jsonl.HEAD]
    assert case.transcript[-1] == entries[-1]
    note = case.transcript[jsonl.HEAD]
    missing = [entry for entry in entries if entry not in case.transcript]
    assert note.name == "cut" and note.text.startswith(f"{len(missing)} entries")


def test_the_schema_describes_every_record(path: Path) -> None:
    validator = jsonschema.Draft202012Validator
    schema = jsonl.schema()
    validator.check_schema(schema)
    records = [json.loads(line) for line in path.read_text().splitlines()]
    for record in records:
        validator(schema).validate(record)
    for damage in ({"record": "weather"}, {**records[1], "outcome": "fine"}, {**records[0], "schema": "other/1"}):
        assert list(validator(schema).iter_errors(damage))
