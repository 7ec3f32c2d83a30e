"""The parts of a run (``--shard I/N``) made one again: the records of all of them, and the end that they come to together.

A sentence that the rules saw broken in a conversation of one part fails its case in another one, as it would in one run; the
waivers that hold stand in the parts' footers, so the end needs no target. What depends on the clock is of the parts:
``seconds`` is the sum of theirs, ``started`` the first and ``ended`` the last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from conformance.cases import all_cases
from conformance.conclusion import Found, Interruption, conclude
from conformance.naming import counted
from conformance.report import jsonl
from conformance.report.jsonl import Run
from conformance.requirements import fingerprint
from conformance.results import CaseResult, Footer, Header, Held, Part
from conformance.run import LEVELS, installed
from conformance.runner import finish, with_waivers
from conformance.shard import Shard
from conformance.waivers import problems
from spiceproto.errors import LocalError

__all__ = ["merge", "results_of"]

_SAME: Final = ("target", "role", "version", "specification", "selection", "level", "seed", "every")
"""What the headers of all parts have to agree in."""

_KILLED: Final = 137


def results_of(path: Path) -> Path:
    """The records of a report: the file, or that in the folder."""
    return path / "results.jsonl" if path.is_dir() else path


def merge(paths: Sequence[Path], *, min_executed: int | None = None, partial: bool = False) -> Run:
    """The whole run. ``partial`` takes what there is where parts are missing or were killed.

    Raises LocalError for records that are no parts of one run, or not all of them.
    """
    parts = sorted([_part(path, partial) for path in paths], key=lambda part: Shard.read(part.header.shard).number)
    missing = _check(parts, partial)
    header = _header(parts)
    cases = _cases(parts)
    held = list({key: item for part in parts for item in _said(part).waivers if (key := msgspec.json.encode(item))}.values())
    finished = finish(cases, {case.id for case in all_cases() if case.from_rules}, _Waived(held))
    said = [_said(part) for part in parts]
    beside = {result.id: result for part in said for result in part.beside if result.id not in finished}
    why = next((part for part in said if part.why), Part())
    every = [case for case in all_cases() if case.role == header.role]
    footer = conclude(
        Found(
            planned=header.planned,
            every=header.every,
            slow=sum(part.footer.slow for part in parts),
            seconds=round(sum(part.footer.seconds for part in parts), 2),
            ended=max([part.footer.ended for part in parts]),
            finished=finished,
            beside=beside,
            levels=LEVELS[: LEVELS.index(header.level) + 1],
            problems=problems([item for item in held if item.own], every, finished),
            wanted=min_executed,
            least=0 if min_executed is not None else max([part.least for part in said]),
            why=why.why,
            advice=why.advice,
            trouble=why.trouble,
            stopped=next((part.stopped for part in said if part.stopped), ""),
            interrupted=_interruption(parts, missing),
        )
    )
    return Run(header, tuple(finished.values()), footer)


class _Waived:
    """What waivers have to say of a result: those that stand in the footers."""

    def __init__(self, held: Sequence[Held]) -> None:
        self._held = held
        self._observed = {case.id for case in all_cases() if case.from_rules}

    def __call__(self, result: CaseResult) -> CaseResult:
        meant = [held for held in self._held if result.id in held.cases]
        waiver = next((held for held in meant if held.own and not held.tolerated), None)
        known = any(held.tolerated for held in meant)
        return with_waivers(result, waiver, unknown=result.id in self._observed and not known)


def _said(part: Run) -> Part:
    return part.footer.part or Part()


def _part(path: Path, partial: bool) -> Run:
    """One part. Raises LocalError."""
    file = results_of(path)
    run = (jsonl.partial if partial else jsonl.read)(file)
    if not run.header.shard:
        raise LocalError("the records of a whole run", where=str(file), expected="those of a part: spiceconf run --shard I/N")
    Shard.read(run.header.shard)
    own: dict[str, Any] = {"version": installed(), "specification": fingerprint()}
    for name, value in own.items():
        found = getattr(run.header, name)
        if found != value:
            raise LocalError(f"records of a suite with another {name}", where=str(file), expected=value, actual=found)
    return run


def _check(parts: Sequence[Run], partial: bool) -> list[Shard]:
    """The parts that are missing. Raises LocalError where they are not parts of one run, or any is missing."""
    first = parts[0].header
    shards = [Shard.read(part.header.shard) for part in parts]
    for part, shard in zip(parts, shards, strict=True):
        for name in _SAME:
            expected, actual = getattr(first, name), getattr(part.header, name)
            if expected != actual:
                text = f"parts of different runs: {name} of {shard} is not that of {shards[0]}"
                raise LocalError(text, expected=str(expected), actual=str(actual))
        if shard.count != shards[0].count:
            raise LocalError("parts of different runs", expected=f"one of {shards[0].count} parts", actual=str(shard))
    twice = sorted({str(shard) for shard in shards if shards.count(shard) > 1})
    if twice:
        raise LocalError("a part that is there more than once", actual=", ".join(twice))
    missing = [shard for number in range(shards[0].count) if (shard := Shard(number + 1, shards[0].count)) not in shards]
    if missing and not partial:
        raise LocalError(
            f"{counted(len(missing), 'part')} of {shards[0].count} missing",
            expected="all parts; --partial takes what there is",
            actual=f"not there: {', '.join(map(str, missing))}",
        )
    return missing


def _header(parts: Sequence[Run]) -> Header:
    identity: dict[str, Any] = {}
    for part in reversed(parts):
        identity |= part.header.identity
    return msgspec.structs.replace(
        parts[0].header,
        planned=sum(part.header.planned for part in parts),
        started=min([part.header.started for part in parts]),
        shard="",
        identity=identity,
    )


def _cases(parts: Sequence[Run]) -> Mapping[str, CaseResult]:
    """All results in the order in which one run has them; what only the end of a part has shown is open again."""
    late = {id for part in parts for id in _said(part).late}
    found = {case.id: case for part in parts for case in part.cases}
    open_again = {id: msgspec.structs.replace(found[id], outcome="pass", reason="", bug="") for id in late if id in found}
    found |= open_again
    order = {case.id: number for number, case in enumerate(sorted(all_cases(), key=lambda case: case.from_rules))}
    return {id: found[id] for id in sorted(found, key=lambda id: order.get(id, len(order)))}


def _interruption(parts: Sequence[Run], missing: Sequence[Shard]) -> Interruption | None:
    for part in parts:
        footer: Footer = part.footer
        if footer.interrupted:
            return Interruption(f"{footer.interrupted} (part {part.header.shard})", footer.exit_status)
    if missing:
        return Interruption(f"the lack of {counted(len(missing), 'part')}: {', '.join(map(str, missing))}", _KILLED)
    return None
