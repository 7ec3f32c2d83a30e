"""The file of a run: JSON lines, one record a line. The first is the header, the last is the footer.

    Writer    appends one record at a time, so that what was found is on the disk even if the suite dies
    read      the whole file, or LocalError with file and line
    partial   what there is of one that has no footer
    schema    what the records look like, as JSON Schema

A file without its footer is the file of a run that was killed, and a report is made of it only for those who ask for a
partial one: its verdict is "interrupted". A file whose counts do not agree with the cases in it is none: a report over too
few cases would look better than the target is.

To keep files small a transcript is written up to :data:`ENTRIES` entries: the first :data:`HEAD` and the last ones, with a
note between them that says how many are missing.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import msgspec

from conformance.naming import in_words
from conformance.results import OUTCOMES, SCHEMA, CaseResult, Entry, Footer, Header, Record
from spiceproto.errors import LocalError

__all__ = ["ENTRIES", "HEAD", "Run", "Writer", "counts", "cut", "partial", "problems", "read", "schema", "write"]

ENTRIES: Final = 600
"""Entries of one transcript that are written."""

HEAD: Final = 200
"""How many of them are from its beginning: the link stages are there, and what failed is at the end."""

_NOT_EXECUTED: Final = ("not-applicable", "blocked")

_KILLED: Final = 137
"""What a shell gives for a process that could say nothing more."""


class Run(msgspec.Struct, frozen=True):
    """All records of a run."""

    header: Header
    cases: tuple[CaseResult, ...]
    footer: Footer


def cut(transcript: tuple[Entry, ...], entries: int = ENTRIES, head: int = HEAD) -> tuple[Entry, ...]:
    """A transcript of at most ``entries`` entries, with a note where some are missing."""
    if len(transcript) <= entries:
        return transcript
    tail = entries - head - 1
    missing = len(transcript) - head - tail
    note = Entry("note", transcript[head].at, name="cut", text=f"{missing} entries are not in this record")
    return (*transcript[:head], note, *transcript[len(transcript) - tail :])


class Writer:
    """Writes a file, each record as soon as it is known; a context manager. ``cases`` counts those written.

    A record that does not fit on the disk is taken back, so that the file has whole records only.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.cases = 0
        self._out = path.open("wb", buffering=0)
        self._size = 0

    def header(self, record: Header) -> None:
        """The first record. The name of the schema is always in it, although it is a default."""
        self._put({"record": "header", "schema": record.schema, **msgspec.to_builtins(record)})

    def case(self, record: CaseResult) -> None:
        """One case."""
        self.cases += 1
        self._put(msgspec.structs.replace(record, transcript=cut(record.transcript)))

    def footer(self, record: Footer) -> None:
        """The last record: without it the file is no result."""
        self._put(record)

    def _put(self, record: Record | dict[str, Any]) -> None:
        line = memoryview(msgspec.json.encode(record) + b"\n")
        size = self._size + len(line)
        try:
            while line:
                line = line[self._out.write(line) :]
        except OSError:
            self._out.truncate(self._size)
            self._out.seek(self._size)
            raise
        self._size = size

    @property
    def inode(self) -> int:
        """Of the file that is written, whatever has its name by now."""
        return os.fstat(self._out.fileno()).st_ino

    def close(self) -> None:
        """Nothing more comes."""
        self._out.close()

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def write(path: Path, run: Run) -> None:
    """A whole run at once. Whoever looks meanwhile, or after a failure, finds the file that was there."""
    beside = path.with_name(f"{path.name}.part")
    try:
        _write(beside, run)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _write(path: Path, run: Run) -> None:
    with Writer(path) as writer:
        writer.header(run.header)
        for case in run.cases:
            writer.case(case)
        writer.footer(run.footer)


def problems(run: Run) -> list[str]:
    """Where the footer does not agree with the cases, a line each; nothing if all is well."""
    found = []
    counted = Counter(case.outcome for case in run.cases)
    executed = sum(counted[outcome] for outcome in OUTCOMES if outcome not in _NOT_EXECUTED)
    if run.footer.planned != run.header.planned:
        found.append(f"the header planned {run.header.planned} cases and the footer {run.footer.planned}")
    if len(run.cases) + run.footer.missing != run.footer.planned:
        found.append(f"{run.footer.planned - run.footer.missing} cases have a result and {len(run.cases)} are in the file")
    if executed != run.footer.executed:
        found.append(f"the footer counts {run.footer.executed} executed cases and {executed} are in the file")
    for outcome in OUTCOMES:
        if run.footer.outcomes.get(outcome, 0) != counted[outcome]:
            found.append(
                f"the footer counts {run.footer.outcomes.get(outcome, 0)} × {outcome} and {counted[outcome]} are in the file"
            )
    twice = [id for id, count in Counter(case.id for case in run.cases).items() if count > 1]
    if twice:
        found.append(f"more than one record of {', '.join(sorted(twice))}")
    return found


