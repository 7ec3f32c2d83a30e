"""Everything made from the records of a run, as pure functions of them.

    Folder        what a run uses: files of a case while its bytes are still there, the rest at the end
    write_case    capture and reproducer of one case
    write_all     the whole folder from a run
    write_again   the same in another folder, with the files of cases that stand beside its records

    DIR/results.jsonl               the records                              jsonl
    DIR/junit.xml                   for servers that run tests               junit
    DIR/index.html                  for people                               html
    DIR/SPICE-LINK-006_x.pcapng     the conversation of a failed case        pcapng
    DIR/repro_SPICE-LINK-006_x.py   the same, to be had again                reproducer
    DIR/SPICE-IMAGE-013_x.shown.png what was seen, beside .expected.png and .difference.png

:mod:`conformance.report.coverage` says which sentences a run has decided, :mod:`conformance.report.console` prints.
:mod:`conformance.report.overview` is one page over several reports.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from conformance.report import jsonl
from conformance.report.files import Earlier, file_name, names, picture_name
from conformance.report.jsonl import Run
from conformance.results import CaseResult, Footer, Header, Picture
from conformance.target import Reach
from conformance.transcript import Chunk

__all__ = ["FAILED", "Folder", "file_name", "write_again", "write_all", "write_case"]

FAILED: Final = ("fail", "error", "waived")
"""Outcomes of cases that get a capture and a reproducer, if anything was said in them."""

_SAID: Final = ("bytes", "link", "message")


def write_case(
    folder: Path, case: CaseResult, chunks: Iterable[Chunk] = (), *, started: str = "", reach: Reach | None = None
) -> CaseResult:
    """Write capture, reproducer and pictures of a failed case; the record, with their names in it.

    ``chunks`` are the whole streams; without them the files have what the record has. ``started`` is when the case began,
    ISO 8601; ``reach`` says how a script reaches the target. Cases of other outcomes, and those in which nobody said anything,
    come back as they are.
    """
    if case.outcome not in FAILED or not any(entry.kind in _SAID for entry in case.transcript):
        return case
    from conformance.report import pcapng, reproducer

    whole = tuple(chunks)
    folder.mkdir(parents=True, exist_ok=True)
    capture, script, *_ = names(case.id)
    pictures = tuple([_write_picture(folder, case.id, picture) for picture in case.pictures])
    case = msgspec.structs.replace(case, capture=capture, reproducer=script, pictures=pictures)
    events = whole or pcapng.chunks_of(case.transcript)
    pcapng.write(folder / capture, events, case.transcript, started=started, title=f"{case.id}: {case.title}")
    reproducer.write(folder / script, case, whole, reach=reach or Reach())
    return case


def _write_picture(folder: Path, id: str, picture: Picture) -> Picture:
    name = picture_name(id, picture.kind)
    (folder / name).write_bytes(picture.data)
    return msgspec.structs.replace(picture, file=name)


def write_all(folder: Path, run: Run, chunks: Mapping[str, Iterable[Chunk]] | None = None) -> Run:
    """Write the whole report; the run, with the names of all files in it.

    ``chunks`` has the streams of cases by id. What :func:`write_case` wrote before is left as it is.
    """
    from conformance.report import html, junit

    folder.mkdir(parents=True, exist_ok=True)
    streams = chunks or {}
    cases = []
    for case in run.cases:
        files = [case.capture, case.reproducer, *[picture.file for picture in case.pictures]]
        there = all(files) and all((folder / name).exists() for name in files)
        cases.append(case if there else write_case(folder, case, streams.get(case.id, ()), started=run.header.started))
    run = msgspec.structs.replace(run, cases=tuple(cases))
    jsonl.write(folder / "results.jsonl", run)
    junit.write(folder / "junit.xml", run)
    html.write(folder / "index.html", run)
    return run


def write_again(folder: Path, run: Run, *beside: Path) -> Run:
    """Write the whole report of records that stand in the folders ``beside``; the run, with the names of all files in it.

    Captures and scripts there were made of whole streams, which no record has: they are copied. Raises LocalError as
    :class:`Earlier` does.
    """
    if folder.resolve() not in [path.resolve() for path in beside]:
        Earlier(folder, [case.id for case in run.cases]).remove()
        folder.mkdir(parents=True, exist_ok=True)
        for case in run.cases:
            for name in {case.capture, case.reproducer} & set(names(case.id)):
                source = next((path / name for path in beside if (path / name).is_file()), None)
                if source is not None:
                    shutil.copy2(source, folder / name)
    return write_all(folder, run)


class Folder:
    """The folder of a run that is going on. Raises OSError whenever the disk does not take what is written.

    What an earlier run left there is removed at once: a run that dies must not leave results that look like its own. A
    process that only runs cases for another one writes files of cases and nothing else (``whole`` is False).

    ``said`` is a sentence about what was there, "" for nothing. Raises LocalError as :class:`Earlier` does, which has ``ids``.
    """

    def __init__(self, path: Path, *, whole: bool = True, ids: Iterable[str] = ()) -> None:
        self.path = path
        self._writer: jsonl.Writer | None = None
        self.said = Earlier(path, ids).remove() if whole else ""

    def keep(self, case: CaseResult, chunks: Iterable[Chunk], reach: Reach | None = None) -> CaseResult:
        """A case is over: write its files, if it failed; the record, with their names."""
        started = datetime.now(UTC) - timedelta(seconds=case.seconds)
        return write_case(self.path, case, chunks, started=started.isoformat(), reach=reach)

    def record(self, header: Header, case: CaseResult) -> None:
        """A case is over: write its record, the first behind the header of the run."""
        if self._writer is None:
            self.path.mkdir(parents=True, exist_ok=True)
            self._writer = jsonl.Writer(self.path / "results.jsonl")
            self._writer.header(header)
        self._writer.case(case)

    def finish(self, header: Header, cases: Iterable[CaseResult], footer: Footer) -> Run:
        """The run is over: write everything else.

        Where that fails, results.jsonl has the records that were written, and the footer if that fits.
        """
        try:
            run = write_all(self.path, Run(header, tuple(cases), footer))
        except OSError:
            if self._writer is not None and (self.path / "results.jsonl").stat().st_ino == self._writer.inode:
                self._writer.footer(footer)
            raise
        finally:
            if self._writer is not None:
                self._writer.close()
        return run
