"""What a run says about each sentence of the specification: a sentence is tested, or it says why not.

    failed          a case that decides it failed, or the rules saw the target break it
    error           the suite failed over it
    waived          it failed as it was expected to
    tolerated       kept, in a manner that is only tolerated
    passed          kept
    blocked         its cases wait for others
    not-applicable  the target does not have what it is about
    untestable      nobody can tell; ``spec/untestable.md`` says why
    other-role      it binds the other end
    not-run         a hole: no case of this run decides it

The first state of this list that anything says about a sentence is its state. Every sentence has one, so a run either covers
the specification or names what is missing (:attr:`Coverage.holes`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, get_args

import msgspec

from conformance.report.jsonl import Run
from conformance.results import CaseResult

__all__ = ["STATES", "TESTED", "Coverage", "Section", "State", "Tested", "anchor", "coverage", "verdict"]

State = Literal[
    "failed", "error", "waived", "tolerated", "passed", "blocked", "not-applicable", "untestable", "other-role", "not-run"
]
STATES: Final[tuple[State, ...]] = get_args(State)
TESTED: Final[tuple[State, ...]] = STATES[:5]
"""States of sentences about which the run has found something out."""

_ACCOUNTED: Final = frozenset(STATES) - {"blocked", "not-run"}
_OF_OUTCOME: Final[Mapping[str, State]] = {
    "fail": "failed",
    "error": "error",
    "waived": "waived",
    "pass": "passed",
    "blocked": "blocked",
    "not-applicable": "not-applicable",
}


class Tested(msgspec.Struct, frozen=True):
    """One sentence.

    * ``cases``: ids of cases that decide it, or in which it was seen broken
    * ``reason``: why it was not tested
    """

    id: str
    level: str
    role: str
    source: str
    text: str
    anchor: str
    state: State
    cases: tuple[str, ...] = ()
    reason: str = ""


class Section(msgspec.Struct, frozen=True):
    """One heading of a chapter with its sentences."""

    chapter: str
    title: str
    sentences: tuple[Tested, ...]

    def count(self, *states: State) -> int:
        """How many of its sentences are in one of these states."""
        return sum(sentence.state in states for sentence in self.sentences)


class Coverage(msgspec.Struct, frozen=True):
    """All sentences, in the order of the specification. ``role`` is that of the target."""

    role: str
    sections: tuple[Section, ...]

    @property
    def sentences(self) -> tuple[Tested, ...]:
        """Of all sections."""
        return tuple([sentence for section in self.sections for sentence in section.sentences])

    @property
    def chapters(self) -> dict[str, tuple[Section, ...]]:
        """Chapter to its sections."""
        found: dict[str, list[Section]] = {}
        for section in self.sections:
            found.setdefault(section.chapter, []).append(section)
        return {chapter: tuple(sections) for chapter, sections in found.items()}

    @property
    def bound(self) -> tuple[Tested, ...]:
        """The sentences that bind the target."""
        return tuple([sentence for sentence in self.sentences if sentence.state != "other-role"])

    @property
    def holes(self) -> tuple[Tested, ...]:
        """Those of them of which the run can neither say how they are kept nor why it does not say it."""
        return tuple([sentence for sentence in self.bound if sentence.state not in _ACCOUNTED])

    def count(self, *states: State) -> int:
        """How many sentences are in one of these states."""
        return sum(section.count(*states) for section in self.sections)

    def line(self) -> str:
        """One sentence for people: 100 %, or the share and what is missing."""
        bound, holes = len(self.bound), [sentence.id for sentence in self.holes]
        if not bound:
            return "The records have no sentences of the specification."
        if not holes:
            return f"100 %: each of the {bound} sentences that bind a {self.role} is tested, or says why not."
        # Rounded down: what has a hole is never 100 %.
        share = (bound - len(holes)) * 1000 // bound / 10
        missing = ", ".join(holes[:8]) + (f" and {len(holes) - 8} more" if len(holes) > 8 else "")
        return f"{share:.1f} %: {bound - len(holes)} of {bound} sentences that bind a {self.role}; not run: {missing}."


def anchor(chapter: str, section: str) -> str:
    """Where a section stands, as in ``spec/01-link.md#12-link-header``."""
    if not chapter:
        return ""
    kept = "".join([letter for letter in section.lower() if letter.isalnum() or letter in " -"])
    return f"spec/{chapter}.md#{kept.replace(' ', '-')}" if section else f"spec/{chapter}.md"


def verdict(case: CaseResult) -> State:
    """What a case says about the sentences that it decides."""
    return "tolerated" if case.outcome == "pass" and case.manner == "tolerated" else _OF_OUTCOME[case.outcome]


def coverage(run: Run) -> Coverage:
    """The state of every sentence in the header."""
    said: dict[str, dict[State, None]] = {}
    cases: dict[str, dict[str, None]] = {}
    broken: dict[str, dict[State, None]] = {}
    reasons: dict[str, str] = {}
    for case in run.cases:
        for id in case.verifies or (case.requirement,):
            said.setdefault(id, {})[verdict(case)] = None
            cases.setdefault(id, {})[case.id] = None
            if case.outcome in ("not-applicable", "blocked"):
                reasons.setdefault(id, case.reason or f"blocked by {', '.join(case.blocked_by)}")
        for seen in case.seen:
            broken.setdefault(seen.requirement, {})["tolerated" if seen.tolerated else "failed"] = None
            cases.setdefault(seen.requirement, {})[case.id] = None
    for id, states in broken.items():
        # A waiver for a sentence covers what the rules saw of it, wherever that was; another failed case it does not cover.
        if "waived" not in said.setdefault(id, {}):
            said[id] |= states
    sections: dict[tuple[str, str], list[Tested]] = {}
    for id, entry in run.header.sentences.items():
        chapter, title = str(entry.get("chapter", "")), str(entry.get("section", ""))
        state = _state(id, entry, said.get(id, {}), run)
        reason = reasons.get(id, "") if state in ("not-applicable", "blocked") else ""
        if state == "untestable":
            reason = run.header.untestable[id]
        place = str(entry.get("anchor", "")) or anchor(chapter, title)
        level, role, source, text = [str(entry.get(key, "")) for key in ("level", "role", "source", "text")]
        tested = Tested(id, level, role, source, text, place, state, tuple(cases.get(id, ())), reason)
        sections.setdefault((chapter, title), []).append(tested)
    found = [Section(chapter, title, tuple(sentences)) for (chapter, title), sentences in sections.items()]
    return Coverage(run.header.role, tuple(found))


def _state(id: str, entry: Mapping[str, Any], said: Mapping[State, None], run: Run) -> State:
    for state in STATES:
        if state in said:
            return state
    if entry.get("role") not in (run.header.role, "both"):
        return "other-role"
    return "untestable" if id in run.header.untestable else "not-run"
