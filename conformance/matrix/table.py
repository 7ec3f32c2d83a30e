"""States of sentences by implementation: pure functions of the records of runs.

implementation   what the page says of one target
counts           how many sentences of each chapter are in which state
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from conformance import compare
from conformance.matrix.record import Changes, Implementation, Sentence, State
from conformance.matrix.targets import Target
from conformance.report.coverage import coverage, verdict
from conformance.report.jsonl import Run
from conformance.report.verdict import verdict as judge

__all__ = ["NO_RESULT", "binding", "counts", "implementation", "sentences", "slim", "without_result"]

NO_RESULT = "no result"
"""In place of a verdict."""


def sentences(described: Mapping[str, Mapping[str, object]]) -> dict[str, Sentence]:
    """Of the specification, as headers of runs have them."""
    names = Sentence.__struct_fields__
    return {id: Sentence(*[str(entry.get(name, "")) for name in names]) for id, entry in described.items()}


def without_result(target: Target, why: str, status: int, role: str = "") -> Implementation:
    """A target of which there is no report."""
    return Implementation(target.name, target.slug, target.address, NO_RESULT, (why,), status, role=role)


def implementation(target: Target, run: Run, status: int, earlier: Run | None, why: str = "") -> Implementation:
    """A target with its report. ``why``: why that does not come to its end, where more is known than it says."""
    judged = judge(run)
    found = coverage(run)
    left_out = f"left out {found.why}" if found.why else "no case of the run is about it"
    states = {
        item.id: State(item.state, item.reason or (left_out if item.state == "not-run" else ""), item.cases)
        for item in found.bound
    }
    return Implementation(
        target.name,
        target.slug,
        target.address,
        judged.kind,
        (*((why,) if why and run.footer.interrupted else ()), *judged.reasons),
        status,
        role=run.header.role,
        program=str(run.header.identity.get("program", "")),
        selection=run.header.selection,
        level=run.header.level,
        specification=run.header.specification,
        seconds=run.footer.seconds,
        started=run.header.started,
        outcomes={name: count for name, count in run.footer.outcomes.items() if count},
        cases={case.id: str(verdict(case)) for case in run.cases},
        sentences=states,
        changes=_changes(earlier, run) if earlier is not None else None,
    )


def _changes(old: Run, new: Run) -> Changes:
    return Changes(since=old.header.started, **msgspec.structs.asdict(compare.diff(old, new)))


def binding(known: Mapping[str, Sentence], role: str) -> dict[str, dict[str, list[str]]]:
    """Chapter to section to the sentences that bind a role, in the order of the specification."""
    found: dict[str, dict[str, list[str]]] = {}
    for id, sentence in known.items():
        if sentence.role in (role, "both"):
            found.setdefault(sentence.chapter, {}).setdefault(sentence.section, []).append(id)
    return found


def counts(item: Implementation, ids: Iterable[str]) -> Counter[str]:
    """How many of these sentences are in which state; those of which nothing is known are "no-result"."""
    return Counter([item.sentences[id].state if id in item.sentences else "no-result" for id in ids])


def slim(run: Run) -> Run:
    """As much of a run as a later one is compared with."""
    cases = [msgspec.structs.replace(case, transcript=(), pictures=(), seen=()) for case in run.cases]
    return msgspec.structs.replace(run, cases=tuple(cases))
