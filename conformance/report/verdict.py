"""What a run says of its target, in one of five ways.

    conforms             every sentence that binds it was decided by cases that ran to their end, but for those that nobody can
                         test; nothing was left out, and nothing unexpected was found, not even once
    conforms in scope    nothing unexpected was found in what was executed; how much that is stands beside it
    does not conform     a case failed that no waiver expects, or the run was not in order
    cannot be tested     nobody can talk to the target, or the suite itself failed: why, and what to do
    interrupted          the run did not come to its end; what was done is in the report

Every report takes it from here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final, Literal, get_args

import msgspec

from conformance.naming import counted
from conformance.report.coverage import Coverage, State, coverage
from conformance.report.jsonl import Run
from conformance.results import Footer

__all__ = ["KINDS", "Kind", "Scope", "Verdict", "scope", "verdict"]

Kind = Literal["conforms", "conforms in scope", "does not conform", "cannot be tested", "interrupted"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

_EXECUTED: Final[tuple[State, ...]] = ("failed", "error", "waived", "tolerated", "passed")
_COUNTED: Final[Mapping[State, str]] = {
    "not-applicable": "not applicable",
    "untestable": "untestable",
    "unbound": "unbound",
    "blocked": "blocked",
    "not-run": "left out",
}
_SHOWN: Final = 3
"""Blocked cases that are named with their reasons."""

_KEPT: Final = frozenset({"passed", "tolerated", "untestable"})


class Scope(msgspec.Struct, frozen=True):
    """How much of the specification a run is about, in sentences that bind the target.

    * ``areas``: those with a sentence that was executed; ``every``: all that bind the target, of SPICE-AREA-000
    * ``sentences``: all; ``executed``: a case decided it; ``left_out``: no case of this run is about it
    * ``unbound``: no case of any run decides it yet; ``why``: what has left sentences out, in words
    """

    areas: tuple[str, ...]
    every: tuple[str, ...]
    sentences: int
    executed: int
    not_applicable: int
    untestable: int
    unbound: int
    blocked: int
    left_out: int
    why: str = ""

    def line(self) -> str:
        """In words; each sentence is counted once."""
        if not self.sentences:
            return "the records have no sentences of the specification"
        counts = [
            f"{self.executed} executed",
            f"{self.not_applicable} not applicable",
            f"{self.untestable} untestable",
            *([f"{self.unbound} unbound"] if self.unbound else []),
            *([f"{self.blocked} blocked"] if self.blocked else []),
            f"{self.left_out} left out" + (f" {self.why}" if self.left_out and self.why else ""),
        ]
        names = f" ({', '.join(self.areas)})" if 0 < len(self.areas) < len(self.every) else ""
        return (
            f"{len(self.areas)} of the {len(self.every)} areas of the specification{names};"
            f" of {self.sentences} sentences {', '.join(counts)}"
        )


class Verdict(msgspec.Struct, frozen=True):
    """``reasons`` are sentences for people, the most important first."""

    kind: Kind
    reasons: tuple[str, ...]
    scope: Scope


def scope(found: Coverage) -> Scope:
    """How much of the specification a run is about."""
    areas = {item.id.split("-")[1]: False for item in found.bound}
    for item in found.bound:
        areas[item.id.split("-")[1]] |= item.state in _EXECUTED
    counts = Counter([_COUNTED.get(item.state, "executed") for item in found.bound])
    return Scope(
        areas=tuple([area for area, executed in areas.items() if executed]),
        every=tuple(areas),
        sentences=len(found.bound),
        executed=counts["executed"],
        not_applicable=counts["not applicable"],
        untestable=counts["untestable"],
        unbound=counts["unbound"],
        blocked=counts["blocked"],
        left_out=counts["left out"],
        why=found.why,
    )


def verdict(run: Run) -> Verdict:
    """Of a whole run, or of what there is of one that was interrupted."""
    found = coverage(run)
    reach = scope(found)
    if run.footer.interrupted:
        return Verdict("interrupted", _so_far(run), reach)
    return Verdict(*_kind(run, found, reach), reach)


def _kind(run: Run, found: Coverage, reach: Scope) -> tuple[Kind, tuple[str, ...]]:
    footer = run.footer
    failed, errors = footer.outcomes.get("fail", 0), footer.outcomes.get("error", 0)
    cases, executed = _cases(footer, run.header.shard), counted(footer.executed, "executed case")
    if footer.unusable:
        return "cannot be tested", tuple([text for text in (footer.unusable, footer.advice) if text])
    suite = f"the suite itself failed over {errors} of {executed}"
    if failed:
        more = (suite,) if errors else ()
        return "does not conform", (f"{failed} of {executed} failed", *more, cases)
    if errors:
        return "cannot be tested", (suite, "their records say where: please report them with results.jsonl")
    if not footer.executed and not run.header.shard:
        return "cannot be tested", footer.problems or ("no case was executed",)
    if footer.exit_status:
        return "does not conform", (*(footer.problems or _blocked(run)), cases)
    level = f"at level {run.header.level.upper()}"
    waived = footer.outcomes.get("waived", 0)
    unsteady = sum(bool(case.unsteady) for case in run.cases)
    known = (
        *((f"{counted(waived, 'case')} failed as a waiver expects",) if waived else ()),
        *((f"{counted(unsteady, 'case')} passed only when played again",) if unsteady else ()),
    )
    whole = run.header.level == "may" and not footer.slow and footer.planned >= footer.every
    if whole and found.bound and not known and all(item.state in _KEPT for item in found.bound):
        return "conforms", (f"{level}: {reach.line()}", cases)
    shard = (f"this is part {run.header.shard} of a run; spiceconf merge says what all come to",) if run.header.shard else ()
    return "conforms in scope", (f"{level}: {reach.line()}", cases, *known, *shard)


def _blocked(run: Run) -> tuple[str, ...]:
    """Cases that decided nothing although none failed: how many, and for the first few which, and why."""
    found = [case for case in run.cases if case.outcome == "blocked"]
    number = run.footer.outcomes.get("blocked", 0)
    shown = [f"{case.id}: {case.reason or 'after ' + ', '.join(case.blocked_by)}" for case in found[:_SHOWN]]
    said = f"{counted(number, 'case')} {'is' if number == 1 else 'are'} blocked"
    return (f"{said}: nothing was decided there, and no failure is the reason", *shown)


def _cases(footer: Footer, shard: str) -> str:
    """Of all cases that there are: each is counted once."""
    rest = {
        "not applicable": footer.outcomes.get("not-applicable", 0),
        "blocked": footer.outcomes.get("blocked", 0),
        "without a result": footer.missing,
        "left out because they wait long": footer.slow,
        "in other parts, or not selected" if shard else "not selected": footer.every - footer.planned - footer.slow,
    }
    said = "".join([f", {number} {what}" for what, number in rest.items() if number > 0])
    return f"{footer.executed} of {counted(footer.every or footer.planned, 'case')} executed{said}"


def _so_far(run: Run) -> tuple[str, ...]:
    failed = run.footer.outcomes.get("fail", 0)
    said = f"{failed} of them failed" if failed else "none of them failed"
    return (f"by {run.footer.interrupted}", f"{len(run.cases)} of {counted(run.footer.planned, 'case')} have a result, {said}")
