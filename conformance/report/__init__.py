"""Everything made from the records of a run, as pure functions of them.

    Folder        what a run uses: files of a case while its bytes are still there, the rest at the end
    write_case    capture and reproducer of one case
    write_all     the whole folder from a run

    DIR/results.jsonl               the records                              jsonl
    DIR/junit.xml                   for servers that run tests               junit
    DIR/index.html                  for people                               html
    DIR/SPICE-LINK-006_x.pcapng     the conversation of a failed case        pcapng
    DIR/repro_SPICE-LINK-006_x.py   the same, to be had again                reproducer

:mod:`conformance.report.coverage` says which sentences a run has decided, :mod:`conformance.report.console` prints.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from conformance.report.jsonl import Run
from conformance.results import CaseResult, Footer, Header
from conformance.transcript import Chunk

__all__ = ["FAILED", "Folder", "file_name", "write_all", "write_case"]

FAILED: Final = ("fail", "error", "waived")
"""Outcomes of cases that get a capture and a reproducer, if anything was said in them."""

_SAID: Final = ("bytes", "link", "message")


def file_name(id: str) -> str:
    """What files of a case are called: its id, with an underscore for the slash and for what file systems dislike."""
    return "".join([letter if letter.isalnum() or letter in "-_.=+" else "_" for letter in id])


def write_case(folder: Path, case: CaseResult, chunks: Iterable[Chunk] = (), *, started: str = "") -> CaseResult:
    """Write capture and reproducer of a failed case; the record, with their names in it.

    ``chunks`` are the whole streams; without them the files have what the record has. ``started`` is when the case began,
    ISO 8601. Cases of other outcomes, and those in which nobody said anything, come back as they are.
    """
    if case.outcome not in FAILED or not any(entry.kind in _SAID for entry in case.transcript):
        return case
    from conformance.report import pcapng, reproducer

    whole = tuple(chunks)
    name = file_name(case.id)
    folder.mkdir(parents=True, exist_ok=True)
    capture, script = f"{name}.pcapng", f"repro_{name}.py"
    events = whole or pcapng.chunks_of(case.transcript)
    pcapng.write(folder / capture, events, case.transcript, started=started, title=f"{case.id}: {case.title}")
    reproducer.write(folder / script, case, whole)
    return msgspec.structs.replace(case, capture=capture, reproducer=script)


def write_all(folder: Path, run: Run, chunks: Mapping[str, Iterable[Chunk]] | None = None) -> Run:
    """Write the whole report; the run, with the names of all files in it.

    ``chunks`` has the streams of cases by id. What :func:`write_case` wrote before is left as it is.
    """
    from conformance.report import html, jsonl, junit

    folder.mkdir(parents=True, exist_ok=True)
    streams = chunks or {}
    cases = []
    for case in run.cases:
        there = case.capture and (folder / case.capture).exists() and (folder / case.reproducer).exists()
        cases.append(case if there else write_case(folder, case, streams.get(case.id, ()), started=run.header.started))
    run = msgspec.structs.replace(run, cases=tuple(cases))
    jsonl.write(folder / "results.jsonl", run)
    junit.write(folder / "junit.xml", run)
    html.write(folder / "index.html", run)
    return run


class Folder:
    """The folder of a run that is going on.

    What an earlier run left there is removed at once: a run that dies must not leave results that look like its own.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        for name in ("results.jsonl", "junit.xml", "index.html"):
            (path / name).unlink(missing_ok=True)

    def keep(self, case: CaseResult, chunks: Iterable[Chunk]) -> CaseResult:
        """A case is over: write its files, if it failed; the record, with their names."""
        started = datetime.now(UTC) - timedelta(seconds=case.seconds)
        return write_case(self.path, case, chunks, started=started.isoformat())

    def finish(self, header: Header, cases: Iterable[CaseResult], footer: Footer) -> Run:
        """The run is over: write everything else."""
        return write_all(self.path, Run(header, tuple(cases), footer))
