"""What has changed between two runs.

    broken    failed now, and did not before        fixed    failed before, and passes now, not as tolerated
    new       was not there before                  gone     is not there any more
    manner    passed both times, in another manner  other    any other change of the outcome
    revised   what the case expects has changed, so that its change may not be the target's

A case is in one list, but those that were revised are in theirs as well.
"""

from __future__ import annotations

from typing import Final

import msgspec

from conformance.report.console import plain
from conformance.report.jsonl import Run
from conformance.results import CaseResult

__all__ = ["Change", "Diff", "diff", "text"]

_BAD: Final = ("fail", "error")


class Change(msgspec.Struct, frozen=True):
    """One case; ``old`` or ``new`` is "" where it was not there. ``detail`` says what failed, or which manner was seen."""

    id: str
    old: str
    new: str
    detail: str = ""


class Diff(msgspec.Struct, frozen=True):
    """All changes, each list in the order of the newer run."""

    broken: tuple[Change, ...] = ()
    fixed: tuple[Change, ...] = ()
    new: tuple[Change, ...] = ()
    gone: tuple[Change, ...] = ()
    manner: tuple[Change, ...] = ()
    other: tuple[Change, ...] = ()
    revised: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def worse(self) -> bool:
        """Whether anything fails now that did not fail before, cases that were not there included."""
        return bool(self.broken) or any(change.new in _BAD for change in self.new)

    @property
    def same(self) -> bool:
        """Whether nothing has changed."""
        return not any((self.broken, self.fixed, self.new, self.gone, self.manner, self.other, self.revised))


def _detail(case: CaseResult) -> str:
    if case.outcome == "fail":
        return f"expected {case.expected}; found {case.actual}"
    return case.tolerated or case.reason


def _kind(old: CaseResult, new: CaseResult) -> str:
    """The list that a case belongs to, "" for none."""
    if old.outcome != new.outcome:
        if new.outcome in _BAD:
            return "other" if old.outcome in _BAD else "broken"
        return "fixed" if old.outcome in _BAD and new.outcome == "pass" and new.manner == "exact" else "other"
    return "manner" if new.outcome == "pass" and (old.manner, old.tolerated) != (new.manner, new.tolerated) else ""


def _said(case: CaseResult) -> str:
    return "tolerated" if case.outcome == "pass" and case.manner == "tolerated" else case.outcome


def diff(old: Run, new: Run) -> Diff:
    """What has changed from ``old`` to ``new``."""
    before = {case.id: case for case in old.cases}
    after = {case.id for case in new.cases}
    found: dict[str, list[Change]] = {}
    for case in new.cases:
        was = before.get(case.id)
        if was is None:
            found.setdefault("new", []).append(Change(case.id, "", _said(case), _detail(case)))
            continue
        if was.revision != case.revision:
            detail = f"revision {was.revision}, now {case.revision}"
            found.setdefault("revised", []).append(Change(case.id, _said(was), _said(case), detail))
        kind = _kind(was, case)
        if kind:
            detail = _detail(case)
            if kind == "manner":
                detail = f"{was.tolerated or 'exact'}, now {case.tolerated or 'exact'}"
            found.setdefault(kind, []).append(Change(case.id, _said(was), _said(case), detail))
    gone = [Change(case.id, _said(case), "", _detail(case)) for case in old.cases if case.id not in after]
    lists = {kind: tuple(changes) for kind, changes in found.items()}
    return Diff(**lists, gone=tuple(gone), notes=_notes(old, new))


def _notes(old: Run, new: Run) -> tuple[str, ...]:
    """Why the runs may not be comparable."""
    return tuple(
        [
            f"{name}: {before or 'none'}, now {after or 'none'}"
            for name, before, after in (
                ("target", old.header.target, new.header.target),
                ("role", old.header.role, new.header.role),
                ("specification", old.header.specification, new.header.specification),
                ("selection", old.header.selection, new.header.selection),
                ("level", old.header.level, new.header.level),
                ("suite", old.header.version, new.header.version),
            )
            if before != after
        ]
    )


def text(found: Diff) -> str:
    """The changes for people, a line each: what was broken first."""
    lines = [f"note      {plain(note)}" for note in found.notes]
    for kind in ("broken", "fixed", "new", "gone", "manner", "other", "revised"):
        for change in getattr(found, kind):
            way = " -> ".join([part for part in (change.old, change.new) if part])
            lines.append(f"{kind:<8}  {plain(change.id)}  {way}" + (f"  ({plain(change.detail)})" if change.detail else ""))
    if found.same:
        lines.append("no case has changed")
    else:
        counts = [f"{len(getattr(found, kind))} {kind}" for kind in Diff.__struct_fields__[:-1] if getattr(found, kind)]
        lines.append(", ".join(counts))
    return "\n".join(lines) + "\n"