_decode: Callable[[str], Record] = msgspec.json.Decoder(Record).decode


def counts(cases: Iterable[CaseResult]) -> tuple[dict[str, int], int]:
    """How many cases have each outcome, and how many were executed."""
    found: dict[str, int] = dict.fromkeys(OUTCOMES, 0)
    for case in cases:
        found[case.outcome] += 1
    return found, sum(count for outcome, count in found.items() if outcome not in _NOT_EXECUTED)


def read(path: Path) -> Run:
    """The run in a file. Raises LocalError for a file that is none, or whose run did not end."""
    header, cases, footer, number = _records(path)
    where = f"{path}:{number}"
    if footer is None:
        raise LocalError(
            "there is no footer: the run was killed",
            where=where,
            expected="the end of a run; --partial takes what there is",
            actual=f"{len(cases)} of {header.planned} cases",
        )
    run = Run(header, tuple(cases), footer)
    found = problems(run)
    if found:
        raise LocalError(f"the footer does not agree with the records: {'; '.join(found)}", where=where)
    return run


def partial(path: Path) -> Run:
    """What there is of a run, with a footer that says so if it has none, or one that counts what could not be written.

    Raises LocalError for a file that is none.
    """
    header, cases, footer, _ = _records(path, cut=True)
    if footer is not None and not problems(Run(header, tuple(cases), footer)):
        return read(path)
    outcomes, executed = counts(cases)
    seconds = sum(case.seconds for case in cases)
    footer = Footer(
        planned=header.planned,
        executed=executed,
        outcomes=outcomes,
        ended="",
        exit_status=_KILLED,
        seconds=seconds,
        interrupted="its end: nobody wrote down why",
        missing=header.planned - len(cases),
    )
    return Run(header, tuple(cases), footer)


def _records(path: Path, *, cut: bool = False) -> tuple[Header, list[CaseResult], Footer | None, int]:
    """Header, cases, footer if there is one, number of lines. With ``cut`` the last line may be half a record."""
    header: Header | None = None
    footer: Footer | None = None
    cases: list[CaseResult] = []
    number = 0
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                where = f"{path}:{number}"
                if number == 1:
                    _check_schema(line, where)
                elif cut and not line.endswith("\n"):
                    break
                record = _record(line, where)
                if footer is not None:
                    raise LocalError("a record behind the footer", where=where)
                if isinstance(record, Header):
                    if header is not None:
                        raise LocalError("a second header", where=where, expected="one run in a file")
                    header = record
                elif header is None:
                    raise LocalError("the first record is no header", where=where)
                elif isinstance(record, CaseResult):
                    cases.append(record)
                else:
                    footer = record
    except (OSError, UnicodeDecodeError) as error:
        raise LocalError("the file cannot be read", where=str(path), actual=in_words(error)) from error
    if header is None:
        raise LocalError("the file is empty", where=str(path), expected="a header")
    return header, cases, footer, number


class _Named(msgspec.Struct):
    schema: str = ""


_named: Callable[[str], _Named] = msgspec.json.Decoder(_Named).decode


def _check_schema(line: str, where: str) -> None:
    """Before anything else: records of another version are not wrong, but they are not for us."""
    try:
        found = _named(line).schema
    except msgspec.DecodeError:
        return
    if found and found != SCHEMA:
        raise LocalError("results of another version", where=where, expected=SCHEMA, actual=found)


def _record(line: str, where: str) -> Record:
    try:
        return _decode(line)
    except msgspec.ValidationError as error:
        raise LocalError("a record that is none", where=where, actual=str(error)) from error
    except msgspec.DecodeError as error:
        raise LocalError("a line that is no JSON: was the run interrupted?", where=where, actual=str(error)) from error


def schema() -> dict[str, Any]:
    """JSON Schema of a line of the file."""
    (found,), components = msgspec.json.schema_components([Record], ref_template="#/$defs/{name}")
    components["Header"]["properties"]["schema"] = {"const": SCHEMA}
    components["Header"]["required"].append("schema")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{SCHEMA.replace('/', ':')}",
        "title": "A record of a conformance run",
        "description": "Each line of results.jsonl is one of these: the header first, the footer last.",
        **found,
        "$defs": components,
    }
