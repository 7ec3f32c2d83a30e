"""The end of a run, or of several parts of one: what its results come to, and the exit status.

    Found      what is known at the end
    conclude   the footer made of it

Exit status: 0 nothing unexpected, 1 a failure that no waiver expects or less executed than was asked for, 2 usage, 3 the
target cannot be tested, or less of it than is usual, 4 a mistake in the suite itself, 5 what was found cannot be written; 128
and the number of the signal for a run that was interrupted.

Of a part of a run nothing is said that only the whole run shows: that too little was executed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping
from typing import Final

import msgspec

from conformance.advice import advice
from conformance.naming import counted
from conformance.outcome import untried
from conformance.report.jsonl import counts
from conformance.requirements import requirements
from conformance.results import CaseResult, Footer, Part
from conformance.runner import GONE

__all__ = ["ERROR", "FAILED", "OK", "UNUSABLE", "UNWRITABLE", "USAGE", "Found", "Interruption", "conclude"]

OK, FAILED, USAGE, UNUSABLE, ERROR, UNWRITABLE = range(6)

_ENDED: Final[Mapping[str, str]] = {
    "fail": "which failed: look at that first",
    "waived": "which failed as a waiver expects",
    "error": "over which the suite itself failed",
}
"""What became of a case that others wait for."""


class Interruption(msgspec.Struct, frozen=True):
    """What ended a run before its end: ``by`` for people, and the exit status."""

    by: str
    status: int


class Found(msgspec.Struct, frozen=True):
    """What is known at the end.

    * ``planned``, ``every``, ``slow``, ``seconds``, ``ended``: as in the footer
    * ``finished``: results by id; ``beside``: those of other cases, which were played since these rest on them
    * ``levels``: of sentences that the run is about
    * ``problems``: what is wrong with the run, as far as it is known by now
    * ``wanted``: how many cases were asked for at least; ``least``: how many are usual, 0 where that is not known
    * ``why``: why the target cannot be tested, and ``advice``; ``trouble``: it is not there, or gone
    * ``stopped``: why no more cases were run; ``nearest``: what was probably meant where none was selected
    * ``part``: what a part of a run has to say for the whole
    """

    planned: int
    every: int
    slow: int
    seconds: float
    ended: str
    finished: Mapping[str, CaseResult]
    beside: Mapping[str, CaseResult]
    levels: Container[str]
    problems: tuple[str, ...] = ()
    wanted: int | None = None
    least: int = 0
    why: str = ""
    advice: str = ""
    trouble: bool = False
    stopped: str = ""
    nearest: str = ""
    interrupted: Interruption | None = None
    part: Part | None = None

    def result(self, id: str) -> CaseResult | None:
        """Of any case that was played."""
        return self.finished.get(id) or self.beside.get(id)


def conclude(found: Found) -> Footer:
    """The footer."""
    outcomes, executed = counts(found.finished.values())
    missing = found.planned - len(found.finished)
    problems = [*found.problems, *_missing(found, executed, missing)]
    why, todo = found.why, found.advice
    if found.trouble and why.startswith(GONE) and outcomes["fail"]:
        # What failed before that stands by itself.
        problems.append(f"{why}; {todo}")
        why = todo = ""
    interrupted = found.interrupted
    status = interrupted.status if interrupted is not None else _status(found, why, outcomes, executed, problems)
    few = "" if found.trouble or found.stopped else _too_few(found, executed)
    unplayed = [result.reason for result in found.finished.values() if _untried(result)]
    if unplayed and status == OK:
        blocked = outcomes["blocked"]
        why = f"{counted(blocked, 'case')} could not be played, and nothing else is wrong: {unplayed[0]}"
        todo, status = advice(why, password=False), UNUSABLE
    elif few and status == OK:
        why, status = few, UNUSABLE
    elif few and status == FAILED:
        problems.append(few)
    return Footer(
        planned=found.planned,
        executed=executed,
        outcomes=outcomes,
        ended=found.ended,
        exit_status=status,
        problems=tuple(problems),
        every=found.every,
        slow=found.slow,
        seconds=found.seconds,
        unusable=why,
        advice=todo,
        interrupted=interrupted.by if interrupted is not None else "",
        missing=missing,
        part=found.part,
    )


def _missing(found: Found, executed: int, missing: int) -> list[str]:
    """What is wrong with a run that was not interrupted and has too few results."""
    problems = []
    whole = found.interrupted is None
    if missing and whole:
        problems.append(f"{found.stopped or 'the run did not end'}: {counted(missing, 'case')} without a result")
    if found.wanted is not None and executed < found.wanted and whole:
        trouble = found.why if found.trouble else ""
        cause = trouble or (found.stopped if missing else "") or _behind(found, executed, found.wanted)
        text = f"too few cases: {executed} executed, at least {found.wanted} wanted"
        problems.append(f"{text}: {cause}" if cause else text)
    if found.part is not None:
        return problems
    if not found.planned:
        problems.append("no case is selected" + (f"; {found.nearest}" if found.nearest else ""))
    elif not executed and whole:
        problems.append("nothing was executed: this run says nothing about the target")
    return problems


def _too_few(found: Found, executed: int) -> str:
    """What is to be said if fewer cases were executed than usual."""
    if executed >= found.least:
        return ""
    text = f"too few cases: {executed} executed, {found.least} are usual for such a target"
    cause = _behind(found, executed, found.least)
    return f"{text}: {cause}" if cause else f"{text}; if it has no more, say so with --min-executed {executed}"


def _behind(found: Found, executed: int, least: int) -> str:
    """What keeps cases from being executed, in words, if without that there would be enough; "" if not."""
    blocked = [result for result in found.finished.values() if result.outcome == "blocked"]
    if executed + len(blocked) < least:
        return ""
    said = f"{len(blocked)} more {'is' if len(blocked) == 1 else 'are'} blocked"
    causes = Counter([id for result in blocked for id in result.blocked_by])
    if not causes:
        ((reason, _),) = Counter([result.reason for result in blocked]).most_common(1)
        return f"{said}: {reason}"
    ((id, count),) = causes.most_common(1)
    first = found.result(id)
    ending = _ENDED.get(first.outcome if first is not None else "", "which did not pass")
    return f"{said}, {count} of them by {id}, {ending}"


def _status(found: Found, why: str, outcomes: Mapping[str, int], executed: int, problems: list[str]) -> int:
    part = found.part is not None
    if not found.planned and not part:
        return USAGE
    if why:
        return UNUSABLE
    if outcomes["error"]:
        return FAILED if outcomes["fail"] else ERROR
    if not executed and not part:
        return UNUSABLE
    blocked = any(result.outcome == "blocked" and not _expected(found, result) for result in found.finished.values())
    return FAILED if outcomes["fail"] or blocked or problems else OK


def _expected(found: Found, result: CaseResult | None) -> bool:
    """Whether a case is blocked by nothing but failures that are waived, or that this level is not about.

    A target that could not be told something says nothing of itself by that; what has no result is nothing that anybody
    expected.
    """
    if result is None:
        return False
    if _untried(result):
        return True
    if result.outcome != "blocked":
        levels = [requirements()[id].level.lower() for id in result.verifies]
        return result.outcome == "waived" or not any(level in found.levels for level in levels)
    # Prerequisites make no circles.
    return bool(result.blocked_by) and all(_expected(found, found.result(id)) for id in result.blocked_by)


def _untried(result: CaseResult) -> bool:
    return result.outcome == "blocked" and untried(result.reason)
