"""What a run says about each sentence of the specification: a sentence is tested, or it says why not.

    failed          a case that decides it failed, or the rules saw the target break it
    error           the suite failed over it
    waived          it failed as it was expected to
    tolerated       kept, in a manner that is only tolerated
    passed          kept
    blocked         its cases wait for others, or failed over another sentence from which this one is not told apart
    not-applicable  the target does not have what it is about
    untestable      nobody can tell; ``spec/untestable.md`` says why
    unbound         nothing decides it yet; ``spec/unbound.md`` says what can judge it
    other-role      it binds the other end
    not-run         a hole: no case of this run decides it

The first state of this list that anything says about a sentence is its state. Every sentence has one, so a run either covers
the specification or names what is missing (:attr:`Coverage.holes`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final, Literal, get_args

import msgspec

from conformance.report.jsonl import Run
from conformance.results import CaseResult

__all__ = ["STATES", "Coverage", "Section", "State", "Tested", "anchor", "coverage", "verdict"]

State = Literal[
    "failed",
    "error",
    "waived",
    "tolerated",
    "passed",
    "blocked",
    "not-applicable",
    "untestable",
    "unbound",
    "other-role",
    "not-run",
]
STATES: Final[tuple[State, ...]] = get_args(State)

_ACCOUNTED: Final = frozenset(STATES) - {"blocked", "not-run"}
_SAID: Final = {
    "decided": "decided",
    "not-applicable": "not applicable",
    "untestable": "untestable",
    "unbound": "unbound",
}
_NAMED: Final = 8
"""Sentences of a state that are named."""

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
    """All sentences, in the order of the specification. ``role`` is that of the target.

    ``why`` says in words what a run has left out, "" where nobody knows of anything; ``chosen``: somebody has left it out.
    """

    role: str
    sections: tuple[Section, ...]
    why: str = ""
    chosen: bool = False

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
        """One sentence for people: 100 %, or how many there are of each kind and which are missing."""
        bound, holes = len(self.bound), self.holes
        if not bound:
            return "The records have no sentences of the specification."
        if not holes:
            return f"100 %: each of the {bound} sentences that bind a {self.role} is tested, or says why not."
        counts = Counter([item.state if item.state in _SAID else "decided" for item in self.bound])
        counts["decided"] -= len(holes)
        said = [f"{counts[state]} {word}" for state, word in _SAID.items() if counts[state] or state == "decided"]
        blocked, others = [[item.id for item in holes if item.state == state] for state in ("blocked", "not-run")]
        if blocked:
            said.append(f"{len(blocked)} blocked ({_named(blocked)})")
        if others:
            names = "" if self.chosen else f" ({_named(others)})"
            said.append(f"{len(others)} {f'left out {self.why}' if self.why else 'not run'}{names}")
        return f"Of {bound} sentences that bind a {self.role} {', '.join(said)}."


def _named(ids: list[str]) -> str:
    return ", ".join(ids[:_NAMED]) + (f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else "")


def anchor(chapter: str, section: str) -> str:
    """Where a section stands, as in ``spec/01-link.md#12-link-header``."""
    if not chapter:
        return ""
    kept = "".join([letter for letter in section.lower() if letter.isalnum() or letter in " -"])
    return f"spec/{chapter}.md#{kept.replace(' ', '-')}" if section else f"spec/{chapter}.md"


def verdict(case: CaseResult) -> State:
    """What a case says about the sentences that it decides."""
    return "tolerated" if case.outcome == "pass" and case.manner == "tolerated" else _OF_OUTCOME[case.outcome]


def _decided(case: CaseResult, id: str) -> tuple[State, str]:
    """What a case says about one of the sentences that it decides, and why it says nothing.

    A failure is one: of what it decides besides its own sentence nobody can tell whether that is broken.
    """
    if id != case.requirement and case.outcome in ("fail", "waived", "error"):
        return "blocked", f"not told apart from {case.requirement}, which {case.id} found broken"
    if id in case.undecided and case.outcome == "pass":
        return "not-applicable", case.undecided[id]
    if case.outcome in ("not-applicable", "blocked"):
        return verdict(case), case.reason or f"blocked by {', '.join(case.blocked_by)}"
    return verdict(case), ""


def coverage(run: Run) -> Coverage:
    """The state of every sentence in the header."""
    said: dict[str, dict[State, None]] = {}
    cases: dict[str, dict[str, None]] = {}
    broken: dict[str, dict[State, None]] = {}
    reasons: dict[str, str] = {}
    for case in run.cases:
        for id in case.verifies or (case.requirement,):
            state, reason = _decided(case, id)
            said.setdefault(id, {})[state] = None
            cases.setdefault(id, {})[case.id] = None
            if reason:
                reasons.setdefault(id, reason)
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
        if state == "unbound":
            reason = run.header.unbound[id]
        place = str(entry.get("anchor", "")) or anchor(chapter, title)
        level, role, source, text = [str(entry.get(key, "")) for key in ("level", "role", "source", "text")]
        tested = Tested(id, level, role, source, text, place, state, tuple(cases.get(id, ())), reason)
        sections.setdefault((chapter, title), []).append(tested)
    found = [Section(chapter, title, tuple(sentences)) for (chapter, title), sentences in sections.items()]
    return Coverage(run.header.role, tuple(found), *_left_out(run))


def _left_out(run: Run) -> tuple[str, bool]:
    """What has left sentences out, in words, and whether that was chosen."""
    header, footer = run.header, run.footer
    others = (footer.every or header.every) - footer.planned - footer.slow
    # pytest has a selection of its own, which no record names.
    selected = bool(header.selection) or (others > 0 and header.level == "may" and not header.shard)
    ways = {
        f"by being part {header.shard} of the run": header.shard,
        "by the selection": selected,
        f"by the level {header.level.upper()}": header.level != "may",
        "because their cases wait long": footer.slow,
        "because the run did not come to them": footer.missing,
    }
    chosen = selected or header.level != "may" or bool(header.shard)
    return " or ".join([way for way, there in ways.items() if there]), chosen


def _state(id: str, entry: Mapping[str, Any], said: Mapping[State, None], run: Run) -> State:
    for state in STATES:
        if state in said:
            return state
    if entry.get("role") not in (run.header.role, "both"):
        return "other-role"
    if id in run.header.untestable:
        return "untestable"
    return "unbound" if id in run.header.unbound else "not-run"
